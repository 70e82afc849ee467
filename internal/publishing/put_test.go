package publishing_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/publishing"
)

func TestPutMakesAnEntryThatOnlyItsPublisherSees(t *testing.T) {
	run(t, func(t *testing.T, r room) {
		anagrafe := office("prato", "anagrafe")
		result := r.put(t, anagrafe, titled("Anagrafe", `"hoursText":{"it":"Lun-ven"}`), draft)
		if !result.Created || !result.Changed || result.Submitted || result.Position != 0 {
			t.Errorf("result = %+v, want created, changed and nothing in public", result)
		}
		state := result.State
		wantState(t, state, "never editing 1 0")
		if want := `{"title":{"it":"Anagrafe"},"hoursText":{"it":"Lun-ven"}}`; string(state.Document) != want {
			t.Errorf("document = %s, want %s", state.Document, want)
		}
		if state.Ref != anagrafe || state.Slug != "anagrafe" || state.ReviewBy != nil {
			t.Errorf("state = %+v", state)
		}
		if len(findings(state.Findings, catalogue.SeverityWarning)) == 0 {
			t.Error("no warning of what a portal would miss")
		}
		if diff := cmp.Diff(state, r.get(t, anagrafe)); diff != "" {
			t.Errorf("Get mismatch (-Put +Get):\n%s", diff)
		}
		if facts, _, position := r.loaded(t); len(facts) != 0 || position != 0 {
			t.Errorf("readers see %v at %d", facts, position)
		}
		r.wantAudited(t, anagrafe, "create")
	})
}

func TestPutCanPublishAtOnce(t *testing.T) {
	run(t, func(t *testing.T, r room) {
		cie := service("prato", "cie")
		w := public
		w.Note = "La prima."
		result := r.put(t, cie, serviceTitled("Carta"), w)
		wantState(t, result.State, "published clean 1 1")
		if !result.Created || !result.Changed || result.Position != 1 {
			t.Errorf("result = %+v, want created, changed, at position 1", result)
		}
		if want := result.State.UpdatedAt.AddDate(1, 0, 0); result.State.ReviewBy == nil || result.State.ReviewBy.Format("2006-01-02") != want.Format("2006-01-02") {
			t.Errorf("review by %v, want the day %v", result.State.ReviewBy, want)
		}
		r.wantAudited(t, cie, "create", "publish: La prima.")
		revisions, total, err := r.Revisions(t.Context(), result.State.ID, 0, 10)
		if err != nil || total != 1 || len(revisions) != 1 || revisions[0].Note != "La prima." || revisions[0].Number != 1 {
			t.Errorf("revisions = %v, %d, %v", revisions, total, err)
		}

		result = r.put(t, cie, serviceTitled("Carta d'identità"), public)
		wantState(t, result.State, "published clean 2 2")
		if result.Created || !result.Changed || result.Position != 2 {
			t.Errorf("result = %+v, want changed, at position 2", result)
		}
		r.wantAudited(t, cie, "create", "publish: La prima.", "update", "publish")
		first, total, err := r.Revisions(t.Context(), result.State.ID, 2, 10)
		if err != nil || total != 2 || len(first) != 1 || first[0].Number != 1 {
			t.Errorf("revisions before 2 = %v of %d, %v", first, total, err)
		}
	})
}

