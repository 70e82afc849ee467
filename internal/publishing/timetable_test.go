package publishing_test

import (
	"errors"
	"testing"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/publishing"
)

func timetable(publisherKey, key string) catalogue.Ref {
	return catalogue.Ref{Kind: catalogue.KindTimetable, Publisher: publisherKey, Key: key}
}

// That the links of offices and places follow their drafts is what checkConsistent finds out after each step.
func TestOfficesAndPlacesAreLinkedToTheTimetablesOfTheirDrafts(t *testing.T) {
	run(t, func(t *testing.T, r room) {
		step := func(name string, do func()) {
			do()
			if checkConsistent(t, r); t.Failed() {
				t.Fatalf("after this step: %s", name)
			}
		}
		for _, key := range []string{"invernale", "estivo"} {
			r.put(t, timetable("prato", key), titled("Orario "+key, `"alwaysOpen":true`), public)
		}
		with := func(key string) string { return `"timetable":"prato/` + key + `"` }
		step("new, linked", func() {
			r.put(t, place("prato", "p"), titled("Palazzo", with("invernale")), public)
			r.put(t, office("prato", "o"), titled("Anagrafe", with("invernale")), public)
		})
		step("another timetable", func() {
			r.put(t, place("prato", "p"), titled("Palazzo", with("estivo")), draft)
			r.put(t, office("prato", "o"), titled("Anagrafe", with("estivo")), draft)
		})
		step("a changed timetable", func() {
			r.put(t, timetable("prato", "estivo"), titled("Orario estivo", `"periods":[{}]`), public)
		})
		step("none any more", func() {
			r.put(t, place("prato", "p"), titled("Palazzo"), public)
			r.put(t, office("prato", "o"), titled("Anagrafe"), public)
		})
		step("restored", func() {
			r.move(t, place("prato", "p"), publishing.Move{Transition: catalogue.Restore, Revision: 1})
			r.move(t, office("prato", "o"), publishing.Move{Transition: catalogue.Restore, Revision: 1})
		})
		step("withdrawn", func() {
			if got := r.move(t, timetable("prato", "invernale"), withdraw).Referrers; len(got) != 2 {
				t.Errorf("withdrawing a timetable: got the referrers %v, want the office and the place", got)
			}
		})
	})
}

func TestATimetableThatDraftsNameIsNotDeleted(t *testing.T) {
	run(t, func(t *testing.T, r room) {
		r.put(t, timetable("prato", "bozza"), titled("Orario"), draft)
		r.put(t, place("prato", "p"), titled("Palazzo", `"timetable":"prato/bozza"`), draft)
		if _, err := r.Delete(t.Context(), timetable("prato", "bozza"), draft); !errors.Is(err, catalogue.ErrReferenced) {
			t.Errorf("got %v, want ErrReferenced", err)
		}
		r.put(t, place("prato", "p"), titled("Palazzo"), draft)
		if _, err := r.Delete(t.Context(), timetable("prato", "bozza"), draft); err != nil {
			t.Errorf("once nobody names it: got %v", err)
		}
	})
}
