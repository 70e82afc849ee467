package publishing_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/publishing"
)

// The examples of RFC 7396, appendix A, in the shapes that a document has: a string member is a district, an object
// the address, a list the keywords.
func TestPatchFollowsTheExamplesOfTheRFC(t *testing.T) {
	tests := []struct{ name, original, patch, want string }{
		{"a value is replaced", `"district":"b"`, `{"district":"c"}`, `"district":"c"`},
		{"a member is added", `"district":"b"`, `{"address":{"city":"c"}}`, `"address":{"city":"c"},"district":"b"`},
		{"a member is removed", `"district":"b"`, `{"district":null}`, ``},
		{"one of two is removed", `"address":{"city":"b"},"district":"b"`, `{"district":null}`, `"address":{"city":"b"}`},
		{"a list is replaced by another", `"keywords":[{"it":"b"}]`, `{"keywords":[{"it":"c"},{"it":"d"}]}`, `"keywords":[{"it":"c"},{"it":"d"}]`},
		{"a list is removed", `"keywords":[{"it":"b"}]`, `{"keywords":null}`, ``},
		{"an object in an object", `"address":{"street":"b","city":"c"}`, `{"address":{"street":"d","number":null}}`, `"address":{"street":"d","city":"c"}`},
		{"a list of objects is not merged", `"keywords":[{"it":"b","en":"c"}]`, `{"keywords":[{"it":"b"}]}`, `"keywords":[{"it":"b"}]`},
		{"what is not there is removed", ``, `{"district":null}`, ``},
		{"nulls in a new object", ``, `{"address":{"city":"b","street":null}}`, `"address":{"city":"b"}`},
		{"nulls in a new list", ``, `{"keywords":[{"it":"b","en":null}]}`, `"keywords":[{"it":"b"}]`},
		{"one language of a text", `"access":{"it":"b","en":"c"}`, `{"access":{"en":null,"fr":"d"}}`, `"access":{"fr":"d","it":"b"}`},
		{"what HTML escapes", `"district":"b"`, `{"district":"<c> & \"d\" \u2028"}`, `"district":"<c> & \"d\" \u2028"`},
		{"numbers", `"point":{"lat":1,"lon":2}`, `{"point":{"lat":43.880712345678}}`, `"point":{"lat":43.880712345678,"lon":2}`},
	}
	run(t, func(t *testing.T, r room) {
		for i, tt := range tests {
			members := func(list string) []string {
				if list == "" {
					return nil
				}
				return []string{list}
			}
			ref := place("prato", fmt.Sprint(i))
			r.put(t, ref, titled("A", members(tt.original)...), draft)
			result, err := r.Patch(t.Context(), ref, []byte(tt.patch), draft)
			if err != nil {
				t.Errorf("%s: %v %v", tt.name, err, findingsOf(err))
				continue
			}
			if got, want := string(result.State.Document), titled("A", members(tt.want)...); got != want {
				t.Errorf("%s: got %s, want %s", tt.name, got, want)
			}
		}
	})
}

func TestPatchRefusesWhatIsNoPatch(t *testing.T) {
	run(t, func(t *testing.T, r room) {
		anagrafe := office("prato", "anagrafe")
		r.put(t, anagrafe, titled("Anagrafe"), draft)
		patch := func(body string) func() (publishing.Result, error) {
			return func() (publishing.Result, error) { return r.Patch(t.Context(), anagrafe, []byte(body), draft) }
		}
		for _, body := range []string{``, ` `, `{`, `{"title":}`, `{} {}`, "\xff", `{"a":1,}`} {
			r.refused(t, catalogue.ErrMalformed, patch(body))
		}
		for _, body := range []string{`null`, `true`, `1`, `"title"`, `[]`, `[{"title":{"it":"A"}}]`} {
			r.refusedAt(t, patch(body), " type")
		}
		for body, want := range map[string][]string{
			`{"title":null}`:                                {"/title required"},
			`{"title":{"it":null}}`:                         {"/title italian"},
			`{"titel":{"it":"A"}}`:                          {"/titel unknown_field"},
			`{"titel":null}`:                                {"/titel unknown_field"},
			`{"parent":"prato/a","parent":null}`:            {"/parent duplicate"},
			`{"title":{"it":"A","it":"B"}}`:                 {"/title/it duplicate"},
			`{"title":"A","parent":"x","bookingUrl":"ftp"}`: {"/bookingUrl link", "/parent reference", "/title type"},
			`{"parent":"prato/nessuno"}`:                    {"/parent exists"},
		} {
			r.refusedAt(t, patch(body), want...)
		}
		err := r.refused(t, catalogue.ErrNotFound, func() (publishing.Result, error) {
			return r.Patch(t.Context(), office("prato", "nessuno"), []byte(`{}`), draft)
		})
		if want := `changing office "prato/nessuno": not found`; err.Error() != want {
			t.Errorf("error = %q, want %q", err, want)
		}
	})
}

func TestPatchCanPublishAndRename(t *testing.T) {
	run(t, func(t *testing.T, r room) {
		anagrafe := office("prato", "anagrafe")
		r.put(t, anagrafe, titled("Anagrafe"), draft)
		result, err := r.Patch(t.Context(), anagrafe, []byte(`{"summary":{"it":"Certificati."},"slug":"certificati"}`), public)
		if err != nil || result.Position != 1 || result.State.Slug != "certificati" || result.Created || !result.Changed {
			t.Errorf("Patch = %+v, %v", result, err)
		}
		wantState(t, result.State, "published clean 2 1")
		result, err = r.Patch(t.Context(), anagrafe, []byte(`{"slug":null}`), draft)
		if err != nil || result.Changed || result.State.Slug != "certificati" {
			t.Errorf("Patch = %+v, %v, want the slug kept", result, err)
		}
		r.wantAudited(t, anagrafe, "create", "update", "publish")
	})
}