func TestADocumentThatSaysTheSameChangesNothing(t *testing.T) {
	same := map[string]string{
		"byte for byte":      `{"title":{"it":"Carta","en":"Card"},"summary":{"it":"Un servizio."},"categories":["1"],"status":"active","howTo":{"it":"Allo sportello."}}`,
		"in another order":   `{"status":"active","howTo":{"it":"Allo sportello."},"summary":{"it":"Un servizio."},"categories":["1"],"title":{"en":"Card","it":"Carta"}}`,
		"with spaces":        "\n{ \"title\" : {\"it\":\"Carta\" ,\"en\":\"Card\"},\t\"summary\":{\"it\":\"Un servizio.\"},\"categories\":[ \"1\" ],\"status\":\"active\",\"howTo\":{\"it\":\"Allo sportello.\"}} ",
		"with escapes":       `{"title":{"it":"\u0043arta","en":"Card"},"summary":{"it":"Un servizio."},"categories":["1"],"status":"active","howTo":{"it":"Allo sportello."}}`,
		"with null members":  `{"slug":null,"validTo":null,"title":{"it":"Carta","en":"Card","fr":null},"summary":{"it":"Un servizio."},"categories":["1"],"status":"active","howTo":{"it":"Allo sportello."}}`,
		"with an empty list": `{"title":{"it":"Carta","en":"Card"},"summary":{"it":"Un servizio."},"categories":["1"],"status":"active","howTo":{"it":"Allo sportello."},"offices":[],"costs":[]}`,
		"with its own slug":  `{"slug":"carta","title":{"it":"Carta","en":"Card"},"summary":{"it":"Un servizio."},"categories":["1"],"status":"active","howTo":{"it":"Allo sportello."}}`,
		"with a term's URI":  `{"title":{"it":"Carta","en":"Card"},"summary":{"it":"Un servizio."},"categories":["https://w3id.org/italia/controlled-vocabulary/classifications-for-public-services/public-services-subject-matters/1"],"status":"active","howTo":{"it":"Allo sportello."}}`,
	}
	for _, w := range []struct {
		name  string
		write publishing.Write
	}{{"draft", draft}, {"public", public}} {
		t.Run(w.name, func(t *testing.T) {
			run(t, func(t *testing.T, r room) {
				cie := service("prato", "cie")
				first := r.put(t, cie, same["byte for byte"], w.write)
				r.put(t, office("prato", "altro"), titled("Altro"), public) // the feed goes on
				before := r.dump(t)
				for name, document := range same {
					result := r.put(t, cie, document, w.write)
					if result.Created || result.Changed || result.Position != first.Position {
						t.Errorf("%s: result = %+v, want nothing changed since %d", name, result, first.Position)
					}
					if diff := cmp.Diff(first.State, result.State); diff != "" {
						t.Errorf("%s: state mismatch (-first +again):\n%s", name, diff)
					}
				}
				if diff := cmp.Diff(before, r.dump(t)); diff != "" {
					t.Errorf("the database changed (-before +after):\n%s", diff)
				}
			})
		})
	}
}

func TestPutReplacesTheWholeDocument(t *testing.T) {
	run(t, func(t *testing.T, r room) {
		anagrafe := office("prato", "anagrafe")
		r.put(t, anagrafe, titled("Anagrafe", `"hoursText":{"it":"Lun-ven"}`), draft)
		result := r.put(t, anagrafe, titled("Ufficio anagrafe"), draft)
		if result.Created || !result.Changed {
			t.Errorf("result = %+v, want changed", result)
		}
		wantState(t, result.State, "never editing 2 0")
		if want := `{"title":{"it":"Ufficio anagrafe"}}`; string(result.State.Document) != want {
			t.Errorf("document = %s, want %s", result.State.Document, want)
		}
		if result.State.Slug != "anagrafe" {
			t.Errorf("slug = %q, want the one it had", result.State.Slug)
		}
		r.wantAudited(t, anagrafe, "create", "update")
	})
}

func TestADraftThatIsEditedAndTakenBackMakesNoRevision(t *testing.T) {
	run(t, func(t *testing.T, r room) {
		anagrafe := office("prato", "anagrafe")
		r.put(t, anagrafe, titled("Anagrafe"), public)
		edited := r.put(t, anagrafe, titled("Anagrafe nuova"), draft)
		wantState(t, edited.State, "published editing 2 1")
		r.put(t, anagrafe, titled("Anagrafe"), draft)
		result := r.move(t, anagrafe, publishing.Move{Transition: catalogue.Publish})
		wantState(t, result.State, "published clean 3 1")
		if result.Position != 1 || result.Changed {
			t.Errorf("result = %+v, want nothing changed in public", result)
		}
		r.wantAudited(t, anagrafe, "create", "publish", "update", "update", "publish")
	})
}

