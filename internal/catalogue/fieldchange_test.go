package catalogue_test

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	jsonpatch "github.com/evanphx/json-patch/v5"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/catalogue/cataloguetest"
	"github.com/comuneprato/service-catalogue/internal/lang"
)

func TestAPatchMakesTheLaterVersionOfTheEarlierOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom(catalogue.Kinds).Draw(t, "kind")
		before, after := cataloguetest.Generate(t, kind), cataloguetest.Generate(t, kind)
		text, err := catalogue.Patch(before, after)
		if err != nil {
			t.Fatal(err)
		}
		patch, err := jsonpatch.DecodePatch(text)
		if err != nil {
			t.Fatal(err)
		}
		patched, err := patch.Apply([]byte(catalogue.Encode(before)))
		if err != nil {
			t.Fatalf("applying %s: %v", text, err)
		}
		if got, want := catalogue.Encode(catalogue.MustDecode(kind, string(patched))), catalogue.Encode(after); got != want {
			t.Errorf("patched (-want +got):\n%s", cmp.Diff(want, got))
		}
	})
}

func TestVersionsHaveChangesUnlessTheyAreEqual(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom(catalogue.Kinds).Draw(t, "kind")
		before, after := cataloguetest.Generate(t, kind), cataloguetest.Generate(t, kind)
		same := catalogue.MustDecode(kind, catalogue.Encode(before))
		if changes := catalogue.FieldChanges(catalogue.MustDecode(kind, catalogue.Encode(before)), same); len(changes) > 0 {
			t.Errorf("a document and its copy differ: %v", changes)
		}
		changes := catalogue.FieldChanges(before, after)
		if differ := catalogue.Encode(before) != catalogue.Encode(after); differ != (len(changes) > 0) {
			t.Errorf("got %d changes of documents of which it is %v that they differ", len(changes), differ)
		}
		for _, c := range changes {
			if c.Label(lang.Italian) == "" || c.Label(lang.English) == "" {
				t.Errorf("%s has no label", c.Pointer)
			}
		}
	})
}

// told is a field change as tests compare it.
func told(c catalogue.FieldChange) string {
	return fmt.Sprintf("%s %s [%s] %s → %s", c.Change, c.Pointer, c.Label(lang.Italian), c.Before, c.After)
}

func TestElementsAreComparedWithTheirLike(t *testing.T) {
	before := &catalogue.Service{
		Head: catalogue.Head{Title: lang.Text{"it": "Carta", "en": "Card"}}, Topics: []string{"a", "b", "c"},
		Costs: []catalogue.Cost{
			{Label: lang.Of("Rilascio"), Amount: "22.21", Currency: "EUR"},
			{Label: lang.Of("Duplicato"), Amount: "27.37", Currency: "EUR"},
			{Label: lang.Of("Urgenza"), Free: true},
		},
	}
	after := &catalogue.Service{
		Head: catalogue.Head{Title: lang.Text{"it": "Carta d'identità", "fr": "Carte"}}, Topics: []string{"c", "a", "b"},
		Costs: []catalogue.Cost{
			{Label: lang.Of("Consegna"), Free: true},
			{Label: lang.Of("Duplicato"), Amount: "30.00", Currency: "EUR"},
			{Label: lang.Of("Rilascio"), Amount: "22.21", Currency: "EUR"},
		},
		Status: "active",
	}
	var got []string
	for _, c := range catalogue.FieldChanges(before, after) {
		got = append(got, told(c))
	}
	want := []string{
		`changed /title/it [Titolo (it)] "Carta" → "Carta d'identità"`,
		`removed /title/en [Titolo (en)] "Card" → `,
		`added /title/fr [Titolo (fr)]  → "Carte"`,
		`added /status [Stato]  → "active"`,
		`reordered /topics [Argomenti]  → `,
		`removed /costs/2 [Quanto costa › Urgenza] {"label":{"it":"Urgenza"},"free":true} → `,
		`added /costs/0 [Quanto costa › Consegna]  → {"label":{"it":"Consegna"},"free":true}`,
		`changed /costs/1/amount [Quanto costa › Duplicato › Importo] "27.37" → "30.00"`,
		`reordered /costs [Quanto costa]  → `,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("changes mismatch (-want +got):\n%s", diff)
	}
}

func TestChangedWordsAreMarked(t *testing.T) {
	got := catalogue.ChangedWords("Si presenta la domanda entro 30 giorni, allo sportello.", "Si presenta la domanda entro 60 giorni lavorativi, allo sportello.")
	want := []catalogue.WordChange{
		{Change: "same", Text: "Si presenta la domanda entro "},
		{Change: "removed", Text: "30 giorni, "},
		{Change: "added", Text: "60 giorni lavorativi, "},
		{Change: "same", Text: "allo sportello."},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("words mismatch (-want +got):\n%s", diff)
	}
	rapid.Check(t, func(t *rapid.T) {
		before, after := rapid.String().Draw(t, "before"), rapid.String().Draw(t, "after")
		var was, is strings.Builder
		for _, part := range catalogue.ChangedWords(before, after) {
			if part.Change != "added" {
				was.WriteString(part.Text)
			}
			if part.Change != "removed" {
				is.WriteString(part.Text)
			}
		}
		if was.String() != before || is.String() != after {
			t.Errorf("the parts make %q and %q, want %q and %q", was.String(), is.String(), before, after)
		}
	})
}

