package hours

import (
	"testing"
	"time"
)

func FuzzParseClock(f *testing.F) {
	for _, s := range []string{"09:00", "24:00", "24:01", "23:59", "00:00", "9:00", "+9:00", "09:-1", "٠٩:٠٠", "", "09:00 "} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := parseClock(s)
		want, err := time.Parse("15:04", s)
		wantOK := err == nil && len(s) == 5 || s == "24:00"
		if ok != wantOK {
			t.Fatalf("parseClock(%q): got %v, want %v", s, ok, wantOK)
		}
		if ok && s != "24:00" && got != want.Hour()*60+want.Minute() {
			t.Errorf("parseClock(%q): got %d, want that of %v", s, got, want)
		}
	})
}

func FuzzParseMonthDay(f *testing.F) {
	for _, s := range []string{"02-29", "02-30", "12-31", "00-00", "1-1", "", "+1-01"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := parseMonthDay(s)
		if !ok {
			return
		}
		if d := NewDate(2000, time.Month(got/100), got%100); d.String() != "2000-"+s || d.monthDay() != got {
			t.Errorf("parseMonthDay(%q): got %d", s, got)
		}
	})
}

// FuzzCompile looks for input that Compile, or what it accepts, does not survive.
func FuzzCompile(f *testing.F) {
	f.Add("monday", "09:00", "13:00", "open", "2026-01-01", "2026-12-31", "12-24", "01-06", "national", "closed", int64(1774746000))
	f.Add("tuesday", "02:30", "02:30", "", "", "", "02-29", "02-29", "patron", "slots", int64(-1))
	f.Fuzz(func(t *testing.T, day, opens, closes, state, from, to, seasonFrom, seasonTo, set, policy string, at int64) {
		spec := Spec{
			Periods: []Period{
				{ValidFrom: from, ValidTo: to, Slots: []Slot{{Weekdays: []string{day}, Opens: opens, Closes: closes, State: state}}},
				{ValidTo: to, Season: &Season{seasonFrom, seasonTo}, Slots: []Slot{{Weekdays: weekdays, Opens: closes, Closes: opens}}},
			},
			HolidaySets: []string{set}, HolidayPolicy: policy,
			Exceptions: []Exception{
				{From: from, To: to, Slots: []DaySlot{{Opens: opens, Closes: closes, State: state}}, Adds: at%2 == 0},
				{From: to, State: state},
			},
		}
		if policy == PolicySlots {
			spec.HolidaySlots = []DaySlot{{Opens: opens, Closes: closes}}
		}
		s, findings := Compile(spec, Standard())
		if (s == nil) != (len(findings) > 0) {
			t.Fatalf("got %v with findings %v", s, findings)
		}
		spec.Periods[0].Text()
		if s == nil {
			return
		}
		now := time.Unix(at%(1<<37), 0) // up to the year 6325
		got := s.StateAt(now)
		if !got.ValidUntil.IsZero() && !got.ValidUntil.After(now) {
			t.Errorf("StateAt(%v): valid until %v", now, got.ValidUntil)
		}
		s.Days(DateOf(now)-1, DateOf(now)+1)
	})
}
