package catalogue_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/catalogue/cataloguetest"
	"github.com/comuneprato/service-catalogue/internal/golden"
	"github.com/comuneprato/service-catalogue/internal/lang"
)

const publicURL = "https://catalogo.example.org"

var sampleRefs = map[catalogue.Kind]catalogue.Ref{
	catalogue.KindPublisher: cataloguetest.PublisherRef, catalogue.KindPlace: cataloguetest.PlaceRef,
	catalogue.KindTimetable: cataloguetest.TimetableRef, catalogue.KindHolidaySet: cataloguetest.HolidaySetRef,
	catalogue.KindOffice: cataloguetest.OfficeRef, catalogue.KindService: cataloguetest.ServiceRef,
	catalogue.KindChannel: cataloguetest.ChannelRef, catalogue.KindProcedure: cataloguetest.ProcedureRef,
}

// tuesday is a moment in the morning at which the sample timetable is open, since 9 and until 13 in Rome.
var tuesday = time.Date(2026, 1, 20, 10, 15, 0, 0, time.UTC)

func words(tag lang.Tag, entries cataloguetest.Entries) catalogue.Words {
	return catalogue.Words{Lang: tag, PublicURL: publicURL, Resolver: entries, Now: tuesday}
}

func encoded(t testing.TB, o catalogue.Object) []byte {
	t.Helper()
	data, err := o.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// revised are the samples after somebody changed their Italian summaries and forgot the English ones.
func revised() cataloguetest.Entries {
	entries := cataloguetest.NewEntries()
	for kind, ref := range sampleRefs {
		before := cataloguetest.Sample(kind)
		before.Common().Summary[lang.Italian] = "Una frase."
		entries[ref].Outdated = catalogue.Outdated(nil).Next(before, entries[ref].Document)
	}
	return entries
}

func TestViewsAndItemsOfTheSamples(t *testing.T) {
	entries := revised()
	for kind, ref := range sampleRefs {
		for name, tag := range map[string]lang.Tag{"it": lang.Italian, "en": lang.English, "all": lang.Any} {
			w := words(tag, entries)
			golden.CheckJSON(t, "view-"+string(kind)+"."+name, encoded(t, w.View(entries[ref]).Object))
			golden.CheckJSON(t, "item-"+string(kind)+"."+name, encoded(t, w.Item(entries[ref]).Object))
		}
	}
}

// at follows a JSON Pointer; ok is false if it leads nowhere.
func at(root any, pointer string) (v any, ok bool) {
	v = root
	for part := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		part = strings.NewReplacer("~1", "/", "~0", "~").Replace(part)
		switch x := v.(type) {
		case map[string]any:
			if v, ok = x[part]; !ok {
				return nil, false
			}
		case []any:
			i, err := strconv.Atoi(part)
			if err != nil || i < 0 || i >= len(x) {
				return nil, false
			}
			v = x[i]
		default:
			return nil, false
		}
	}
	return v, true
}

