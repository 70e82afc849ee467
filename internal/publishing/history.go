package publishing

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	entsql "entgo.io/ent/dialect/sql"
	"github.com/google/uuid"

	"github.com/comuneprato/service-catalogue/ent/db"
	"github.com/comuneprato/service-catalogue/ent/db/change"
	"github.com/comuneprato/service-catalogue/ent/db/entry"
	"github.com/comuneprato/service-catalogue/ent/db/predicate"
	"github.com/comuneprato/service-catalogue/ent/db/revision"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/store"
)

// Revision is a published document's place in the history of its entry.
type Revision struct {
	Number      int       `json:"number" example:"1"`
	PublishedAt time.Time `json:"publishedAt"`
	Note        string    `json:"note"`
	Hash        string    `json:"hash" example:"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"` // SHA-256 of the canonical document, in hexadecimal
}

// OwnRevision is a revision as its publisher sees it.
type OwnRevision struct {
	Revision
	Slug     string          `json:"slug" example:"carta-d-identita"`
	Author   string          `json:"author" example:"portale"`                // the name of the key that published it
	Document json.RawMessage `json:"document,omitempty" swaggertype:"object"` // not in lists
}

func revisionOf(r *db.Revision) Revision { return Revision{r.Number, r.PublishedAt, r.Note, r.Hash} }

// Revisions lists the revisions of an entry, the latest first: those below the number before (0 for all), at most
// limit, and how many there are in all.
func (p *Publishing) Revisions(ctx context.Context, id catalogue.EntryID, before, limit int) (page []Revision, total int, err error) {
	err = p.store.ReadTx(ctx, func(ctx context.Context, tx *db.Client) error {
		var rows []*db.Revision
		rows, total, err = revisions(ctx, tx, id, before, limit)
		page = make([]Revision, len(rows))
		for i, r := range rows {
			page[i] = revisionOf(r)
		}
		return err
	})
	return page, total, store.Wrap(err, "reading the revisions of %s", id)
}

// OwnRevisions is Revisions as the publisher sees them, without their documents. It returns ErrNotFound if there is no such
// entry.
func (p *Publishing) OwnRevisions(ctx context.Context, ref catalogue.Ref, before, limit int) (page []OwnRevision, total int, err error) {
	err = p.store.ReadTx(ctx, func(ctx context.Context, tx *db.Client) error {
		id, err := tx.Entry.Query().Where(named(ref)).OnlyID(ctx)
		if err != nil {
			return err
		}
		var rows []*db.Revision
		rows, total, err = revisions(ctx, tx, id, before, limit)
		page = make([]OwnRevision, len(rows))
		for i, r := range rows {
			page[i] = OwnRevision{Revision: revisionOf(r), Slug: r.Slug, Author: r.Author}
		}
		return err
	})
	return page, total, store.Wrap(err, "reading the revisions of %s %q", ref.Kind, ref)
}

func revisions(ctx context.Context, tx *db.Client, id catalogue.EntryID, before, limit int) (rows []*db.Revision, total int, err error) {
	if total, err = tx.Revision.Query().Where(revision.EntryID(id)).Count(ctx); err != nil {
		return nil, 0, err
	}
	q := tx.Revision.Query().Where(revision.EntryID(id))
	if before > 0 {
		q.Where(revision.NumberLT(before))
	}
	rows, err = q.Order(revision.ByNumber(entsql.OrderDesc())).Limit(limit).All(ctx)
	return rows, total, err
}

// OwnRevision returns a revision with its document. It returns ErrNotFound if there is no such entry or revision.
func (p *Publishing) OwnRevision(ctx context.Context, ref catalogue.Ref, number int) (OwnRevision, error) {
	r, err := p.store.Reader().Revision.Query().Where(revision.HasEntryWith(named(ref)), revision.Number(number)).Only(ctx)
	if err != nil {
		return OwnRevision{}, store.Wrap(err, "reading revision %d of %s %q", number, ref.Kind, ref)
	}
	return OwnRevision{revisionOf(r), r.Slug, r.Author, json.RawMessage(r.Document)}, nil
}

