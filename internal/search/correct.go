package search

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"
)

// cut is a word that a misspelt one may stand for.
type cut struct {
	word     string
	shown    string
	distance int
	head     int // how many documents have it in their heads
	all      int
	badness  int
}

// correct looks for words of the index near those that nothing stands for.
func (s *searcher) correct() {
	for i := range s.wanted {
		w := &s.wanted[i]
		if w.cjk || w.role&(everyday|weak|generic) != 0 || hasDigit(w.word) || s.hasOther(i) || s.stands(i) && !s.isFarFetched(w) {
			continue
		}
		from, before := len(s.terms), w.terms
		if !s.unelide(w) {
			from = s.correctWord(w)
		}
		if from == len(s.terms) && !w.corrected {
			w.terms = before
		} else {
			w.terms = span{from, len(s.terms)}
		}
		if !s.stands(i) && s.isNearlyFunction(w.word) {
			w.role, w.mass = weak, 0.1
		}
	}
}

// isFarFetched reports whether only languages have a word that the reader hardly means: `publico` is Spanish, too.
func (s *searcher) isFarFetched(w *wanted) bool {
	for _, t := range s.terms[w.terms.from:w.terms.to] {
		if x := s.parts[t.part].words[t.word].tongue; x == s.reader || x == italian || x == english {
			return false
		}
	}
	return w.terms.to > w.terms.from
}

// isNearlyFunction reports whether a word may be a misspelt article or preposition of the reader's: `delllo`.
func (s *searcher) isNearlyFunction(word string) bool {
	found := false
	if len(word) >= 5 && utf8.RuneCountInString(word) <= maxLetters {
		s.distance.begin(word, 1, false)
		s.work += s.distance.walk(analysers()[s.reader].functions, func(uint32, int) { found = true })
	}
	return found
}

// The articles and prepositions that lose their vowel, and their apostrophe where people type in a hurry.
var elided = []string{"dell", "nell", "sull", "dall", "all", "quest", "un", "d", "l"}

// unelide finds the word in one that has an article before it without an apostrophe: `didentita`, `lanagrafe`.
func (s *searcher) unelide(w *wanted) bool {
	for _, article := range elided {
		rest, ok := strings.CutPrefix(w.word, article)
		if !ok || len(rest) < 4 || !isVowel(rest[0]) {
			continue
		}
		s.scratch = append(s.scratch[:0], rest...)
		f := analysers()[italian].form(s.scratch)
		f.near = inflected
		start := len(s.terms)
		s.expandForm(italian, f, 0.95, false)
		if len(s.terms) > start {
			w.corrected = false
			return true
		}
	}
	return false
}

// tolerated is how many edits a word of so many letters may be away.
func tolerated(letters int) int {
	switch {
	case letters > maxLetters:
		return 0
	case letters >= 8:
		return maxEdits
	case letters >= 4:
		return 1
	}
	return 0
}

// correctWord adds the terms of words that are near; it returns where they begin.
func (s *searcher) correctWord(w *wanted) (from int) {
	limit := tolerated(utf8.RuneCountInString(w.word))
	near := s.near(w.word, limit, false)
	if len(near) > 0 {
		limit = near[0].distance - 1
	}
	if s.correctToSynonym(w, limit) {
		return len(s.terms)
	}
	if len(near) > 0 {
		s.synonymsOf(w, near[0].word)
	}
	from = len(s.terms)
	for _, c := range near {
		weight := float32(0.8) / float32(c.distance)
		s.scratch = append(s.scratch[:0], c.word...)
		s.languages(func(t tongue, less float32, head bool) {
			f := analysers()[t].form(s.scratch)
			f.near = inflected
			s.expandForm(t, f, weight*less, head)
		})
		w.corrected = true
	}
	return from
}

