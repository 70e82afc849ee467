package search

import (
	_ "embed" // for the synonyms
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"unicode/utf8"

	"github.com/comuneprato/service-catalogue/internal/lang"
)

// SynonymSet says which words mean the same. It is of one of two sorts: Terms all stand for each other, or who asks for
// one of From also finds each of To, but not the other way round. A term is one word or several.
type SynonymSet struct {
	Lang  lang.Tag `json:"lang" example:"it"`
	Terms []string `json:"terms,omitempty"`
	From  []string `json:"from,omitempty"`
	To    []string `json:"to,omitempty"`
}

// Bounds of synonyms: what a query costs depends on them.
const (
	maxSynonymTerms = 50
	maxSynonymWords = 6
)

//go:embed synonyms.json
var ownSynonyms []byte

// DefaultSynonyms are the sets of our own: the vocabulary of Italian municipalities, and the usual words for it in
// English and Chinese.
func DefaultSynonyms() []SynonymSet {
	var sets []SynonymSet
	if err := json.Unmarshal(ownSynonyms, &sets); err != nil {
		panic(fmt.Errorf("synonyms.json: %w", err)) // embedded: a mistake of ours
	}
	return sets
}

var defaultThesaurus = sync.OnceValue(func() *thesaurus {
	t, err := compile(DefaultSynonyms())
	if err != nil {
		panic(fmt.Errorf("synonyms.json: %w", err)) // embedded: a mistake of ours
	}
	return t
})

// MaxSynonymSets is how many sets of synonyms there may be.
const MaxSynonymSets = 5000

// CheckSynonyms says what is wrong with sets, by their positions; nothing if none is.
func CheckSynonyms(sets []SynonymSet) map[int]error {
	t, wrong := newThesaurus(), map[int]error{}
	for i, set := range sets {
		if err := t.add(set); err != nil {
			wrong[i] = err
		}
	}
	return wrong
}

// thesaurus is synonyms as queries need them. It never changes.
type thesaurus struct {
	rules   map[string][]rule   // by tongue and the family of the first word
	chinese map[string]struct{} // terms without spaces, to cut queries by
	words   []word              // those that begin something, sorted: misspelt words may stand for them
	tree    func() trie         // of words
}

// rule is a sequence of words and what may stand for it.
type rule struct {
	words []form
	to    []phrase
}

// phrase is a synonym, word by word.
type phrase struct {
	tongue tongue
	words  []form
}

func (p phrase) equal(q phrase) bool { return p.tongue == q.tongue && slices.Equal(p.words, q.words) }

// within reports whether a phrase has all words of p.
func (p phrase) within(q phrase) bool {
	for _, w := range p.words {
		if !slices.Contains(q.words, w) {
			return false
		}
	}
	return p.tongue == q.tongue
}

func newThesaurus() *thesaurus {
	return &thesaurus{rules: map[string][]rule{}, chinese: map[string]struct{}{}}
}

func compile(sets []SynonymSet) (*thesaurus, error) {
	t := newThesaurus()
	if len(sets) > MaxSynonymSets {
		return nil, fmt.Errorf("%d sets of synonyms, at most %d are possible", len(sets), MaxSynonymSets)
	}
	var wrong []error
	for i, set := range sets {
		if err := t.add(set); err != nil {
			wrong = append(wrong, fmt.Errorf("set %d: %w", i+1, err))
		}
	}
	slices.SortFunc(t.words, func(x, y word) int { return compareWords(&x, &y) })
	t.words = slices.CompactFunc(t.words, func(x, y word) bool { return compareWords(&x, &y) == 0 })
	t.tree = sync.OnceValue(func() trie { return newTrie(t.words) })
	return t, errors.Join(wrong...)
}

