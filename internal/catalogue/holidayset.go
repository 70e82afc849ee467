package catalogue

import "github.com/comuneprato/service-catalogue/internal/hours"

// HolidaySet is a list of holidays of a city's or a publisher's own, beside the national ones and the patron's day, that
// timetables can name. Package hours knows what its days mean.
type HolidaySet struct {
	Head
	Days []hours.Holiday `json:"days,omitempty" validate:"max=1000,dive"`
}

// Kind is KindHolidaySet.
func (*HolidaySet) Kind() Kind { return KindHolidaySet }

func (h *HolidaySet) check(c *checker) {
	_, findings := hours.NewHolidays(hours.HolidaySet{Code: "own", Days: h.Days})
	for _, f := range findings {
		c.report(Pointer(f.Pointer[len("/0"):]), f.Rule, f.Args...)
	}
}
