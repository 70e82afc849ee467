package hours

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/comuneprato/service-catalogue/internal/lang"
)

// Bounds of what is compiled, as the validate tags have them. They keep the work for one Spec small.
const (
	maxPeriods    = 100
	maxSlots      = 200
	maxDaySlots   = 20
	maxExceptions = 20_000
	maxSets       = 10
)

// span is a span of hours, in minutes since the midnight that its day begins with: from is less than a day, to at most
// a day more than from.
type span struct {
	from, to int
	state    State
	note     *lang.Text // nil for none
}

// period is a Period ready to be looked up.
type period struct {
	from, to Date
	season   season // nil for the whole year
	order    int
	label    *lang.Text
	week     [7][]span // Monday first; each sorted, none in another
}

// exception is an Exception ready to be looked up.
type exception struct {
	from, to Date
	replaces bool   // all hours of the day, by spans; else spans come on top of the usual hours
	spans    []span // sorted, none in another
	state    State  // of the usual hours, "" for their own
	reason   *lang.Text
}

// Compile prepares a Spec to be asked about instants and days. It finds all that is impossible in it, and if anything
// is, there is no Schedule. The holidays are those that the Spec may name. The texts of both are kept and must not be
// changed afterwards.
func Compile(spec Spec, holidays *Holidays) (*Schedule, []Finding) {
	c := compiler{}
	s := &Schedule{always: spec.AlwaysOpen, lastDate: dawnOfTime}
	c.periods(s, spec)
	c.holidays(s, spec, holidays)
	c.exceptions(s, spec)
	if len(c.findings) > 0 {
		return nil, c.findings
	}
	return s, nil
}

type compiler struct{ findings []Finding }

func (c *compiler) report(at pointer, rule string, args ...any) {
	c.findings = append(c.findings, Finding{string(at), rule, args})
}

// bound returns what of a list is looked at, and reports a list that is longer.
func bound[T any](c *compiler, at pointer, list []T, most int) []T {
	if len(list) <= most {
		return list
	}
	c.report(at, RuleTooMany, strconv.Itoa(most))
	return list[:most]
}

func (c *compiler) periods(s *Schedule, spec Spec) {
	if spec.AlwaysOpen && len(spec.Periods) > 0 {
		c.report("/alwaysOpen", RuleExclusive, "periods")
	}
	at := pointer("/periods")
	for i, written := range bound(c, at, spec.Periods, maxPeriods) {
		before := len(c.findings)
		p := c.period(at.index(i), written)
		if len(c.findings) > before {
			// It stands where it stood, so that pointers hold, but meets no other.
			p.from, p.to = endOfTime, dawnOfTime
		}
		for j, other := range s.periods {
			if p.width() == other.width() && p.order == other.order {
				if p.meets(other) {
					c.report(at.index(i), RuleAmbiguous, string(at.index(j)))
					break
				}
			}
		}
		s.periods = append(s.periods, p)
	}
	slices.SortStableFunc(s.periods, func(a, b period) int {
		return cmp.Or(cmp.Compare(a.width(), b.width()), cmp.Compare(b.order, a.order))
	})
	for _, p := range s.periods {
		s.mention(p.from)
		s.mention(p.to)
	}
}

func (c *compiler) period(at pointer, written Period) period {
	p := period{order: written.Order, label: text(&written.Label)}
	p.from, p.to = c.dates(at, "validFrom", written.ValidFrom, dawnOfTime, "validTo", written.ValidTo, endOfTime)
	if written.Season != nil {
		p.season = c.season(at.field("season"), *written.Season)
		if p.from <= p.to && !p.season.meets(p.from, p.to) {
			c.report(at.field("season"), RuleNever)
		}
	}
	at = at.field("slots")
	var week []placed
	slots := bound(c, at, written.Slots, maxSlots)
	for i := range slots {
		slot, at := &slots[i], at.index(i)
		x, ok := c.span(at, slot.Opens, slot.Closes, slot.State, StateOpen, &slot.Note)
		if len(slot.Weekdays) == 0 {
			c.report(at.field("weekdays"), RuleTooFew, "1")
		}
		var seen [7]bool
		for j, name := range slot.Weekdays {
			day := slices.Index(weekdays, name)
			switch {
			case day < 0:
				c.report(at.field("weekdays").index(j), RuleOneOf, weekdayNames)
			case seen[day]:
				c.report(at.field("weekdays"), RuleUnique)
			case ok:
				p.week[day] = append(p.week[day], x)
				week = append(week, placed{day*minutesOfDay + x.from, day*minutesOfDay + x.to, i})
			}
			if day >= 0 {
				seen[day] = true
			}
		}
	}
	for _, day := range p.week {
		sortSpans(day)
	}
	c.overlaps(at, week, minutesOfWeek)
	return p
}

