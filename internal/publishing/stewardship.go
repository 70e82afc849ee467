package publishing

import (
	"context"
	"slices"
	"time"

	"github.com/comuneprato/service-catalogue/ent/db"
	"github.com/comuneprato/service-catalogue/ent/db/concern"
	"github.com/comuneprato/service-catalogue/ent/db/publisher"
	"github.com/comuneprato/service-catalogue/internal/audit"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/store"
)

// Stewardship is how a publisher keeps its entries true. It returns ErrNotFound if there is no such publisher.
func (p *Publishing) Stewardship(ctx context.Context, publisherKey string) (catalogue.Stewardship, error) {
	row, err := p.store.Reader().Publisher.Query().Where(publisher.Key(publisherKey)).Only(ctx)
	if err != nil {
		return catalogue.Stewardship{}, store.Wrap(err, "reading the stewardship of %q", publisherKey)
	}
	return catalogue.ParseStewardship(row.Stewardship)
}

// PutStewardship changes how a publisher keeps its entries true, from the next publication or confirmation of each on. It
// returns an InvalidError, or ErrNotFound if there is no such publisher.
func (p *Publishing) PutStewardship(ctx context.Context, publisherKey string, s catalogue.Stewardship, who Actor) error {
	stored := s.String()
	err := p.store.InTx(ctx, func(ctx context.Context, tx *db.Client) error {
		row, err := p.store.LockPublisher(tx.Publisher.Query().Where(publisher.Key(publisherKey))).Only(ctx)
		if err != nil || row.Stewardship == stored {
			return err
		}
		if err := tx.Publisher.UpdateOne(row).SetStewardship(stored).Exec(ctx); err != nil {
			return err
		}
		change := audit.By(who, p.clock(), "stewardship", publisherKey, "")
		change.Before, change.After = row.Stewardship, stored
		return audit.Append(ctx, tx, change)
	})
	return store.Wrap(err, "storing the stewardship of %q", publisherKey)
}

// Custody says who looks after an entry. It returns ErrNotFound if there is none.
func (p *Publishing) Custody(ctx context.Context, ref catalogue.Ref) (catalogue.Custody, error) {
	e, err := p.store.Reader().Entry.Query().Where(named(ref)).Only(ctx)
	if err != nil {
		return catalogue.Custody{}, store.Wrap(err, "reading the custody of %s %q", ref.Kind, ref)
	}
	locks, err := catalogue.ParseLocks(e.Locks)
	return catalogue.Custody{Owner: e.Owner, Locks: locks}, err
}

// PutCustody changes who looks after an entry. Whoever writes may lock fields to its own name, and free them; the locks of
// others only one who may unlock. It returns ErrNotFound, ErrStale or ErrPrecondition, or an InvalidError.
func (p *Publishing) PutCustody(ctx context.Context, ref catalogue.Ref, want catalogue.Custody, w Write, mayUnlock bool) (Result, error) {
	result, err := p.inTx(ctx, func(ctx context.Context, tx *db.Client) (Result, error) {
		m, err := p.mover(ctx, tx, ref, w)
		if err != nil {
			return Result{}, err
		}
		had, err := catalogue.ParseLocks(m.e.Locks)
		if err != nil {
			return Result{}, err
		}
		if before, after := had.NotOf(w.Actor.Name), catalogue.Locks(want.Locks).NotOf(w.Actor.Name); !mayUnlock && before.String() != after.String() {
			var findings catalogue.Findings
			findings.AddLocked("/locks", slices.Concat(before, after)[0].Source)
			return Result{}, findings.Err()
		}
		stored := catalogue.Locks(want.Locks).String()
		if m.e.Owner == want.Owner && m.e.Locks == stored {
			return Result{State: stateOf(m.e, ref.Publisher)}, nil
		}
		e, err := tx.Entry.UpdateOne(m.e).SetOwner(want.Owner).SetLocks(stored).Save(ctx)
		if err != nil {
			return Result{}, err
		}
		if err := noteOwner(ctx, tx, m.e, e, p.clock()); err != nil {
			return Result{}, err
		}
		p.audit(ctx, w.Actor, "custody", e, ref.Publisher, custodyDetail(m.e, e))
		return Result{State: stateOf(e, ref.Publisher), Changed: true}, nil
	})
	return result, store.Wrap(err, "storing the custody of %s %q", ref.Kind, ref)
}

// custodyDetail says in the audit what of a custody changed.
func custodyDetail(before, after *db.Entry) string {
	detail := ""
	if before.Owner != after.Owner {
		detail = "owner: " + after.Owner
	}
	if before.Locks != after.Locks {
		if detail != "" {
			detail += "; "
		}
		detail += "locks: " + after.Locks
	}
	return detail
}

// noteOwner puts a public entry into the queue of those that nobody owns, or takes it out.
func noteOwner(ctx context.Context, tx *db.Client, before, after *db.Entry, at time.Time) error {
	if after.Publication != catalogue.Published || (before.Owner == "") == (after.Owner == "") {
		return nil
	}
	if after.Owner == "" {
		return createConcern(tx, after, catalogue.Concern{Queue: catalogue.QueueNoOwner, Since: at}).Exec(ctx)
	}
	_, err := tx.Concern.Delete().Where(concern.EntryID(after.ID), concern.QueueEQ(catalogue.QueueNoOwner)).Exec(ctx)
	return err
}

// Confirm notes that what is public of an entry was looked at and is still right: its next review is due a whole interval
// later, and readers see when it was looked at. It returns ErrNotFound, a StateError where the entry is not public,
// ErrStale or ErrPrecondition.
func (p *Publishing) Confirm(ctx context.Context, ref catalogue.Ref, w Write) (Result, error) {
	return p.Transition(ctx, ref, Move{Transition: catalogue.Confirm}, w)
}

func (m mover) confirm(ctx context.Context) (Result, error) {
	if m.e.Publication != catalogue.Published {
		return Result{}, m.wrongState(catalogue.Confirm)
	}
	stewardship, err := catalogue.ParseStewardship(m.owner.Stewardship)
	if err != nil {
		return Result{}, err
	}
	now := m.clock()
	e, err := m.tx.Entry.UpdateOne(m.e).SetReviewedAt(now).SetReviewBy(stewardship.ReviewBy(m.e.Kind, now)).Save(ctx)
	if err != nil {
		return Result{}, err
	}
	m.audit(ctx, m.actor, "confirm", e, m.owner.Key, "")
	position, err := m.appendChange(ctx, m.tx, e, m.owner.Key, catalogue.ChangeReviewed)
	return Result{State: stateOf(e, m.owner.Key), Position: position}, err
}

// guardLocks adds the locked fields that a document would change in the place of a draft, unless they are locked to the
// writer itself.
func guardLocks(old *db.Entry, doc catalogue.Document, writer Actor, findings *catalogue.Findings) error {
	if old == nil || old.Locks == "" {
		return nil
	}
	locks, err := catalogue.ParseLocks(old.Locks)
	if err != nil {
		return err
	}
	was, err := catalogue.Stored(old.Kind, old.Document)
	if err != nil {
		return nil //nolint:nilerr // a draft that cannot be read is about to be replaced by one that can
	}
	locks.Guard(was, doc, writer.Name, findings)
	return nil
}
