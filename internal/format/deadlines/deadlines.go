// Package deadlines writes the deadlines of services and procedures as iCalendar (RFC 5545), for calendar programs to
// subscribe to.
package deadlines

import (
	"io"
	"iter"
	"strconv"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/hours"
	"github.com/comuneprato/service-catalogue/internal/lang"
)

// Kinds have deadlines.
var Kinds = []catalogue.Kind{catalogue.KindService, catalogue.KindProcedure}

// Calendar is the calendar of one entry. One without deadlines on days of their own has no events.
func Calendar(l *catalogue.Look, e *catalogue.Entry) []byte {
	title, _ := l.Text(e.Label)
	var b strings.Builder
	if err := Write(&b, l, title, func(yield func(*catalogue.Entry) bool) { yield(e) }); err != nil {
		panic(err) // memory takes everything
	}
	return []byte(b.String())
}

// Write writes a calendar of entries: an event of whole days for each deadline that is a day or a window, the yearly ones
// repeated, those that are over left out. What is counted from something that happens to an applicant has no day.
func Write(out io.Writer, l *catalogue.Look, name string, entries iter.Seq[*catalogue.Entry]) error {
	cal := hours.NewICalendar(name)
	for e := range entries {
		for i, d := range of(e.Document) {
			event(cal, l, e, i, d)
		}
	}
	return cal.SerializeTo(out, ics.WithNewLineWindows)
}

func of(doc catalogue.Document) []catalogue.Deadline {
	switch d := doc.(type) {
	case *catalogue.Service:
		return d.Deadlines
	case *catalogue.Procedure:
		return d.OtherTerms
	default:
		return nil
	}
}

// instant is the layout of iCalendar (RFC 5545, section 3.3.5).
const instant = "20060102T150405Z"

func event(cal *ics.Calendar, l *catalogue.Look, e *catalogue.Entry, i int, d catalogue.Deadline) {
	last, ok := hours.ParseDate(d.To)
	if !ok || !d.Yearly && l.During(d.From, d.To) == catalogue.Past {
		return
	}
	first, isWindow := hours.ParseDate(d.From)
	if !isWindow {
		first = last
	}
	event := cal.AddEvent(strconv.Itoa(i+1) + "-" + e.ID.String())
	event.SetProperty(ics.ComponentPropertyDtstamp, e.UpdatedAt.UTC().Format(instant))
	event.SetProperty(ics.ComponentPropertyDtStart, date(first), ics.WithValue("DATE"))
	event.SetProperty(ics.ComponentPropertyDtEnd, date(last+1), ics.WithValue("DATE"))
	if d.Yearly {
		event.AddRrule(everyYear(first))
	}
	event.SetSummary(said(l, d.Title) + " – " + said(l, e.Label))
	if text := said(l, d.Description); text != "" {
		event.SetDescription(text)
	}
	event.SetURL(l.URL(e))
	event.SetTimeTransparency(ics.TransparencyTransparent)
}

func date(d hours.Date) string { return strings.ReplaceAll(d.String(), "-", "") }

// everyYear is the rule of what comes again on a day; 29 February is the last of the month in every year.
func everyYear(first hours.Date) string {
	if _, month, dayOf := first.Civil(); month == time.February && dayOf == 29 {
		return "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1"
	}
	return "FREQ=YEARLY"
}

func said(l *catalogue.Look, t lang.Text) string {
	s, _ := l.Text(t)
	return hours.ICalendarText(s)
}
