package publishing_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/comuneprato/service-catalogue/ent/db"
	"github.com/comuneprato/service-catalogue/ent/db/publisher"
	"github.com/comuneprato/service-catalogue/ent/db/redirect"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/publishing"
)

func TestTransitionsStartFromTheirStatesOnly(t *testing.T) {
	// What may be done in each state; of archived entries, those that once were public.
	allowed := map[catalogue.Publication]map[catalogue.Draft]string{
		catalogue.Never: {
			catalogue.Clean: "archive", catalogue.Editing: "publish archive", catalogue.InReview: "archive",
			catalogue.Approved: "publish archive", catalogue.Scheduled: "publish archive",
		},
		catalogue.Published: {
			catalogue.Clean: "publish withdraw restore", catalogue.Editing: "publish withdraw restore", catalogue.InReview: "withdraw restore",
			catalogue.Approved: "publish withdraw restore", catalogue.Scheduled: "publish withdraw restore",
		},
		catalogue.Withdrawn: {
			catalogue.Clean: "publish archive restore", catalogue.Editing: "publish archive restore", catalogue.InReview: "archive restore",
			catalogue.Approved: "publish archive restore", catalogue.Scheduled: "publish archive restore",
		},
		catalogue.Archived: {
			catalogue.Clean: "restore", catalogue.Editing: "publish restore", catalogue.InReview: "restore",
			catalogue.Approved: "publish restore", catalogue.Scheduled: "publish restore",
		},
	}
	after := map[catalogue.Transition]func(before publishing.State) string{
		catalogue.Publish:  func(publishing.State) string { return "published clean" },
		catalogue.Withdraw: func(s publishing.State) string { return "withdrawn " + string(s.Draft) },
		catalogue.Archive: func(s publishing.State) string {
			if s.Draft == catalogue.Scheduled { // what is put away is not made public by itself
				return "archived editing"
			}
			return "archived " + string(s.Draft)
		},
		catalogue.Restore: func(s publishing.State) string { // of the same document
			if s.Publication == catalogue.Archived && s.Draft == catalogue.Clean {
				return "archived editing"
			}
			return string(s.Publication) + " " + string(s.Draft)
		},
	}
	run(t, func(t *testing.T, r room) {
		for publication, drafts := range allowed {
			for draftState, list := range drafts {
				for transition, becomes := range after {
					ref := office("prato", strings.Join([]string{string(publication), string(draftState), string(transition)}, "."))
					before := r.bring(t, ref, publication, draftState)
					move := publishing.Move{Transition: transition, Reason: "Chiuso.", Revision: 1}
					write := func() (publishing.Result, error) { return r.Transition(t.Context(), ref, move, draft) }
					switch {
					case slices.Contains(strings.Fields(list), string(transition)):
						result, err := write()
						got := string(result.State.Publication) + " " + string(result.State.Draft)
						if want := becomes(before); err != nil || got != want {
							t.Errorf("%s of one that is %s %s = %s, %v, want %s", transition, publication, draftState, got, err, want)
						}
					case transition == catalogue.Restore:
						r.refused(t, catalogue.ErrNotFound, write)
					default:
						err := r.refused(t, catalogue.ErrState, write)
						var state *catalogue.StateError
						want := catalogue.StateError{Transition: transition, Publication: publication, Draft: draftState}
						if !errors.As(err, &state) || *state != want {
							t.Errorf("error = %v, want %v", err, &want)
						}
					}
				}
			}
		}
	})
}

// bring makes an entry and brings it to a state.
func (r room) bring(t *testing.T, ref catalogue.Ref, publication catalogue.Publication, d catalogue.Draft) publishing.State {
	t.Helper()
	w := public
	if publication == catalogue.Never {
		w = draft
	}
	r.put(t, ref, titled("Ufficio"), w)
	if publication == catalogue.Withdrawn {
		r.move(t, ref, withdraw)
	}
	if publication == catalogue.Archived {
		if _, err := r.Delete(t.Context(), ref, draft); err != nil {
			t.Fatal(err)
		}
	}
	err := r.store.InTx(t.Context(), func(ctx context.Context, tx *db.Client) error {
		update := tx.Entry.UpdateOneID(r.get(t, ref).ID).SetDraft(d)
		if d == catalogue.Scheduled {
			update.SetPublishAt(clock().AddDate(1, 0, 0))
		}
		return update.Exec(ctx)
	})
	if err != nil {
		t.Fatal(err)
	}
	return r.get(t, ref)
}

