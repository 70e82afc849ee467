package snapshot_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/hours"
	"github.com/comuneprato/service-catalogue/internal/lang"
	"github.com/comuneprato/service-catalogue/internal/snapshot"
)

// mornings are hours from 9 to 13 in Rome on workdays, but for a day when it is closed.
func mornings(closed string) hours.Spec {
	return hours.Spec{
		Periods: []hours.Period{{Slots: []hours.Slot{{
			Weekdays: []string{"monday", "tuesday", "wednesday", "thursday", "friday"}, Opens: "09:00", Closes: "13:00",
		}}}},
		Exceptions: []hours.Exception{{From: closed, Closed: true}},
	}
}

// townWithHours is a service at an office in a place with a timetable, and entries without any.
func townWithHours(closed string) []catalogue.Update {
	return []catalogue.Update{
		published(id(1), comune, comune, &catalogue.Publisher{Head: titled("comune-di-prato", "Comune di Prato")}),
		published(id(2), comune, "orari", &catalogue.Timetable{Head: titled("orari", "Orari"), Spec: mornings(closed)}),
		published(id(3), comune, "palazzo", &catalogue.Place{Head: titled("palazzo", "Palazzo comunale"), Timetable: comune + "/orari"}),
		published(id(4), comune, "ufficio", &catalogue.Office{Head: titled("ufficio", "Anagrafe"), Places: []string{comune + "/palazzo"}}),
		published(id(5), comune, "carta", &catalogue.Service{Head: titled("carta", "Carta"), ResponsibleOffice: comune + "/ufficio"}),
		published(id(6), comune, "archivio", &catalogue.Office{Head: titled("archivio", "Archivio")}),
		published(id(7), comune, "estratto", &catalogue.Service{Head: titled("estratto", "Estratto"), Offices: []string{comune + "/archivio"}}),
	}
}

// movable is a clock that tests set.
type movable struct {
	mu  sync.Mutex
	now time.Time
}

func (c *movable) set(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = now
}

func (c *movable) tell() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func readerAt(c *movable) *snapshot.Reader {
	return snapshot.NewReader(snapshot.NewFollower(nil, nil), publicURL, 1<<20, c.tell)
}

// answers are all answers that show whether something is open.
func answers(t *testing.T, r *snapshot.Reader, s *snapshot.Snapshot) map[string]snapshot.Answer {
	t.Helper()
	got := map[string]snapshot.Answer{}
	for name, kind := range map[string]catalogue.Kind{
		"orari": catalogue.KindTimetable, "palazzo": catalogue.KindPlace, "ufficio": catalogue.KindOffice, "carta": catalogue.KindService,
	} {
		a, err := r.View(s, kind, name, lang.Italian, snapshot.Identity, snapshot.Shown{})
		if err != nil {
			t.Fatal(err)
		}
		got["view of "+name] = a
		if a, err = r.View(s, kind, name, lang.Italian, snapshot.Gzip, snapshot.Shown{Fields: []string{"state", "responsibleOffice"}}); err != nil {
			t.Fatal(err)
		}
		got["fields of "+name] = a
		q := snapshot.Query{Kind: kind, Sort: snapshot.SortTitle, Limit: 20, Lang: lang.Italian, Coding: snapshot.Identity}
		if kind == catalogue.KindService { // the summary of a service says nothing of hours
			q.Filters = map[string][]string{catalogue.FilterOpenNow: {"true"}}
		}
		page, err := r.List(s, q)
		if err != nil {
			t.Fatal(err)
		}
		got["list of "+kind.Plural()] = page.Answer
	}
	return got
}

func TestAnswersChangeWithTheClockExactlyWhenTheStateDoes(t *testing.T) {
	var c movable
	// Friday, and over the change to summer time to a Tuesday, after the Monday that is closed.
	s, r := loaded(t, newFeed(townWithHours("2026-03-30")...)), readerAt(&c)
	instants := []string{"2026-03-27T08:00:00Z", "2026-03-27T12:00:00Z", "2026-03-31T07:00:00Z", "2026-03-31T11:00:00Z"}
	var last map[string]snapshot.Answer
	for i, instant := range instants {
		at, err := time.Parse(time.RFC3339, instant)
		if err != nil {
			t.Fatal(err)
		}
		if last != nil {
			c.set(at.Add(-time.Microsecond))
			for name, a := range answers(t, r, s) {
				if before := last[name]; a.ETag != before.ETag || !bytes.Equal(a.Body, before.Body) {
					t.Errorf("%s just before %s: got another answer than since %s", name, instant, instants[i-1])
				}
			}
		}
		c.set(at)
		now := answers(t, r, s)
		for name, a := range now {
			if !a.Modified.Equal(at) && at.After(start) {
				t.Errorf("%s at %s: modified %v, want now", name, instant, a.Modified)
			}
			if before := last[name]; last != nil && (a.ETag == before.ETag || bytes.Equal(a.Body, before.Body)) {
				t.Errorf("%s at %s: got the same answer as before: %s", name, instant, a.Body)
			}
			if !a.ValidUntil.After(at) {
				t.Errorf("%s at %s: valid until %v, want later", name, instant, a.ValidUntil)
			}
		}
		last = now
	}
}

