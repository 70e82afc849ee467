package vocabulary

import (
	"strings"
	"unicode"

	"github.com/agext/levenshtein"
	"golang.org/x/text/unicode/norm"

	"github.com/comuneprato/service-catalogue/internal/lang"
)

// clue is a spelling by which somebody may have meant a term.
type clue struct {
	runes []rune
	code  string
	exact bool // a notation such as "01.1": a digit apart is another term, not a slip
}

// maxSlips is how many edits a suggestion may be away from the input, however long the input is.
const maxSlips = 4

// longestLabel bounds the work of one suggestion; the labels of all lists are shorter.
const longestLabel = 200

// Nearest suggests the code that somebody may have meant by an unknown one: of the codes, alternate codes and Italian
// and English labels, the one with the fewest edits to the input, letter case, accents, spaces and punctuation aside.
// Of the terms equally near, a code goes before a label and an earlier term before a later one. A URI is only compared
// with those of the same namespace, by its last part. ok is false if nothing is near.
func (s *Scheme) Nearest(input string) (code string, ok bool) {
	if len(input) > 4*longestLabel {
		return "", false
	}
	labels := true
	if isURI(input) {
		uri := canonical(input)
		cut := strings.LastIndexByte(uri, '/')
		if uri[:cut] != s.namespace() {
			return "", false
		}
		input, labels = uri[cut+1:], false
	}
	in := []rune(fold(input))
	if len(in) == 0 || len(in) > longestLabel {
		return "", false
	}
	within := min((len(in)+1)/3, maxSlips)
	if !labels || !strings.ContainsFunc(string(in), unicode.IsLetter) {
		within = 0
	}
	best := within + 1
	for _, c := range s.clues() {
		if c.exact && string(c.runes) != string(in) {
			continue
		}
		if max(len(in), len(c.runes))-min(len(in), len(c.runes)) >= best {
			continue
		}
		// No limit is given to the library: with one, v1.2.3 finds "spaceship" two edits from "everyone".
		if d, _, _ := levenshtein.Calculate(in, c.runes, 0, 1, 1, 1); d < best {
			best, code = d, c.code
		}
		if best == 0 {
			break
		}
	}
	return code, best <= within
}

func (s *Scheme) namespace() string {
	uri := canonical(s.Terms[0].URI)
	return uri[:max(strings.LastIndexByte(uri, '/'), 0)]
}

// spellings lists what Nearest compares with: all codes, then all labels, and of a label that ends in brackets both
// parts, so that "CC BY 4.0" finds its licence.
func (s *Scheme) spellings() []clue {
	var codes, labels []clue
	for _, t := range s.Terms {
		for _, code := range append([]string{t.Code}, t.Alternates...) {
			folded := fold(code)
			codes = append(codes, clue{[]rune(folded), t.Code, !strings.ContainsFunc(folded, unicode.IsLetter)})
		}
		for _, tag := range []lang.Tag{lang.Italian, lang.English} {
			label := t.Label[tag]
			for _, part := range append([]string{label}, brackets(label)...) {
				if folded := []rune(fold(part)); len(folded) > 0 {
					labels = append(labels, clue{folded, t.Code, false})
				}
			}
		}
	}
	return append(codes, labels...)
}

func brackets(label string) []string {
	before, inside, found := strings.Cut(label, "(")
	if !found || !strings.HasSuffix(inside, ")") {
		return nil
	}
	return []string{before, strings.TrimSuffix(inside, ")")}
}

// fold keeps the letters and digits of a string, in lower case and without accents.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFKD.String(s))
}
