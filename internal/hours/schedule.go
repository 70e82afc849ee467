package hours

import (
	"maps"
	"slices"
	"time"

	"github.com/comuneprato/service-catalogue/internal/lang"
)

// Schedule is a Spec that can be asked. It is immutable and safe for use by several goroutines.
type Schedule struct {
	always       bool
	periods      []period // the one that counts first
	holidays     []*holidaySet
	policy       string
	holidaySpans []span
	exceptions   []exception
	starts       []Date  // of stretches of days on which the same exception counts, up to the next start
	owners       []int32 // for each of them, the position of the exception, -1 for none
	lastDate     Date    // that the Spec mentions
}

// mention keeps in mind the last date after which weeks, seasons and holidays only repeat.
func (s *Schedule) mention(d Date) {
	if dawnOfTime < d && d < endOfTime {
		s.lastDate = max(s.lastDate, d)
	}
}

// Status is what people want to know at an instant. Instants that are not known, or do not come until the end of next
// year, are zero.
type Status struct {
	State  State
	Note   lang.Text // of the slot, nil if it has none or there is no slot
	Reason lang.Text // why the day is unlike others: of its exception, or the name of the holiday; nil if it is not

	Until    time.Time // when State, Note or Reason changes
	OpensAt  time.Time // the next time that it opens: when State.Open turns true
	ClosesAt time.Time // the next time that it closes; after OpensAt if it is closed

	ValidUntil time.Time // the next instant at which any of this may change; zero if none ever does
}

// StateAt says what holds at an instant.
func (s *Schedule) StateAt(t time.Time) Status {
	now := reading(t)
	today := dayOf(now)
	year, _, _ := today.Civil()
	newYear := NewDate(year+1, time.January, 1)
	horizon := NewDate(year+2, time.January, 1)

	w := s.walk(today)
	face, end := w.at(int(now-int64(today)*secondsOfDay) / 60)
	status := Status{State: face.state}
	if face.note != nil {
		status.Note = *face.note
	}
	if face.reason != nil {
		status.Reason = *face.reason
	}
	for status.Until.IsZero() || status.OpensAt.IsZero() || status.ClosesAt.IsZero() {
		minute := end
		if end == minutesOfDay {
			minute = 0
			w.next()
			if w.day == horizon {
				break
			}
		}
		var next look
		next, end = w.at(minute)
		if next.same(face) {
			continue
		}
		at := instant(w.day, minute)
		if !instant(w.day, end).After(at) {
			continue // in the hour that is left out in spring
		}
		if status.Until.IsZero() {
			status.Until = at
		}
		switch opens, opened := next.state.Open(), face.state.Open(); {
		case opens && !opened && status.OpensAt.IsZero():
			status.OpensAt = at
		case !opens && opened && status.ClosesAt.IsZero():
			status.ClosesAt = at
		}
		face = next
	}
	status.ValidUntil = status.Until
	if w.day == horizon && !s.settled(horizon) {
		// On New Year's Day another year comes into sight.
		if sight := instant(newYear, 0); status.ValidUntil.IsZero() || sight.Before(status.ValidUntil) {
			status.ValidUntil = sight
		}
	}
	return status
}

// Open reports whether it is open at an instant. It is StateAt for those who want to know nothing else.
func (s *Schedule) Open(t time.Time) bool {
	now := reading(t)
	today := dayOf(now)
	w := s.walk(today)
	face, _ := w.at(int(now-int64(today)*secondsOfDay) / 60)
	return face.state.Open()
}

// NextChange is the next instant after t at which any answer may change, as Status.ValidUntil; zero if none ever does.
func (s *Schedule) NextChange(t time.Time) time.Time { return s.StateAt(t).ValidUntil }

// settled reports whether what has not happened in the years before a day will never happen: at least the week before it
// was like all that come after it.
func (s *Schedule) settled(d Date) bool {
	if s.lastDate+8 > d {
		return false
	}
	base := s.always
	for _, p := range s.periods {
		if p.to >= d {
			if p.season != nil {
				return false
			}
			base = true
		}
	}
	return len(s.holidays) == 0 || s.policy == PolicyAsUsual || s.policy == PolicyClosed && !base
}

// look is what passers-by see.
type look struct {
	state        State
	note, reason *lang.Text
}

func (l look) same(other look) bool {
	return l.state == other.state && sameText(l.note, other.note) && sameText(l.reason, other.reason)
}

func sameText(a, b *lang.Text) bool {
	return a == b || a != nil && b != nil && maps.Equal(*a, *b)
}

// plan is what a day has.
type plan struct {
	over   []span // that an exception adds; they count where they meet spans
	spans  []span
	state  State // of all the spans; "" for their own
	reason *lang.Text
}

// on says what a day has. It allocates nothing.
func (s *Schedule) on(d Date) plan {
	e := s.exceptionOn(d)
	if e != nil && e.replaces {
		return plan{spans: e.spans, reason: e.reason}
	}
	p := s.usually(d)
	if e != nil {
		p.over, p.state = e.spans, e.state
		if e.reason != nil {
			p.reason = e.reason
		}
	}
	return p
}

