package catalogue_test

import (
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/catalogue/cataloguetest"
	"github.com/comuneprato/service-catalogue/internal/golden"
)

func TestEncodeWritesTheCanonicalForm(t *testing.T) {
	for _, kind := range catalogue.Kinds {
		golden.CheckJSON(t, "document-"+string(kind), []byte(catalogue.Encode(cataloguetest.Sample(kind))))
	}
	doc, _, err := catalogue.Decode(catalogue.KindPlace, []byte(`{"title":{"it":"«A»\u2028","en":"\u003cb>\u0026<\/b>"},"slug":"\u0061","links":[],"district":""}`))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := catalogue.Encode(doc), `{"slug":"a","title":{"en":"<b>&</b>","it":"«A»\u2028"}}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// everyKind runs a property for random documents of every kind.
func everyKind(t *testing.T, property func(*rapid.T, catalogue.Document)) {
	t.Helper()
	for _, kind := range catalogue.Kinds {
		t.Run(string(kind), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) { property(t, cataloguetest.Generate(t, kind)) })
		})
	}
}

func TestDecodeReadsBackWhatEncodeWrote(t *testing.T) {
	everyKind(t, func(t *rapid.T, doc catalogue.Document) {
		encoded := catalogue.Encode(doc)
		got, findings, err := catalogue.Decode(doc.Kind(), []byte(encoded))
		if err != nil {
			t.Fatalf("%v in %s", err, encoded)
		}
		catalogue.Check(got, catalogue.LevelDraft, &findings)
		if findings.HasErrors() {
			t.Fatalf("got errors %v, want none in %s", places(findings, catalogue.SeverityError), encoded)
		}
		if diff := cmp.Diff(doc, got); diff != "" {
			t.Fatalf("document mismatch (-want +got):\n%s", diff)
		}
		if again := catalogue.Encode(got); again != encoded {
			t.Fatalf("encoded again: got %s, want %s", again, encoded)
		}
		if diff := cmp.Diff(doc, catalogue.MustDecode(doc.Kind(), encoded)); diff != "" {
			t.Fatalf("MustDecode mismatch (-want +got):\n%s", diff)
		}
	})
}

func TestMustDecodePanicsOnWhatWasNeverStored(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("got no panic, want one")
		}
	}()
	catalogue.MustDecode(catalogue.KindPlace, "{")
}

func TestSamplesUseEveryField(t *testing.T) {
	for _, kind := range catalogue.Kinds {
		used := map[string]bool{}
		visit(reflect.ValueOf(cataloguetest.Sample(kind)).Elem(), string(kind), used)
		for path, yes := range used {
			if !yes && path != "timetable.Spec.AlwaysOpen" { // which cannot stand beside periods
				t.Errorf("%s is empty in the sample: give it a value in cataloguetest, so that goldens show it", path)
			}
		}
	}
}

// visit notes which fields have a value anywhere in v.
func visit(v reflect.Value, path string, used map[string]bool) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			visit(v.Elem(), path, used)
		}
	case reflect.Slice:
		for i := range v.Len() {
			visit(v.Index(i), path, used)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			field := path + "." + v.Type().Field(i).Name
			used[field] = used[field] || !v.Field(i).IsZero()
			visit(v.Field(i), field, used)
		}
	default: // nothing inside
	}
}

func TestReferencesAreInTheOrderOfTheDocument(t *testing.T) {
	type found struct{ at, to string }
	for kind, want := range map[catalogue.Kind][]found{
		catalogue.KindPublisher: {{"/places/0", "place prato-comune/palazzo-comunale"}},
		catalogue.KindTimetable: nil,
		catalogue.KindPlace:     {{"/timetable", "timetable prato-comune/orari-sportelli"}},
		catalogue.KindOffice: {
			{"/parent", "office prato-comune/servizi-demografici"},
			{"/organisation", "publisher prato-comune/prato-comune"},
			{"/places/0", "place prato-comune/palazzo-comunale"},
			{"/timetable", "timetable prato-comune/orari-sportelli"},
		},
		catalogue.KindService: {
			{"/connections/0/inline/timetable", "timetable prato-comune/orari-sportelli"},
			{"/connections/1/inline/offices/0", "office prato-comune/anagrafe"},
			{"/connections/1/inline/places/0", "place prato-comune/palazzo-comunale"},
			{"/responsibleOffice", "office prato-comune/anagrafe"},
			{"/offices/0", "office prato-comune/anagrafe"},
			{"/offices/1", "office prato-comune/servizi-demografici"},
			{"/participations/0/organisation", "publisher prato-comune/prato-comune"},
			{"/relatedServices/0", "service prato-comune/carta-identita-cartacea"},
			{"/requiredServices/0", "service prato-comune/codice-fiscale"},
		},
	} {
		var got []found
		for _, r := range catalogue.References(cataloguetest.Sample(kind)) {
			got = append(got, found{string(r.Pointer), string(r.To.Kind) + " " + r.To.String()})
		}
		if !cmp.Equal(want, got, cmp.AllowUnexported(found{})) {
			t.Errorf("%s: references mismatch (-want +got):\n%s", kind, cmp.Diff(want, got, cmp.AllowUnexported(found{})))
		}
	}
	if got := catalogue.References(&catalogue.Service{ResponsibleOffice: "no reference"}); got != nil {
		t.Errorf("malformed reference: got %v, want none", got)
	}
}

func TestFactsOfServices(t *testing.T) {
	yes, no := true, false
	office := func(key string) catalogue.Ref {
		return catalogue.Ref{Kind: catalogue.KindOffice, Publisher: "p", Key: key}
	}
	by := func(channels ...string) *catalogue.Service {
		s := &catalogue.Service{Connections: []catalogue.Connection{{}}}
		for _, c := range channels {
			s.Connections = append(s.Connections, catalogue.Connection{Inline: &catalogue.Inline{Access: catalogue.Access{Type: c}}})
		}
		return s
	}
	for name, test := range map[string]struct {
		doc  catalogue.Document
		want catalogue.Facts
	}{
		"nothing known":    {&catalogue.Service{}, catalogue.Facts{}},
		"online":           {by("01.1.1", "02"), catalogue.Facts{Online: true}},
		"online, narrower": {by("02.2"), catalogue.Facts{Online: true}},
		"not online":       {by("01", "03.1", "04.2", "05.4.1"), catalogue.Facts{}},
		"free":             {&catalogue.Service{Costs: []catalogue.Cost{{Free: true}}}, catalogue.Facts{Free: &yes}},
		"free in part":     {&catalogue.Service{Costs: []catalogue.Cost{{Free: true}, {Amount: "1"}}}, catalogue.Facts{Free: &no}},
		"cost that varies": {&catalogue.Service{Costs: []catalogue.Cost{{}}}, catalogue.Facts{Free: &no}},
		"offices of every part": {&catalogue.Service{
			ResponsibleOffice: "p/b", Offices: []string{"p/c", "p/b"},
			Connections: []catalogue.Connection{{Inline: &catalogue.Inline{Access: catalogue.Access{Type: "01", Offices: []string{"p/a", "p/c"}, Places: []string{"p/z"}}}}},
		}, catalogue.Facts{Offices: []catalogue.Ref{office("a"), office("c"), office("b")}}},
		"terms": {
			&catalogue.Service{Status: "active", Categories: []string{"6"}, Topics: []string{"acqua"}, Audiences: []string{"citizen"}},
			catalogue.Facts{Status: "active", Categories: []string{"6"}, Topics: []string{"acqua"}, Audiences: []string{"citizen"}},
		},
		"office":            {&catalogue.Office{Status: "inactive", Parent: "p/a"}, catalogue.Facts{Status: "inactive", Offices: []catalogue.Ref{office("a")}}},
		"office at the top": {&catalogue.Office{}, catalogue.Facts{}},
		"place":             {cataloguetest.Place(), catalogue.Facts{}},
		"publisher":         {cataloguetest.Publisher(), catalogue.Facts{}},
	} {
		if diff := cmp.Diff(test.want, catalogue.FactsOf(test.doc)); diff != "" {
			t.Errorf("%s: facts mismatch (-want +got):\n%s", name, diff)
		}
	}
}

func TestGenerateDrawsEveryField(t *testing.T) {
	for _, kind := range catalogue.Kinds {
		documents := rapid.Custom(func(t *rapid.T) catalogue.Document { return cataloguetest.Generate(t, kind) })
		drawn := map[string]bool{}
		for seed := range 2000 {
			visit(reflect.ValueOf(documents.Example(seed)).Elem(), string(kind), drawn)
		}
		for path, yes := range drawn {
			if !yes {
				t.Errorf("%s was never drawn", path)
			}
		}
	}
}
