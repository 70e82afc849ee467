package catalogue

import (
	"strings"
	"time"

	"github.com/comuneprato/service-catalogue/internal/hours"
)

// Validity says where an instant lies from a span of time.
type Validity string

// The validities.
const (
	Future  Validity = "future"
	Current Validity = "current"
	Past    Validity = "past"
)

// moment is an instant at which facts that change with the clock are judged, and what was learnt of when they do.
type moment struct {
	now   time.Time
	since time.Time // when the latest of them became as it is
	until time.Time // when the next of them changes; zero: none will
}

// newer notes that something is as it is since t.
func (m *moment) newer(t time.Time) {
	if t.After(m.since) {
		m.since = t
	}
}

// changes notes that something changes at t; the zero instant never comes.
func (m *moment) changes(t time.Time) { m.until = Sooner(m.until, t) }

// in says where the moment lies from a span from one instant until just before another; a zero one is far away.
func (m *moment) in(from, to time.Time) Validity {
	switch {
	case !from.IsZero() && m.now.Before(from):
		m.changes(from)
		return Future
	case !to.IsZero() && !m.now.Before(to):
		m.newer(to)
		return Past
	default:
		m.newer(from)
		m.changes(to)
		return Current
	}
}

// during is in for a span that documents write.
func (m *moment) during(from, to string) Validity { return m.in(beginning(from), ending(to)) }

// beginning is when a day begins in Prato, or the instant (RFC 3339) itself; zero if s is neither.
func beginning(s string) time.Time {
	if d, ok := hours.ParseDate(s); ok {
		return d.Begins()
	}
	return instantOf(s)
}

// ending is when a day ends in Prato, or the instant itself; zero if s is neither.
func ending(s string) time.Time {
	if d, ok := hours.ParseDate(s); ok {
		return (d + 1).Begins()
	}
	return instantOf(s)
}

func instantOf(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil || !strings.Contains(s, "T") {
		return time.Time{}
	}
	return t.UTC().Truncate(time.Microsecond)
}

// Sooner is the earlier of two instants, of which the zero one never comes.
func Sooner(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// window is the span of a deadline that counts at the moment: the one stated, or of a yearly one that which is not over
// yet; from is zero where the deadline is a day by which something must be done.
func (d *Deadline) window(m *moment) (from, to hours.Date, state Validity, ok bool) {
	from, isWindow := hours.ParseDate(d.From)
	if to, ok = hours.ParseDate(d.To); !ok {
		return from, 0, m.in(beginning(d.From), time.Time{}), isWindow
	}
	if !isWindow {
		from = to
	}
	if d.Yearly {
		years := yearsUntilOpen(to, m.now)
		if years > 0 { // the window before ended
			m.newer((yearsOn(to, years-1) + 1).Begins())
		}
		from, to = yearsOn(from, years), yearsOn(to, years)
	}
	start := from.Begins()
	if !isWindow {
		start = time.Time{}
	}
	return from, to, m.in(start, (to + 1).Begins()), true
}

// yearsUntilOpen is by how many whole years a span that ends on a day must be moved on until it is not over.
func yearsUntilOpen(to hours.Date, now time.Time) int {
	first, _, _ := to.Civil()
	for years := max(0, now.In(hours.Rome).Year()-first-1); ; years++ {
		if now.Before((yearsOn(to, years) + 1).Begins()) {
			return years
		}
	}
}

// yearsOn is the same day so many years later; 29 February is the 28th in years that have none.
func yearsOn(d hours.Date, years int) hours.Date {
	year, month, day := d.Civil()
	if month == time.February && day == 29 && !isLeap(year+years) {
		day = 28
	}
	return hours.NewDate(year+years, month, day)
}

func isLeap(year int) bool { return year%4 == 0 && (year%100 != 0 || year%400 == 0) }
