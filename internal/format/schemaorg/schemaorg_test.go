package schemaorg_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"pgregory.net/rapid"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/catalogue/cataloguetest"
	"github.com/comuneprato/service-catalogue/internal/demo/demotest"
	"github.com/comuneprato/service-catalogue/internal/format/schemaorg"
	"github.com/comuneprato/service-catalogue/internal/golden"
	"github.com/comuneprato/service-catalogue/internal/hours"
	"github.com/comuneprato/service-catalogue/internal/lang"
)

// may is a morning in a month without exceptions.
var may = time.Date(2026, 5, 19, 8, 0, 0, 0, time.UTC)

func look(tag lang.Tag, entries cataloguetest.Entries, e *catalogue.Entry) *catalogue.Look {
	return catalogue.Words{Lang: tag, PublicURL: "https://catalogo.example.org", Resolver: entries, Now: may}.Look(e)
}

func TestSamples(t *testing.T) {
	entries := cataloguetest.NewEntries()
	for _, ref := range []catalogue.Ref{cataloguetest.ServiceRef, cataloguetest.OfficeRef, cataloguetest.PlaceRef, cataloguetest.PublisherRef} {
		for _, tag := range []lang.Tag{lang.Italian, lang.English} {
			body := schemaorg.Write(look(tag, entries, entries[ref]), entries[ref])
			golden.CheckJSON(t, string(ref.Kind)+"-"+string(tag), body)
		}
	}
}

func TestAllLanguagesAtOnceAreItalian(t *testing.T) {
	entries := cataloguetest.NewEntries()
	e := entries[cataloguetest.ServiceRef]
	if diff := cmp.Diff(schemaorg.Object(look(lang.Italian, entries, e), e), schemaorg.Object(look(lang.Any, entries, e), e)); diff != "" {
		t.Errorf("lang=* (-it +*):\n%s", diff)
	}
}

func TestANameIsToldOnce(t *testing.T) {
	entries := cataloguetest.NewEntries()
	e := cataloguetest.NewEntryAmong(entries, cataloguetest.ServiceRef, &catalogue.Service{
		Head: catalogue.Head{Title: lang.Of("Carta d'identità"), AlternativeTitles: []lang.Text{lang.Of("CIE"), lang.Of("Documento")}}, Acronyms: []string{"CIE"},
	}, 1)
	got := schemaorg.Object(look(lang.Italian, entries, e), e).(*schemaorg.Service).AlternateName
	if diff := cmp.Diff([]string{"CIE", "Documento"}, got); diff != "" {
		t.Errorf("alternateName mismatch (-want +got):\n%s", diff)
	}
}

func TestHoursHoldUntilTheMonthEnds(t *testing.T) {
	entries := cataloguetest.NewEntries()
	e := entries[cataloguetest.OfficeRef]
	l := look(lang.Italian, entries, e)
	schemaorg.Write(l, e)
	if want := time.Date(2026, 6, 1, 0, 0, 0, 0, hours.Rome); !l.Until().Equal(want) {
		t.Errorf("until %v, want %v", l.Until(), want)
	}
}

func TestTheEndOfADayIsTheBeginningOfTheNext(t *testing.T) {
	for _, test := range []struct {
		name string
		spec hours.Spec
		want []schemaorg.Opening
	}{
		{"day and night", hours.Spec{AlwaysOpen: true}, []schemaorg.Opening{{Opens: "00:00", Closes: "23:59"}}},
		{"until midnight", slots("20:00", "24:00"), []schemaorg.Opening{{Opens: "20:00", Closes: "00:00"}}},
		{"past midnight", slots("22:00", "02:00"), []schemaorg.Opening{{Opens: "22:00", Closes: "02:00"}}},
	} {
		entries := cataloguetest.NewEntries()
		entries[cataloguetest.TimetableRef] = cataloguetest.NewEntryAmong(entries, cataloguetest.TimetableRef, &catalogue.Timetable{Spec: test.spec}, 1)
		e := entries[cataloguetest.OfficeRef]
		got := schemaorg.Object(look(lang.Italian, entries, e), e).(*schemaorg.Organisation).OpeningHours
		for i := range got {
			if len(got[i].DayOfWeek) != 7 || got[i].ValidFrom+got[i].ValidThrough != "" {
				t.Errorf("%s: got %+v, want every day, always", test.name, got[i])
			}
			got[i] = schemaorg.Opening{Opens: got[i].Opens, Closes: got[i].Closes}
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

func slots(opens, closes string) hours.Spec {
	week := []string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}
	return hours.Spec{Periods: []hours.Period{{Slots: []hours.Slot{{Weekdays: week, Opens: opens, Closes: closes}}}}}
}

// check is the one that the ministry's validator makes (testdata/metatag.schema.json, BSD 3-Clause).
func check(t testing.TB) *jsonschema.Schema {
	t.Helper()
	data, err := os.ReadFile("testdata/metatag.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("metatag.schema.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("metatag.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// passes reports whether the ministry's check takes a body.
func passes(t testing.TB, schema *jsonschema.Schema, body []byte) bool {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return schema.Validate(value) == nil
}

func TestConformanceSchemaOrg(t *testing.T) {
	entries, order := demotest.Entries(t)
	schema := check(t)
	var list strings.Builder
	services, complete, invalid, others := 0, 0, 0, 0
	for _, ref := range order {
		e := entries[ref]
		if !slices.Contains(schemaorg.Kinds, ref.Kind) {
			continue
		}
		l := look(lang.Italian, entries, e)
		body := schemaorg.Write(l, e)
		service, ok := schemaorg.Object(l, e).(*schemaorg.Service)
		if !ok {
			others++
			continue
		}
		services++
		missing := service.Missing()
		if len(missing) == 0 {
			complete++
		} else {
			fmt.Fprintf(&list, "%s: %s\n", ref, strings.Join(missing, ", "))
		}
		if passes(t, schema, body) != (len(missing) == 0) {
			invalid++
			t.Errorf("%s: the check says otherwise than Missing, which names %v, of %s", ref, missing, body)
		}
	}
	t.Logf("schema.org: %d of %d services complete, %d invalid; %d offices, places and publishers", complete, services, invalid, others)
	golden.Check(t, "missing", []byte(list.String()))
}

// A body may stand in a script of a page, and says nothing that JSON or the check would not take.
func TestAnyDocumentMayBePasted(t *testing.T) {
	entries := cataloguetest.NewEntries()
	schema := check(t)
	rapid.Check(t, func(r *rapid.T) {
		kind := rapid.SampledFrom(schemaorg.Kinds).Draw(r, "kind")
		ref := catalogue.Ref{Kind: kind, Publisher: "prato-comune", Key: "x"}
		e := cataloguetest.NewEntryAmong(entries, ref, cataloguetest.Generate(r, kind), 9)
		tag := rapid.SampledFrom(append(lang.Tags, lang.Any)).Draw(r, "lang")
		l := look(tag, entries, e)
		body := schemaorg.Write(l, e)
		if bytes.ContainsAny(body, "<>&\u2028\u2029") {
			r.Errorf("HTML may take a part of this for a mark: %s", body)
		}
		if !json.Valid(body) {
			r.Fatalf("no JSON: %s", body)
		}
		if s, ok := schemaorg.Object(l, e).(*schemaorg.Service); ok && len(s.Missing()) == 0 && !passes(t, schema, body) {
			r.Errorf("nothing is missing, but the check refuses %s", body)
		}
	})
}
