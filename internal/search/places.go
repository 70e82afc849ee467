package search

import (
	"encoding/binary"
	"slices"
)

// places says at which byte of its field's text each position of a document begins, so that marking what was found need
// not read the text again. From each position to the next is a difference, with the sum now and then.
type places struct {
	differences []byte  // varints; of the first position of a field from its start, 0 for those between fields
	milestones  []place // of every so many positions
}

// place is a byte of a text, and the difference of the next position.
type place struct{ at, next uint32 }

const milestone = 64

// placer writes the places of one document after the other.
type placer struct {
	places

	position int
	last     int // byte
}

// begin goes on to the position at which a field begins.
func (p *placer) begin(position int) {
	for p.position < position {
		p.add(p.last)
	}
	p.last = 0
}

// add notes the byte of the next position.
func (p *placer) add(at int) {
	if p.position%milestone == 0 {
		p.milestones = append(p.milestones, place{uint32(p.last), uint32(len(p.differences))}) //nolint:gosec // texts are shorter
	}
	p.differences = binary.AppendUvarint(p.differences, uint64(at-p.last)) //nolint:gosec // positions follow each other
	p.position, p.last = p.position+1, at
}

// end returns the places of a document, and is ready for the next.
func (p *placer) end() places {
	all := places{slices.Clone(p.differences), slices.Clone(p.milestones)}
	*p = placer{places: places{p.differences[:0], p.milestones[:0]}}
	return all
}

// of is the byte of a position in the text of its field.
func (p *places) of(f *placed, position uint16) int {
	m := p.milestones[position/milestone]
	now, at, next := position/milestone*milestone, uint64(m.at), p.differences[m.next:]
	for {
		if now == f.start {
			at = 0
		}
		difference, n := binary.Uvarint(next)
		at += difference
		if now == position {
			return int(at) //nolint:gosec // a byte of a text
		}
		now, next = now+1, next[n:]
	}
}
