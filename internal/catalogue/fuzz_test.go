package catalogue_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/catalogue/cataloguetest"
	"github.com/comuneprato/service-catalogue/internal/lang"
)

var pointerSyntax = regexp.MustCompile(`^(/([^~/]|~[01])*)*$`)

func FuzzDecode(f *testing.F) {
	for i, kind := range catalogue.Kinds {
		f.Add(i, []byte(catalogue.Encode(cataloguetest.Sample(kind))))
		broken, err := os.ReadFile(filepath.Join("testdata", "broken-"+string(kind)+".json"))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(i, broken)
	}
	f.Add(0, []byte(`[{}]`))
	f.Add(3, []byte(`{"title":{},"areas":[null,{}],"contacts":[null,{"entries":[null]}],"costs":[{}],"processingTime":{},"a~/b":1}`))
	f.Add(1, []byte("\ufeff"+`{"point":{"lat":-0.0,"lon":1e-300},"title":{"it":"\ud83d\ude00\ud83d"}}`))
	entries := cataloguetest.NewEntries()
	f.Fuzz(func(t *testing.T, i int, data []byte) {
		kind := catalogue.Kinds[((i%len(catalogue.Kinds))+len(catalogue.Kinds))%len(catalogue.Kinds)]
		doc, findings, err := catalogue.Decode(kind, data)
		if (err == nil) != (catalogue.CheckJSON(data) == nil) {
			t.Fatalf("Decode and CheckJSON disagree: %v", err)
		}
		if err != nil {
			return
		}
		catalogue.Check(doc, catalogue.LevelPortal, &findings)
		for _, x := range findings {
			if !pointerSyntax.MatchString(string(x.Pointer)) {
				t.Errorf("%s: %q is no JSON Pointer", x.Rule, x.Pointer)
			}
		}
		for _, x := range findings.In(lang.English) {
			if strings.HasPrefix(x.Message, "rule.") || x.Message == "" || x.Expected == "" {
				t.Errorf("%s has no sentence", x.Rule)
			}
		}
		encoded := catalogue.Encode(doc)
		again, _, err := catalogue.Decode(kind, []byte(encoded))
		if err != nil {
			t.Fatalf("%v in what Encode wrote: %s", err, encoded)
		}
		if got := catalogue.Encode(again); got != encoded {
			t.Fatalf("encoded again: got %s, want %s", got, encoded)
		}
		catalogue.References(doc)
		entry := cataloguetest.NewEntryAmong(entries, sampleRefs[kind], doc, 1)
		catalogue.FactsOf(entry, entries)
		w := catalogue.Words{Lang: lang.English, PublicURL: publicURL, Resolver: entries}
		if view := w.View(entry).Object.Append(nil); !findings.HasErrors() && !json.Valid(view) {
			t.Fatalf("the view is no JSON: %s", view)
		}
	})
}

func FuzzParseRef(f *testing.F) {
	for _, s := range []string{"a/b", "", "/", "a/b/c", "../..", "prato-comune/prato-comune", "a/è", "a/b\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		ref, ok := catalogue.ParseRef(catalogue.KindPlace, s)
		switch {
		case !ok && ref != catalogue.Ref{}:
			t.Errorf("ParseRef(%q): got %+v with ok false, want nothing", s, ref)
		case ok && (ref.String() != s || !catalogue.ValidKey(ref.Publisher) || !catalogue.ValidKey(ref.Key) || ref.Kind != catalogue.KindPlace):
			t.Errorf("ParseRef(%q): got %+v, want its parts", s, ref)
		}
	})
}

func FuzzValidSlug(f *testing.F) {
	for _, s := range []string{"a", "", "a-b", "-a", "a--b", "A", "à", "a\n", "01890a5d-ac96-774b-bcce-b302099a8057", strings.Repeat("a", 101)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		plain := s != "" && len(s) <= catalogue.MaxSlug && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == "" &&
			!strings.HasPrefix(s, "-") && !strings.HasSuffix(s, "-") && !strings.Contains(s, "--") && !catalogue.LooksLikeID(s)
		if got := catalogue.ValidSlug(s); got != plain {
			t.Errorf("ValidSlug(%q): got %t, want %t", s, got, plain)
		}
	})
}

func FuzzDecodeRequest(f *testing.F) {
	for _, s := range []string{
		`{"kind":"service","level":"portal","document":{"title":{"it":"a"}}}`, `{"kind":1,"Level":"x","level":"y","level":"z"}`, `[]`, `{"document":null}`, `{`, "\xff",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var request struct {
			Kind     string          `json:"kind"`
			Level    string          `json:"level,omitempty"`
			Document json.RawMessage `json:"document"`
		}
		findings, err := catalogue.DecodeRequest(data, &request)
		if (err == nil) != (catalogue.CheckJSON(data) == nil) {
			t.Fatalf("DecodeRequest and CheckJSON disagree: %v", err)
		}
		if len(request.Document) > 0 && !json.Valid(request.Document) {
			t.Errorf("the document that was read is no JSON: %q", request.Document)
		}
		for _, x := range findings.In(lang.Italian) {
			if !pointerSyntax.MatchString(x.Pointer) || x.Message == "" || x.Expected == "" || x.Help == "" {
				t.Errorf("the finding lacks something: %+v", x)
			}
		}
	})
}
