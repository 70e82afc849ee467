package rdf_test

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	parser "github.com/knakk/rdf"
	"pgregory.net/rapid"

	"github.com/comuneprato/service-catalogue/internal/format/rdf"
	"github.com/comuneprato/service-catalogue/internal/lang"
)

var (
	names = rdf.NewVocabulary(rdf.Prefix{Name: "ex", IRI: "https://example.org/ns#"}, rdf.Prefix{Name: "xsd", IRI: "http://www.w3.org/2001/XMLSchema#"})
	said  = names.Property("ex:said", rdf.Text)
	code  = names.Property("ex:code", rdf.String)
	on    = names.Property("ex:on", rdf.Date)
	to    = names.Property("ex:to", rdf.Resource)
)

func TestTurtle(t *testing.T) {
	g := rdf.NewGraph()
	g.Node("https://example.org/1").Is("ex:Thing", "ex:Other", "ex:Thing").
		Say(said, lang.Text{lang.Italian: "uno", lang.English: "one"}).Say(said, lang.Text{lang.English: "one"}).
		Set(code, "").Set(on, "2026-01-02").Link(to, nil, g.Node("https://example.org/2")).See(to, "https://example.org/3")
	const want = `@prefix ex: <https://example.org/ns#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

<https://example.org/1> a ex:Thing, ex:Other ;
	ex:said "one"@en, "uno"@it ;
	ex:on "2026-01-02"^^xsd:date ;
	ex:to <https://example.org/2>, <https://example.org/3> .
`
	if got := string(rdf.Document(rdf.Turtle{Vocabulary: names}, g)); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// hostile are texts that end strings, comments or lines early, or that hide what they are.
var hostile = []string{
	`"`, `\`, `\"`, `"""`, "'", "a\nb", "a\r\nb", "\t", "\x00", "\x1f", "\x7f", "\u0085", "\u2028\u2029", "\u202e\u2066txt", "\ufeff", "\U0001f600",
	"]]>", "</script>", "<!--", "# @prefix ex: <x> .", `\u0022 . <a> <b> "`, "@en", `x"@en . <a> <b> <c> . "`, "${x}", "\u00e8", "e\u0300", strings.Repeat("x", 70_000),
}

func TestTextsComeBackAsTheyWere(t *testing.T) {
	for _, text := range hostile {
		comesBack(t, text)
	}
	rapid.Check(t, func(t *rapid.T) {
		comesBack(t, rapid.String().Filter(func(s string) bool { return s != "" }).Draw(t, "text"))
	})
}

func comesBack(t rapid.TB, text string) {
	t.Helper()
	g := rdf.NewGraph()
	g.Node("https://example.org/1").Set(code, text).Say(said, lang.Text{lang.Italian: text})

	document := rdf.Document(rdf.Turtle{Vocabulary: names}, g)
	triples, err := parser.NewTripleDecoder(bytes.NewReader(document), parser.Turtle).DecodeAll()
	if err != nil || len(triples) != 2 {
		t.Fatalf("%q: %d triples, %v in %s", text, len(triples), err, document)
	}
	for _, triple := range triples {
		if got := triple.Obj.String(); got != text {
			t.Errorf("in Turtle: got %q, want %q", got, text)
		}
	}

	document = rdf.Document(rdf.JSONLD{Context: "https://example.org/context"}, g)
	var read struct {
		Graph []struct {
			Code []string            `json:"ex:code"`
			Said map[string][]string `json:"ex:said"`
		} `json:"@graph"`
	}
	if err := json.Unmarshal(document, &read); err != nil {
		t.Fatalf("%q: %v in %s", text, err, document)
	}
	if n := read.Graph[0]; n.Code[0] != text || n.Said["it"][0] != text {
		t.Errorf("in JSON-LD: got %q, want %q", n, text)
	}
}

func TestAddresses(t *testing.T) {
	for written, want := range map[string]string{
		"https://example.org":              "https://example.org",
		" https://example.org/a b ":        "https://example.org/a%20b",
		"https://example.org/{id}?q=\"<>|": "https://example.org/%7Bid%7D?q=%22%3C%3E%7C",
		"https://example.org/è\\^`":        "https://example.org/%C3%A8%5C%5E%60",
		"https://example.org/100%/%20%2":   "https://example.org/100%25/%20%252",
		"https://example.org/#a#b":         "https://example.org/#a%23b",
		"https://[2001:db8::1]/[1]":        "https://[2001:db8::1]/%5B1%5D",
		"https://example.org?a[]=1":        "https://example.org?a%5B%5D=1",
		"mailto:a@example.org":             "mailto:a@example.org",
		"https://example.org/\n> . <x":     "https://example.org/%0A%3E%20.%20%3Cx",
		"":                                 "",
		"example.org":                      "",
		"/here":                            "",
		"https://":                         "",
		"https://example.org:port/":        "",
	} {
		if got := rdf.Address(written); got != want {
			t.Errorf("%q: got %q, want %q", written, got, want)
		}
	}
}

// iri is what Turtle takes between angle brackets (https://www.w3.org/TR/turtle/#grammar-production-IRIREF), but for escapes.
var iri = regexp.MustCompile("^[a-zA-Z][a-zA-Z0-9+.-]*:[^\\x00-\\x20<>\"{}|^`\\\\]+$")

func TestAnAddressIsAlwaysAnIRI(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		written := rapid.SampledFrom([]string{"", "https://example.org/", "https://", "mailto:"}).Draw(t, "start") + rapid.String().Draw(t, "rest")
		got := rdf.Address(written)
		if got != "" && !iri.MatchString(got) {
			t.Errorf("%q makes %q", written, got)
		}
		if again := rdf.Address(got); again != got {
			t.Errorf("%q makes %q, and that %q", written, got, again)
		}
	})
}

func TestAVocabularyRefusesWhatTheProgramGotWrong(t *testing.T) {
	for name, wrong := range map[string]func(){
		"a property twice":             func() { names.Property("ex:said", rdf.Text) },
		"a prefix that is not known":   func() { names.Property("other:said", rdf.Text) },
		"a text for a code":            func() { rdf.NewGraph().Node("https://example.org/1").Say(code, lang.Of("x")) },
		"a link from a text property":  func() { rdf.NewGraph().Node("https://example.org/1").See(said, "https://example.org/2") },
		"an IRI of a prefix not known": func() { names.IRI("other:x") },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("it was taken")
				}
			}()
			wrong()
		})
	}
}
