package hours

import (
	"maps"
	"slices"
	"time"

	"github.com/comuneprato/service-catalogue/internal/lang"
)

// Stretch is the week that repeats in a stretch of days.
type Stretch struct {
	From, To Date // first and last day; 0 where the stretch has no known beginning, or no end
	Label    lang.Text
	Hours    []WeekHours // in the order in which the week has them; none if it is closed
}

// WeekHours is a span of hours on some days of a week.
type WeekHours struct {
	Days          []time.Weekday // Monday first
	Opens, Closes string         // times of day; "24:00" for the end of it, on the next day where not after Opens
	State         State
	Note          lang.Text
}

// Stretches says which week repeats when, from one day to another, both included: the stretches in which one period counts.
// Holidays and exceptions are not in them. Work grows with the number of days, which is the caller's to bound.
func (s *Schedule) Stretches(from, to Date) []Stretch {
	if s.always {
		return []Stretch{{Hours: hoursOf([7][]span{wholeDay, wholeDay, wholeDay, wholeDay, wholeDay, wholeDay, wholeDay})}}
	}
	var weeks []Stretch
	for d := from; d <= to; {
		p, first := s.periodOn(d), d
		for d <= to && s.periodOn(d) == p {
			d++
		}
		if p == nil {
			continue
		}
		w := Stretch{From: first, To: d - 1, Hours: hoursOf(p.week)}
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
			h := WeekHours{Opens: clock(x.from), Closes: clock(x.to), State: x.state}
			if x.note != nil {
				h.Note = *x.note
			}
			i := slices.IndexFunc(all, func(other WeekHours) bool {
				return other.Opens == h.Opens && other.Closes == h.Closes && other.State == h.State && maps.Equal(other.Note, h.Note)
			})
			if i < 0 {
				i, all = len(all), append(all, h)
			}
			all[i].Days = append(all[i].Days, weekday)
		}
	}
	return all
}