func TestPutRefusesWhatCannotBeStored(t *testing.T) {
	run(t, func(t *testing.T, r room) {
		put := func(ref catalogue.Ref, document string, w publishing.Write) func() (publishing.Result, error) {
			return func() (publishing.Result, error) { return r.Put(t.Context(), ref, []byte(document), w) }
		}
		anagrafe := office("prato", "anagrafe")
		r.refused(t, catalogue.ErrMalformed, put(anagrafe, `{"title":`, draft))
		r.refused(t, catalogue.ErrMalformed, put(anagrafe, ``, draft))
		r.refusedAt(t, put(anagrafe, `{"title":{"it":"A"},"titel":{"it":"A"},"hoursText":"x","places":["prato"],"slug":"No Slug"}`, draft),
			"/hoursText type", "/places/0 reference", "/slug slug", "/titel unknown_field")
		r.refusedAt(t, put(service("prato", "cie"), titled("Carta"), public),
			"/categories missing", "/connections reachable", "/status missing", "/summary missing")
		err := r.refused(t, catalogue.ErrNotFound, put(office("nessuno", "anagrafe"), titled("Anagrafe"), draft))
		if want := `storing office "nessuno/anagrafe": publisher "nessuno": not found`; err.Error() != want {
			t.Errorf("error = %q, want %q", err, want)
		}
	})
}

func TestASlugIsMadeOfTheTitle(t *testing.T) {
	tests := []struct{ name, title, key, want string }{
		{"accents", "Identità è già più", "a", "identita-e-gia-piu"},
		{"apostrophes part words", "Carta d'identità", "b", "carta-d-identita"},
		{"typographic apostrophes too", "Anagrafe dell’estero", "c", "anagrafe-dell-estero"},
		{"punctuation and spaces", "  ISEE — (2026): come/dove? ", "d", "isee-2026-come-dove"},
		{"underscores", "a_b", "e", "a-b"},
		{"other scripts", "市民服务", "f", "shi-min-fu-wu"},
		{"nothing left, so of the key", "…", "L_ufficio.1", "l-ufficio-1"},
		{"nothing left of either, so of the kind", "…", "~", "office"},
		{"looks like an id", "018f4a5e-7f3a-7cc0-8000-000000000000", "mostra", "mostra"},
		{"too long", strings.Repeat("parola ", 30), "g", strings.TrimSuffix(strings.Repeat("parola-", 15)[:100], "-")},
	}
	run(t, func(t *testing.T, r room) {
		for _, tt := range tests {
			result := r.put(t, office("prato", tt.key), titled(tt.title), draft)
			if got := result.State.Slug; got != tt.want || !catalogue.ValidSlug(got) {
				t.Errorf("%s: slug of %q = %q, want %q", tt.name, tt.title, got, tt.want)
			}
		}
	})
}

func TestASlugThatIsTakenGetsANumber(t *testing.T) {
	run(t, func(t *testing.T, r room) {
		slug := func(ref catalogue.Ref, document string, want string) {
			t.Helper()
			if got := r.put(t, ref, document, draft).State.Slug; got != want {
				t.Errorf("slug of %s = %q, want %q", ref, got, want)
			}
		}
		slug(office("prato", "a"), titled("Anagrafe"), "anagrafe")
		slug(office("prato", "b"), titled("Anagrafe"), "anagrafe-2")
		slug(office("gida", "a"), titled("Anagrafe"), "anagrafe-3")
		slug(office("gida", "x"), titled("Anagrafe centrale"), "anagrafe-centrale")
		slug(place("prato", "a"), titled("Anagrafe"), "anagrafe") // another kind
		slug(office("prato", "c"), titled("Anagrafe 2"), "anagrafe-2-2")
		long := strings.Repeat("a", 120)
		slug(office("prato", "d"), titled(long), long[:100])
		slug(office("prato", "e"), titled(long), long[:98]+"-2")
		slug(office("prato", "f"), titled(long), long[:98]+"-3")
		hyphen := strings.Repeat("a", 92) + "-" + strings.Repeat("a", 7)
		slug(office("prato", "g"), titled(hyphen), hyphen)
		slug(office("prato", "h"), titled(hyphen), hyphen[:98]+"-2")
		slug(office("prato", "i"), titled(hyphen), hyphen[:98]+"-3")
		slug(office("prato", "b"), titled("Anagrafe"), "anagrafe-2") // it keeps its own

		r.refusedAt(t, func() (publishing.Result, error) {
			return r.Put(t.Context(), office("prato", "z"), []byte(titled("Altro", `"slug":"anagrafe"`)), draft)
		}, "/slug slug_taken")
		_, err := r.Put(t.Context(), office("prato", "z"), []byte(titled("Altro", `"slug":"anagrafe"`)), draft)
		var invalid *catalogue.InvalidError
		if !errors.As(err, &invalid) {
			t.Fatal(err)
		}
		free := invalid.Findings[0].Args[1].(string)
		if diff := cmp.Diff([]any{"anagrafe", "anagrafe-4"}, invalid.Findings[0].Args); diff != "" {
			t.Errorf("suggestion mismatch (-want +got):\n%s", diff)
		}
		slug(office("prato", "z"), titled("Altro", fmt.Sprintf(`"slug":%q`, free)), free)
	})
}