// dates reads the first and the last day of a range. Where one is wrong or absent it is the given one.
func (c *compiler) dates(at pointer, nameFrom, from string, first Date, nameTo, to string, last Date) (Date, Date) {
	read := func(name, written string, otherwise Date) (Date, bool) {
		if written == "" {
			return otherwise, false
		}
		d, ok := ParseDate(written)
		if !ok {
			c.report(at.field(name), RuleDate)
			return otherwise, false
		}
		return d, true
	}
	a, okA := read(nameFrom, from, first)
	b, okB := read(nameTo, to, last)
	if okA && okB && b < a {
		c.report(at.field(nameTo), RuleOrder, from)
	}
	return a, b
}

// span reads a span of hours. The state is one of the vocabulary, or the given one where none is said.
func (c *compiler) span(at pointer, opens, closes, state string, otherwise State, note *lang.Text) (span, bool) {
	before := len(c.findings)
	from := c.clock(at.field("opens"), opens, minutesOfDay-1)
	to := c.clock(at.field("closes"), closes, minutesOfDay)
	if to <= from {
		to += minutesOfDay
	}
	x := span{from, to, c.state(at, state, otherwise), text(note)}
	return x, len(c.findings) == before
}

func (c *compiler) clock(at pointer, written string, latest int) int {
	minutes, ok := parseClock(written)
	if written == "" {
		c.report(at, RuleRequired)
	} else if !ok || minutes > latest {
		c.report(at, RuleTime, written)
	}
	return minutes
}

func (c *compiler) state(at pointer, written string, otherwise State) State {
	if written == "" {
		return otherwise
	}
	if !slices.Contains(States, State(written)) {
		c.report(at.field("state"), RuleTerm, written, "opening-states")
	}
	return State(written)
}

// daySlots reads the slots of days. Where several days follow each other, what goes past midnight meets the slots of
// the next day.
func (c *compiler) daySlots(at pointer, slots []DaySlot, otherwise State, follow bool) []span {
	slots = bound(c, at, slots, maxDaySlots)
	spans := make([]span, 0, len(slots))
	day := make([]placed, 0, len(slots))
	for i := range slots {
		slot := &slots[i]
		if x, ok := c.span(at.index(i), slot.Opens, slot.Closes, slot.State, otherwise, &slot.Note); ok {
			spans = append(spans, x)
			day = append(day, placed{x.from, x.to, i})
		}
	}
	cycle := 0
	if follow {
		cycle = minutesOfDay
	}
	c.overlaps(at, day, cycle)
	sortSpans(spans)
	return spans
}

// placed is a span on a line that may be a circle, with the position of its slot in the document.
type placed struct{ from, to, slot int }

// overlaps reports each slot that has time in common with another, at the later of the two in the document. A cycle
// other than 0 is where the line begins anew.
func (c *compiler) overlaps(at pointer, line []placed, cycle int) {
	if cycle > 0 {
		for _, x := range line {
			if x.to > cycle {
				line = append(line, placed{x.from - cycle, x.to - cycle, x.slot})
			}
		}
	}
	slices.SortFunc(line, func(a, b placed) int {
		return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.slot, b.slot))
	})
	with := map[int]int{}
	var last placed
	for i, x := range line {
		if i > 0 && x.from < last.to && x.slot != last.slot {
			later, earlier := max(x.slot, last.slot), min(x.slot, last.slot)
			if _, ok := with[later]; !ok {
				with[later] = earlier
			}
		}
		if i == 0 || x.to > last.to {
			last = x
		}
	}
	for _, i := range slices.Sorted(maps.Keys(with)) {
		c.report(at.index(i), RuleOverlap, string(at.index(with[i])))
	}
}