func parsed(t testing.TB, o catalogue.Object) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal(encoded(t, o), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestFallbackPointsToTextsThatTheLanguageLacks(t *testing.T) {
	entries := cataloguetest.NewEntries()
	english := parsed(t, words(lang.English, entries).View(entries[cataloguetest.ServiceRef]).Object)
	italian := parsed(t, words(lang.Italian, entries).View(entries[cataloguetest.ServiceRef]).Object)
	if got, ok := italian["fallback"]; ok {
		t.Errorf("Italian view: got fallback %v, want none", got)
	}
	fallback, _ := english["fallback"].([]any)
	if len(fallback) == 0 {
		t.Fatal("English view: got no fallback, want some")
	}
	for _, pointer := range fallback {
		got, ok := at(english, pointer.(string))
		if !ok {
			t.Errorf("fallback %s leads nowhere in the view", pointer)
			continue
		}
		if want, _ := at(italian, pointer.(string)); got != want {
			t.Errorf("%s: got %q, want the Italian %q", pointer, got, want)
		}
	}
	for _, pointer := range []string{"/description", "/keywords/1", "/responsibleOffice/competences", "/offices/1/title"} {
		if !slices.Contains(fallback, any(pointer)) {
			t.Errorf("fallback: got %v, want %s among them", fallback, pointer)
		}
	}
	for _, pointer := range []string{"/title", "/responsibleOffice/title", "/relatedServices/0/title", "/description/it"} {
		if slices.Contains(fallback, any(pointer)) {
			t.Errorf("fallback: got %s among them, though English has it", pointer)
		}
	}
}

func TestTextsFallBackToTheFirstLanguageThereIs(t *testing.T) {
	e := cataloguetest.NewEntry(cataloguetest.PlaceRef, &catalogue.Place{Head: catalogue.Head{Title: lang.Text{"ur": "u", "ar": "a"}}}, 1)
	v := parsed(t, words(lang.Italian, nil).View(e).Object)
	if got, want := v["title"], "a"; got != want {
		t.Errorf("title: got %q, want %q", got, want)
	}
	if diff := cmp.Diff([]any{"/title"}, v["fallback"]); diff != "" {
		t.Errorf("fallback mismatch (-want +got):\n%s", diff)
	}
}

func TestReferencesShowWhatTheyLeadTo(t *testing.T) {
	entries := cataloguetest.NewEntries()
	v := parsed(t, words(lang.English, entries).View(entries[cataloguetest.ServiceRef]).Object)
	for pointer, want := range map[string]any{
		"/publisher/title":                                  "Municipality of Prato",
		"/publisher/url":                                    publicURL + "/v1/publishers/comune-di-prato",
		"/categories/0/code":                                "6",
		"/responsibleOffice/slug":                           "anagrafe",
		"/responsibleOffice/contacts/0/label":               "Switchboard",
		"/responsibleOffice/places/0/address/city":          "Prato",
		"/responsibleOffice/places/0/point/lat":             43.8807,
		"/responsibleOffice/parent/key":                     "servizi-demografici",
		"/offices/0/title":                                  "Registry office",
		"/offices/0/url":                                    publicURL + "/v1/offices/anagrafe",
		"/connections/2/offices/0/places/0/title":           "Town hall",
		"/connections/2/places/0/accessibility/0/available": "yes",
		"/relatedServices/0/title":                          "Paper identity card",
		"/relatedServices/0/available":                      false,
		"/requiredServices/0/key":                           "codice-fiscale",
		"/requiredServices/0/available":                     false,
		"/online":                                           true,
		"/free":                                             false,
		"/costs/0/amount":                                   "22.21",
		"/costs/1/free":                                     true,
		"/revision":                                         4.0,
		"/publishedAt":                                      "2026-01-13T08:30:00.123456Z",
		"/updatedAt":                                        "2026-01-13T09:30:00.123456Z",
		"/lang":                                             "en",
	} {
		if got, _ := at(v, pointer); got != want {
			t.Errorf("%s: got %v, want %v", pointer, got, want)
		}
	}
	for _, pointer := range []string{
		"/offices/0/contacts",               // a name and an address alone
		"/responsibleOffice/origins",        // where the text of what is shown inside comes from
		"/responsibleOffice/parent/url/key", // no object
		"/relatedServices/0/url",            // withdrawn
		"/requiredServices/0/title",         // unknown
		"/requiredServices/0/id",
		"/costs/0/free",
	} {
		if got, ok := at(v, pointer); ok {
			t.Errorf("%s: got %v, want nothing", pointer, got)
		}
	}
}

func TestEntriesThatNameEachOtherAreNotShownWithoutEnd(t *testing.T) {
	entries := cataloguetest.NewEntries()
	office := entries[cataloguetest.OfficeRef].Document.(*catalogue.Office)
	office.Parent = cataloguetest.OfficeRef.String()
	v := parsed(t, words(lang.Italian, entries).View(entries[cataloguetest.ServiceRef]).Object)
	for _, pointer := range []string{"/responsibleOffice/parent/places", "/responsibleOffice/organisation/places"} {
		if got, ok := at(v, pointer); ok {
			t.Errorf("%s: got %v, want a name and an address alone", pointer, got)
		}
	}
}

func TestAViewIsAsNewAsTheLatestOfAllItShows(t *testing.T) {
	entries := cataloguetest.NewEntries()
	w := words(lang.Italian, entries)
	w.Now = cataloguetest.Epoch.AddDate(-1, 0, 0)
	for ref, want := range map[catalogue.Ref]catalogue.Ref{
		cataloguetest.ServiceRef:   cataloguetest.WithdrawnRef, // in the item as the service to be had instead
		cataloguetest.OfficeRef:    cataloguetest.ParentRef,
		cataloguetest.PlaceRef:     cataloguetest.PlaceRef,
		cataloguetest.PublisherRef: cataloguetest.PlaceRef,
	} {
		if got, want := w.View(entries[ref]).Modified, entries[want].UpdatedAt; !got.Equal(want) {
			t.Errorf("%s: got %v, want %v", ref, got, want)
		}
		inItem := ref
		if ref == cataloguetest.ServiceRef {
			inItem = want
		}
		if got, want := w.Item(entries[ref]).Modified, entries[inItem].UpdatedAt; !got.Equal(want) {
			t.Errorf("item of %s: got %v, want %v", ref, got, want)
		}
	}
	entries[cataloguetest.ServiceRef].ReviewedAt = cataloguetest.Epoch.AddDate(0, 6, 0)
	if got, want := w.View(entries[cataloguetest.ServiceRef]).Modified, cataloguetest.Epoch.AddDate(0, 6, 0); !got.Equal(want) {
		t.Errorf("confirmed: got %v, want %v", got, want)
	}
	entries[cataloguetest.PublisherRef].UpdatedAt = cataloguetest.Epoch.AddDate(1, 0, 0)
	if got, want := w.Item(entries[cataloguetest.PlaceRef]).Modified, cataloguetest.Epoch.AddDate(1, 0, 0); !got.Equal(want) {
		t.Errorf("item under a newer publisher: got %v, want %v", got, want)
	}
}

func TestInstantsAreInUTC(t *testing.T) {
	e := cataloguetest.NewEntry(cataloguetest.PlaceRef, cataloguetest.Place(), 1)
	e.UpdatedAt = time.Date(2026, 7, 1, 12, 0, 0, 0, time.FixedZone("CEST", 7200))
	if got, want := parsed(t, words(lang.Italian, nil).Item(e).Object)["updatedAt"], "2026-07-01T10:00:00Z"; got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

func names(o catalogue.Object) []string {
	var all []string
	for _, m := range o {
		all = append(all, m.Name)
	}
	return all
}

func TestViewFieldsAreTheMembersOfACompleteView(t *testing.T) {
	entries := revised()
	for kind, ref := range sampleRefs {
		got := names(words(lang.English, entries).View(entries[ref]).Object)
		want := slices.DeleteFunc(catalogue.ViewFields(kind), func(name string) bool { return name == "alwaysOpen" }) // or periods
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: members mismatch (-ViewFields +view):\n%s", kind, diff)
		}
	}
}

func TestItemsAreAPartOfTheView(t *testing.T) {
	entries := cataloguetest.NewEntries()
	for kind, ref := range sampleRefs {
		w := words(lang.Italian, entries)
		view, item := w.View(entries[ref]).Object, w.Item(entries[ref]).Object
		if diff := cmp.Diff(string(encoded(t, view.Pick(names(item)))), string(encoded(t, item))); diff != "" {
			t.Errorf("%s: item mismatch (-view +item):\n%s", kind, diff)
		}
	}
}

func TestPickKeepsTheOrderOfTheObject(t *testing.T) {
	o := catalogue.Object{{Name: "a", Value: []byte("1")}, {Name: "b", Value: []byte(`"x"`)}, {Name: "c", Value: []byte("[]")}}
	for _, test := range []struct {
		names []string
		want  string
	}{
		{[]string{"c", "a", "zzz"}, `{"a":1,"c":[]}`},
		{nil, `{}`},
		{[]string{"b"}, `{"b":"x"}`},
	} {
		if got := string(encoded(t, o.Pick(test.names))); got != test.want {
			t.Errorf("Pick(%q): got %s, want %s", test.names, got, test.want)
		}
	}
	if got, want := string(o.Append([]byte("["))), `[{"a":1,"b":"x","c":[]}`; got != want {
		t.Errorf("after Pick: got %s, want %s", got, want)
	}
}

// anyone resolves every reference to an entry of its kind.
type anyone map[catalogue.Kind]*catalogue.Entry

func (a anyone) Resolve(ref catalogue.Ref) *catalogue.Entry { return a[ref.Kind] }

func TestViewsAreAlwaysJSON(t *testing.T) {
	everyKind(t, func(t *rapid.T, doc catalogue.Document) {
		ref := sampleRefs[doc.Kind()]
		entry := cataloguetest.NewEntry(ref, doc, 1)
		w := catalogue.Words{
			Lang:      rapid.SampledFrom(append([]lang.Tag{lang.Any}, lang.Tags...)).Draw(t, "lang"),
			PublicURL: publicURL,
			Resolver:  anyone{doc.Kind(): entry, catalogue.KindPlace: cataloguetest.NewEntries()[cataloguetest.PlaceRef]},
		}
		for name, o := range map[string]catalogue.Object{"view": w.View(entry).Object, "item": w.Item(entry).Object} {
			data := o.Append(nil)
			if !utf8.Valid(data) || !json.Valid(data) {
				t.Fatalf("%s is no JSON: %s", name, data)
			}
			if err := catalogue.CheckJSON(data); err != nil {
				t.Fatalf("%s: %v in %s", name, err, data)
			}
			seen := map[string]bool{}
			for _, n := range names(o) {
				if seen[n] {
					t.Fatalf("%s has two members %s", name, n)
				}
				seen[n] = true
			}
			var read map[string]any
			if err := json.Unmarshal(data, &read); err != nil {
				t.Fatal(err)
			}
			if title, want := read["title"], doc.Common().Title; w.Lang == lang.Any {
				all := map[string]any{}
				for tag, s := range want {
					all[string(tag)] = s
				}
				if diff := cmp.Diff(any(all), title); diff != "" {
					t.Fatalf("title mismatch (-want +got):\n%s", diff)
				}
			} else if s, _ := want.In(w.Lang); title != s {
				t.Fatalf("title: got %q, want %q", title, s)
			}
			fallback, _ := read["fallback"].([]any)
			for _, pointer := range fallback {
				if v, ok := at(read, pointer.(string)); !ok {
					t.Fatalf("fallback %s leads nowhere", pointer)
				} else if _, ok := v.(string); !ok {
					t.Fatalf("fallback %s leads to %v, want a string", pointer, v)
				}
			}
		}
	})
}

// reach calls visit for every value at a path of names, through lists.
func reach(v any, path []string, visit func(any)) {
	switch x := v.(type) {
	case []any:
		for _, element := range x {
			reach(element, path, visit)
		}
	case map[string]any:
		if len(path) == 0 {
			visit(x)
		} else if below, ok := x[path[0]]; ok {
			reach(below, path[1:], visit)
		}
	}
}

// whole are the members that an entry shown in full inside another has: those of its document that people need.
func whole(t *testing.T, e *catalogue.Entry) []string {
	t.Helper()
	var document map[string]any
	if err := json.Unmarshal([]byte(catalogue.Encode(e.Document)), &document); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"origins", "licence", "rightsNote", "keywords", "heldBack"} {
		delete(document, name)
	}
	return slices.Collect(maps.Keys(document))
}