func (t *thesaurus) add(set SynonymSet) error {
	if !lang.Known(set.Lang) {
		return fmt.Errorf("%q is no language of the catalogue, expected one of %v", set.Lang, lang.Tags)
	}
	equivalent := len(set.Terms) > 0
	switch {
	case equivalent && len(set.From)+len(set.To) > 0:
		return errors.New("it has terms and from or to: expected either terms, or from and to")
	case !equivalent && (len(set.From) == 0 || len(set.To) == 0):
		return errors.New("expected terms, or both from and to")
	case len(set.Terms) == 1:
		return fmt.Errorf("%q is alone: expected two terms or more", set.Terms[0])
	}
	from, to := set.From, set.To
	if equivalent {
		from, to = set.Terms, set.Terms
	}
	if len(from) > maxSynonymTerms || len(to) > maxSynonymTerms {
		return fmt.Errorf("more than %d terms", maxSynonymTerms)
	}
	left, err := t.phrases(set.Lang, from)
	if err != nil {
		return err
	}
	right, err := t.phrases(set.Lang, to)
	if err != nil {
		return err
	}
	for i, p := range left {
		r := rule{words: p.asked()}
		for j, q := range right {
			if equivalent && i == j || p.within(q) || slices.ContainsFunc(r.to, q.equal) {
				continue // what has "cambio residenza" has "residenza"
			}
			r.to = append(r.to, q)
		}
		t.rule(p.tongue, r)
		if len(r.words) == 2 { // people say "rotto un tubo", too
			t.rule(p.tongue, rule{words: []form{r.words[1], r.words[0]}, to: r.to})
		}
		if len(p.words) == 1 && p.words[0].role&(function|filler|weak) == 0 && !isCJKWord(p.words[0].word) {
			t.words = append(t.words, word{form: p.words[0], tongue: p.tongue, shown: p.words[0].word})
		}
	}
	return nil
}

func (t *thesaurus) rule(of tongue, r rule) {
	key := string(familyKey(nil, of, r.words[0].family))
	t.rules[key] = append(t.rules[key], r)
}

// asked are the words of a phrase as queries have them: without those that mean nothing in a question.
func (p phrase) asked() []form {
	words := slices.DeleteFunc(slices.Clone(p.words), func(f form) bool { return f.role&filler != 0 })
	if len(words) < 2 { // what is left says something else
		return p.words
	}
	return words
}

func (t *thesaurus) phrases(tag lang.Tag, terms []string) ([]phrase, error) {
	var all []phrase
	for i, term := range terms {
		if slices.Contains(terms[:i], term) {
			return nil, fmt.Errorf("%q is there twice", term)
		}
		p := t.phrase(tag, term)
		switch {
		case len(p.words) == 0:
			return nil, fmt.Errorf("%q has no word that means something", term)
		case len(p.words) > maxSynonymWords:
			return nil, fmt.Errorf("%q has more than %d words", term, maxSynonymWords)
		}
		all = append(all, p)
	}
	return all, nil
}

// phrase reads a term. What has no spaces is one word to queries, and pairs of characters to the index.
func (t *thesaurus) phrase(tag lang.Tag, term string) phrase {
	p := phrase{tongue: tongueOf(tag)}
	a := analysers()[p.tongue]
	term = narrow(term)
	s := newTokens(term, nil)
	var tok token
	for s.next(&tok) {
		if tok.cjk {
			t.chinese[string(tok.word)] = struct{}{}
			p.words = append(p.words, form{word: string(tok.word), stem: string(tok.word), family: string(tok.word)})
			continue
		}
		if f := a.form(tok.word); f.role&function == 0 || len(term) <= 4 {
			if isAcronym(term[tok.start:tok.end]) {
				f.near = exact
			}
			p.words = append(p.words, f)
		}
	}
	return p
}

// longest is how many bytes at the start of a run without spaces are a known term, 0 if none.
func (t *thesaurus) longest(run string, also map[string]role) int {
	best, at := 0, 0
	for range 8 {
		if at >= len(run) {
			break
		}
		_, n := utf8.DecodeRuneInString(run[at:])
		at += n
		if _, ok := t.chinese[run[:at]]; ok {
			best = at
		} else if also[run[:at]] != 0 {
			best = at
		}
	}
	return best
}
