package vocabulary_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/comuneprato/service-catalogue/internal/lang"
	"github.com/comuneprato/service-catalogue/internal/vocabulary"
)

// fileOf names the CSV of each list of an authority.
var fileOf = map[string]string{
	"service-categories": "service-categories", "topics": "municipal-topics", "life-events": "life-events",
	"business-events": "business-events", "channels": "channels", "authentication-types": "authentication-types",
	"interactivity-levels": "interactivity-levels", "input-output-types": "service-input-output-types",
	"document-types": "government-document-types", "legal-status": "legal-status", "cofog": "cofog-2009",
	"sectors": "ateco-2007-sections-divisions", "licences": "licences", "data-themes": "eu-data-themes",
	"frequencies": "eu-frequencies", "languages": "eu-languages",
}

func TestEveryRowIsATerm(t *testing.T) {
	var left []string
	for _, s := range vocabulary.All() {
		if !s.Own() {
			left = append(left, s.Code)
		}
	}
	if len(left) != len(fileOf) {
		t.Errorf("lists of authorities: got %v, want those of %v", left, fileOf)
	}
	for code, file := range fileOf {
		f, err := os.Open(filepath.Join("data", file+".csv"))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		rows, err := csv.NewReader(f).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		column := make(map[string]int)
		for i, name := range rows[0] {
			column[name] = i
		}
		s := vocabulary.MustGet(code)
		if got, want := len(s.Terms), len(rows)-1; got != want {
			t.Errorf("%s: got %d terms, want %d", code, got, want)
			continue
		}
		for i, row := range rows[1:] {
			term := s.Terms[i]
			if got, want := term.Code, row[column["code"]]; got != want {
				t.Errorf("%s, row %d: got code %q, want %q", code, i+1, got, want)
			}
			if got, want := term.Label[lang.Italian], row[column["label_it"]]; got != want {
				t.Errorf("%s %q: got Italian label %q, want %q", code, term.Code, got, want)
			}
			if u, ok := column["uri"]; ok && term.URI != row[u] {
				t.Errorf("%s %q: got URI %q, want %q", code, term.Code, term.URI, row[u])
			}
		}
	}
}

func TestCopiesAreIdentical(t *testing.T) {
	const shared = "../../../shared/vocabularies"
	if _, err := os.Stat(shared); errors.Is(err, fs.ErrNotExist) {
		t.Skipf("no %s here to compare with", shared)
	}
	files, err := filepath.Glob(filepath.Join(shared, "*.csv"))
	if err != nil || len(files) == 0 {
		t.Fatalf("Glob: got %v, %v", files, err)
	}
	for _, file := range files {
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join("data", filepath.Base(file)))
		if err != nil {
			t.Errorf("%v: copy it from %s", err, shared)
		} else if !bytes.Equal(got, want) {
			t.Errorf("data/%s differs from its source: copy it from %s", filepath.Base(file), shared)
		}
	}
}

