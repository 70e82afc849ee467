package hours_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/comuneprato/service-catalogue/internal/hours"
	"github.com/comuneprato/service-catalogue/internal/lang"
)

func TestWeeksFollowEachOtherWithoutPrecedence(t *testing.T) {
	morning, short := []hours.Hours{{Opens: "09:00", Closes: "13:00"}}, []hours.Hours{{Opens: "09:00", Closes: "12:00"}}
	whole := []hours.Hours{{Opens: "00:00", Closes: "24:00"}}
	all := func(x []hours.Hours) (week [7][]hours.Hours) {
		for day := range week {
			week[day] = x
		}
		return week
	}
	summer := hours.Period{Season: &hours.Season{From: "06-15", To: "09-15"}, Slots: []hours.Slot{{Weekdays: everyDay, Opens: "09:00", Closes: "12:00"}}}
	for _, test := range []struct {
		name string
		spec hours.Spec
		want []hours.Week
	}{
		{"closed for ever", hours.Spec{}, []hours.Week{{From: date(t, "2026-01-01"), To: date(t, "2026-12-31")}}},
		{"always open", hours.Spec{AlwaysOpen: true}, []hours.Week{{date(t, "2026-01-01"), date(t, "2026-12-31"), all(whole)}}},
		{"one week", hours.Spec{Periods: daily("09:00", "13:00")}, []hours.Week{{date(t, "2026-01-01"), date(t, "2026-12-31"), all(morning)}}},
		{"a season goes before the year", hours.Spec{Periods: append(daily("09:00", "13:00"), summer)}, []hours.Week{
			{date(t, "2026-01-01"), date(t, "2026-06-14"), all(morning)},
			{date(t, "2026-06-15"), date(t, "2026-09-15"), all(short)},
			{date(t, "2026-09-16"), date(t, "2026-12-31"), all(morning)},
		}},
		{"past midnight, and where nobody is received", hours.Spec{Periods: []hours.Period{{Slots: []hours.Slot{
			{Weekdays: []string{"monday"}, Opens: "22:00", Closes: "02:00"},
			{Weekdays: []string{"tuesday"}, Opens: "09:00", Closes: "13:00", State: "phone_only"},
		}}}}, []hours.Week{{date(t, "2026-01-01"), date(t, "2026-12-31"), [7][]hours.Hours{{{Opens: "22:00", Closes: "02:00"}}}}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := compile(t, test.spec).Weeks(date(t, "2026-01-01"), date(t, "2026-12-31"))
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("Weeks (-want +got):\n%s", diff)
			}
		})
	}
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
