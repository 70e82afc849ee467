package catalogue

import "time"

// Clock tells the time in UTC, in whole microseconds: what PostgreSQL keeps.
type Clock func() time.Time

// SystemClock is the machine's clock.
func SystemClock() time.Time {
	return time.Now().UTC().Truncate(time.Microsecond) //nolint:forbidigo // the one place that reads the clock
}
