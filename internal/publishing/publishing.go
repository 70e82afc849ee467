// Package publishing is the write side and the only writer of entries: it stores drafts, moves them through their
// lifecycle, and tells the read side of every change in public through the feed. What documents mean is decided in
// package catalogue; who may write is decided by the caller, with package identity.
package publishing

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"sync"
	"time"

	entsql "entgo.io/ent/dialect/sql"

	"github.com/comuneprato/service-catalogue/ent/db"
	"github.com/comuneprato/service-catalogue/ent/db/entry"
	"github.com/comuneprato/service-catalogue/ent/db/predicate"
	"github.com/comuneprato/service-catalogue/ent/db/publisher"
	"github.com/comuneprato/service-catalogue/internal/audit"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/jobs"
	"github.com/comuneprato/service-catalogue/internal/store"
)

// Publishing writes to one database. All its methods may be called at the same time.
type Publishing struct {
	store *store.Store
	clock catalogue.Clock
	queue *jobs.Queue

	bounds importBounds

	mu        sync.Mutex
	listeners map[*func()]struct{}
}

// New makes the write side of a database whose schema is up to date.
func New(s *store.Store, clock catalogue.Clock) *Publishing {
	return &Publishing{store: s, clock: clock, queue: jobs.NewQueue(s), bounds: standardBounds, listeners: map[*func()]struct{}{}}
}

// Actor is who writes, for the audit.
type Actor = catalogue.Actor

// authorOf tells authors of drafts apart: keys may have the same name.
func authorOf(a Actor) string { return cmp.Or(a.Prefix, a.Name) }

// Versions are what an If-Match or If-None-Match header names: some versions of a draft, or any.
type Versions struct {
	Any  bool
	List []int
}

func (v *Versions) has(version int) bool { return v.Any || slices.Contains(v.List, version) }

// Precondition is what must hold of the stored draft for a write to happen (RFC 9110, section 13); nil is no condition.
type Precondition struct{ IfMatch, IfNoneMatch *Versions }

// Check returns ErrStale where the condition does not hold of a stored version, 0 for none.
func (p Precondition) Check(version int) error { return p.check(version, false) }

// check returns ErrStale where the condition does not hold, ErrPrecondition where one was required. The version is 0
// where there is no entry yet.
func (p Precondition) check(version int, required bool) error {
	switch {
	case p.IfMatch != nil && (version == 0 || !p.IfMatch.has(version)):
		return catalogue.ErrStale
	case p.IfNoneMatch != nil && version != 0 && p.IfNoneMatch.has(version):
		return catalogue.ErrStale
	case required && version != 0 && p.IfMatch == nil:
		return catalogue.ErrPrecondition
	}
	return nil
}

// Write says how a document is written.
type Write struct {
	Actor   Actor
	If      Precondition
	Publish bool   // make it public too, as the publisher's policy allows
	Note    string // of the revision; needed where it means something else than the one before
	Reason  string // of Delete: what readers are told

	NoteIsParameter bool // the note is a parameter of the request, not a member of its body: where a finding about it points

	TranslationsChecked bool // the writer read all translations: none is outdated, also where only the Italian text changed
}

// level is for what the document is checked.
func (w Write) level() catalogue.Level {
	if w.Publish {
		return catalogue.LevelPublish
	}
	return catalogue.LevelDraft
}

// State is an entry as its publisher sees it.
type State struct {
	ID           catalogue.EntryID
	Ref          catalogue.Ref
	Slug         string
	Publication  catalogue.Publication
	Draft        catalogue.Draft
	DraftVersion int
	Revision     int // 0: never published
	ReviewBy     *time.Time
	ReviewedAt   *time.Time
	UpdatedAt    time.Time
	SubmittedAt  *time.Time // since when the draft waits for a review, or last did
	Reviewer     string     // who is to review it
	Returned     string     // why the draft went back to its author
	PublishAt    *time.Time // when the draft is to be public
	WithdrawAt   *time.Time // when the entry is to be withdrawn
	Document     json.RawMessage
	Findings     catalogue.Findings // warnings and advice; of Get also the references that are no longer there
	Score        *catalogue.Score   // of the document; nil where it was not read
}

// Result is what came of a write.
type Result struct {
	State     State
	Created   bool
	Changed   bool            // the draft, or what is public, is another than before
	Submitted bool            // waits for a review, since the policy asks for one
	Position  int64           // of the entry's last change in the feed, by whomever; 0 if it was never public
	Referrers []catalogue.Ref // of an entry that is no longer public: who still names it
}

// Get returns the entry as its publisher sees it. It returns ErrNotFound if there is none.
func (p *Publishing) Get(ctx context.Context, ref catalogue.Ref) (state State, err error) {
	err = p.store.ReadTx(ctx, func(ctx context.Context, tx *db.Client) error {
		e, err := tx.Entry.Query().Where(named(ref)).Only(ctx)
		if err != nil {
			return err
		}
		state = stateOf(e, ref.Publisher)
		doc, err := catalogue.Stored(ref.Kind, e.Document)
		if err != nil {
			return err
		}
		catalogue.Check(doc, catalogue.LevelDraft, &state.Findings)
		if _, err = resolve(ctx, tx, ref, e.ID, doc, catalogue.LevelDraft, &state.Findings); err != nil {
			return err
		}
		if err := findCopies(ctx, tx, e.ID, doc, catalogue.Sketches(doc), &state.Findings); err != nil {
			return err
		}
		outdated, err := catalogue.ParseOutdated(e.Outdated)
		outdated.Advise(doc, &state.Findings)
		state.Findings.Sort()
		state.Score = new(catalogue.ScoreOf(doc))
		return err
	})
	return state, store.Wrap(err, "reading %s %q", ref.Kind, ref)
}

