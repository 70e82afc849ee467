package hours

import (
	"time"

	"github.com/comuneprato/service-catalogue/internal/lang"
)

// Observed is a holiday of a certain year.
type Observed struct {
	Date Date
	Set  string
	Name lang.Text
}

// Year lists the holidays of a year in the sets of those codes, by date and then in the order of the codes. Codes of no
// set are passed over.
func (h *Holidays) Year(year int, codes ...string) []Observed {
	var found []Observed
	for d := NewDate(year, time.January, 1); d <= NewDate(year, time.December, 31); d++ {
		for _, code := range codes {
			if s := h.set(code); s != nil {
				if name := s.name(d); name != nil {
					found = append(found, Observed{d, code, *name})
				}
			}
		}
	}
	return found
}
