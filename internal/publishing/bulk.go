package publishing

import (
	"context"
	"errors"
	"fmt"

	"github.com/comuneprato/service-catalogue/ent/db"
	"github.com/comuneprato/service-catalogue/ent/db/entry"
	"github.com/comuneprato/service-catalogue/ent/db/publisher"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/store"
)

// BulkMove asks for the same transition of many entries of a publisher, now.
type BulkMove struct {
	Publisher string
	Move      Move
	Items     []BulkEntry // each entry once
	Atomic    bool        // all or nothing
	Actor     Actor
}

// BulkEntry is one of the entries, with what must hold of its draft.
type BulkEntry struct {
	Kind catalogue.Kind
	Key  string
	If   Precondition
}

// BulkMoved is what became of one entry.
type BulkMoved struct {
	BulkEntry
	Result  Result
	Changed bool  // false: it was as wanted already, or Err says why not
	Err     error // of Transition
}

// ErrRefused is the error of a RefusedError.
var ErrRefused = errors.New("refused for some of the entries")

// RefusedError lists the entries for which nothing was done to any. It is an ErrRefused.
type RefusedError struct{ Failed []BulkMoved }

func (e *RefusedError) Error() string {
	return fmt.Sprintf("%v: %d, first %v", ErrRefused, len(e.Failed), e.Failed[0].Err)
}

// Is makes errors.Is(err, ErrRefused) hold.
func (e *RefusedError) Is(target error) bool { return target == ErrRefused }

// Bulk does a transition to many entries, each in a transaction of its own or all in one, and tells what became of each, in
// their order. Entries may name each other in any order, but not in a circle. It returns ErrNotFound for an unknown
// publisher, an InvalidError where the request lacks something, and for an atomic one a RefusedError that lists all those
// that cannot be done.
func (p *Publishing) Bulk(ctx context.Context, b BulkMove) ([]BulkMoved, int64, error) {
	outcomes, position, err := p.bulk(ctx, b)
	return outcomes, position, store.Wrap(err, "%s of %d entries of %q", b.Move.Transition, len(b.Items), b.Publisher)
}

func (p *Publishing) bulk(ctx context.Context, b BulkMove) ([]BulkMoved, int64, error) {
	if b.Move.Transition == catalogue.Withdraw {
		var findings catalogue.Findings
		if b.Move.checkReason(&findings); findings.HasErrors() {
			return nil, 0, findings.Err()
		}
	}
	owner, err := p.store.Reader().Publisher.Query().Where(publisher.Key(b.Publisher)).OnlyID(ctx)
	if err != nil {
		return nil, 0, err
	}
	if b.Atomic {
		return p.bulkTogether(ctx, b, owner)
	}
	return p.bulkApart(ctx, b)
}

// bulkApart does each in a transaction of its own.
func (p *Publishing) bulkApart(ctx context.Context, b BulkMove) (outcomes []BulkMoved, position int64, err error) {
	outcomes, err = b.inTurn(func(item BulkEntry) (BulkMoved, error) {
		o := BulkMoved{BulkEntry: item}
		var refusal error
		o.Result, refusal = p.inTx(ctx, func(ctx context.Context, tx *db.Client) (result Result, err error) {
			result, o.Changed, err = p.bulkOne(ctx, tx, b, item)
			return result, err
		})
		o.Err = b.wrap(item, refusal)
		position = max(position, o.Result.Position)
		return o, nil
	})
	return outcomes, position, err
}

// bulkTogether does all in one transaction, or nothing.
func (p *Publishing) bulkTogether(ctx context.Context, b BulkMove, owner int) (outcomes []BulkMoved, position int64, err error) {
	result, err := p.inTx(ctx, func(ctx context.Context, tx *db.Client) (Result, error) {
		if err := p.lockAll(ctx, tx, b, owner); err != nil {
			return Result{}, err
		}
		trail := trailOf(ctx)
		trail.holds = true
		outcomes, err = b.inTurn(func(item BulkEntry) (BulkMoved, error) {
			o := BulkMoved{BulkEntry: item}
			var err error
			o.Result, o.Changed, err = p.bulkOne(ctx, tx, b, item)
			if o.Err = b.wrap(item, err); o.Err != nil && !isRefusal(o.Err) {
				return o, err // of the database, which may hear no more of this transaction
			}
			return o, nil
		})
		if err != nil {
			return Result{}, err
		}
		if err := refusedOf(outcomes); err != nil {
			return Result{}, err
		}
		position, err := writeHeld(trail)
		return Result{Position: position}, err
	})
	return outcomes, result.Position, err
}

// refusedOf is a RefusedError if one was refused.
func refusedOf(outcomes []BulkMoved) error {
	var failed []BulkMoved
	for _, o := range outcomes {
		if o.Err != nil {
			failed = append(failed, o)
		}
	}
	if failed == nil {
		return nil
	}
	return &RefusedError{failed}
}

// bulkOne does one, within a transaction.
func (p *Publishing) bulkOne(ctx context.Context, tx *db.Client, b BulkMove, item BulkEntry) (result Result, changed bool, err error) {
	audited := len(trailOf(ctx).rows)
	ref := catalogue.Ref{Kind: item.Kind, Publisher: b.Publisher, Key: item.Key}
	result, err = p.move(ctx, tx, ref, b.Move, Write{Actor: b.Actor, If: item.If})
	return result, len(trailOf(ctx).rows) > audited, err
}

func (b BulkMove) wrap(item BulkEntry, err error) error {
	return store.Wrap(err, "%s of %s %q", b.Move.Transition, item.Kind, item.Key)
}

// inTurn calls do for one entry after the other, and again for those that only lack references, as long as that gets any
// of them further.
func (b BulkMove) inTurn(do func(BulkEntry) (BulkMoved, error)) ([]BulkMoved, error) {
	outcomes := make([]BulkMoved, len(b.Items))
	waiting := make([]int, len(b.Items))
	for i := range waiting {
		waiting[i] = i
	}
	for more := true; more; {
		var blocked []int
		for _, i := range waiting {
			var err error
			if outcomes[i], err = do(b.Items[i]); err != nil {
				return nil, err
			}
			if lacksReferences(outcomes[i].Err) {
				blocked = append(blocked, i)
			}
		}
		more = len(blocked) < len(waiting)
		waiting = blocked
	}
	return outcomes, nil
}

// lockAll locks the entries in one order for all writers of several, so that none waits for the other in a circle.
func (p *Publishing) lockAll(ctx context.Context, tx *db.Client, b BulkMove, owner int) error {
	keys := map[catalogue.Kind][]string{}
	for _, item := range b.Items {
		keys[item.Kind] = append(keys[item.Kind], item.Key)
	}
	for _, kind := range catalogue.Kinds {
		if len(keys[kind]) == 0 {
			continue
		}
		these := tx.Entry.Query().Where(entry.PublisherID(owner), entry.KindEQ(kind), entry.KeyIn(keys[kind]...))
		if _, err := p.store.Lock(these.Order(entry.ByID())).IDs(ctx); err != nil {
			return err
		}
	}
	return nil
}

// isRefusal reports whether a move was refused for what it asks, not because the database could not do it.
func isRefusal(err error) bool {
	for _, refusal := range []error{catalogue.ErrNotFound, catalogue.ErrInvalid, catalogue.ErrState, catalogue.ErrStale, catalogue.ErrPrecondition} {
		if errors.Is(err, refusal) {
			return true
		}
	}
	return false
}
