package publishing

import (
	"context"
	"fmt"
	"slices"
	"time"

	entsql "entgo.io/ent/dialect/sql"
	"github.com/google/uuid"

	"github.com/comuneprato/service-catalogue/ent/db"
	"github.com/comuneprato/service-catalogue/ent/db/change"
	"github.com/comuneprato/service-catalogue/ent/db/entry"
	"github.com/comuneprato/service-catalogue/ent/db/predicate"
	"github.com/comuneprato/service-catalogue/ent/db/redirect"
	"github.com/comuneprato/service-catalogue/ent/db/revision"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/store"
)

// appendChange writes the next row of the feed. It must be the last thing that a transaction does, see
// store.NextPosition; one that writes several entries holds the rows back until then, and gets no position before.
func (p *Publishing) appendChange(ctx context.Context, tx *db.Client, e *db.Entry, publisherKey string, what catalogue.ChangeType) (int64, error) {
	if t := trailOf(ctx); t.holds {
		t.held = append(t.held, func() (int64, error) { return p.writeChange(ctx, tx, e, publisherKey, what) })
		return 0, nil
	}
	return p.writeChange(ctx, tx, e, publisherKey, what)
}

// writeHeld writes the rows that were held back, and returns the last position, 0 if there are none.
func writeHeld(t *trail) (position int64, err error) {
	for _, write := range t.held {
		if position, err = write(); err != nil {
			return 0, err
		}
	}
	return position, nil
}

func (p *Publishing) writeChange(ctx context.Context, tx *db.Client, e *db.Entry, publisherKey string, what catalogue.ChangeType) (int64, error) {
	replacedBy := ""
	if e.ReplacedBy != nil {
		replacedBy = e.ReplacedBy.String()
	}
	slug, err := publicSlug(ctx, tx, e)
	if err != nil {
		return 0, err
	}
	position, err := p.store.NextPosition(ctx, tx)
	if err != nil {
		return 0, err
	}
	at := *e.ChangedAt
	if what == catalogue.ChangeReviewed {
		at = *e.ReviewedAt
	}
	err = tx.Change.Create().SetID(position).SetAt(at).SetEntryID(e.ID).SetKind(e.Kind).SetPublisherKey(publisherKey).
		SetKey(e.Key).SetChange(what).SetRevision(e.PublishedRevision).SetSlug(slug).
		SetReason(e.WithdrawReason).SetReplacedBy(replacedBy).SetNillableReviewedAt(e.ReviewedAt).Exec(ctx)
	if err != nil {
		return 0, err
	}
	return position, p.store.Notify(ctx, tx, position)
}

func publicSlug(ctx context.Context, tx *db.Client, e *db.Entry) (string, error) {
	return tx.Revision.Query().
		Where(revision.EntryID(e.ID), revision.Number(e.PublishedRevision)).Select(revision.FieldSlug).String(ctx)
}

// Position is the position of the last change in the feed, 0 if there is none. It returns an ErrStorage where the file that
// the feed is in was removed.
func (p *Publishing) Position(ctx context.Context) (int64, error) {
	if err := p.store.InPlace(); err != nil {
		return 0, err
	}
	position, err := lastPosition(ctx, p.store.Reader())
	return position, store.Wrap(err, "reading the position of the feed")
}

// Behind tells how far a reader is behind who has everything up to a position: the position of the last change in the feed,
// and when the first change that the reader lacks was made, zero if it lacks none.
func (p *Publishing) Behind(ctx context.Context, after int64) (last int64, since time.Time, err error) {
	if last, err = p.Position(ctx); err != nil || last <= after {
		return last, time.Time{}, err
	}
	next, err := found(p.store.Reader().Change.Query().Where(change.IDGT(after)).Order(change.ByID()).First(ctx))
	if err != nil || next == nil {
		return last, time.Time{}, store.Wrap(err, "reading the next change of the feed")
	}
	return last, next.At, nil
}

func lastPosition(ctx context.Context, tx *db.Client) (int64, error) {
	last, err := found(tx.Change.Query().Order(change.ByID(entsql.OrderDesc())).First(ctx))
	if err != nil || last == nil {
		return 0, err
	}
	return last.ID, nil
}

// lastChange is the position of the last change of an entry that was public.
func lastChange(ctx context.Context, tx *db.Client, id catalogue.EntryID) (int64, error) {
	return tx.Change.Query().Where(change.EntryID(id)).Order(change.ByID(entsql.OrderDesc())).FirstID(ctx)
}

// loadPage is how many revisions Load reads at once.
const loadPage = 500

// Load tells of everything that is or was public, and of the old slugs, all at one moment: the position that it
// returns.
func (p *Publishing) Load(ctx context.Context, tell func(catalogue.Update), moved func(kind catalogue.Kind, slug string, id catalogue.EntryID)) (position int64, err error) {
	err = p.store.ReadTx(ctx, func(ctx context.Context, tx *db.Client) (err error) {
		if position, err = lastPosition(ctx, tx); err != nil {
			return err
		}
		for after := 0; ; {
			rows, err := tx.Revision.Query().Where(isCurrent, revision.IDGT(after)).
				WithEntry(func(q *db.EntryQuery) { q.WithPublisher() }).
				Order(revision.ByID()).Limit(loadPage).All(ctx)
			if err != nil {
				return err
			}
			for _, r := range rows {
				u, err := updateOf(r)
				if err != nil {
					return err
				}
				tell(u)
				after = r.ID
			}
			if len(rows) < loadPage {
				break
			}
		}
		settings, err := tx.Setting.Query().All(ctx)
		if err != nil {
			return err
		}
		for _, row := range settings {
			tell(catalogue.Update{
				Change: catalogue.Change{At: row.UpdatedAt, Subject: row.ID, Change: catalogue.ChangeUpdated, Revision: row.Version}, Document: row.Document,
			})
		}
		redirects, err := tx.Redirect.Query().Order(redirect.ByID()).All(ctx)
		for _, r := range redirects {
			moved(r.Kind, r.Slug, r.EntryID)
		}
		return err
	})
	return position, store.Wrap(err, "reading everything published")
}

