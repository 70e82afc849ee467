package hsds

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/format/rdf"
	"github.com/comuneprato/service-catalogue/internal/hours"
	"github.com/comuneprato/service-catalogue/internal/vocabulary"
)

// maxExceptions is how many exceptions of a timetable are told: those that are over first.
const maxExceptions = 20

// noon is when a day has the offset from UTC that most of it has, also when the clocks change.
const noon = 12 * time.Hour

var openingStates = vocabulary.MustGet("opening-states")

// unsaid are the states of hours that no schedule tells: HSDS knows only when something is open.
var unsaid = []hours.State{hours.StateClosed, hours.StateMaintenance}

// schedules tells the hours of timetables: the weeks that repeat until the end of next year, and the exceptions that are
// not over. HSDS has no days on which a schedule does not hold, so closures stand in the notes.
func (w Writer) schedules(timetables []*catalogue.Entry) []Schedule {
	var all []Schedule
	for _, e := range timetables {
		all = append(all, w.timetable(e)...)
	}
	return all
}

func (w Writer) timetable(e *catalogue.Entry) []Schedule {
	if e.Schedule == nil {
		return nil
	}
	doc := e.Document.(*catalogue.Timetable)
	today := hours.DateOf(w.Now)
	year, _, _ := today.Civil()
	w.Changes(hours.NewDate(year+1, time.January, 1).Begins())
	w.offsetChanges()

	closures, openings := w.exceptions(doc, today)
	notes := paragraphs(append([]string{w.say(doc.Note), w.holidays(doc)}, closures...)...)
	var all []Schedule
	for _, week := range e.Schedule.Weeks(today, hours.NewDate(year+1, time.December, 31)) {
		if week.To != 0 {
			w.Changes((week.To + 1).Begins())
		}
		for _, h := range week.Hours {
			if !slices.Contains(unsaid, h.State) {
				told := w.span(h.Opens, h.Closes, h.State, max(today, week.From))
				told.ByDay, told.Description, told.Notes = byDay(h.Days), w.say(week.Label), paragraphs(w.say(h.Note), notes)
				told.within(week.From, week.To)
				all = append(all, told)
			}
		}
	}
	all = append(all, openings...)
	for i := range all {
		s := &all[i]
		// None of a timetable has the same hours on the same days as another.
		s.ID = uuid.NewSHA1(e.ID, []byte(strings.Join([]string{s.ValidFrom, s.ValidTo, s.ByDay, s.OpensAt[:5], s.ClosesAt[:5]}, " "))).String()
		s.ScheduleLink = rdf.Address(doc.BookingURL)
	}
	return all
}

func (s *Schedule) within(from, to hours.Date) {
	if from != 0 {
		s.ValidFrom = from.String()
	}
	if to != 0 {
		s.ValidTo = to.String()
	}
}

// span tells hours at the offset from UTC that Rome has on a day.
func (w Writer) span(opens, closes string, state hours.State, on hours.Date) Schedule {
	if closes == "24:00" {
		closes = "23:59" // RFC 3339 has no end of the day
	}
	_, offset := on.Begins().Add(noon).In(hours.Rome).Zone()
	hoursAhead := offset / 3600
	zone := fmt.Sprintf("+%02d:00", hoursAhead)
	told := Schedule{Timezone: hoursAhead, Wkst: "MO", Freq: "WEEKLY", Interval: 1, OpensAt: opens + zone, ClosesAt: closes + zone}
	if term, ok := openingStates.Term(string(state)); ok && state != hours.StateOpen {
		told.AttendingType = w.say(term.Label)
	}
	return told
}

// exceptions tells those that are not over: closures in words, hours as schedules.
func (w Writer) exceptions(doc *catalogue.Timetable, today hours.Date) (closures []string, openings []Schedule) {
	type exception struct {
		*hours.Exception
		from, to hours.Date
	}
	var coming []exception
	for i := range doc.Exceptions {
		x := exception{Exception: &doc.Exceptions[i]}
		x.from, _ = hours.ParseDate(x.From)
		x.to, _ = hours.ParseDate(cmp.Or(x.To, x.From))
		if x.to >= today {
			coming = append(coming, x)
		}
	}
	slices.SortStableFunc(coming, func(a, b exception) int { return cmp.Compare(a.to, b.to) })
	for _, x := range coming[:min(len(coming), maxExceptions)] {
		w.Changes((x.to + 1).Begins())
		days := x.from.String()
		if x.to != x.from {
			days += " – " + x.to.String()
		}
		if !x.Adds {
			closures = append(closures, w.exception(x.Exception, days))
		}
		for _, slot := range x.Slots {
			state := hours.State(cmp.Or(slot.State, x.State, string(hours.StateOpen)))
			if slices.Contains(unsaid, state) {
				continue
			}
			told := w.span(slot.Opens, slot.Closes, state, max(today, x.from))
			told.ByDay, told.Description, told.Notes = daysBetween(x.from, x.to), w.say(x.Reason), w.say(slot.Note)
			told.within(x.from, x.to)
			openings = append(openings, told)
		}
	}
	return closures, openings
}

// exception says in words what holds on some days instead of the usual hours.
func (w Writer) exception(x *hours.Exception, days string) string {
	said := w.message("otherHours", days)
	switch {
	case len(x.Slots) == 0 && x.Closed:
		said = w.message("closedOn", days)
	case len(x.Slots) == 0:
		if term, ok := openingStates.Term(x.State); ok {
			said = days + ": " + w.say(term.Label)
		}
	}
	if reason := w.say(x.Reason); reason != "" {
		said += " (" + reason + ")"
	}
	return said
}

// holidays says in words what holds on them.
func (w Writer) holidays(doc *catalogue.Timetable) string {
	switch doc.HolidayPolicy {
	case hours.PolicyClosed:
		return w.message("closedOnHolidays")
	case hours.PolicySlots:
		var spans []string
		for _, slot := range doc.HolidaySlots {
			spans = append(spans, slot.Opens+"–"+slot.Closes)
		}
		return w.message("holidayHours", strings.Join(spans, ", "))
	default:
		return ""
	}
}

// byDay is a list of days of the week as RFC 5545 has it.
func byDay(days []time.Weekday) string {
	names := make([]string, len(days))
	for i, day := range days {
		names[i] = strings.ToUpper(day.String()[:2])
	}
	return strings.Join(names, ",")
}

// daysBetween lists the days of the week from one day to another, Monday first.
func daysBetween(from, to hours.Date) string {
	var days []time.Weekday
	for day := from; day <= to && day < from+7; day++ {
		days = append(days, day.Weekday())
	}
	slices.SortFunc(days, func(a, b time.Weekday) int { return cmp.Compare((a+6)%7, (b+6)%7) })
	return byDay(days)
}

// offsetChanges notes when Rome's offset from UTC changes next.
func (w Writer) offsetChanges() {
	if _, end := w.Now.In(hours.Rome).ZoneBounds(); !end.IsZero() {
		w.Changes(end.UTC())
	}
}