func TestExpandShowsTheEntriesThemselves(t *testing.T) {
	entries := cataloguetest.NewEntries()
	for kind, ref := range sampleRefs {
		expandable := catalogue.Expandable(kind)
		if !slices.IsSorted(expandable) || !slices.Contains(expandable, "publisher") {
			t.Errorf("%s: got the expandable references %v, want them in order, with the publisher", kind, expandable)
		}
		for _, name := range expandable {
			w := words(lang.English, entries)
			w.Expand = []string{name}
			view, found := w.View(entries[ref]), 0
			reach(parsed(t, view.Object), strings.Split(name, "."), func(v any) {
				found++
				shown := v.(map[string]any)
				to := catalogue.Ref{Kind: catalogue.Kind(shown["kind"].(string)), Publisher: "prato-comune", Key: shown["key"].(string)}
				e := entries[to]
				if e == nil || !e.Available() {
					if shown["available"] != false || shown["url"] != nil || len(shown) > 6 {
						t.Errorf("%s, expand=%s: got %v for what is not public, want a name that is not available", kind, name, shown)
					}
					return
				}
				for _, member := range whole(t, e) {
					if _, ok := shown[member]; !ok {
						t.Errorf("%s, expand=%s: got no %s of %s", kind, name, member, to)
					}
				}
				if shown["revision"] != nil || shown["origins"] != nil {
					t.Errorf("%s, expand=%s: got the revision or the origins of %s, want what people need alone", kind, name, to)
				}
			})
			if found == 0 {
				t.Errorf("%s, expand=%s: the sample has no such reference", kind, name)
			}
			plain := w
			plain.Expand = nil
			if bytes.Equal(encoded(t, plain.View(entries[ref]).Object), encoded(t, view.Object)) && publicAt(t, plain.View(entries[ref]).Object, name) {
				t.Errorf("%s, expand=%s: got the view as it is without", kind, name)
			}
		}
	}
}

