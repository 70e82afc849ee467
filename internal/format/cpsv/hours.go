package cpsv

import (
	"cmp"
	"strconv"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/format/rdf"
	"github.com/comuneprato/service-catalogue/internal/hours"
	"github.com/comuneprato/service-catalogue/internal/lang"
)

// hours says by which timetable something is open, and returns its node; nil where it has none.
func (w *writer) hours(n *rdf.Node, reference string) *rdf.Node {
	t := w.Public(catalogue.KindTimetable, reference)
	if t == nil {
		return nil
	}
	n.Link(openingHours, w.hoursOf(t))
	if node := w.exceptions(t); node != nil {
		n.Link(specialHours, node)
	}
	return w.hoursOf(t)
}

// hoursOf is a timetable that others name.
func (w *writer) hoursOf(t *catalogue.Entry) *rdf.Node {
	return w.stub(t, func(n *rdf.Node) { w.timetable(n, t.Document.(*catalogue.Timetable)) })
}

// exceptions are what is unlike the usual hours of a timetable; nil where nothing is.
func (w *writer) exceptions(t *catalogue.Entry) *rdf.Node {
	doc := t.Document.(*catalogue.Timetable)
	if len(doc.Exceptions) == 0 && doc.HolidayPolicy == "" {
		return nil
	}
	return w.graph.Node(w.IRI(t) + "#exceptions").Is("time:TemporalEntity")
}

// timetable says what a timetable is. The slots of its weeks are its parts.
func (w *writer) timetable(n *rdf.Node, t *catalogue.Timetable) {
	n.Is("time:TemporalEntity", "acapit:OpeningHoursSpecification", "acapit:AccessCondition")
	n.Say(title, t.Title).Say(italianName, t.Title)
	described(n, firstOf(t.Note, t.Summary, t.Title))
}

func (w *writer) timetableInFull(n *rdf.Node, t *catalogue.Timetable) {
	for i, period := range t.Periods {
		for j, slot := range period.Slots {
			s := w.part(n, "slot", i, j)
			w.slot(s, slot.Opens, slot.Closes, slot.State, slot.Note)
			n.Link(hasPart, s.Link(frequency, w.term("frequencies", "WEEKLY")).Link(atTime, w.interval(s, period.ValidFrom, period.ValidTo)))
			for _, day := range slot.Weekdays {
				s.Link(dayOfWeek, w.graph.Node(names.IRI("cpsvapit:"+weekdays[day])).Is("tiapit:DayOfWeek"))
			}
			if period.Season != nil {
				described(s, said("cpsv.season", period.Season.From, period.Season.To))
			}
		}
	}
	special := w.part(n, "exceptions")
	for i, x := range t.Exceptions {
		if w.During(x.From, cmp.Or(x.To, x.From)) == catalogue.Past {
			continue
		}
		for j, slot := range slotsOf(x) {
			s := w.part(n, "exception", i, j)
			special.Is("time:TemporalEntity").Link(hasPart, s)
			if slot == nil {
				reason := firstOf(x.Reason, label("opening-states", "closed"))
				s.Is("time:TemporalEntity", "acapit:TemporaryClosure", "acapit:AccessCondition").Say(reasonClosure, reason)
				described(s, reason)
			} else {
				w.slot(s, slot.Opens, slot.Closes, cmp.Or(slot.State, x.State), slot.Note)
				described(s, x.Reason)
			}
			s.Link(atTime, w.intervalFrom(s, x.From, cmp.Or(x.To, x.From)))
		}
	}
}

// slotsOf are the slots of an exception, or one nil where it is closed.
func slotsOf(x hours.Exception) []*hours.DaySlot {
	if x.Closed || len(x.Slots) == 0 && x.State == "closed" {
		return []*hours.DaySlot{nil}
	}
	slots := make([]*hours.DaySlot, len(x.Slots))
	for i := range x.Slots {
		slots[i] = &x.Slots[i]
	}
	return slots
}

func (w *writer) slot(s *rdf.Node, from, to, state string, note lang.Text) {
	s.Is("time:TemporalEntity", "acapit:OpeningHoursSpecification", "acapit:AccessCondition").Set(opens, clock(from)).Set(closes, clock(to))
	s.Link(typed, w.term("opening-states", cmp.Or(state, "open")))
	described(s, note)
}

// clock is a time of day with seconds. The end of the day is the beginning of the next.
func clock(t string) string {
	if t == "24:00" {
		t = "00:00"
	}
	return t + ":00"
}

// weekdays are the individuals that CPSV-AP_IT names.
var weekdays = map[string]string{
	"monday": "Mon", "tuesday": "Tue", "wednesday": "Wed", "thursday": "Thu", "friday": "Fri", "saturday": "Sat", "sunday": "Sun",
}

// wkt is a point as well-known text, the longitude first (OGC 06-103r4).
func wkt(p *catalogue.Point) string {
	number := func(f *float64) string { return strconv.FormatFloat(*f, 'f', -1, 64) }
	return "POINT(" + number(p.Lon) + " " + number(p.Lat) + ")"
}