func TestNotesForStaffAreNotPublic(t *testing.T) {
	doc := &catalogue.Service{Connections: []catalogue.Connection{{Channel: "a/b", OperatorNote: "segreta"}}}
	if got := catalogue.Encode(catalogue.Public(doc)); strings.Contains(got, "segreta") || !strings.Contains(got, "a/b") {
		t.Errorf("got %s, want the connection without its note", got)
	}
	if doc.Connections[0].OperatorNote == "" {
		t.Error("the document itself was changed")
	}
}

func TestEveryFieldHasItsLabel(t *testing.T) {
	data, err := os.ReadFile("labels.json")
	if err != nil {
		t.Fatal(err)
	}
	var labels map[string]lang.Text
	if err := json.Unmarshal(data, &labels); err != nil {
		t.Fatal(err)
	}
	want := map[string]bool{}
	for _, kind := range catalogue.Kinds {
		for _, name := range catalogue.FieldNames(kind) {
			want[name] = true
		}
	}
	for name := range want {
		for _, tag := range lang.Spoken {
			if labels[name][tag] == "" {
				t.Errorf("labels.json: %q has no label in %s", name, tag)
			}
		}
	}
	for name := range labels {
		if !want[name] {
			t.Errorf("labels.json: no document has a field %q", name)
		}
	}
}

func TestMeaningfulFieldsAreFields(t *testing.T) {
	for _, kind := range catalogue.Kinds {
		for _, name := range catalogue.Meaningful(kind) {
			if !slices.Contains(catalogue.ViewFields(kind), name) {
				t.Errorf("%s has no field %q", kind, name)
			}
		}
	}
}

func TestOnlyWhatChangesTheMeaningNeedsANote(t *testing.T) {
	base := func() *catalogue.Service {
		return &catalogue.Service{
			Head: catalogue.Head{
				Title:    lang.Of("Carta d'identità"),
				Contacts: []catalogue.Contact{{Entries: []catalogue.ContactEntry{{Type: "phone", Value: "1"}, {Type: "email", Value: "a@b"}}}},
			},
			Status: "active", Topics: []string{"a"},
			HowTo: lang.Text{"it": "Prenotare un appuntamento entro 30 giorni.", "en": "Book."},
			Costs: []catalogue.Cost{{Amount: "22.21", Currency: "EUR"}, {Label: lang.Of("Urgenza"), Amount: "5.00", Currency: "EUR"}},
			Connections: []catalogue.Connection{{
				Channel: "a/b", OperatorNote: "x", Contacts: []catalogue.Contact{{Entries: []catalogue.ContactEntry{{Type: "phone", Value: "1"}}}},
			}},
		}
	}
	for _, test := range []struct {
		name   string
		change func(*catalogue.Service)
		want   []string
	}{
		{"nothing", func(*catalogue.Service) {}, nil},
		{"what it is called", func(s *catalogue.Service) { s.Title = lang.Of("CIE") }, nil},
		{"what it is found by", func(s *catalogue.Service) { s.Topics = nil }, nil},
		{"contacts", func(s *catalogue.Service) {
			slices.Reverse(s.Contacts[0].Entries)
			s.Contacts[0].Entries[0].Value = "2"
		}, nil},
		{"contacts of a connection", func(s *catalogue.Service) { s.Connections[0].Contacts = nil }, nil},
		{"a note for staff", func(s *catalogue.Service) { s.Connections[0].OperatorNote = "y" }, nil},
		{"a translation", func(s *catalogue.Service) { s.HowTo["en"] = "Book an appointment." }, nil},
		{"a translation more", func(s *catalogue.Service) { s.HowTo["fr"] = "Réserver." }, nil},
		{"spelling", func(s *catalogue.Service) { s.HowTo["it"] = "prenotare un apuntamento, entro 30 giorni" }, nil},
		{"the order of costs", func(s *catalogue.Service) { slices.Reverse(s.Costs) }, nil},
		{"a figure in a text", func(s *catalogue.Service) { s.HowTo["it"] = "Prenotare un appuntamento entro 20 giorni." }, []string{"howTo"}},
		{"a word more", func(s *catalogue.Service) { s.HowTo["it"] = "Non prenotare un appuntamento entro 30 giorni." }, []string{"howTo"}},
		{"a text that goes", func(s *catalogue.Service) { s.HowTo = nil }, []string{"howTo"}},
		{"an amount", func(s *catalogue.Service) { s.Costs[1].Amount = "5.50" }, []string{"costs"}},
		{"a cost less", func(s *catalogue.Service) { s.Costs = s.Costs[:1] }, []string{"costs"}},
		{"the status and a channel", func(s *catalogue.Service) { s.Status = "inactive"; s.Connections[0].Channel = "a/c" }, []string{"status", "connections"}},
	} {
		after := base()
		test.change(after)
		if diff := cmp.Diff(test.want, catalogue.MeaningChanged(base(), after)); diff != "" {
			t.Errorf("%s: fields mismatch (-want +got):\n%s", test.name, diff)
		}
	}
}
