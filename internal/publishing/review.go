package publishing

import (
	"context"
	"strings"
	"unicode/utf8"

	entsql "entgo.io/ent/dialect/sql"

	"github.com/comuneprato/service-catalogue/ent/db"
	"github.com/comuneprato/service-catalogue/ent/db/entry"
	"github.com/comuneprato/service-catalogue/ent/db/key"
	"github.com/comuneprato/service-catalogue/ent/db/predicate"
	"github.com/comuneprato/service-catalogue/ent/db/publisher"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/store"
)

// edited makes a draft one that is being edited: what was agreed or planned of another text no longer counts.
func edited(u *db.EntryUpdateOne) *db.EntryUpdateOne {
	return u.SetDraft(catalogue.Editing).ClearPublishAt().SetPublishNote("")
}

// settled makes a draft one that readers have.
func settled(u *db.EntryUpdateOne) *db.EntryUpdateOne {
	return edited(u).SetDraft(catalogue.Clean).SetReturned("").SetReviewer("")
}

// submit hands a draft that is good for the public over to a reviewer; what it refers to may still become public before it
// does.
func (m mover) submit(ctx context.Context) (Result, error) {
	if m.e.Draft != catalogue.Editing || m.e.Publication == catalogue.Archived {
		return Result{}, m.wrongState(catalogue.Submit)
	}
	_, findings, err := m.checked(ctx, catalogue.LevelDraft)
	if err != nil {
		return Result{}, err
	}
	e, err := m.Publishing.submit(ctx, m.tx, m.e, m.owner, m.actor)
	if err != nil {
		return Result{}, err
	}
	result := Result{State: stateOf(e, m.owner.Key), Submitted: true}
	result.State.Findings = findings
	return result, nil
}

func (p *Publishing) submit(ctx context.Context, tx *db.Client, e *db.Entry, owner *db.Publisher, who Actor) (*db.Entry, error) {
	now := p.clock()
	e, err := tx.Entry.UpdateOne(e).SetDraft(catalogue.InReview).SetSubmittedAt(now).SetReturned("").SetUpdatedAt(now).Save(ctx)
	if err != nil {
		return nil, err
	}
	p.audit(ctx, who, "submit", e, owner.Key, "")
	return e, nil
}

// approve agrees to the text of a draft, at the version that the reviewer read: one that somebody changed meanwhile is
// not at it. The author does not agree to a text of his own.
func (m mover) approve(ctx context.Context, read *Versions) (Result, error) {
	switch {
	case read == nil || read.Any: // any version is none that was read
		return Result{}, catalogue.ErrUnread
	case m.e.Draft != catalogue.InReview:
		return Result{}, m.wrongState(catalogue.Approve)
	}
	author, err := newestKey(ctx, m.tx, m.e.Author)
	if err != nil {
		return Result{}, err
	}
	reviewer, err := newestKey(ctx, m.tx, authorOf(m.actor))
	if err != nil {
		return Result{}, err
	}
	if author == reviewer {
		return Result{}, catalogue.ErrOwnDraft
	}
	return m.save(ctx, catalogue.Approve, "", m.tx.Entry.UpdateOne(m.e).SetDraft(catalogue.Approved))
}

// newestKey follows the rotations of an author's key to the newest one, so that whoever holds both counts as one. An author
// whose key was never rotated is returned as it is.
func newestKey(ctx context.Context, tx *db.Client, author string) (string, error) {
	for {
		k, err := found(tx.Key.Query().Where(key.Prefix(author)).Only(ctx))
		if err != nil || k == nil || k.ReplacedBy == "" {
			return author, err
		}
		author = k.ReplacedBy
	}
}

