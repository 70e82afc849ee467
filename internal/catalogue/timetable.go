package catalogue

import (
	"slices"

	"github.com/comuneprato/service-catalogue/internal/hours"
)

// Timetable says when something is open: opening hours that offices, places and channels share (cv:openingHours;
// AC:OpeningHoursSpecification). Package hours knows what it means.
type Timetable struct {
	Head
	hours.Spec
	OwnHolidaySets []string `json:"ownHolidaySets,omitempty" validate:"max=10,unique" extensions:"x-reference=holiday_set"` // beside holidaySets, lists of local holidays
}

// Kind is KindTimetable.
func (*Timetable) Kind() Kind { return KindTimetable }

// holidays are those that timetables may name.
var holidays = hours.Standard()

// compile prepares the timetable to be asked when it is open. It is nil where the document is not as the rules ask. Of the
// holiday sets of publishers' own, those count that are public.
func (t *Timetable) compile(f finder) (*hours.Schedule, []hours.Finding) {
	if len(t.OwnHolidaySets) == 0 {
		return hours.Compile(t.Spec, holidays)
	}
	spec, sets := t.Spec, []hours.HolidaySet{hours.National(), hours.Patron()}
	spec.HolidaySets = slices.Clone(spec.HolidaySets)
	for i, reference := range t.OwnHolidaySets {
		if reference == "" || slices.Contains(t.OwnHolidaySets[:i], reference) { // reported where the document is read
			continue
		}
		spec.HolidaySets = append(spec.HolidaySets, reference)
		set := hours.HolidaySet{Code: reference}
		if e := f.resolve(KindHolidaySet, reference); e != nil {
			set.Days = e.Document.(*HolidaySet).Days
		}
		sets = append(sets, set)
	}
	known, findings := hours.NewHolidays(sets...)
	if len(findings) > 0 {
		return nil, findings
	}
	return hours.Compile(spec, known)
}

func (t *Timetable) check(c *checker) {
	c.hours(t)
	c.link("/bookingUrl", t.BookingURL)
	if t.BookingURL == "" && (t.Uses(hours.StateByAppointment) || t.Uses(hours.StateWithReservation)) {
		c.report("/bookingUrl", ruleBooking)
	}
}

// nobody is a Resolver that knows no entry.
type nobody struct{}

func (nobody) Resolve(Ref) *Entry { return nil }

// hours reports what is impossible in a timetable, but for what only follows from what could not be read.
func (c *checker) hours(t *Timetable) {
	_, findings := t.compile(finder{Resolver: nobody{}})
	for _, f := range findings {
		var because Pointer
		switch {
		case c.findings.full():
			return
		case f.Rule == hours.RuleOverlap || f.Rule == hours.RuleAmbiguous:
			because = Pointer(f.Args[0].(string))
		case f.Pointer == "/holidaySlots":
			because = "/holidayPolicy"
		case f.Pointer == "/holidaySets":
			because = "/ownHolidaySets"
		}
		if because == "" || !c.findings.unreadIn(because) {
			c.report(Pointer(f.Pointer), f.Rule, f.Args...)
		}
	}
}