func TestPublishingTwiceDoesNothing(t *testing.T) {
	run(t, func(t *testing.T, r room) {
		anagrafe := office("prato", "anagrafe")
		r.put(t, anagrafe, titled("Anagrafe"), draft)
		first := r.move(t, anagrafe, publishing.Move{Transition: catalogue.Publish, Note: "Ecco."})
		if !first.Changed || first.Position != 1 {
			t.Errorf("result = %+v, want changed, at position 1", first)
		}
		before := r.dump(t)
		second := r.move(t, anagrafe, publishing.Move{Transition: catalogue.Publish, Note: "Ancora."})
		if second.Changed || second.Position != 1 {
			t.Errorf("result = %+v, want nothing changed since position 1", second)
		}
		wantState(t, second.State, "published clean 1 1")
		if diff := cmp.Diff(before, r.dump(t)); diff != "" {
			t.Errorf("the database changed (-before +after):\n%s", diff)
		}
		r.wantAudited(t, anagrafe, "create", "publish: Ecco.")
	})
}

func TestWithdrawingTellsReadersWhyAndWhatInstead(t *testing.T) {
	run(t, func(t *testing.T, r room) {
		old, successor := service("prato", "vecchio"), service("gida", "nuovo")
		r.put(t, old, serviceTitled("Vecchio"), public)
		id := r.put(t, successor, serviceTitled("Nuovo"), public).State.ID
		r.put(t, service("prato", "altro"), serviceTitled("Altro", `"relatedServices":["prato/vecchio"]`), public)
		result := r.move(t, old, publishing.Move{Transition: catalogue.Withdraw, Reason: "  Ora lo fa GIDA.\n", ReplacedBy: "gida/nuovo"})
		wantState(t, result.State, "withdrawn clean 1 1")
		if !result.Changed || result.Position != 4 {
			t.Errorf("result = %+v, want changed, at position 4", result)
		}
		if diff := cmp.Diff([]catalogue.Ref{service("prato", "altro")}, result.Referrers); diff != "" {
			t.Errorf("referrers mismatch (-want +got):\n%s", diff)
		}
		updates, err := r.Since(t.Context(), 3, 10)
		if err != nil || len(updates) != 1 {
			t.Fatalf("Since = %v, %v", updates, err)
		}
		if u := updates[0]; u.Change.Change != catalogue.ChangeWithdrawn || u.Reason != "Ora lo fa GIDA." || u.ReplacedBy != id || u.Slug != "vecchio" || u.Revision != 1 {
			t.Errorf("change = %+v", u)
		}
		r.wantAudited(t, old, "create", "publish", "withdraw: Ora lo fa GIDA.")

		// Public again: with the same document it is the same revision, and nothing is left of the withdrawal.
		again := r.move(t, old, publishing.Move{Transition: catalogue.Publish})
		wantState(t, again.State, "published clean 1 1")
		if facts, _, _ := r.loaded(t); facts[again.State.ID].Reason != "" || !facts[again.State.ID].Public {
			t.Errorf("readers see %+v", facts[again.State.ID])
		}
		// And again with another one, through PUT.
		r.move(t, old, withdraw)
		wantState(t, r.put(t, old, serviceTitled("Vecchio e nuovo"), public).State, "published clean 2 2")
	})
}

func TestAWithdrawnEntryIsPublishedAgainByPut(t *testing.T) {
	run(t, func(t *testing.T, r room) {
		anagrafe := office("prato", "anagrafe")
		r.put(t, anagrafe, titled("Anagrafe"), public)
		r.move(t, anagrafe, withdraw)
		if result := r.put(t, anagrafe, titled("Anagrafe"), draft); result.Changed || result.Position != 2 {
			t.Errorf("storing the same draft = %+v, want nothing changed", result)
		}
		result := r.put(t, anagrafe, titled("Anagrafe"), public)
		wantState(t, result.State, "published clean 1 1")
		if result.Created || !result.Changed || result.Position != 3 {
			t.Errorf("result = %+v, want changed, at position 3", result)
		}
	})
}

