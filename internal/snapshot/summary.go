package snapshot

import (
	"bytes"
	"slices"
	"sync/atomic"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/lang"
)

// summaries are the summary of an entry as lists show it, encoded, in each language in which somebody has asked for it, and
// in all of them at once. The entry keeps them as long as it lives: a page of a list or of a search is mostly made of them.
// Their addresses begin with the public URL, of which a process has one.
type summaries []atomic.Pointer[Answer]

// summaryLanguages are the places of summaries.
var summaryLanguages = append([]lang.Tag{lang.Any}, lang.Tags...)

func newSummaries() summaries { return make(summaries, len(summaryLanguages)) }

// summary returns the summary of an entry in the language of words, which is one that is known, as it is true now.
func (n *node) summary(words catalogue.Words) *Answer {
	kept := &n.summaries[slices.Index(summaryLanguages, words.Lang)]
	if a := kept.Load(); a != nil && a.valid(words.Now) {
		return a
	}
	view := words.Item(&n.Entry)
	a := &Answer{Body: bytes.Clone(view.Object.Append(nil)), Modified: view.Modified, ValidFrom: words.Now, ValidUntil: view.ValidUntil}
	kept.Store(a)
	return a
}
