package search

import (
	"slices"
	"sort"
)

// Index finds documents. It never changes, but for what it remembers, and may be used by many at once; the zero Index is not usable, a Builder's
// first one is empty.
type Index struct {
	parts    []part // the larger and older first
	live     int
	synonyms *thesaurus
	tongues  [tongues]bool // the languages that documents have

	expansions  memory[asking, *expansion]
	corrections memory[misspelling, []cut]
}

// Len is how many documents there are.
func (x *Index) Len() int { return x.live }

// Builder makes one Index after the other. It is for one goroutine.
type Builder struct {
	parts    []part
	owned    []bool          // whether the dead of a part are nobody else's yet
	places   map[uint32]spot // of documents
	pending  []Document      // put, not yet in a part
	waiting  map[uint32]int  // where in pending
	asm      assembler       //
	synonyms *thesaurus      //
}

// spot is where a document is.
type spot struct {
	segment  *segment
	document uint32
}

const (
	batch     = 512 // documents that make a segment without waiting for Index
	geometric = 4   // a segment this many times as large as the next is not merged with it
)

// NewBuilder returns a Builder without documents that has our own synonyms.
func NewBuilder() *Builder {
	return &Builder{
		places: map[uint32]spot{}, waiting: map[uint32]int{}, synonyms: defaultThesaurus(),
		asm: assembler{numbers: map[lexeme]uint32{}},
	}
}

// Put adds a document, in place of the one with its ordinal if there is one.
func (b *Builder) Put(d Document) {
	b.Delete(d.Ordinal)
	b.waiting[d.Ordinal] = len(b.pending)
	b.pending = append(b.pending, d)
	if len(b.pending) >= batch {
		b.flush()
	}
}

// Delete takes a document away; one that is not there is none of its business.
func (b *Builder) Delete(ordinal uint32) {
	if i, ok := b.waiting[ordinal]; ok {
		delete(b.waiting, ordinal)
		last := len(b.pending) - 1
		if i != last {
			b.pending[i] = b.pending[last]
			b.waiting[b.pending[i].Ordinal] = i
		}
		b.pending[last] = Document{}
		b.pending = b.pending[:last]
		return
	}
	at, ok := b.places[ordinal]
	if !ok {
		return
	}
	delete(b.places, ordinal)
	i := slices.IndexFunc(b.parts, func(p part) bool { return p.segment == at.segment })
	b.own(i)
	p := &b.parts[i]
	p.dead[at.document>>6] |= 1 << (at.document & 63)
	p.live--
	number := 0
	for _, entry := range p.documents[at.document].entries {
		number += sort.Search(len(p.words)-number, func(i int) bool { return p.words[number+i].to > entry })
		c := &p.counts[number]
		c.all--
		if entry < p.words[number].rest {
			c.head--
		}
	}
}

// own makes what is about to change in a part the builder's alone.
func (b *Builder) own(i int) {
	if b.owned[i] {
		return
	}
	b.owned[i] = true
	p := &b.parts[i]
	if p.dead == nil {
		p.dead = make([]uint64, (len(p.documents)+63)/64)
		p.counts = make([]counts, len(p.words))
		for j := range p.words {
			p.counts[j] = p.words[j].numbers
		}
		return
	}
	p.dead, p.counts = slices.Clone(p.dead), slices.Clone(p.counts)
}

// SetSynonyms replaces the synonyms from the next Index on. It returns an error that names every set that is wrong, and
// then changes nothing.
func (b *Builder) SetSynonyms(sets []SynonymSet) error {
	t, err := compile(sets)
	if err != nil {
		return err
	}
	b.synonyms = t
	return nil
}

// Index returns what there is now. It shares with the one before all that stayed the same.
func (b *Builder) Index() *Index {
	b.flush()
	b.compact()
	x := &Index{parts: slices.Clone(b.parts), synonyms: b.synonyms}
	for i := range x.parts {
		b.owned[i] = false
		x.live += x.parts[i].live
		for t := range x.tongues {
			x.tongues[t] = x.tongues[t] || x.parts[i].tongues[t]
		}
	}
	return x
}

func (b *Builder) flush() {
	if len(b.pending) == 0 {
		return
	}
	for i := range b.pending {
		b.asm.add(b.pending[i])
	}
	clear(b.waiting)
	clear(b.pending)
	b.pending = b.pending[:0]
	s := b.asm.segment()
	b.append(part{segment: s, live: len(s.documents)})
}

func (b *Builder) append(p part) {
	b.parts = append(b.parts, p)
	b.owned = append(b.owned, false)
	for i := range p.documents {
		b.places[p.documents[i].ordinal] = spot{p.segment, uint32(i)}
	}
}

// compact merges parts so that few are left and none is mostly dead: each is several times as large as the next.
func (b *Builder) compact() {
	from := len(b.parts)
	live := 0
	for i := len(b.parts) - 1; i >= 0; i-- {
		p := &b.parts[i]
		if p.live <= geometric*live || (len(p.documents)-p.live)*3 > len(p.documents) {
			from = i
		}
		live += p.live
	}
	if from == len(b.parts) || from == len(b.parts)-1 && b.parts[from].live == len(b.parts[from].documents) {
		return
	}
	for len(b.parts)-from > maxMerged { // only after a great load without an Index
		b.mergeFrom(len(b.parts) - maxMerged)
	}
	b.mergeFrom(from)
}

const maxMerged = 64

func (b *Builder) mergeFrom(from int) {
	merged := merge(b.parts[from:])
	clear(b.parts[from:])
	b.parts, b.owned = b.parts[:from], b.owned[:from]
	if merged.live > 0 {
		b.append(merged)
	}
}
