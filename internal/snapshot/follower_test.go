package snapshot_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/lang"
	"github.com/comuneprato/service-catalogue/internal/snapshot"
)

// run starts a follower in a bubble of synctest, which fails when anything of it still runs in the end.
func run(ctx context.Context, f snapshot.Feed) *snapshot.Follower {
	follower := snapshot.NewFollower(f, slog.New(slog.DiscardHandler))
	go follower.Run(ctx)
	synctest.Wait()
	return follower
}

func TestAFollowerFollowsAndStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		f := newFeed(city...)
		follower := run(ctx, f)
		if !follower.Ready() || follower.Snapshot().Position() != int64(len(city)) {
			t.Fatalf("after the start: ready %t at %d, want it at %d", follower.Ready(), follower.Snapshot().Position(), len(city))
		}
		position := f.append(letters("abc")...)
		if err := follower.Wait(ctx, position); err != nil {
			t.Fatal(err)
		}
		if got := follower.Snapshot().Count(catalogue.KindPlace); got != 4 {
			t.Errorf("places: got %d, want 4", got)
		}
		stop()
		synctest.Wait()
		f.append(letters("d")...)
		synctest.Wait()
		if got := follower.Snapshot().Position(); got != position {
			t.Errorf("position after the end: got %d, want %d", got, position)
		}
	})
}

func TestAFollowerThatCannotLoadStopsToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		f := newFeed()
		f.fail(errFeed)
		follower := run(ctx, f)
		stop()
		synctest.Wait()
		if follower.Ready() {
			t.Error("ready, though nothing was ever loaded")
		}
	})
}

// slow is a feed that takes a second to stop listening.
type slow struct{ *feed }

func (s slow) Listen(ctx context.Context, wake func()) {
	s.feed.Listen(ctx, wake)
	time.Sleep(time.Second)
}

func TestRunReturnsWhenNothingOfItRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithTimeout(t.Context(), time.Minute)
		defer stop()
		began := time.Now()
		snapshot.NewFollower(slow{newFeed()}, slog.New(slog.DiscardHandler)).Run(ctx)
		if got, want := time.Since(began), time.Minute+time.Second; got != want {
			t.Errorf("Run took %s, want %s: it did not wait for Listen", got, want)
		}
	})
}

func TestAFollowerTakesManyChangesInBatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		f := newFeed()
		follower := run(ctx, f)
		var changes []catalogue.Update
		for i := range 1001 {
			changes = append(changes, published(id(i), comune, fmt.Sprint(i), &catalogue.Place{Head: titled("", "Luogo")}))
		}
		if err := follower.Wait(ctx, f.append(changes...)); err != nil {
			t.Fatal(err)
		}
		if got := follower.Snapshot().Count(catalogue.KindPlace); got != len(changes) {
			t.Errorf("places: got %d, want %d", got, len(changes))
		}
	})
}

// deaf is a feed that wakes nobody.
type deaf struct{ *feed }

func (deaf) Listen(ctx context.Context, _ func()) { <-ctx.Done() }

func TestAFollowerLooksByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		f := newFeed()
		follower := run(ctx, deaf{f})
		began := time.Now()
		if err := follower.Wait(ctx, f.append(letters("a")...)); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("took %s, want 5s at most", took)
		}
	})
}

func TestAFollowerOutlivesAFailingFeed(t *testing.T) {
	for _, err := range []error{errFeed, fmt.Errorf("reading: %w", context.Canceled)} {
		t.Run(err.Error(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, stop := context.WithCancel(t.Context())
				defer stop()
				f := newFeed()
				f.fail(err)
				follower := run(ctx, f)
				if follower.Ready() || follower.Snapshot() != nil {
					t.Error("ready before anything could be loaded")
				}
				f.fail(nil)
				time.Sleep(2 * time.Second)
				if !follower.Ready() {
					t.Fatal("not ready when everything could be loaded")
				}
				f.fail(err)
				position := f.append(letters("a")...)
				synctest.Wait()
				if follower.Ready() {
					t.Error("ready though the feed fails")
				}
				if s := follower.Snapshot(); s == nil || s.Position() != 0 {
					t.Errorf("got %v, want the earlier snapshot", s)
				}
				reads := f.tries()
				time.Sleep(10 * time.Second)
				if tries := f.tries() - reads; tries < 5 || tries > 15 {
					t.Errorf("tries in ten seconds: got %d, want one a second", tries)
				}
				f.fail(nil)
				if err := follower.Wait(ctx, position); err != nil {
					t.Fatal(err)
				}
				synctest.Wait()
				if !follower.Ready() {
					t.Error("not ready though the feed is back")
				}
			})
		})
	}
}

// gapped is a feed that lacks the change at a position, until that is 0.
type gapped struct {
	*feed
	at atomic.Int64
}

func (g *gapped) Since(ctx context.Context, after int64, limit int) ([]catalogue.Update, error) {
	updates, err := g.feed.Since(ctx, after, limit)
	for i, u := range updates {
		if u.Position == g.at.Load() {
			return append(updates[:i], updates[i+1:]...), err
		}
	}
	return updates, err
}

func TestAGapInTheFeedStopsTheFollowerBeforeIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		f := &gapped{feed: newFeed()}
		f.at.Store(2)
		follower := run(ctx, f)
		position := f.append(letters("abc")...)
		synctest.Wait()
		if s := follower.Snapshot(); follower.Ready() || s.Position() != 0 || s.Count(catalogue.KindPlace) != 0 {
			t.Errorf("ready %t at %d with %d places, want it to stay where it was", follower.Ready(), s.Position(), s.Count(catalogue.KindPlace))
		}
		f.at.Store(0)
		if err := follower.Wait(ctx, position); err != nil {
			t.Fatal(err)
		}
		if got := follower.Snapshot().Count(catalogue.KindPlace); got != 3 {
			t.Errorf("places: got %d, want 3", got)
		}
	})
}

func TestWaitGivesUpWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		running, stop := context.WithCancel(t.Context())
		defer stop()
		follower := run(running, newFeed())
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		if err := follower.Wait(ctx, 1); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error: got %v, want the deadline", err)
		}
		if err := follower.Wait(ctx, 0); err != nil {
			t.Errorf("what is there already: got %v, want no error", err)
		}
	})
}

func TestReadersGoOnWhileChangesAreApplied(t *testing.T) {
	f := newFeed(city...)
	follower := follow(t, f)
	r := snapshot.NewReader(follower, publicURL, 1<<18, clock)
	ctx, stop := context.WithCancel(t.Context())
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for ctx.Err() == nil {
				s := r.Snapshot()
				for _, q := range []snapshot.Query{
					{Kind: catalogue.KindPlace, Sort: snapshot.SortTitle, Limit: 5},
					{Kind: catalogue.KindService, Sort: snapshot.SortUpdatedAt, Limit: 5, Descending: true, Filters: map[string][]string{"publisher": {comune}}},
				} {
					q.Lang, q.Coding = lang.Italian, snapshot.Gzip
					if _, err := r.List(s, q); err != nil {
						t.Error(err)
					}
				}
				if _, err := r.View(s, catalogue.KindService, "carta", lang.Italian, snapshot.Identity, snapshot.Shown{}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for i := range 200 {
		place := published(id(3), comune, "palazzo", &catalogue.Place{Head: titled("palazzo", fmt.Sprint("Palazzo ", i))})
		await(t, follower, f.append(append(letters(string(rune('a'+i%26))), place)...))
	}
	stop()
	readers.Wait()
}

func TestADocumentThatCannotBeReadIsToldAndHindersNobody(t *testing.T) {
	broken := published(id(5), comune, "rotta", &catalogue.Service{Head: titled("rotta", "Rotta")})
	broken.Document = `{"title":`
	for name, loaded := range map[string]bool{"loaded": true, "followed": false} {
		t.Run(name, func(t *testing.T) {
			f := newFeed(city[0], city[1])
			if loaded {
				f.append(broken)
			}
			var logs bytes.Buffer
			follower := snapshot.NewFollower(f, slog.New(slog.NewTextHandler(&logs, nil)))
			ctx, stop := context.WithCancel(t.Context())
			var running sync.WaitGroup
			running.Go(func() { follower.Run(ctx) })
			defer running.Wait()
			defer stop()
			await(t, follower, 0)
			if !loaded {
				await(t, follower, f.append(broken))
			}
			s := await(t, follower, f.append(palazzo))
			if _, err := s.Find(catalogue.KindPlace, "palazzo"); err != nil {
				t.Errorf("what came after: %v", err)
			}
			if _, err := s.Find(catalogue.KindService, "rotta"); !errors.Is(err, catalogue.ErrNotFound) {
				t.Errorf("the broken one: got %v, want ErrNotFound", err)
			}
			stop()
			running.Wait()
			if got := logs.String(); !strings.Contains(got, "key=rotta") || !strings.Contains(got, "publish it anew") {
				t.Errorf("the log does not tell of it: %s", got)
			}
		})
	}
}

func TestAFollowerBeginsAnewWhenABackupWasRestored(t *testing.T) {
	for name, after := range map[string]string{"older": "", "and written to, but less": "x", "as far again": "xy", "and further": "xyz"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, stop := context.WithCancel(t.Context())
				defer stop()
				f := newFeed(city...)
				follower := run(ctx, f)
				r := snapshot.NewReader(follower, publicURL, 1<<20, clock)
				q := snapshot.Query{Kind: catalogue.KindPlace, Sort: snapshot.SortTitle, Limit: 10, Lang: lang.Italian, Coding: snapshot.Identity}
				composed := func(r *snapshot.Reader) string {
					s := follower.Snapshot()
					return string(r.Compose(s, "places", lang.Italian, snapshot.Identity, func(*catalogue.Look) (body []byte) {
						for e := range s.All(catalogue.KindPlace) {
							body = append(body, e.Ref.Key+"\n"...)
						}
						return body
					}).Body)
				}
				var kept []string
				for _, letter := range []string{"a", "b"} {
					if err := follower.Wait(ctx, f.append(letters(letter)...)); err != nil {
						t.Fatal(err)
					}
					page, err := r.List(follower.Snapshot(), q)
					if err != nil {
						t.Fatal(err)
					}
					kept = append(kept, string(page.Body), composed(r))
				}

				f.restore(newFeed(city...))
				f.append(letters(after)...)
				time.Sleep(10 * time.Second)
				if got, want := follower.Snapshot().Position(), int64(len(city)+len(after)); !follower.Ready() || got != want {
					t.Fatalf("ready %t at %d, want it at %d", follower.Ready(), got, want)
				}
				page, err := r.List(follower.Snapshot(), q)
				if err != nil {
					t.Fatal(err)
				}
				made, err := newReader(0).List(follower.Snapshot(), q)
				if err != nil {
					t.Fatal(err)
				}
				if string(page.Body) != string(made.Body) || slices.Contains(kept, string(page.Body)) {
					t.Errorf("readers get %s, want %s", page.Body, made.Body)
				}
				if got, want := composed(r), composed(newReader(0)); got != want || slices.Contains(kept, got) {
					t.Errorf("readers get what is composed of the places %q, want %q", got, want)
				}
			})
		})
	}
}