func TestAnOldPublicSlugStaysWithItsEntry(t *testing.T) {
	run(t, func(t *testing.T, r room) {
		anagrafe, other := office("prato", "anagrafe"), office("gida", "sportello")
		id := r.put(t, anagrafe, titled("Anagrafe"), public).State.ID
		draftSlug := func(slug string, w publishing.Write) publishing.Result {
			t.Helper()
			result := r.put(t, anagrafe, titled("Anagrafe", fmt.Sprintf(`"slug":%q`, slug)), w)
			if result.State.Slug != slug {
				t.Errorf("slug = %q, want %q", result.State.Slug, slug)
			}
			return result
		}
		seen := func(slug string, old ...string) {
			t.Helper()
			facts, moved, _ := r.loaded(t)
			if got := facts[id].Slug; got != slug {
				t.Errorf("readers see the slug %q, want %q", got, slug)
			}
			for _, o := range old {
				if moved["office "+o] != id {
					t.Errorf("readers are not told that %q is an old slug of the entry: %v", o, moved)
				}
			}
		}
		draftSlug("uno", draft)
		seen("anagrafe")
		// Nobody else gets the public slug, nor the draft's.
		if got := r.put(t, other, titled("Anagrafe"), draft).State.Slug; got != "anagrafe-2" {
			t.Errorf("slug of another = %q, want anagrafe-2", got)
		}
		r.refusedAt(t, func() (publishing.Result, error) {
			return r.Put(t.Context(), other, []byte(titled("Altro", `"slug":"anagrafe"`)), draft)
		}, "/slug slug_taken")
		// What was only a draft's is free again.
		draftSlug("due", draft)
		r.put(t, other, titled("Altro", `"slug":"uno"`), draft)
		result := r.move(t, anagrafe, publishing.Move{Transition: catalogue.Publish})
		wantState(t, result.State, "published clean 3 2")
		seen("due", "anagrafe")

		// The draft takes an old slug up again and gives it back: it was never lost.
		draftSlug("anagrafe", draft)
		seen("due", "anagrafe")
		draftSlug("tre", draft)
		seen("due", "anagrafe")
		r.move(t, anagrafe, publishing.Move{Transition: catalogue.Publish})
		seen("tre", "anagrafe", "due")
		if got := draftSlug("anagrafe", public); got.State.Revision != 4 {
			t.Errorf("revision = %d, want 4", got.State.Revision)
		}
		seen("anagrafe", "due", "tre")

		// Also when it is no longer public.
		r.move(t, anagrafe, withdraw)
		r.refusedAt(t, func() (publishing.Result, error) {
			return r.Put(t.Context(), other, []byte(titled("Altro", `"slug":"due"`)), draft)
		}, "/slug slug_taken")
		updates, err := r.Since(t.Context(), 0, 100)
		var slugs []string
		for _, u := range updates {
			slugs = append(slugs, u.Slug)
		}
		if diff := cmp.Diff([]string{"anagrafe", "due", "tre", "anagrafe", "anagrafe"}, slugs); diff != "" || err != nil {
			t.Errorf("slugs in the feed mismatch (-want +got): %v\n%s", err, diff)
		}
	})
}

