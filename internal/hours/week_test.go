package hours_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/comuneprato/service-catalogue/internal/hours"
	"github.com/comuneprato/service-catalogue/internal/lang"
)

func TestWeeksRepeatWhileAPeriodCounts(t *testing.T) {
	workdays := []string{"monday", "tuesday", "wednesday", "thursday", "friday"}
	usual := hours.Period{Label: lang.Of("Anno"), Slots: []hours.Slot{
		{Weekdays: workdays, Opens: "09:00", Closes: "13:00"},
		{Weekdays: []string{"friday"}, Opens: "22:00", Closes: "02:00", State: "by_appointment"},
	}}
	summer := hours.Period{
		Label: lang.Of("Estate"), Season: &hours.Season{From: "06-15", To: "09-15"},
		Slots: []hours.Slot{{Weekdays: []string{"sunday"}, Opens: "00:00", Closes: "24:00"}},
	}
	july := hours.Period{Label: lang.Of("Luglio"), ValidFrom: "2026-07-01", ValidTo: "2026-07-31"}
	for _, tt := range []struct {
		name string
		spec hours.Spec
		want []string
	}{
		{"nothing", hours.Spec{}, nil},
		{"one period", hours.Spec{Periods: []hours.Period{usual}}, []string{
			" –  Anno: Mon Tue Wed Thu Fri 09:00–13:00 open, Fri 22:00–02:00 by_appointment",
		}},
		{"always open", hours.Spec{AlwaysOpen: true}, []string{" –  : Mon Tue Wed Thu Fri Sat Sun 00:00–24:00 open"}},
		{"the narrower counts", hours.Spec{Periods: []hours.Period{usual, summer, july}}, []string{
			" – 2026-06-14 Anno: Mon Tue Wed Thu Fri 09:00–13:00 open, Fri 22:00–02:00 by_appointment",
			"2026-06-15 – 2026-06-30 Estate: Sun 00:00–24:00 open",
			"2026-07-01 – 2026-07-31 Luglio: ",
			"2026-08-01 – 2026-09-15 Estate: Sun 00:00–24:00 open",
			"2026-09-16 –  Anno: Mon Tue Wed Thu Fri 09:00–13:00 open, Fri 22:00–02:00 by_appointment",
		}},
		{"days without a period", hours.Spec{Periods: []hours.Period{july}}, []string{"2026-07-01 – 2026-07-31 Luglio: "}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			schedule, findings := hours.Compile(tt.spec, hours.Standard())
			if len(findings) > 0 {
				t.Fatal(findings)
			}
			var got []string
			for _, w := range schedule.Weeks(hours.NewDate(2026, time.January, 1), hours.NewDate(2026, time.December, 31)) {
				got = append(got, written(w))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Weeks (-want +got):\n%s", diff)
			}
		})
	}
}

func written(w hours.Week) string {
	day := func(d hours.Date) string {
		if d == 0 {
			return ""
		}
		return d.String()
	}
	var spans []string
	for _, h := range w.Hours {
		var days []string
		for _, d := range h.Days {
			days = append(days, d.String()[:3])
		}
		spans = append(spans, fmt.Sprintf("%s %s–%s %s", strings.Join(days, " "), h.Opens, h.Closes, h.State))
	}
	return fmt.Sprintf("%s – %s %s: %s", day(w.From), day(w.To), w.Label[lang.Italian], strings.Join(spans, ", "))
}

func TestSpecialsAreExceptionsAndHolidays(t *testing.T) {
	s := compile(t, hours.Spec{
		Periods: daily("09:00", "13:00"), HolidaySets: []string{hours.SetNational}, HolidayPolicy: hours.PolicyClosed,
		Exceptions: []hours.Exception{
			{From: "2026-08-10", To: "2026-08-14", Closed: true, Reason: lang.Of("Ferie")},
			{From: "2026-08-17", Slots: []hours.DaySlot{{Opens: "10:00", Closes: "24:00"}}},
			{From: "2026-08-18", Adds: true, Slots: []hours.DaySlot{{Opens: "15:00", Closes: "17:00"}}},
		},
	})
	want := []hours.Special{
		{From: date(t, "2026-08-10"), To: date(t, "2026-08-14"), Reason: lang.Of("Ferie")},
		{From: date(t, "2026-08-15"), To: date(t, "2026-08-15"), Reason: lang.Text{"it": "Ferragosto", "en": "Assumption Day"}},
		{From: date(t, "2026-08-17"), To: date(t, "2026-08-17"), Hours: []hours.Hours{{Opens: "10:00", Closes: "24:00"}}},
		{From: date(t, "2026-08-18"), To: date(t, "2026-08-18"), Hours: []hours.Hours{{Opens: "09:00", Closes: "13:00"}, {Opens: "15:00", Closes: "17:00"}}},
	}
	if diff := cmp.Diff(want, s.Specials(date(t, "2026-08-01"), date(t, "2026-08-31"))); diff != "" {
		t.Errorf("Specials (-want +got):\n%s", diff)
	}
}
