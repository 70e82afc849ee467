package hours_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/comuneprato/service-catalogue/internal/hours"
	"github.com/comuneprato/service-catalogue/internal/lang"
	"github.com/comuneprato/service-catalogue/internal/vocabulary"
)

var (
	workdays = []string{"monday", "tuesday", "wednesday", "thursday", "friday"}
	everyDay = append(slices.Clone(workdays), "saturday", "sunday")
)

func compile(t testing.TB, spec hours.Spec) *hours.Schedule {
	t.Helper()
	s, findings := hours.Compile(spec, hours.Standard())
	if len(findings) > 0 {
		t.Fatalf("Compile: got findings %v", findings)
	}
	return s
}

// instant reads "2026-03-29T02:30+01:00".
func instant(t testing.TB, s string) time.Time {
	t.Helper()
	at, err := time.Parse("2006-01-02T15:04Z07:00", s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// local writes an instant as instant reads it, in Rome's time; "" for none.
func local(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(hours.Rome).Format("2006-01-02T15:04Z07:00")
}

func daily(opens, closes string) []hours.Period {
	return []hours.Period{{Slots: []hours.Slot{{Weekdays: everyDay, Opens: opens, Closes: closes}}}}
}

func date(t testing.TB, s string) hours.Date {
	t.Helper()
	d, ok := hours.ParseDate(s)
	if !ok {
		t.Fatalf("no date: %s", s)
	}
	return d
}

// counter is the timetable of a counter like many: mornings, two afternoons, less in summer, closed on holidays.
var counter = hours.Spec{
	Periods: []hours.Period{
		{Slots: []hours.Slot{
			{Weekdays: workdays, Opens: "09:00", Closes: "13:00"},
			{Weekdays: []string{"tuesday", "thursday"}, Opens: "15:00", Closes: "17:00", State: "by_appointment", Note: lang.Of("sportello 2")},
		}},
		{Label: lang.Of("Estate"), Season: &hours.Season{From: "07-01", To: "08-31"}, Slots: []hours.Slot{
			{Weekdays: workdays, Opens: "08:30", Closes: "12:00"},
		}},
		{Label: lang.Of("Agosto 2026"), ValidFrom: "2026-08-10", ValidTo: "2026-08-21"},
		{Label: lang.Of("Feste"), Season: &hours.Season{From: "12-24", To: "01-06"}, Slots: []hours.Slot{
			{Weekdays: workdays, Opens: "09:00", Closes: "11:00"},
		}},
	},
	HolidaySets: []string{"national", "patron"}, HolidayPolicy: hours.PolicyClosed,
	Exceptions: []hours.Exception{
		{From: "2026-09-01", To: "2026-09-30", State: "phone_only", Reason: lang.Of("Lavori")},
		{From: "2026-09-10", Closed: true, Reason: lang.Of("Assemblea")},
		{From: "2026-09-12", Slots: []hours.DaySlot{{Opens: "10:00", Closes: "12:00"}}, Reason: lang.Of("Giornata aperta")},
		{From: "2026-05-01", Slots: []hours.DaySlot{{Opens: "09:00", Closes: "10:00"}}, Reason: lang.Of("Elezioni")},
		{From: "2026-05-06", Adds: true, Slots: []hours.DaySlot{{Opens: "12:30", Closes: "18:00", State: "self_service"}}},
	},
}

func TestStateAt(t *testing.T) {
	night := hours.Spec{
		Periods:     daily("20:00", "02:00"),
		HolidaySets: []string{"national"}, HolidayPolicy: hours.PolicyClosed,
		Exceptions: []hours.Exception{
			{From: "2026-03-10", Closed: true},
			{From: "2026-03-20", Slots: []hours.DaySlot{{Opens: "01:00", Closes: "05:00", State: "closed", Note: lang.Of("pulizie")}}},
		},
	}
	type want struct{ state, until, opensAt, closesAt, reason string }
	for _, test := range []struct {
		name string
		spec hours.Spec
		at   string
		want want
	}{
		{
			"open in the morning", counter, "2026-02-10T09:00+01:00",
			want{"open", "2026-02-10T13:00+01:00", "2026-02-10T15:00+01:00", "2026-02-10T13:00+01:00", ""},
		},
		{
			"closed at the minute of closing", counter, "2026-02-10T13:00+01:00",
			want{"closed", "2026-02-10T15:00+01:00", "2026-02-10T15:00+01:00", "2026-02-10T17:00+01:00", ""},
		},
		{
			"by appointment in the afternoon", counter, "2026-02-10T16:59+01:00",
			want{"by_appointment", "2026-02-10T17:00+01:00", "2026-02-11T09:00+01:00", "2026-02-10T17:00+01:00", ""},
		},
		{
			"asked from another zone", counter, "2026-02-10T03:30-05:00",
			want{"open", "2026-02-10T13:00+01:00", "2026-02-10T15:00+01:00", "2026-02-10T13:00+01:00", ""},
		},
		{
			"the night before a weekend", counter, "2026-02-13T13:00+01:00",
			want{"closed", "2026-02-16T09:00+01:00", "2026-02-16T09:00+01:00", "2026-02-16T13:00+01:00", ""},
		},

		{
			"a season before the whole year", counter, "2026-07-01T08:30+02:00",
			want{"open", "2026-07-01T12:00+02:00", "2026-07-02T08:30+02:00", "2026-07-01T12:00+02:00", ""},
		},
		{
			"two weeks before a season, and a holiday in them", counter, "2026-08-14T10:00+02:00",
			want{"closed", "2026-08-15T00:00+02:00", "2026-08-24T08:30+02:00", "2026-08-24T12:00+02:00", ""},
		},
		{
			"a season that goes over New Year, before it", counter, "2026-12-31T10:00+01:00",
			want{"open", "2026-12-31T11:00+01:00", "2027-01-04T09:00+01:00", "2026-12-31T11:00+01:00", ""},
		},
		{
			"a season that goes over New Year, after it", counter, "2027-01-05T10:59+01:00",
			want{"open", "2027-01-05T11:00+01:00", "2027-01-07T09:00+01:00", "2027-01-05T11:00+01:00", ""},
		},
		{
			"New Year's Eve turns into a holiday", counter, "2026-12-31T11:00+01:00",
			want{"closed", "2027-01-01T00:00+01:00", "2027-01-04T09:00+01:00", "2027-01-04T11:00+01:00", ""},
		},

		{"a holiday", counter, "2026-10-02T14:00+02:00", // Saint Francis's is a Sunday in 2026
			want{"closed", "2026-10-04T00:00+02:00", "2026-10-05T09:00+02:00", "2026-10-05T13:00+02:00", ""}},
		{
			"Easter Monday", counter, "2026-04-06T10:00+02:00",
			want{"closed", "2026-04-07T00:00+02:00", "2026-04-07T09:00+02:00", "2026-04-07T13:00+02:00", "Lunedì dell'Angelo"},
		},
		{
			"an exception before a holiday", counter, "2026-05-01T09:30+02:00",
			want{"open", "2026-05-01T10:00+02:00", "2026-05-04T09:00+02:00", "2026-05-01T10:00+02:00", "Elezioni"},
		},
		{
			"an exception that adds, before it begins", counter, "2026-05-06T12:00+02:00",
			want{"open", "2026-05-06T12:30+02:00", "2026-05-07T09:00+02:00", "2026-05-06T18:00+02:00", ""},
		},
		{
			"an exception that adds, where it meets the usual hours", counter, "2026-05-06T12:45+02:00",
			want{"self_service", "2026-05-06T18:00+02:00", "2026-05-07T09:00+02:00", "2026-05-06T18:00+02:00", ""},
		},
		{
			"an exception that only changes the state", counter, "2026-09-01T09:00+02:00",
			want{"phone_only", "2026-09-01T13:00+02:00", "2026-09-12T10:00+02:00", "2026-09-12T12:00+02:00", "Lavori"},
		},
		{
			"a narrower exception", counter, "2026-09-10T09:00+02:00",
			want{"closed", "2026-09-11T00:00+02:00", "2026-09-12T10:00+02:00", "2026-09-12T12:00+02:00", "Assemblea"},
		},
		{
			"an exception on a day that is usually closed", counter, "2026-09-12T11:00+02:00",
			want{"open", "2026-09-12T12:00+02:00", "2026-10-01T09:00+02:00", "2026-09-12T12:00+02:00", "Giornata aperta"},
		},

		{
			"past midnight", night, "2026-03-05T01:59+01:00",
			want{"open", "2026-03-05T02:00+01:00", "2026-03-05T20:00+01:00", "2026-03-05T02:00+01:00", ""},
		},
		{
			"past midnight into a holiday", night, "2026-06-02T00:30+02:00",
			want{"open", "2026-06-02T02:00+02:00", "2026-06-03T20:00+02:00", "2026-06-02T02:00+02:00", ""},
		},
		{
			"the evening of a holiday", night, "2026-06-02T21:00+02:00",
			want{"closed", "2026-06-03T00:00+02:00", "2026-06-03T20:00+02:00", "2026-06-04T02:00+02:00", "Festa della Repubblica"},
		},
		{
			"past midnight into an exception", night, "2026-03-10T01:00+01:00",
			want{"open", "2026-03-10T02:00+01:00", "2026-03-11T20:00+01:00", "2026-03-10T02:00+01:00", ""},
		},
		{
			"past midnight out of an exception", night, "2026-03-11T01:00+01:00",
			want{"closed", "2026-03-11T20:00+01:00", "2026-03-11T20:00+01:00", "2026-03-12T02:00+01:00", ""},
		},
		{
			"a slot of the day before what is left of yesterday's", night, "2026-03-20T00:30+01:00",
			want{"open", "2026-03-20T01:00+01:00", "2026-03-21T20:00+01:00", "2026-03-20T01:00+01:00", ""},
		},
		{
			"up to midnight, and on",
			hours.Spec{Periods: daily("00:00", "24:00")},
			"2026-03-20T23:59+01:00",
			want{"open", "", "", "", ""},
		},

		{
			"spring: closes in the hour that is left out",
			hours.Spec{Periods: daily("01:00", "02:30")},
			"2026-03-29T01:59+01:00",
			want{"open", "2026-03-29T03:00+02:00", "2026-03-30T01:00+02:00", "2026-03-29T03:00+02:00", ""},
		},
		{
			"spring: opens in the hour that is left out",
			hours.Spec{Periods: daily("02:30", "04:00")},
			"2026-03-29T01:59+01:00",
			want{"closed", "2026-03-29T03:00+02:00", "2026-03-29T03:00+02:00", "2026-03-29T04:00+02:00", ""},
		},
		{
			"spring: not at all",
			hours.Spec{Periods: daily("02:10", "02:50")},
			"2026-03-29T01:59+01:00",
			want{"closed", "2026-03-30T02:10+02:00", "2026-03-30T02:10+02:00", "2026-03-30T02:50+02:00", ""},
		},
		{
			"autumn: closes the first time",
			hours.Spec{Periods: daily("01:00", "02:30")},
			"2026-10-25T02:29+02:00",
			want{"open", "2026-10-25T02:30+02:00", "2026-10-26T01:00+01:00", "2026-10-25T02:30+02:00", ""},
		},
		{
			"autumn: remains closed the second time",
			hours.Spec{Periods: daily("01:00", "02:30")},
			"2026-10-25T02:29+01:00",
			want{"closed", "2026-10-26T01:00+01:00", "2026-10-26T01:00+01:00", "2026-10-26T02:30+01:00", ""},
		},
		{
			"autumn: opens the first time",
			hours.Spec{Periods: daily("02:30", "04:00")},
			"2026-10-25T02:29+02:00",
			want{"closed", "2026-10-25T02:30+02:00", "2026-10-25T02:30+02:00", "2026-10-25T04:00+01:00", ""},
		},
		{
			"autumn: open both hours",
			hours.Spec{Periods: daily("02:00", "03:00")},
			"2026-10-25T02:00+02:00",
			want{"open", "2026-10-25T03:00+01:00", "2026-10-26T02:00+01:00", "2026-10-25T03:00+01:00", ""},
		},

		{
			"29 February",
			hours.Spec{Periods: []hours.Period{{Season: &hours.Season{From: "02-29", To: "02-29"}, Slots: daily("09:00", "10:00")[0].Slots}}},
			"2027-06-01T10:00+02:00",
			want{"closed", "2028-02-29T09:00+01:00", "2028-02-29T09:00+01:00", "2028-02-29T10:00+01:00", ""},
		},
		{
			"a season to 29 February in a common year",
			hours.Spec{Periods: []hours.Period{{Season: &hours.Season{From: "02-20", To: "02-29"}, Slots: daily("09:00", "10:00")[0].Slots}}},
			"2027-02-28T09:00+01:00",
			want{"open", "2027-02-28T10:00+01:00", "2028-02-20T09:00+01:00", "2027-02-28T10:00+01:00", ""},
		},
		{
			"a season from 29 February in a common year",
			hours.Spec{Periods: []hours.Period{{Season: &hours.Season{From: "02-29", To: "03-02"}, Slots: daily("09:00", "10:00")[0].Slots}}},
			"2027-02-28T09:00+01:00",
			want{"closed", "2027-03-01T09:00+01:00", "2027-03-01T09:00+01:00", "2027-03-01T10:00+01:00", ""},
		},

		{"always open", hours.Spec{AlwaysOpen: true}, "2026-12-25T04:00+01:00", want{"open", "", "", "", ""}},
		{
			"always open but on holidays",
			hours.Spec{AlwaysOpen: true, HolidaySets: []string{"national"}, HolidayPolicy: "closed"},
			"2026-12-24T04:00+01:00",
			want{"open", "2026-12-25T00:00+01:00", "2026-12-27T00:00+01:00", "2026-12-25T00:00+01:00", ""},
		},
		{
			"holidays with slots of their own",
			hours.Spec{AlwaysOpen: true, HolidaySets: []string{"patron"}, HolidayPolicy: "slots", HolidaySlots: []hours.DaySlot{{Opens: "10:00", Closes: "11:00"}}},
			"2026-12-26T10:30+01:00",
			want{"open", "2026-12-26T11:00+01:00", "2026-12-27T00:00+01:00", "2026-12-26T11:00+01:00", "Santo Stefano, patrono di Prato"},
		},
		{
			"holidays as usual",
			hours.Spec{Periods: daily("09:00", "10:00"), HolidaySets: []string{"national"}, HolidayPolicy: "as_usual"},
			"2026-12-25T09:30+01:00",
			want{"open", "2026-12-25T10:00+01:00", "2026-12-26T09:00+01:00", "2026-12-25T10:00+01:00", ""},
		},
		{"nothing said", hours.Spec{}, "2026-02-10T09:00+01:00", want{"closed", "", "", "", ""}},
		{
			"a period of the past",
			hours.Spec{Periods: []hours.Period{{ValidTo: "2025-12-31", Slots: daily("09:00", "10:00")[0].Slots}}},
			"2026-02-10T09:00+01:00",
			want{"closed", "", "", "", ""},
		},
		{
			"a period that begins next year",
			hours.Spec{Periods: []hours.Period{{ValidFrom: "2027-12-31", Slots: daily("09:00", "10:00")[0].Slots}}},
			"2026-02-10T09:00+01:00",
			want{"closed", "2027-12-31T09:00+01:00", "2027-12-31T09:00+01:00", "2027-12-31T10:00+01:00", ""},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := compile(t, test.spec).StateAt(instant(t, test.at))
			if diff := cmp.Diff(test.want, want{string(got.State), local(got.Until), local(got.OpensAt), local(got.ClosesAt), got.Reason["it"]}, cmp.AllowUnexported(want{})); diff != "" {
				t.Errorf("StateAt(%s) mismatch (-want +got):\n%s", test.at, diff)
			}
		})
	}
}

func TestNotesChangeTheAnswer(t *testing.T) {
	s := compile(t, hours.Spec{Periods: []hours.Period{{Slots: []hours.Slot{
		{Weekdays: workdays, Opens: "09:00", Closes: "11:00", Note: lang.Of("sportello 1")},
		{Weekdays: workdays, Opens: "11:00", Closes: "12:00", Note: lang.Of("sportello 1")},
		{Weekdays: workdays, Opens: "12:00", Closes: "13:00", Note: lang.Of("sportello 2")},
	}}}})
	got := s.StateAt(instant(t, "2026-02-10T10:00+01:00"))
	if got.Note["it"] != "sportello 1" || local(got.Until) != "2026-02-10T12:00+01:00" || local(got.ClosesAt) != "2026-02-10T13:00+01:00" {
		t.Errorf("StateAt: got %+v, want sportello 1 until 12:00, open until 13:00", got)
	}
}

func TestAnswersAreValidUntil(t *testing.T) {
	week := daily("09:00", "10:00")
	bounded := func(from, to string) hours.Spec {
		return hours.Spec{Periods: []hours.Period{{ValidFrom: from, ValidTo: to, Slots: week[0].Slots}}}
	}
	for _, test := range []struct {
		name string
		spec hours.Spec
		want string
	}{
		{"forever if nothing is said", hours.Spec{}, ""},
		{"forever if always open", hours.Spec{AlwaysOpen: true}, ""},
		{"forever if always open, whatever the day", hours.Spec{AlwaysOpen: true, HolidaySets: []string{"national"}, HolidayPolicy: "as_usual"}, ""},
		{"forever after the last period", bounded("", "2025-12-31"), ""},
		{"forever after the last exception", hours.Spec{Exceptions: []hours.Exception{{From: "2025-12-31", Slots: []hours.DaySlot{{Opens: "09:00", Closes: "10:00"}}}}}, ""},
		{"until the next opening", bounded("2026-03-01", ""), "2026-03-01T09:00+01:00"},
		{"until New Year while a period is out of sight", bounded("2028-01-01", ""), "2027-01-01T00:00+01:00"},
		{"until New Year while a season is out of sight", hours.Spec{Periods: []hours.Period{{Season: &hours.Season{From: "02-29", To: "02-29"}, Slots: week[0].Slots}}}, "2027-01-01T00:00+01:00"},
	} {
		t.Run(test.name, func(t *testing.T) {
			at := instant(t, "2026-02-10T12:00+01:00")
			if got := local(compile(t, test.spec).NextChange(at)); got != test.want {
				t.Errorf("NextChange: got %q, want %q", got, test.want)
			}
		})
	}
	t.Run("until a period comes into sight", func(t *testing.T) {
		s := compile(t, bounded("2028-01-01", ""))
		if got := local(s.StateAt(instant(t, "2027-01-01T00:00+01:00")).OpensAt); got != "2028-01-01T09:00+01:00" {
			t.Errorf("OpensAt: got %q", got)
		}
	})
}

func TestDays(t *testing.T) {
	type interval struct{ Opens, Closes, State, Note string }
	type day struct {
		Date, Period, Holiday, Reason string
		Intervals                     []interval
	}
	for _, test := range []struct {
		name     string
		spec     hours.Spec
		from, to string
		want     []day
	}{
		{"a counter", counter, "2026-05-01", "2026-05-06", []day{
			{"2026-05-01", "", "Festa dei lavoratori", "Elezioni", []interval{{"2026-05-01T09:00+02:00", "2026-05-01T10:00+02:00", "open", ""}}},
			{"2026-05-02", "", "", "", nil},
			{"2026-05-03", "", "", "", nil},
			{"2026-05-04", "", "", "", []interval{{"2026-05-04T09:00+02:00", "2026-05-04T13:00+02:00", "open", ""}}},
			{"2026-05-05", "", "", "", []interval{
				{"2026-05-05T09:00+02:00", "2026-05-05T13:00+02:00", "open", ""},
				{"2026-05-05T15:00+02:00", "2026-05-05T17:00+02:00", "by_appointment", "sportello 2"},
			}},
			{"2026-05-06", "", "", "", []interval{
				{"2026-05-06T09:00+02:00", "2026-05-06T12:30+02:00", "open", ""},
				{"2026-05-06T12:30+02:00", "2026-05-06T18:00+02:00", "self_service", ""},
			}},
		}},
		{"a holiday in a period", counter, "2026-08-14", "2026-08-15", []day{
			{"2026-08-14", "Agosto 2026", "", "", nil},
			{"2026-08-15", "Agosto 2026", "Ferragosto", "Ferragosto", nil},
		}},
		{"spring", hours.Spec{Periods: daily("22:00", "02:30")}, "2026-03-28", "2026-03-29", []day{
			{Date: "2026-03-28", Intervals: []interval{{"2026-03-28T22:00+01:00", "2026-03-29T03:00+02:00", "open", ""}}},
			{Date: "2026-03-29", Intervals: []interval{{"2026-03-29T22:00+02:00", "2026-03-30T02:30+02:00", "open", ""}}},
		}},
		{"spring, in the hour that is left out", hours.Spec{Periods: daily("02:10", "02:50")}, "2026-03-29", "2026-03-29", []day{
			{Date: "2026-03-29"},
		}},
		{"autumn", hours.Spec{Periods: daily("02:30", "06:00")}, "2026-10-25", "2026-10-25", []day{
			{Date: "2026-10-25", Intervals: []interval{{"2026-10-25T02:30+02:00", "2026-10-25T06:00+01:00", "open", ""}}},
		}},
		{"29 February and always open", hours.Spec{AlwaysOpen: true}, "2028-02-29", "2028-03-01", []day{
			{Date: "2028-02-29", Intervals: []interval{{"2028-02-29T00:00+01:00", "2028-03-01T00:00+01:00", "open", ""}}},
			{Date: "2028-03-01", Intervals: []interval{{"2028-03-01T00:00+01:00", "2028-03-02T00:00+01:00", "open", ""}}},
		}},
		{"cut short by the next day", hours.Spec{
			Periods:    daily("20:00", "04:00"),
			Exceptions: []hours.Exception{{From: "2027-01-01", Slots: []hours.DaySlot{{Opens: "01:00", Closes: "02:00", State: "maintenance"}}}},
		}, "2026-12-31", "2027-01-01", []day{
			{Date: "2026-12-31", Intervals: []interval{
				{"2026-12-31T20:00+01:00", "2027-01-01T01:00+01:00", "open", ""},
				{"2027-01-01T02:00+01:00", "2027-01-01T04:00+01:00", "open", ""},
			}},
			{Date: "2027-01-01", Intervals: []interval{{"2027-01-01T01:00+01:00", "2027-01-01T02:00+01:00", "maintenance", ""}}},
		}},
		{"none", counter, "2026-05-02", "2026-05-01", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got []day
			for _, d := range compile(t, test.spec).Days(date(t, test.from), date(t, test.to)) {
				x := day{Date: d.Date.String(), Period: d.Period["it"], Holiday: d.Holiday["it"], Reason: d.Reason["it"]}
				for _, i := range d.Intervals {
					x.Intervals = append(x.Intervals, interval{i.Opens.Format("2006-01-02T15:04Z07:00"), i.Closes.Format("2006-01-02T15:04Z07:00"), string(i.State), i.Note["it"]})
				}
				got = append(got, x)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("Days mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

func TestStatesAreThoseOfTheVocabulary(t *testing.T) {
	var want []hours.State
	for _, term := range vocabulary.MustGet("opening-states").Terms {
		want = append(want, hours.State(term.Code))
	}
	if diff := cmp.Diff(want, hours.States); diff != "" {
		t.Errorf("States mismatch (-want +got):\n%s", diff)
	}
	var open []hours.State
	for _, s := range hours.States {
		if s.Open() {
			open = append(open, s)
		}
	}
	if diff := cmp.Diff([]hours.State{"open", "by_appointment", "with_reservation", "self_service", "weather_permitting"}, open); diff != "" {
		t.Errorf("open states mismatch (-want +got):\n%s", diff)
	}
}

func TestDates(t *testing.T) {
	for _, test := range []struct {
		date    string
		weekday time.Weekday
	}{
		{"1970-01-01", time.Thursday}, {"1969-12-31", time.Wednesday}, {"2000-02-29", time.Tuesday}, {"2026-08-15", time.Saturday}, {"1897-03-07", time.Sunday},
	} {
		d := date(t, test.date)
		if d.String() != test.date || d.Weekday() != test.weekday {
			t.Errorf("%s: got %s, a %s; want a %s", test.date, d, d.Weekday(), test.weekday)
		}
	}
	for _, s := range []string{"", "2026-02-29", "2026-2-3", "2026-13-01", "26-01-01", "2026-01-01T00:00"} {
		if d, ok := hours.ParseDate(s); ok {
			t.Errorf("ParseDate(%q): got %v, want none", s, d)
		}
	}
	if got := hours.DateOf(instant(t, "2026-06-30T22:30Z")).String(); got != "2026-07-01" {
		t.Errorf("DateOf in UTC: got %s, want 2026-07-01", got)
	}
}
