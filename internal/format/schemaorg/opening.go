package schemaorg

import (
	"slices"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/hours"
)

// weekdays are those of schema.org, Monday first.
var weekdays = []string{
	"https://schema.org/Monday", "https://schema.org/Tuesday", "https://schema.org/Wednesday", "https://schema.org/Thursday",
	"https://schema.org/Friday", "https://schema.org/Saturday", "https://schema.org/Sunday",
}

// opening tells the hours of an entry in the twelve months from the first day of this one: weeks that follow each other,
// and special days. A week without a first or last day was in force before, or will be after those months.
func (w writer) opening(e *catalogue.Entry) (usual, special []Opening) {
	timetable := w.Timetable(e)
	if timetable == nil || timetable.Schedule == nil {
		return nil, nil
	}
	first, last := w.Year()
	for _, week := range timetable.Schedule.Weeks(first, last) {
		var from, through string
		if week.From > first {
			from = week.From.String()
		}
		if week.To < last {
			through = week.To.String()
		}
		for _, o := range spans(week) {
			o.ValidFrom, o.ValidThrough = from, through
			usual = append(usual, o)
		}
	}
	for _, s := range timetable.Schedule.Specials(first, last) {
		open := s.Hours
		if len(open) == 0 {
			open = []hours.Hours{{Opens: "00:00", Closes: "00:00"}}
		}
		for _, h := range open {
			o := span(h)
			o.Name, o.ValidFrom, o.ValidThrough = w.text(s.Reason), s.From.String(), s.To.String()
			special = append(special, o)
		}
	}
	return usual, special
}

// spans are the spans of hours of a week, each with the days that have it.
func spans(week hours.Week) (list []Opening) {
	for day, spans := range week.Hours {
		for _, h := range spans {
			o := span(h)
			i := slices.IndexFunc(list, func(known Opening) bool { return known.Opens == o.Opens && known.Closes == o.Closes })
			if i < 0 {
				list, i = append(list, o), len(list)
			}
			list[i].DayOfWeek = append(list[i].DayOfWeek, weekdays[day])
		}
	}
	return list
}

// span writes the end of a day as the beginning of the next, and where that would mean closed, as the minute before.
func span(h hours.Hours) Opening {
	o := Opening{Type: "OpeningHoursSpecification", Opens: h.Opens, Closes: h.Closes}
	if h.Closes == "24:00" {
		o.Closes = "00:00"
		if h.Opens == "00:00" {
			o.Closes = "23:59"
		}
	}
	return o
}
