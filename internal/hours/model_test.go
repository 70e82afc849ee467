package hours_test

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/comuneprato/service-catalogue/internal/hours"
	"github.com/comuneprato/service-catalogue/internal/lang"
)

// model answers as package hours does, in another way: it knows one minute at a time, and no arithmetic. It compares
// what is written on the wall, "2026-03-29 02:30", with what is written in the timetable.
type model struct {
	spec   hours.Spec
	sets   map[string]hours.HolidaySet
	widths []int // of the periods
	known  map[string]modelDay
}

type modelDay struct {
	slots  []hours.DaySlot // those that count where they meet others come first
	reason string
}

func newModel(spec hours.Spec, sets map[string]hours.HolidaySet) model {
	m := model{spec: spec, sets: sets, known: map[string]modelDay{}}
	for i := range spec.Periods {
		m.widths = append(m.widths, width(&spec.Periods[i]))
	}
	return m
}

// seen is what the model says of a minute.
type seen struct{ State, Note, Reason string }

const (
	wallLayout = "2006-01-02 15:04"
	dayLayout  = "2006-01-02"
)

// wall is the highest that the clock has shown up to an instant: it is never put back.
func wall(t time.Time) string {
	high := ""
	for k := range 181 {
		high = max(high, t.Add(-time.Duration(k)*time.Minute).In(hours.Rome).Format(wallLayout))
	}
	return high
}

func (m model) at(t time.Time) seen { return m.seen(wall(t)) }

func (m model) seen(wall string) seen {
	today := wall[:len(dayLayout)]
	yesterday := dayAfter(today, -1)
	for _, day := range []string{today, yesterday} {
		known, ok := m.known[day]
		if !ok {
			known = m.day(day)
			m.known[day] = known
		}
		for _, x := range known.slots {
			begins, ends := day+" "+x.Opens, day+" "+x.Closes
			if x.Closes <= x.Opens {
				ends = dayAfter(day, 1) + " " + x.Closes
			}
			// "2026-03-29 24:00" is after all of that day, and before all of the next.
			if begins <= wall && wall < ends {
				return seen{cmp.Or(x.State, "open"), x.Note["it"], known.reason}
			}
		}
	}
	return seen{State: "closed", Reason: m.known[today].reason}
}

func (m model) day(day string) modelDay {
	var narrowest *hours.Exception
	for i, e := range m.spec.Exceptions {
		if e.From <= day && day <= cmp.Or(e.To, e.From) &&
			(narrowest == nil || length(e.From, cmp.Or(e.To, e.From)) < length(narrowest.From, cmp.Or(narrowest.To, narrowest.From))) {
			narrowest = &m.spec.Exceptions[i]
		}
	}
	slots, reason := m.usually(day)
	if narrowest == nil {
		return modelDay{slots, reason}
	}
	said := narrowest.Reason["it"]
	own := slices.Clone(narrowest.Slots)
	for i := range own {
		own[i].State = cmp.Or(own[i].State, narrowest.State)
	}
	switch {
	case narrowest.Closed:
		return modelDay{nil, said}
	case narrowest.Adds:
		return modelDay{append(own, slots...), cmp.Or(said, reason)}
	case len(own) > 0:
		return modelDay{own, said}
	default:
		slots = slices.Clone(slots)
		for i := range slots {
			slots[i].State = narrowest.State
		}
		return modelDay{slots, cmp.Or(said, reason)}
	}
}

func (m model) usually(day string) ([]hours.DaySlot, string) {
	if name := m.holiday(day); name != "" && m.spec.HolidayPolicy == "closed" {
		return nil, name
	} else if name != "" && m.spec.HolidayPolicy == "slots" {
		return m.spec.HolidaySlots, name
	}
	if m.spec.AlwaysOpen {
		return []hours.DaySlot{{Opens: "00:00", Closes: "24:00"}}, ""
	}
	counts := -1
	for i, p := range m.spec.Periods {
		if !holds(&p, day) {
			continue
		}
		if counts < 0 || m.widths[i] < m.widths[counts] || m.widths[i] == m.widths[counts] && p.Order > m.spec.Periods[counts].Order {
			counts = i
		}
	}
	if counts < 0 {
		return nil, ""
	}
	name := strings.ToLower(parse(dayLayout, day).Weekday().String())
	var slots []hours.DaySlot
	for _, x := range m.spec.Periods[counts].Slots {
		if slices.Contains(x.Weekdays, name) {
			slots = append(slots, hours.DaySlot{Opens: x.Opens, Closes: x.Closes, State: x.State, Note: x.Note})
		}
	}
	return slots, ""
}

