package search

import (
	"math"
	"math/bits"
	"strings"
	"unicode/utf8"
)

const (
	maxCompletions   = 10
	maxCompared      = 512 // documents whose names are compared, the best by words
	maxPrefixWords   = 1 << 14
	correctedFactor  = 0.5
	otherNamesFactor = 0.3
)

// Complete returns the entries that a reader may be about to type: each word of the query begins a word of a name, a
// term or an office, in any order, and q.Limit (at most 10, which 0 means too) of the best are given. Where no entry has
// them all, words are taken for misspelt, and at last for what Search would find. The rest of q is as in Search; of
// Offset, Matches, Marks and Explain it takes no notice.
func (x *Index) Complete(q Query) []Completion {
	if q.Limit <= 0 || q.Limit > maxCompletions {
		q.Limit = maxCompletions
	}
	s := x.searcher(q.Text, tongueOf(q.Lang))
	defer s.release()
	s.readBeginnings()
	if len(s.wanted) == 0 {
		return nil
	}
	if s.expandBeginnings() {
		if found := s.complete(q); len(found) > 0 {
			return found
		}
	}
	return x.completeBySearch(q)
}

// expandBeginnings finds what each word begins, or nearly begins. It is false if there is nothing for one of them.
func (s *searcher) expandBeginnings() bool {
	for i := range s.wanted {
		w := &s.wanted[i]
		w.terms.from = len(s.terms)
		s.begins(w)
		w.terms.to = len(s.terms)
		w.corrected = w.terms.from == w.terms.to
		if w.corrected && (w.cjk || tolerated(utf8.RuneCountInString(w.word)) == 0) {
			return false
		}
	}
	for i := range s.wanted { // only now, for it is costly
		w := &s.wanted[i]
		if !w.corrected {
			continue
		}
		w.terms.from = len(s.terms)
		s.nearlyBegins(w)
		w.terms.to = len(s.terms)
		if w.terms.from == w.terms.to {
			return false
		}
	}
	return true
}

// readBeginnings reads the query: every word counts but those that only bind others.
func (s *searcher) readBeginnings() {
	toks := newTokens(s.query, s.scratch)
	var t token
	a := analysers()[s.reader]
	for len(s.asked) < maxTokens && toks.next(&t) {
		if t.cjk {
			s.readPairs(string(t.word), t.start, true)
			continue
		}
		s.asked = append(s.asked, asked{word: string(t.word), start: t.start, end: t.end, role: a.form(t.word).role & function})
	}
	s.scratch = toks.word
	for i, w := range s.asked {
		if w.role == 0 || i == len(s.asked)-1 && (len(s.wanted) == 0 || w.end == len(s.query)) {
			s.want(w)
		}
	}
}

// begins adds the words that begin with a word.
func (s *searcher) begins(w *wanted) {
	for i := range s.parts {
		p := &s.parts[i]
		seen := 0
		for n := p.find(w.word); n < len(p.words) && seen < maxPrefixWords && strings.HasPrefix(p.words[n].word, w.word); n++ {
			seen++
			number := uint32(n) //nolint:gosec // an index
			if p.count(number).head == 0 {
				continue
			}
			weight := s.nativeness(p.words[n].tongue)
			if len(p.words[n].word) == len(w.word) {
				weight *= 1.1
			}
			s.terms = append(s.terms, term{part: i, word: number, weight: weight, head: true, strong: true})
		}
		s.work += seen
	}
}

// nativeness is how much a word of a language counts to the reader.
func (s *searcher) nativeness(t tongue) float32 {
	switch t {
	case s.reader:
		return 1
	case italian:
		return 0.8
	}
	return 0.3
}

// nearlyBegins adds the words that begin with something near a word.
func (s *searcher) nearlyBegins(w *wanted) {
	for _, c := range s.near(w.word, tolerated(utf8.RuneCountInString(w.word)), true) {
		for i := range s.parts {
			p := &s.parts[i]
			for n := p.find(c.word); n < len(p.words) && p.words[n].word == c.word; n++ {
				if number := uint32(n); p.count(number).head > 0 { //nolint:gosec // an index
					s.terms = append(s.terms, term{part: i, word: number, weight: correctedFactor * s.nativeness(p.words[n].tongue), head: true, strong: true})
				}
			}
		}
	}
}