func TestPutPublishesWhatTheTransitionWouldPublish(t *testing.T) {
	run(t, func(t *testing.T, r room) {
		for _, policy := range []catalogue.Policy{catalogue.PolicySelf, catalogue.PolicyFourEyes} {
			for _, publication := range []catalogue.Publication{catalogue.Never, catalogue.Withdrawn, catalogue.Archived} {
				for _, state := range []catalogue.Draft{catalogue.Clean, catalogue.Editing, catalogue.InReview, catalogue.Approved, catalogue.Scheduled} {
					var got []string
					for _, how := range []string{"transition", "put"} {
						ref := office("prato", strings.Join([]string{string(policy), string(publication), string(state), how}, "."))
						r.policy(t, catalogue.PolicySelf)
						r.bring(t, ref, publication, state)
						r.policy(t, policy)
						var result publishing.Result
						var err error
						if how == "transition" {
							result, err = r.Transition(t.Context(), ref, publishing.Move{Transition: catalogue.Publish}, draft)
						} else {
							result, err = r.Put(t.Context(), ref, []byte(titled("Ufficio")), public)
						}
						switch {
						case err == nil && result.Submitted:
							got = append(got, "submitted")
						case err == nil:
							got = append(got, "published")
						case errors.Is(err, catalogue.ErrState):
							got = append(got, "refused")
						default:
							t.Fatal(err)
						}
					}
					want := []string{"refused", "refused"}
					self := state == catalogue.Editing || state == catalogue.Clean && publication == catalogue.Withdrawn
					switch {
					case state == catalogue.Approved, state == catalogue.Scheduled, self && policy == catalogue.PolicySelf:
						want = []string{"published", "published"}
					case policy == catalogue.PolicyFourEyes && (self || state == catalogue.InReview):
						want = []string{"refused", "submitted"}
					}
					if diff := cmp.Diff(want, got); diff != "" {
						t.Errorf("%s, %s %s mismatch (-want +got):\n%s", policy, publication, state, diff)
					}
				}
			}
		}
		r.policy(t, catalogue.PolicySelf)
	})
}