// publicAt reports whether any reference at a path leads to an entry that is public.
func publicAt(t *testing.T, o catalogue.Object, name string) (found bool) {
	t.Helper()
	reach(parsed(t, o), strings.Split(name, "."), func(v any) { found = found || v.(map[string]any)["available"] != false })
	return found
}

func TestExpandGoesOneStep(t *testing.T) {
	entries := cataloguetest.NewEntries()
	w := words(lang.English, entries)
	w.Expand = []string{"offices", "procedures", "connections.channel"}
	v := parsed(t, w.View(entries[cataloguetest.ServiceRef]).Object)
	for pointer, want := range map[string]any{
		"/offices/0/places/0/title":               "Town hall",                           // which offices always show
		"/offices/0/parent/title":                 "Servizi demografici",                 // a name, of which
		"/offices/0/parent/fallback":              nil,                                   // nothing more is shown
		"/offices/0/openNow":                      true,                                  //
		"/procedures/0/steps/0/title":             "Application",                         //
		"/procedures/0/steps/0/channel/title":     "Online counter",                      //
		"/procedures/0/steps/0/channel/accessUrl": nil,                                   //
		"/connections/1/channel/accessUrl":        "https://servizi.comune.prato.it/cie", //
		"/connections/1/channel/offices/0/title":  "Registry office",                     //
		"/relatedServices/0/title":                "Paper identity card",                 // was not asked for
		"/publisher/legalName":                    nil,
	} {
		if got, _ := at(v, pointer); got != want {
			t.Errorf("%s: got %v, want %v", pointer, got, want)
		}
	}
}