func (s *searcher) complete(q Query) []Completion {
	required := mask(1<<len(s.wanted) - 1)
	rarest, fewest := -1, math.MaxInt
	for i := range s.wanted {
		if n := s.documentsWith(s.wanted[i].terms); n < fewest {
			rarest, fewest = i, n
		}
	}
	if fewest == 0 {
		return nil
	}
	s.gather(required, rarest)
	s.best = s.best[:0]
	for i := range s.slots {
		if s.slots[i].matched != required {
			continue
		}
		d := s.brief(i)
		if q.Filter != nil && !q.Filter.Contains(d.ordinal) {
			continue
		}
		sum := float32(0)
		for j := range s.wanted {
			sum += s.scores[i*len(s.wanted)+j].weight
		}
		s.keepBest(ranked{slot: i, score: float64(sum * d.boost)}, maxCompared)
	}
	likely := s.best
	s.best = s.spare[:0]
	for _, c := range likely {
		c.score, _ = s.completes(c.slot)
		c.score *= float64(s.brief(c.slot).boost)
		s.keepBest(c, q.Limit)
	}
	s.spare = likely
	s.sort(s.best)
	m := marker{}
	for i := range s.wanted {
		w := &s.wanted[i]
		switch {
		case w.corrected || w.cjk:
			for _, t := range s.terms[w.terms.from:w.terms.to] {
				m.words = append(m.words, s.parts[t.part].words[t.word].word)
			}
		default:
			m.typed = append(m.typed, w.word)
		}
	}
	m = m.sorted()
	found := make([]Completion, 0, len(s.best))
	for i := range s.best {
		d := s.document(s.best[i].slot)
		text := d.title(s.reader)
		if _, f := s.completes(s.best[i].slot); f != nil && f.Class != Acronym && (f.tongue == s.reader || f.tongue == italian) {
			text = f.Text
		}
		found = append(found, Completion{Ordinal: d.ordinal, Text: text, Highlight: m.mark(text)})
	}
	return found
}

// completes says how well a document's best name begins with what was typed, and which name that is; nil if it takes
// other texts of its head to have all words.
func (s *searcher) completes(i int) (float64, *placed) {
	d := s.document(i)
	best, name := 0.0, (*placed)(nil)
	for j := range d.fields {
		f := &d.fields[j]
		if 1<<f.Class&nameClasses == 0 {
			break
		}
		matched, places, first, exact := s.beginnings(i, f)
		if matched == 0 {
			continue
		}
		all := float64(len(s.wanted))
		share := float64(bits.OnesCount32(matched)) / all
		score := share * (0.6 + 0.5*min(float64(places)/float64(max(f.content, 1)), 1) + 0.1*float64(exact)/all)
		if first {
			score += 0.15 * share
		}
		if share < 1 {
			score *= otherNamesFactor
		}
		switch f.Class {
		case AlternativeTitle:
			score *= 0.85
		case Acronym:
			score *= 0.8
		default:
		}
		switch f.tongue {
		case s.reader:
		case italian:
			score *= 0.9
		default:
			score *= 0.75
		}
		if score > best {
			best, name = score, f
			if share < 1 {
				name = nil
			}
		}
	}
	if best == 0 { // terms and offices
		return otherNamesFactor / 2, nil
	}
	return best, name
}

// beginnings says which of the words begin words of a name, how many of its words that are, whether one is its first,
// and how many are whole words.
func (s *searcher) beginnings(i int, f *placed) (matched mask, places int, first bool, exact int) {
	p := &s.parts[s.slots[i].part]
	var seen mask
	for j := range s.wanted {
		c := &s.scores[i*len(s.wanted)+j]
		if c.inName == 0 {
			continue
		}
		at, ok := p.within(&p.postings[c.name.posting], f)
		if !ok {
			continue
		}
		matched |= 1 << j
		if bit := mask(1) << min(at-f.start, 31); seen&bit == 0 {
			seen |= bit
			places++
		}
		first = first || at == f.start && j == 0
		if len(s.via(c.name).word) == len(s.wanted[j].word) {
			exact++
		}
	}
	return matched, places, first, exact
}

// completeBySearch gives the titles that Search finds.
func (x *Index) completeBySearch(q Query) []Completion {
	var found []Completion
	for _, h := range x.Search(Query{Text: q.Text, Lang: q.Lang, Filter: q.Filter, Limit: q.Limit, Marks: true}).Hits {
		found = append(found, Completion{Ordinal: h.Ordinal, Text: h.text, Highlight: h.Title})
	}
	return found
}
