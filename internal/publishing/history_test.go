package publishing_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/comuneprato/service-catalogue/ent/db"
	"github.com/comuneprato/service-catalogue/internal/audit"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/lang"
	"github.com/comuneprato/service-catalogue/internal/publishing"
)

// asOf is an entry at an instant: its title, or why it was withdrawn, and the labels of its places.
func (r room) asOf(t *testing.T, ref catalogue.Ref, at time.Time) (got []string) {
	t.Helper()
	err := r.ShowAsOf(t.Context(), r.get(t, ref).ID, at, func(past publishing.Past) error {
		if !past.Entry.Available() {
			got = append(got, "withdrawn: "+past.Reason)
			if past.Replacement != nil {
				got = append(got, past.Replacement.Label[lang.Italian])
			}
			return nil
		}
		got = append(got, past.Entry.Document.Common().Title[lang.Italian])
		for _, reference := range catalogue.References(past.Entry.Document) {
			label := "nothing"
			if to := past.Resolver.Resolve(reference.To); to != nil {
				label = to.Label[lang.Italian]
				if !to.Available() {
					label += " (withdrawn)"
				}
			}
			got = append(got, label)
		}
		return nil
	})
	switch {
	case errors.Is(err, catalogue.ErrNotFound):
		return []string{"not found"}
	case err != nil:
		t.Fatal(err)
	}
	return got
}

func TestThePastIsAsItWasPublic(t *testing.T) {
	run(t, func(t *testing.T, r room) {
		anagrafe, uno := office("prato", "anagrafe"), place("prato", "uno")
		var instants []time.Time
		then := func() { instants = append(instants, clock()) }
		r.put(t, anagrafe, titled("Anagrafe"), draft)
		then()
		r.put(t, uno, titled("Uno"), public)
		r.put(t, place("prato", "nuovo"), titled("Nuovo"), public)
		r.put(t, anagrafe, titled("Anagrafe", `"places":["prato/uno"]`), public)
		then()
		r.put(t, uno, titled("Uno, ristrutturato"), public)
		r.put(t, anagrafe, titled("Bozza"), draft)
		then()
		r.move(t, uno, publishing.Move{Transition: catalogue.Withdraw, Reason: "Chiuso.", ReplacedBy: "prato/nuovo"})
		then()
		r.put(t, anagrafe, titled("Anagrafe centrale"), public)
		then()

		got := map[string][][]string{}
		for _, at := range instants {
			got["office"] = append(got["office"], r.asOf(t, anagrafe, at))
			got["place"] = append(got["place"], r.asOf(t, uno, at))
		}
		want := map[string][][]string{
			"office": {{"not found"}, {"Anagrafe", "Uno"}, {"Anagrafe", "Uno, ristrutturato"}, {"Anagrafe", "Uno, ristrutturato (withdrawn)"}, {"Anagrafe centrale"}},
			"place":  {{"not found"}, {"Uno"}, {"Uno, ristrutturato"}, {"withdrawn: Chiuso.", "Nuovo"}, {"withdrawn: Chiuso.", "Nuovo"}},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("at each instant, mismatch (-want +got):\n%s", diff)
		}
	})
}

func TestARevisionIsShownAsItWasPublished(t *testing.T) {
	run(t, func(t *testing.T, r room) {
		anagrafe := office("prato", "anagrafe")
		r.put(t, place("prato", "uno"), titled("Uno"), public)
		r.put(t, anagrafe, titled("Anagrafe", `"places":["prato/uno"]`), public)
		r.put(t, place("prato", "uno"), titled("Due"), public)
		r.put(t, anagrafe, titled("Altro"), public)
		r.move(t, anagrafe, withdraw)
		id := r.get(t, anagrafe).ID
		var got []string
		err := r.ShowRevision(t.Context(), id, 1, func(past publishing.Past) error {
			label := past.Resolver.Resolve(place("prato", "uno")).Label[lang.Italian]
			got = []string{past.Entry.Document.Common().Title[lang.Italian], label}
			return nil
		})
		if diff := cmp.Diff([]string{"Anagrafe", "Uno"}, got); err != nil || diff != "" {
			t.Errorf("error %v, mismatch (-want +got):\n%s", err, diff)
		}
		err = r.ShowRevision(t.Context(), id, 3, func(publishing.Past) error { return nil })
		if !errors.Is(err, catalogue.ErrNotFound) {
			t.Errorf("revision 3: got %v, want not found", err)
		}
	})
}

