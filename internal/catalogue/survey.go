package catalogue

import "time"

// Survey begins a look at entries that are still to be told, by Look.At.
func (w Words) Survey() *Look {
	l := w.look()
	return &l
}

// At notes that an entry is looked at.
func (l *Look) At(e *Entry) {
	l.newer(e.UpdatedAt)
	l.newer(e.ReviewedAt)
}

// Changes notes that something of what was looked at changes at t; the zero instant never comes.
func (l *Look) Changes(t time.Time) { l.changes(t) }

// Timetables are those by which an entry is open, as the function of that name has them.
func (l *Look) Timetables(e *Entry) []*Entry {
	found := timetables(e, l.finder())
	for _, timetable := range found {
		l.newer(timetable.ScheduleSince)
	}
	return found
}

// Free says whether a service costs nothing now; nil where that is not known.
func (l *Look) Free(s *Service) *bool { return isFree(&l.moment, s.allCosts()...) }
