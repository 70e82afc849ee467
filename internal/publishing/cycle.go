package publishing

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	jsonpatch "github.com/evanphx/json-patch/v5"

	"github.com/comuneprato/service-catalogue/ent/db"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/importing"
	"github.com/comuneprato/service-catalogue/internal/store"
)

// stuckRow is a row that waits for others which wait too.
type stuckRow struct {
	*waitingRow
	needs  []catalogue.Reference // what it lacks, in the order of the document
	public bool                  // would be, without that
}

// breakCycles stores the rows that wait for each other without the references that keep them waiting. It reports whether
// there were any. A row with which that would be in vain, since it or one that it needs is wrong in another way too, is
// left as it is.
func (i *importRun) breakCycles(ctx context.Context) (broke bool, err error) {
	stuck := i.stuck()
	prune(stuck, func(*stuckRow, *stuckRow) bool { return true })
	for ref, s := range stuck {
		if s.public, err = i.tryWithout(ctx, s); err != nil {
			if !isRowsFault(err) {
				return false, err
			}
			delete(stuck, ref)
		}
	}
	prune(stuck, func(from, to *stuckRow) bool {
		return to.public || !from.Publish && from.Publisher == to.Publisher
	})
	for _, w := range i.waiting { // in the order of the input
		s := stuck[w.last.Ref]
		if s == nil || s.waitingRow != w {
			continue
		}
		row, err := s.without()
		if err != nil {
			return broke, err
		}
		r, err := i.p.importRow(ctx, row, i.options)
		if err != nil {
			return broke, err
		}
		if r.Err == nil {
			broke, w.stripped, w.created = true, true, r.Outcome == RowCreated
		}
	}
	return broke, nil
}

// stuck lists the rows that wait, with what they lack. One that was stored in two steps already is not tried again.
func (i *importRun) stuck() map[catalogue.Ref]*stuckRow {
	stuck := map[catalogue.Ref]*stuckRow{}
	for _, w := range i.waiting {
		if w.stripped {
			continue
		}
		doc, _, err := catalogue.Decode(w.Kind, w.Document)
		var invalid *catalogue.InvalidError
		if err != nil || !errors.As(w.last.Err, &invalid) {
			continue
		}
		lacking := map[catalogue.Pointer]bool{}
		for _, f := range invalid.Findings {
			lacking[f.Pointer] = true
		}
		s := &stuckRow{waitingRow: w}
		for _, r := range catalogue.References(doc) {
			if lacking[r.Pointer] {
				s.needs = append(s.needs, r)
			}
		}
		stuck[w.last.Ref] = s
	}
	return stuck
}

// prune takes away the rows that need what is not among them, or not of use to them, and those that none needs: they can
// come after all others.
func prune(stuck map[catalogue.Ref]*stuckRow, useful func(from, to *stuckRow) bool) {
	neededBy := map[catalogue.Ref][]catalogue.Ref{}
	needed := map[catalogue.Ref]int{} // by how many references of those that are left
	var out []catalogue.Ref
	for ref, s := range stuck {
		for _, r := range s.needs {
			neededBy[r.To] = append(neededBy[r.To], ref)
			needed[r.To]++
			if stuck[r.To] == nil || !useful(s, stuck[r.To]) {
				out = append(out, ref)
			}
		}
	}
	for ref := range stuck {
		if needed[ref] == 0 {
			out = append(out, ref)
		}
	}
	for len(out) > 0 {
		ref := out[len(out)-1]
		out = out[:len(out)-1]
		s := stuck[ref]
		if s == nil {
			continue
		}
		delete(stuck, ref)
		for _, r := range s.needs {
			if needed[r.To]--; needed[r.To] == 0 {
				out = append(out, r.To)
			}
		}
		out = append(out, neededBy[ref]...)
	}
}

// without is the row without what it lacks.
func (s *stuckRow) without() (row importing.Row, err error) {
	lacking := make([]catalogue.Pointer, len(s.needs))
	for i, r := range s.needs {
		lacking[i] = r.Pointer
	}
	row = s.Row
	row.Document, err = without(row.Document, lacking)
	return row, err
}

// without is a document without some of its places, which are given in their order.
func without(document []byte, places []catalogue.Pointer) ([]byte, error) {
	type operation struct {
		Op   string            `json:"op"`
		Path catalogue.Pointer `json:"path"`
	}
	var operations []operation
	for _, at := range slices.Backward(places) { // so that the places in a list stay what they are
		operations = append(operations, operation{"remove", at})
	}
	text, err := json.Marshal(operations)
	if err != nil {
		return nil, err
	}
	patch, err := jsonpatch.DecodePatch(text)
	if err != nil {
		return nil, err
	}
	return patch.Apply(document)
}

// errTried ends a transaction that was only to show whether it would succeed.
var errTried = errors.New("tried")

// tryWithout reports whether a row would be public without what it lacks, and stores nothing. The error is one of Put.
func (i *importRun) tryWithout(ctx context.Context, s *stuckRow) (public bool, err error) {
	row, err := s.without()
	if err != nil {
		return false, err
	}
	doc, findings, err := catalogue.Decode(row.Kind, row.Document)
	if err != nil {
		return false, err
	}
	_, err = i.p.inTx(ctx, func(ctx context.Context, tx *db.Client) (Result, error) {
		result, err := i.p.put(ctx, tx, s.last.Ref, doc, findings.Clone(), Write{Actor: i.options.Actor, Publish: row.Publish})
		if err != nil {
			return Result{}, err
		}
		public = result.State.Publication == catalogue.Published
		return Result{}, errTried
	})
	if errors.Is(err, errTried) {
		return public, nil
	}
	return false, store.Wrap(err, "line %d", s.last.Line)
}
