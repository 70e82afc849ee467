package hours

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/comuneprato/service-catalogue/internal/lang"
)

// Week is the week that repeats in a stretch of days, for formats that know weeks and no precedence between them: neither
// exceptions nor the policy for holidays are in it.
type Week struct {
	From, To Date // first and last day; 0 where the stretch has no known beginning, or no end
	Label    lang.Text
	Hours    []WeekHours // in the order in which the week has them; none if it is closed
}

// WeekHours is a span of hours on some days of a week.
type WeekHours struct {
	Hours

	Days  []time.Weekday // Monday first
	State State
	Note  lang.Text
}

// Hours is a span of hours of a day.
type Hours struct {
	Opens  string // "09:00"
	Closes string // "24:00" for the end of the day; on the next day where not after Opens
}

// Special is a run of days on which an exception or the policy for holidays counts, and not the week.
type Special struct {
	From, To Date
	Hours    []Hours   // of each of the days in which people are received; none if they are closed
	Reason   lang.Text // as in Status
}

// Weeks says which week repeats when, from one day to another, both included, each for the stretch in which one period
// counts. Work grows with the number of days, which is the caller's to bound.
func (s *Schedule) Weeks(from, to Date) []Week {
	if s.always {
		return []Week{{Hours: hoursOf([7][]span{wholeDay, wholeDay, wholeDay, wholeDay, wholeDay, wholeDay, wholeDay})}}
	}
	var weeks []Week
	for d := from; d <= to; {
		p, first := s.periodOn(d), d
		for d <= to && s.periodOn(d) == p {
			d++
		}
		if p == nil {
			continue
		}
		w := Week{From: first, To: d - 1, Hours: hoursOf(p.week)}
		if first == from {
			w.From = 0
		}
		if d > to {
			w.To = 0
		}
		if p.label != nil {
			w.Label = *p.label
		}
		weeks = append(weeks, w)
	}
	return weeks
}

// hoursOf gathers the same hours of several days.
func hoursOf(week [7][]span) []WeekHours {
	var all []WeekHours
	for day, spans := range week {
		weekday := time.Weekday((day + 1) % 7)
		for _, x := range spans {
			h := WeekHours{Hours: x.hours(), State: x.state}
			if x.note != nil {
				h.Note = *x.note
			}
			i := slices.IndexFunc(all, func(other WeekHours) bool {
				return other.Hours == h.Hours && other.State == h.State && maps.Equal(other.Note, h.Note)
			})
			if i < 0 {
				i, all = len(all), append(all, h)
			}
			all[i].Days = append(all[i].Days, weekday)
		}
	}
	return all
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
			list = append(list, x.hours())
		}
	}
	return list
}

func (x span) hours() Hours { return Hours{clock(x.from), clock(x.to)} }

// clock is a minute after midnight, of this day or the next, as a clock shows it.
func clock(minute int) string {
	if minute > minutesOfDay {
		minute -= minutesOfDay
	}
	return fmt.Sprintf("%02d:%02d", minute/60, minute%60)
}
