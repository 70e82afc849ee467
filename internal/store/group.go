package store

import (
	"context"
	"database/sql"
	"errors"
	"sync"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
)

// groupSize is how many writes are committed together at most.
const groupSize = 64

// group lets the writers of an SQLite file take turns, and commits what those wrote who came at the same time together:
// the disk is waited for once for all of them. Each of them sees what those before it wrote, what it wrote itself is undone
// where it fails, and none hears of success before all of it is on the disk.
type group struct {
	db      *sql.DB              // with one connection
	sizes   prometheus.Histogram // how many writes were committed at once
	waiting atomic.Int64

	turn    sync.Mutex
	tx      *sql.Tx      // of whose turn it is; nil: none has begun
	members []chan error // those whose writes are in tx
}

// run calls fn with the transaction of the group when it is its turn, and returns when what it did is committed. Where ctx
// ends meanwhile, fn still runs to its end and is then undone: interrupting a statement would undo what others wrote, too.
func (g *group) run(ctx context.Context, fn func(ctx context.Context, tx *sql.Tx) error) error {
	g.waiting.Add(1)
	g.turn.Lock()
	g.waiting.Add(-1)
	committed, err := g.takeTurn(ctx, fn)
	if err != nil {
		return err
	}
	return <-committed
}

// takeTurn calls fn, and ends the turn also where it panics. What it did is committed when committed says so.
func (g *group) takeTurn(ctx context.Context, fn func(ctx context.Context, tx *sql.Tx) error) (committed chan error, err error) {
	defer g.turn.Unlock()
	defer g.commit()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	going := context.WithoutCancel(ctx)
	undo, err := g.begin(going)
	if err != nil {
		return nil, err
	}
	err = errPanic
	defer func() {
		if err != nil {
			undo(err)
		}
	}()
	if err = fn(going, g.tx); err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return nil, err
	}
	committed = make(chan error, 1)
	g.members = append(g.members, committed)
	return committed, nil
}

// errPanic is what members hear whose transaction was lost with one that panicked.
var errPanic = errors.New("another write panicked")

// begin begins the transaction, or within it a part that can be undone.
func (g *group) begin(ctx context.Context) (undo func(cause error), err error) {
	if g.tx == nil {
		tx, err := g.db.BeginTx(ctx, nil)
		if err != nil {
			return nil, err
		}
		g.tx = tx
		return func(error) { g.rollback(nil) }, nil
	}
	// It may have the name of the one before: the last of a name counts.
	if _, err := g.tx.ExecContext(ctx, "SAVEPOINT member"); err != nil {
		return nil, err
	}
	return func(cause error) {
		if _, err := g.tx.ExecContext(ctx, "ROLLBACK TO member"); err != nil {
			g.rollback(cause) // which has undone all already, as a full disk does
		}
	}, nil
}

// commit ends the transaction, unless somebody waits whose write may go with it.
func (g *group) commit() {
	if g.tx != nil && (g.waiting.Load() == 0 || len(g.members) >= groupSize) {
		g.sizes.Observe(float64(len(g.members)))
		g.end(g.tx.Commit())
	}
}

// rollback undoes the whole transaction for a reason.
func (g *group) rollback(cause error) {
	g.tx.Rollback() //nolint:errcheck // where it fails there is nothing left to undo
	g.end(cause)
}

// end tells the members what became of the transaction.
func (g *group) end(err error) {
	for _, committed := range g.members {
		committed <- err
	}
	g.tx, g.members = nil, nil
}
