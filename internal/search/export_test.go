package search

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Parts is how many parts an index has.
func Parts(x *Index) int { return len(x.parts) }

// Near calls found for each of some words, in the order of bytes, that a word is near.
func Near(words []string, asked string, limit int, prefix bool, found func(word string, distance int)) {
	list := make([]word, len(words))
	for i, text := range words {
		list[i].word = text
	}
	var d distances
	d.begin(asked, limit, prefix)
	d.walk(newTrie(list), func(n uint32, distance int) { found(words[n], distance) })
}

// Corrections are the words that an index takes a misspelt one for, and those that it takes where it looks at once as far as
// it may.
func Corrections(x *Index, misspelt string) (found, atOnce []string) {
	s := x.searcher(misspelt, italian)
	defer s.release()
	limit := tolerated(utf8.RuneCountInString(misspelt))
	if limit == 0 {
		return nil, nil
	}
	for _, c := range s.findNear(misspelt, limit, false) {
		found = append(found, c.word)
	}
	s.findWithin(limit, misspelt, limit, false)
	for _, c := range s.cuts {
		atOnce = append(atOnce, c.word)
	}
	return found, atOnce
}

// Found are the ordinals of what a query finds, ascending, and of what it finds where no document is left out before it is
// looked at; and what would do if no document had all words, both ways.
func Found(x *Index, q Query) (found, all []uint32, compromise, ofAll [3]float64) {
	s := x.searcher(q.Text, tongueOf(q.Lang))
	defer s.release()
	s.read()
	meaning := s.plan()
	if len(s.wanted) == 0 {
		return
	}
	holding := func(c choice) (ordinals []uint32) {
		for i := range s.slots {
			if c.holds(s, i) {
				ordinals = append(ordinals, s.brief(i).ordinal)
			}
		}
		slices.Sort(ordinals)
		return ordinals
	}
	var required mask
	for i := range s.wanted {
		if s.wanted[i].role&weak == 0 {
			required |= 1 << i
		}
	}
	measure := func() [3]float64 {
		c, named, enough := s.compromise(required)
		return [3]float64{c.quorum, named, enough}
	}
	c := s.choose(meaning)
	found = holding(c)
	s.widen()
	compromise = measure()
	s.clear()
	for part := range s.parts {
		for document := range s.parts[part].documents {
			s.slotFor(part, uint32(document))
		}
	}
	s.gatherAll()
	return found, holding(c), compromise, measure()
}

// MarkedAll are all texts of a document, as HTML with marks around what a query finds, by reading them.
func MarkedAll(x *Index, q Query, d Document) (texts []string) {
	s := x.searcher(q.Text, tongueOf(q.Lang))
	defer s.release()
	s.read()
	s.plan()
	var m marker
	for i := range s.terms {
		t := &s.terms[i]
		m.words = append(m.words, s.parts[t.part].words[t.word].word)
	}
	m = m.sorted()
	for _, f := range d.Fields {
		inText := marker{words: m.words}
		if 1<<f.Class&headClasses == 0 { // function words are not indexed there
			inText.words = slices.DeleteFunc(slices.Clone(m.words), func(word string) bool {
				return analysers()[tongueOf(f.Lang)].form([]byte(word)).role&function != 0
			})
		}
		texts = append(texts, strings.TrimSpace(inText.mark(f.Text)))
	}
	return texts
}
