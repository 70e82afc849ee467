package search

import (
	"math"
	"math/bits"
	"slices"
)

// slot is a document that has a word that is wanted.
type slot struct {
	part     int
	document uint32
	matched  mask // the words it has
	strong   mask // those that it has in its head or its summary
	head     mask // those that it has in a name or a keyword
	named    mask // those that it has in a name
	meant    mask // those that it has a synonym of in a name
}

// cell is what a slot knows of a wanted word.
type cell struct {
	weight float32 // the greatest
	best   found
	inName float32 // the greatest of those that a name has; a synonym's is lessened, for the word itself says more
	name   found
}

// found is a posting and the term whose it is.
type found struct{ posting, via uint32 }

// mask has a bit for each wanted word.
type mask = uint32

const (
	strongClasses = headClasses | 1<<Summary
	nameClasses   = 1<<Title | 1<<AlternativeTitle | 1<<Acronym
	tellClasses   = nameClasses | 1<<Keyword
)

func (s *searcher) clear() {
	for i := range s.slots {
		s.slotOf[s.slotIndex(i)] = 0
	}
	s.slots, s.scores = s.slots[:0], s.scores[:0]
}

func (s *searcher) slotIndex(i int) int { return s.bases[s.slots[i].part] + int(s.slots[i].document) }

// gather fills the slots with the documents that have a wanted word or what stands for it, and finds which others these
// have.
func (s *searcher) gather(only int) {
	s.clear()
	s.gatherWord(only, true) // first all that stands for it, for the rest adds no documents
	s.gatherOthers(func(o *other) bool { return o.from <= only && only < o.to }, true)
	for i := range s.wanted {
		if i != only {
			s.gatherWord(i, false)
		}
	}
	s.gatherOthers(func(o *other) bool { return only < o.from || only >= o.to }, false)
}

// widen adds the documents that have any wanted word where it may answer without the others: in a name or a keyword. A
// document without is no answer unless it has all words, and then gather found it.
func (s *searcher) widen() {
	for i := range s.slots {
		s.slots[i] = slot{part: s.slots[i].part, document: s.slots[i].document}
	}
	clear(s.scores)
	for i := range s.terms {
		t := &s.terms[i]
		if !t.strong {
			continue
		}
		p := &s.parts[t.part]
		w := &p.words[t.word]
		for j := w.from; j < w.rest; j++ {
			if entry := &p.postings[j]; entry.classes&tellClasses != 0 {
				s.slotFor(t.part, entry.document)
			}
		}
		s.work += int(w.rest - w.from)
	}
	for i := range s.wanted {
		s.gatherWord(i, false)
	}
	s.gatherOthers(func(*other) bool { return true }, false)
}

