package publishing

import (
	"context"

	"github.com/google/uuid"

	"github.com/comuneprato/service-catalogue/ent/db"
	"github.com/comuneprato/service-catalogue/ent/db/entry"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/store"
)

// Validate checks a document for a level without storing it: the same checks as Put and publication make, as a stranger
// sees the catalogue, where only what is published exists. The kind of as says what the document is; its publisher and
// key, where they are given, as which entry, so that references that lead back to it are found, and its own text is no
// copy. It returns a MalformedError where there is no document to check.
func (p *Publishing) Validate(ctx context.Context, as catalogue.Ref, level catalogue.Level, body []byte) (catalogue.Document, catalogue.Findings, error) {
	doc, findings, err := catalogue.Decode(as.Kind, body)
	if err != nil {
		return nil, nil, err
	}
	catalogue.Check(doc, level, &findings)
	err = p.store.ReadTx(ctx, func(ctx context.Context, tx *db.Client) error {
		self, err := uuid.NewV7() // where there is no such entry yet
		if err != nil {
			return err
		}
		old, err := found(tx.Entry.Query().Where(named(as), entry.PublicationEQ(catalogue.Published)).Only(ctx))
		if err != nil {
			return err
		}
		if old != nil {
			self = old.ID
		}
		const stranger = ""
		targets, err := resolveSeenBy(ctx, tx, stranger, as, self, doc, level, &findings)
		if err != nil {
			return err
		}
		if err := findCycles(ctx, tx, stranger, self, targets, &findings); err != nil {
			return err
		}
		return findCopies(ctx, tx, self, doc, catalogue.Sketches(doc), &findings)
	})
	if err != nil {
		return nil, nil, store.Wrap(err, "validating a %s", as.Kind)
	}
	findings.Sort()
	return doc, findings, nil
}
