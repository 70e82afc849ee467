package snapshot_test

import (
	"context"
	"log/slog"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/snapshot"
)

// following calls do with a follower of a feed, and stops the follower.
func following(f *feed, do func(*snapshot.Follower)) {
	follower := snapshot.NewFollower(f, slog.New(slog.DiscardHandler))
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { follower.Run(ctx) })
	defer running.Wait()
	defer stop()
	do(follower)
}

func TestAnyHistoryGivesTheSamePictureHoweverItIsFollowed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := newHistory(t)
		reader := newReader(1 << 24) // keeps what it made of earlier snapshots
		type moment struct {
			snapshot *snapshot.Snapshot
			picture  map[string]string
		}
		var earlier []moment
		following(h.feed, func(follower *snapshot.Follower) {
			await(t, follower, 0)
			for range rapid.IntRange(1, 5).Draw(t, "steps") {
				s := await(t, follower, h.step())
				kept, made := picture(reader, s), picture(newReader(1<<24), s)
				if diff := cmp.Diff(made, kept); diff != "" {
					t.Fatalf("what is kept differs from what is made anew (-made +kept):\n%s", diff)
				}
				earlier = append(earlier, moment{s, made})
			}
		})
		following(h.feed, func(follower *snapshot.Follower) {
			s := await(t, follower, 0)
			if diff := cmp.Diff(picture(newReader(1<<24), s), earlier[len(earlier)-1].picture); diff != "" {
				t.Errorf("what was followed differs from what is loaded (-loaded +followed):\n%s", diff)
			}
		})
		for _, m := range earlier {
			if diff := cmp.Diff(m.picture, picture(newReader(1<<24), m.snapshot)); diff != "" {
				t.Errorf("the snapshot of position %d has changed since (-then +now):\n%s", m.snapshot.Position(), diff)
			}
		}
	})
}

func TestAnyHistoryIsFoundAndListedAsItsChangesSay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := newHistory(t)
		following(h.feed, func(follower *snapshot.Follower) {
			await(t, follower, 0)
			for range rapid.IntRange(1, 5).Draw(t, "steps") {
				h.step()
			}
			s, r := await(t, follower, int64(len(h.feed.changes))), newReader(0)
			for _, kind := range catalogue.Kinds {
				for _, name := range h.names(kind) {
					if got, want := outcome(s, kind, name), h.find(kind, name); got != want {
						t.Errorf("Find(%s, %q): got %s, want %s", kind, name, got, want)
					}
				}
				for range 5 {
					q := h.query(kind)
					ids, missing := walk(t, r, s, q)
					wantIDs, wantMissing := h.list(q)
					if diff := cmp.Diff(wantIDs, ids, cmpopts.EquateEmpty()); diff != "" {
						t.Errorf("list of %+v (-want +got):\n%s", q, diff)
					}
					if diff := cmp.Diff(wantMissing, missing, cmpopts.EquateEmpty()); diff != "" {
						t.Errorf("missing of %+v (-want +got):\n%s", q, diff)
					}
				}
			}
		})
	})
}