func TestAViewIsAsNewAsWhatItExpands(t *testing.T) {
	entries := cataloguetest.NewEntries()
	w := words(lang.Italian, entries)
	w.Now = cataloguetest.Epoch.AddDate(-1, 0, 0)
	entries[cataloguetest.PlaceRef].UpdatedAt = tuesday
	e := cataloguetest.NewEntryAmong(entries, cataloguetest.ServiceRef, &catalogue.Service{Offices: []string{cataloguetest.OfficeRef.String()}}, 1)
	if got, want := w.View(e).Modified, entries[cataloguetest.OfficeRef].UpdatedAt; !got.Equal(want) {
		t.Errorf("office by name: got %v, want %v, when the office last changed", got, want)
	}
	w.Expand = []string{"offices"}
	if got := w.View(e).Modified; !got.Equal(tuesday) {
		t.Errorf("office in full: got %v, want %v, when its place last changed", got, tuesday)
	}
}

func TestViewsOfSomeFieldsSayWhichOfThemAreInAnotherLanguageOrOutdated(t *testing.T) {
	entries := revised()
	w := words(lang.English, entries)
	for _, test := range []struct {
		names              []string
		fallback, outdated []any
	}{
		{[]string{"title"}, nil, nil},
		{[]string{"title", "summary"}, nil, []any{"/summary"}},
		{[]string{"howTo", "description", "offices"}, []any{"/description", "/offices/1/title"}, nil},
	} {
		v := parsed(t, w.ViewFields(entries[cataloguetest.ServiceRef], test.names).Object)
		fallback, _ := v["fallback"].([]any)
		outdated, _ := v["outdated"].([]any)
		if diff := cmp.Diff([][]any{test.fallback, test.outdated}, [][]any{fallback, outdated}); diff != "" {
			t.Errorf("%v: fallback and outdated mismatch (-want +got):\n%s", test.names, diff)
		}
	}
	v := parsed(t, words(lang.Any, entries).ViewFields(entries[cataloguetest.ServiceRef], []string{"summary"}).Object)
	if diff := cmp.Diff([]any{"/summary/en"}, v["outdated"]); diff != "" {
		t.Errorf("all languages: outdated mismatch (-want +got):\n%s", diff)
	}
	if v := parsed(t, words(lang.Italian, entries).View(entries[cataloguetest.ServiceRef]).Object); v["outdated"] != nil {
		t.Errorf("Italian: got the outdated %v, want none", v["outdated"])
	}
}
