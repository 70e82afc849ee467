package search

import (
	"math"
	"math/bits"
)

// slot is a document that has a word that is wanted.
type slot struct {
	part     int
	document uint32
	matched  mask // the words it has
	strong   mask // those that it has in its head or its summary
	named    mask // those that it has in a name
}

// cell is what a slot knows of a wanted word.
type cell struct {
	weight  float32 // the greatest
	posting uint32  // which has it
	via     uint32  // the term whose it is
}

// mask has a bit for each wanted word.
type mask = uint32

const (
	strongClasses = headClasses | 1<<Summary
	nameClasses   = 1<<Title | 1<<AlternativeTitle | 1<<Acronym
)

func (s *searcher) clear() {
	for i := range s.slots {
		s.slotOf[s.slotIndex(i)] = 0
	}
	s.slots, s.scores = s.slots[:0], s.scores[:0]
}

func (s *searcher) slotIndex(i int) int { return s.bases[s.slots[i].part] + int(s.slots[i].document) }

// gather fills the slots: with every document that has a wanted word, or, if one is given, only with those that have
// that.
func (s *searcher) gather(only int) {
	s.clear()
	if only >= 0 {
		s.gatherWord(only, true)
	}
	for i := range s.wanted {
		if i != only {
			s.gatherWord(i, only < 0)
		}
	}
	for i := range s.others {
		o := &s.others[i]
		s.gatherOther(o, only < 0 || o.from <= only && only < o.to)
	}
}

func (s *searcher) gatherWord(i int, add bool) {
	w := &s.wanted[i]
	for j := w.terms.from; j < w.terms.to; j++ {
		s.gatherTerm(uint32(j), 1<<i, add) //nolint:gosec // an index
	}
}

func (s *searcher) gatherTerm(via uint32, words mask, add bool) {
	t := &s.terms[via]
	p := &s.parts[t.part]
	w := &p.words[t.word]
	to := w.to
	if t.head {
		to = w.rest
	}
	for j := w.from; j < to; j++ {
		s.note(t.part, &p.postings[j], j, via, words, add)
	}
	s.work += int(to - w.from)
}

func (s *searcher) note(number int, entry *posting, at, via uint32, words mask, add bool) {
	t := &s.terms[via]
	index := s.bases[number] + int(entry.document)
	n := s.slotOf[index]
	if n == 0 {
		if !add || s.parts[number].isDead(entry.document) {
			return
		}
		s.slots = append(s.slots, slot{part: number, document: entry.document})
		n = uint32(len(s.slots)) //nolint:gosec // bounded by the documents
		s.slotOf[index] = n
		for range s.wanted {
			s.scores = append(s.scores, cell{})
		}
	}
	slot := &s.slots[n-1]
	sure := slot.strong // before: a word that a document has in its head needs no synonym
	slot.matched |= words
	if t.strong && entry.classes&strongClasses != 0 {
		slot.strong |= words
		if entry.classes&nameClasses != 0 && !t.synonym {
			slot.named |= words
		}
	}
	weight := entry.weight
	if t.head {
		weight = entry.head
	}
	weight *= t.weight
	row := s.scores[int(n-1)*len(s.wanted):]
	for words != 0 {
		i := bits.TrailingZeros32(words)
		words &= words - 1
		c := &row[i]
		if t.synonym && c.weight > 0 && !s.terms[c.via].synonym && sure&(1<<i) != 0 {
			continue
		}
		if weight > c.weight {
			*c = cell{weight: weight, posting: at, via: via}
		}
	}
}

// gatherOther notes the documents that have all words of a synonym, in their heads or summaries if there are several.
func (s *searcher) gatherOther(o *other, add bool) {
	var words mask
	for i := o.from; i < o.to; i++ {
		words |= 1 << i
	}
	if len(o.words) == 1 {
		for j := o.words[0].from; j < o.words[0].to; j++ {
			s.gatherTerm(uint32(j), words, add) //nolint:gosec // an index
		}
		return
	}
	first := o.words[0]
	for j := first.from; j < first.to; j++ {
		t := &s.terms[j]
		p := &s.parts[t.part]
		w := &p.words[t.word]
		s.work += int(w.to - w.from)
		for at := w.from; at < w.to; at++ {
			entry := &p.postings[at]
			if entry.classes&strongClasses == 0 || !add && s.slotOf[s.bases[t.part]+int(entry.document)] == 0 {
				continue
			}
			if s.followed(o, t.part, entry) {
				s.note(t.part, entry, at, uint32(j), words, add) //nolint:gosec // an index
			}
		}
	}
}

// followed reports whether a document has the other words of a synonym near one that stands for its first.
func (s *searcher) followed(o *other, number int, first *posting) bool {
	p := &s.parts[number]
	for k, words := range o.words[1:] {
		found := false
		for j := words.from; j < words.to && !found; j++ {
			t := &s.terms[j]
			if t.part != number {
				continue
			}
			w := &p.words[t.word]
			if at, ok := s.posting(p, w, first.document); ok {
				found = p.apart(first, &p.postings[at]) <= 3*(k+1)
			}
		}
		if !found {
			return false
		}
	}
	return true
}

// posting finds the posting of a document for a word.
func (s *searcher) posting(p *part, w *word, document uint32) (uint32, bool) {
	for _, r := range [2][2]uint32{{w.from, w.rest}, {w.rest, w.to}} {
		low, high := r[0], r[1]
		for low < high {
			s.work++
			middle := (low + high) / 2
			if p.postings[middle].document < document {
				low = middle + 1
			} else {
				high = middle
			}
		}
		if low < r[1] && p.postings[low].document == document {
			return low, true
		}
	}
	return 0, false
}

func (p *part) places(entry *posting) []uint16 {
	return p.positions[entry.at : entry.at+uint32(entry.count)]
}

// apart is the least distance between two words of a document.
func (p *part) apart(x, y *posting) int {
	a, b := p.places(x), p.places(y)
	least := math.MaxInt
	for i, j := 0, 0; i < len(a) && j < len(b); {
		d := int(b[j]) - int(a[i])
		if d > 0 {
			least = min(least, d)
			i++
		} else {
			if d < 0 {
				least = min(least, -d)
			}
			j++
		}
	}
	return least
}
