package snapshot

import (
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/lang"
)

// Preview returns the encoded view of the first of some drafts, as View would show it if they were all public.
func (r *Reader) Preview(s *Snapshot, drafts []catalogue.Entry, tag lang.Tag, show Shown) Answer {
	o := &overlay{below: s, drafts: map[catalogue.Ref]catalogue.Entry{}, done: map[catalogue.Ref]*catalogue.Entry{}}
	for _, d := range drafts {
		o.drafts[d.Ref] = d
	}
	words := r.words(s, tag, r.clock())
	words.Resolver = o
	return show.Write(words, o.Resolve(drafts[0].Ref), Identity)
}

// overlay is a snapshot with drafts in the place of what is public.
type overlay struct {
	below  *Snapshot
	drafts map[catalogue.Ref]catalogue.Entry
	done   map[catalogue.Ref]*catalogue.Entry // those that were completed
}

// Resolve returns the entry that a reference names, a draft before what is public.
func (o *overlay) Resolve(ref catalogue.Ref) *catalogue.Entry {
	if e, ok := o.done[ref]; ok {
		return e
	}
	draft, ok := o.drafts[ref]
	if !ok {
		return o.below.Resolve(ref)
	}
	e := catalogue.NewEntry(draft, draft.Document, o)
	o.done[ref] = &e
	return &e
}
