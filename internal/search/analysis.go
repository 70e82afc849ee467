package search

import (
	_ "embed" // for the words
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"github.com/blevesearch/bleve/v2/analysis"
	"github.com/blevesearch/bleve/v2/analysis/lang/ar"
	"github.com/blevesearch/bleve/v2/analysis/lang/de"
	"github.com/blevesearch/bleve/v2/analysis/lang/en"
	"github.com/blevesearch/bleve/v2/analysis/lang/es"
	"github.com/blevesearch/bleve/v2/analysis/lang/fr"
	"github.com/blevesearch/bleve/v2/analysis/lang/it"
	"github.com/blevesearch/bleve/v2/analysis/lang/ro"

	"github.com/comuneprato/service-catalogue/internal/lang"
)

// tongue is the number of a language in the index: its place in lang.Tags.
type tongue = uint8

const tongues = 16

var (
	italian = tongueOf(lang.Italian)
	english = tongueOf(lang.English)
	chinese = tongueOf(lang.Chinese)
	urdu    = tongueOf(lang.Urdu)
)

// tongueOf is the number of a language; of one that no text may be in, Italian's.
func tongueOf(tag lang.Tag) tongue {
	if i := slices.Index(lang.Tags, tag); i > 0 && i < tongues {
		return tongue(i)
	}
	return 0
}

// role is what a word does in a question, apart from meaning something.
type role uint8

const (
	function role = 1 << iota // articles, prepositions, forms of "to be": not indexed in running text
	filler                    // "come faccio a", "where can I": carries no meaning in a question
	weak                      // "ufficio", "modulo": counts if it is found, is not missed if it is not
	where                     // "sportello", "orari": an office or a place is meant
	everyday                  // an ordinary word, spelt right: not to be taken for a misspelt one of ours
	generic                   // "iscrizione", "rinnovo": says what is done, not with what
)

// form is what a language makes of a word.
type form struct {
	word   string
	stem   string // without inflection
	family string // without derivation, too
	role   role
	near   near // which words of its family it stands for
}

// near says how near a word must be to stand for another.
type near uint8

const (
	related   near = iota // of the same family
	inflected             // of the same stem
	exact                 // the same, as an acronym
)

// analyser knows one language. It remembers what it made of words, for that is slow and words come again.
type analyser struct {
	filters   []analysis.TokenFilter
	roles     map[string]role
	functions trie // of the words with that role
	tongue    tongue

	mu    sync.RWMutex
	known map[string]form
}

// A cache that is full of words that nobody asks for again is thrown away.
const maxForms = 1 << 18

//go:embed words.json
var wordLists []byte

var analysers = sync.OnceValue(func() *[tongues]*analyser {
	var lists map[lang.Tag]struct{ Fillers, Weak, Verbs, Where, Everyday, Generic []string }
	if err := json.Unmarshal(wordLists, &lists); err != nil {
		panic(fmt.Errorf("words.json: %w", err)) // embedded: a mistake of ours
	}
	var all [tongues]*analyser
	for i, tag := range lang.Tags {
		a := &analyser{tongue: tongue(i), filters: filtersOf(tag), roles: map[string]role{}, known: map[string]form{}}
		for text := range functionWords(tag) {
			a.give(text, function)
		}
		if tag == lang.Italian {
			for _, text := range articles {
				a.give(text, function)
			}
		}
		list := lists[tag]
		for r, words := range map[role][]string{filler: list.Fillers, weak: list.Weak, where: list.Where, everyday: list.Everyday, generic: list.Generic} {
			for _, text := range words {
				a.give(text, r)
			}
		}
		for _, verb := range list.Verbs {
			for text := range conjugated(verb) {
				if a.roles[text] == 0 {
					a.roles[text] = weak
				}
			}
		}
		var functions []word
		for text, r := range a.roles {
			if r&function != 0 {
				functions = append(functions, word{form: form{word: text}})
			}
		}
		slices.SortFunc(functions, func(x, y word) int { return compareWords(&x, &y) })
		a.functions = newTrie(functions)
		all[i] = a
	}
	return &all
})

// What Italian elides before a vowel, and what is left of it when words are cut at the apostrophe.
var articles = []string{
	"d", "l", "c", "m", "t", "s", "v", "n", "gl", "un", "dell", "all", "nell", "sull", "dall", "quell", "quest", "coll",
}

// give adds to the role of a word as it is written. Pieces of elided words are given theirs one by one.
func (a *analyser) give(word string, r role) {
	s := newTokens(word, nil)
	var t token
	for s.next(&t) {
		a.roles[string(t.word)] |= r
	}
}