func TestAPageThatIsNoLongerTrueIsMadeAnewOnce(t *testing.T) {
	var c movable
	s, r := loaded(t, newFeed(townWithHours("2026-03-30")...)), readerAt(&c)
	for i, instant := range []time.Time{
		time.Date(2026, 3, 31, 6, 59, 0, 0, time.UTC), time.Date(2026, 3, 31, 7, 0, 0, 0, time.UTC), time.Date(2026, 3, 31, 11, 0, 0, 0, time.UTC),
	} {
		c.set(instant)
		var all sync.WaitGroup
		made := make([]*byte, 64)
		for j := range made {
			all.Go(func() {
				q := snapshot.Query{Kind: catalogue.KindOffice, Sort: snapshot.SortTitle, Limit: 20, Lang: lang.Italian, Coding: snapshot.Identity}
				page, err := r.List(s, q)
				if err != nil {
					t.Error(err)
				}
				made[j] = &page.Body[0]
				if open := bytes.Contains(page.Body, []byte(`"openNow":true`)); open != (i == 1) {
					t.Errorf("at %v: open %t", instant, open)
				}
			})
		}
		all.Wait()
		if n := len(slices.Compact(slices.Clone(made))); n != 1 {
			t.Errorf("at %v: made at least %d times, want once", instant, n)
		}
	}
}

func TestAChangedTimetableReachesEverythingThatShowsIt(t *testing.T) {
	var c movable
	c.set(time.Date(2026, 3, 31, 8, 0, 0, 0, time.UTC))
	f := newFeed(townWithHours("2026-03-30")...)
	follower, r := follow(t, f), readerAt(&c)
	before := answers(t, r, follower.Snapshot())
	closed := published(id(2), comune, "orari", &catalogue.Timetable{Head: titled("orari", "Orari"), Spec: mornings("2026-03-31")})
	f.append(closed)
	await(t, follower, 8)
	for name, a := range answers(t, r, follower.Snapshot()) {
		if bytes.Equal(a.Body, before[name].Body) {
			t.Errorf("%s: got what it was before the timetable changed", name)
		}
	}
}

func TestListsFilterByWhatIsOpenNow(t *testing.T) {
	var c movable
	s, r := loaded(t, newFeed(townWithHours("2026-03-30")...)), readerAt(&c)
	for _, test := range []struct {
		now          string
		kind         catalogue.Kind
		values, want []string
	}{
		{"2026-03-31T07:00:00Z", catalogue.KindService, []string{"true"}, []string{"carta"}},
		{"2026-03-31T07:00:00Z", catalogue.KindService, []string{"false"}, nil},
		{"2026-03-31T11:00:00Z", catalogue.KindService, []string{"true"}, nil},
		{"2026-03-31T11:00:00Z", catalogue.KindService, []string{"false"}, []string{"carta"}}, // of the other nothing is known
		{"2026-03-31T11:00:00Z", catalogue.KindOffice, []string{"false"}, []string{"ufficio"}},
		{"2026-04-01T08:00:00Z", catalogue.KindOffice, []string{"true"}, []string{"ufficio"}},
		{"2026-04-01T08:00:00Z", catalogue.KindPlace, []string{"true"}, []string{"palazzo"}},
		{"2026-04-01T08:00:00Z", catalogue.KindPlace, nil, nil},
	} {
		now, err := time.Parse(time.RFC3339, test.now)
		if err != nil {
			t.Fatal(err)
		}
		c.set(now)
		for _, ids := range [][]string{nil, {"ufficio", "archivio", "carta", "estratto", "palazzo"}} {
			q := snapshot.Query{
				Kind: test.kind, Sort: snapshot.SortTitle, Limit: 20, Lang: lang.Italian, Coding: snapshot.Identity, Fields: []string{"slug"},
				Filters: map[string][]string{catalogue.FilterOpenNow: test.values}, IDs: ids,
			}
			page, err := r.List(s, q)
			if err != nil {
				t.Fatal(err)
			}
			var want []string
			for _, slug := range test.want {
				want = append(want, fmt.Sprintf(`"slug":%q`, slug))
			}
			var got []string
			for _, slug := range []string{"ufficio", "archivio", "carta", "estratto", "palazzo"} {
				if item := fmt.Sprintf(`{"slug":%q}`, slug); bytes.Contains(page.Body, []byte(item)) {
					got = append(got, strings.Trim(item, "{}"))
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s that are %q at %s mismatch (-want +got):\n%s", test.kind.Plural(), test.values, test.now, diff)
			}
		}
	}
}