func holds(p *hours.Period, day string) bool {
	if p.ValidFrom != "" && day < p.ValidFrom || p.ValidTo != "" && day > p.ValidTo {
		return false
	}
	return inSeason(p.Season, day[len("2026-"):])
}

func inSeason(s *hours.Season, monthDay string) bool {
	switch {
	case s == nil:
		return true
	case s.From <= s.To:
		return s.From <= monthDay && monthDay <= s.To
	default:
		return s.From <= monthDay || monthDay <= s.To
	}
}

func width(p *hours.Period) int {
	width := 2_000_000
	if p.ValidFrom != "" && p.ValidTo != "" {
		width = length(p.ValidFrom, p.ValidTo)
	} else if p.ValidFrom != "" || p.ValidTo != "" {
		width = 1_000_000
	}
	if p.Season != nil {
		days := 0
		for day := "2024-01-01"; day <= "2024-12-31"; day = dayAfter(day, 1) {
			if inSeason(p.Season, day[len("2024-"):]) {
				days++
			}
		}
		width = min(width, days)
	}
	return width
}

// easterOf are the dates of Easter, from a calendar.
var easterOf = map[string]string{
	"2023": "2023-04-09", "2024": "2024-03-31", "2025": "2025-04-20", "2026": "2026-04-05", "2027": "2027-03-28",
	"2028": "2028-04-16", "2029": "2029-04-01", "2030": "2030-04-21",
}

func (m model) holiday(day string) string {
	year := day[:len("2026")]
	for _, code := range m.spec.HolidaySets {
		for _, h := range m.sets[code].Days {
			is := h.Day == day || h.Day == day[len("2026-"):]
			if after, ok := strings.CutPrefix(h.Day, "easter"); ok {
				n, _ := strconv.Atoi(cmp.Or(after, "0"))
				is = dayAfter(easterOf[year], n) == day
			}
			if is && year >= strconv.Itoa(h.Since) && (h.Until == 0 || year <= strconv.Itoa(h.Until)) {
				return h.Name["it"]
			}
		}
	}
	return ""
}

func dayAfter(day string, n int) string {
	return parse(dayLayout, day).AddDate(0, 0, n).Format(dayLayout)
}

func length(from, to string) int {
	return int(parse(dayLayout, to).Sub(parse(dayLayout, from)).Hours()/24) + 1
}

func parse(layout, s string) time.Time {
	t, err := time.Parse(layout, s)
	if err != nil {
		panic(err)
	}
	return t
}

var localSet = hours.HolidaySet{
	Code: "local", Title: lang.Of("Giorni della città"), Days: []hours.Holiday{
		{Day: "09-08", Name: lang.Of("Fiera di Prato")},
		{Day: "02-29", Name: lang.Of("Giorno in più")},
		{Day: "easter-47", Name: lang.Of("Martedì grasso"), Since: 2026, Until: 2027},
		{Day: "easter+60", Name: lang.Of("Corpus Domini")},
		{Day: "2026-03-29", Name: lang.Of("Maratona")},
	},
}

