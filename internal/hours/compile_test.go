package hours_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/comuneprato/service-catalogue/internal/hours"
	"github.com/comuneprato/service-catalogue/internal/lang"
)

func week(slots ...hours.Slot) hours.Spec {
	return hours.Spec{Periods: []hours.Period{{Slots: slots}}}
}

func on(opens, closes string, weekdays ...string) hours.Slot {
	return hours.Slot{Weekdays: weekdays, Opens: opens, Closes: closes}
}

func periods(p ...hours.Period) hours.Spec { return hours.Spec{Periods: p} }

func exceptions(e ...hours.Exception) hours.Spec { return hours.Spec{Exceptions: e} }

func season(from, to string) *hours.Season { return &hours.Season{From: from, To: to} }

func TestCompileFindsWhatIsImpossible(t *testing.T) {
	nine := []hours.DaySlot{{Opens: "09:00", Closes: "10:00"}}
	for _, test := range []struct {
		name string
		spec hours.Spec
		want []hours.Finding
	}{
		{"nothing said", hours.Spec{}, nil},
		{"a counter", counter, nil},

		{"no times", week(on("", "", "monday")), []hours.Finding{
			{"/periods/0/slots/0/opens", "required", nil}, {"/periods/0/slots/0/closes", "required", nil},
		}},
		{"times that are none", week(on("9:00", "25:00", "monday"), on("09:60", "0900", "monday"), on("+9:00", "09:0a", "monday")), []hours.Finding{
			{"/periods/0/slots/0/opens", "time", []any{"9:00"}},
			{"/periods/0/slots/0/closes", "time", []any{"25:00"}},
			{"/periods/0/slots/1/opens", "time", []any{"09:60"}},
			{"/periods/0/slots/1/closes", "time", []any{"0900"}},
			{"/periods/0/slots/2/opens", "time", []any{"+9:00"}},
			{"/periods/0/slots/2/closes", "time", []any{"09:0a"}},
		}},
		{"24:00 is the end of a day and not its beginning", week(on("24:00", "24:00", "monday"), on("20:00", "24:01", "tuesday")), []hours.Finding{
			{"/periods/0/slots/0/opens", "time", []any{"24:00"}}, {"/periods/0/slots/1/closes", "time", []any{"24:01"}},
		}},
		{"days of no week", week(on("09:00", "10:00", "monday", "lunedì", "Monday"), on("09:00", "10:00")), []hours.Finding{
			{"/periods/0/slots/0/weekdays/1", "one_of", []any{"monday, tuesday, wednesday, thursday, friday, saturday, sunday"}},
			{"/periods/0/slots/0/weekdays/2", "one_of", []any{"monday, tuesday, wednesday, thursday, friday, saturday, sunday"}},
			{"/periods/0/slots/1/weekdays", "too_few", []any{"1"}},
		}},
		{"a day twice", week(on("09:00", "10:00", "monday", "monday")), []hours.Finding{{"/periods/0/slots/0/weekdays", "unique", nil}}},
		{"an unknown state", week(hours.Slot{Weekdays: everyDay, Opens: "09:00", Closes: "10:00", State: "ajar"}), []hours.Finding{
			{"/periods/0/slots/0/state", "term", []any{"ajar", "opening-states"}},
		}},

		{"slots that touch", week(on("09:00", "13:00", "monday"), on("13:00", "15:00", "monday"), on("15:00", "09:00", "monday")), nil},
		{"slots that overlap", week(on("09:00", "13:00", workdays...), on("15:00", "17:00", "monday"), on("12:59", "14:00", "friday")), []hours.Finding{
			{"/periods/0/slots/2", "overlap", []any{"/periods/0/slots/0"}},
		}},
		{"a slot within another", week(on("10:00", "11:00", "monday"), on("09:00", "13:00", "monday")), []hours.Finding{
			{"/periods/0/slots/1", "overlap", []any{"/periods/0/slots/0"}},
		}},
		{"slots that overlap past midnight", week(on("20:00", "02:00", "monday"), on("01:00", "05:00", "tuesday")), []hours.Finding{
			{"/periods/0/slots/1", "overlap", []any{"/periods/0/slots/0"}},
		}},
		{"slots that overlap from Sunday into Monday", week(on("01:00", "05:00", "monday"), on("20:00", "02:00", "sunday")), []hours.Finding{
			{"/periods/0/slots/1", "overlap", []any{"/periods/0/slots/0"}},
		}},
		{"all day every day", week(on("00:00", "00:00", everyDay...)), nil},

		{"dates that are none", periods(hours.Period{ValidFrom: "2026-02-29", ValidTo: "31/12/2026"}), []hours.Finding{
			{"/periods/0/validFrom", "date", nil}, {"/periods/0/validTo", "date", nil},
		}},
		{"a period that ends before it begins", periods(hours.Period{ValidFrom: "2026-03-02", ValidTo: "2026-03-01"}), []hours.Finding{
			{"/periods/0/validTo", "order", []any{"2026-03-02"}},
		}},
		{"a period of a day", periods(hours.Period{ValidFrom: "2026-03-01", ValidTo: "2026-03-01"}), nil},
		{"seasons that are none", periods(hours.Period{Season: season("02-30", "")}, hours.Period{Season: season("6-1", "2026-01-01")}), []hours.Finding{
			{"/periods/0/season/from", "month_day", []any{"02-30"}},
			{"/periods/0/season/to", "required", nil},
			{"/periods/1/season/from", "month_day", []any{"6-1"}},
			{"/periods/1/season/to", "month_day", []any{"2026-01-01"}},
		}},
		{"a season outside its period", periods(hours.Period{ValidFrom: "2026-03-01", ValidTo: "2026-05-31", Season: season("06-01", "02-28")}), []hours.Finding{
			{"/periods/0/season", "never", nil},
		}},
		{"29 February between leap years", periods(hours.Period{ValidFrom: "2025-01-01", ValidTo: "2027-12-31", Season: season("02-29", "02-29")}), []hours.Finding{
			{"/periods/0/season", "never", nil},
		}},
		{"29 February over a century that is no leap year", periods(hours.Period{ValidFrom: "2097-01-01", Season: season("02-29", "02-29")}), nil},

		{"two periods for the same days", periods(hours.Period{}, hours.Period{ValidFrom: "2026-01-01"}, hours.Period{}), []hours.Finding{
			{"/periods/2", "ambiguous", []any{"/periods/0"}},
		}},
		{"two periods that an order decides between", periods(hours.Period{}, hours.Period{Order: 1}), nil},
		{"two periods as narrow and apart", periods(hours.Period{ValidFrom: "2026-01-01", ValidTo: "2026-01-31"}, hours.Period{ValidFrom: "2026-02-01", ValidTo: "2026-03-03"}), nil},
		{"two periods as narrow that share a day", periods(hours.Period{ValidFrom: "2026-01-01", ValidTo: "2026-01-31"}, hours.Period{ValidFrom: "2026-01-31", ValidTo: "2026-03-02"}), []hours.Finding{
			{"/periods/1", "ambiguous", []any{"/periods/0"}},
		}},
		{"two seasons as long that share New Year", periods(hours.Period{Season: season("12-24", "01-06")}, hours.Period{Season: season("01-01", "01-14")}), []hours.Finding{
			{"/periods/1", "ambiguous", []any{"/periods/0"}},
		}},
		{"a season and a period as long, in another year", periods(hours.Period{ValidTo: "2026-12-31", Season: season("06-01", "06-10")}, hours.Period{ValidFrom: "2027-06-01", ValidTo: "2027-06-10"}), nil},

		{"always open and periods", hours.Spec{AlwaysOpen: true, Periods: daily("09:00", "10:00")}, []hours.Finding{{"/alwaysOpen", "exclusive", []any{"periods"}}}},

		{"unknown holidays", hours.Spec{HolidaySets: []string{"national", "local", "national"}, HolidayPolicy: "closed"}, []hours.Finding{
			{"/holidaySets/1", "holiday_set", []any{"local"}}, {"/holidaySets", "unique", nil},
		}},
		{"holidays without a policy", hours.Spec{HolidaySets: []string{"national"}}, []hours.Finding{{"/holidayPolicy", "required", nil}}},
		{"a policy without holidays", hours.Spec{HolidayPolicy: "closed"}, []hours.Finding{{"/holidaySets", "required", nil}}},
		{"an unknown policy", hours.Spec{HolidaySets: []string{"national"}, HolidayPolicy: "open"}, []hours.Finding{
			{"/holidayPolicy", "one_of", []any{"closed, as_usual, slots"}},
		}},
		{"a policy that lacks its slots", hours.Spec{HolidaySets: []string{"national"}, HolidayPolicy: "slots"}, []hours.Finding{{"/holidaySlots", "required", nil}}},
		{"slots that no policy asks for", hours.Spec{HolidaySets: []string{"national"}, HolidayPolicy: "closed", HolidaySlots: nine}, []hours.Finding{
			{"/holidaySlots", "exclusive", []any{"holidayPolicy: closed"}},
		}},
		{"slots of holidays that overlap", hours.Spec{HolidaySets: []string{"national"}, HolidayPolicy: "slots", HolidaySlots: append(nine, nine...)}, []hours.Finding{
			{"/holidaySlots/1", "overlap", []any{"/holidaySlots/0"}},
		}},

		{"exceptions with dates that are none", exceptions(hours.Exception{Closed: true}, hours.Exception{From: "2026-02-30", To: "2026-01-01", Closed: true}, hours.Exception{From: "2026-03-02", To: "2026-03-01", Closed: true}), []hours.Finding{
			{"/exceptions/0/from", "required", nil}, {"/exceptions/1/from", "date", nil}, {"/exceptions/2/to", "order", []any{"2026-03-02"}},
		}},
		{"an exception that says nothing", exceptions(hours.Exception{From: "2026-03-02", Reason: lang.Of("Sciopero")}), []hours.Finding{
			{"/exceptions/0", "empty_exception", nil},
		}},
		{"exceptions that say two things", exceptions(
			hours.Exception{From: "2026-03-01", Closed: true, Slots: nine},
			hours.Exception{From: "2026-03-02", Closed: true, State: "maintenance"},
			hours.Exception{From: "2026-03-03", Closed: true, Adds: true},
			hours.Exception{From: "2026-03-04", Adds: true, State: "open"}), []hours.Finding{
			{"/exceptions/0/closed", "exclusive", []any{"slots"}},
			{"/exceptions/1/closed", "exclusive", []any{"state"}},
			{"/exceptions/2/closed", "exclusive", []any{"adds"}},
			{"/exceptions/3/slots", "required", nil},
		}},
		{"an unknown state of an exception", exceptions(hours.Exception{From: "2026-03-01", State: "shut"}), []hours.Finding{
			{"/exceptions/0/state", "term", []any{"shut", "opening-states"}},
		}},
		{"slots of one day that overlap only on the next", exceptions(hours.Exception{From: "2026-03-01", Slots: []hours.DaySlot{{Opens: "20:00", Closes: "10:00"}, {Opens: "09:00", Closes: "12:00"}}}), nil},
		{"slots of several days that overlap on the next", exceptions(hours.Exception{From: "2026-03-01", To: "2026-03-02", Slots: []hours.DaySlot{{Opens: "20:00", Closes: "10:00"}, {Opens: "09:00", Closes: "12:00"}}}), []hours.Finding{
			{"/exceptions/0/slots/1", "overlap", []any{"/exceptions/0/slots/0"}},
		}},
		{"the same date twice", exceptions(hours.Exception{From: "2026-03-01", Closed: true}, hours.Exception{From: "2026-03-01", To: "2026-03-31", Closed: true}, hours.Exception{From: "2026-03-01", To: "2026-03-01", Slots: nine}), []hours.Finding{
			{"/exceptions/2", "ambiguous", []any{"/exceptions/0"}},
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, got := hours.Compile(test.spec, hours.Standard())
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("findings mismatch (-want +got):\n%s", diff)
			}
			if (s == nil) != (len(got) > 0) {
				t.Errorf("got schedule %v with findings %v", s, got)
			}
		})
	}
}

