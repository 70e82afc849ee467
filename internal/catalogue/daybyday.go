package catalogue

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/comuneprato/service-catalogue/internal/hours"
	"github.com/comuneprato/service-catalogue/internal/lang"
)

// Hours is what a public timetable says day by day, from one day to another, both included. It returns ErrNotFound for
// an entry that is none.
func (w Words) Hours(e *Entry, from, to hours.Date) (Rendered, error) {
	if e.Schedule == nil {
		return Rendered{}, fmt.Errorf("hours of %s %q: %w", e.Ref.Kind, e.Ref, ErrNotFound)
	}
	v := w.viewer()
	v.newer(e.ScheduleSince)
	o := Object{
		{"id", quote(e.ID.String())},
		{"slug", quote(e.Slug)},
		{"title", v.text(e.Label, "/title")},
		{"url", quote(v.url(e))},
		{"timezone", quote(hours.Timezone)},
		{"from", quote(from.String())},
		{"to", quote(to.String())},
	}
	days := []byte{'['}
	for i, day := range e.Schedule.Days(from, to) {
		if i > 0 {
			days = append(days, ',')
		}
		days = v.day(day, Pointer("/days").Index(i)).Append(days)
	}
	return v.finish(append(o, Member{"days", append(days, ']')})), nil
}

func (v *viewer) day(day hours.Day, at Pointer) Object {
	o := Object{{"date", quote(day.Date.String())}}
	o = v.optionalText(o, "period", day.Period, at)
	o = v.optionalText(o, "holiday", day.Holiday, at)
	o = v.optionalText(o, "reason", day.Reason, at)
	intervals := json.RawMessage{'['}
	for i, x := range day.Intervals {
		if i > 0 {
			intervals = append(intervals, ',')
		}
		at := at.Field("intervals").Index(i)
		interval := Object{
			{"opens", quote(x.Opens.Format(time.RFC3339))},
			{"closes", quote(x.Closes.Format(time.RFC3339))},
			{"state", v.term(openingStates, string(x.State), at.Field("state"))},
		}
		intervals = v.optionalText(interval, "note", x.Note, at).Append(intervals)
	}
	return append(o, Member{"intervals", append(intervals, ']')})
}

func (v *viewer) optionalText(o Object, name string, t lang.Text, at Pointer) Object {
	if len(t) == 0 {
		return o
	}
	return append(o, Member{name, v.text(t, at.Field(name))})
}

// WriteCalendar writes what a public timetable says, from one day to another, both included, as iCalendar (RFC 5545).
// It returns ErrNotFound for an entry that is none.
func (w Words) WriteCalendar(to io.Writer, e *Entry, first, last hours.Date) error {
	if e.Schedule == nil {
		return fmt.Errorf("calendar of %s %q: %w", e.Ref.Kind, e.Ref, ErrNotFound)
	}
	name, _ := e.Label.In(w.Lang)
	c := hours.Calendar{ID: e.ID.String(), Name: name, URL: w.url(e), Stamp: e.ScheduleSince, Lang: w.Lang}
	return e.Schedule.WriteICalendar(to, c, first, last)
}
