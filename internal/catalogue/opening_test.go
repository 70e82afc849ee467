package catalogue_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/catalogue/cataloguetest"
	"github.com/comuneprato/service-catalogue/internal/hours"
	"github.com/comuneprato/service-catalogue/internal/lang"
)

func rome(t *testing.T, s string) time.Time {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04:05", s, hours.Rome)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestViewsSayWhetherItIsOpenAndUntilWhenThatHolds(t *testing.T) {
	for _, test := range []struct{ now, state, openNow, opensAt, closesAt, since, until string }{
		{"2026-01-20 08:59:59", "closed", "false", "2026-01-20 09:00:00", "2026-01-20 13:00:00", "2026-01-19 13:00:00", "2026-01-20 09:00:00"},
		{"2026-01-20 09:00:00", "open", "true", "2026-01-20 15:00:00", "2026-01-20 13:00:00", "2026-01-20 09:00:00", "2026-01-20 13:00:00"},
		{"2026-01-20 13:00:00", "closed", "false", "2026-01-20 15:00:00", "2026-01-20 17:00:00", "2026-01-20 13:00:00", "2026-01-20 15:00:00"},
		{"2026-01-20 16:00:00", "by_appointment", "true", "2026-01-21 09:00:00", "2026-01-20 17:00:00", "2026-01-20 15:00:00", "2026-01-20 17:00:00"},
		{"2026-01-25 12:00:00", "closed", "false", "2026-01-26 09:00:00", "2026-01-26 13:00:00", "2026-01-23 13:00:00", "2026-01-26 09:00:00"},
		{"2026-12-25 11:00:00", "phone_only", "false", "2026-12-28 09:00:00", "2026-12-28 13:00:00", "2026-12-25 10:00:00", "2026-12-25 12:00:00"},
	} {
		entries := cataloguetest.NewEntries()
		w := words(lang.English, entries)
		w.Now = rome(t, test.now)
		want := fmt.Sprintln(test.state, test.openNow, rome(t, test.opensAt), rome(t, test.closesAt))
		instant := func(v any) time.Time {
			at, err := time.Parse(time.RFC3339, fmt.Sprint(v))
			if err != nil {
				t.Fatal(err)
			}
			return at.In(hours.Rome)
		}
		for _, show := range []struct {
			ref catalogue.Ref
			at  string // of the members, before their names
		}{
			{cataloguetest.TimetableRef, ""},
			{cataloguetest.PlaceRef, ""},
			{cataloguetest.PlaceRef, "/timetable"},
			{cataloguetest.OfficeRef, ""},
			{cataloguetest.OfficeRef, "/places/0"},
			{cataloguetest.ServiceRef, "/responsibleOffice"},
			{cataloguetest.ServiceRef, "/responsibleOffice/places/0/timetable"},
			{cataloguetest.ServiceRef, "/connections/0"},
			{cataloguetest.ServiceRef, "/connections/0/timetable"},
			{cataloguetest.ServiceRef, "/connections/1/timetable"},
			{cataloguetest.ChannelRef, ""},
		} {
			r := w.View(entries[show.ref])
			v := parsed(t, r.Object)
			get := func(name string) any {
				value, ok := at(v, show.at+"/"+name)
				if !ok {
					t.Fatalf("at %s, %s: no %s", test.now, show.ref, show.at+"/"+name)
				}
				return value
			}
			got := fmt.Sprintln(get("state/code"), get("openNow"), instant(get("opensAt")), instant(get("closesAt")))
			if got != want {
				t.Errorf("at %s, %s of %s: got %s, want %s", test.now, show.at, show.ref, got, want)
			}
			if !r.Modified.Equal(rome(t, test.since)) || !r.ValidUntil.Equal(rome(t, test.until)) {
				t.Errorf("at %s, %s: got it valid from %v until %v, want %s and %s", test.now, show.ref, r.Modified.In(hours.Rome), r.ValidUntil, test.since, test.until)
			}
		}
	}
}

func TestWhatNoTimetableSaysIsNotInTheView(t *testing.T) {
	entries := cataloguetest.NewEntries()
	office := entries[cataloguetest.OfficeRef].Document.(*catalogue.Office)
	view := func() (catalogue.Rendered, map[string]any) {
		r := words(lang.English, entries).Item(entries[cataloguetest.OfficeRef])
		return r, parsed(t, r.Object)
	}
	office.Timetable = ""
	if _, v := view(); v["openNow"] != true {
		t.Errorf("an office without a timetable: got openNow %v, want that of its first place", v["openNow"])
	}
	place := entries[cataloguetest.PlaceRef]
	place.Document, place.UpdatedAt = nil, tuesday
	r, v := view()
	if _, ok := v["state"]; ok || !r.ValidUntil.IsZero() {
		t.Errorf("an office whose place was withdrawn: got the state %v until %v, want none", v["state"], r.ValidUntil)
	}
	if !r.Modified.Equal(tuesday) {
		t.Errorf("an office whose place was withdrawn: modified %v, want when that was", r.Modified)
	}
	office.Places = nil
	if r, v := view(); v["openNow"] != nil || !r.ValidUntil.IsZero() {
		t.Errorf("an office that is nowhere: got openNow %v, want none", v["openNow"])
	}
}