func TestAFetchedDocumentCanBePutUnderAnotherKey(t *testing.T) {
	run(t, func(t *testing.T, r room) {
		r.put(t, service("prato", "cie"), serviceTitled("Carta d'identità", `"slug":"cie"`), public)
		fetched := r.get(t, service("prato", "cie"))
		result := r.put(t, service("prato", "cie-copia"), string(fetched.Document), public)
		if result.State.Slug != "carta-d-identita" || !result.Created {
			t.Errorf("the copy is %+v, want a new entry with a slug of its own", result.State)
		}
		again := r.put(t, service("prato", "cie-copia"), string(r.get(t, service("prato", "cie-copia")).Document), public)
		if again.Changed || again.State.Revision != 1 {
			t.Errorf("PUT again = %+v, want unchanged", again)
		}
	})
}

func TestPreconditionsSayWhichVersionMayBeReplaced(t *testing.T) {
	whichever := &publishing.Versions{Any: true}
	list := func(versions ...int) *publishing.Versions { return &publishing.Versions{List: versions} }
	tests := []struct {
		name     string
		new, old error // of an entry that there is not, of one at version 2
		publishing.Precondition
	}{
		{"none", nil, nil, publishing.Precondition{}},
		{"the version", catalogue.ErrStale, nil, publishing.Precondition{IfMatch: list(2)}},
		{"one of the versions", catalogue.ErrStale, nil, publishing.Precondition{IfMatch: list(7, 2)}},
		{"an old version", catalogue.ErrStale, catalogue.ErrStale, publishing.Precondition{IfMatch: list(1)}},
		{"no version at all", catalogue.ErrStale, catalogue.ErrStale, publishing.Precondition{IfMatch: list()}},
		{"the version that nothing has", catalogue.ErrStale, catalogue.ErrStale, publishing.Precondition{IfMatch: list(0)}},
		{"any version", catalogue.ErrStale, nil, publishing.Precondition{IfMatch: whichever}},
		{"not the version", nil, catalogue.ErrStale, publishing.Precondition{IfNoneMatch: list(2)}},
		{"not an old version", nil, nil, publishing.Precondition{IfNoneMatch: list(1)}},
		{"only if new", nil, catalogue.ErrStale, publishing.Precondition{IfNoneMatch: whichever}},
		{"both", catalogue.ErrStale, catalogue.ErrStale, publishing.Precondition{IfMatch: whichever, IfNoneMatch: list(2)}},
	}
	run(t, func(t *testing.T, r room) {
		for i, tt := range tests {
			w := publishing.Write{Actor: me, If: tt.Precondition}
			check := func(name string, want error, write func() (publishing.Result, error)) {
				t.Helper()
				if want != nil {
					r.refused(t, want, write)
				} else if _, err := write(); err != nil {
					t.Errorf("%s: %s: %v", tt.name, name, err)
				}
			}
			fresh, old := office("prato", fmt.Sprint("new", i)), office("prato", fmt.Sprint("old", i))
			check("put new", tt.new, func() (publishing.Result, error) {
				return r.Put(t.Context(), fresh, []byte(titled("Nuovo")), w)
			})
			reset := func() {
				_, _ = r.Delete(t.Context(), old, draft)
				r.put(t, old, titled("Primo"), draft)
				r.put(t, old, titled("Secondo"), draft)
			}
			reset()
			check("put", tt.old, func() (publishing.Result, error) {
				return r.Put(t.Context(), old, []byte(titled("Terzo")), w)
			})
			reset()
			check("patch", tt.old, func() (publishing.Result, error) {
				return r.Patch(t.Context(), old, []byte(`{"title":{"it":"Terzo"}}`), w)
			})
			reset()
			check("transition", tt.old, func() (publishing.Result, error) {
				return r.Transition(t.Context(), old, publishing.Move{Transition: catalogue.Publish}, w)
			})
			old = office("prato", fmt.Sprint("gone", i))
			reset()
			check("delete", tt.old, func() (publishing.Result, error) { return r.Delete(t.Context(), old, w) })
		}
	})
}