func functionWords(tag lang.Tag) analysis.TokenMap {
	load := map[lang.Tag]func(map[string]any) (analysis.TokenMap, error){
		lang.Italian: func(c map[string]any) (analysis.TokenMap, error) { return it.TokenMapConstructor(c, nil) },
		lang.English: func(c map[string]any) (analysis.TokenMap, error) { return en.TokenMapConstructor(c, nil) },
		lang.French:  func(c map[string]any) (analysis.TokenMap, error) { return fr.TokenMapConstructor(c, nil) },
		lang.Spanish: func(c map[string]any) (analysis.TokenMap, error) { return es.TokenMapConstructor(c, nil) },
		lang.German:  func(c map[string]any) (analysis.TokenMap, error) { return de.TokenMapConstructor(c, nil) },
		lang.Romanian: func(c map[string]any) (analysis.TokenMap, error) {
			return ro.TokenMapConstructor(c, nil)
		},
		lang.Arabic: func(c map[string]any) (analysis.TokenMap, error) { return ar.TokenMapConstructor(c, nil) },
	}[tag]
	if load == nil {
		return nil
	}
	words, err := load(nil)
	if err != nil {
		panic(fmt.Errorf("stop words of %s: %w", tag, err)) // embedded in the library
	}
	return words
}

// filtersOf are the filters that take the inflection off a folded word; none where folding is all there is.
func filtersOf(tag lang.Tag) []analysis.TokenFilter {
	switch tag {
	case lang.Italian:
		return []analysis.TokenFilter{it.NewItalianLightStemmerFilterFilter()}
	case lang.English:
		return []analysis.TokenFilter{en.NewEnglishStemmerFilter()}
	case lang.French:
		return []analysis.TokenFilter{fr.NewFrenchLightStemmerFilter()}
	case lang.Spanish:
		return []analysis.TokenFilter{es.NewSpanishLightStemmerFilter()}
	case lang.German:
		return []analysis.TokenFilter{de.NewGermanNormalizeFilter(), de.NewGermanLightStemmerFilter()}
	case lang.Romanian:
		return []analysis.TokenFilter{ro.NewRomanianStemmerFilter()}
	case lang.Arabic:
		return []analysis.TokenFilter{ar.NewArabicNormalizeFilter(), ar.NewArabicStemmerFilter()}
	default:
		return nil
	}
}

// form returns what the language makes of a folded word.
func (a *analyser) form(word []byte) form {
	a.mu.RLock()
	f, ok := a.known[string(word)]
	a.mu.RUnlock()
	if ok {
		return f
	}
	f = a.analyse(string(word))
	a.mu.Lock()
	if len(a.known) >= maxForms {
		clear(a.known)
	}
	a.known[f.word] = f
	a.mu.Unlock()
	return f
}

func (a *analyser) analyse(word string) form {
	f := form{word: word, stem: word, role: a.roles[word]}
	if !hasDigit(word) {
		f.stem = a.stem(word)
	}
	f.family = f.stem
	if a.tongue == italian {
		f.family = italianFamily(word)
	}
	return f
}

func (a *analyser) stem(word string) string {
	if len(a.filters) == 0 {
		if a.tongue == urdu {
			return urduLetters(word)
		}
		return word
	}
	if a.tongue == italian && len(word) < 6 { // the library's stemmer leaves short words alone
		if len(word) > 3 && isVowel(word[len(word)-1]) {
			return word[:len(word)-1]
		}
		return word
	}
	stream := analysis.TokenStream{{Term: []byte(word), Type: analysis.AlphaNumeric}}
	for _, f := range a.filters {
		stream = f.Filter(stream)
	}
	if len(stream) != 1 || len(stream[0].Term) < 3 && len(word) > 5 { // a stem that is left of "aaaaaa" is none
		return word
	}
	return string(stream[0].Term)
}

// urduLetters spells a word with the letters of Urdu where an Arabic keyboard has others for the same sounds.
func urduLetters(word string) string {
	runes := []rune(word)
	for i, r := range runes {
		switch r {
		case 'ي', 'ى':
			runes[i] = 'ی'
		case 'ك':
			runes[i] = 'ک'
		case 'ه', 'ة':
			runes[i] = 'ہ'
		}
	}
	return string(runes)
}

func hasDigit(word string) bool {
	for i := range len(word) {
		if '0' <= word[i] && word[i] <= '9' {
			return true
		}
	}
	return false
}
