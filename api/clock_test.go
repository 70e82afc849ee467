package api_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/comuneprato/service-catalogue/api/apitest"
	"github.com/comuneprato/service-catalogue/ent/db" //nolint:depguard // a crash is what leaves rows half-done
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/hours"
	"github.com/comuneprato/service-catalogue/internal/identity"
	"github.com/comuneprato/service-catalogue/internal/publishing"
)

const (
	day  = 24 * time.Hour
	year = 365 * day
)

func TestWhatIsWrittenIsReadWhateverTheClockDoes(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		const writers, each = 3, 12
		var all sync.WaitGroup
		for i := range writers {
			all.Go(func() {
				path, list, etags := fmt.Sprint("/v1/services/s", i), "/v1/services?publisher="+apitest.Prato, map[string]string{}
				for n := range each {
					title := fmt.Sprintf("Servizio %d.%d", i, n)
					publish(s, fmt.Sprint("s", i), service(title, object{"slug": fmt.Sprint("s", i)}))
					for _, path := range []string{path, list} {
						a := s.Do(apitest.Request{Path: path, Header: map[string]string{"If-None-Match": etags[path]}})
						if a.Status != http.StatusOK || !strings.Contains(string(a.Body), title) {
							t.Errorf("%s when %q was published: got status %d: %s", path, title, a.Status, a.Body)
						}
						etags[path] = a.Header.Get("ETag")
					}
				}
			})
		}
		written := make(chan struct{})
		go func() {
			all.Wait()
			close(written)
		}()
		for n, running := 0, true; running; n++ {
			s.Advance([]time.Duration{-time.Hour, -day, year, -year, year, -2 * year, year + day + time.Hour}[n%7])
			select {
			case <-written:
				running = false
			case <-time.After(3 * time.Millisecond):
			}
		}

		s.Advance(4 * year) // past all that it ever said
		now := s.Now().Format(time.RFC3339Nano)
		ids := map[uuid.UUID]bool{}
		var feed struct{ Items []catalogue.Change }
		s.Get("/v1/changes?limit=200").Want(http.StatusOK).Into(&feed)
		for i, change := range feed.Items {
			ids[change.ID] = true
			if change.Position != int64(i+1) {
				t.Errorf("the feed: got position %d, want %d", change.Position, i+1)
			}
		}
		if len(feed.Items) != writers*each || len(ids) != writers {
			t.Errorf("got %d changes of %d entries, want %d of %d", len(feed.Items), len(ids), writers*each, writers)
		}
		for id := range ids {
			current, past := s.Get("/v1/services/"+id.String()).Object(), s.Get("/v1/services/"+id.String()+"?asOf="+now).Object()
			if diff := cmp.Diff(current["title"], past["title"]); diff != "" {
				t.Errorf("as of now mismatch (-want +got):\n%s", diff)
			}
		}
		if report, err := s.Config.Audit.Verify(t.Context(), nil); err != nil || len(report.Faults) > 0 {
			t.Errorf("the audit: got %+v, %v, want no fault", report, err)
		}
	})
}

// A client may have nothing but the date of its copy.
func TestNoCopyPassesForGoodByTheDateOfAClockThatWasSetBack(t *testing.T) {
	s := once(t)
	publish(s, "a", service("Anagrafe", object{"slug": "a"})).Want(http.StatusCreated)
	s.Advance(2 * time.Second)
	read := func(since string) apitest.Answer {
		return s.Do(apitest.Request{Path: "/v1/services/a", Header: map[string]string{"If-Modified-Since": since}})
	}
	first := read("").Header.Get("Last-Modified")
	read(first).Want(http.StatusNotModified)

	s.Advance(-time.Hour)
	if got := read(first).Want(http.StatusOK).Header.Get("Last-Modified"); got != "" {
		t.Errorf("the answer was changed at %s, which is yet to come", got)
	}
	publish(s, "a", service("Anagrafe centrale", object{"slug": "a"})).Want(http.StatusOK)
	for _, later := range []time.Duration{2 * time.Second, 2 * time.Hour} {
		s.Advance(later)
		a := read(first).Want(http.StatusOK)
		if got := a.Object()["title"]; got != "Anagrafe centrale" || a.Header.Get("Last-Modified") >= first && later < time.Hour {
			t.Errorf("%v later: got %q, changed at %s", later, got, a.Header.Get("Last-Modified"))
		}
		read(a.Header.Get("Last-Modified")).Want(http.StatusNotModified)
	}
}

