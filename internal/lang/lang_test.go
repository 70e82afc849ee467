package lang_test

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/comuneprato/service-catalogue/internal/lang"
)

func TestMatchServesAcceptLanguage(t *testing.T) {
	for _, test := range []struct {
		accept          string
		content, spoken lang.Tag
	}{
		{"", "it", "it"},
		{"it", "it", "it"},
		{"it-CH", "it", "it"},
		{"en-GB", "en", "en"},
		{"EN", "en", "en"},
		{"en-GB,en;q=0.9,it;q=0.8", "en", "en"},
		{"en;q=0.4, it;q=0.5", "it", "it"},
		{"en;q=0.1,de;q=0.9", "de", "en"},
		{"fr-CA,en;q=0.8", "fr", "en"},
		{"de-AT", "de", "it"},
		{"zh-Hant", "zh", "it"},
		{"zh-TW", "zh", "it"},
		{"zh-Hans-CN", "zh", "it"},
		{"ur-PK", "ur", "en"},
		{"ar-EG", "ar", "it"},
		{"sq", "sq", "en"},
		{"sq-XK", "sq", "en"},
		{"ro-MD", "ro", "it"},
		{"mo", "ro", "it"},
		{"es-419", "es", "it"},
		{"xx", "it", "it"},
		{"xx, en;q=0.5", "en", "en"},
		{"en_GB!, fr;q=high, de;q=0.2, en;q=0.1", "de", "en"},
		{"en;Q=0.1, de;Q=0.9", "de", "en"},
		{"pt-BR", "it", "it"},
		{"pt-BR, fr;q=0.5", "fr", "it"},
		{"*", "it", "it"},
		{"*;q=0.5, fr", "fr", "it"},
		{"fr;q=0.5, *;q=0.1", "fr", "it"},
		{"en;q=0", "it", "it"},
		{"it;q=0, en", "en", "en"},
		{"it;q=0.0, en;q=0.0", "it", "it"},
		{"und", "it", "it"},
		{"!!", "it", "it"},
		{";", "it", "it"},
		{",,,", "it", "it"},
		{"en;q=high", "it", "it"},
		{"en-*", "it", "it"},
		{"english please", "it", "it"},
		{"en\x00", "it", "it"},
		{strings.Repeat("en-", 10_000), "it", "it"},
		{strings.Repeat("de,", 10_000) + "en", "de", "it"}, // more than are read
	} {
		name := test.accept[:min(len(test.accept), 40)]
		if got := lang.Match(test.accept); got != test.content {
			t.Errorf("Match(%q): got %s, want %s", name, got, test.content)
		}
		if got := lang.MatchSpoken(test.accept); got != test.spoken {
			t.Errorf("MatchSpoken(%q): got %s, want %s", name, got, test.spoken)
		}
	}
}

func FuzzMatch(f *testing.F) {
	for _, accept := range []string{"", "*", "en-GB,en;q=0.9", "zh-Hant-TW-x-a", "it;q=0", "!!", "a-b-c-d-e-f", "en;q=1e9,", "ur-PK-u-nu-arab"} {
		f.Add(accept)
	}
	f.Fuzz(func(t *testing.T, accept string) {
		if got := lang.Match(accept); !lang.Known(got) {
			t.Errorf("Match(%q): got %q, want a content language", accept, got)
		}
		if got := lang.MatchSpoken(accept); !slices.Contains(lang.Spoken, got) {
			t.Errorf("MatchSpoken(%q): got %q, want a spoken language", accept, got)
		}
	})
}

func TestTextFallsBack(t *testing.T) {
	for _, test := range []struct {
		name string
		text lang.Text
		want lang.Tag
		s    string
		tag  lang.Tag
	}{
		{"wanted", lang.Text{"it": "a", "en": "b"}, "en", "b", "en"},
		{"Italian instead", lang.Text{"it": "a", "ar": "b"}, "en", "a", "it"},
		{"the first there is", lang.Text{"zh": "c", "ar": "b"}, "en", "b", "ar"},
		{"the first there is, for Italian", lang.Text{"zh": "c", "en": "b"}, "it", "b", "en"},
		{"empty", lang.Text{}, "en", "", "en"},
		{"nil", nil, "it", "", "it"},
		{"made of Italian", lang.Of("a"), "it", "a", "it"},
		{"empty string that is there", lang.Text{"it": "a", "en": ""}, "en", "", "en"},
	} {
		if s, tag := test.text.In(test.want); s != test.s || tag != test.tag {
			t.Errorf("%s: got %q in %s, want %q in %s", test.name, s, tag, test.s, test.tag)
		}
	}
}