// Listing selects entries of a publisher.
type Listing struct {
	Publication catalogue.Publication // "" for all
	Draft       catalogue.Draft       // "" for all
	After       string                // the key of the last entry of the page before
	Limit       int
}

// List returns a page of a publisher's own entries of a kind, by key, without their documents, and how many there are.
// It returns ErrNotFound if there is no such publisher.
func (p *Publishing) List(ctx context.Context, publisherKey string, kind catalogue.Kind, l Listing) (page []State, total int, err error) {
	err = p.store.ReadTx(ctx, func(ctx context.Context, tx *db.Client) error {
		owner, err := tx.Publisher.Query().Where(publisher.Key(publisherKey)).OnlyID(ctx)
		if err != nil {
			return err
		}
		selected := []predicate.Entry{entry.PublisherID(owner), entry.KindEQ(kind)}
		if l.Publication != "" {
			selected = append(selected, entry.PublicationEQ(l.Publication))
		}
		if l.Draft != "" {
			selected = append(selected, entry.DraftEQ(l.Draft))
		}
		if total, err = tx.Entry.Query().Where(selected...).Count(ctx); err != nil {
			return err
		}
		rows, err := tx.Entry.Query().Where(selected...).Where(entry.KeyGT(l.After)).
			Order(entry.ByKey()).Limit(l.Limit).All(ctx)
		for _, e := range rows {
			page = append(page, stateOf(e, publisherKey))
		}
		return err
	})
	return page, total, store.Wrap(err, "listing the %s of %q", kind.Plural(), publisherKey)
}

// Listen calls wake whenever the feed may have grown, at once if this process made it grow, until ctx is done.
func (p *Publishing) Listen(ctx context.Context, wake func()) {
	p.mu.Lock()
	p.listeners[&wake] = struct{}{}
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		delete(p.listeners, &wake)
		p.mu.Unlock()
	}()
	p.store.Listen(ctx, wake)
}

func (p *Publishing) wake() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for listener := range p.listeners {
		(*listener)()
	}
}

// inTx runs one write and wakes the listeners if it made the feed grow; only then has the result of write a position.
// Writers that make the same key or slug at the same time meet at a unique index; all but the first try again and find
// what it made.
func (p *Publishing) inTx(ctx context.Context, write func(ctx context.Context, tx *db.Client) (Result, error)) (Result, error) {
	const attempts = 50 // each time, one of those who met gets through
	for attempt := 1; ; attempt++ {
		var result Result
		grew := false
		err := p.store.InTx(ctx, func(ctx context.Context, tx *db.Client) (err error) {
			ctx, trail := withTrail(ctx)
			if result, err = write(ctx, tx); err != nil {
				return err
			}
			if grew = result.Position > 0; !grew && result.State.Revision > 0 {
				if result.Position, err = lastChange(ctx, tx, result.State.ID); err != nil {
					return err
				}
			}
			return audit.Append(ctx, tx, trail.rows...)
		})
		if attempt < attempts && store.IsUnique(err) {
			continue
		}
		if err != nil {
			return Result{}, err
		}
		if grew {
			result.Changed = true
			p.wake()
		}
		return result, nil
	}
}

// named is the entry that a reference names. It looks for the publisher first: with HasPublisherWith databases would go
// through all entries of the kind, to see whose each is.
func named(ref catalogue.Ref) predicate.Entry {
	return entry.And(entry.KindEQ(ref.Kind), entry.Key(ref.Key), func(s *entsql.Selector) {
		publishers := entsql.Table(publisher.Table)
		s.Where(entsql.In(s.C(entry.FieldPublisherID),
			entsql.Select(publishers.C(publisher.FieldID)).From(publishers).Where(entsql.EQ(publishers.C(publisher.FieldKey), ref.Publisher))))
	})
}

func stateOf(e *db.Entry, publisherKey string) State {
	return State{
		ID:           e.ID,
		Ref:          catalogue.Ref{Kind: e.Kind, Publisher: publisherKey, Key: e.Key},
		Slug:         e.Slug,
		Publication:  e.Publication,
		Draft:        e.Draft,
		DraftVersion: e.DraftVersion,
		Revision:     e.PublishedRevision,
		ReviewBy:     e.ReviewBy,
		ReviewedAt:   e.ReviewedAt,
		UpdatedAt:    e.UpdatedAt,
		SubmittedAt:  e.SubmittedAt,
		Reviewer:     e.Reviewer,
		Returned:     e.Returned,
		PublishAt:    e.PublishAt,
		WithdrawAt:   e.WithdrawAt,
		Document:     json.RawMessage(e.Document),
	}
}

// found turns a missing row into nil.
func found[T any](row *T, err error) (*T, error) {
	if db.IsNotFound(err) {
		return nil, nil //nolint:nilnil // that is what it is for
	}
	return row, err
}

// lacksReferences reports whether nothing but its references keeps a document from being stored, so that it is worth
// another try when others are.
func lacksReferences(err error) bool {
	var invalid *catalogue.InvalidError
	return errors.As(err, &invalid) && invalid.Findings.OnlyReferences()
}