// drawSpec draws a possible timetable with dates not far from a day. What is impossible in the first draw is left out.
func drawSpec(t *rapid.T, around string, holidays *hours.Holidays) hours.Spec {
	clocks := rapid.OneOf(
		rapid.SampledFrom([]string{"00:00", "02:00", "02:10", "02:30", "02:50", "03:00", "09:00", "13:00", "23:59"}),
		rapid.Custom(func(t *rapid.T) string {
			return fmt.Sprintf("%02d:%02d", rapid.IntRange(0, 23).Draw(t, "hour"), rapid.IntRange(0, 59).Draw(t, "minute"))
		}))
	closes := rapid.OneOf(clocks, rapid.Just("24:00"))
	states := rapid.Map(rapid.SampledFrom(append([]hours.State{""}, hours.States...)), func(s hours.State) string { return string(s) })
	notes := rapid.SampledFrom([]lang.Text{nil, lang.Of("solo ritiro"), lang.Of("sportello 2")})
	dates := rapid.Map(rapid.IntRange(-60, 60), func(n int) string { return dayAfter(around, n) })
	daySlots := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) hours.DaySlot {
		return hours.DaySlot{Opens: clocks.Draw(t, "opens"), Closes: closes.Draw(t, "closes"), State: states.Draw(t, "state"), Note: notes.Draw(t, "note")}
	}), 1, 3)
	weekdays := []string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}
	slots := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) hours.Slot {
		return hours.Slot{
			Weekdays: rapid.SliceOfNDistinct(rapid.SampledFrom(weekdays), 1, 7, rapid.ID).Draw(t, "weekdays"),
			Opens:    clocks.Draw(t, "opens"), Closes: closes.Draw(t, "closes"), State: states.Draw(t, "state"), Note: notes.Draw(t, "note"),
		}
	}), 0, 6)
	ends := func(t *rapid.T, from string) string {
		return dayAfter(from, rapid.SampledFrom([]int{0, 0, 1, 2, 6, 13, 30}).Draw(t, "days"))
	}
	monthDays := rapid.OneOf(
		rapid.Map(dates, func(day string) string { return day[len("2026-"):] }),
		rapid.SampledFrom([]string{"01-01", "02-28", "02-29", "03-01", "12-31"}))
	periods := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) hours.Period {
		p := hours.Period{Order: rapid.IntRange(0, 2).Draw(t, "order"), Slots: slots.Draw(t, "slots")}
		if rapid.Bool().Draw(t, "begins") {
			p.ValidFrom = dates.Draw(t, "validFrom")
		}
		if rapid.Bool().Draw(t, "ends") {
			p.ValidTo = ends(t, cmp.Or(p.ValidFrom, around))
		}
		if rapid.Bool().Draw(t, "seasonal") {
			p.Season = &hours.Season{From: monthDays.Draw(t, "from"), To: monthDays.Draw(t, "to")}
		}
		return p
	}), 0, 5)
	exceptions := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) hours.Exception {
		e := hours.Exception{From: dates.Draw(t, "from")}
		if rapid.Bool().Draw(t, "long") {
			e.To = ends(t, e.From)
		}
		switch rapid.IntRange(0, 3).Draw(t, "kind") {
		case 0:
			e.Closed = true
		case 1:
			e.Slots = daySlots.Draw(t, "slots")
			e.State = states.Draw(t, "state")
		case 2:
			e.Slots, e.Adds = daySlots.Draw(t, "slots"), true
		default:
			e.State = cmp.Or(states.Draw(t, "state"), "phone_only")
		}
		e.Reason = rapid.SampledFrom([]lang.Text{nil, lang.Of("assemblea"), lang.Of("sciopero")}).Draw(t, "reason")
		return e
	}), 0, 12)

	spec := hours.Spec{Exceptions: exceptions.Draw(t, "exceptions")}
	if spec.AlwaysOpen = rapid.IntRange(0, 9).Draw(t, "always") == 0; !spec.AlwaysOpen {
		spec.Periods = periods.Draw(t, "periods")
	}
	if spec.HolidayPolicy = rapid.SampledFrom([]string{"", "closed", "as_usual", "slots"}).Draw(t, "policy"); spec.HolidayPolicy != "" {
		spec.HolidaySets = rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"national", "patron", "local"}), 1, 3, rapid.ID).Draw(t, "sets")
	}
	if spec.HolidayPolicy == "slots" {
		spec.HolidaySlots = daySlots.Draw(t, "holidaySlots")
	}
	return possible(t, spec, holidays)
}

