package hours

import (
	"math"
	"strconv"
	"sync/atomic"
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
	return dayOf(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix())
}

// ParseDate reads a date of the form 2026-08-15; ok is false if there is no such day.
func ParseDate(s string) (d Date, ok bool) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return 0, false
	}
	return dayOf(t.Unix()), true
}

func (d Date) utc() time.Time { return time.Unix(int64(d)*secondsOfDay, 0).UTC() }

// String writes the date as 2026-08-15.
func (d Date) String() string { return d.utc().Format(time.DateOnly) }

// Begins is when the day begins in Rome, as an instant in UTC.
func (d Date) Begins() time.Time {
	year, month, day := d.Civil()
	return time.Date(year, month, day, 0, 0, 0, 0, Rome).UTC()
}

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

// offset is a stretch of time during which Rome's time is so many seconds ahead of UTC.
type offset struct {
	from, to int64 // Unix times; to is not in it
	ahead    int64
	before   int64 // how far ahead it was until from
}

// latest is the stretch that was asked for last: finding one takes longer than all else that StateAt does.
var latest atomic.Pointer[offset]

func offsetAt(unix int64) *offset {
	if o := latest.Load(); o != nil && o.from <= unix && unix < o.to {
		return o
	}
	t := time.Unix(unix, 0).In(Rome)
	_, ahead := t.Zone()
	o := &offset{math.MinInt64, math.MaxInt64, int64(ahead), int64(ahead)}
	from, to := t.ZoneBounds()
	if !from.IsZero() {
		_, before := from.Add(-time.Second).Zone()
		o.from, o.before = from.Unix(), int64(before)
	}
	if !to.IsZero() {
		o.to = to.Unix()
	}
	latest.Store(o)
	return o
}

// reading is what the wall clock says at an instant, in seconds since it said 1 January 1970, 00:00. It never goes
// back: while an hour is repeated it stands at the last second of that hour.
func reading(t time.Time) int64 {
	o := offsetAt(t.Unix())
	if o.before > o.ahead {
		return max(t.Unix()+o.ahead, o.from+o.before-1)
	}
	return t.Unix() + o.ahead
}

// instant is when the wall clock first says so many minutes of a day, or more.
func instant(d Date, minute int) time.Time {
	wanted := int64(d)*secondsOfDay + int64(minute)*60
	// Rome is ahead of UTC, but by no more than hours: the instant comes shortly before the one that UTC calls so.
	o := offsetAt(wanted)
	at := wanted - o.ahead
	if at < o.from {
		at = min(wanted-o.before, o.from)
	} else if before := wanted - o.before; before < o.from {
		at = before
	}
	return time.Unix(at, 0).In(Rome)
}

// dayOf is the day that a second lies in, both counted from 1 January 1970.
func dayOf(second int64) Date {
	day := second / secondsOfDay
	if second%secondsOfDay < 0 {
		day--
	}
	return Date(day)
}
