package catalogue

import (
	"strconv"
	"time"

	"github.com/comuneprato/service-catalogue/internal/hours"
	"github.com/comuneprato/service-catalogue/internal/vocabulary"
)

// Opening is what a timetable says at an instant, and since when.
type Opening struct {
	hours.Status
	Since time.Time // when any of it last changed; zero where that was more than two months ago
}

// OpeningAt is what the timetable of an entry says at an instant; ok is false if the entry is no public timetable.
func (e *Entry) OpeningAt(now time.Time) (o Opening, ok bool) {
	if e == nil || e.Schedule == nil {
		return Opening{}, false
	}
	return Opening{e.Schedule.StateAt(now), lastChange(e.Schedule, now)}, true
}

// lastChange looks back in steps, a day first, for most things open or close every day.
func lastChange(s *hours.Schedule, now time.Time) (last time.Time) {
	for days := 1; days <= 64 && last.IsZero(); days *= 4 {
		for t := s.NextChange(now.AddDate(0, 0, -days)); !t.IsZero() && !t.After(now); t = s.NextChange(t) {
			last = t
		}
	}
	return last
}

// Timetables are those by which an entry is open. An office or a place has one, its own or, of an office without any,
// that of its first place. A service has those of its connections, or else of the offices and places where these are,
// and those of its offices. A timetable has itself. What is not public is not among them.
func Timetables(e *Entry, r Resolver) []*Entry {
	return timetables(e, finder{Resolver: r, saw: func(time.Time) {}})
}

func timetables(e *Entry, f finder) []*Entry {
	switch d := e.Document.(type) {
	case *Service:
		f.offices(append([]string{d.ResponsibleOffice}, d.Offices...)...)
		for _, w := range d.ways(f) {
			f.way(w)
		}
	case *Channel:
		f.way(&Way{Access: d.Access})
	default:
		f.add(f.of(e))
	}
	return f.found
}

// finder finds the timetables by which entries are open.
type finder struct {
	Resolver
	saw   func(time.Time) // told when what it looked at became as it is, withdrawn entries included
	found []*Entry
}

func (f *finder) add(timetable *Entry) {
	if timetable == nil || !timetable.Available() {
		return
	}
	for _, known := range f.found {
		if known.ID == timetable.ID {
			return
		}
	}
	f.found = append(f.found, timetable)
}

// resolve is the public entry that a reference leads to, nil if there is none.
func (f *finder) resolve(kind Kind, reference string) *Entry {
	ref, ok := ParseRef(kind, reference)
	if !ok {
		return nil
	}
	e := f.Resolve(ref)
	if e == nil {
		return nil
	}
	f.saw(e.UpdatedAt)
	if !e.Available() {
		return nil
	}
	return e
}

// of is the timetable by which an entry other than a service is open, nil if that is not known.
func (f *finder) of(e *Entry) *Entry {
	if e == nil {
		return nil
	}
	switch d := e.Document.(type) {
	case *Timetable:
		return e
	case *Place:
		return f.resolve(KindTimetable, d.Timetable)
	case *Channel:
		leads := finder{Resolver: f.Resolver, saw: f.saw}
		if leads.way(&Way{Access: d.Access}); len(leads.found) == 1 {
			return leads.found[0]
		}
		return nil
	case *Office:
		if d.Timetable == "" && len(d.Places) > 0 {
			return f.of(f.resolve(KindPlace, d.Places[0]))
		}
		return f.resolve(KindTimetable, d.Timetable)
	default:
		return nil
	}
}

func (f *finder) offices(references ...string) {
	for _, reference := range references {
		f.add(f.of(f.resolve(KindOffice, reference)))
	}
}

// way adds the timetable of a way to get a service or, where it has none, those of where it leads.
func (f *finder) way(w *Way) {
	if w.Timetable != "" {
		f.add(f.resolve(KindTimetable, w.Timetable))
	} else {
		f.offices(w.Offices...)
		for _, reference := range w.Places {
			f.add(f.of(f.resolve(KindPlace, reference)))
		}
	}
}

// openingFields are the members that say whether something is open.
var openingFields = []string{"state", "openNow", "opensAt", "closesAt"}

// HasHours reports whether views of a kind say whether it is open.
func HasHours(kind Kind) bool {
	return kind == KindOffice || kind == KindPlace || kind == KindTimetable || kind == KindChannel
}

// openingOf writes whether an entry is open, where that is known.
func (v *viewer) openingOf(e *Entry, at Pointer) Object {
	f := v.finder()
	return v.opening(f.of(e), at)
}

// opening writes what a timetable says now, and remembers until when it does.
func (v *viewer) opening(timetable *Entry, at Pointer) Object {
	now, ok := timetable.OpeningAt(v.Now)
	if !ok {
		return nil
	}
	v.newer(timetable.ScheduleSince)
	v.newer(now.Since)
	v.changes(now.ValidUntil)
	o := Object{
		{"state", v.term(openingStates, string(now.State), at.Field("state"))},
		{"openNow", strconv.AppendBool(nil, now.State.Open())},
	}
	if !now.OpensAt.IsZero() {
		o = append(o, Member{"opensAt", instant(now.OpensAt)})
	}
	if !now.ClosesAt.IsZero() {
		o = append(o, Member{"closesAt", instant(now.ClosesAt)})
	}
	return o
}

var openingStates = vocabulary.MustGet("opening-states")