// members generates some members of an office's document, and null for others.
func members(nulls bool) *rapid.Generator[map[string]any] {
	word := rapid.SampledFrom([]string{"uno", "due", "tre <&>", "quattro \"è\"", "五"})
	text := rapid.Custom(func(t *rapid.T) any {
		m := map[string]any{"it": word.Draw(t, "it")}
		if rapid.Bool().Draw(t, "english") {
			m["en"] = word.Draw(t, "en")
		}
		if nulls && rapid.IntRange(0, 3).Draw(t, "null") == 0 {
			m[rapid.SampledFrom([]string{"en", "fr"}).Draw(t, "without")] = nil
		}
		return m
	})
	values := map[string]*rapid.Generator[any]{
		"title": text, "summary": text, "competences": text, "hoursText": text,
		"keywords":          rapid.Map(rapid.SliceOfN(text, 0, 3), func(s []any) any { return s }),
		"status":            rapid.SampledFrom([]any{"active", "inactive"}),
		"bookingUrl":        rapid.SampledFrom([]any{"https://example.org/a?b=c&d", "http://example.org"}),
		"officeCode":        rapid.SampledFrom([]any{"UFTNBJ", ""}),
		"deliveryLanguages": rapid.Map(rapid.SliceOfNDistinct(rapid.SampledFrom([]any{"ITA", "ENG", "DEU"}), 0, 3, rapid.ID[any]), func(s []any) any { return s }),
	}
	names := slices.Sorted(maps.Keys(values))
	return rapid.Custom(func(t *rapid.T) map[string]any {
		m := map[string]any{}
		for _, name := range rapid.SliceOfDistinct(rapid.SampledFrom(names), rapid.ID[string]).Draw(t, "names") {
			m[name] = values[name].Draw(t, name)
			if nulls && name != "title" && rapid.IntRange(0, 2).Draw(t, "null") == 0 {
				m[name] = nil
			}
		}
		return m
	})
}

// documents generates a whole document of an office.
var documents = rapid.Map(members(false), func(m map[string]any) map[string]any {
	if m["title"] == nil {
		m["title"] = map[string]any{"it": "Ufficio"}
	}
	return m
})

// merge is RFC 7396 to the letter.
func merge(target, patch any) any {
	p, ok := patch.(map[string]any)
	if !ok {
		return patch
	}
	merged := map[string]any{}
	if old, ok := target.(map[string]any); ok {
		maps.Copy(merged, old)
	}
	for name, value := range p {
		if value == nil {
			delete(merged, name)
		} else {
			merged[name] = merge(merged[name], value)
		}
	}
	return merged
}

func encode(t rapid.TB, v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestPatchObeysItsLaws(t *testing.T) {
	run(t, func(t *testing.T, r room) {
		n := 0
		rapid.Check(t, func(rt *rapid.T) {
			n++
			one, two := office("prato", fmt.Sprint("one", n)), office("prato", fmt.Sprint("two", n))
			document := documents.Draw(rt, "document")
			patch := members(true).Draw(rt, "patch")
			write := func(result publishing.Result, err error) publishing.Result {
				if err != nil && !errors.Is(err, catalogue.ErrInvalid) {
					rt.Fatal(err)
				}
				return result
			}
			ctx := t.Context()
			stored := write(r.Put(ctx, one, encode(rt, document), draft))
			write(r.Put(ctx, two, encode(rt, document), draft))
			if empty := write(r.Patch(ctx, one, []byte(`{}`), draft)); empty.Changed {
				rt.Errorf("the empty patch changed %s into %s", stored.State.Document, empty.State.Document)
			}
			if same := write(r.Put(ctx, one, stored.State.Document, draft)); same.Changed {
				rt.Errorf("putting what was got changed %s into %s", stored.State.Document, same.State.Document)
			}
			patched, patchErr := r.Patch(ctx, one, encode(rt, patch), draft)
			want, putErr := r.Put(ctx, two, encode(rt, merge(document, patch)), draft)
			if diff := cmp.Diff(findingsOf(putErr), findingsOf(patchErr)); diff != "" {
				rt.Errorf("errors mismatch (-put +patch):\n%s", diff)
			}
			if diff := cmp.Diff(string(want.State.Document), string(patched.State.Document)); diff != "" {
				rt.Errorf("patch of %s by %s mismatch (-merged by hand +patched):\n%s", encode(rt, document), encode(rt, patch), diff)
			}
			if patchErr != nil {
				return
			}
			if again := write(r.Patch(ctx, one, encode(rt, patch), draft)); again.Changed {
				rt.Errorf("the same patch again changed %s into %s", patched.State.Document, again.State.Document)
			}
			for name := range document {
				if name == "title" {
					continue
				}
				result := write(r.Patch(ctx, one, encode(rt, map[string]any{name: nil}), draft))
				var left map[string]any
				if err := json.Unmarshal(result.State.Document, &left); err != nil || left[name] != nil {
					rt.Errorf("a null left %s in %s", name, result.State.Document)
				}
			}
		})
	})
}
