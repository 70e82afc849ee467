package schemaorg

import (
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/hours"
)

// opening tells the hours of an entry in the twelve months from the first day of this one: weeks that follow each other,
// and special days. A week without a first or last day was in force before, or will be after those months.
func (w writer) opening(e *catalogue.Entry) (usual, special []Opening) {
	timetable := w.Timetable(e)
	if timetable == nil || timetable.Schedule == nil {
		return nil, nil
	}
	first, last := w.Year()
	for _, week := range timetable.Schedule.Weeks(first, last) {
		for _, h := range week.Hours {
			if !h.State.Open() {
				continue
			}
			o := span(h.Hours)
			for _, day := range h.Days {
				o.DayOfWeek = append(o.DayOfWeek, "https://schema.org/"+day.String())
			}
			if week.From != 0 {
				o.ValidFrom = week.From.String()
			}
			if week.To != 0 {
				o.ValidThrough = week.To.String()
			}
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
