package hours

import (
	"fmt"
	"maps"
	"slices"

	"github.com/comuneprato/service-catalogue/internal/lang"
)

// Week is a week that repeats from one day to another, for formats that know weeks and no precedence between them:
// neither exceptions nor the policy for holidays are in it.
type Week struct {
	From, To Date       // first and last day
	Hours    [7][]Hours // Monday first; none on days that are closed
}

// Hours is a span of a day in which people are received.
type Hours struct {
	Opens  string // "09:00"
	Closes string // "24:00" for the end of the day; on the next day where not after Opens
}

// Special is a run of days on which an exception or the policy for holidays counts, and not the week.
type Special struct {
	From, To Date
	Hours    []Hours   // of each of the days; none if they are closed
	Reason   lang.Text // as in Status
}

// Weeks lists the weeks that count from one day to another, both included, one after the other.
func (s *Schedule) Weeks(from, to Date) []Week {
	var weeks []Week
	var counted *period
	for d := from; d <= to; d++ {
		if p := s.periodOn(d); d == from || p != counted {
			weeks = append(weeks, Week{From: d, Hours: s.week(p)})
			counted = p
		}
		weeks[len(weeks)-1].To = d
	}
	return weeks
}

// week are the hours of a period, or where there is none, those of each day.
func (s *Schedule) week(p *period) (week [7][]Hours) {
	for day := range week {
		switch {
		case p != nil:
			week[day] = received(p.week[day])
		case s.always:
			week[day] = received(wholeDay)
		}
	}
	return week
}

// Specials lists the special days from one day to another, both included, in order.
func (s *Schedule) Specials(from, to Date) []Special {
	var specials []Special
	for d := from; d <= to; d++ {
		if !s.special(d) {
			continue
		}
		today := s.on(d)
		x := Special{From: d, To: d, Hours: received(today.intervals(s.on(d + 1)))}
		if today.reason != nil {
			x.Reason = *today.reason
		}
		if last := len(specials) - 1; last >= 0 && specials[last].To == d-1 &&
			slices.Equal(specials[last].Hours, x.Hours) && maps.Equal(specials[last].Reason, x.Reason) {
			specials[last].To = d
			continue
		}
		specials = append(specials, x)
	}
	return specials
}

// special reports whether something else than the week counts on a day.
func (s *Schedule) special(d Date) bool {
	return s.exceptionOn(d) != nil || (s.policy == PolicyClosed || s.policy == PolicySlots) && s.holidayOn(d) != nil
}

// received are the spans in which people are received.
func received(spans []span) (list []Hours) {
	for _, x := range spans {
		if x.state.Open() {
			list = append(list, Hours{clock(x.from), clock(x.to)})
		}
	}
	return list
}

// clock is a minute after midnight, of this day or the next, as a clock shows it.
func clock(minute int) string {
	if minute > minutesOfDay {
		minute -= minutesOfDay
	}
	return fmt.Sprintf("%02d:%02d", minute/60, minute%60)
}