func TestWhatTheClockChangedItChangesBack(t *testing.T) {
	s := once(t)
	validTo := s.Now().Add(30 * day).Format(time.DateOnly)
	publish(s, "a", service("Bando", object{"slug": "a", "validTo": validTo})).Want(http.StatusCreated)
	var today []object // and tomorrow: open all day
	for i := range 2 {
		date := s.Now().Add(time.Duration(i) * day).In(hours.Rome).Format(time.DateOnly)
		today = append(today, object{"from": date, "slots": []object{{"opens": "00:00", "closes": "24:00"}}})
	}
	publishTimetable(s, timetable(object{"exceptions": today})).Want(http.StatusCreated)
	publishEntry(s, catalogue.KindOffice, "u", object{"title": text("U"), "timetable": apitest.Prato + "/orari"}).Want(http.StatusCreated)
	look := func() string {
		return fmt.Sprintln(
			s.Get("/v1/services/a").Object()["validity"], s.Get("/v1/services?fields=validity").Object()["items"],
			s.Get("/v1/offices/u").Object()["openNow"], s.Get("/v1/offices?openNow=true").Object()["total"],
		)
	}
	before := look()
	later := s.Now().Add(year).Truncate(day).Add(20 * time.Hour).Sub(s.Now()) // when all is over, in the evening
	s.Advance(later)
	if got, want := look(), "past [map[validity:past]] false 0\n"; got != want {
		t.Errorf("a year later: got %q, want %q", got, want)
	}
	s.Advance(-later)
	if diff := cmp.Diff(before, look()); diff != "" {
		t.Errorf("when the clock was set back mismatch (-want +got):\n%s", diff)
	}
}

func TestAClockThatJumpsShutsNoClientOut(t *testing.T) {
	s := once(t)
	limited := allowing(s, 2, 2)
	for _, jump := range []time.Duration{0, -time.Hour, -day, year, -year, -3 * time.Minute} {
		s.Advance(jump)
		limited.Get("/v1/services").Want(http.StatusOK)
		limited.Get("/v1/services").Want(http.StatusOK)
		a := limited.Get("/v1/services").Want(http.StatusTooManyRequests)
		if wait := a.Header.Get("Retry-After"); len(wait) > 2 || wait > "60" {
			t.Errorf("after a jump of %v: a client has to wait %s seconds, want at most 60", jump, wait)
		}
	}
}

func TestAKeyExpiresByTheClock(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		token, _, err := s.Config.Keys.Create(t.Context(), catalogue.Actor{Name: "test"}, identity.NewKey{
			Name: "short", Publisher: apitest.Prato, Scopes: []identity.Scope{identity.Write}, Expires: 30 * day,
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, tt := range []struct {
			jump   time.Duration
			status int
		}{{0, http.StatusOK}, {year, http.StatusUnauthorized}, {-year - day, http.StatusOK}} {
			s.Advance(tt.jump)
			s.Do(apitest.Request{Path: "/v1/me", Token: token}).Want(tt.status)
		}
	})
}

func TestWhatIsPlannedHappensOnceWhateverTheClockDoes(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		at := s.Now().Add(day).Truncate(time.Second)
		s.Put(s.Prato, prato("a"), service("A")).Want(http.StatusCreated)
		move(s, prato("a"), object{"transition": "publish", "at": at.Format(time.RFC3339)}).Want(http.StatusOK)
		for _, jump := range []time.Duration{-year, year + 2*day, -3 * day, 4 * day} {
			s.Advance(jump)
			if err := s.Config.Publishing.RunDue(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if got := revisions(s); got != 1 {
			t.Errorf("it was published %v times, want once", got)
		}
	})
}

// What died while the clock was ahead is not waited for until the clock is there again.
func TestWhatDiedWhileTheClockWasAheadIsTakenUp(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		s.Put(s.Prato, prato("a"), service("A")).Want(http.StatusCreated)
		s.Advance(year)
		repeatable(s, "1", publishA).Want(http.StatusOK)
		started := upload(t, s, s.Prato, "", ndjson(row("place", "sede", object{"title": text("Sede")}, true)))
		err := s.Store.InTx(t.Context(), func(ctx context.Context, tx *db.Client) error {
			if err := tx.Request.Update().SetEffective(false).SetFingerprint("").ClearAnswer().Exec(ctx); err != nil {
				return err
			}
			return tx.ImportJob.Update().SetState(string(publishing.ImportRunning)).SetWorker("dead").SetWorkedUntil(s.Now().Add(10 * time.Second)).Exec(ctx)
		})
		if err != nil {
			t.Fatal(err)
		}
		s.Advance(-year)
		repeatable(s, "1", publishA).Want(http.StatusOK)
		s.WorkImports()
		if ended := awaitImport(t, s, started.ID); ended.State != string(publishing.ImportDone) {
			t.Errorf("the import ended as %+v, want done", ended)
		}
	})
}