func TestCompileKeepsWithinBounds(t *testing.T) {
	spec := hours.Spec{
		Periods:      slices.Repeat([]hours.Period{{Season: season("06-01", "09-15")}}, 100_000),
		HolidaySets:  slices.Repeat([]string{"national"}, 100_000),
		HolidaySlots: slices.Repeat([]hours.DaySlot{{Opens: "09:00", Closes: "10:00"}}, 100_000),
		Exceptions:   slices.Repeat([]hours.Exception{{From: "0001-01-01", To: "9999-12-31", Closed: true}}, 100_000),
	}
	spec.Periods[0].Slots = slices.Repeat([]hours.Slot{on("09:00", "10:00", everyDay...)}, 100_000)
	_, findings := hours.Compile(spec, hours.Standard())
	var got []string
	for _, f := range findings {
		if f.Rule == "too_many" {
			got = append(got, fmt.Sprint(f.Pointer, f.Args))
		}
	}
	want := []string{"/periods[100]", "/periods/0/slots[200]", "/holidaySets[10]", "/holidaySlots[20]", "/exceptions[20000]"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("too long lists mismatch (-want +got):\n%s", diff)
	}
	if len(findings) > 21_000 {
		t.Errorf("got %d findings, want at most one for each element that is looked at", len(findings))
	}
}

