package publishing_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/publishing"
)

// reviewer writes with another key than the author of the drafts, at the version that was read.
func reviewer(version int) publishing.Write {
	w := ifMatch(draft, version)
	w.Actor.Prefix = "reviewer"
	return w
}

var (
	submit  = publishing.Move{Transition: catalogue.Submit}
	approve = publishing.Move{Transition: catalogue.Approve}
	publish = publishing.Move{Transition: catalogue.Publish}
)

// decide makes a transition as the reviewer of the version, which must succeed.
func (r room) decide(t testing.TB, ref catalogue.Ref, move publishing.Move, version int) publishing.Result {
	t.Helper()
	result, err := r.Transition(t.Context(), ref, move, reviewer(version))
	if err != nil {
		t.Fatalf("%s of %s: %v", move.Transition, ref, err)
	}
	return result
}

func TestUnderFourEyesATextIsPublicAfterSomebodyElseAgreed(t *testing.T) {
	run(t, func(t *testing.T, r room) {
		cup := office("asl", "cup")
		r.put(t, cup, titled("CUP"), draft)
		r.refused(t, catalogue.ErrState, func() (publishing.Result, error) { return r.Transition(t.Context(), cup, publish, draft) })
		submitted := r.move(t, cup, submit)
		wantState(t, submitted.State, "never in_review 1 0")
		if !submitted.Submitted || submitted.State.SubmittedAt == nil {
			t.Errorf("result = %+v, want submitted, and since when", submitted)
		}
		r.refused(t, catalogue.ErrState, func() (publishing.Result, error) { return r.Transition(t.Context(), cup, publish, draft) })
		r.refused(t, catalogue.ErrOwnDraft, func() (publishing.Result, error) {
			return r.Transition(t.Context(), cup, approve, ifMatch(draft, 1))
		})
		wantState(t, r.decide(t, cup, approve, 1).State, "never approved 1 0")
		wantState(t, r.move(t, cup, publish).State, "published clean 1 1")
	})
}

func TestAnApprovalIsOfTheTextThatWasRead(t *testing.T) {
	run(t, func(t *testing.T, r room) {
		cup := office("asl", "cup")
		r.put(t, cup, titled("CUP"), draft)
		r.move(t, cup, submit)
		unread := reviewer(1)
		for name, condition := range map[string]*publishing.Versions{"none": nil, "any": {Any: true}} {
			unread.If.IfMatch = condition
			if _, err := r.Transition(t.Context(), cup, approve, unread); !errors.Is(err, catalogue.ErrUnread) {
				t.Errorf("If-Match of %s: error %v, want %v", name, err, catalogue.ErrUnread)
			}
		}
		r.put(t, cup, titled("CUP, aggiornato"), public) // submits again
		r.refused(t, catalogue.ErrStale, func() (publishing.Result, error) { return r.Transition(t.Context(), cup, approve, reviewer(1)) })
		r.decide(t, cup, approve, 2)

		// Nor is what was agreed to good for another text.
		wantState(t, r.put(t, cup, titled("CUP, di nuovo"), draft).State, "never editing 3 0")
		r.refused(t, catalogue.ErrState, func() (publishing.Result, error) { return r.Transition(t.Context(), cup, publish, draft) })
	})
}

func TestOfSeveralApprovalsAtOnceOneCounts(t *testing.T) {
	run(t, func(t *testing.T, r room) {
		cup := office("asl", "cup")
		r.put(t, cup, titled("CUP"), draft)
		r.move(t, cup, submit)
		errs := make([]error, 4)
		var all sync.WaitGroup
		for i := range errs {
			all.Go(func() { _, errs[i] = r.Transition(t.Context(), cup, approve, reviewer(1)) })
		}
		all.Wait()
		agreed := 0
		for _, err := range errs {
			switch {
			case err == nil:
				agreed++
			case !errors.Is(err, catalogue.ErrState):
				t.Errorf("error = %v, want %v", err, catalogue.ErrState)
			}
		}
		if agreed != 1 {
			t.Errorf("%d approvals counted, want 1", agreed)
		}
	})
}

func TestARejectedDraftGoesBackWithTheReason(t *testing.T) {
	run(t, func(t *testing.T, r room) {
		cup := office("asl", "cup")
		r.put(t, cup, titled("CUP"), draft)
		r.move(t, cup, submit)
		reject := publishing.Move{Transition: catalogue.Reject, Note: "  "}
		r.refusedAt(t, func() (publishing.Result, error) { return r.Transition(t.Context(), cup, reject, reviewer(1)) }, "/note required")
		reject.Note = "Manca l'orario."
		state := r.decide(t, cup, reject, 1).State
		wantState(t, state, "never editing 1 0")
		if state.Returned != reject.Note {
			t.Errorf("returned because of %q, want %q", state.Returned, reject.Note)
		}
		returned, total, err := r.Reviews(t.Context(), publishing.ReviewQueue{Returned: true, Limit: 10})
		if err != nil || total != 1 || returned[0].Ref != cup {
			t.Errorf("returned are %v of %d, %v, want the CUP alone", returned, total, err)
		}
		if again := r.put(t, cup, titled("CUP", `"hoursText":{"it":"8-12"}`), draft).State; again.Returned != "" {
			t.Errorf("after the change it still says %q", again.Returned)
		}
	})
}

