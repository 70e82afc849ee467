package deadlines_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	ics "github.com/arran4/golang-ical"
	"pgregory.net/rapid"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/catalogue/cataloguetest"
	"github.com/comuneprato/service-catalogue/internal/format/deadlines"
	"github.com/comuneprato/service-catalogue/internal/lang"
)

var now = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func calendar(t interface{ Fatalf(string, ...any) }, given ...catalogue.Deadline) []*ics.VEvent {
	doc := cataloguetest.Service()
	doc.Deadlines = given
	e := cataloguetest.NewEntryAmong(cataloguetest.NewEntries(), cataloguetest.ServiceRef, doc, -1)
	l := catalogue.Words{Lang: lang.Italian, PublicURL: "https://catalogo.example.org", Resolver: cataloguetest.NewEntries(), Now: now}.Look(e)
	body := deadlines.Calendar(l, e)
	for line := range strings.SplitSeq(strings.TrimSuffix(string(body), "\r\n"), "\r\n") {
		if len(line) > 75 || strings.ContainsAny(line, "\r\n") || line == "" {
			t.Fatalf("line %q: want from 1 to 75 octets and CRLF", line)
		}
	}
	cal, err := ics.ParseCalendar(bytes.NewReader(body))
	if err != nil {
		t.Fatalf("the calendar cannot be read: %v", err)
	}
	if len(cal.Components) == 0 {
		t.Fatalf("a calendar without a component: %s", body)
	}
	return cal.Events()
}

func TestDeadlinesAreEventsOfWholeDays(t *testing.T) {
	title := lang.Of("Iscrizioni")
	for _, tt := range []struct {
		name              string
		given             catalogue.Deadline
		starts, ends, say string // of the event, the end excluded; "": there is none
	}{
		{"a day", catalogue.Deadline{Title: title, To: "2026-05-31"}, "20260531", "20260601", ""},
		{"a window", catalogue.Deadline{Title: title, From: "2026-04-01", To: "2026-05-31"}, "20260401", "20260601", ""},
		{"its last day", catalogue.Deadline{Title: title, To: "2026-03-02"}, "20260302", "20260303", ""},
		{"one that is over", catalogue.Deadline{Title: title, To: "2026-03-01"}, "", "", ""},
		{"every year, since long", catalogue.Deadline{Title: title, To: "2020-06-16", Yearly: true}, "20200616", "20200617", "FREQ=YEARLY"},
		{"every year, around New Year", catalogue.Deadline{Title: title, From: "2025-12-01", To: "2026-01-31", Yearly: true}, "20251201", "20260201", "FREQ=YEARLY"},
		{"every year at the end of February", catalogue.Deadline{Title: title, To: "2024-02-29", Yearly: true}, "20240229", "20240301", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1"},
		{"open at the end", catalogue.Deadline{Title: title, From: "2026-04-01"}, "", "", ""},
		{"counted from what happens", catalogue.Deadline{Title: title, Offset: "P30D"}, "", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			events := calendar(t, tt.given)
			if tt.starts == "" {
				if len(events) != 0 {
					t.Errorf("%d events, want none", len(events))
				}
				return
			}
			if len(events) != 1 {
				t.Fatalf("%d events, want one", len(events))
			}
			said := func(p ics.ComponentProperty) string {
				if property := events[0].GetProperty(p); property != nil {
					return property.Value
				}
				return ""
			}
			if said(ics.ComponentPropertyDtStart) != tt.starts || said(ics.ComponentPropertyDtEnd) != tt.ends || said(ics.ComponentPropertyRrule) != tt.say {
				t.Errorf("from %s until %s, %s", said(ics.ComponentPropertyDtStart), said(ics.ComponentPropertyDtEnd), said(ics.ComponentPropertyRrule))
			}
			if !strings.HasPrefix(said(ics.ComponentPropertySummary), "Iscrizioni – ") || !strings.Contains(said(ics.ComponentPropertyUrl), "/v1/services/") {
				t.Errorf("summary %q, URL %q", said(ics.ComponentPropertySummary), said(ics.ComponentPropertyUrl))
			}
		})
	}
}

func TestWhateverDeadlinesSayTheCalendarIsRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		texts := rapid.SampledFrom([]string{"a\nb", "BEGIN:VEVENT\r\nEND:VCALENDAR", "virgole, punti; e \\ barre", "\u202e", strings.Repeat("lunghissima ", 40), "ü中文"})
		var given []catalogue.Deadline
		for range rapid.IntRange(0, 5).Draw(t, "deadlines") {
			given = append(given, catalogue.Deadline{
				Title: lang.Of(texts.Draw(t, "title")), Description: lang.Of(texts.Draw(t, "description")), To: "2026-12-31", Yearly: rapid.Bool().Draw(t, "yearly"),
			})
		}
		if got := calendar(t, given...); len(got) != len(given) {
			t.Fatalf("%d events of %d deadlines", len(got), len(given))
		}
	})
}
