package catalogue_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/lang"
)

// sentence is a text of n words, the same for the same seed.
func sentence(seed, n int) []string {
	words := make([]string, n)
	for i := range words {
		words[i] = fmt.Sprintf("parola%d", (seed+1)*1000+i)
	}
	return words
}

func sketched(words []string) (string, []int64) {
	text := strings.Join(words, " ")
	sketches := catalogue.Sketches(&catalogue.Place{Head: catalogue.Head{Title: lang.Of("a"), Description: lang.Of(text)}})
	if len(sketches) != 1 {
		return text, nil
	}
	return text, sketches[0].Bands
}

func TestSketchesFindTextsAgainThatWereCopied(t *testing.T) {
	const texts = 100
	for _, test := range []struct {
		name        string
		change      func([]string) []string
		alike       bool
		least, most int // of a hundred texts that share a band
	}{
		{"the same", func(w []string) []string { return w }, true, texts, texts},
		{"capitals and commas", func(w []string) []string { return strings.Split(strings.ToUpper(strings.Join(w, ", ")), " ") }, true, texts, texts},
		{"two words of eighty", func(w []string) []string { w[20], w[60] = "altra", "ancora"; return w }, true, 98, texts},
		{"a sentence more", func(w []string) []string { return append(w, sentence(-1, 8)...) }, true, 98, texts},
		{"half of it", func(w []string) []string { return append(w[:40], sentence(-1, 40)...) }, false, 0, 80},
		{"another", func([]string) []string { return sentence(-1, 80) }, false, 0, 0},
	} {
		common := 0
		for seed := range texts {
			a, bands := sketched(sentence(seed, 80))
			b, others := sketched(test.change(sentence(seed, 80)))
			if got := catalogue.Alike(a, b); got != test.alike {
				t.Fatalf("%s: Alike got %t, want %t", test.name, got, test.alike)
			}
			if slices.ContainsFunc(bands, func(band int64) bool { return slices.Contains(others, band) }) {
				common++
			}
		}
		if common < test.least || common > test.most {
			t.Errorf("%s: %d of %d texts share a band, want %d to %d", test.name, common, texts, test.least, test.most)
		}
	}
}

func TestShortTextsAreNeverCopies(t *testing.T) {
	text, bands := sketched(sentence(1, 29))
	if bands != nil || catalogue.Alike(text, text) {
		t.Errorf("29 words: got bands %v and Alike %t, want none", bands, catalogue.Alike(text, text))
	}
	if _, bands = sketched(sentence(1, 30)); bands == nil {
		t.Error("30 words: got no bands")
	}
}
