package catalogue_test

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/golden"
	"github.com/comuneprato/service-catalogue/internal/lang"
)

func TestDecodeRefusesWhatIsNoJSON(t *testing.T) {
	for _, test := range []struct {
		name, body, rule string
		offset           int64
	}{
		{"no byte", "", "json.empty", 0},
		{"spaces alone", " \r\n\t", "json.empty", 0},
		{"byte order mark alone", "\ufeff", "json.empty", 0},
		{"Latin 1", "{\"title\":\"citt\xe0\"}", "json.utf8", 14},
		{"UTF-16", "\xff\xfe{\x00}\x00", "json.utf8", 0},
		{"surrogate in UTF-8", "{\"a\":\"\xed\xa0\x80\"}", "json.utf8", 6},
		{"more behind the document", `{} {}`, "json.trailing", 3},
		{"closed twice", `{}}`, "json.trailing", 2},
		{"comma behind the document", "{}\n,", "json.trailing", 3},
		{"more behind, after a byte order mark", "\ufeff{}x", "json.trailing", 5},
		{"lists 1,000 deep", strings.Repeat("[", 1000), "json.depth", catalogue.MaxDepth},
		{"objects 1,000 deep", strings.Repeat(`{"a":`, 1000) + "1" + strings.Repeat("}", 1000), "json.depth", 5 * catalogue.MaxDepth},
		{"one level too deep", strings.Repeat("[", catalogue.MaxDepth+1) + strings.Repeat("]", catalogue.MaxDepth+1), "json.depth", catalogue.MaxDepth},
		{"breaks off in an object", `{"title"`, "json.truncated", 8},
		{"breaks off in a string", `{"title":{"it":"Car`, "json.truncated", 19},
		{"breaks off in a list", `[1,2`, "json.truncated", 4},
		{"breaks off in a word", `tru`, "json.truncated", 3},
		{"breaks off after a byte order mark", "\ufeff[", "json.truncated", 4},
		{"no value", `{"title":}`, "json.syntax", 9},
		{"no value, after a byte order mark", "\ufeff{\"title\":}", "json.syntax", 12},
		{"comma at the end of an object", `{"a":1,}`, "json.syntax", 7},
		{"comma at the end of a list", `[1,]`, "json.syntax", 3},
		{"comma forgotten", `{"aaaa":1, "bbbb":2 "c":3}`, "json.syntax", 20},
		{"colon forgotten", `{"a" 1}`, "json.syntax", 5},
		{"number with a plus sign, far from the start", `{"aaaa":1, "bbbb":2, "c":+3}`, "json.syntax", 25},
		{"number with a leading zero", `{"a":01}`, "json.syntax", 6},
		{"name that is no string", `{1:2}`, "json.syntax", 1},
		{"wrong bracket", `[}`, "json.syntax", 1},
		{"single quotes", `{'a':1}`, "json.syntax", 1},
		{"comment", `{/* */}`, "json.syntax", 1},
		{"raw line break in a string", "{\"a\":\"b\nc\"}", "json.syntax", 7},
		{"unknown escape", `{"a":"\x"}`, "json.syntax", 7},
		{"NaN", `{"a":NaN}`, "json.syntax", 5},
		{"HTML", `<html>`, "json.syntax", 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			for name, read := range map[string]func([]byte) error{
				"Decode": func(data []byte) error {
					_, _, err := catalogue.Decode(catalogue.KindService, data)
					return err
				},
				"DecodeRequest": func(data []byte) error {
					_, err := catalogue.DecodeRequest(data, &struct{}{})
					return err
				},
				"CheckJSON": catalogue.CheckJSON,
			} {
				err := read([]byte(test.body))
				var got *catalogue.MalformedError
				if !errors.As(err, &got) || !errors.Is(err, catalogue.ErrMalformed) {
					t.Fatalf("%s: got error %v, want a MalformedError", name, err)
				}
				if want := (catalogue.MalformedError{Rule: test.rule, Offset: test.offset}); *got != want {
					t.Errorf("%s: got %+v, want %+v", name, *got, want)
				}
			}
		})
	}
}

