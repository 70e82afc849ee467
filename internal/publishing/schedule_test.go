package publishing_test

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/publishing"
	"github.com/comuneprato/service-catalogue/internal/store"
	"github.com/comuneprato/service-catalogue/internal/store/storetest"
)

// later is a room whose clock can be moved.
type later struct {
	room
	ahead *atomic.Int64
}

func (l later) advance(d time.Duration) { l.ahead.Add(int64(d)) }

// due does what is planned for now.
func (l later) due(t testing.TB) {
	t.Helper()
	if err := l.RunDue(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func runLater(t *testing.T, test func(t *testing.T, l later)) {
	t.Helper()
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		ahead := new(atomic.Int64)
		r := newRoom(t, s)
		r.Publishing = publishing.New(s, func() time.Time { return clock().Add(time.Duration(ahead.Load())) })
		test(t, later{r, ahead})
	})
}

// in is a time so far from now.
func in(d time.Duration) time.Time { return clock().Add(d) }

func at(transition catalogue.Transition, when time.Time) publishing.Move {
	return publishing.Move{Transition: transition, At: when, Note: "Come previsto.", Reason: "Stagione finita."}
}

func TestAScheduledDraftIsPublicFromItsTimeOnOnce(t *testing.T) {
	runLater(t, func(t *testing.T, l later) {
		anagrafe := office("prato", "anagrafe")
		l.put(t, anagrafe, titled("Anagrafe"), draft)
		when := in(time.Hour)
		state := l.move(t, anagrafe, at(catalogue.Publish, when)).State
		wantState(t, state, "never scheduled 1 0")
		if state.PublishAt == nil || !state.PublishAt.Equal(when) {
			t.Errorf("publish at %v, want %v", state.PublishAt, when)
		}
		l.due(t)
		wantState(t, l.get(t, anagrafe), "never scheduled 1 0")
		l.advance(2 * time.Hour)
		var nodes sync.WaitGroup
		for range 4 {
			nodes.Go(func() { l.due(t) })
		}
		nodes.Wait()
		wantState(t, l.get(t, anagrafe), "published clean 1 1")
		if got := l.position(t); got != 1 {
			t.Errorf("position = %d, want 1: published once", got)
		}
		revisions, _, err := l.Revisions(t.Context(), l.get(t, anagrafe).ID, 0, 10)
		if err != nil || len(revisions) != 1 || revisions[0].Note != "Come previsto." {
			t.Errorf("revisions = %v, %v, want one with the note", revisions, err)
		}
	})
}

func TestAScheduleIsCancelled(t *testing.T) {
	for name, test := range map[string]struct {
		cancel func(t *testing.T, l later, ref catalogue.Ref)
		want   string
	}{
		"an edit": {func(t *testing.T, l later, ref catalogue.Ref) { l.put(t, ref, titled("Altro"), draft) }, "never editing 2 0"},
		"unschedule": {func(t *testing.T, l later, ref catalogue.Ref) {
			l.move(t, ref, publishing.Move{Transition: catalogue.Unschedule})
		}, "never editing 1 0"},
		"archive": {func(t *testing.T, l later, ref catalogue.Ref) {
			l.move(t, ref, publishing.Move{Transition: catalogue.Archive})
		}, "archived editing 1 0"},
	} {
		t.Run(name, func(t *testing.T) {
			runLater(t, func(t *testing.T, l later) {
				anagrafe := office("prato", "anagrafe")
				l.put(t, anagrafe, titled("Anagrafe"), draft)
				l.move(t, anagrafe, at(catalogue.Publish, in(time.Hour)))
				test.cancel(t, l, anagrafe)
				l.advance(2 * time.Hour)
				l.due(t)
				state := l.get(t, anagrafe)
				wantState(t, state, test.want)
				if state.PublishAt != nil {
					t.Errorf("still to be published at %v", state.PublishAt)
				}
			})
		})
	}
}

