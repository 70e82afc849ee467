package hours

import (
	"fmt"
	"io"
	"maps"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"

	"github.com/comuneprato/service-catalogue/internal/lang"
)

// Calendar is what an iCalendar says besides the hours.
type Calendar struct {
	ID    string    // unique in the world and lasting, as that of the entry; events have theirs from it
	Name  string    // of the calendar and its events
	URL   string    // of the page about it, may be empty
	Stamp time.Time // when the timetable was last changed
	Lang  lang.Tag  // of all texts
}

// The layouts of iCalendar (RFC 5545, section 3.3).
const (
	icsLocal = "20060102T150405"
	icsUTC   = "20060102T150405Z"
	icsDay   = "20060102"
)

// WriteICalendar writes what holds from one day to another, both included, as iCalendar (RFC 5545): an event for each
// interval, and one for each run of days that are closed for the same reason. The range is the caller's to bound.
func (s *Schedule) WriteICalendar(w io.Writer, c Calendar, from, to Date) error {
	cal := NewICalendar(c.Name)
	days := s.Days(from, to)
	for i := 0; i < len(days); i++ {
		for _, x := range days[i].Intervals {
			c.hours(cal, days[i], x)
		}
		if first := days[i]; len(first.Intervals) == 0 && first.Reason != nil {
			for i+1 < len(days) && len(days[i+1].Intervals) == 0 && maps.Equal(days[i+1].Reason, first.Reason) {
				i++
			}
			c.closed(cal, first, days[i].Date)
		}
	}
	if err := cal.SerializeTo(w, ics.WithNewLineWindows); err != nil {
		return fmt.Errorf("writing iCalendar: %w", err)
	}
	return nil
}

// NewICalendar begins an iCalendar of a name, to be subscribed to. It has no method, since nobody is invited (RFC 5545, section
// 3.7.2), and the time zone at least, since it must have a component (section 3.6).
func NewICalendar(name string) *ics.Calendar {
	cal := ics.NewCalendarFor("Comune di Prato")
	cal.SetProductId("-//Comune di Prato//service-catalogue//IT")
	cal.SetName(ICalendarText(name))
	cal.SetXWRTimezone(Timezone)
	cal.AddVTimezone(romeTimezone())
	return cal
}

// ICalendarText is a text as iCalendar can hold it, with one character for each end of a line (RFC 5545, section 3.3.11).
func ICalendarText(s string) string { return lineEnds.Replace(s) }

var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n")

func (c Calendar) hours(cal *ics.Calendar, day Day, x Interval) {
	e := c.event(cal, x.Opens.UTC().Format(icsUTC), x.State)
	e.SetProperty(ics.ComponentPropertyDtStart, x.Opens.Format(icsLocal), ics.WithTZID(Timezone))
	e.SetProperty(ics.ComponentPropertyDtEnd, x.Closes.Format(icsLocal), ics.WithTZID(Timezone))
	description := c.say(x.Note)
	if reason := c.say(day.Reason); reason != "" {
		if description != "" {
			description += "\n"
		}
		description += reason
	}
	if description != "" {
		e.SetDescription(description)
	}
}

func (c Calendar) closed(cal *ics.Calendar, first Day, last Date) {
	e := c.event(cal, first.Date.utc().Format(icsDay), StateClosed)
	e.SetProperty(ics.ComponentPropertyDtStart, first.Date.utc().Format(icsDay), ics.WithValue("DATE"))
	e.SetProperty(ics.ComponentPropertyDtEnd, (last + 1).utc().Format(icsDay), ics.WithValue("DATE"))
	e.SetDescription(c.say(first.Reason))
}

func (c Calendar) event(cal *ics.Calendar, id string, state State) *ics.VEvent {
	e := cal.AddEvent(id + "-" + c.ID)
	e.SetProperty(ics.ComponentPropertyDtstamp, c.Stamp.UTC().Format(icsUTC))
	summary := c.Name
	if state != StateOpen {
		summary += " (" + uncapitalised(stateLabel(state, c.Lang)) + ")"
	}
	e.SetSummary(ICalendarText(summary))
	e.AddCategory(string(state))
	e.SetTimeTransparency(ics.TransparencyTransparent) // a calendar's owner is not busy because an office is open
	if c.URL != "" {
		e.SetURL(c.URL)
	}
	return e
}

func (c Calendar) say(t lang.Text) string {
	s, _ := t.In(c.Lang)
	return ICalendarText(s)
}

// romeTimezone is Europe/Rome under the rule of the European Union (Directive 2000/84/EC), in force since 1996.
func romeTimezone() *ics.VTimezone {
	part := func(name, begins, from, to, rule string) ics.ComponentBase {
		var b ics.ComponentBase
		b.AddProperty(ics.ComponentProperty(ics.PropertyTzname), name)
		b.AddProperty(ics.ComponentPropertyDtStart, begins)
		b.AddProperty(ics.ComponentProperty(ics.PropertyTzoffsetfrom), from)
		b.AddProperty(ics.ComponentProperty(ics.PropertyTzoffsetto), to)
		b.AddProperty(ics.ComponentPropertyRrule, rule)
		return b
	}
	z := ics.NewTimezone(Timezone)
	z.Components = append(z.Components,
		&ics.Daylight{ComponentBase: part("CEST", "19960331T020000", "+0100", "+0200", "FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU")},
		&ics.Standard{ComponentBase: part("CET", "19961027T030000", "+0200", "+0100", "FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU")})
	return z
}