// isCurrent selects the revisions that are public, or were last.
func isCurrent(s *entsql.Selector) {
	entries := entsql.Table(entry.Table)
	s.Join(entries).On(s.C(revision.FieldEntryID), entries.C(entry.FieldID))
	s.Where(entsql.ColumnsEQ(s.C(revision.FieldNumber), entries.C(entry.FieldPublishedRevision)))
}

// updateOf is what the follower is told of an entry at its current revision.
func updateOf(r *db.Revision) (catalogue.Update, error) {
	e := r.Edges.Entry
	u := catalogue.Update{
		Change: catalogue.Change{
			At: changedAt(e), Subject: catalogue.SubjectEntry, Kind: e.Kind, ID: e.ID,
			Publisher: e.Edges.Publisher.Key, Key: e.Key, Change: catalogue.ChangePublished, Revision: r.Number,
		},
		Slug: r.Slug, Document: r.Document, FirstPublishedAt: *e.PublishedAt, ReviewedAt: *e.ReviewedAt,
	}
	var err error
	if u.Outdated, err = catalogue.ParseOutdated(r.Outdated); err != nil {
		return u, err
	}
	if e.Publication != catalogue.Published {
		u.Change.Change = catalogue.ChangeWithdrawn
		u.Reason = e.WithdrawReason
		if e.ReplacedBy != nil {
			u.ReplacedBy = *e.ReplacedBy
		}
	}
	return u, nil
}

func changedAt(e *db.Entry) time.Time {
	if e.ChangedAt == nil {
		return e.UpdatedAt
	}
	return *e.ChangedAt
}

// Since returns the changes after a position, at most limit of them, each with the document it made public.
func (p *Publishing) Since(ctx context.Context, after int64, limit int) (updates []catalogue.Update, err error) {
	err = p.store.ReadTx(ctx, func(ctx context.Context, tx *db.Client) error {
		rows, err := tx.Change.Query().Where(change.IDGT(after)).Order(change.ByID()).Limit(limit).
			WithEntry().All(ctx)
		if err != nil || len(rows) == 0 {
			return err
		}
		documents, err := documentsOf(ctx, tx, rows)
		if err != nil {
			return err
		}
		settings, err := tx.Setting.Query().All(ctx)
		if err != nil {
			return err
		}
		for _, row := range rows {
			if row.EntryID == nil {
				// The latest version will do for all: it is the one that stays.
				i := slices.IndexFunc(settings, func(s *db.Setting) bool { return s.ID == row.Subject })
				if i < 0 {
					return fmt.Errorf("change %d is of %q, of which there is no setting", row.ID, row.Subject)
				}
				updates = append(updates, catalogue.Update{Change: changeOf(row), Document: settings[i].Document})
				continue
			}
			published := documents[version{*row.EntryID, row.Revision}]
			u := catalogue.Update{
				Change: changeOf(row), Slug: row.Slug, Reason: row.Reason,
				Document: published.Document, FirstPublishedAt: *row.Edges.Entry.PublishedAt, ReviewedAt: *row.ReviewedAt,
			}
			if u.Outdated, err = catalogue.ParseOutdated(published.Outdated); err != nil {
				return err
			}
			if row.ReplacedBy != "" {
				if u.ReplacedBy, err = uuid.Parse(row.ReplacedBy); err != nil {
					return err
				}
			}
			updates = append(updates, u)
		}
		return nil
	})
	return updates, store.Wrap(err, "reading the feed after %d", after)
}

type version struct {
	entry  uuid.UUID
	number int
}

// documentsOf reads the revisions that changes made public.
func documentsOf(ctx context.Context, tx *db.Client, rows []*db.Change) (map[version]*db.Revision, error) {
	var wanted []predicate.Revision
	for _, row := range rows {
		if row.EntryID != nil {
			wanted = append(wanted, revision.And(revision.EntryID(*row.EntryID), revision.Number(row.Revision)))
		}
	}
	if len(wanted) == 0 {
		return nil, nil
	}
	revisions, err := tx.Revision.Query().Where(revision.Or(wanted...)).All(ctx)
	documents := make(map[version]*db.Revision, len(revisions))
	for _, r := range revisions {
		documents[version{r.EntryID, r.Number}] = r
	}
	return documents, err
}

func changeOf(row *db.Change) catalogue.Change {
	c := catalogue.Change{
		Position: row.ID, At: row.At, Subject: row.Subject, Kind: row.Kind,
		Publisher: row.PublisherKey, Key: row.Key, Change: row.Change, Revision: row.Revision,
	}
	if row.EntryID != nil {
		c.ID = *row.EntryID
	}
	return c
}

// Changes returns the rows of the feed after one position and up to another, at most limit of them.
func (p *Publishing) Changes(ctx context.Context, after, upTo int64, limit int) ([]catalogue.Change, error) {
	rows, err := p.store.Reader().Change.Query().Where(change.IDGT(after), change.IDLTE(upTo)).
		Order(change.ByID()).Limit(limit).All(ctx)
	changes := make([]catalogue.Change, len(rows))
	for i, row := range rows {
		changes[i] = changeOf(row)
	}
	return changes, store.Wrap(err, "reading the changes after %d", after)
}