// policy changes the policy of prato.
func (r room) policy(t *testing.T, policy catalogue.Policy) {
	t.Helper()
	err := r.store.InTx(t.Context(), func(ctx context.Context, tx *db.Client) error {
		return tx.Publisher.Update().Where(publisher.Key("prato")).SetPolicy(policy).Exec(ctx)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestAnArchivedEntryIsPublishedAgainOnceItIsTakenUp(t *testing.T) {
	run(t, func(t *testing.T, r room) {
		for key, takeUp := range map[string]func(ref catalogue.Ref){
			"by another text": func(ref catalogue.Ref) { r.put(t, ref, titled("Anagrafe nuova"), public) },
			"by the same restored": func(ref catalogue.Ref) {
				restored := r.move(t, ref, publishing.Move{Transition: catalogue.Restore, Revision: 1})
				wantState(t, restored.State, "archived editing 1 1")
				r.put(t, ref, titled("Anagrafe"), public)
				r.wantAudited(t, ref, "create", "publish", "archive", "restore: revision 1", "publish")
			},
		} {
			ref := office("prato", strings.ReplaceAll(key, " ", "-"))
			r.put(t, ref, titled("Anagrafe"), public)
			if _, err := r.Delete(t.Context(), ref, draft); err != nil {
				t.Fatal(err)
			}
			r.refused(t, catalogue.ErrState, func() (publishing.Result, error) {
				return r.Put(t.Context(), ref, []byte(titled("Anagrafe")), public)
			})
			takeUp(ref)
			if got := r.get(t, ref); got.Publication != catalogue.Published || got.Draft != catalogue.Clean {
				t.Errorf("%s: %s %s, want published", key, got.Publication, got.Draft)
			}
		}
	})
}

func TestAWithdrawalThatLacksSomethingIsRefused(t *testing.T) {
	tests := []struct {
		name string
		move publishing.Move
		want []string
	}{
		{"no reason", publishing.Move{}, []string{"/reason required"}},
		{"a blank reason", publishing.Move{Reason: " \n"}, []string{"/reason required"}},
		{"too long a reason", publishing.Move{Reason: strings.Repeat("è", 1001)}, []string{"/reason too_long"}},
		{"a replacement that is no reference", publishing.Move{Reason: "x", ReplacedBy: "nuovo"}, []string{"/replacedBy reference"}},
		{"a replacement that is not there", publishing.Move{Reason: "x", ReplacedBy: "prato/nessuno"}, []string{"/replacedBy published"}},
		{"a replacement of another kind", publishing.Move{Reason: "x", ReplacedBy: "prato/luogo"}, []string{"/replacedBy published"}},
		{"a replacement that is a draft", publishing.Move{Reason: "x", ReplacedBy: "prato/bozza"}, []string{"/replacedBy published"}},
		{"a replacement that is another's draft", publishing.Move{Reason: "x", ReplacedBy: "gida/bozza"}, []string{"/replacedBy published"}},
		{"itself as replacement", publishing.Move{Reason: "x", ReplacedBy: "prato/anagrafe"}, []string{"/replacedBy published"}},
		{"everything", publishing.Move{ReplacedBy: "/"}, []string{"/reason required", "/replacedBy reference"}},
	}
	run(t, func(t *testing.T, r room) {
		anagrafe := office("prato", "anagrafe")
		r.put(t, anagrafe, titled("Anagrafe"), public)
		r.put(t, office("prato", "bozza"), titled("Bozza"), draft)
		r.put(t, office("gida", "bozza"), titled("Bozza"), draft)
		r.put(t, place("prato", "luogo"), titled("Luogo"), public)
		for _, tt := range tests {
			tt.move.Transition = catalogue.Withdraw
			err := r.refused(t, catalogue.ErrInvalid, func() (publishing.Result, error) {
				return r.Transition(t.Context(), anagrafe, tt.move, draft)
			})
			if diff := cmp.Diff(tt.want, findingsOf(err)); diff != "" {
				t.Errorf("%s: errors mismatch (-want +got):\n%s", tt.name, diff)
			}
		}
		r.move(t, anagrafe, publishing.Move{Transition: catalogue.Withdraw, Reason: strings.Repeat("è", 1000)})
	})
}

func TestUnknownEntriesAndTransitionsAreNotFound(t *testing.T) {
	run(t, func(t *testing.T, r room) {
		r.put(t, office("prato", "anagrafe"), titled("Anagrafe"), public)
		for _, tt := range []struct {
			ref  catalogue.Ref
			move publishing.Move
			want string
		}{
			{office("prato", "nessuno"), publishing.Move{Transition: catalogue.Publish}, `publish of office "prato/nessuno": not found`},
			{office("nessuno", "anagrafe"), withdraw, `withdraw of office "nessuno/anagrafe": not found`},
			{office("prato", "anagrafe"), publishing.Move{Transition: "explode"}, `explode of office "prato/anagrafe": transition "explode": not found`},
			{office("prato", "anagrafe"), publishing.Move{Transition: catalogue.Restore, Revision: 2}, `restore of office "prato/anagrafe": revision 2: not found`},
			{office("prato", "anagrafe"), publishing.Move{Transition: catalogue.Restore}, `restore of office "prato/anagrafe": revision 0: not found`},
		} {
			err := r.refused(t, catalogue.ErrNotFound, func() (publishing.Result, error) { return r.Transition(t.Context(), tt.ref, tt.move, draft) })
			if err.Error() != tt.want {
				t.Errorf("error = %q, want %q", err, tt.want)
			}
		}
		err := r.refused(t, catalogue.ErrNotFound, func() (publishing.Result, error) { return r.Delete(t.Context(), office("prato", "nessuno"), draft) })
		if want := `deleting office "prato/nessuno": not found`; err.Error() != want {
			t.Errorf("error = %q, want %q", err, want)
		}
	})
}

func TestRestoringMakesTheDraftWhatARevisionWas(t *testing.T) {
	run(t, func(t *testing.T, r room) {
		anagrafe := office("prato", "anagrafe")
		r.put(t, place("prato", "uno"), titled("Uno"), public)
		r.put(t, place("prato", "due"), titled("Due"), public)
		r.put(t, anagrafe, titled("Anagrafe", `"places":["prato/uno"]`, `"type":"office"`), public)
		r.put(t, anagrafe, titled("Anagrafe", `"places":["prato/due"]`), public)
		r.put(t, anagrafe, titled("Altro"), draft)
		result := r.move(t, anagrafe, publishing.Move{Transition: catalogue.Restore, Revision: 1})
		wantState(t, result.State, "published editing 4 2")
		if !result.Changed || result.Position != 4 || r.position(t) != 4 {
			t.Errorf("result = %+v, want changed, and nothing in public since position 4", result)
		}
		if got := string(result.State.Document); !strings.Contains(got, "prato/uno") {
			t.Errorf("draft = %s, want that of revision 1", got)
		}
		checkConsistent(t, r)
		r.wantAudited(t, anagrafe, "create", "publish", "update", "publish", "update", "restore: revision 1")
		wantState(t, r.move(t, anagrafe, publishing.Move{Transition: catalogue.Publish, Note: usual}).State, "published clean 4 3")

		// What it refers to and is no longer there is left out.
		r.put(t, place("gida", "vasca"), titled("Vasca"), public)
		r.put(t, anagrafe, titled("Anagrafe", `"places":["gida/vasca"]`), public)
		r.put(t, anagrafe, titled("Anagrafe"), public)
		r.move(t, place("gida", "vasca"), withdraw)
		result = r.move(t, anagrafe, publishing.Move{Transition: catalogue.Restore, Revision: 4})
		if got, want := string(result.State.Document), `{"title":{"it":"Anagrafe"}}`; got != want {
			t.Errorf("draft = %s, want %s", got, want)
		}
		if got := findings(result.State.Findings, catalogue.SeverityWarning); !slices.Contains(got, "/places/0 exists") {
			t.Errorf("warnings = %v, want one of the place that is gone", got)
		}
		// Of one's own, only publication needs it in public.
		r.move(t, place("prato", "uno"), withdraw)
		result = r.move(t, anagrafe, publishing.Move{Transition: catalogue.Restore, Revision: 3})
		if got := withRule(result.State.Findings, "published"); len(got) != 1 {
			t.Errorf("warnings = %v, want one of a place that is not public", got)
		}
	})
}

func TestRestoringTakesTheSlugUpAgainUnlessItIsAnothers(t *testing.T) {
	run(t, func(t *testing.T, r room) {
		anagrafe := office("prato", "anagrafe")
		restore := func(revision int, slug string, changed bool) {
			t.Helper()
			before := r.dump(t)
			result := r.move(t, anagrafe, publishing.Move{Transition: catalogue.Restore, Revision: revision})
			if result.State.Slug != slug || result.Changed != changed {
				t.Errorf("restoring %d = %+v, want the slug %q, changed: %t", revision, result, slug, changed)
			}
			if diff := cmp.Diff(before, r.dump(t)); (diff != "") != changed {
				t.Errorf("restoring %d: the database changed (-before +after):\n%s", revision, diff)
			}
		}
		r.put(t, anagrafe, titled("Anagrafe", `"slug":"uno"`), public)
		restore(1, "uno", false)
		wantState(t, r.get(t, anagrafe), "published clean 1 1")
		r.put(t, anagrafe, titled("Anagrafe", `"slug":"due"`), public)
		restore(1, "uno", true) // the document is the same, the slug is not
		wantState(t, r.get(t, anagrafe), "published editing 3 2")
		restore(1, "uno", false)
		checkConsistent(t, r)

		// What was public is kept for its entry; should another have it all the same, the draft keeps its own.
		r.put(t, anagrafe, titled("Anagrafe", `"slug":"tre"`), public)
		other := office("gida", "altro")
		edit := func(fn func(ctx context.Context, tx *db.Client) error) {
			t.Helper()
			if err := r.store.InTx(t.Context(), fn); err != nil {
				t.Fatal(err)
			}
		}
		edit(func(ctx context.Context, tx *db.Client) error {
			_, err := tx.Redirect.Delete().Where(redirect.Slug("due")).Exec(ctx)
			return err
		})
		r.put(t, other, titled("Altro", `"slug":"due"`), draft)
		restore(2, "tre", false)
		if _, err := r.Delete(t.Context(), other, draft); err != nil {
			t.Error(err)
		}
		restore(2, "due", true)
		edit(func(ctx context.Context, tx *db.Client) error {
			return tx.Redirect.Create().SetKind(catalogue.KindOffice).SetSlug("due").SetEntryID(r.get(t, anagrafe).ID).SetCreatedAt(clock()).Exec(ctx)
		})
	})
}

func TestDeletingWhatWasNeverPublicRemovesIt(t *testing.T) {
	run(t, func(t *testing.T, r room) {
		r.put(t, office("prato", "base"), titled("Base"), public)
		before := r.dump(t)
		anagrafe := office("prato", "anagrafe")
		r.put(t, anagrafe, titled("Anagrafe", `"parent":"prato/base"`), draft)
		result, err := r.Delete(t.Context(), anagrafe, draft)
		if diff := cmp.Diff(publishing.Result{}, result); diff != "" || err != nil {
			t.Errorf("Delete = %+v, %v, want nothing left", result, err)
		}
		if _, err := r.Get(t.Context(), anagrafe); !errors.Is(err, catalogue.ErrNotFound) {
			t.Errorf("Get = %v, want not found", err)
		}
		r.wantAudited(t, anagrafe, "create", "delete")
		notAudit := func(lines []string) []string {
			i, j := slices.Index(lines, "audits"), slices.Index(lines, "services")
			return append(lines[:i:i], lines[j:]...)
		}
		if diff := cmp.Diff(notAudit(before), notAudit(r.dump(t))); diff != "" {
			t.Errorf("more is left than the audit (-before +after):\n%s", diff)
		}
		// Its key and slug are free.
		if result := r.put(t, anagrafe, titled("Anagrafe"), draft); !result.Created || result.State.Slug != "anagrafe" || result.State.DraftVersion != 1 {
			t.Errorf("result = %+v, want a new entry", result)
		}
		// One that was archived at once too.
		r.move(t, anagrafe, publishing.Move{Transition: catalogue.Archive})
		if _, err := r.Delete(t.Context(), anagrafe, draft); err != nil {
			t.Error(err)
		}
	})
}

func TestDeletingWhatOtherDraftsNameIsRefused(t *testing.T) {
	run(t, func(t *testing.T, r room) {
		base := office("prato", "base")
		r.put(t, base, titled("Base"), draft)
		r.put(t, office("prato", "figlio"), titled("Figlio", `"parent":"prato/base"`), draft)
		r.put(t, service("prato", "cie"), titled("Carta", `"responsibleOffice":"prato/base"`, `"offices":["prato/base"]`), draft)
		err := r.refused(t, catalogue.ErrReferenced, func() (publishing.Result, error) { return r.Delete(t.Context(), base, draft) })
		var referenced *catalogue.ReferencedError
		if !errors.As(err, &referenced) {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]catalogue.Ref{office("prato", "figlio"), service("prato", "cie")}, referenced.By); diff != "" {
			t.Errorf("referrers mismatch (-want +got):\n%s", diff)
		}
		for _, ref := range []catalogue.Ref{office("prato", "figlio"), service("prato", "cie"), base} {
			if _, err := r.Delete(t.Context(), ref, draft); err != nil {
				t.Errorf("Delete %s: %v", ref, err)
			}
		}
	})
}

func TestDeletingWhatWasPublicArchivesIt(t *testing.T) {
	run(t, func(t *testing.T, r room) {
		anagrafe := office("prato", "anagrafe")
		r.put(t, anagrafe, titled("Anagrafe"), public)
		r.put(t, service("prato", "cie"), serviceTitled("Carta", `"offices":["prato/anagrafe"]`), public)
		result, err := r.Delete(t.Context(), anagrafe, draft)
		if err != nil {
			t.Fatal(err)
		}
		wantState(t, result.State, "archived clean 1 1")
		if !result.Changed || result.Position != 3 {
			t.Errorf("result = %+v, want changed, at position 3", result)
		}
		if diff := cmp.Diff([]catalogue.Ref{service("prato", "cie")}, result.Referrers); diff != "" {
			t.Errorf("referrers mismatch (-want +got):\n%s", diff)
		}
		r.wantAudited(t, anagrafe, "create", "publish", "archive")
		before := r.dump(t)
		result, err = r.Delete(t.Context(), anagrafe, draft)
		if err != nil || result.Changed || result.Position != 3 {
			t.Errorf("deleting it twice = %+v, %v, want nothing changed", result, err)
		}
		wantState(t, result.State, "archived clean 1 1")
		if diff := cmp.Diff(before, r.dump(t)); diff != "" {
			t.Errorf("the database changed (-before +after):\n%s", diff)
		}
		// One that is withdrawn already is archived, and readers need not hear of it.
		r.put(t, office("prato", "altro"), titled("Altro"), public)
		r.move(t, office("prato", "altro"), withdraw)
		position := r.position(t)
		result, err = r.Delete(t.Context(), office("prato", "altro"), draft)
		if err != nil || result.Position != position || r.position(t) != position || result.State.Publication != catalogue.Archived {
			t.Errorf("result = %+v, %v", result, err)
		}
		if facts, _, _ := r.loaded(t); facts[result.State.ID].Reason != "Chiuso." {
			t.Errorf("readers see %+v, want the reason kept", facts[result.State.ID])
		}
	})
}
