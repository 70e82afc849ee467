package snapshot

import (
	"slices"
	"sync"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
)

// openings keeps what of each kind is open at the moment, for all lists that go by it.
type openings struct {
	mu     sync.Mutex
	latest map[catalogue.Kind]*opening
}

// opening is what of a kind is known to be open or closed by its timetables, from an instant until another (zero: for
// ever). It never changes.
type opening struct {
	generation   int64 // of the snapshot
	from, until  time.Time
	since        time.Time // when any of the timetables last changed its state
	open, closed *roaring.Bitmap
}

// of finds out what is open, unless that is known; those who ask at the same time wait for one of them.
func (o *openings) of(s *Snapshot, kind catalogue.Kind, now time.Time) *opening {
	o.mu.Lock()
	defer o.mu.Unlock()
	known := o.latest[kind]
	if known == nil || known.generation != s.generation || now.Before(known.from) || !known.until.IsZero() && !now.Before(known.until) {
		known = s.opening(kind, now)
		if o.latest == nil {
			o.latest = map[catalogue.Kind]*opening{}
		}
		o.latest[kind] = known
	}
	return known
}

// opening asks the timetables of all that is public of a kind. One of them that is open is enough.
func (s *Snapshot) opening(kind catalogue.Kind, now time.Time) *opening {
	found := &opening{generation: s.generation, from: now, open: roaring.New(), closed: roaring.New()}
	states := map[catalogue.EntryID]bool{} // of timetables, whether they are open
	isOpen := func(timetable *catalogue.Entry) bool {
		open, known := states[timetable.ID]
		if !known {
			if o, ok := timetable.OpeningAt(now); ok {
				open = o.State.Open()
				found.since, found.until = later(found.since, o.Since), catalogue.Sooner(found.until, o.ValidUntil)
			}
			states[timetable.ID] = open
		}
		return open
	}
	s.orders[order{kind, SortTitle}].Scan(func(_ rank, number ordinal) bool {
		n, _ := s.nodes.Get(number)
		timetables := catalogue.Timetables(&n.Entry, s)
		open := 0
		for _, timetable := range timetables { // all are asked: each may change what is open
			if isOpen(timetable) {
				open++
			}
		}
		switch {
		case open > 0:
			found.open.Add(number)
		case len(timetables) > 0:
			found.closed.Add(number)
		}
		return true
	})
	return found
}

// of is what is open, for the value "true", or closed, for "false".
func (o *opening) of(values []string) *roaring.Bitmap {
	set := roaring.New()
	if slices.Contains(values, "true") {
		set.Or(o.open)
	}
	if slices.Contains(values, "false") {
		set.Or(o.closed)
	}
	return set
}
