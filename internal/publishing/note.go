package publishing

import (
	"strings"

	"github.com/comuneprato/service-catalogue/ent/db"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
)

// checkNote returns an InvalidError where a document that means something else than the revision before is to be public
// without a note that says why. before is nil for the first revision.
func (d draft) checkNote(before *db.Revision, note string) error {
	if before == nil || strings.TrimSpace(note) != "" {
		return nil
	}
	was, err := catalogue.Stored(d.doc.Kind(), before.Document)
	if err != nil {
		return nil //nolint:nilerr // what cannot be read any more means nothing
	}
	fields := catalogue.MeaningChanged(was, d.doc)
	if len(fields) == 0 {
		return nil
	}
	missing := catalogue.NoteMissing(fields)
	if d.noteIsParameter {
		missing.Parameter = "note"
	} else {
		missing.Pointer = "/note"
	}
	return catalogue.Findings{missing}.Err()
}
