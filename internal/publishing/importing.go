package publishing

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/comuneprato/service-catalogue/ent/db"
	"github.com/comuneprato/service-catalogue/ent/db/entry"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/importing"
	"github.com/comuneprato/service-catalogue/internal/store"
)

// RowReport says what became of one row.
type RowReport struct {
	Line    int // in the input, from 1
	Ref     catalogue.Ref
	Outcome Outcome
	State   State // where the row was stored
	Err     error // where it was refused
}

// Outcome is what became of a row.
type Outcome string

// The outcomes.
const (
	RowCreated   Outcome = "created"
	RowUpdated   Outcome = "updated"
	RowUnchanged Outcome = "unchanged"
	RowRefused   Outcome = "refused"
)

// ImportOptions say how an import works.
type ImportOptions struct {
	Actor Actor
	Note  string // of the revisions of rows that have none of their own
	// Publisher is called once for a publisher that a row names and the database lacks, to make it; nil refuses the row.
	Publisher func(ctx context.Context, key string) error
}

// Import stores the rows of an NDJSON text one by one, each in a transaction of its own, and reports each that it read.
// A row that names an entry which comes later in the input is tried again at the end. Where rows name each other, so
// that none can be first, they are stored in two steps: without the references that lead to one another, and then whole,
// which makes two revisions of those that are public. A row that needs such a reference is refused. Import returns an
// error where the input cannot be read or the database fails; what was reported as stored before stays stored, what
// still waited is refused, and importing the same again does no harm.
func (p *Publishing) Import(ctx context.Context, input io.Reader, o ImportOptions, report func(RowReport)) error {
	rows, err := importing.Open(importing.NDJSON, input, importing.Options{})
	if err != nil {
		return err
	}
	i := importRun{p: p, options: o, report: report}
	if err = i.read(ctx, rows); err == nil {
		err = i.finish(ctx)
	}
	for _, w := range i.waiting {
		report(w.last)
	}
	return err
}

// importRun is an import that goes on.
type importRun struct {
	p       *Publishing
	options ImportOptions
	report  func(RowReport)
	waiting []*waitingRow
}

// waitingRow is a row that names what is not there yet, or not public.
type waitingRow struct {
	importing.Row
	last     RowReport // of the last attempt
	stripped bool      // stored without references to other such rows
	created  bool      // by that
}

// read stores the rows, or lets them wait.
func (i *importRun) read(ctx context.Context, rows importing.Reader) error {
	for {
		row, err := rows.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		var bad *importing.RowError
		if errors.As(err, &bad) {
			i.report(RowReport{Line: bad.Number, Outcome: RowRefused, Err: bad.Err})
			continue
		}
		if err != nil {
			return err
		}
		r, err := i.p.importRow(ctx, row, i.options)
		if err != nil {
			return err
		}
		if isReference(r.Err) {
			i.waiting = append(i.waiting, &waitingRow{Row: row, last: r})
		} else {
			i.report(r)
		}
	}
}

// finish tries the rows that wait as long as that helps any of them.
func (i *importRun) finish(ctx context.Context) error {
	for len(i.waiting) > 0 {
		before := len(i.waiting)
		if err := i.pass(ctx); err != nil {
			return err
		}
		if len(i.waiting) == before {
			if broke, err := i.breakCycles(ctx); err != nil || !broke {
				return err
			}
		}
	}
	return nil
}

// pass tries each row that waits once.
func (i *importRun) pass(ctx context.Context) error {
	var still []*waitingRow
	for n, w := range i.waiting {
		r, err := i.p.importRow(ctx, w.Row, i.options)
		if err != nil {
			i.waiting = append(still, i.waiting[n:]...)
			return err
		}
		if w.created && r.Outcome == RowUpdated {
			r.Outcome = RowCreated
		}
		if isReference(r.Err) {
			w.last = r
			still = append(still, w)
		} else {
			i.report(r)
		}
	}
	i.waiting = still
	return nil
}

// importRow stores one row whose names are good. The error is one that the next row would meet too; what is wrong with
// the row itself is in the report.
func (p *Publishing) importRow(ctx context.Context, row importing.Row, o ImportOptions) (RowReport, error) {
	ref := row.Ref()
	w := Write{Actor: o.Actor, Publish: row.Publish, Note: cmp.Or(row.Note, o.Note)}
	result, err := p.Put(ctx, ref, row.Document, w)
	if errors.Is(err, catalogue.ErrNotFound) && o.Publisher != nil {
		if err = o.Publisher(ctx, row.Publisher); err == nil {
			result, err = p.Put(ctx, ref, row.Document, w)
		}
	}
	report := RowReport{Line: row.Number, Ref: ref, State: result.State, Err: err}
	switch {
	case isRowsFault(err):
		report.Outcome = RowRefused
	case err != nil:
		return RowReport{}, fmt.Errorf("line %d: %w", row.Number, err)
	case result.Created:
		report.Outcome = RowCreated
	case result.Changed:
		report.Outcome = RowUpdated
	default:
		report.Outcome = RowUnchanged
	}
	return report, nil
}

// isRowsFault reports whether an error is about one row, not about the database.
func isRowsFault(err error) bool {
	for _, fault := range []error{
		catalogue.ErrInvalid, catalogue.ErrMalformed, catalogue.ErrNotFound, catalogue.ErrConflict, catalogue.ErrState,
		catalogue.ErrPrecondition,
	} {
		if errors.Is(err, fault) {
			return true
		}
	}
	return false
}

// exportPage is how many entries Export reads at once.
const exportPage = 200

// Export writes every entry that is public, or never was, as a row that Import can read back: the public revision where
// there is one, else the draft. Places come before offices and offices before services, so that few rows have to wait
// for others. What is left out: what was withdrawn or archived, the drafts of entries that are public, old slugs, and
// the revisions before the last.
func (p *Publishing) Export(ctx context.Context, output io.Writer) error {
	out := json.NewEncoder(output)
	out.SetEscapeHTML(false)
	for _, kind := range catalogue.Kinds {
		after := catalogue.EntryID{}
		for {
			rows, err := p.store.Reader().Entry.Query().
				Where(entry.KindEQ(kind), entry.PublicationIn(catalogue.Never, catalogue.Published), entry.IDGT(after)).
				WithPublisher().WithRevisions(func(q *db.RevisionQuery) { q.Where(isCurrent) }).Order(entry.ByID()).Limit(exportPage).All(ctx)
			if err != nil {
				return store.Wrap(err, "exporting the %s", kind.Plural())
			}
			for _, e := range rows {
				after = e.ID
				row := importing.Row{Publisher: e.Edges.Publisher.Key, Kind: kind, Key: e.Key, Publish: e.Publication == catalogue.Published}
				document, slug := e.Document, e.Slug
				for _, r := range e.Edges.Revisions {
					document, slug = r.Document, r.Slug
				}
				doc, err := catalogue.Stored(kind, document)
				if err != nil {
					return fmt.Errorf("exporting %s %s/%s: %w", kind, row.Publisher, row.Key, err)
				}
				doc.Common().Slug = slug
				row.Document = json.RawMessage(catalogue.Encode(doc))
				if err := out.Encode(row); err != nil {
					return fmt.Errorf("writing the export: %w", err)
				}
			}
			if len(rows) < exportPage {
				break
			}
		}
	}
	return nil
}