func (c *compiler) holidays(s *Schedule, spec Spec, holidays *Holidays) {
	at := pointer("/holidaySets")
	seen := map[string]bool{}
	for i, code := range bound(c, at, spec.HolidaySets, maxSets) {
		set := holidays.set(code)
		switch {
		case seen[code]:
			c.report(at, RuleUnique)
		case set == nil:
			c.report(at.index(i), RuleHolidaySet, code)
		default:
			s.holidays = append(s.holidays, set)
		}
		seen[code] = true
	}
	switch spec.HolidayPolicy {
	case "":
		if len(spec.HolidaySets) > 0 {
			c.report("/holidayPolicy", RuleRequired)
		}
	case PolicyClosed, PolicyAsUsual, PolicySlots:
		if len(spec.HolidaySets) == 0 {
			c.report(at, RuleRequired)
		}
	default:
		c.report("/holidayPolicy", RuleOneOf, PolicyClosed+", "+PolicyAsUsual+", "+PolicySlots)
	}
	s.policy = spec.HolidayPolicy
	s.holidaySpans = c.daySlots("/holidaySlots", spec.HolidaySlots, StateOpen, false)
	if spec.HolidayPolicy == PolicySlots && len(spec.HolidaySlots) == 0 {
		c.report("/holidaySlots", RuleRequired)
	} else if spec.HolidayPolicy != PolicySlots && len(spec.HolidaySlots) > 0 {
		c.report("/holidaySlots", RuleExclusive, "holidayPolicy: "+spec.HolidayPolicy)
	}
}

func (c *compiler) exceptions(s *Schedule, spec Spec) {
	at := pointer("/exceptions")
	written := bound(c, at, spec.Exceptions, maxExceptions)
	s.exceptions = make([]exception, len(written))
	for i := range written {
		s.exceptions[i] = c.exception(at.index(i), &written[i])
		s.mention(s.exceptions[i].to)
	}
	c.lay(at, s)
}

func (c *compiler) exception(at pointer, written *Exception) exception {
	before := len(c.findings)
	e := exception{reason: text(&written.Reason)}
	if written.From == "" {
		c.report(at.field("from"), RuleRequired)
	}
	e.from, e.to = c.dates(at, "from", written.From, 0, "to", written.To, 0)
	if written.To == "" {
		e.to = e.from
	}
	state := c.state(at, written.State, "")
	switch {
	case written.Closed && len(written.Slots) > 0:
		c.report(at.field("closed"), RuleExclusive, "slots")
	case written.Closed && state != "":
		c.report(at.field("closed"), RuleExclusive, "state")
	case written.Closed && written.Adds:
		c.report(at.field("closed"), RuleExclusive, "adds")
	case written.Adds && len(written.Slots) == 0:
		c.report(at.field("slots"), RuleRequired)
	case !written.Closed && len(written.Slots) == 0 && state == "":
		c.report(at, RuleEmptyException)
	}
	e.replaces = written.Closed || len(written.Slots) > 0 && !written.Adds
	if len(written.Slots) > 0 {
		e.spans = c.daySlots(at.field("slots"), written.Slots, cmp.Or(state, StateOpen), e.from != e.to)
	} else if !written.Closed {
		e.state = state
	}
	if len(c.findings) > before {
		e.from, e.to = endOfTime, dawnOfTime // meets no other
	}
	return e
}

// lay finds which exception counts on which days, the narrowest of those that a day lies in, and reports those that are
// as narrow as another on the same day.
func (c *compiler) lay(at pointer, s *Schedule) {
	narrowFirst := make([]int, 0, len(s.exceptions))
	bounds := make([]Date, 0, 2*len(s.exceptions))
	for i, e := range s.exceptions {
		if e.from <= e.to {
			narrowFirst = append(narrowFirst, i)
			bounds = append(bounds, e.from, e.to+1)
		}
	}
	slices.Sort(bounds)
	s.starts = slices.Compact(bounds)
	s.owners = slices.Repeat([]int32{-1}, len(s.starts))
	length := func(i int) Date { return s.exceptions[i].to - s.exceptions[i].from }
	slices.SortFunc(narrowFirst, func(i, j int) int {
		return cmp.Or(cmp.Compare(length(i), length(j)), cmp.Compare(s.exceptions[i].from, s.exceptions[j].from), cmp.Compare(i, j))
	})

	// Each takes what is still free of its days. free leads from a stretch to the first free one, itself or later.
	free := make([]int, len(s.starts)+1)
	for i := range free {
		free[i] = i
	}
	find := func(i int) int {
		for free[i] != i {
			free[i] = free[free[i]]
			i = free[i]
		}
		return i
	}
	for n, i := range narrowFirst {
		e := s.exceptions[i]
		if n > 0 {
			if j := narrowFirst[n-1]; length(i) == length(j) && e.from <= s.exceptions[j].to {
				c.report(at.index(max(i, j)), RuleAmbiguous, string(at.index(min(i, j))))
			}
		}
		first, _ := slices.BinarySearch(s.starts, e.from)
		for k := find(first); k < len(s.starts) && s.starts[k] <= e.to; k = find(k) {
			s.owners[k] = int32(i) //nolint:gosec // at most maxExceptions
			free[k] = k + 1
		}
	}
}

