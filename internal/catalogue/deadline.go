package catalogue

import "github.com/comuneprato/service-catalogue/internal/lang"

// Deadline is a term that an applicant must keep: a day (`to` alone), a window (`from` and `to`), either of them every
// year, or so long after something happened (`offset`).
type Deadline struct {
	Title       lang.Text `json:"title" validate:"required,text=500"`
	Description lang.Text `json:"description,omitempty" validate:"text=5000"`
	From        string    `json:"from,omitempty" validate:"omitempty,date" format:"date"`                              // first day
	To          string    `json:"to,omitempty" validate:"omitempty,date" format:"date"`                                // last day
	Yearly      bool      `json:"yearly,omitempty"`                                                                    // comes again every year on the same days
	Offset      string    `json:"offset,omitempty" validate:"omitempty,period" example:"P30D"`                         // ISO 8601 duration
	Days        string    `json:"days,omitempty" validate:"omitempty,oneof=calendar working" enums:"calendar,working"` // that offset counts
	StartsFrom  lang.Text `json:"startsFrom,omitempty" validate:"text=255"`                                            // what offset is counted from
}

// ProcessingTime is how long an administration may take.
type ProcessingTime struct {
	Max        string    `json:"max,omitempty" validate:"omitempty,period" example:"P30D"` // ISO 8601 duration
	Typical    string    `json:"typical,omitempty" validate:"omitempty,period" example:"P10D"`
	Days       string    `json:"days,omitempty" validate:"omitempty,oneof=calendar working" enums:"calendar,working"`
	StartsFrom lang.Text `json:"startsFrom,omitempty" validate:"text=255"` // when it begins, such as when the application arrives
	Text       lang.Text `json:"text,omitempty" validate:"text=1000"`      // as the publisher says it
}

func (c *checker) deadlines(field Pointer, deadlines []Deadline) {
	for i, d := range deadlines {
		at := field.Index(i)
		c.order(at.Field("to"), d.From, d.To)
		if d.Offset != "" && (d.From != "" || d.To != "") {
			c.report(at.Field("offset"), ruleExclusive, deadlineDate(d))
		}
		if d.Yearly && d.To == "" {
			c.report(at.Field("to"), ruleRequired)
		}
	}
}

// deadlineDate names the member that says on which day a deadline is.
func deadlineDate(d Deadline) string {
	if d.To == "" {
		return "from"
	}
	return "to"
}
