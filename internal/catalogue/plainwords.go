package catalogue

import (
	"cmp"
	_ "embed" // for the words
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

//go:embed plainwords.json
var plainWordsFile []byte

// plainWord is a word or a turn of phrase of offices, with the plainer one.
type plainWord struct {
	Word  string `json:"word"`
	Match string `json:"match"` // its words with `*` for the endings of their forms; the word itself where absent
	Plain string `json:"plain"`
}

// pattern is a plainWord as it is looked for: its words, each alone or by the letters that its forms begin with.
type pattern struct {
	plainWord
	words []string // a `*` ends those that have forms
}

// prefix is how many letters of a pattern's first word it is found by.
const prefix = 3

// plainWords are the patterns by the first letters of their first words, the longest first.
var plainWords = func() map[string][]pattern {
	var file struct{ Words []plainWord }
	if err := json.Unmarshal(plainWordsFile, &file); err != nil {
		panic(fmt.Errorf("plainwords.json: %w", err)) // embedded: a mistake of ours
	}
	index := map[string][]pattern{}
	for _, w := range file.Words {
		p := pattern{plainWord: w, words: strings.Fields(w.Match)}
		if w.Match == "" {
			p.words = wordsOf(w.Word)
		}
		key := firstLetters(strings.TrimSuffix(p.words[0], "*"))
		index[key] = append(index[key], p)
	}
	for _, patterns := range index {
		slices.SortStableFunc(patterns, func(a, b pattern) int {
			return cmp.Or(cmp.Compare(len(b.words), len(a.words)), cmp.Compare(len(b.words[0]), len(a.words[0])))
		})
	}
	return index
}()

func firstLetters(word string) string {
	n := 0
	for i := range word {
		if n == prefix {
			return word[:i]
		}
		n++
	}
	return word
}

// longestEnding is how many letters a form may have after the `*` of a pattern: «-erebbero» is the longest of a verb.
const longestEnding = 9

func (p pattern) matches(words []string) bool {
	if len(words) < len(p.words) {
		return false
	}
	for i, want := range p.words {
		stem, inflected := strings.CutSuffix(want, "*")
		ending, ok := strings.CutPrefix(words[i], stem)
		if !ok || !inflected && ending != "" || len(ending) > longestEnding {
			return false
		}
	}
	return true
}

// plainWordsNamed is how many words a finding names.
const plainWordsNamed = 10

// plainWords advises on the words of a text that offices alone use, each with a plainer one.
func (c *checker) plainWords(at Pointer, text string) {
	var found, plainer []string
	words := wordsOf(text)
	for i := 0; i < len(words) && len(found) < plainWordsNamed; {
		next := i + 1
		for _, p := range plainWords[firstLetters(words[i])] {
			if !p.matches(words[i:]) {
				continue
			}
			if written := "«" + strings.Join(words[i:i+len(p.words)], " ") + "»"; !slices.Contains(found, written) {
				found, plainer = append(found, written), append(plainer, written+": "+p.Plain)
			}
			next = i + len(p.words)
			break
		}
		i = next
	}
	if len(found) > 0 {
		c.report(at, rulePlainWords, strings.Join(found, ", "), strings.Join(plainer, "; "))
	}
}

// wordsOf lists the words of a text in small letters; an elided article is a word of its own.
func wordsOf(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.Is(unicode.Mn, r)
	})
}