// correctToSynonym takes a word for one that the index may not have, but has synonyms of.
func (s *searcher) correctToSynonym(w *wanted, limit int) bool {
	if limit <= 0 || utf8.RuneCountInString(w.word) < 6 {
		return false
	}
	best, least := -1, limit+1
	s.distance.begin(w.word, limit, false)
	s.work += s.distance.walk(s.synonyms.tree(), func(n uint32, distance int) {
		if word := s.synonyms.words[n].word; distance < least && word[0] == w.word[0] {
			best, least = int(n), distance
		}
	})
	if best < 0 {
		return false
	}
	return s.synonymsOf(w, s.synonyms.words[best].word)
}

// synonymsOf takes a misspelt word for another one if that has synonyms that documents have.
func (s *searcher) synonymsOf(w *wanted, word string) bool {
	typed := *w
	w.word, w.corrected, w.own = word, true, s.expansion(word)
	i := slices.IndexFunc(s.wanted, func(x wanted) bool { return x.start == w.start })
	before := len(s.others)
	s.languages(func(t tongue, weight float32, head bool) { s.findSynonyms(i, t, weight*0.8, head) })
	if len(s.others) == before {
		*w = typed
		return false
	}
	return true
}

// misspelling is what is asked of near.
type misspelling struct {
	word   string
	reader tongue
	limit  int
	prefix bool
}

// near finds the words of the index at the least distance from a word, up to a limit, those in names first. With prefix
// they need only begin with something near it. It is remembered: people make the same mistakes, and whoever is typing asks
// again with each letter.
func (s *searcher) near(word string, limit int, prefix bool) []cut {
	if limit == 0 {
		return nil
	}
	m := misspelling{word, s.reader, limit, prefix}
	if near, ok := s.corrections.of(m); ok {
		return near
	}
	m.word = strings.Clone(word)
	return s.corrections.keep(m, slices.Clone(s.findNear(word, limit, prefix)))
}

// editBadness is how bad a word is for each edit that it is away.
const editBadness = 4

func (s *searcher) findNear(word string, limit int, prefix bool) []cut {
	within := 1
	if prefix { // a beginning is nearer the more letters it takes, but the first one within the limit counts
		within = limit
	}
	for {
		s.findWithin(within, word, limit, prefix)
		within++
		if within > limit || len(s.cuts) > 0 && s.cuts[0].badness < within*editBadness { // what is farther is worse
			return s.cuts
		}
	}
}

// findWithin fills the cuts with the best words within some edits of one that may be up to a limit away.
func (s *searcher) findWithin(edits int, word string, limit int, prefix bool) {
	s.cuts = s.cuts[:0]
	s.distance.begin(word, edits, prefix)
	for i := range s.parts {
		p := &s.parts[i]
		s.work += s.distance.walk(p.tree(), func(n uint32, distance int) {
			c := p.count(n)
			t := p.words[n].tongue
			if c.all == 0 || p.words[n].role&(function|filler) != 0 || isCJKWord(p.words[n].word) || t != s.reader && t != italian && limit < 2 {
				return
			}
			at := slices.IndexFunc(s.cuts, func(x cut) bool { return x.word == p.words[n].word })
			if at < 0 {
				at = len(s.cuts)
				s.cuts = append(s.cuts, cut{word: p.words[n].word, distance: distance})
			}
			x := &s.cuts[at]
			x.head, x.all, x.shown = x.head+int(c.head), x.all+int(c.all), max(x.shown, p.words[n].shown)
		})
	}
	first, _ := utf8.DecodeRuneInString(word)
	for i := range s.cuts {
		c := &s.cuts[i]
		c.badness = c.distance * editBadness
		if r, _ := utf8.DecodeRuneInString(c.word); r != first { // people rarely miss the first letter
			c.badness += 3
		}
		if c.head == 0 {
			c.badness += 2
		}
	}
	slices.SortFunc(s.cuts, func(x, y cut) int {
		return cmp.Or(cmp.Compare(x.badness, y.badness), cmp.Compare(y.head, x.head), cmp.Compare(y.all, x.all), cmp.Compare(x.word, y.word))
	})
	for i := range s.cuts {
		if s.cuts[i].badness > s.cuts[0].badness || i == maxCorrections {
			s.cuts = s.cuts[:i]
			break
		}
	}
}
