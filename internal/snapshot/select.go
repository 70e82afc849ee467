package snapshot

import (
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/lang"
	"github.com/comuneprato/service-catalogue/internal/search"
)

// Selection asks for the public entries of a kind, for formats that have lists of their own.
type Selection struct {
	Kind         catalogue.Kind
	Text         string                      // what to search for; "": nothing
	Lang         lang.Tag                    // of Text
	UpdatedSince time.Time                   // zero: always
	Keep         func(*catalogue.Entry) bool // what else must hold; nil: nothing
}

// Select lists all that is selected: the best hits of a search first, all else by title. Nothing is found by words where
// the snapshot is not Searchable.
func (s *Snapshot) Select(q Selection) []*catalogue.Entry {
	var among *roaring.Bitmap
	if !q.UpdatedSince.IsZero() {
		among = s.changedSince(q.Kind, q.UpdatedSince)
	}
	var entries []*catalogue.Entry
	add := func(number ordinal) {
		if n, _ := s.nodes.Get(number); q.Keep == nil || q.Keep(&n.Entry) {
			entries = append(entries, &n.Entry)
		}
	}
	if q.Text != "" {
		if s.searchFailed {
			return nil
		}
		found := s.seek(Query{Kinds: []catalogue.Kind{q.Kind}, Text: q.Text, Lang: q.Lang}, among, search.Query{Limit: maxRelevant, Matches: true})
		among = found.Matches.Clone()
		for i := range found.Hits {
			add(found.Hits[i].Ordinal)
			among.Remove(found.Hits[i].Ordinal)
		}
	}
	s.orders[order{q.Kind, SortTitle}].Scan(func(_ rank, number ordinal) bool {
		if among == nil || among.Contains(number) {
			add(number)
		}
		return true
	})
	return entries
}

// Compose returns the encoded body that is written from a look at a snapshot. It is kept under a name until the next
// snapshot comes, or until something in it is no longer true.
func (r *Reader) Compose(s *Snapshot, name string, tag lang.Tag, coding Coding, write func(*catalogue.Look) []byte) Answer {
	key, now := pageKey{s.generation, name, tag, coding}, r.clock()
	if page, ok := r.ready(key, now); ok {
		return page.Answer
	}
	return r.kept(key, now, func() Page {
		l := r.words(s, tag, now).LookAround()
		body := write(l)
		return Page{Answer: Encode(body, later(s.changed, l.Since()), l.Until(), coding)} // s.changed: what left a list changed it too
	}).Answer
}
