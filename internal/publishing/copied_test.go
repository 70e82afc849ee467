package publishing_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
)

// long is a text of sixty words that nobody else has.
func long(name string) string {
	words := make([]string, 60)
	for i := range words {
		words[i] = fmt.Sprintf("%s%d", name, i)
	}
	return strings.Join(words, " ")
}

// copies lists what findings say was copied, each with the entry that it is from.
func copies(all catalogue.Findings) []string {
	var list []string
	for _, f := range all {
		if f.Rule == "copied" {
			list = append(list, fmt.Sprint(f.Pointer, " from ", f.Args[1], " ", f.Args[0], f.Args[2]))
		}
	}
	return list
}

func TestCopiedTextsNameTheEntryThatTheyAreFrom(t *testing.T) {
	run(t, func(t *testing.T, r room) {
		described := func(text string) string { return titled("Ufficio", fmt.Sprintf(`"description":{"it":%q}`, text)) }
		check := func(what string, got, want []string) {
			t.Helper()
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s: copies mismatch (-want +got):\n%s", what, diff)
			}
		}
		original := office("prato", "originale")
		r.put(t, original, described(long("a")), public)
		r.put(t, office("prato", "bozza"), described(long("b")), draft)
		nearly := strings.Replace(long("a"), "a7 ", "altro ", 1)
		from := []string{"/description/it from office prato/originale/description"}

		copied := r.put(t, place("gida", "copia"), described(nearly), public)
		check("a copy of another kind and publisher", copies(copied.State.Findings), from)
		check("the copy, read again", copies(r.get(t, place("gida", "copia")).Findings), from)
		check("the draft of somebody", copies(r.put(t, place("gida", "b"), described(long("b")), public).State.Findings), nil)
		check("a text of its own", copies(r.put(t, place("gida", "c"), described(long("c")), public).State.Findings), nil)

		validate := func(as catalogue.Ref, text string) []string {
			_, found, err := r.Validate(t.Context(), as, catalogue.LevelDraft, []byte(described(text)))
			if err != nil {
				t.Fatal(err)
			}
			return copies(found)
		}
		check("a copy that is only checked", validate(catalogue.Ref{Kind: catalogue.KindPlace}, long("c")), []string{"/description/it from place gida/c/description"})
		check("an entry checked as itself", validate(place("gida", "c"), long("c")), nil)

		r.put(t, original, described(long("d")), public)
		check("what the original said before", copies(r.put(t, place("gida", "e"), described(long("a")), public).State.Findings),
			[]string{"/description/it from place gida/copia/description"})
		r.move(t, place("gida", "c"), withdraw)
		check("a text that is no longer public", validate(catalogue.Ref{Kind: catalogue.KindPlace}, long("c")), nil)
	})
}

func TestValidationFindsReferencesThatLeadBack(t *testing.T) {
	run(t, func(t *testing.T, r room) {
		r.put(t, office("prato", "a"), titled("A"), public)
		r.put(t, office("prato", "b"), titled("B", `"parent":"prato/a"`), public)
		r.put(t, office("prato", "bozza"), titled("C", `"parent":"prato/b"`), draft)
		for _, test := range []struct {
			name   string
			as     catalogue.Ref
			parent string
			want   []string
		}{
			{"below one that is below it", office("prato", "a"), "prato/b", []string{"/parent cycle"}},
			{"below itself", office("prato", "a"), "prato/a", []string{"/parent cycle"}},
			{"new, below itself", office("prato", "new"), "prato/new", []string{"/parent cycle"}},
			{"below one that a draft has below it", office("prato", "a"), "prato/bozza", []string{"/parent exists"}},
			{"new, below another", office("prato", "new"), "prato/b", nil},
			{"nobody's, below another", catalogue.Ref{Kind: catalogue.KindOffice}, "prato/b", nil},
		} {
			_, found, err := r.Validate(t.Context(), test.as, catalogue.LevelDraft, []byte(titled("X", `"parent":"`+test.parent+`"`)))
			if err != nil {
				t.Fatal(err)
			}
			if got := findings(found, catalogue.SeverityError); !slices.Equal(got, test.want) {
				t.Errorf("%s: got errors %v, want %v", test.name, got, test.want)
			}
		}
	})
}