func (s *searcher) gatherOthers(which func(*other) bool, add bool) {
	for i := range s.others {
		if which(&s.others[i]) {
			s.gatherOther(&s.others[i], add)
		}
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
	if !add && len(s.slots)*lookUp < int(to-w.from) {
		s.gatherBySlots(via, w.from, to, words)
		return
	}
	base := s.bases[t.part]
	for j := w.from; j < to; j++ {
		if entry := &p.postings[j]; add || s.slotOf[base+int(entry.document)] != 0 {
			s.note(t.part, entry, j, via, words, add)
		}
	}
	s.work += int(to - w.from)
}

// lookUp is how many postings are read in the time that it takes to look up one document's.
const lookUp = 16

// gatherBySlots looks up which slots have a term.
func (s *searcher) gatherBySlots(via, from, to uint32, words mask) {
	part := s.terms[via].part
	p := &s.parts[part]
	for i := range s.slots {
		if s.slots[i].part != part {
			continue
		}
		entries := p.documents[s.slots[i].document].entries
		at, _ := slices.BinarySearch(entries, from)
		if at < len(entries) && entries[at] < to {
			s.note(part, &p.postings[entries[at]], entries[at], via, words, false)
		}
	}
	s.work += len(s.slots)
}

// slotFor is one more than the slot of a document, 0 if it is dead.
func (s *searcher) slotFor(part int, document uint32) uint32 {
	index := s.bases[part] + int(document)
	if n := s.slotOf[index]; n != 0 || s.parts[part].isDead(document) {
		return n
	}
	s.slots = append(s.slots, slot{part: part, document: document})
	n := uint32(len(s.slots)) //nolint:gosec // bounded by the documents
	s.slotOf[index] = n
	for range s.wanted {
		s.scores = append(s.scores, cell{})
	}
	return n
}

func (s *searcher) note(number int, entry *posting, at, via uint32, words mask, add bool) {
	t := &s.terms[via]
	var n uint32
	if add {
		n = s.slotFor(number, entry.document)
	} else {
		n = s.slotOf[s.bases[number]+int(entry.document)]
	}
	if n == 0 {
		return
	}
	slot := &s.slots[n-1]
	slot.matched |= words
	if t.strong && entry.classes&strongClasses != 0 {
		slot.strong |= words
		if entry.classes&tellClasses != 0 {
			slot.head |= words
		}
		switch {
		case entry.classes&nameClasses == 0:
		case t.synonym:
			slot.meant |= words
		default:
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
		if weight > c.weight {
			c.weight, c.best = weight, found{at, via}
		}
		if entry.classes&nameClasses == 0 {
			continue
		}
		inName := weight
		if t.synonym {
			inName *= 0.1
		}
		if inName > c.inName {
			c.inName, c.name = inName, found{at, via}
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
	base := 0 // the rarest
	for k := range o.words {
		if s.documentsWith(o.words[k]) < s.documentsWith(o.words[base]) {
			base = k
		}
	}
	for j := o.words[base].from; j < o.words[base].to; j++ {
		t := &s.terms[j]
		w := &s.parts[t.part].words[t.word]
		s.gatherFollowed(o, base, j, w.from, w.rest, words, add)
		if !t.head {
			s.gatherFollowed(o, base, j, w.rest, w.to, words, add)
		}
	}
}

// gatherFollowed notes the documents of some postings of a term that have the other words of a synonym near it.
func (s *searcher) gatherFollowed(o *other, base, via int, from, to uint32, words mask, add bool) {
	t := &s.terms[via]
	p := &s.parts[t.part]
	s.work += int(to - from)
	s.readers = s.readers[:0]
	for k := range o.words {
		for j := o.words[k].from; k != base && j < o.words[k].to; j++ {
			if x := &s.terms[j]; x.part == t.part {
				w := &p.words[x.word]
				s.readers = append(s.readers, reader{k, w.from, w.rest})
				if !x.head {
					s.readers = append(s.readers, reader{k, w.rest, w.to})
				}
			}
		}
	}
	for at := from; at < to; at++ {
		entry := &p.postings[at]
		if entry.classes&strongClasses == 0 {
			continue
		}
		if n := s.slotOf[s.bases[t.part]+int(entry.document)]; n == 0 && !add || n > 0 && s.slots[n-1].named&words == words {
			continue
		}
		if s.followed(p, entry, base, len(o.words)) {
			s.note(t.part, entry, at, uint32(via), words, add) //nolint:gosec // an index
		}
	}
}

// reader goes through the postings of a word of a synonym.
type reader struct {
	word     int // of the synonym
	next, to uint32
}

// followed reports whether a document has, for each word of a synonym but one, a posting near that one's.
func (s *searcher) followed(p *part, entry *posting, base, words int) bool {
	found := mask(1) << base
	for i := range s.readers {
		r := &s.readers[i]
		if found&(1<<r.word) != 0 {
			continue
		}
		r.next = p.seek(r.next, r.to, entry.document, &s.work)
		if r.next < r.to && p.postings[r.next].document == entry.document && p.apart(entry, &p.postings[r.next]) <= words+1 {
			found |= 1 << r.word
		}
	}
	return found == 1<<words-1
}

// seek is the first of some postings that is not of a document before one. Leaps double, for the next is often near.
func (p *part) seek(from, to, document uint32, work *int) uint32 {
	step := uint32(1)
	for from+step < to && p.postings[from+step].document < document {
		from += step
		step *= 2
		*work++
	}
	high := min(from+step+1, to)
	for from < high {
		middle := (from + high) / 2
		if p.postings[middle].document < document {
			from = middle + 1
		} else {
			high = middle
		}
	}
	return from
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
