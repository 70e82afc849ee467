package hours

import (
	"maps"
	"slices"
	"time"

	"github.com/comuneprato/service-catalogue/internal/lang"
)

// Week is the week that repeats in a stretch of days.
type Week struct {
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

// Weeks says which week repeats when, from one day to another, both included: the stretches in which one period counts.
// Holidays and exceptions are not in them. Work grows with the number of days, which is the caller's to bound.
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
			h := WeekHours{Opens: clockOf(x.from), Closes: clockOf(x.to), State: x.state}
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

// clockOf writes a minute of a day, or of the next one.
func clockOf(minute int) string {
	if minute == minutesOfDay {
		return "24:00"
	}
	return time.Unix(int64(minute%minutesOfDay)*60, 0).UTC().Format("15:04")
}