// possible leaves out of a timetable what there are findings about, the last first.
func possible(t *rapid.T, spec hours.Spec, holidays *hours.Holidays) hours.Spec {
	for {
		_, findings := hours.Compile(spec, holidays)
		if len(findings) == 0 {
			return spec
		}
		parts := strings.Split(findings[len(findings)-1].Pointer, "/")[1:]
		i, err := strconv.Atoi(parts[min(1, len(parts)-1)])
		if err != nil {
			t.Fatalf("drew a timetable that cannot be mended: %v", findings)
		}
		switch {
		case parts[0] == "periods" && len(parts) > 3 && parts[2] == "slots":
			j, _ := strconv.Atoi(parts[3])
			spec.Periods[i].Slots = slices.Delete(spec.Periods[i].Slots, j, j+1)
		case parts[0] == "periods":
			spec.Periods = slices.Delete(spec.Periods, i, i+1)
		case parts[0] == "exceptions":
			spec.Exceptions = slices.Delete(spec.Exceptions, i, i+1)
		case parts[0] == "holidaySlots":
			spec.HolidaySlots = slices.Delete(spec.HolidaySlots, i, i+1)
		default:
			t.Fatalf("drew a timetable that cannot be mended: %v", findings)
		}
	}
}

// days that timetables go wrong on: both changes of the clocks, New Year, 29 February, Easter, Saint Stephen's.
var days = []string{"2026-03-29", "2026-10-25", "2027-01-01", "2028-02-29", "2026-04-05", "2025-12-26", "2027-03-28", "2024-02-29"}

func said(s hours.Status) seen { return seen{string(s.State), s.Note["it"], s.Reason["it"]} }

func holidaysOfTests(t testing.TB) (*hours.Holidays, map[string]hours.HolidaySet) {
	t.Helper()
	sets := map[string]hours.HolidaySet{"national": hours.National(), "patron": hours.Patron(), "local": localSet}
	holidays, findings := hours.NewHolidays(sets["national"], sets["patron"], sets["local"])
	if len(findings) > 0 {
		t.Fatalf("NewHolidays: got %v", findings)
	}
	return holidays, sets
}

// TestStateAtAgreesWithTheModel compares 100 instants in each of 100 timetables.
func TestStateAtAgreesWithTheModel(t *testing.T) {
	holidays, sets := holidaysOfTests(t)
	rapid.Check(t, func(t *rapid.T) {
		around := rapid.SampledFrom(days).Draw(t, "around")
		spec := drawSpec(t, around, holidays)
		s, _ := hours.Compile(spec, holidays)
		m := newModel(spec, sets)
		seconds := rapid.OneOf(rapid.IntRange(-2*86400, 3*86400), rapid.IntRange(-70*86400, 70*86400))
		for range 100 {
			at := parse(dayLayout, around).Add(time.Duration(seconds.Draw(t, "seconds")) * time.Second)
			got := s.StateAt(at)
			if diff := gocmp.Diff(m.at(at), said(got)); diff != "" {
				t.Fatalf("StateAt(%v) of %+v (-want +got):\n%s", at.In(hours.Rome), spec, diff)
			}
			if open := s.Open(at); open != got.State.Open() {
				t.Fatalf("Open(%v): got %v in state %s", at.In(hours.Rome), open, got.State)
			}
		}
	})
}