// A text of years ago may have fields that documents no longer have, and values that they would no longer take.
func TestRestoringTakesWhatDocumentsStillHave(t *testing.T) {
	run(t, func(t *testing.T, r room) {
		anagrafe := office("prato", "anagrafe")
		r.put(t, anagrafe, titled("Anagrafe"), public)
		id := r.get(t, anagrafe).ID
		old := `{"title":{"it":"Anagrafe di una volta"},"fax":"0574 1","type":{"was":"an object"},"places":["prato/abbattuto"],"hoursText":{"it":"Sempre"}}`
		rewrite := func(document string) {
			err := r.store.InTx(t.Context(), func(ctx context.Context, tx *db.Client) error {
				_, err := tx.ExecContext(ctx, "UPDATE revisions SET document = '"+document+"'")
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		rewrite(old)
		result := r.move(t, anagrafe, publishing.Move{Transition: catalogue.Restore, Revision: 1})
		if got, want := string(result.State.Document), `{"title":{"it":"Anagrafe di una volta"},"hoursText":{"it":"Sempre"}}`; got != want {
			t.Errorf("draft = %s, want %s", got, want)
		}
		warned := findings(result.State.Findings, catalogue.SeverityWarning)
		for _, want := range []string{"/fax unknown_field", "/places/0 exists", "/type type"} {
			if !slices.Contains(warned, want) {
				t.Errorf("warnings = %v, want %s among them", warned, want)
			}
		}
		if r.get(t, anagrafe).ID != id {
			t.Error("it is another entry")
		}
		rewrite(titled("Anagrafe")) // as it was, for what is checked at the end
	})
}

func TestAChangeOfMeaningNeedsANote(t *testing.T) {
	run(t, func(t *testing.T, r room) {
		cie := service("prato", "cie")
		silent := publishing.Write{Actor: me, Publish: true}
		r.put(t, cie, serviceTitled("Carta"), silent)
		r.put(t, cie, serviceTitled("Carta d'identità", `"keywords":[{"it":"CIE"}]`), silent)

		changed := []byte(serviceTitled("Carta d'identità", `"costs":[{"free":true}]`, `"minAge":3`))
		for _, note := range []string{"", " \n"} {
			w := silent
			w.Note = note
			r.refusedAt(t, func() (publishing.Result, error) { return r.Put(t.Context(), cie, changed, w) }, "/note note")
		}
		r.put(t, cie, string(changed), draft) // a draft needs none
		err := r.refused(t, catalogue.ErrInvalid, func() (publishing.Result, error) {
			return r.Transition(t.Context(), cie, publishing.Move{Transition: catalogue.Publish}, draft)
		})
		var invalid *catalogue.InvalidError
		if !errors.As(err, &invalid) || invalid.Findings[0].Args[0] != "minAge, costs" {
			t.Errorf("got %v, want a finding that names minAge and costs", invalid)
		}
		r.move(t, cie, publishing.Move{Transition: catalogue.Publish, Note: "Ora è gratuita."})

		// The reason of a withdrawal says nothing about a text that comes back different.
		r.move(t, cie, withdraw)
		r.refusedAt(t, func() (publishing.Result, error) {
			return r.Put(t.Context(), cie, []byte(serviceTitled("Carta d'identità")), silent)
		}, "/note note")
		r.put(t, cie, string(changed), silent) // the same as before
	})
}

func TestAnImportHasANoteForItsRows(t *testing.T) {
	run(t, func(t *testing.T, r room) {
		importing := func(note, row string) (outcome publishing.Outcome) {
			options := publishing.ImportOptions{Actor: me, Note: note}
			err := r.Import(t.Context(), rowsOf(row), options, func(rows []publishing.RowReport) { outcome = rows[0].Outcome })
			if err != nil {
				t.Fatal(err)
			}
			return outcome
		}
		row := func(cost, note string) string {
			return `{"publisher":"prato","kind":"service","key":"cie","publish":true,"note":"` + note + `","document":` +
				serviceTitled("Carta", `"costs":[{"amount":"`+cost+`","currency":"EUR"}]`) + "}\n"
		}
		got := []publishing.Outcome{
			importing("", row("1", "")), importing("", row("2", "")), importing("", row("3", "Aumento.")), importing("import of costs.ndjson", row("4", "")),
		}
		want := []publishing.Outcome{publishing.RowCreated, publishing.RowRefused, publishing.RowUpdated, publishing.RowUpdated}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("outcomes mismatch (-want +got):\n%s", diff)
		}
		page, total, err := r.OwnRevisions(t.Context(), service("prato", "cie"), 0, 10)
		if err != nil || total != 3 {
			t.Fatalf("got %d revisions, %v", total, err)
		}
		var notes []string
		for _, revision := range page {
			notes = append(notes, revision.Note)
		}
		if diff := cmp.Diff([]string{"import of costs.ndjson", "Aumento.", ""}, notes); diff != "" {
			t.Errorf("notes mismatch, the latest first (-want +got):\n%s", diff)
		}
	})
}

func TestTheAuditTellsWhatWasThereBeforeAndAfter(t *testing.T) {
	run(t, func(t *testing.T, r room) {
		anagrafe := office("prato", "anagrafe")
		r.put(t, anagrafe, titled("Anagrafe"), public)
		r.put(t, anagrafe, titled("Altro"), draft)
		r.move(t, anagrafe, withdraw)
		never := office("prato", "mai")
		r.put(t, never, titled("Mai"), draft)
		if _, err := r.Delete(t.Context(), never, draft); err != nil {
			t.Fatal(err)
		}
		rows, err := audit.NewLog(r.store, clock).List(t.Context(), audit.Filter{Limit: 10})
		if err != nil {
			t.Fatal(err)
		}
		state := func(text string) string {
			if text == "" {
				return "-"
			}
			var s publishing.AuditedState
			if err := json.Unmarshal([]byte(text), &s); err != nil || len(s.Hash) != 64 {
				t.Errorf("%s: %v", text, err)
			}
			return string(s.Publication) + " " + string(s.Draft) + " " + string(rune('0'+s.DraftVersion)) + " " + string(rune('0'+s.Revision))
		}
		var got [][3]string
		for _, row := range rows {
			got = append(got, [3]string{row.Action, state(row.Before), state(row.After)})
		}
		want := [][3]string{
			{"delete", "never editing 1 0", "-"},
			{"create", "-", "never editing 1 0"},
			{"withdraw", "published editing 2 1", "withdrawn editing 2 1"},
			{"update", "published clean 1 1", "published editing 2 1"},
			{"publish", "never editing 1 0", "published clean 1 1"},
			{"create", "-", "never editing 1 0"},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("audit mismatch, the latest first (-want +got):\n%s", diff)
		}
	})
}