func TestAPublisherCanDemandPreconditions(t *testing.T) {
	run(t, func(t *testing.T, r room) {
		raccolta := office("alia", "raccolta")
		r.put(t, raccolta, titled("Raccolta"), draft) // new: nobody is overwritten
		for name, write := range map[string]func(w publishing.Write) (publishing.Result, error){
			"put": func(w publishing.Write) (publishing.Result, error) {
				return r.Put(t.Context(), raccolta, []byte(titled("Raccolta rifiuti")), w)
			},
			"patch": func(w publishing.Write) (publishing.Result, error) {
				return r.Patch(t.Context(), raccolta, []byte(`{"summary":{"it":"Rifiuti"}}`), w)
			},
			"transition": func(w publishing.Write) (publishing.Result, error) {
				return r.Transition(t.Context(), raccolta, publishing.Move{Transition: catalogue.Publish}, w)
			},
		} {
			r.refused(t, catalogue.ErrPrecondition, func() (publishing.Result, error) { return write(draft) })
			r.refused(t, catalogue.ErrStale, func() (publishing.Result, error) { return write(ifMatch(draft, 99)) })
			if _, err := write(ifMatch(draft, r.get(t, raccolta).DraftVersion)); err != nil {
				t.Errorf("%s with If-Match: %v", name, err)
			}
		}
		r.refused(t, catalogue.ErrPrecondition, func() (publishing.Result, error) { return r.Delete(t.Context(), raccolta, draft) })
	})
}

func TestUnderFourEyesPublishingOnlySubmits(t *testing.T) {
	run(t, func(t *testing.T, r room) {
		cup := office("asl", "cup")
		for i, document := range []string{titled("CUP"), titled("CUP"), titled("CUP di Prato")} {
			result := r.put(t, cup, document, public)
			if !result.Submitted || result.Position != 0 || result.State.Draft != catalogue.InReview || result.State.Publication != catalogue.Never {
				t.Errorf("put %d = %+v, want submitted", i, result)
			}
		}
		r.wantAudited(t, cup, "create", "submit", "update", "submit")
		var state *catalogue.StateError
		err := r.refused(t, catalogue.ErrState, func() (publishing.Result, error) {
			return r.Transition(t.Context(), cup, publishing.Move{Transition: catalogue.Publish}, draft)
		})
		want := catalogue.StateError{Transition: catalogue.Publish, Publication: catalogue.Never, Draft: catalogue.InReview}
		if !errors.As(err, &state) || *state != want {
			t.Errorf("error = %v, want %v", err, &want)
		}
		// Editing takes it out of review again, and is not published either.
		if result := r.put(t, cup, titled("CUP nuovo"), draft); result.Submitted || result.State.Draft != catalogue.Editing {
			t.Errorf("put = %+v, want editing", result)
		}
		r.refused(t, catalogue.ErrState, func() (publishing.Result, error) {
			return r.Transition(t.Context(), cup, publishing.Move{Transition: catalogue.Publish}, draft)
		})
	})
}

func TestAPublishersOwnEntriesAreListedByKey(t *testing.T) {
	run(t, func(t *testing.T, r room) {
		for _, key := range []string{"c", "a", "e", "b", "d"} {
			r.put(t, office("prato", key), titled("Ufficio "+key), draft)
		}
		r.put(t, office("gida", "x"), titled("Altro"), draft)
		r.put(t, place("prato", "x"), titled("Altro"), draft)
		r.put(t, office("prato", "b"), titled("Ufficio b"), public)
		keys := func(l publishing.Listing) string {
			t.Helper()
			page, total, err := r.List(t.Context(), "prato", catalogue.KindOffice, l)
			if err != nil {
				t.Fatal(err)
			}
			text := fmt.Sprint(total)
			for _, state := range page {
				text += " " + state.Ref.Key
			}
			return text
		}
		for want, l := range map[string]publishing.Listing{
			"5 a b c d e": {Limit: 10},
			"5 a b":       {Limit: 2},
			"5 c d":       {Limit: 2, After: "b"},
			"5":           {Limit: 2, After: "e"},
			"1 b":         {Limit: 10, Publication: catalogue.Published},
			"4 a c d e":   {Limit: 10, Draft: catalogue.Editing},
			"0":           {Limit: 10, Publication: catalogue.Archived},
		} {
			if got := keys(l); got != want {
				t.Errorf("List %+v = %s, want %s", l, got, want)
			}
		}
		if _, _, err := r.List(t.Context(), "nessuno", catalogue.KindOffice, publishing.Listing{Limit: 10}); !errors.Is(err, catalogue.ErrNotFound) {
			t.Errorf("List of an unknown publisher = %v, want not found", err)
		}
		if _, err := r.Get(t.Context(), office("prato", "nessuno")); !errors.Is(err, catalogue.ErrNotFound) {
			t.Errorf("Get = %v, want not found", err)
		}
	})
}

