package publishing_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/publishing"
)

func TestTheFeedTellsWhatBecameOfEachEntryInPublic(t *testing.T) {
	run(t, func(t *testing.T, r room) {
		anagrafe, tributi := office("prato", "anagrafe"), office("prato", "tributi")
		r.put(t, anagrafe, titled("Uno"), public)
		r.put(t, anagrafe, titled("Due"), draft) // nothing in public
		r.put(t, tributi, titled("Tributi"), public)
		r.move(t, anagrafe, publishing.Move{Transition: catalogue.Publish})
		r.move(t, anagrafe, withdraw)
		r.put(t, anagrafe, titled("Tre", `"slug":"tre"`), public)
		if _, err := r.Delete(t.Context(), tributi, draft); err != nil {
			t.Fatal(err)
		}
		// Each change has the document that it made public, whatever came later.
		want := []string{
			"1 anagrafe published 1 uno Uno", "2 tributi published 1 tributi Tributi", "3 anagrafe updated 2 uno Due",
			"4 anagrafe withdrawn 2 uno Due", "5 anagrafe published 3 tre Tre", "6 tributi withdrawn 1 tributi Tributi",
		}
		line := func(c catalogue.Change) string {
			return fmt.Sprintf("%d %s %s %d", c.Position, c.Key, c.Change, c.Revision)
		}
		for _, limit := range []int{1, 2, 5, 6, 100} {
			var got []string
			for after := int64(0); ; {
				updates, err := r.Since(t.Context(), after, limit)
				if err != nil {
					t.Fatal(err)
				}
				if len(updates) > limit {
					t.Errorf("Since returns %d changes, want at most %d", len(updates), limit)
				}
				for _, u := range updates {
					title := catalogue.MustDecode(u.Kind, u.Document).Common().Title["it"]
					got = append(got, fmt.Sprintf("%s %s %s", line(u.Change), u.Slug, title))
					after = u.Position
					if u.Subject != catalogue.SubjectEntry || u.Publisher != "prato" || u.FirstPublishedAt.IsZero() || u.FirstPublishedAt.After(u.At) {
						t.Errorf("change = %+v", u)
					}
				}
				if len(updates) == 0 {
					break
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("feed by %d mismatch (-want +got):\n%s", limit, diff)
			}
		}
		changes, err := r.Changes(t.Context(), 1, 4, 2)
		if err != nil || len(changes) != 2 || !strings.HasPrefix(want[1], line(changes[0])) || !strings.HasPrefix(want[2], line(changes[1])) {
			t.Errorf("Changes = %v, %v", changes, err)
		}
		if changes, err = r.Changes(t.Context(), 3, 4, 10); err != nil || len(changes) != 1 {
			t.Errorf("Changes after 3 and up to 4 = %v, %v", changes, err)
		}
		if got := r.position(t); got != 6 {
			t.Errorf("position = %d, want 6", got)
		}
	})
}

func TestLoadReadsManyPages(t *testing.T) {
	if testing.Short() {
		t.Skip("makes over a thousand entries")
	}
	run(t, func(t *testing.T, r room) {
		const n = 1001
		var text strings.Builder
		for i := range n {
			fmt.Fprintf(&text, `{"publisher":"prato","kind":"place","key":"p%d","publish":true,"document":{"title":{"it":"Luogo %d"}}}`+"\n", i, i)
		}
		r.importText(t, text.String())
		if facts, _, position := r.loaded(t); len(facts) != n || position != n {
			t.Errorf("Load tells of %d entries at %d, want %d", len(facts), position, n)
		}
	})
}

func TestListenersWakeAtOnceWhenThisProcessWrites(t *testing.T) {
	run(t, func(t *testing.T, r room) {
		ctx, stop := context.WithCancel(t.Context())
		woken := make(chan struct{}, 1)
		done := make(chan struct{})
		go func() {
			defer close(done)
			r.Listen(ctx, func() {
				select {
				case woken <- struct{}{}:
				default:
				}
			})
		}()
		// It wakes once at the start, and maybe for what was written before.
		quiet := func() {
			for {
				select {
				case <-woken:
				case <-time.After(600 * time.Millisecond):
					return
				}
			}
		}
		quiet()
		began := time.Now()
		r.put(t, office("prato", "anagrafe"), titled("Anagrafe"), public)
		select {
		case <-woken: // before Put returned
		default:
			t.Errorf("nobody was woken after %v", time.Since(began))
		}
		quiet()
		if result := r.put(t, office("prato", "anagrafe"), titled("Anagrafe"), public); result.Changed {
			t.Error("it changed")
		}
		select {
		case <-woken:
			t.Error("woken, though nothing changed")
		default:
		}
		stop()
		<-done
		r.put(t, office("prato", "anagrafe"), titled("Anagrafe nuova"), public)
		select {
		case <-woken:
			t.Error("woken after the end")
		default:
		}
	})
}

// A reader that follows while sixteen writers publish, change and withdraw sees positions without gaps, and ends with
// what Load tells.
func TestSixteenWritersAtOnceMakeOneFeed(t *testing.T) {
	run(t, func(t *testing.T, r room) {
		const writers, writes = 16, 12
		r.put(t, place("prato", "piazza"), titled("Piazza"), public)
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		followed := map[uuid.UUID]fact{}
		position := int64(0)
		follow := func() (n int) {
			updates, err := r.Since(context.Background(), position, 5)
			if err != nil {
				t.Error(err)
			}
			for _, u := range updates {
				if u.Position != position+1 {
					t.Errorf("position %d comes after %d", u.Position, position)
				}
				position = u.Position
				followed[u.ID] = factOf(u)
			}
			return len(updates)
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			for ctx.Err() == nil {
				if follow() == 0 {
					time.Sleep(time.Millisecond)
				}
				if r.position(t)%5 == 0 { // a second reader that starts now
					facts, _, at := r.loaded(t)
					if int64(len(facts)) > at {
						t.Errorf("Load tells of %d entries at %d", len(facts), at)
					}
				}
			}
		}()
		atOnce(writers, func(i int) {
			random := rand.New(rand.NewPCG(uint64(i), 7))
			for n := range writes {
				ref := office("prato", fmt.Sprint("comune", random.IntN(4)))
				if n%2 == 0 {
					ref = office("gida", fmt.Sprint("di", i))
				}
				var err error
				switch random.IntN(6) {
				case 0:
					_, err = r.Transition(context.Background(), ref, withdraw, draft)
				case 1:
					_, err = r.Transition(context.Background(), ref, publishing.Move{Transition: catalogue.Publish, Note: usual}, draft)
				case 2:
					_, err = r.Put(context.Background(), ref, []byte(titled(fmt.Sprint("Ufficio ", random.IntN(3)))), draft)
				case 3:
					_, err = r.Delete(context.Background(), ref, draft)
				default:
					_, err = r.Put(context.Background(), ref, []byte(titled(fmt.Sprint("Ufficio ", i, n), `"places":["prato/piazza"]`)), public)
				}
				if err != nil && !errors.Is(err, catalogue.ErrState) && !errors.Is(err, catalogue.ErrNotFound) {
					t.Errorf("%s: %v", ref, err)
				}
			}
		})
		stop()
		<-done
		for follow() > 0 {
		}
		facts, _, at := r.loaded(t)
		if at != position {
			t.Errorf("Load is at %d, the follower at %d", at, position)
		}
		if diff := cmp.Diff(facts, followed); diff != "" {
			t.Errorf("following mismatch (-loaded +followed):\n%s", diff)
		}
		if position < writers {
			t.Errorf("only %d changes", position)
		}
	})
}

// Load must not mix what was before a write with what was after it: everything it tells of has a change at or before
// its position.
func TestLoadIsOfOneMoment(t *testing.T) {
	run(t, func(t *testing.T, r room) {
		stop := make(chan struct{})
		done := make(chan struct{})
		go func() {
			defer close(done)
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				_, err := r.Put(context.Background(), office("prato", fmt.Sprint("u", i)), []byte(titled("Ufficio", `"slug":"u`+fmt.Sprint(i)+`"`)), public)
				if err != nil {
					t.Error(err)
				}
			}
		}()
		for range 30 {
			facts, _, position := r.loaded(t)
			if int64(len(facts)) != position {
				t.Errorf("Load tells of %d entries at position %d, want as many", len(facts), position)
			}
		}
		close(stop)
		<-done
	})
}

func TestTheFeedTellsHowFarAReaderIsBehind(t *testing.T) {
	run(t, func(t *testing.T, r room) {
		if last, since, err := r.Behind(t.Context(), 0); last != 0 || !since.IsZero() || err != nil {
			t.Errorf("of an empty feed: got %d, %v, %v", last, since, err)
		}
		for _, title := range []string{"Uno", "Due", "Tre"} {
			r.put(t, office("prato", "anagrafe"), titled(title), public)
		}
		changes, err := r.Since(t.Context(), 0, 10)
		if err != nil {
			t.Fatal(err)
		}
		for after, want := range []time.Time{changes[0].At, changes[1].At, changes[2].At, {}} {
			last, since, err := r.Behind(t.Context(), int64(after))
			if last != 3 || !since.Equal(want) || err != nil {
				t.Errorf("after %d: got %d, %v, %v, want 3, %v", after, last, since, err, want)
			}
		}
	})
}
