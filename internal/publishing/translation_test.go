package publishing_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/publishing"
)

// titles is a document with a title and a summary in Italian and English.
func titles(title, translated, summary, summarised string) string {
	text := func(italian, english string) map[string]string {
		return map[string]string{"it": italian, "en": english}
	}
	document, err := json.Marshal(map[string]any{"title": text(title, translated), "summary": text(summary, summarised)})
	if err != nil {
		panic(err)
	}
	return string(document)
}

func TestAnImportPutsOutdatedTranslationsIntoTheirQueue(t *testing.T) {
	run(t, func(t *testing.T, r room) {
		ref := place("prato", "p")
		r.put(t, ref, titles("Biblioteca", "Library", "Libri.", "Books."), public)
		moved := titles("Biblioteca nuova", "Library", "Libri.", "Books.")
		r.importText(t, row("prato", "place", "p", moved, true))
		if got, want := r.concerns(t, ref), "outdated_translations /title/en"; !slices.Contains(got, want) {
			t.Errorf("queues after the import = %q, want %q among them", got, want)
		}
	})
}

func TestATranslationIsOutdatedWhenTheItalianMovedOn(t *testing.T) {
	run(t, func(t *testing.T, r room) {
		ref := place("prato", "p")
		var id uuid.UUID
		step := func(name, document string, w publishing.Write, want ...string) {
			t.Helper()
			result := r.put(t, ref, document, w)
			id = result.State.ID
			for from, all := range map[string]catalogue.Findings{"Put": result.State.Findings, "Get": r.get(t, ref).Findings} {
				if diff := cmp.Diff(want, withRule(all, "outdated")); diff != "" {
					t.Errorf("%s: %s: outdated (-want +got):\n%s", name, from, diff)
				}
			}
			checkConsistent(t, r)
		}
		step("new", titles("Biblioteca", "Library", "Libri.", "Books."), public)
		step("the Italian moves on", titles("Biblioteca nuova", "Library", "Libri.", "Books."), draft, "/title/en outdated")
		step("and stays", titles("Biblioteca nuova", "Library", "Libri e film.", "Books."), public, "/summary/en outdated", "/title/en outdated")
		step("the Italian comes back", titles("Biblioteca", "Library", "Libri e film.", "Books."), draft, "/summary/en outdated")
		step("the translation follows", titles("Biblioteca", "Library", "Libri e film.", "Books and films."), public)
		step("both at once", titles("Museo", "Museum", "Quadri.", "Paintings."), public)
		step("once more", titles("Musei", "Museum", "Quadri.", "Paintings."), public, "/title/en outdated")

		checked := public
		checked.TranslationsChecked = true
		before := r.position(t)
		step("checked", titles("Musei", "Museum", "Quadri.", "Paintings."), checked)
		if after := r.position(t); after == before {
			t.Error("readers were not told that the translation is right")
		}
		before = r.position(t)
		step("again", titles("Musei", "Museum", "Quadri.", "Paintings."), checked)
		if after := r.position(t); after != before {
			t.Error("the same document once more made a change")
		}
		if facts, _, _ := r.loaded(t); facts[id].Outdated != "" {
			t.Errorf("readers see outdated %s, want nothing", facts[id].Outdated)
		}
		step("moved on again", titles("Il museo", "Museum", "Quadri.", "Paintings."), public, "/title/en outdated")
		if facts, _, _ := r.loaded(t); !strings.Contains(facts[id].Outdated, `"lang":"en"`) {
			t.Errorf("readers see outdated %q, want the English title", facts[id].Outdated)
		}
		r.put(t, ref, titles("Il museo", "The museum", "Quadri.", "Paintings."), public)
		restored := r.move(t, ref, publishing.Move{Transition: catalogue.Restore, Revision: r.get(t, ref).Revision - 1})
		if got := withRule(restored.State.Findings, "outdated"); len(got) != 1 {
			t.Errorf("restored: got outdated %v, want the English title", got)
		}
	})
}