func TestValidateChecksWithoutStoring(t *testing.T) {
	run(t, func(t *testing.T, r room) {
		r.put(t, office("prato", "pubblico"), titled("Pubblico"), public)
		r.put(t, office("prato", "bozza"), titled("Bozza"), draft)
		before := r.dump(t)
		full := titled("Carta", `"offices":["prato/pubblico","prato/bozza","prato/nessuno"]`)
		for level, want := range map[catalogue.Level][]string{
			catalogue.LevelDraft:   {"/offices/1 exists", "/offices/2 exists"},
			catalogue.LevelPublish: {"/categories missing", "/offices/1 exists", "/offices/2 exists", "/status missing", "/summary missing"},
		} {
			_, got, err := r.Validate(t.Context(), catalogue.Ref{Kind: catalogue.KindService}, level, []byte(full))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, findings(got, catalogue.SeverityError)); diff != "" {
				t.Errorf("level %s: errors mismatch (-want +got):\n%s", level, diff)
			}
		}
		_, portal, err := r.Validate(t.Context(), catalogue.Ref{Kind: catalogue.KindOffice}, catalogue.LevelPortal, []byte(titled("Ufficio")))
		if err != nil || !portal.HasErrors() {
			t.Errorf("at the level portal %v, %v, want errors", portal, err)
		}
		_, good, err := r.Validate(t.Context(), catalogue.Ref{Kind: catalogue.KindOffice}, catalogue.LevelPublish, []byte(titled("Ufficio", `"parent":"prato/pubblico"`)))
		if err != nil || good.HasErrors() {
			t.Errorf("a good document: %v, %v", good, err)
		}
		if _, _, err := r.Validate(t.Context(), catalogue.Ref{Kind: catalogue.KindOffice}, catalogue.LevelDraft, []byte(`{`)); !errors.Is(err, catalogue.ErrMalformed) {
			t.Errorf("Validate = %v, want malformed", err)
		}
		if diff := cmp.Diff(before, r.dump(t)); diff != "" {
			t.Errorf("the database changed (-before +after):\n%s", diff)
		}
	})
}

// atOnce runs n writers at the same time.
func atOnce(n int, write func(i int)) {
	var all sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		all.Go(func() {
			<-start
			write(i)
		})
	}
	close(start)
	all.Wait()
}

func TestOfTwoWhoReplaceTheSameVersionAtOnceOneWins(t *testing.T) {
	run(t, func(t *testing.T, r room) {
		anagrafe := office("prato", "anagrafe")
		r.put(t, anagrafe, titled("Anagrafe"), draft)
		var won [8]bool
		for round := range 5 {
			version := r.get(t, anagrafe).DraftVersion
			atOnce(len(won), func(i int) {
				_, err := r.Put(context.Background(), anagrafe, []byte(titled(fmt.Sprint("Anagrafe ", round, i))), ifMatch(public, version))
				won[i] = err == nil
				if err != nil && !errors.Is(err, catalogue.ErrStale) {
					t.Errorf("the losers get %v, want %v", err, catalogue.ErrStale)
				}
			})
			winners := 0
			for i, w := range won {
				if w {
					winners++
					if got := string(r.get(t, anagrafe).Document); !strings.Contains(got, fmt.Sprint("Anagrafe ", round, i)) {
						t.Errorf("stored is %s, the winner is %d", got, i)
					}
				}
			}
			if winners != 1 {
				t.Errorf("round %d: %d winners, want 1", round, winners)
			}
		}
		if got := len(r.audited(t, anagrafe)); got != 11 {
			t.Errorf("%d writes are audited, want 11", got)
		}
	})
}