// TestTransitionsAgreeWithTheModel walks minute by minute through four days.
func TestTransitionsAgreeWithTheModel(t *testing.T) {
	holidays, sets := holidaysOfTests(t)
	rapid.Check(t, func(t *rapid.T) {
		around := rapid.SampledFrom(days).Draw(t, "around")
		spec := drawSpec(t, around, holidays)
		s, _ := hours.Compile(spec, holidays)
		m := newModel(spec, sets)
		from := parse(dayLayout, around).Add(time.Duration(rapid.IntRange(-3*1440, 1440).Draw(t, "minutes")) * time.Minute)
		end := from.AddDate(0, 0, 4)

		got := s.StateAt(from)
		table := s.Days(hours.DateOf(from)-1, hours.DateOf(end)+1)
		first := m.at(from)
		open := hours.State(first.State).Open()
		var until, opensAt, closesAt time.Time
		high := wall(from)
		for at := from; at.Before(end); at = at.Add(time.Minute) {
			high = max(high, at.In(hours.Rome).Format(wallLayout))
			now := m.seen(high)
			if until.IsZero() && now != first {
				until = at
			}
			nowOpen := hours.State(now.State).Open()
			if nowOpen && !open && opensAt.IsZero() {
				opensAt = at
			}
			if !nowOpen && open && closesAt.IsZero() {
				closesAt = at
			}
			open = nowOpen
			if state, note := inTable(t, table, at); state != now.State || note != now.Note {
				t.Fatalf("Days of %+v at %v: got %s %q, want %s %q", spec, at.In(hours.Rome), state, note, now.State, now.Note)
			}
		}
		for _, x := range []struct {
			name      string
			got, want time.Time
		}{{"Until", got.Until, until}, {"OpensAt", got.OpensAt, opensAt}, {"ClosesAt", got.ClosesAt, closesAt}} {
			if x.want.IsZero() && (x.got.IsZero() || !x.got.Before(end)) {
				continue // it is too far away for the model to see
			}
			if !x.got.Equal(x.want) {
				t.Fatalf("%s from %v in %+v: got %v, want %v", x.name, from.In(hours.Rome), spec, x.got, x.want.In(hours.Rome))
			}
		}
	})
}

// inTable is the state of the one interval that an instant lies in.
func inTable(t *rapid.T, table []hours.Day, at time.Time) (state, note string) {
	for _, day := range table {
		for _, x := range day.Intervals {
			if x.Opens.After(at) || !at.Before(x.Closes) {
				continue
			}
			if state != "" {
				t.Fatalf("two intervals at %v in %+v", at, table)
			}
			state, note = string(x.State), x.Note["it"]
		}
	}
	return cmp.Or(state, "closed"), note
}

// TestAnswersHoldUntilTheySay looks a moment before and a moment after the instant that an answer names.
func TestAnswersHoldUntilTheySay(t *testing.T) {
	holidays, _ := holidaysOfTests(t)
	rapid.Check(t, func(t *rapid.T) {
		around := rapid.SampledFrom(days).Draw(t, "around")
		s, _ := hours.Compile(drawSpec(t, around, holidays), holidays)
		at := parse(dayLayout, around).Add(time.Duration(rapid.IntRange(-70*86400, 70*86400).Draw(t, "seconds")) * time.Second)
		for range 40 {
			got := s.StateAt(at)
			if next := s.NextChange(at); !next.Equal(got.ValidUntil) {
				t.Fatalf("NextChange(%v): got %v, want %v", at, next, got.ValidUntil)
			}
			if got.ValidUntil.IsZero() {
				for _, later := range []int{1, 400, 2000} {
					if diff := gocmp.Diff(got, s.StateAt(at.AddDate(0, 0, later))); diff != "" {
						t.Fatalf("an answer of %v that was to hold forever, %d days later (-before +after):\n%s", at, later, diff)
					}
				}
				return
			}
			if !got.ValidUntil.After(at) {
				t.Fatalf("StateAt(%v): valid until %v", at, got.ValidUntil)
			}
			if diff := gocmp.Diff(got, s.StateAt(got.ValidUntil.Add(-time.Second))); diff != "" {
				t.Fatalf("an answer of %v, a second before %v (-before +after):\n%s", at, got.ValidUntil, diff)
			}
			after := s.StateAt(got.ValidUntil)
			newYear := got.ValidUntil.In(hours.Rome).Format("01-02 15:04:05") == "01-01 00:00:00"
			if gocmp.Equal(got, after) && !newYear {
				t.Fatalf("the answer of %v is the same at %v", at, got.ValidUntil)
			}
			at = got.ValidUntil
		}
	})
}
