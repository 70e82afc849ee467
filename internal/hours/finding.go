package hours

import (
	"strconv"
	"strings"
)

// Finding is one thing that is wrong with a Spec, or with sets of holidays.
type Finding struct {
	Pointer string // JSON Pointer (RFC 6901) to the value
	Rule    string // the rule that was broken
	Args    []any  // for the sentences of the rule
}

// The rules. Those that catalogue has too are named as there and have the same arguments, so that what the validator
// has found already is not said twice.
const (
	RuleRequired  = "required"
	RuleDate      = "date"
	RuleOrder     = "order"     // the end is before the beginning, which is the argument
	RuleOneOf     = "one_of"    // the allowed values
	RuleUnique    = "unique"    //
	RuleTooFew    = "too_few"   // how many at least
	RuleTooMany   = "too_many"  // how many at most
	RuleTerm      = "term"      // the value, the vocabulary
	RuleExclusive = "exclusive" // the field that it cannot stand beside

	RuleTime           = "time"            // no time of day; the value
	RuleMonthDay       = "month_day"       // no day of every year; the value
	RuleOverlap        = "overlap"         // the slot has time in common with another; the pointer to that
	RuleAmbiguous      = "ambiguous"       // as narrow as another that holds on the same day; the pointer to that
	RuleNever          = "never"           // the season has no day between the dates of its period
	RuleEmptyException = "empty_exception" // neither closed, nor slots, nor a state
	RuleHolidaySet     = "holiday_set"     // no such set of holidays; the code
	RuleHolidayDay     = "holiday_day"     // no day of every year, no date, no day counted from Easter; the value
)

// pointer is a JSON Pointer being built. No name here needs escapes.
type pointer string

func (p pointer) field(name string) pointer { return p + "/" + pointer(name) }

func (p pointer) index(i int) pointer { return p + "/" + pointer(strconv.Itoa(i)) }

var weekdayNames = strings.Join(weekdays, ", ")