// What nobody lists any more is not made public again by a plan from before.
func TestAnImportThatReplacesCancelsWhatWasPlanned(t *testing.T) {
	runLater(t, func(t *testing.T, l later) {
		anagrafe := office("prato", "anagrafe")
		l.put(t, anagrafe, titled("Anagrafe"), public)
		l.put(t, anagrafe, titled("Anagrafe nuova"), draft)
		l.move(t, anagrafe, at(catalogue.Publish, in(time.Hour)))
		l.move(t, anagrafe, at(catalogue.Withdraw, in(3*time.Hour)))
		others := row("prato", "office", "tributi", titled("Tributi"), true)
		if _, err := l.tryImport(t.Context(), others, publishing.ImportOptions{Actor: me, Replace: true, Confirm: true}); err != nil {
			t.Fatal(err)
		}
		l.advance(2 * time.Hour)
		l.due(t)
		state := l.get(t, anagrafe)
		wantState(t, state, "archived editing 2 1")
		if state.PublishAt != nil || state.WithdrawAt != nil {
			t.Errorf("still to be published at %v and withdrawn at %v", state.PublishAt, state.WithdrawAt)
		}
	})
}

func TestUnderFourEyesAScheduleNeedsAndKeepsTheApproval(t *testing.T) {
	runLater(t, func(t *testing.T, l later) {
		cup := office("asl", "cup")
		l.put(t, cup, titled("CUP"), draft)
		plan := at(catalogue.Publish, in(time.Hour))
		l.refused(t, catalogue.ErrState, func() (publishing.Result, error) { return l.Transition(t.Context(), cup, plan, draft) })
		l.move(t, cup, submit)
		l.decide(t, cup, approve, 1)
		l.move(t, cup, plan)
		wantState(t, l.move(t, cup, publishing.Move{Transition: catalogue.Unschedule}).State, "never approved 1 0")
		l.move(t, cup, plan)
		l.advance(2 * time.Hour)
		l.due(t)
		wantState(t, l.get(t, cup), "published clean 1 1")
	})
}

func TestWhatIsPastIsNotPlanned(t *testing.T) {
	runLater(t, func(t *testing.T, l later) {
		anagrafe := office("prato", "anagrafe")
		l.put(t, anagrafe, titled("Anagrafe"), public)
		l.put(t, anagrafe, titled("Anagrafe nuova"), draft)
		for _, transition := range []catalogue.Transition{catalogue.Publish, catalogue.Withdraw} {
			l.refusedAt(t, func() (publishing.Result, error) {
				return l.Transition(t.Context(), anagrafe, at(transition, in(-time.Second)), draft)
			}, "/at past")
		}
		l.refused(t, catalogue.ErrState, func() (publishing.Result, error) {
			return l.Transition(t.Context(), anagrafe, publishing.Move{Transition: catalogue.Unschedule}, draft)
		})
	})
}

// A clock that is put back makes nothing public too early, and nothing twice.
func TestAClockThatJumpsPublishesNothingTwice(t *testing.T) {
	runLater(t, func(t *testing.T, l later) {
		anagrafe := office("prato", "anagrafe")
		l.put(t, anagrafe, titled("Anagrafe"), draft)
		l.move(t, anagrafe, at(catalogue.Publish, in(time.Hour)))
		l.advance(-24 * time.Hour)
		l.due(t)
		wantState(t, l.get(t, anagrafe), "never scheduled 1 0")
		l.advance(48 * time.Hour)
		l.due(t)
		l.advance(-48 * time.Hour)
		l.due(t)
		wantState(t, l.get(t, anagrafe), "published clean 1 1")
		if got := l.position(t); got != 1 {
			t.Errorf("position = %d, want 1", got)
		}
	})
}

