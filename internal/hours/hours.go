// Package hours knows when public offices are open: the content of a timetable as its publisher writes it, and what
// follows from it at an instant, day by day, in words and as iCalendar. Which of several timetables counts (that of a
// connection before its channel's, then the office's, then the place's) is its callers' business, and so are titles,
// references and the words of findings.
//
// Which hours a day has is decided in this order: an exception, the policy for holidays, the narrowest period. The
// narrowest is the one with the fewest days: a week in August goes before the summer, the summer before a period
// without dates.
//
// Hours belong to the day on which they begin: those of Friday that end at 02:00 last into a Saturday that is a
// holiday. Where they meet hours of the Saturday itself, the Saturday's count, so that a slot in the state closed cuts
// them short.
//
// Times are read on the clock of a wall in Prato that is put forward in spring and stopped for an hour in autumn, but
// never put back. What is to happen at 02:30 happens at 03:00 on the day when there is no 02:30, and at the first 02:30
// on the day when there are two. Hours thus remain in one piece, and hours from 02:00 to 03:00 last none or two.
package hours

import (
	"cmp"
	"slices"

	"github.com/comuneprato/service-catalogue/internal/lang"
)

// Timezone is where all times are read.
const Timezone = "Europe/Rome"

// State is in what way a counter is open: a code of the vocabulary opening-states.
type State string

// The states.
const (
	StateOpen              State = "open"
	StateByAppointment     State = "by_appointment"
	StateWithReservation   State = "with_reservation"
	StateSelfService       State = "self_service"
	StatePhoneOnly         State = "phone_only"
	StateWeatherPermitting State = "weather_permitting"
	StateMaintenance       State = "maintenance"
	StateClosed            State = "closed"
)

// States lists the states in the order of the vocabulary.
var States = []State{
	StateOpen, StateByAppointment, StateWithReservation, StateSelfService, StatePhoneOnly, StateWeatherPermitting,
	StateMaintenance, StateClosed,
}

// Open reports whether people are received there in this state, even if only those who booked, or if it does not rain.
// Nobody is where only the phone is answered, during maintenance, or where it is closed.
func (s State) Open() bool {
	switch s {
	case StateOpen, StateByAppointment, StateWithReservation, StateSelfService, StateWeatherPermitting:
		return true
	default:
		return false
	}
}

// Spec is the content of a timetable, as its publisher writes it. One that says nothing is always closed.
type Spec struct {
	AlwaysOpen    bool        `json:"alwaysOpen,omitempty"`                                                                                           // day and night, but for holidays and exceptions; instead of periods
	Periods       []Period    `json:"periods,omitempty" validate:"max=100,dive"`                                                                      // the narrowest that a day lies in counts
	HolidaySets   []string    `json:"holidaySets,omitempty" validate:"max=10,unique,dive,min=1,max=64" example:"national"`                            // national, patron or a local one
	HolidayPolicy string      `json:"holidayPolicy,omitempty" validate:"omitempty,oneof=closed as_usual slots" enums:"closed,as_usual,slots"`         // what holds on the days of those sets
	HolidaySlots  []DaySlot   `json:"holidaySlots,omitempty" validate:"max=20,dive"`                                                                  // under the policy slots
	Exceptions    []Exception `json:"exceptions,omitempty" validate:"max=20000,dive"`                                                                 // the narrowest that a day lies in counts
	BookingURL    string      `json:"bookingUrl,omitempty" validate:"omitempty,link" format:"uri" example:"https://prenotazioni.comune.prato.it/cie"` // where to book
	Note          lang.Text   `json:"note,omitempty" validate:"text=2000"`
}

// Policies for holidays.
const (
	PolicyClosed  = "closed"
	PolicyAsUsual = "as_usual"
	PolicySlots   = "slots"
)