func TestDecodeTakesEveryJSONText(t *testing.T) {
	deep := strings.Repeat("[", catalogue.MaxDepth) + strings.Repeat("]", catalogue.MaxDepth)
	for _, body := range []string{"{}", "\ufeff{}", " {} \r\n", "null", `"text"`, "1e3", deep} {
		if _, _, err := catalogue.Decode(catalogue.KindService, []byte(body)); err != nil {
			t.Errorf("%q: got error %v, want none", body, err)
		}
	}
}

// place is a finding without its words.
type place struct{ Pointer, Rule string }

func places(findings catalogue.Findings, severity catalogue.Severity) []place {
	var found []place
	for _, f := range findings {
		if f.Severity == severity {
			found = append(found, place{string(f.Pointer), f.Rule})
		}
	}
	return found
}

// read decodes and checks as a PUT does.
func read(t testing.TB, kind catalogue.Kind, body []byte, level catalogue.Level) (catalogue.Document, catalogue.Findings) {
	t.Helper()
	doc, findings, err := catalogue.Decode(kind, body)
	if err != nil {
		t.Fatal(err)
	}
	catalogue.Check(doc, level, &findings)
	return doc, findings
}

func TestBrokenDocumentsGetOneFindingForEachBrokenPlace(t *testing.T) {
	for kind, want := range broken {
		t.Run(string(kind), func(t *testing.T) {
			body, err := os.ReadFile(filepath.Join("testdata", "broken-"+string(kind)+".json"))
			if err != nil {
				t.Fatal(err)
			}
			_, findings := read(t, kind, body, catalogue.LevelDraft)
			got := places(findings, catalogue.SeverityError)
			slices.SortFunc(got, func(a, b place) int { return cmp.Compare(a.Pointer, b.Pointer) })
			if diff := gocmp.Diff(want, got); diff != "" {
				t.Errorf("errors mismatch (-want +got):\n%s", diff)
			}
			seen := map[catalogue.Pointer]bool{}
			for _, f := range findings {
				if seen[f.Pointer] {
					t.Errorf("got a second finding, %s, at %s, want one", f.Rule, f.Pointer)
				}
				seen[f.Pointer] = true
			}
			for _, tag := range lang.Spoken {
				golden.Check(t, "broken-"+string(kind)+"."+string(tag), wording(findings, tag))
			}
		})
	}
	if got, want := len(brokenService), 60; got < want {
		t.Errorf("the broken service has %d broken places, want at least %d", got, want)
	}
}

// wording writes findings for the eye: place, rule, and both sentences.
func wording(findings catalogue.Findings, tag lang.Tag) []byte {
	var b strings.Builder
	for _, f := range findings.In(tag) {
		b.WriteString(f.Pointer + "\n\t" + f.Severity + " (" + f.Level + ") " + f.Rule + "\n\t" + f.Message + "\n\t" + f.Expected + "\n")
	}
	return []byte(b.String())
}

