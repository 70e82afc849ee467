package hours

import (
	"strconv"
	"time"
	_ "time/tzdata" // Rome's time is known wherever this package is
)

// Rome is the location of Timezone.
var Rome = func() *time.Location {
	l, err := time.LoadLocation(Timezone)
	if err != nil {
		panic(err) // it is embedded
	}
	return l
}()

// Date is a day of the calendar, as the number of days since 1 January 1970.
type Date int

// Bounds of what dates are compared with where one is absent.
const (
	dawnOfTime Date = -1 << 30
	endOfTime  Date = 1 << 30
)

const (
	minutesOfDay  = 24 * 60
	minutesOfWeek = 7 * minutesOfDay
	secondsOfDay  = minutesOfDay * 60
)

// DateOf is the day that an instant lies in, in Rome.
func DateOf(t time.Time) Date {
	year, month, day := t.In(Rome).Date()
	return NewDate(year, month, day)
}

// NewDate is the day of that year, month and day, which may be beyond their usual ranges as for time.Date.
func NewDate(year int, month time.Month, day int) Date {
	return Date(floorDiv(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix(), secondsOfDay))
}

// ParseDate reads a date of the form 2026-08-15; ok is false if there is no such day.
func ParseDate(s string) (d Date, ok bool) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return 0, false
	}
	return Date(floorDiv(t.Unix(), secondsOfDay)), true
}

func (d Date) utc() time.Time { return time.Unix(int64(d)*secondsOfDay, 0).UTC() }

// String writes the date as 2026-08-15.
func (d Date) String() string { return d.utc().Format(time.DateOnly) }

// Civil returns year, month and day.
func (d Date) Civil() (year int, month time.Month, day int) { return d.utc().Date() }

// Weekday is the day of the week.
func (d Date) Weekday() time.Weekday { return time.Weekday((d.fromMonday() + 1) % 7) }

// fromMonday counts the days since the last Monday. 1 January 1970 was a Thursday.
func (d Date) fromMonday() int { return int(((d+3)%7 + 7) % 7) }

// monthDay is a month and day as one number, 815 for 15 August, so that the days of a year are in order.
func (d Date) monthDay() int {
	_, month, day := d.Civil()
	return int(month)*100 + day
}

// parseMonthDay reads a day of every year, such as 08-15 or 02-29.
func parseMonthDay(s string) (monthDay int, ok bool) {
	d, ok := ParseDate("2000-" + s) // a leap year
	return d.monthDay(), ok && len(s) == len("08-15")
}

// parseClock reads a time of day of the form 09:00 as minutes since midnight. 24:00 is the end of the day.
func parseClock(s string) (minutes int, ok bool) {
	if len(s) != len("09:00") || s[2] != ':' {
		return 0, false
	}
	hour, err1 := strconv.ParseUint(s[:2], 10, 8)
	minute, err2 := strconv.ParseUint(s[3:], 10, 8)
	minutes = int(hour*60 + minute)
	return minutes, err1 == nil && err2 == nil && minute < 60 && minutes <= minutesOfDay
}

// reading is what the wall clock says at an instant, in seconds since it said 1 January 1970, 00:00. It never goes
// back: while an hour is repeated it stands at the last second of that hour.
func reading(t time.Time) int64 {
	t = t.In(Rome)
	_, offset := t.Zone()
	now := t.Unix() + int64(offset)
	if change, _ := t.ZoneBounds(); !change.IsZero() && t.Unix()-change.Unix() < secondsOfDay {
		_, before := change.Add(-time.Second).Zone()
		return max(now, change.Unix()+int64(before)-1)
	}
	return now
}

// instant is when the wall clock first says so many minutes of a day, or more.
func instant(d Date, minute int) time.Time {
	wanted := int64(d)*secondsOfDay + int64(minute)*60
	// Rome is ahead of UTC, but never by a day: the instant comes not long before the one that is called so in UTC.
	t := time.Unix(wanted, 0).In(Rome)
	_, offset := t.Zone()
	at := wanted - int64(offset)
	if change, _ := t.ZoneBounds(); !change.IsZero() && wanted-change.Unix() < secondsOfDay {
		_, before := change.Add(-time.Second).Zone()
		if wanted < change.Unix()+int64(before) {
			at = wanted - int64(before)
		} else {
			at = max(at, change.Unix())
		}
	}
	return time.Unix(at, 0).In(Rome)
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
