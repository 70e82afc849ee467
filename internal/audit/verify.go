package audit

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"

	entsql "entgo.io/ent/dialect/sql"

	"github.com/comuneprato/service-catalogue/ent/db"
	entaudit "github.com/comuneprato/service-catalogue/ent/db/audit"
	"github.com/comuneprato/service-catalogue/ent/db/counter"
	"github.com/comuneprato/service-catalogue/internal/store"
)

// Anchor is the end of the chain at some moment. Kept where whoever could change the database cannot reach it, it shows
// later that nothing before it was removed or written anew.
type Anchor struct {
	Number int64
	Hash   string
}

// String is how people keep an anchor.
func (a Anchor) String() string { return fmt.Sprintf("%d:%s", a.Number, a.Hash) }

// ParseAnchor reads what String wrote.
func ParseAnchor(s string) (Anchor, error) {
	number, hash, found := strings.Cut(s, ":")
	n, err := strconv.ParseInt(number, 10, 64)
	if !found || err != nil || n < 1 || len(hash) != 64 {
		return Anchor{}, fmt.Errorf("%q is no anchor: give what `catalogue audit verify` printed, a number, a colon and 64 hexadecimal digits", s)
	}
	return Anchor{n, hash}, nil
}

// Report is what Verify found.
type Report struct {
	Verified  int64 // rows whose place in the chain was checked
	Unchained int64 // rows from before there was a chain
	End       Anchor
	Faults    []Fault // at most maxFaults
}

// Fault is a place where the audit is not as it was written.
type Fault struct {
	Number int64
	What   string
}

const (
	maxFaults  = 100
	verifyPage = 1000 // rows that are read at once
)

// Verify reads the whole audit and finds where rows were changed, removed, inserted or exchanged. What was cut off at the
// end together with the counter shows only against an anchor from before, nil for none.
func (l *Log) Verify(ctx context.Context, anchor *Anchor) (Report, error) {
	var v verifier
	err := l.store.ReadTx(ctx, func(ctx context.Context, tx *db.Client) error {
		erased, err := lastErased(ctx, tx)
		if err != nil {
			return err
		}
		v = verifier{erased: erased, anchor: anchor}
		for last := int64(math.MinInt64); ; {
			rows, err := tx.Audit.Query().Where(entaudit.IDGT(last)).Order(entaudit.ByID()).Limit(verifyPage).All(ctx)
			if err != nil {
				return err
			}
			for _, r := range rows {
				v.row(rowOf(r))
			}
			if len(rows) < verifyPage {
				break
			}
			last = rows[verifyPage-1].ID
		}
		counted, err := tx.Counter.Query().Where(counter.ID("audit")).Only(ctx)
		if err != nil {
			return err
		}
		v.end(counted.N)
		return nil
	})
	return v.report, store.Wrap(err, "verifying the audit")
}

// lastErased is the number of the last row whose address may be erased.
func lastErased(ctx context.Context, tx *db.Client) (int64, error) {
	last, err := tx.Audit.Query().Where(entaudit.Action(actionErase)).Order(entaudit.ByID(entsql.OrderDesc())).First(ctx)
	if db.IsNotFound(err) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	number, err := strconv.ParseInt(last.Detail, 10, 64)
	if err != nil {
		return 0, nil //nolint:nilerr // somebody changed the row, which the chain shows
	}
	return number, nil
}

type verifier struct {
	report Report
	anchor *Anchor
	met    bool  // its row is there
	erased int64 // rows after that still have their addresses
}

func (v *verifier) fault(number int64, format string, args ...any) {
	if len(v.report.Faults) < maxFaults {
		v.report.Faults = append(v.report.Faults, Fault{number, fmt.Sprintf(format, args...)})
	}
}

// row checks the next row against the one before it, as that is stored: a changed row is named, and not all behind it.
func (v *verifier) row(r Row) {
	if r.Number < 1 {
		v.fault(r.Number, "inserted: the first row is 1")
		return
	}
	before := v.report.End
	v.report.End = Anchor{r.Number, r.Hash}
	if v.anchor != nil && r.Number == v.anchor.Number {
		if v.met = true; r.Hash != v.anchor.Hash {
			v.fault(r.Number, "not the row of the anchor: it or what is before it was written anew")
		}
	}
	if v.report.Verified == 0 && r.unchained() {
		v.report.Unchained++
		return
	}
	v.report.Verified++
	switch {
	case r.Number != before.Number+1:
		v.fault(before.Number+1, "missing: the next row is %d", r.Number)
	case r.Hash != r.hashAfter(before.Hash):
		v.fault(r.Number, "changed, or the hash of the row before was")
	case (r.Address != "" || r.salt != "") && digestOf(r.salt, r.Address) != r.digest:
		v.fault(r.Number, "its address was changed")
	case r.Address == "" && r.digest != "" && r.Number > v.erased:
		v.fault(r.Number, "its address was erased before its time")
	}
}

// unchained reports whether a row may be from before there was a chain: what came with it is not there.
func (r *Row) unchained() bool { return r.Hash+r.digest+r.Before+r.After == "" }

// end checks what only the end of the chain tells.
func (v *verifier) end(counted int64) {
	last := v.report.End.Number
	if counted != last {
		v.fault(last+1, "the last row is %d, but %d were counted", last, counted)
	}
	if v.anchor != nil && !v.met {
		v.fault(v.anchor.Number, "missing: the anchor names it")
	}
}
