package catalogue_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/catalogue/cataloguetest"
	"github.com/comuneprato/service-catalogue/internal/lang"
)

// madeUp is a whole card that says nothing twice.
const madeUp = `{
	"title": {"it": "Carta d'identità"}, "summary": {"it": "Il documento per farsi riconoscere."}, "status": "active", "categories": ["6"],
	"audienceText": {"it": "A chi abita a Prato."}, "howTo": {"it": "Prenota e vieni."}, "neededText": {"it": "Una foto."},
	"outcomeText": {"it": "La carta."}, "timingText": {"it": "Sei giorni."}, "topics": ["anagrafe"], "interactivity": "NONE",
	"connections": [{"inline": {"type": "01.1.1", "offices": ["prato-comune/a"]}, "noDigitalReason": {"it": "Servono le impronte."}}],
	"conditions": [{"title": {"it": "Condizioni"}, "files": [{"url": "https://www.comune.prato.it/a"}]}],
	"contacts": [{"entries": [{"type": "email", "value": "anagrafe@comune.prato.it"}]}], "responsibleOffice": "prato-comune/a"
}`

// madeUpCards are the whole card with other members, null for those that it lacks, and what it then misses of C.SI.1.3.
var madeUpCards = []struct {
	name, change string
	missing      []string
}{
	{"whole", `{}`, nil},
	{"without a category", `{"categories": null}`, []string{"category"}},
	{"without a title", `{"title": null}`, []string{"title"}},
	{"without a status", `{"status": null}`, []string{"status"}},
	{"suspended without a reason", `{"status": "temporarily_closed"}`, []string{"status"}},
	{"suspended for a reason", `{"status": "temporarily_closed", "statusReason": {"it": "Lavori."}}`, nil},
	{"without a summary", `{"summary": null}`, []string{"short_description"}},
	{"without an audience", `{"audienceText": null}`, []string{"audience"}},
	{"with a coded audience alone", `{"audienceText": null, "audiences": ["citizen"]}`, nil},
	{"without how to, and with a blank need", `{"howTo": null, "neededText": {"it": " "}}`, []string{"how_to", "needed"}},
	{"with evidence for the need and outputs for the outcome", `{"neededText": null, "evidence": [{"title": {"it": "Foto"}}], "outcomeText": null, "outputs": [{"title": {"it": "Carta"}}]}`, nil},
	{"without an outcome", `{"outcomeText": null}`, []string{"obtained"}},
	{"without times", `{"timingText": null}`, []string{"deadlines"}},
	{"without a way in", `{"connections": []}`, []string{"access"}},
	{"without conditions and topics", `{"conditions": null, "topics": null}`, []string{"conditions", "topics"}},
	{"without contacts", `{"contacts": null, "responsibleOffice": null}`, []string{"contacts"}},
	{"with contacts of no office", `{"responsibleOffice": null}`, []string{"contacts"}},
	{"with the contacts of its office", `{"contacts": null}`, nil},
	{"with a price and how to pay it", `{"costs": [{"amount": "22.21", "currency": "EUR", "paymentMethods": ["pagopa"]}]}`, nil},
	{"with a price and not a word on paying", `{"costs": [{"amount": "22.21", "currency": "EUR"}]}`, []string{"costs"}},
	{"paid by pagoPA, nobody knows how much", `{"connections": [{"inline": {"type": "01.1.1", "offices": ["prato-comune/a"], "platforms": [{"platform": "pagopa"}]}, "noDigitalReason": {"it": "No."}}]}`, []string{"costs"}},
	{"empty", `{"title": null, "summary": null, "status": null, "categories": null, "audienceText": null, "howTo": null, "neededText": null, "outcomeText": null,
		"timingText": null, "topics": null, "connections": null, "conditions": null, "contacts": null, "responsibleOffice": null}`, []string{
		"category", "title", "status", "short_description", "audience", "how_to", "needed", "obtained", "deadlines", "access", "conditions", "contacts", "topics",
	}},
}