func (m mover) reject(ctx context.Context, note string) (Result, error) {
	if m.e.Draft != catalogue.InReview {
		return Result{}, m.wrongState(catalogue.Reject)
	}
	if note = strings.TrimSpace(note); note == "" {
		var findings catalogue.Findings
		findings.AddRequired("/note")
		return Result{}, findings.Err()
	}
	return m.save(ctx, catalogue.Reject, note, edited(m.tx.Entry.UpdateOne(m.e)).SetReturned(note))
}

// save stores the update that a transition consists of, where it changes nothing in public, and audits it.
func (m mover) save(ctx context.Context, transition catalogue.Transition, detail string, u *db.EntryUpdateOne) (Result, error) {
	e, err := u.SetUpdatedAt(m.clock()).Save(ctx)
	if err != nil {
		return Result{}, err
	}
	m.audit(ctx, m.actor, string(transition), e, m.owner.Key, detail)
	return Result{State: stateOf(e, m.owner.Key), Changed: true}, nil
}

const maxReviewer = 200 // characters

// Assign says who is to review an entry's drafts, by name; "" is nobody in particular. It returns ErrNotFound, or an
// InvalidError for a name that is too long.
func (p *Publishing) Assign(ctx context.Context, ref catalogue.Ref, reviewer string, who Actor) (Result, error) {
	reviewer = strings.TrimSpace(reviewer)
	if utf8.RuneCountInString(reviewer) > maxReviewer {
		var findings catalogue.Findings
		findings.AddTooLong("/reviewer", maxReviewer)
		return Result{}, findings.Err()
	}
	result, err := p.inTx(ctx, func(ctx context.Context, tx *db.Client) (Result, error) {
		e, err := p.lock(ctx, tx, ref)
		if err != nil {
			return Result{}, err
		}
		if e.Reviewer == reviewer {
			return Result{State: stateOf(e, ref.Publisher)}, nil
		}
		if e, err = tx.Entry.UpdateOne(e).SetReviewer(reviewer).Save(ctx); err != nil {
			return Result{}, err
		}
		p.audit(ctx, who, "assign", e, ref.Publisher, reviewer)
		return Result{State: stateOf(e, ref.Publisher)}, nil
	})
	return result, store.Wrap(err, "assigning %s %q", ref.Kind, ref)
}

// ReviewQueue selects drafts that somebody has to look at.
type ReviewQueue struct {
	Publisher string // its key, "" for all
	Reviewer  string // "" for all
	Returned  bool   // those that went back to their authors, instead of those that wait for a review
	After     Waiting
	Limit     int
}

// Reviews returns a page of the drafts of a queue, the one that has waited longest first, and how many there are.
func (p *Publishing) Reviews(ctx context.Context, q ReviewQueue) (page []State, total int, err error) {
	selected := []predicate.Entry{entry.DraftEQ(catalogue.InReview)}
	if q.Returned {
		selected = []predicate.Entry{entry.DraftEQ(catalogue.Editing), entry.ReturnedNEQ("")}
	}
	if q.Publisher != "" {
		selected = append(selected, entry.HasPublisherWith(publisher.Key(q.Publisher)))
	}
	if q.Reviewer != "" {
		selected = append(selected, entry.Reviewer(q.Reviewer))
	}
	err = p.store.ReadTx(ctx, func(ctx context.Context, tx *db.Client) error {
		if total, err = tx.Entry.Query().Where(selected...).Count(ctx); err != nil {
			return err
		}
		query := tx.Entry.Query().Where(selected...)
		if !q.After.Since.IsZero() {
			query.Where(entry.Or(entry.SubmittedAtGT(q.After.Since), entry.And(entry.SubmittedAt(q.After.Since), entry.IDGT(q.After.ID))))
		}
		rows, err := query.WithPublisher().Order(entry.BySubmittedAt(), entry.ByID(entsql.OrderAsc())).Limit(q.Limit).All(ctx)
		for _, e := range rows {
			page = append(page, stateOf(e, e.Edges.Publisher.Key))
		}
		return err
	})
	return page, total, store.Wrap(err, "reading what waits for a review")
}