// Past is an entry as readers saw it at some time.
type Past struct {
	At       time.Time
	Entry    catalogue.Entry    // without a document where it was withdrawn
	Resolver catalogue.Resolver // what its references led to at that time

	Reason      string           // of the withdrawal
	Replacement *catalogue.Entry // of what was withdrawn; nil: nothing, or not public either
}

// ShowAsOf shows an entry as it was public at an instant. It returns ErrNotFound for what was not public yet.
func (p *Publishing) ShowAsOf(ctx context.Context, id catalogue.EntryID, at time.Time, show func(Past) error) error {
	err := p.inPast(ctx, at, func(h *history) error {
		e, err := h.tx.Entry.Query().Where(entry.ID(id)).WithPublisher().Only(h.ctx)
		if err != nil {
			return err
		}
		was, last, err := h.entry(e)
		if err != nil {
			return err
		}
		if was == nil {
			return fmt.Errorf("%s was not public at %v: %w", id, at, catalogue.ErrNotFound)
		}
		past := Past{At: at, Entry: *was, Resolver: h, Reason: last.Reason}
		if last.ReplacedBy != "" {
			if past.Replacement, err = h.byID(last.ReplacedBy); err != nil {
				return err
			}
		}
		return show(past)
	})
	return store.Wrap(err, "reading %s as of %v", id, at)
}

// ShowRevision shows a revision as readers saw it when it was published. It returns ErrNotFound if there is none of the
// number.
func (p *Publishing) ShowRevision(ctx context.Context, id catalogue.EntryID, number int, show func(Past) error) error {
	r, err := p.store.Reader().Revision.Query().Where(revision.EntryID(id), revision.Number(number)).
		WithEntry(func(q *db.EntryQuery) { q.WithPublisher() }).Only(ctx)
	if err == nil {
		err = p.inPast(ctx, r.PublishedAt, func(h *history) error {
			was, err := h.revision(r.Edges.Entry, r, r.PublishedAt, true)
			if err != nil {
				return err
			}
			return show(Past{At: r.PublishedAt, Entry: *was, Resolver: h})
		})
	}
	return store.Wrap(err, "reading revision %d of %s", number, id)
}

// inPast looks at everything as it was at an instant.
func (p *Publishing) inPast(ctx context.Context, at time.Time, look func(*history) error) error {
	return p.store.ReadTx(ctx, func(ctx context.Context, tx *db.Client) error {
		h := &history{ctx: ctx, tx: tx, at: at, known: map[catalogue.Ref]*catalogue.Entry{}}
		if err := look(h); err != nil {
			return err
		}
		return h.err
	})
}

// history finds entries as they were public at an instant. It serves one request: views resolve references one by one, so
// each is read when it is asked for, once. The context ends what takes too long.
type history struct {
	ctx   context.Context
	tx    *db.Client
	at    time.Time
	known map[catalogue.Ref]*catalogue.Entry
	err   error // the first that Resolve met
}

// Resolve returns what a reference led to then, nil if that was not public yet.
func (h *history) Resolve(ref catalogue.Ref) *catalogue.Entry {
	was, known := h.known[ref]
	if known || h.err != nil {
		return was
	}
	h.known[ref] = nil // while it is looked for: a timetable could name what names it
	e, err := found(h.tx.Entry.Query().Where(named(ref)).WithPublisher().Only(h.ctx))
	if err == nil && e != nil {
		was, _, err = h.entry(e)
	}
	if err != nil {
		h.err = err
		return nil
	}
	h.known[ref] = was
	return was
}

// byID is what was public with an id, nil if it was not.
func (h *history) byID(text string) (*catalogue.Entry, error) {
	id, err := uuid.Parse(text)
	if err != nil {
		return nil, err
	}
	e, err := h.tx.Entry.Query().Where(entry.ID(id)).WithPublisher().Only(h.ctx)
	if err != nil {
		return nil, err
	}
	was, _, err := h.entry(e)
	if err != nil || was == nil || !was.Available() {
		return nil, err
	}
	return was, nil
}

