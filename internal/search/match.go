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

// gather fills the slots with the documents that have all of some words or what stands for them, and perhaps some more,
// and finds which other words these have. One of them, the rarest, says where to begin.
func (s *searcher) gather(all mask, rarest int) {
	s.clear()
	s.candidates(all, rarest)
	s.gatherAll()
}

// gatherAll finds which words the slots have, and where.
func (s *searcher) gatherAll() {
	for i := range s.wanted {
		w := &s.wanted[i]
		for j := w.terms.from; j < w.terms.to; j++ {
			s.gatherTerm(j, 1<<i)
		}
	}
	for i := range s.others {
		s.gatherOther(&s.others[i])
	}
}

// candidates makes slots for the documents that have all of some words, if what stands for several of them is taken to be
// there where one of its own words is.
func (s *searcher) candidates(all mask, rarest int) {
	s.touched = s.touched[:0]
	s.touchAll(rarest, true)
	for i := range s.wanted {
		if i != rarest && all&(1<<i) != 0 {
			s.touchAll(i, false)
		}
	}
	for _, at := range s.touched {
		index := s.bases[at.part] + int(at.document)
		if s.maskOf[index]&all == all {
			s.slotFor(at.part, at.document)
		}
		s.maskOf[index] = 0
	}
}

// touched is a document that may be a candidate.
type touched struct {
	part     int
	document uint32
}

// touchAll notes which documents have a wanted word, or may have another thing that stands for it: new ones too, or only
// those that were touched.
func (s *searcher) touchAll(i int, add bool) {
	w := &s.wanted[i]
	s.touch(w.terms, 1<<i, add)
	for j := range s.others {
		if o := &s.others[j]; o.from <= i && i < o.to {
			s.touch(o.words[s.rarestOf(o)], o.mask(), add)
		}
	}
}

func (s *searcher) touch(terms span, words mask, add bool) {
	for i := terms.from; i < terms.to; i++ {
		part := s.terms[i].part
		p := &s.parts[part]
		from, to := s.postingsOf(&s.terms[i])
		base := s.bases[part]
		for j := from; j < to; j++ {
			document := p.postings[j].document
			had := &s.maskOf[base+int(document)]
			if *had == 0 {
				if !add || p.isDead(document) {
					continue
				}
				s.touched = append(s.touched, touched{part, document})
			}
			*had |= words
		}
		s.work += int(to - from)
	}
}

// postingsOf are the postings of a term that count.
func (s *searcher) postingsOf(t *term) (from, to uint32) {
	w := &s.parts[t.part].words[t.word]
	if t.head {
		return w.from, w.rest
	}
	return w.from, w.to
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
	s.gatherAll()
}

func (s *searcher) gatherTerm(via int, words mask) {
	t := &s.terms[via]
	p := &s.parts[t.part]
	from, to := s.postingsOf(t)
	s.inSlots(t.part, from, to, func(slot *slot, row []cell, at uint32) {
		s.note(slot, row, &p.postings[at], at, uint32(via), words) //nolint:gosec // an index
	})
}

// lookUp is how many postings are read in the time that it takes to look up one document's.
const lookUp = 16

// inSlots calls a function for each slot of a part that has one of some postings, with the slot's row of cells.
func (s *searcher) inSlots(part int, from, to uint32, f func(slot *slot, row []cell, at uint32)) {
	p := &s.parts[part]
	n := len(s.wanted)
	if len(s.slots)*lookUp < int(to-from) {
		s.work += len(s.slots)
		for i := range s.slots {
			slot := &s.slots[i]
			if slot.part != part {
				continue
			}
			entries := p.documents[slot.document].entries
			if at, _ := slices.BinarySearch(entries, from); at < len(entries) && entries[at] < to {
				f(slot, s.scores[i*n:(i+1)*n], entries[at])
			}
		}
		return
	}
	s.work += int(to - from)
	slotOf := s.slotOf[s.bases[part]:]
	for at := from; at < to; at++ {
		if i := int(slotOf[p.postings[at].document]); i != 0 {
			f(&s.slots[i-1], s.scores[(i-1)*n:i*n], at)
		}
	}
}

// slotFor makes a slot for a document, unless it is dead.
func (s *searcher) slotFor(part int, document uint32) {
	at := &s.slotOf[s.bases[part]+int(document)]
	if *at != 0 || s.parts[part].isDead(document) {
		return
	}
	s.slots = append(s.slots, slot{part: part, document: document})
	*at = uint32(len(s.slots)) //nolint:gosec // bounded by the documents
	for range s.wanted {
		s.scores = append(s.scores, cell{})
	}
}

func (s *searcher) note(slot *slot, row []cell, entry *posting, at, via uint32, words mask) {
	t := &s.terms[via]
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
func (s *searcher) gatherOther(o *other) {
	words := o.mask()
	if len(o.words) == 1 {
		for j := o.words[0].from; j < o.words[0].to; j++ {
			s.gatherTerm(j, words)
		}
		return
	}
	base := s.rarestOf(o)
	for j := o.words[base].from; j < o.words[base].to; j++ {
		t := &s.terms[j]
		w := &s.parts[t.part].words[t.word]
		s.gatherFollowed(o, base, j, w.from, w.rest)
		if !t.head {
			s.gatherFollowed(o, base, j, w.rest, w.to)
		}
	}
}

// mask are the wanted words that something stands for.
func (o *other) mask() (words mask) { return 1<<o.to - 1<<o.from }

// rarestOf is the word of a synonym that the fewest documents have.
func (s *searcher) rarestOf(o *other) (base int) {
	for k := range o.words {
		if s.documentsWith(o.words[k]) < s.documentsWith(o.words[base]) {
			base = k
		}
	}
	return base
}

// gatherFollowed notes the documents of some postings of a term that have the other words of a synonym near it.
func (s *searcher) gatherFollowed(o *other, base, via int, from, to uint32) {
	part, words := s.terms[via].part, o.mask()
	p := &s.parts[part]
	s.readers = s.readers[:0]
	read := func(word int, from, to uint32) { s.readers = append(s.readers, reader{word, from, from, to}) }
	for k := range o.words {
		for j := o.words[k].from; k != base && j < o.words[k].to; j++ {
			if x := &s.terms[j]; x.part == part {
				w := &p.words[x.word]
				read(k, w.from, w.rest)
				if !x.head {
					read(k, w.rest, w.to)
				}
			}
		}
	}
	last := uint32(0)
	s.inSlots(part, from, to, func(slot *slot, row []cell, at uint32) {
		entry := &p.postings[at]
		if entry.classes&strongClasses == 0 || slot.named&words == words {
			return
		}
		if entry.document < last {
			for i := range s.readers {
				s.readers[i].next = s.readers[i].from
			}
		}
		last = entry.document
		if s.followed(p, entry, base, len(o.words)) {
			s.note(slot, row, entry, at, uint32(via), words) //nolint:gosec // an index
		}
	})
}

// reader goes through the postings of a word of a synonym.
type reader struct {
	word           int // of the synonym
	from, next, to uint32
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