func TestTimetablesOfAServiceAreThoseOfItsConnectionsAndOffices(t *testing.T) {
	entries := cataloguetest.NewEntries()
	timetable := func(key string) string {
		ref := catalogue.Ref{Kind: catalogue.KindTimetable, Publisher: "prato-comune", Key: key}
		entries[ref] = cataloguetest.NewEntry(ref, &catalogue.Timetable{Spec: hours.Spec{AlwaysOpen: true}}, 100+len(entries))
		return ref.String()
	}
	put := func(doc catalogue.Document, key string) string {
		ref := catalogue.Ref{Kind: doc.Kind(), Publisher: "prato-comune", Key: key}
		entries[ref] = cataloguetest.NewEntry(ref, doc, 200+len(entries))
		return ref.String()
	}
	place := put(&catalogue.Place{Timetable: timetable("of-place")}, "place")
	other := put(&catalogue.Place{Timetable: timetable("of-other-place")}, "other-place")
	open := put(&catalogue.Office{Timetable: timetable("of-office"), Places: []string{other}}, "office")
	seated := put(&catalogue.Office{Places: []string{place, other}}, "seated")
	dark := put(&catalogue.Office{}, "dark")
	for name, test := range map[string]struct {
		service catalogue.Service
		want    []string
	}{
		"nothing":            {catalogue.Service{}, nil},
		"responsible office": {catalogue.Service{ResponsibleOffice: open}, []string{"of-office"}},
		"several offices":    {catalogue.Service{ResponsibleOffice: open, Offices: []string{open, seated, dark, "prato-comune/gone"}}, []string{"of-office", "of-place"}},
		"a connection's own": {catalogue.Service{Connections: []catalogue.Connection{
			{}, {Inline: &catalogue.Inline{Access: catalogue.Access{Timetable: timetable("of-channel"), Offices: []string{open}}}},
		}}, []string{"of-channel"}},
		"where a connection is": {catalogue.Service{Connections: []catalogue.Connection{
			{Inline: &catalogue.Inline{Access: catalogue.Access{Offices: []string{seated}, Places: []string{other}}}},
		}}, []string{"of-place", "of-other-place"}},
	} {
		var got []string
		for _, e := range catalogue.Timetables(cataloguetest.NewEntry(cataloguetest.ServiceRef, &test.service, 1), entries) {
			got = append(got, e.Ref.Key)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: timetables mismatch (-want +got):\n%s", name, diff)
		}
	}
}

func TestOwnHolidaySetsCloseTimetablesThatNameThem(t *testing.T) {
	entries := cataloguetest.NewEntries()
	timetable := cataloguetest.Timetable()
	timetable.HolidayPolicy, timetable.HolidaySlots, timetable.Notices = hours.PolicyClosed, nil, nil
	days := func(day string) {
		set := &catalogue.HolidaySet{Head: catalogue.Head{Title: lang.Of("Chiusure")}, Days: []hours.Holiday{{Name: lang.Of("Fiera"), Day: day}}}
		entries[cataloguetest.HolidaySetRef] = cataloguetest.NewEntry(cataloguetest.HolidaySetRef, set, -3)
	}
	look := func() (catalogue.Rendered, any) {
		entries[cataloguetest.TimetableRef] = cataloguetest.NewEntryAmong(entries, cataloguetest.TimetableRef, timetable, 0)
		r := words(lang.Italian, entries).View(entries[cataloguetest.TimetableRef])
		return r, parsed(t, r.Object)["openNow"]
	}
	for _, test := range []struct {
		name, day string
		withdrawn bool
		want      any
	}{
		{"another day", "09-08", false, true},
		{"every year on this day", "01-20", false, false},
		{"this day of this year", "2026-01-20", false, false},
		{"this day of another year", "2025-01-20", false, true},
		{"withdrawn", "01-20", true, true},
	} {
		days(test.day)
		if test.withdrawn {
			entries[cataloguetest.HolidaySetRef].Document = nil
		}
		if _, got := look(); got != test.want {
			t.Errorf("%s: got openNow %v, want %v", test.name, got, test.want)
		}
	}

	days("09-08")
	set := entries[cataloguetest.HolidaySetRef]
	opened := rome(t, "2026-01-20 09:00:00")
	for _, test := range []struct {
		name            string
		set, table, now time.Time // when each last changed
	}{
		{"both long ago", longAgo, longAgo, opened},
		{"the set lately", tuesday, longAgo, tuesday},
		{"the timetable lately", longAgo, tuesday, tuesday},
		{"both, the set last", tuesday, tuesday.Add(-time.Minute), tuesday},
		{"both, the timetable last", tuesday.Add(-time.Minute), tuesday, tuesday},
	} {
		set.UpdatedAt = test.set
		e := catalogue.NewEntry(catalogue.Entry{Ref: cataloguetest.TimetableRef, UpdatedAt: test.table}, timetable, entries)
		entries[cataloguetest.PublisherRef].UpdatedAt, entries[cataloguetest.PublisherRef].ReviewedAt = longAgo, longAgo
		if got := words(lang.Italian, entries).View(&e).Modified; !got.Equal(test.now) {
			t.Errorf("%s: got the view modified at %v, want %v", test.name, got, test.now)
		}
		place := &catalogue.Place{Head: catalogue.Head{Title: lang.Of("Palazzo")}, Timetable: cataloguetest.TimetableRef.String()}
		at := cataloguetest.NewEntry(cataloguetest.PlaceRef, place, 1)
		at.UpdatedAt, entries[cataloguetest.TimetableRef] = longAgo, &e
		if got := words(lang.Italian, entries).Item(at).Modified; !got.Equal(test.now) {
			t.Errorf("%s: got a place by that timetable modified at %v, want %v", test.name, got, test.now)
		}
	}
}