func TestWithoutAConditionTheLastOfThoseWhoWriteAtOnceWins(t *testing.T) {
	run(t, func(t *testing.T, r room) {
		anagrafe := office("prato", "anagrafe")
		r.put(t, anagrafe, titled("Anagrafe"), draft)
		var versions [8]int
		var documents [8]json.RawMessage
		atOnce(len(versions), func(i int) {
			result, err := r.Put(context.Background(), anagrafe, []byte(titled(fmt.Sprint("Anagrafe ", i))), draft)
			if err != nil {
				t.Error(err)
			}
			versions[i], documents[i] = result.State.DraftVersion, result.State.Document
		})
		state := r.get(t, anagrafe)
		if state.DraftVersion != 1+len(versions) {
			t.Errorf("version = %d, want %d", state.DraftVersion, 1+len(versions))
		}
		for i, v := range versions {
			if v == state.DraftVersion && string(documents[i]) != string(state.Document) {
				t.Errorf("stored is %s, the last one wrote %s", state.Document, documents[i])
			}
		}
		if got := len(r.audited(t, anagrafe)); got != 1+len(versions) {
			t.Errorf("%d writes are audited, want %d", got, 1+len(versions))
		}
	})
}

func TestManyCanMakeTheSameEntryAtOnce(t *testing.T) {
	run(t, func(t *testing.T, r room) {
		ifNew := draft
		ifNew.If.IfNoneMatch = &publishing.Versions{Any: true}
		for name, w := range map[string]publishing.Write{"a": draft, "b": draft, "c": draft, "d": draft, "if-new": ifNew} {
			var created, stale [12]bool
			atOnce(len(created), func(i int) {
				document := titled("Anagrafe", fmt.Sprintf(`"slug":"anagrafe-%s","hoursText":{"it":"%d"}`, name, i))
				result, err := r.Put(context.Background(), office("prato", name), []byte(document), w)
				created[i], stale[i] = result.Created, errors.Is(err, catalogue.ErrStale)
				if err != nil && !stale[i] {
					t.Errorf("%s: %v", name, err)
				}
			})
			made, refused := 0, 0
			for i := range created {
				if created[i] {
					made++
				}
				if stale[i] {
					refused++
				}
			}
			wantRefused := map[string]int{"if-new": len(created) - 1}[name]
			if made != 1 || refused != wantRefused {
				t.Errorf("%s: %d made it, %d were refused, want 1 and %d", name, made, refused, wantRefused)
			}
		}
	})
}

func TestManyCanAskForTheSameSlugAtOnce(t *testing.T) {
	run(t, func(t *testing.T, r room) {
		const writers = 24
		var slugs [writers]string
		atOnce(writers, func(i int) {
			result, err := r.Put(context.Background(), office("prato", fmt.Sprint("u", i)), []byte(titled("Anagrafe")), public)
			if err != nil {
				t.Error(err)
			}
			slugs[i] = result.State.Slug
		})
		seen := map[string]bool{}
		for _, s := range slugs {
			if seen[s] || !strings.HasPrefix(s, "anagrafe") {
				t.Errorf("slugs = %v, want different ones", slugs)
			}
			seen[s] = true
		}
		// One who asks for it by name gets it, all others are refused.
		var got [8]string
		atOnce(len(got), func(i int) {
			result, err := r.Put(context.Background(), office("gida", fmt.Sprint("u", i)), []byte(titled("Acqua", `"slug":"sportello"`)), draft)
			if err != nil && fmt.Sprint(findingsOf(err)) != "[/slug slug_taken]" {
				t.Errorf("refused with %v", err)
			}
			got[i] = result.State.Slug
		})
		if n := strings.Join(got[:], ""); n != "sportello" {
			t.Errorf("slugs = %v, want it once and the others refused", got)
		}
	})
}