func TestNewHolidaysFindsWhatIsImpossible(t *testing.T) {
	name := lang.Of("Festa")
	_, got := hours.NewHolidays(hours.National(), hours.HolidaySet{Code: "national"}, hours.HolidaySet{Days: []hours.Holiday{
		{Name: name, Day: "09-08"},
		{Name: name, Day: "2026-09-08"},
		{Name: name, Day: "easter"},
		{Name: name, Day: "easter-47"},
		{Name: name, Day: "02-30"},
		{Name: name, Day: "easter1"},
		{Name: name, Day: "easter+71"},
		{Name: name},
		{Day: "09-08"},
		{Name: name, Day: "09-08", Since: 2027, Until: 2026},
	}})
	want := []hours.Finding{
		{"/1/code", "unique", nil},
		{"/2/code", "required", nil},
		{"/2/days/4/day", "holiday_day", []any{"02-30"}},
		{"/2/days/5/day", "holiday_day", []any{"easter1"}},
		{"/2/days/6/day", "holiday_day", []any{"easter+71"}},
		{"/2/days/7/day", "required", nil},
		{"/2/days/8/name", "required", nil},
		{"/2/days/9/until", "order", []any{"2027"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("findings mismatch (-want +got):\n%s", diff)
	}
}

func TestUses(t *testing.T) {
	slots := func(state string) []hours.DaySlot { return []hours.DaySlot{{State: state}} }
	for _, test := range []struct {
		name string
		spec hours.Spec
		want string
	}{
		{"nothing", hours.Spec{}, ""},
		{"always open", hours.Spec{AlwaysOpen: true}, "open"},
		{"a week", week(hours.Slot{}, hours.Slot{State: "by_appointment"}), "open by_appointment"},
		{"holidays", hours.Spec{HolidaySlots: slots("self_service")}, "self_service"},
		{"closed on a day", exceptions(hours.Exception{Closed: true}), "closed"},
		{"another state of the usual hours", exceptions(hours.Exception{State: "phone_only"}), "phone_only"},
		{"the state of an exception", exceptions(hours.Exception{State: "by_appointment", Slots: slots("")}), "by_appointment"},
		{"another state than that of the exception", exceptions(hours.Exception{State: "by_appointment", Slots: slots("maintenance")}), "maintenance"},
	} {
		var got []string
		for _, s := range hours.States {
			if test.spec.Uses(s) {
				got = append(got, string(s))
			}
		}
		if got := strings.Join(got, " "); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}