func TestLanguagesAreKnown(t *testing.T) {
	for _, tag := range append(lang.Tags, lang.Spoken...) {
		if !lang.Known(tag) {
			t.Errorf("%s is not known", tag)
		}
		if got := lang.Match(string(tag)); got != tag {
			t.Errorf("Match(%q): got %s, want itself", tag, got)
		}
	}
	for _, tag := range []lang.Tag{"", "*", "IT", "it-IT", "pt"} {
		if lang.Known(tag) {
			t.Errorf("%q is known", tag)
		}
	}
}

func TestMessageSpeaksTheLanguage(t *testing.T) {
	for _, test := range []struct {
		name string
		tag  lang.Tag
		key  string
		args []any
		want string
	}{
		{"Italian", "it", "rule.required.message", nil, "Manca un valore obbligatorio."},
		{"English", "en", "rule.required.message", nil, "A required value is missing."},
		{"a language that is not spoken", "de", "rule.required.message", nil, "Manca un valore obbligatorio."},
		{"arguments", "en", "rule.unknown_field.message", []any{"titel"}, "There is no field “titel”."},
		{"second argument alone", "en", "rule.term.expected", []any{"x", "topics"}, "a code or a URI of the vocabulary topics"},
		{"arguments that the sentence has no place for", "en", "rule.unknown_field.expected", []any{"titel"}, "a known field"},
		{"percent in an argument", "en", "rule.unknown_field.message", []any{"100%d"}, "There is no field “100%d”."},
		{"unknown key", "en", "rule.nonesuch.message", []any{1}, "rule.nonesuch.message"},
	} {
		if got := lang.Message(test.tag, test.key, test.args...); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
	if !lang.HasMessage("near") || lang.HasMessage("far") {
		t.Error("HasMessage: want true for near alone")
	}
}

// messages reads the messages file of a language.
func messages(t *testing.T, tag lang.Tag) map[string]string {
	t.Helper()
	data, err := os.ReadFile("messages/" + string(tag) + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]string
	if err := json.Unmarshal(data, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

var (
	verb  = regexp.MustCompile(`%\[[1-9]\][sdv]`)
	named = regexp.MustCompile(`"([^"]+)": "`)
)

func TestEveryLanguageHasTheSameSentences(t *testing.T) {
	want := messages(t, lang.Spoken[0])
	for _, tag := range lang.Spoken {
		got := messages(t, tag)
		for key, sentence := range want {
			other, ok := got[key]
			if !ok {
				t.Errorf("messages/%s.json lacks %q: %s", tag, key, sentence)
				continue
			}
			if diff := cmp.Diff(verbs(sentence), verbs(other)); diff != "" {
				t.Errorf("messages/%s.json: the arguments of %q differ (-%s +%s):\n%s", tag, key, lang.Spoken[0], tag, diff)
			}
			if left := verb.ReplaceAllString(other, ""); strings.Contains(left, "%") || strings.TrimSpace(other) == "" {
				t.Errorf("messages/%s.json: %q is %q, want a sentence with explicit indexes as its only verbs", tag, key, other)
			}
		}
		for key := range got {
			if _, ok := want[key]; !ok {
				t.Errorf("messages/%s.json has %q, which %s lacks", tag, key, lang.Spoken[0])
			}
		}
	}
}

// verbs lists the arguments that a sentence puts in, each once.
func verbs(sentence string) []string {
	found := verb.FindAllString(sentence, -1)
	slices.Sort(found)
	return slices.Compact(found)
}

func TestNoSentenceIsThereTwice(t *testing.T) {
	for _, tag := range lang.Spoken {
		data, err := os.ReadFile("messages/" + string(tag) + ".json")
		if err != nil {
			t.Fatal(err)
		}
		if got, want := len(named.FindAll(data, -1)), len(messages(t, tag)); got != want {
			t.Errorf("messages/%s.json: got %d lines for %d keys, want one for each", tag, got, want)
		}
	}
}

func BenchmarkMatch(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		lang.Match("en-GB,en-US;q=0.9,en;q=0.8,it;q=0.7")
	}
}
