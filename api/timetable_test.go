package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/comuneprato/service-catalogue/api/apitest"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/hours"
)

// timetable is open from 9 to 13 in Rome every day but for holidays.
func timetable(changes ...object) object {
	doc := object{
		"title": object{"it": "Orari", "en": "Hours"},
		"periods": []object{{"label": text("Sempre"), "slots": []object{{
			"weekdays": []string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"},
			"opens":    "09:00", "closes": "13:00",
		}}}},
		"holidaySets": []string{"national"}, "holidayPolicy": "closed",
	}
	for _, change := range changes {
		for name, value := range change {
			doc[name] = value
		}
	}
	return doc
}

func publishTimetable(s *apitest.Server, doc object) apitest.Answer {
	return publishEntry(s, catalogue.KindTimetable, "orari", doc)
}

func TestHoursAreTheDaysThatWereAskedFor(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		publishTimetable(s, timetable()).Want(http.StatusCreated)
		a := s.Get("/v1/timetables/orari/hours?from=2026-03-28&to=2026-04-06&lang=en").Want(http.StatusOK)
		var got struct {
			Title, Timezone, From, To string
			Days                      []struct {
				Date, Period, Holiday, Reason string
				Intervals                     []struct {
					Opens, Closes string
					State         struct{ Code string }
				}
			}
			Fallback []string
		}
		a.Into(&got)
		var said []string
		for _, d := range got.Days {
			line := strings.TrimSpace(fmt.Sprintf("%s %s %s", d.Date, d.Holiday, d.Reason))
			for _, x := range d.Intervals {
				line += fmt.Sprintf(" %s–%s %s", x.Opens, x.Closes, x.State.Code)
			}
			said = append(said, line)
		}
		want := []string{"2026-03-28 2026-03-28T09:00:00+01:00–2026-03-28T13:00:00+01:00 open"}
		for day := time.Date(2026, 3, 29, 0, 0, 0, 0, time.UTC); day.Month() == time.March || day.Day() < 5; day = day.AddDate(0, 0, 1) {
			date := day.Format(time.DateOnly)
			want = append(want, fmt.Sprintf("%s %sT09:00:00+02:00–%sT13:00:00+02:00 open", date, date, date))
		}
		want = append(want, "2026-04-05 Easter Sunday Easter Sunday", "2026-04-06 Easter Monday Easter Monday")
		if diff := cmp.Diff(want, said); diff != "" {
			t.Errorf("days mismatch (-want +got):\n%s", diff)
		}
		if got.Title != "Hours" || got.Timezone != "Europe/Rome" || got.From != "2026-03-28" || got.To != "2026-04-06" || got.Days[0].Period != "Sempre" {
			t.Errorf("got %+v", got)
		}
		if !strings.Contains(strings.Join(got.Fallback, " "), "/days/0/period") {
			t.Errorf("fallback: got %v, want the label that is in Italian alone", got.Fallback)
		}
		if got := s.Get("/v1/timetables/orari/hours?from=2026-03-28&lang=*").Want(http.StatusOK).Object()["to"]; got != "2026-04-03" {
			t.Errorf("without to: got until %v, want a week", got)
		}
		today := hours.DateOf(s.Now())
		a = s.Get("/v1/timetables/orari/hours").Want(http.StatusOK)
		if got, want := a.Object()["from"], today.String(); got != want && hours.DateOf(s.Now()) == today {
			t.Errorf("without from: got %v, want %v", got, want)
		}
		s.Do(apitest.Request{Path: "/v1/timetables/orari/hours", Header: map[string]string{"If-None-Match": a.Header.Get("ETag")}}).Want(http.StatusNotModified)
	})
}

func TestDaysThatCannotBeAreRefused(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		publishTimetable(s, timetable()).Want(http.StatusCreated)
		for query, want := range map[string]string{
			"from=oggi":                     "from date",
			"from=2026-02-29&to=x":          "from date, to date",
			"from=2026-03-02&to=2026-03-01": "to order",
			"from=2026-01-01&to=2027-02-05": "to days",
			"from=0001-01-01":               "from date",
			"fro=2026-01-01":                "fro unknown_parameter",
			"to=2026-01-01&to=2026-01-02":   "to once",
		} {
			for _, path := range []string{"hours", "calendar"} {
				if got := pointers(s.Get("/v1/timetables/orari/" + path + "?" + query).Want(http.StatusBadRequest)); !strings.HasPrefix(got, want) {
					t.Errorf("%s?%s: got %s, want %s", path, query, got, want)
				}
			}
		}
		s.Get("/v1/timetables/orari/hours?from=2026-01-01&to=2027-02-04").Want(http.StatusOK)
		s.Get("/v1/timetables/altri/hours").Want(http.StatusNotFound)
		s.Get("/v1/timetables/altri/calendar").Want(http.StatusNotFound)
		if got, want := pointers(s.Get("/v1/timetables/orari/calendar?lang=*").Want(http.StatusBadRequest)), "lang one_of"; got != want {
			t.Errorf("a calendar in all languages: got %s, want %s", got, want)
		}
	})
}