func TestCardsNameExactlyTheOfficialPartsThatTheyLack(t *testing.T) {
	for _, test := range madeUpCards {
		var members, change map[string]json.RawMessage
		if err := errors.Join(json.Unmarshal([]byte(madeUp), &members), json.Unmarshal([]byte(test.change), &change)); err != nil {
			t.Fatal(err)
		}
		for name, value := range change {
			if members[name] = value; string(value) == "null" {
				delete(members, name)
			}
		}
		body, err := json.Marshal(members)
		if err != nil {
			t.Fatal(err)
		}
		doc, findings := read(t, catalogue.KindService, body, catalogue.LevelPortal)
		var named, absent []string
		for _, f := range findings.In(lang.Italian) {
			if f.Part != "" && f.Severity != "error" {
				t.Errorf("%s: the lack of %s is %s, want error", test.name, f.Part, f.Severity)
			}
			if f.Part != "" && !slices.Contains(named, f.Part) {
				named = append(named, f.Part)
			}
		}
		for _, part := range catalogue.Card(doc, lang.Italian) {
			if !part.Present {
				absent = append(absent, part.Code)
			}
		}
		if diff := cmp.Diff(test.missing, absent); diff != "" {
			t.Errorf("%s: parts of Card that are not present mismatch (-want +got):\n%s", test.name, diff)
		}
		slices.Sort(named)
		want := slices.Sorted(slices.Values(test.missing))
		if diff := cmp.Diff(want, named); diff != "" {
			t.Errorf("%s: parts that findings name mismatch (-want +got):\n%s", test.name, diff)
		}
		if findings.HasErrors() != (len(test.missing) > 0) {
			t.Errorf("%s: got errors %v, want some: %t", test.name, places(findings, catalogue.SeverityError), len(test.missing) > 0)
		}
	}
}

func TestTheCardIsTheOfficialListInItsOrder(t *testing.T) {
	const source = "../../../shared/vocabularies/modello-comuni.json"
	data, err := os.ReadFile(source)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("no %s here to compare with", source)
	}
	var official struct {
		Card struct {
			Parts []struct {
				Code  string `json:"code"`
				Label string `json:"label_it"`
			} `json:"mandatory_in_this_order"`
		} `json:"service_card"`
	}
	if err := errors.Join(err, json.Unmarshal(data, &official)); err != nil {
		t.Fatal(err)
	}
	var want, got []string
	for _, p := range official.Card.Parts {
		want = append(want, p.Code+" "+p.Label)
	}
	for _, p := range catalogue.Card(new(catalogue.Service), lang.Italian) {
		got = append(got, p.Code+" "+p.Label)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the parts of the card differ from %s (-want +got):\n%s", source, diff)
	}
}

func TestPartsOfAKindMakeAHundredPoints(t *testing.T) {
	for _, kind := range catalogue.Kinds {
		sum := 0
		for _, p := range catalogue.PartsOf(kind) {
			sum += p.Points
			for _, tag := range lang.Spoken {
				if !lang.HasMessage("field." + p.Field) {
					t.Errorf("%s: the field %s has no name in %s", kind, p.Field, tag)
				}
			}
		}
		if sum != 100 {
			t.Errorf("the parts of a %s have %d points together, want 100", kind, sum)
		}
		if got := catalogue.ScoreOf(cataloguetest.Sample(kind)); got.Value != 100 || len(got.Missing) > 0 {
			t.Errorf("the score of the complete %s is %+v, want 100", kind, got)
		}
	}
}

func TestTheScoreTellsWhatIsMissing(t *testing.T) {
	s := cataloguetest.Service()
	s.NotOffered = nil
	s.HowTo, s.Keywords, s.AlternativeTitles = nil, nil, nil
	want := catalogue.ScoreView{Value: 88, Missing: []catalogue.MissingView{
		{Pointer: "/howTo", Label: "Come fare", Points: 10, Part: "how_to", Level: "portal"},
		{Pointer: "/keywords", Label: "Parole chiave o altri nomi", Points: 2},
	}}
	if diff := cmp.Diff(want, catalogue.ScoreOf(s).In(lang.Italian)); diff != "" {
		t.Errorf("score mismatch (-want +got):\n%s", diff)
	}
}