func TestADraftThatCannotBePublicIsNotSubmitted(t *testing.T) {
	run(t, func(t *testing.T, r room) {
		carta := service("asl", "carta")
		r.put(t, carta, `{"title":{"it":"Carta"}}`, draft)
		if _, err := r.Transition(t.Context(), carta, submit, draft); !errors.Is(err, catalogue.ErrInvalid) {
			t.Errorf("error = %v, want %v", err, catalogue.ErrInvalid)
		}
	})
}

func TestTheQueueHasWhatWaitsLongestFirst(t *testing.T) {
	run(t, func(t *testing.T, r room) {
		for _, key := range []string{"c", "a", "b"} {
			r.put(t, office("asl", key), titled("Ufficio "+key), public)
		}
		r.put(t, office("prato", "d"), titled("Ufficio d"), draft)
		r.move(t, office("prato", "d"), submit)
		if _, err := r.Assign(t.Context(), office("asl", "b"), " Maria Rossi ", me); err != nil {
			t.Fatal(err)
		}
		for _, tt := range []struct {
			name string
			q    publishing.ReviewQueue
			want string
		}{
			{"everything", publishing.ReviewQueue{}, "asl/c asl/a asl/b prato/d"},
			{"of a publisher", publishing.ReviewQueue{Publisher: "asl"}, "asl/c asl/a asl/b"},
			{"of a reviewer", publishing.ReviewQueue{Reviewer: "Maria Rossi"}, "asl/b"},
			{"returned", publishing.ReviewQueue{Returned: true}, ""},
		} {
			var got []string
			for tt.q.Limit = 2; ; { // page by page
				page, total, err := r.Reviews(t.Context(), tt.q)
				if err != nil || total != len(strings.Fields(tt.want)) {
					t.Fatalf("%s: total %d, error %v", tt.name, total, err)
				}
				for _, state := range page {
					got = append(got, state.Ref.String())
					tt.q.After = publishing.Waiting{Since: *state.SubmittedAt, ID: state.ID}
				}
				if len(page) < tt.q.Limit {
					break
				}
			}
			if diff := cmp.Diff(tt.want, strings.Join(got, " ")); diff != "" {
				t.Errorf("%s mismatch (-want +got):\n%s", tt.name, diff)
			}
		}
	})
}

func TestCommentsAreOnAVersionOfTheDraft(t *testing.T) {
	run(t, func(t *testing.T, r room) {
		cup := office("asl", "cup")
		r.put(t, cup, titled("CUP", `"competences":{"it":"Prenotazioni."}`), draft)
		for pointer, found := range map[string]bool{
			"": true, "/title": true, "/title/it": true, "/costs": false, "title": false, "/title/it/0": false, "/places/0": false,
		} {
			_, err := r.AddComment(t.Context(), cup, pointer, "Da rivedere.", me)
			if found != (err == nil) || !found && !errors.Is(err, catalogue.ErrInvalid) {
				t.Errorf("comment at %q: error %v, want one: %v", pointer, err, !found)
			}
		}
		r.put(t, cup, titled("Centro unico di prenotazione"), draft)
		made, err := r.AddComment(t.Context(), cup, "/title", "Meglio.", me)
		if err != nil || made.DraftVersion != 2 || made.Author != me.Name {
			t.Errorf("comment = %+v, %v, want one of %s on version 2", made, err, me.Name)
		}
		for _, resolved := range []bool{true, true, false} {
			got, err := r.ResolveComment(t.Context(), cup, made.Number, resolved, me)
			if err != nil || resolved != (got.ResolvedAt != nil) || resolved != (got.ResolvedBy == me.Name) {
				t.Errorf("resolved %v: %+v, %v", resolved, got, err)
			}
		}
		all, err := r.Comments(t.Context(), cup)
		if err != nil || len(all) != 4 {
			t.Errorf("%d comments, %v, want 4", len(all), err)
		}
		r.put(t, office("asl", "altro"), titled("Altro"), draft)
		if _, err := r.ResolveComment(t.Context(), office("asl", "altro"), made.Number, true, me); !errors.Is(err, catalogue.ErrNotFound) {
			t.Errorf("resolving another entry's comment: %v, want %v", err, catalogue.ErrNotFound)
		}
	})
}