func TestSchemesAreNamed(t *testing.T) {
	seen := make(map[string]bool)
	for _, s := range vocabulary.All() {
		if !regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`).MatchString(s.Code) || seen[s.Code] {
			t.Errorf("scheme %q: want a new code in kebab-case", s.Code)
		}
		seen[s.Code] = true
		if s.Title[lang.Italian] == "" || s.Title[lang.English] == "" {
			t.Errorf("%s: got title %v, want it in Italian and English", s.Code, s.Title)
		}
		if named := s.Licence != "" && s.Attribution != ""; named == s.Own() {
			t.Errorf("%s: got licence %q and attribution %q of source %q", s.Code, s.Licence, s.Attribution, s.Source)
		}
		if got, ok := vocabulary.Get(s.Code); !ok || got != s {
			t.Errorf("Get(%q): got %v, %v", s.Code, got, ok)
		}
	}
	if s, ok := vocabulary.Get("colours"); ok || s != nil {
		t.Errorf(`Get("colours"): got %v, %v, want none`, s, ok)
	}
	defer func() {
		if recover() == nil {
			t.Error(`MustGet("colours"): want a panic`)
		}
	}()
	vocabulary.MustGet("colours")
}

func TestTermsHoldTogether(t *testing.T) {
	for _, s := range vocabulary.All() {
		codes := make(map[string]bool)
		for _, term := range s.Terms {
			if term.Code == "" || codes[term.Code] {
				t.Errorf("%s: code %q is empty or taken", s.Code, term.Code)
			}
			codes[term.Code] = true
			// Every source has Italian labels. What else one lacks, Label.In answers in Italian.
			if label, in := term.Label.In(lang.Urdu); label == "" || in != lang.Italian {
				t.Errorf("%s %q: got label %q in %q, want an Italian one", s.Code, term.Code, label, in)
			}
			for tag, label := range term.Label {
				if !lang.Known(tag) || label == "" || label != strings.TrimSpace(label) || len(label) > 200 {
					t.Errorf("%s %q: got label %q in %q", s.Code, term.Code, label, tag)
				}
			}
			for _, code := range term.Narrower {
				if n, ok := s.Term(code); !ok || n.Broader != term.Code {
					t.Errorf("%s %q: narrower %q is broader to %q", s.Code, term.Code, code, n.Broader)
				}
			}
			climb(t, s, term)
		}
	}
}

// climb reports a broader term that does not exist or a way up that does not end.
func climb(t *testing.T, s *vocabulary.Scheme, from vocabulary.Term) {
	t.Helper()
	term := from
	for range len(s.Terms) {
		if term.Broader == "" {
			return
		}
		b, ok := s.Term(term.Broader)
		if !ok || !slices.Contains(b.Narrower, term.Code) {
			t.Fatalf("%s %q: broader %q is unknown or does not know it", s.Code, term.Code, term.Broader)
		}
		term = b
	}
	t.Fatalf("%s %q: its broader terms go round in a circle", s.Code, from.Code)
}

func TestOwnListsAreWhole(t *testing.T) {
	for _, s := range vocabulary.All() {
		if !s.Own() {
			continue
		}
		labels := make(map[lang.Tag]map[string]string)
		for _, term := range s.Terms {
			if !regexp.MustCompile(`^[a-z0-9]+(_[a-z0-9]+)*$`).MatchString(term.Code) {
				t.Errorf("%s %q: want a code in snake_case", s.Code, term.Code)
			}
			if term.Label[lang.English] == "" {
				t.Errorf("%s %q: no English label", s.Code, term.Code)
			}
			if len(term.Label) != len(s.Terms[0].Label) {
				t.Errorf("%s %q: got %d labels, want %d as the first term has", s.Code, term.Code, len(term.Label), len(s.Terms[0].Label))
			}
			for tag, label := range term.Label {
				if labels[tag] == nil {
					labels[tag] = make(map[string]string)
				}
				if other, taken := labels[tag][label]; taken {
					t.Errorf("%s: %q and %q are both %q", s.Code, other, term.Code, label)
				}
				labels[tag][label] = term.Code
			}
		}
	}
}

func TestURILeadsToTheSameTermAsCode(t *testing.T) {
	for _, s := range vocabulary.All() {
		for _, want := range s.Terms {
			names := append([]string{want.Code}, want.Alternates...)
			if uri := want.URI; uri != "" {
				bare := strings.TrimPrefix(strings.TrimPrefix(uri, "https:"), "http:")
				names = append(names, uri, uri+"/", "http:"+bare, "https:"+bare+"/")
			}
			for _, name := range names {
				got, ok := s.Term(name)
				if !ok {
					t.Errorf("%s: no term %q", s.Code, name)
				} else if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s: Term(%q) mismatch (-want +got):\n%s", s.Code, name, diff)
				}
			}
		}
	}
}

func TestTerm(t *testing.T) {
	tests := []struct {
		name, scheme, input, want string // want is empty where there is no such term
	}{
		{"a notation", "channels", "01.1.1", "01.1.1"},
		{"the end of a URI is no code", "channels", "0111", ""},
		{"a notation with a space", "interactivity-levels", "LEVEL 1", "LEVEL 1"},
		{"letter case counts", "licences", "a.2.1", ""},
		{"an exact match", "sectors", "http://data.europa.eu/ux2/nace2/A", "A"},
		{"an exact match that two terms have", "channels", "http://id.esd.org.uk/channel/10", ""},
		{"an exact match in another list", "document-types", "https://w3id.org/italia/controlled-vocabulary/classifications-for-public-services/service-input-output/REQ", "8"},
		{"the text of a licence", "licences", "http://creativecommons.org/licenses/by/4.0", "A.2.1"},
		{"an ISO 639-1 code", "languages", "it", "ITA"},
		{"the ISO 639-1 code of a macrolanguage", "languages", "zh", "ZHO"},
		{"the URI of an authority for a term of ours", "service-status", "https://w3id.org/italia/onto/CPSV/NonActive", "inactive"},
		{"a label is no code", "audiences", "Cittadino", ""},
		{"nothing", "audiences", "", ""},
		{"a scheme of URIs only", "topics", "https://", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := vocabulary.MustGet(tt.scheme).Term(tt.input)
			if got.Code != tt.want || ok != (tt.want != "") {
				t.Errorf("Term(%q): got %q, %v, want %q", tt.input, got.Code, ok, tt.want)
			}
		})
	}
}

func TestNearest(t *testing.T) {
	tests := []struct {
		name, scheme, input, want string // want is empty where nothing is near
	}{
		{"a slip in a code", "audiences", "citizn", "citizen"},
		{"letters swapped", "contact-types", "phnoe", "phone"},
		{"letter case and punctuation", "service-status", "Under-Development", "under_development"},
		{"an Italian label", "audiences", "Cittadino", "citizen"},
		{"accents", "organisation-types", "universita", "university"},
		{"a slip in an Italian label", "service-categories", "Imprese e commercio", "12"},
		{"an English label", "life-events", "disability", "2"},
		{"what a label has in brackets", "licences", "CC BY 4.0", "A.2.1"},
		{"an alternate code", "languages", "IT", "ITA"},
		{"a code without its space", "interactivity-levels", "level1", "LEVEL 1"},
		{"a code without its points", "channels", "0111", "01.1.1"},
		{"a digit apart is another term", "channels", "02.9", ""},
		{"a URI of the list, ended by the code", "channels", "https://w3id.org/italia/controlled-vocabulary/classifications-for-public-services/channel/01.1.1", "01.1.1"},
		{"a URI of another list", "service-categories", "https://w3id.org/italia/controlled-vocabulary/classifications-for-public-services/life-business-event/life-event/2", ""},
		{"a code goes before a label", "contact-types", "email", "email"},
		{"something else", "audiences", "spaceship", ""},
		{"nothing", "audiences", "", ""},
		{"no letters", "audiences", "?!", ""},
		{"a novel", "audiences", strings.Repeat("citizen", 1000), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := vocabulary.MustGet(tt.scheme).Nearest(tt.input)
			if ok != (tt.want != "") || ok && got != tt.want {
				t.Errorf("Nearest(%q): got %q, %v, want %q", tt.input, got, ok, tt.want)
			}
		})
	}
}

func TestWithin(t *testing.T) {
	tests := []struct {
		name, scheme, input string
		want                []string
	}{
		{"the online channels", "channels", "02", []string{"02", "02.1", "02.2", "02.3", "02.4", "02.5"}},
		{"three levels", "channels", "01", []string{"01", "01.1", "01.1.1", "01.1.2", "01.1.3", "01.2", "01.2.1", "01.2.2", "01.2.3", "01.2.4", "01.2.5"}},
		{"by URI", "channels", "https://w3id.org/italia/controlled-vocabulary/classifications-for-public-services/channel/04", []string{"04", "04.1", "04.2"}},
		{"a leaf", "channels", "02.5", []string{"02.5"}},
		{"a section of ATECO", "sectors", "B", []string{"B", "05", "06", "07", "08", "09"}},
		{"a list of ours", "audiences", "foreign_citizen", []string{"foreign_citizen", "eu_citizen", "non_eu_citizen", "refugee"}},
		{"no such term", "channels", "99", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := vocabulary.MustGet(tt.scheme).Within(tt.input)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Within(%q) mismatch (-want +got):\n%s", tt.input, diff)
			}
		})
	}
}

func TestTermOfACategoryKeepsItsLinks(t *testing.T) {
	category, _ := vocabulary.MustGet("service-categories").Term("4")
	found := make(map[string][]string)
	for _, uri := range category.Related {
		for _, scheme := range []string{"data-themes", "life-events", "business-events"} {
			if term, ok := vocabulary.MustGet(scheme).Term(uri); ok {
				found[scheme] = append(found[scheme], term.Code)
			}
		}
	}
	want := map[string][]string{"data-themes": {"TRAN"}, "life-events": {"5", "6", "7"}}
	if diff := cmp.Diff(want, found); diff != "" {
		t.Errorf("Related mismatch (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]lang.Tag{lang.English}, category.Ours); diff != "" {
		t.Errorf("Ours mismatch (-want +got):\n%s", diff)
	}
}

func FuzzTermAndNearest(f *testing.F) {
	for _, input := range []string{"citizen", "01.1.1", "https://", "://", "http:///", "\xff", "à", "(", "LEVEL 1"} {
		f.Add(input)
	}
	schemes := vocabulary.All()
	f.Fuzz(func(t *testing.T, input string) {
		for _, s := range schemes {
			if term, ok := s.Term(input); ok {
				if again, ok := s.Term(term.Code); !ok || again.Code != term.Code {
					t.Errorf("%s: Term(%q) gave %q, which is no code", s.Code, input, term.Code)
				}
			}
			code, ok := s.Nearest(input)
			if _, known := s.Term(code); ok && !known {
				t.Errorf("%s: Nearest(%q) gave %q, which is no code", s.Code, input, code)
			}
			if !ok && code != "" {
				t.Errorf("%s: Nearest(%q) gave %q though nothing is near", s.Code, input, code)
			}
		}
	})
}

func BenchmarkTerm(b *testing.B) {
	channels := vocabulary.MustGet("channels")
	b.Run("code", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			channels.Term("05.4.1")
		}
	})
	b.Run("uri", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			channels.Term("https://w3id.org/italia/controlled-vocabulary/classifications-for-public-services/channel/0541")
		}
	})
}

func BenchmarkNearest(b *testing.B) {
	languages := vocabulary.MustGet("languages")
	b.ReportAllocs()
	for b.Loop() {
		languages.Nearest("italianno")
	}
}
