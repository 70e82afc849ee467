package publishing_test

import (
	"errors"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/publishing"
)

func TestASettingIsOneAndItsChangesAreInTheFeed(t *testing.T) {
	run(t, func(t *testing.T, r room) {
		if s, err := r.Setting(t.Context(), catalogue.SubjectSynonyms); err != nil || s.Version != 0 {
			t.Errorf("never set: got %+v, %v, want the version 0", s, err)
		}
		put := func(document string, w publishing.Write) (publishing.Setting, int64, error) {
			return r.PutSetting(t.Context(), catalogue.SubjectSynonyms, document, w)
		}
		r.put(t, place("prato", "p"), titled("Palazzo"), public)
		if s, position, err := put(`[1]`, draft); err != nil || s.Version != 1 || position != 2 {
			t.Errorf("first: got %+v at %d, %v, want version 1 at 2", s, position, err)
		}
		if s, position, err := put(`[1]`, draft); err != nil || s.Version != 1 || position != 0 {
			t.Errorf("the same again: got %+v at %d, %v, want no change", s, position, err)
		}
		if _, _, err := put(`[2]`, ifMatch(draft, 7)); !errors.Is(err, catalogue.ErrStale) {
			t.Errorf("another version: got %v, want ErrStale", err)
		}
		if s, position, err := put(`[2]`, ifMatch(draft, 1)); err != nil || s.Version != 2 || position != 3 {
			t.Errorf("second: got %+v at %d, %v, want version 2 at 3", s, position, err)
		}
		updates, err := r.Since(t.Context(), 1, 10)
		if err != nil {
			t.Fatal(err)
		}
		type told struct {
			Subject, Document string
			Position          int64
		}
		var got []told
		for _, u := range updates {
			got = append(got, told{u.Subject, u.Document, u.Position})
		}
		// Who follows late needs only what holds now.
		if diff := cmp.Diff([]told{{catalogue.SubjectSynonyms, `[2]`, 2}, {catalogue.SubjectSynonyms, `[2]`, 3}}, got); diff != "" {
			t.Errorf("the feed (-want +got):\n%s", diff)
		}
		loaded := ""
		_, err = r.Load(t.Context(), func(u catalogue.Update) {
			if u.Subject == catalogue.SubjectSynonyms {
				loaded = u.Document
			}
		}, func(catalogue.Kind, string, catalogue.EntryID) {})
		if err != nil || loaded != `[2]` {
			t.Errorf("Load tells %q, %v, want the latest", loaded, err)
		}
	})
}

func TestWritersOfASettingTakeTurns(t *testing.T) {
	run(t, func(t *testing.T, r room) {
		const writers = 8
		var all sync.WaitGroup
		versions := make([]int, writers)
		for i := range writers {
			all.Go(func() {
				s, _, err := r.PutSetting(t.Context(), catalogue.SubjectSynonyms, `[`+string(rune('0'+i))+`]`, draft)
				if versions[i] = s.Version; err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		seen := map[int]bool{}
		for _, v := range versions {
			seen[v] = true
		}
		if len(seen) != writers || r.position(t) != writers {
			t.Errorf("got versions %v at position %d, want each another one", versions, r.position(t))
		}
	})
}
