package publishing

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/comuneprato/service-catalogue/ent/db"
	"github.com/comuneprato/service-catalogue/ent/db/entry"
	"github.com/comuneprato/service-catalogue/ent/db/publisher"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/lang"
	"github.com/comuneprato/service-catalogue/internal/store"
)

// Archivable lists what Archive would archive of a publisher: the public entries whose review has been due for longer than
// its stewardship allows, the longest first, at most limit of them, and how many there are in all. A publisher that
// archives nothing has none. It returns ErrNotFound if there is no such publisher.
func (p *Publishing) Archivable(ctx context.Context, publisherKey string, limit int) (items []WorkItem, total int, err error) {
	err = p.store.ReadTx(ctx, func(ctx context.Context, tx *db.Client) error {
		owner, err := tx.Publisher.Query().Where(publisher.Key(publisherKey)).Only(ctx)
		if err != nil {
			return err
		}
		before, ok, err := archiveBefore(owner, p.clock())
		if err != nil || !ok {
			return err
		}
		stale := tx.Entry.Query().Where(entry.PublisherID(owner.ID), entry.PublicationEQ(catalogue.Published), entry.ReviewByLT(before))
		if total, err = stale.Clone().Count(ctx); err != nil {
			return err
		}
		rows, err := stale.Order(entry.ByReviewBy(), entry.ByID()).WithPublisher().Limit(limit).All(ctx)
		if err != nil {
			return err
		}
		for _, e := range rows {
			item, err := workItem(e, *e.ReviewBy, nil)
			if err != nil {
				return err
			}
			items = append(items, item)
		}
		return nil
	})
	return items, total, store.Wrap(err, "listing what %q would archive", publisherKey)
}

// archiveBefore is the day before which a review must have been due for its entry to be archived; ok is false where the
// publisher archives nothing.
func archiveBefore(owner *db.Publisher, now time.Time) (day time.Time, ok bool, err error) {
	s, err := catalogue.ParseStewardship(owner.Stewardship)
	if err != nil || s.ArchiveAfterMonths == 0 {
		return time.Time{}, false, err
	}
	return now.AddDate(0, -s.ArchiveAfterMonths, 0).Truncate(24 * time.Hour), true, nil
}

// Archival is what became of an entry that was to be archived because nobody looked after it.
type Archival struct {
	Ref      catalogue.Ref
	Archived bool // false: it is not there, not public, or was looked at meanwhile
	Position int64
}

// Archive archives those of some entries that Archivable would list now, whatever it listed before, each in a transaction
// of its own. It returns what became of each, in their order; where the database fails, of those before the failure.
func (p *Publishing) Archive(ctx context.Context, refs []catalogue.Ref, who Actor) ([]Archival, error) {
	done := make([]Archival, len(refs))
	for i, ref := range refs {
		result, err := p.inTx(ctx, func(ctx context.Context, tx *db.Client) (Result, error) {
			e, err := p.lock(ctx, tx, ref)
			if err != nil {
				return Result{}, err
			}
			owner, err := e.QueryPublisher().Only(ctx)
			if err != nil {
				return Result{}, err
			}
			before, ok, err := archiveBefore(owner, p.clock())
			if err != nil || !ok || e.Publication != catalogue.Published || !e.ReviewBy.Before(before) {
				return Result{}, err
			}
			return mover{p, tx, e, owner, ref, who}.unpublish(ctx, catalogue.Archived, "archive", lang.Message(lang.Italian, "archived"), nil)
		})
		if err != nil && !errors.Is(store.Wrap(err, ""), catalogue.ErrNotFound) {
			return done[:i], store.Wrap(err, "archiving %s %q", ref.Kind, ref)
		}
		done[i] = Archival{Ref: ref, Archived: result.State.ID != uuid.Nil, Position: result.Position}
	}
	return done, nil
}