func (s *Schedule) exceptionOn(d Date) *exception {
	i, found := slices.BinarySearch(s.starts, d)
	if !found {
		i--
	}
	if i < 0 || s.owners[i] < 0 {
		return nil
	}
	return &s.exceptions[s.owners[i]]
}

// usually says what a day has without any exception.
func (s *Schedule) usually(d Date) plan {
	if s.policy == PolicyClosed || s.policy == PolicySlots {
		if name := s.holidayOn(d); name != nil {
			return plan{spans: s.holidaySpans, reason: name}
		}
	}
	if s.always {
		return plan{spans: wholeDay}
	}
	if p := s.periodOn(d); p != nil {
		return plan{spans: p.week[d.fromMonday()]}
	}
	return plan{}
}

var wholeDay = []span{{from: 0, to: minutesOfDay, state: StateOpen}}

func (s *Schedule) holidayOn(d Date) *lang.Text {
	for _, set := range s.holidays {
		if name := set.name(d); name != nil {
			return name
		}
	}
	return nil
}

func (s *Schedule) periodOn(d Date) *period {
	for i := range s.periods {
		if s.periods[i].has(d) {
			return &s.periods[i]
		}
	}
	return nil
}

// walker goes from day to day.
type walker struct {
	schedule         *Schedule
	day              Date
	today, yesterday plan
}

func (s *Schedule) walk(d Date) walker { return walker{s, d, s.on(d), s.on(d - 1)} }

func (w *walker) next() {
	w.day++
	w.yesterday, w.today = w.today, w.schedule.on(w.day)
}

// at says what is seen at a minute of the day, and until which minute of it at least.
func (w *walker) at(minute int) (look, int) {
	end := minutesOfDay
	for _, p := range [...]struct {
		spans []span
		day   *plan
		shift int
		state State
	}{
		{w.today.over, &w.today, 0, ""},
		{w.today.spans, &w.today, 0, w.today.state},
		{w.yesterday.over, &w.yesterday, minutesOfDay, ""},
		{w.yesterday.spans, &w.yesterday, minutesOfDay, w.yesterday.state},
	} {
		for i := range p.spans {
			x := &p.spans[i]
			if minute < x.from-p.shift {
				end = min(end, x.from-p.shift)
				break
			}
			if minute < x.to-p.shift {
				l := look{x.state, x.note, p.day.reason}
				if p.state != "" {
					l.state = p.state
				}
				return l, min(end, x.to-p.shift)
			}
		}
	}
	return look{state: StateClosed, reason: w.today.reason}, end
}

// Day is what a timetable says of one day.
type Day struct {
	Date      Date
	Period    lang.Text  // the label of the period that counts, nil if none does or it has none
	Holiday   lang.Text  // the name of the holiday in the sets of the timetable, whatever the policy; nil if it is none
	Reason    lang.Text  // as in Status
	Intervals []Interval // that begin on the day, in order; none if it is closed
}

// Interval is a span of hours, from Opens up to but not including Closes, both in Rome's time.
type Interval struct {
	Opens  time.Time
	Closes time.Time
	State  State
	Note   lang.Text
}

// Days says what holds on each day from one to another, both included. Work and memory grow with their number, which is
// the caller's to bound. Intervals belong to the day on which they begin, and never meet; with the state closed they say
// what is not open. In the hour that is left out in spring there are none.
func (s *Schedule) Days(from, to Date) []Day {
	if to < from {
		return nil
	}
	days := make([]Day, 0, to-from+1)
	today := s.on(from)
	for d := from; d <= to; d++ {
		tomorrow := s.on(d + 1)
		day := Day{Date: d}
		if today.reason != nil {
			day.Reason = *today.reason
		}
		if name := s.holidayOn(d); name != nil {
			day.Holiday = *name
		}
		if p := s.periodOn(d); p != nil && p.label != nil {
			day.Period = *p.label
		}
		for _, x := range today.intervals(tomorrow) {
			i := Interval{Opens: instant(d, x.from), Closes: instant(d, x.to), State: x.state}
			if x.note != nil {
				i.Note = *x.note
			}
			if i.Opens.Before(i.Closes) {
				day.Intervals = append(day.Intervals, i)
			}
		}
		days = append(days, day)
		today = tomorrow
	}
	return days
}

// intervals lists the spans of the day that count, given the next day.
func (p plan) intervals(tomorrow plan) []span {
	list := slices.Clone(p.over)
	for _, x := range p.spans {
		if p.state != "" {
			x.state = p.state
		}
		list = append(list, without(x, p.over, 0)...)
	}
	var cut []span
	for _, x := range list {
		for _, y := range without(x, tomorrow.over, minutesOfDay) {
			cut = append(cut, without(y, tomorrow.spans, minutesOfDay)...)
		}
	}
	sortSpans(cut)
	return cut
}

// without returns what is left of a span where others, so many minutes later than they say, are taken away.
func without(x span, others []span, later int) []span {
	var left []span
	for _, o := range others {
		from, to := o.from+later, o.to+later
		if to <= x.from || x.to <= from {
			continue
		}
		if x.from < from {
			before := x
			before.to = from
			left = append(left, before)
		}
		if x.from = to; x.from >= x.to {
			return left
		}
	}
	return append(left, x)
}