func TestACalendarIsICalendar(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		publishTimetable(s, timetable()).Want(http.StatusCreated)
		a := s.Get("/v1/timetables/orari/calendar?from=2026-04-04&to=2026-04-06&lang=en").Want(http.StatusOK)
		if got, want := a.Header.Get("Content-Type"), "text/calendar; charset=utf-8"; got != want {
			t.Errorf("Content-Type: got %q, want %q", got, want)
		}
		for _, line := range []string{"BEGIN:VCALENDAR", "DTSTART;TZID=Europe/Rome:20260404T090000", "DTSTART;VALUE=DATE:20260405", "Easter Monday"} {
			if !strings.Contains(string(a.Body), line) {
				t.Errorf("got no %q in the calendar:\n%s", line, a.Body)
			}
		}
		if n := strings.Count(string(a.Body), "BEGIN:VEVENT"); n != 3 {
			t.Errorf("got %d events, want 3", n)
		}
	})
}

func TestOldNamesOfTimetablesLeadToTheSameDays(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		publishTimetable(s, timetable()).Want(http.StatusCreated)
		publishTimetable(s, timetable(object{"slug": "orari-nuovi"})).Want(http.StatusOK)
		for _, path := range []string{"hours", "calendar"} {
			a := s.Get("/v1/timetables/orari/" + path + "?from=2026-01-01").Want(http.StatusMovedPermanently)
			if got, want := a.Header.Get("Location"), s.URL+"/v1/timetables/orari-nuovi/"+path+"?from=2026-01-01"; got != want {
				t.Errorf("%s: got %q, want %q", path, got, want)
			}
		}
	})
}

func TestCachesKeepNothingLongerThanItIsTrue(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		// It changes 20 seconds from now, on a whole minute as times of day do.
		next := s.Now().Truncate(time.Minute).Add(2 * time.Minute)
		s.Advance(next.Add(-20 * time.Second).Sub(s.Now()))
		publishTimetable(s, timetable(object{
			"holidayPolicy": "as_usual",
			"exceptions": []object{{"from": next.In(hours.Rome).Format(time.DateOnly), "slots": []object{{
				"opens": next.In(hours.Rome).Format("15:04"), "closes": next.Add(time.Minute).In(hours.Rome).Format("15:04"),
			}}}},
		})).Want(http.StatusCreated)
		publishEntry(s, catalogue.KindOffice, "ufficio", object{"title": text("Ufficio"), "timetable": apitest.Prato + "/orari"}).Want(http.StatusCreated)
		paths := []string{"/v1/offices/ufficio", "/v1/offices", "/v1/offices?openNow=false", "/v1/timetables/orari"}
		before := map[string]apitest.Answer{}
		for _, path := range paths {
			before[path] = s.Get(path).Want(http.StatusOK)
			var age, stale int
			cache := before[path].Header.Get("Cache-Control")
			if _, err := fmt.Sscanf(cache, "public, max-age=%d, stale-while-revalidate=%d", &age, &stale); err != nil || age+stale > 20 || age < 5 {
				t.Errorf("%s 20 seconds before it opens: got Cache-Control %q, want at most that long", path, cache)
			}
		}
		s.Advance(next.Add(2 * time.Second).Sub(s.Now()))
		for _, path := range paths {
			a := s.Get(path).Want(http.StatusOK)
			if a.Header.Get("ETag") == before[path].Header.Get("ETag") {
				t.Errorf("%s: got the same ETag after it opened", path)
			}
			if got, want := a.Header.Get("Last-Modified"), next.UTC().Format(http.TimeFormat); got != want {
				t.Errorf("%s: Last-Modified %q, want %q", path, got, want)
			}
		}
		if got := s.Get("/v1/offices/ufficio").Object()["openNow"]; got != true {
			t.Errorf("openNow: got %v, want true", got)
		}
		for query, want := range map[string]float64{"true": 1, "false": 0} {
			if got := s.Get("/v1/offices?openNow=" + query).Object()["total"]; got != want {
				t.Errorf("openNow=%s: got %v, want %v", query, got, want)
			}
		}
		if got, want := pointers(s.Get("/v1/places?openNow=yes").Want(http.StatusBadRequest)), "openNow one_of"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}

func TestATimetableThatCannotBeIsRefusedWhereItIsWrong(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		slots := []object{
			{"weekdays": []string{"monday"}, "opens": "09:00", "closes": "13:00"},
			{"weekdays": []string{"monday"}, "opens": "12:00", "closes": "14:00"},
		}
		a := publishTimetable(s, timetable(object{
			"periods": []object{{"slots": slots}}, "holidaySets": []string{"comunali"},
		})).Want(http.StatusUnprocessableEntity)
		if got, want := pointers(a), "/holidaySets/0 holiday_set, /periods/0/slots/1 overlap"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}