// Period is a week that repeats: always, between two dates, in a season of every year, or both. Without slots it is
// closed throughout.
type Period struct {
	Label     lang.Text `json:"label,omitempty" validate:"text=255"`
	ValidFrom string    `json:"validFrom,omitempty" validate:"omitempty,date" format:"date" example:"2026-07-01"` // first day
	ValidTo   string    `json:"validTo,omitempty" validate:"omitempty,date" format:"date" example:"2026-08-31"`   // last day
	Season    *Season   `json:"season,omitempty"`                                                                 // of every year, between those dates if there are any
	Order     int       `json:"order,omitempty" validate:"min=0,max=1000"`                                        // between periods equally narrow, the higher counts
	Slots     []Slot    `json:"slots,omitempty" validate:"max=200,dive"`
}

// Season is a part of every year. Where the second day comes before the first, the season goes over New Year. In a year
// without 29 February, a season from that day begins on 1 March and one to that day ends on the 28th.
type Season struct {
	From string `json:"from" validate:"required,max=5" example:"06-15"` // first day, month and day
	To   string `json:"to" validate:"required,max=5" example:"09-15"`   // last day
}

// Slot is a span of hours on some days of the week.
type Slot struct {
	Weekdays []string  `json:"weekdays" validate:"min=1,max=7,unique,dive,oneof=monday tuesday wednesday thursday friday saturday sunday" enums:"monday,tuesday,wednesday,thursday,friday,saturday,sunday"`
	Opens    string    `json:"opens" validate:"required,max=5" example:"09:00"`
	Closes   string    `json:"closes" validate:"required,max=5" example:"13:00"`                                    // "24:00" for the end of the day; on the next day where not after opens
	State    string    `json:"state,omitempty" extensions:"x-vocabulary=opening-states" example:"with_reservation"` // open where absent
	Note     lang.Text `json:"note,omitempty" validate:"text=500"`
}

// DaySlot is a span of hours on the days that it is said of.
type DaySlot struct {
	Opens  string    `json:"opens" validate:"required,max=5" example:"09:00"`
	Closes string    `json:"closes" validate:"required,max=5" example:"13:00"`                        // "24:00" for the end of the day; on the next day where not after opens
	State  string    `json:"state,omitempty" extensions:"x-vocabulary=opening-states" example:"open"` // open where absent
	Note   lang.Text `json:"note,omitempty" validate:"text=500"`
}

// Exception says what holds on some dates instead of the usual hours: closed, other slots, or the same hours in another
// state. The usual hours are those without any exception.
type Exception struct {
	From   string    `json:"from" validate:"required,date" format:"date" example:"2026-08-14"`              // first day
	To     string    `json:"to,omitempty" validate:"omitempty,date" format:"date" example:"2026-08-16"`     // last day; the first where absent
	Closed bool      `json:"closed,omitempty"`                                                              // all day
	Slots  []DaySlot `json:"slots,omitempty" validate:"max=20,dive"`                                        // of each of the days
	Adds   bool      `json:"adds,omitempty"`                                                                // the slots come on top of the usual hours
	State  string    `json:"state,omitempty" extensions:"x-vocabulary=opening-states" example:"phone_only"` // of the slots that say none; without slots, of the usual hours
	Reason lang.Text `json:"reason,omitempty" validate:"text=500"`                                          // why
}

// weekdays lists the days of the week as documents name them, Monday first.
var weekdays = []string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}

// Uses reports whether any slot or exception has the state, so that rules can ask for a place to book. Slots without a
// state are open.
func (s *Spec) Uses(state State) bool {
	isIn := func(said, otherwise string) bool {
		if said == "" {
			said = otherwise
		}
		return State(said) == state
	}
	inAny := func(slots []DaySlot, otherwise string) bool {
		return slices.ContainsFunc(slots, func(x DaySlot) bool { return isIn(x.State, otherwise) })
	}
	return s.AlwaysOpen && state == StateOpen ||
		slices.ContainsFunc(s.Periods, func(p Period) bool {
			return slices.ContainsFunc(p.Slots, func(x Slot) bool { return isIn(x.State, string(StateOpen)) })
		}) ||
		inAny(s.HolidaySlots, string(StateOpen)) ||
		slices.ContainsFunc(s.Exceptions, func(e Exception) bool {
			if len(e.Slots) == 0 {
				return e.Closed && state == StateClosed || State(e.State) == state
			}
			return inAny(e.Slots, cmp.Or(e.State, string(StateOpen)))
		})
}