// entry is an entry at that time, with the last change in public until then; nil if it was not public yet.
func (h *history) entry(e *db.Entry) (*catalogue.Entry, *db.Change, error) {
	last, err := found(h.tx.Change.Query().Where(change.EntryID(e.ID), change.AtLTE(h.at)).
		Order(change.ByID(entsql.OrderDesc())).First(h.ctx))
	if err != nil || last == nil {
		return nil, nil, err
	}
	r, err := h.tx.Revision.Query().Where(revision.EntryID(e.ID), revision.Number(last.Revision)).Only(h.ctx)
	if err != nil {
		return nil, nil, err
	}
	was, err := h.revision(e, r, last.At, last.Change != catalogue.ChangeWithdrawn)
	return was, last, err
}

// revision is an entry as a revision shows it.
func (h *history) revision(e *db.Entry, r *db.Revision, since time.Time, public bool) (*catalogue.Entry, error) {
	doc, err := catalogue.StoredPublic(e.Kind, r.Document)
	if err != nil {
		return nil, err
	}
	was := catalogue.Entry{
		ID: e.ID, Ref: catalogue.Ref{Kind: e.Kind, Publisher: e.Edges.Publisher.Key, Key: e.Key}, Slug: r.Slug, Revision: r.Number,
		PublishedAt: *e.PublishedAt, UpdatedAt: since, Label: doc.Common().Title,
	}
	if was.Outdated, err = catalogue.ParseOutdated(r.Outdated); err != nil {
		return nil, err
	}
	if !public {
		doc = nil
	}
	was = catalogue.NewEntry(was, doc, h)
	return &was, nil
}

// Version names a version of a document: one of these.
type Version struct {
	Number int       // of a revision
	At     time.Time // what was public then, or last
	Draft  bool
}

// ComparedVersion is a version that was compared.
type ComparedVersion struct {
	Revision    int        `json:"revision,omitempty" example:"1"` // its number; not of a draft
	Draft       bool       `json:"draft,omitempty"`
	PublishedAt *time.Time `json:"publishedAt,omitempty"` // not of a draft

	Document catalogue.Document `json:"-"`
}

// Compare reads two versions of an entry without what is never shown in public. It returns ErrNotFound for a version that
// is not there.
func (p *Publishing) Compare(ctx context.Context, id catalogue.EntryID, from, to Version) (before, after ComparedVersion, err error) {
	before, after, err = p.compare(ctx, entry.ID(id), from, to)
	if err == nil {
		before.Document, after.Document = catalogue.Public(before.Document), catalogue.Public(after.Document)
	}
	return before, after, store.Wrap(err, "comparing versions of %s", id)
}

// CompareOwn is Compare for the publisher, who may also ask for the draft.
func (p *Publishing) CompareOwn(ctx context.Context, ref catalogue.Ref, from, to Version) (before, after ComparedVersion, err error) {
	before, after, err = p.compare(ctx, named(ref), from, to)
	return before, after, store.Wrap(err, "comparing versions of %s %q", ref.Kind, ref)
}

func (p *Publishing) compare(ctx context.Context, which predicate.Entry, from, to Version) (before, after ComparedVersion, err error) {
	err = p.store.ReadTx(ctx, func(ctx context.Context, tx *db.Client) error {
		e, err := tx.Entry.Query().Where(which).Only(ctx)
		if err != nil {
			return err
		}
		if before, err = readVersion(ctx, tx, e, from); err != nil {
			return err
		}
		after, err = readVersion(ctx, tx, e, to)
		return err
	})
	return before, after, err
}

// readVersion reads a version of an entry.
func readVersion(ctx context.Context, tx *db.Client, e *db.Entry, v Version) (ComparedVersion, error) {
	if v.Draft {
		doc, err := catalogue.Stored(e.Kind, e.Document)
		return ComparedVersion{Draft: true, Document: doc}, err
	}
	number := v.Number
	if number == 0 {
		last, err := tx.Change.Query().Where(change.EntryID(e.ID), change.AtLTE(v.At)).Order(change.ByID(entsql.OrderDesc())).First(ctx)
		if err != nil {
			return ComparedVersion{}, err
		}
		number = last.Revision
	}
	r, err := tx.Revision.Query().Where(revision.EntryID(e.ID), revision.Number(number)).Only(ctx)
	if err != nil {
		return ComparedVersion{}, err
	}
	doc, err := catalogue.Stored(e.Kind, r.Document)
	return ComparedVersion{Revision: number, PublishedAt: &r.PublishedAt, Document: doc}, err
}
