package catalogue

import "github.com/comuneprato/service-catalogue/internal/hours"

// Timetable says when something is open: opening hours that offices, places and channels share (cv:openingHours;
// AC:OpeningHoursSpecification). Package hours knows what it means.
type Timetable struct {
	Head
	hours.Spec
}

// Kind is KindTimetable.
func (*Timetable) Kind() Kind { return KindTimetable }

func (t *Timetable) facts() Facts { return Facts{} }

// holidays are those that timetables may name.
var holidays = hours.Standard()

// Schedule prepares the timetable to be asked when it is open. It is nil where the document is not as the rules ask.
func (t *Timetable) Schedule() *hours.Schedule {
	schedule, _ := hours.Compile(t.Spec, holidays)
	return schedule
}

func (t *Timetable) check(c *checker) {
	c.hours(t.Spec)
	c.need(LevelPublish, t.AlwaysOpen || len(t.Periods) > 0 || len(t.Exceptions) > 0, "periods")
	c.https("/bookingUrl", t.BookingURL)
	if t.BookingURL == "" && (t.Uses(hours.StateByAppointment) || t.Uses(hours.StateWithReservation)) {
		c.advise("/bookingUrl", ruleBooking)
	}
}

// hours reports what is impossible in a timetable, but for what only follows from what could not be read.
func (c *checker) hours(spec hours.Spec) {
	_, findings := hours.Compile(spec, holidays)
	for _, f := range findings {
		var because Pointer
		switch {
		case c.findings.full():
			return
		case f.Rule == hours.RuleOverlap || f.Rule == hours.RuleAmbiguous:
			because = Pointer(f.Args[0].(string))
		case f.Pointer == "/holidaySlots":
			because = "/holidayPolicy"
		}
		if because == "" || !c.findings.unreadIn(because) {
			c.report(Pointer(f.Pointer), f.Rule, LevelDraft, f.Args...)
		}
	}
}
