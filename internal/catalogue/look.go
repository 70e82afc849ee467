package catalogue

import (
	"time"

	"github.com/comuneprato/service-catalogue/internal/hours"
	"github.com/comuneprato/service-catalogue/internal/lang"
)

// Look reads public entries at an instant for formats other than the view. It remembers since when all that it was asked
// is so, and until when it will be: entries come by Resolve, and what depends on the clock by the methods that say so.
type Look struct {
	Words
	moment
}

// Look begins a look at an entry.
func (w Words) Look(e *Entry) *Look {
	l := w.LookAround()
	l.At(e)
	return l
}

// LookAround begins a look at no entry in particular.
func (w Words) LookAround() *Look {
	l := w.look()
	return &l
}

func (w Words) look() Look { return Look{Words: w, moment: moment{now: w.Now}} }

// At notes that an entry is looked at.
func (l *Look) At(e *Entry) {
	l.newer(e.UpdatedAt)
	l.newer(e.ReviewedAt)
}

// Changes notes that something of what was looked at changes at t; the zero instant never comes.
func (l *Look) Changes(t time.Time) { l.changes(t) }

// Since is when the latest of what was looked at became as it is.
func (l *Look) Since() time.Time { return l.since }

// Until is the next instant at which something of what was looked at may change without any publication; zero: none.
func (l *Look) Until() time.Time { return l.until }

// Resolve is the entry that a reference of a document names: public, withdrawn (with its label alone), or nil.
func (l *Look) Resolve(kind Kind, reference string) *Entry {
	ref, ok := ParseRef(kind, reference)
	if !ok {
		return nil
	}
	e := l.Resolver.Resolve(ref)
	if e != nil {
		l.newer(e.UpdatedAt)
	}
	return e
}

// Public is the entry that a reference names, nil unless it is public.
func (l *Look) Public(kind Kind, reference string) *Entry {
	if e := l.Resolve(kind, reference); e != nil && e.Available() {
		return e
	}
	return nil
}

// Publisher is the public profile of who publishes an entry; nil if there is none.
func (l *Look) Publisher(e *Entry) *Entry {
	return l.Public(KindPublisher, e.Ref.Publisher+"/"+e.Ref.Publisher)
}

// Text is a text in the language that the look is in, else in Italian, else in another one.
func (l *Look) Text(t lang.Text) (string, lang.Tag) { return t.In(l.Lang) }

// Ways are the connections of a service, merged with their channels, digital ones first.
func (l *Look) Ways(s *Service) []*Way { return s.ways(l.finder()) }

// Online reports whether a service can be applied for online.
func (l *Look) Online(s *Service) bool { return s.online(l.finder()) }

// Timetable is the public timetable by which an entry other than a service is open; nil if that is not known.
func (l *Look) Timetable(e *Entry) *Entry {
	f := l.finder()
	timetable := f.of(e)
	if timetable == nil || !timetable.Available() {
		return nil
	}
	l.newer(timetable.ScheduleSince)
	return timetable
}

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

// During says where now lies from a span that documents write.
func (l *Look) During(from, to string) Validity { return l.during(from, to) }

// Window is the span of a deadline that counts now, of a yearly one the next that is not over; from is zero where there is
// a last day alone. ok is false for a deadline without dates.
func (l *Look) Window(d *Deadline) (from, to hours.Date, ok bool) {
	from, to, _, ok = d.window(&l.moment)
	return from, to, ok
}

// Year are twelve months from the first day of this one, so that what is listed day by day changes once a month.
func (l *Look) Year() (first, last hours.Date) {
	year, month, _ := hours.DateOf(l.Now).Civil()
	l.in(hours.NewDate(year, month, 1).Begins(), hours.NewDate(year, month+1, 1).Begins())
	return hours.NewDate(year, month, 1), hours.NewDate(year+1, month, 1) - 1
}

// Language is the language that the look is in: Italian, which every text has, for a reader who wants all of them.
func (l *Look) Language() lang.Tag {
	if l.Lang == lang.Any {
		return lang.Italian
	}
	return l.Lang
}

// URL is the address of an entry's view.
func (l *Look) URL(e *Entry) string { return l.url(e) }

// IRI names an entry for as long as there is the catalogue: its address by id, which stays when the slug changes.
func (l *Look) IRI(e *Entry) string {
	return l.PublicURL + "/v1/" + e.Ref.Kind.Plural() + "/" + e.ID.String()
}

func (l *Look) finder() finder { return finder{Resolver: l.Resolver, saw: l.newer} }