func TestBrokenRequestsAreReadAsStrictly(t *testing.T) {
	type request struct {
		Name     string          `json:"name"`
		Revision int             `json:"revision"`
		Document json.RawMessage `json:"document"`
	}
	for _, test := range []struct {
		name, body string
		want       request
		wantPlaces []place
	}{
		{
			"good", `{"name": "a", "revision": 7, "document": {"b": [1.50, "é\u2028", true, null], "b": 2}}`,
			request{"a", 7, json.RawMessage("{\"b\":[1.50,\"é\\u2028\",true,null],\"b\":2}")},
			nil,
		},
		{"empty", `{}`, request{}, nil},
		{"broken", `{"nam": "a", "revision": 1.5, "document": null}`, request{}, []place{{"/nam", "unknown_field"}, {"/revision", "type"}}},
		{"number too big", `{"revision": 99999999999}`, request{}, []place{{"/revision", "type"}}},
		{"no object", `[]`, request{}, []place{{"", "type"}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got request
			findings, err := catalogue.DecodeRequest([]byte(test.body), &got)
			if err != nil {
				t.Fatal(err)
			}
			if diff := gocmp.Diff(test.want, got); diff != "" {
				t.Errorf("request mismatch (-want +got):\n%s", diff)
			}
			if diff := gocmp.Diff(test.wantPlaces, places(findings, catalogue.SeverityError)); diff != "" {
				t.Errorf("errors mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDecodeFindsNoCascade(t *testing.T) {
	for _, test := range []struct {
		name, body string
		want       []place
	}{
		{"no object at all", `[]`, []place{{"", "type"}}},
		{"null", `null`, []place{{"", "type"}}},
		{"empty object", `{}`, []place{{"/title", "required"}}},
		{"required name misspelt", `{"titel": {"it": "Carta"}}`, []place{{"/titel", "unknown_field"}}},
		{"required name misspelt beyond recognition", `{"name": {"it": "Carta"}}`, []place{{"/name", "unknown_field"}, {"/title", "required"}}},
		{"blank Italian", `{"title": {"it": " "}}`, []place{{"/title/it", "blank"}}},
		{"broken Italian", `{"title": {"it": "\u0000"}}`, []place{{"/title/it", "character"}}},
		{"null Italian", `{"title": {"it": null}}`, []place{{"/title", "italian"}}},
		{"unknown language alone", `{"title": {"ita": "Carta"}}`, []place{{"/title/ita", "language"}}},
		{
			"two unknown terms are no repetition", `{"title": {"it": "Carta"}, "topics": ["x1", "x2"]}`,
			[]place{{"/topics/0", "term"}, {"/topics/1", "term"}},
		},
		{
			"a list both too long and with a broken element", `{"title": {"it": "Carta"}, "acronyms": [1` + strings.Repeat(`, "A"`, 20) + `]}`,
			[]place{{"/acronyms/0", "type"}, {"/acronyms", "too_many"}},
		},
		{
			"unreadable start of a period", `{"title": {"it": "Carta"}, "validFrom": "9/9/2026", "validTo": "2026-01-01"}`,
			[]place{{"/validFrom", "date"}},
		},
		{"members of an unknown field", `{"title": {"it": "Carta"}, "zzz": {"a": 1, "a": 2}}`, []place{{"/zzz", "unknown_field"}}},
		{"acronym of no letters", `{"title": {"it": "Carta"}, "acronyms": [""]}`, []place{{"/acronyms/0", "too_short"}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, findings := read(t, catalogue.KindService, []byte(test.body), catalogue.LevelDraft)
			if diff := gocmp.Diff(test.want, places(findings, catalogue.SeverityError)); diff != "" {
				t.Errorf("errors mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDecodeStoresTermsAsCodes(t *testing.T) {
	const national = "w3id.org/italia/controlled-vocabulary/classifications-for-public-services/"
	doc, findings := read(t, catalogue.KindService, []byte(`{
		"title": {"it": "Carta"},
		"categories": ["https://`+national+`public-services-subject-matters/6", "http://`+national+`public-services-subject-matters/1/"],
		"status": "https://w3id.org/italia/onto/CPSV/Active",
		"deliveryLanguages": ["it", "http://publications.europa.eu/resource/authority/language/ENG"],
		"connections": [{"inline": {"type": "https://`+national+`channel/0111"}}]
	}`), catalogue.LevelDraft)
	if findings.HasErrors() {
		t.Fatalf("got errors %v, want none", places(findings, catalogue.SeverityError))
	}
	want := &catalogue.Service{
		Head:              catalogue.Head{Title: lang.Of("Carta")},
		Categories:        []string{"6", "1"},
		Status:            "active",
		DeliveryLanguages: []string{"ITA", "ENG"},
		Connections:       []catalogue.Connection{{Inline: &catalogue.Inline{Access: catalogue.Access{Type: "01.1.1"}}}},
	}
	if diff := gocmp.Diff(catalogue.Document(want), doc); diff != "" {
		t.Errorf("service mismatch (-want +got):\n%s", diff)
	}
}

func TestNullCountsAsAbsent(t *testing.T) {
	doc, findings := read(t, catalogue.KindPlace, []byte(`{
		"title": {"it": "Palazzo", "en": null}, "type": null, "address": null, "accessibility": null, "district": null
	}`), catalogue.LevelDraft)
	if findings.HasErrors() {
		t.Fatalf("got errors %v, want none", places(findings, catalogue.SeverityError))
	}
	if got, want := catalogue.Encode(doc), `{"title":{"it":"Palazzo"}}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestNumbersThatNoFieldCanHoldAreOfTheWrongType(t *testing.T) {
	_, findings := read(t, catalogue.KindPlace, []byte(`{"title": {"it": "Palazzo"}, "point": {"lat": 1e400, "lon": -0.0}}`), catalogue.LevelDraft)
	want := []place{{"/point/lat", "type"}}
	if diff := gocmp.Diff(want, places(findings, catalogue.SeverityError)); diff != "" {
		t.Errorf("errors mismatch (-want +got):\n%s", diff)
	}
}

func TestFindingsAreBounded(t *testing.T) {
	const most = 1000
	var unknown strings.Builder
	for i := range 50_000 {
		fmt.Fprintf(&unknown, `"x%x":1,`, i)
	}
	for name, body := range map[string]string{
		"unknown terms":        `{"topics":[` + strings.Repeat(`"nonesuch",`, 90_000) + `"x"]}`,
		"unknown fields":       `{` + unknown.String() + `"y":1}`,
		"unknown long fields":  `{"` + strings.Repeat("a", 900_000) + `":1}`,
		"elements of no type":  `{"contacts":[` + strings.Repeat("1,", 90_000) + `1]}`,
		"objects of no fields": `{"evidence":[` + strings.Repeat("{},", 90_000) + `{}]}`,
	} {
		start := time.Now()
		_, findings := read(t, catalogue.KindService, []byte(body), catalogue.LevelPortal)
		if got := len(findings); got == 0 || got > most {
			t.Errorf("%s: got %d findings, want 1 to %d", name, got, most)
		}
		// It takes some 50 ms; without bounds on suggestions, it took 3 s.
		if took := time.Since(start); took > 2*time.Second {
			t.Errorf("%s: took %v, want far less than a second", name, took)
		}
	}
}

func TestSuggestNamesTheNearestKnownName(t *testing.T) {
	known := []string{"title", "howTo", "summary"}
	for name, want := range map[string]string{
		"titel": "title", "HOWTO": "howTo", "sumari": "summary", "x": "", "": "", "description": "", strings.Repeat("title", 100): "",
	} {
		if got := catalogue.Suggest(name, known); got != want {
			t.Errorf("Suggest(%.20q): got %q, want %q", name, got, want)
		}
	}
}

func TestOneBrokenValueGivesOneFinding(t *testing.T) {
	everyKind(t, func(t *rapid.T, doc catalogue.Document) {
		var root any
		if err := json.Unmarshal([]byte(catalogue.Encode(doc)), &root); err != nil {
			t.Fatal(err)
		}
		all := pointers(root, "")
		slices.Sort(all)
		broken := rapid.SampledFrom(all).Draw(t, "broken")
		root = breakAt(root, strings.Split(broken, "/")[1:])
		body, err := json.Marshal(root)
		if err != nil {
			t.Fatal(err)
		}
		got, findings, err := catalogue.Decode(doc.Kind(), body)
		if err != nil {
			t.Fatal(err)
		}
		catalogue.Check(got, catalogue.LevelDraft, &findings)
		if diff := gocmp.Diff([]place{{broken, "type"}}, places(findings, catalogue.SeverityError)); diff != "" {
			t.Fatalf("errors mismatch (-want +got):\n%s", diff)
		}
	})
}

// pointers lists the pointers of every value below v.
func pointers(v any, p catalogue.Pointer) []string {
	var below []string
	switch v := v.(type) {
	case map[string]any:
		for name, member := range v {
			below = append(append(below, string(p.Field(name))), pointers(member, p.Field(name))...)
		}
	case []any:
		for i, element := range v {
			below = append(append(below, string(p.Index(i))), pointers(element, p.Index(i))...)
		}
	}
	return below
}

// breakAt puts a value of the wrong type at a path: a number, or a string where a number is.
func breakAt(v any, path []string) any {
	if len(path) == 0 {
		if _, ok := v.(float64); ok {
			return "7"
		}
		return 7
	}
	switch v := v.(type) {
	case map[string]any:
		v[path[0]] = breakAt(v[path[0]], path[1:])
	case []any:
		i, err := strconv.Atoi(path[0])
		if err != nil {
			panic(err)
		}
		v[i] = breakAt(v[i], path[1:])
	}
	return v
}
