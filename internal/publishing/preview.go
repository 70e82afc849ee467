package publishing

import (
	"context"

	"github.com/comuneprato/service-catalogue/ent/db"
	"github.com/comuneprato/service-catalogue/ent/db/entry"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/store"
)

// maxPreviewed bounds how many drafts a preview reads.
const maxPreviewed = 200

// Drafts returns an entry as readers would get it if its draft were public now, and after it the drafts of the same publisher
// that it leads to, the nearer ones first, at most 200 in all. It returns ErrNotFound if there is no such entry.
func (p *Publishing) Drafts(ctx context.Context, ref catalogue.Ref) (drafts []catalogue.Entry, err error) {
	err = p.store.ReadTx(ctx, func(ctx context.Context, tx *db.Client) error {
		wanted, seen := []catalogue.Ref{ref}, map[catalogue.Ref]bool{ref: true}
		for ; len(wanted) > 0 && len(drafts) < maxPreviewed; wanted = wanted[1:] {
			e, err := found(tx.Entry.Query().Where(named(wanted[0]), entry.PublicationNEQ(catalogue.Archived)).Only(ctx))
			if err != nil {
				return err
			}
			if e == nil {
				continue
			}
			draft, err := p.draftOf(e, wanted[0])
			if err != nil {
				return err
			}
			drafts = append(drafts, draft)
			for _, r := range catalogue.References(draft.Document) {
				if r.To.Publisher == ref.Publisher && !seen[r.To] {
					seen[r.To] = true
					wanted = append(wanted, r.To)
				}
			}
		}
		if len(drafts) == 0 || drafts[0].Ref != ref {
			return catalogue.ErrNotFound
		}
		return nil
	})
	return drafts, store.Wrap(err, "reading the draft of %s %q", ref.Kind, ref)
}

// draftOf is an entry with its draft for the document, whatever readers have.
func (p *Publishing) draftOf(e *db.Entry, ref catalogue.Ref) (catalogue.Entry, error) {
	doc, err := catalogue.StoredPublic(e.Kind, e.Document)
	if err != nil {
		return catalogue.Entry{}, err
	}
	outdated, err := catalogue.ParseOutdated(e.Outdated)
	now := p.clock()
	draft := catalogue.Entry{
		ID: e.ID, Ref: ref, Slug: e.Slug, Revision: e.PublishedRevision + 1, PublishedAt: now, ReviewedAt: now, UpdatedAt: e.UpdatedAt,
		Document: doc, Outdated: outdated,
	}
	if e.PublishedAt != nil {
		draft.PublishedAt = *e.PublishedAt
	}
	if e.Publication == catalogue.Published && e.Draft == catalogue.Clean { // readers have it already
		draft.Revision, draft.ReviewedAt, draft.UpdatedAt = e.PublishedRevision, *e.ReviewedAt, changedAt(e)
	}
	return draft, err
}
