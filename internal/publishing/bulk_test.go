package publishing_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/publishing"
)

// Those that write the same entries in opposite orders, together and one by one, all get through.
func TestBulksOfTheSameEntriesTakeTurns(t *testing.T) {
	run(t, func(t *testing.T, r room) {
		const entries, writers = 10, 4
		there := make([]publishing.BulkEntry, entries)
		for i := range there {
			key := fmt.Sprint("p", i)
			r.put(t, place("prato", key), titled("Piazza "+key), public)
			there[i] = publishing.BulkEntry{Kind: catalogue.KindPlace, Key: key}
		}
		back := slices.Clone(there)
		slices.Reverse(back)
		before, err := r.Position(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		for i := range writers {
			all.Go(func() {
				b := publishing.BulkMove{
					Publisher: "prato", Move: publishing.Move{Transition: catalogue.Confirm}, Atomic: i > 0,
					Items: [][]publishing.BulkEntry{there, back}[i%2],
				}
				outcomes, _, err := r.Bulk(t.Context(), b)
				if err != nil {
					t.Errorf("writer %d: %v", i, err)
				}
				for _, o := range outcomes {
					if o.Err != nil || !o.Changed {
						t.Errorf("writer %d, %s: changed %t, %v", i, o.Key, o.Changed, o.Err)
					}
				}
			})
		}
		all.Wait()
		after, err := r.Position(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if got, want := after-before, int64(entries*writers); got != want {
			t.Errorf("the feed grew by %d, want %d", got, want)
		}
	})
}

func TestABulkKeepsThePublishersPolicy(t *testing.T) {
	run(t, func(t *testing.T, r room) {
		r.put(t, place("asl", "a"), titled("A"), draft)
		r.put(t, place("alia", "a"), titled("A"), draft)
		for publisher, want := range map[string]error{"asl": catalogue.ErrState, "alia": catalogue.ErrPrecondition} {
			b := publishing.BulkMove{
				Publisher: publisher, Move: publishing.Move{Transition: catalogue.Publish},
				Items: []publishing.BulkEntry{{Kind: catalogue.KindPlace, Key: "a"}},
			}
			outcomes, _, err := r.Bulk(t.Context(), b)
			if err != nil || !errors.Is(outcomes[0].Err, want) {
				t.Errorf("%s: got %v, %v, want %v", publisher, outcomes, err, want)
			}
			b.Atomic = true
			var refused *publishing.RefusedError
			if _, _, err := r.Bulk(t.Context(), b); !errors.As(err, &refused) || !errors.Is(refused.Failed[0].Err, want) {
				t.Errorf("%s, atomic: got %v, want %v", publisher, err, want)
			}
		}
	})
}