func TestWhatIsPlannedForTheSameTimeMayReferToEachOther(t *testing.T) {
	runLater(t, func(t *testing.T, l later) {
		piazza, anagrafe := place("prato", "piazza"), office("prato", "anagrafe")
		l.put(t, piazza, titled("Piazza"), draft)
		l.put(t, anagrafe, titled("Anagrafe", `"places":["prato/piazza"]`), draft)
		when := in(time.Hour)
		l.move(t, anagrafe, at(catalogue.Publish, when)) // before what it refers to
		l.move(t, piazza, at(catalogue.Publish, when))
		l.advance(2 * time.Hour)
		l.due(t)
		wantState(t, l.get(t, anagrafe), "published clean 1 1")
		wantState(t, l.get(t, piazza), "published clean 1 1")
	})
}

func TestADraftWhoseReferencesVanishedGoesBackWithTheReason(t *testing.T) {
	runLater(t, func(t *testing.T, l later) {
		piazza, anagrafe := place("prato", "piazza"), office("prato", "anagrafe")
		l.put(t, piazza, titled("Piazza"), public)
		l.put(t, anagrafe, titled("Anagrafe", `"places":["prato/piazza"]`), draft)
		l.move(t, anagrafe, at(catalogue.Publish, in(time.Hour)))
		l.move(t, piazza, withdraw)
		l.advance(2 * time.Hour)
		l.due(t)
		l.due(t)
		state := l.get(t, anagrafe)
		wantState(t, state, "never editing 1 0")
		if !strings.Contains(state.Returned, "/places/0") {
			t.Errorf("returned because of %q, want what is wrong with /places/0", state.Returned)
		}
		queue, total, err := l.Reviews(t.Context(), publishing.ReviewQueue{Returned: true, Limit: 10})
		if err != nil || total != 1 || queue[0].Ref != anagrafe {
			t.Errorf("the queue of what went back has %v of %d, %v, want the office", queue, total, err)
		}
	})
}

func TestAnEntryIsWithdrawnAtItsTimeWithTheReason(t *testing.T) {
	runLater(t, func(t *testing.T, l later) {
		piscina, nuova := place("prato", "piscina"), place("prato", "nuova")
		l.put(t, piscina, titled("Piscina"), public)
		l.put(t, nuova, titled("Piscina nuova"), public)
		plan := at(catalogue.Withdraw, in(time.Hour))
		plan.ReplacedBy = "prato/nuova"
		l.move(t, piscina, plan)
		l.put(t, piscina, titled("Piscina estiva"), public) // a newer text ends on the same day
		l.due(t)
		wantState(t, l.get(t, piscina), "published clean 2 2")
		l.advance(2 * time.Hour)
		l.due(t)
		l.due(t)
		state := l.get(t, piscina)
		wantState(t, state, "withdrawn clean 2 2")
		if state.WithdrawAt != nil {
			t.Errorf("still to be withdrawn at %v", state.WithdrawAt)
		}
		updates, err := l.Since(t.Context(), 3, 10)
		if err != nil || len(updates) != 1 || updates[0].Reason != plan.Reason || updates[0].ReplacedBy != l.get(t, nuova).ID {
			t.Errorf("the feed says %+v, %v, want the reason and the replacement, once", updates, err)
		}
	})
}

func TestAScheduledEntryMayHaveItsEndPlannedToo(t *testing.T) {
	runLater(t, func(t *testing.T, l later) {
		piscina := place("prato", "piscina")
		l.put(t, piscina, titled("Piscina"), draft)
		l.move(t, piscina, at(catalogue.Publish, in(time.Hour)))
		l.refused(t, catalogue.ErrState, func() (publishing.Result, error) {
			return l.Transition(t.Context(), piscina, at(catalogue.Withdraw, in(time.Minute)), draft)
		})
		l.move(t, piscina, at(catalogue.Withdraw, in(3*time.Hour)))
		l.advance(2 * time.Hour)
		l.due(t)
		wantState(t, l.get(t, piscina), "published clean 1 1")
		l.advance(2 * time.Hour)
		l.due(t)
		wantState(t, l.get(t, piscina), "withdrawn clean 1 1")
	})
}