// text returns nil for a text that says nothing.
func text(t *lang.Text) *lang.Text {
	if len(*t) == 0 {
		return nil
	}
	return t
}

func sortSpans(spans []span) {
	slices.SortFunc(spans, func(a, b span) int { return cmp.Compare(a.from, b.from) })
}

// season is the days of a year, as months and days: one arc, or two where it goes over New Year.
type season []arc

type arc struct{ from, to int }

func (c *compiler) season(at pointer, written Season) season {
	before := len(c.findings)
	read := func(name, written string) int {
		monthDay, ok := parseMonthDay(written)
		if written == "" {
			c.report(at.field(name), RuleRequired)
		} else if !ok {
			c.report(at.field(name), RuleMonthDay, written)
		}
		return monthDay
	}
	from, to := read("from", written.From), read("to", written.To)
	switch {
	case len(c.findings) > before:
		return nil
	case from <= to:
		return season{{from, to}}
	default:
		return season{{101, to}, {from, 1231}}
	}
}

func (s season) has(d Date) bool {
	if s == nil {
		return true
	}
	monthDay := d.monthDay()
	return slices.ContainsFunc(s, func(a arc) bool { return a.from <= monthDay && monthDay <= a.to })
}

// and returns the days that are in both.
func (s season) and(other season) season {
	if s == nil {
		return other
	}
	if other == nil {
		return s
	}
	both := season{}
	for _, a := range s {
		for _, b := range other {
			if x := (arc{max(a.from, b.from), min(a.to, b.to)}); x.from <= x.to {
				both = append(both, x)
			}
		}
	}
	return both
}

// yearsOfAll are enough to see every day of the calendar: a century that is no leap year keeps 29 February away for 8.
const yearsOfAll = 9

// meets reports whether any day from one to another, both included, is in the season.
func (s season) meets(from, to Date) bool {
	if s == nil || from > to {
		return from <= to
	}
	first, last := 2000, 2000+yearsOfAll
	if from > dawnOfTime {
		first, _, _ = from.Civil()
		last = first + yearsOfAll
	}
	if to < endOfTime {
		year, _, _ := to.Civil()
		if from == dawnOfTime {
			first = year - yearsOfAll
		}
		last = min(first+yearsOfAll, year)
	}
	for year := first; year <= last; year++ {
		for _, a := range s {
			begins, ends := a.in(year)
			if max(begins, from) <= min(ends, to) {
				return true
			}
		}
	}
	return false
}

// in returns the first and the last day of the arc in a year; the last is before the first if it has none.
func (a arc) in(year int) (Date, Date) {
	first := NewDate(year, time.Month(a.from/100), a.from%100)
	last := NewDate(year, time.Month(a.to/100), a.to%100)
	if last.monthDay() != a.to { // 29 February of a common year
		last--
	}
	return first, last
}

// days is how many days the season has in a leap year.
func (s season) days() int {
	n := 0
	for _, a := range s {
		first, last := a.in(2000)
		n += int(last-first) + 1
	}
	return n
}

func (p *period) has(d Date) bool { return p.from <= d && d <= p.to && p.season.has(d) }

// width is how many days the period has, of every year if it has a season. Bounded periods are narrower than those with
// one end, and those narrower than periods without dates.
func (p *period) width() int {
	width := int(p.to - p.from)
	if p.from == dawnOfTime != (p.to == endOfTime) {
		width = int(endOfTime)
	}
	if p.season != nil {
		width = min(width, p.season.days()-1)
	}
	return width + 1
}

// meets reports whether any day is in both periods.
func (p *period) meets(other period) bool {
	return p.season.and(other.season).meets(max(p.from, other.from), min(p.to, other.to))
}
