package hours_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	ics "github.com/arran4/golang-ical"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/comuneprato/service-catalogue/internal/hours"
	"github.com/comuneprato/service-catalogue/internal/lang"
)

var anagrafe = hours.Calendar{
	ID:    "0198c0de-0000-7000-8000-000000000001",
	Name:  "Anagrafe, sede centrale; «piazza del Comune»",
	URL:   "https://catalogo.example.it/v1/timetables/anagrafe",
	Stamp: time.Date(2026, 5, 1, 8, 0, 0, 0, time.UTC),
	Lang:  lang.Italian,
}

func TestICalendar(t *testing.T) {
	note := lang.Of("Sportello 2; suonare, poi attendere.\r\nNon c'è ascensore: chi non può salire le scale telefoni prima allo 0574 1836096.")
	spec := hours.Spec{Periods: []hours.Period{{Slots: []hours.Slot{
		{Weekdays: workdays, Opens: "09:00", Closes: "13:00"},
		{Weekdays: []string{"tuesday"}, Opens: "15:00", Closes: "17:00", State: "by_appointment", Note: note},
	}}}}
	var b bytes.Buffer
	if err := compile(t, spec).WriteICalendar(&b, anagrafe, date(t, "2026-05-05"), date(t, "2026-05-05")); err != nil {
		t.Fatal(err)
	}
	wantHead := strings.ReplaceAll(`BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Comune di Prato//service-catalogue//IT
NAME:Anagrafe\, sede centrale\; «piazza del Comune»
X-WR-CALNAME:Anagrafe\, sede centrale\; «piazza del Comune»
X-WR-TIMEZONE:Europe/Rome
BEGIN:VTIMEZONE
TZID:Europe/Rome
BEGIN:DAYLIGHT
TZNAME:CEST
DTSTART:19960331T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
BEGIN:STANDARD
TZNAME:CET
DTSTART:19961027T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
END:VTIMEZONE
`, "\n", "\r\n")
	if head, _, _ := strings.Cut(b.String(), "BEGIN:VEVENT"); head != wantHead {
		t.Errorf("head mismatch (-want +got):\n%s", cmp.Diff(wantHead, head))
	}
	type event struct{ UID, Start, End, Summary, Description, Categories, Stamp, URL string }
	want := []event{
		{
			"20260505T070000Z-" + anagrafe.ID, "Europe/Rome 20260505T090000", "Europe/Rome 20260505T130000",
			anagrafe.Name, "", "open", "20260501T080000Z", anagrafe.URL,
		},
		{
			"20260505T130000Z-" + anagrafe.ID, "Europe/Rome 20260505T150000", "Europe/Rome 20260505T170000",
			anagrafe.Name + " (su appuntamento)", strings.ReplaceAll(note["it"], "\r\n", "\n"), "by_appointment", "20260501T080000Z", anagrafe.URL,
		},
	}
	var got []event
	for _, e := range parseICS(t, b.Bytes()).Events() {
		value := func(p ics.ComponentProperty) string {
			if x := e.GetProperty(p); x != nil {
				return strings.TrimSpace(strings.Join(x.ICalParameters["TZID"], "") + " " + x.Value)
			}
			return ""
		}
		got = append(got, event{
			e.Id(), value(ics.ComponentPropertyDtStart), value(ics.ComponentPropertyDtEnd), value(ics.ComponentPropertySummary),
			value(ics.ComponentPropertyDescription), value(ics.ComponentPropertyCategories), value(ics.ComponentPropertyDtstamp), value(ics.ComponentPropertyUrl),
		})
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("events mismatch (-want +got):\n%s", diff)
	}
}

func TestICalendarOfDaysThatAreClosed(t *testing.T) {
	s := compile(t, hours.Spec{
		Periods:     daily("09:00", "10:00"),
		HolidaySets: []string{"national"}, HolidayPolicy: "closed",
		Exceptions: []hours.Exception{{From: "2026-08-11", To: "2026-08-14", Closed: true, Reason: lang.Of("Ferie")}},
	})
	var b bytes.Buffer
	if err := s.WriteICalendar(&b, anagrafe, date(t, "2026-08-10"), date(t, "2026-08-16")); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range parseICS(t, b.Bytes()).Events() {
		line := e.GetProperty(ics.ComponentPropertyDtStart).Value + "/" + e.GetProperty(ics.ComponentPropertyDtEnd).Value
		if d := e.GetProperty(ics.ComponentPropertyDescription); d != nil {
			line += " " + d.Value
		}
		got = append(got, line)
	}
	want := []string{
		"20260810T090000/20260810T100000",
		"20260811/20260815 Ferie",
		"20260815/20260816 Ferragosto",
		"20260816T090000/20260816T100000",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("events mismatch (-want +got):\n%s", diff)
	}
}

// TestICalendarSaysTheSameAsDays reads the calendars of random timetables back.
func TestICalendarSaysTheSameAsDays(t *testing.T) {
	holidays, _ := holidaysOfTests(t)
	rapid.Check(t, func(t *rapid.T) {
		around := rapid.SampledFrom(days).Draw(t, "around")
		s, _ := hours.Compile(drawSpec(t, around, holidays), holidays)
		first, _ := hours.ParseDate(around)
		var b bytes.Buffer
		if err := s.WriteICalendar(&b, anagrafe, first-10, first+10); err != nil {
			t.Fatal(err)
		}
		type interval struct{ opens, closes, state string }
		var got, want []interval
		seen := map[string]bool{}
		for _, e := range parseICS(t, b.Bytes()).Events() {
			if seen[e.Id()] {
				t.Fatalf("two events have the id %s", e.Id())
			}
			seen[e.Id()] = true
			if e.GetProperty(ics.ComponentPropertyDtStart).GetValueType() == ics.ValueDataTypeDate {
				continue
			}
			got = append(got, interval{
				e.GetProperty(ics.ComponentPropertyDtStart).Value, e.GetProperty(ics.ComponentPropertyDtEnd).Value,
				e.GetProperty(ics.ComponentPropertyCategories).Value,
			})
		}
		// A time that there is twice is the first of the two (RFC 5545, section 3.3.5), as in Days.
		for _, day := range s.Days(first-10, first+10) {
			for _, x := range day.Intervals {
				if second(x.Opens) || second(x.Closes) {
					t.Fatalf("%v cannot be said in iCalendar", x)
				}
				want = append(want, interval{x.Opens.Format("20060102T150405"), x.Closes.Format("20060102T150405"), string(x.State)})
			}
		}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(interval{})); diff != "" {
			t.Fatalf("events mismatch (-want +got):\n%s", diff)
		}
	})
}

// second reports whether it is the second time that the clock says so.
func second(t time.Time) bool {
	const clock = "2006-01-02T15:04"
	return t.Format(clock) == t.Add(-time.Hour).Format(clock)
}

// parseICS reads iCalendar back, and checks what its lines must be like.
func parseICS(t interface{ Fatalf(string, ...any) }, b []byte) *ics.Calendar {
	for line := range strings.SplitSeq(strings.TrimSuffix(string(b), "\r\n"), "\r\n") {
		if len(line) > 75 || strings.ContainsAny(line, "\r\n") || line == "" {
			t.Fatalf("line %q: want from 1 to 75 octets and CRLF", line)
		}
	}
	cal, err := ics.ParseCalendar(bytes.NewReader(b))
	if err != nil {
		t.Fatalf("parsing %s: %v", b, err)
	}
	return cal
}
