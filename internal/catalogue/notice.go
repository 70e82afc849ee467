package catalogue

import "github.com/comuneprato/service-catalogue/internal/lang"

// Notice is a message for some time on an entry: a closure, a fault, a change that comes. Readers see it from its
// beginning until its end.
type Notice struct {
	Title        lang.Text `json:"title,omitempty" validate:"text=255"`
	Text         lang.Text `json:"text" validate:"required,text=2000"`
	Severity     string    `json:"severity,omitempty" extensions:"x-vocabulary=notice-severities"`
	From         string    `json:"from,omitempty" validate:"omitempty,moment" example:"2026-08-10"`         // first day, or the instant (RFC 3339) at which it begins
	To           string    `json:"to,omitempty" validate:"omitempty,moment" example:"2026-08-14T12:00:00Z"` // last day, or the instant at which it ends
	Alternatives lang.Text `json:"alternatives,omitempty" validate:"text=2000"`                             // what to do meanwhile
	URL          string    `json:"url,omitempty" validate:"omitempty,link" format:"uri"`                    // where more is said
}

func (c *checker) notices(notices []Notice) {
	for i, n := range notices {
		at := Pointer("/notices").Index(i)
		from, to := beginning(n.From), ending(n.To)
		if !from.IsZero() && !to.IsZero() && !from.Before(to) {
			c.report(at.Field("to"), ruleOrder, n.From)
		}
		c.link(at.Field("url"), n.URL)
	}
}
