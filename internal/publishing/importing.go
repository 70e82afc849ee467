package publishing

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/comuneprato/service-catalogue/ent/db"
	"github.com/comuneprato/service-catalogue/ent/db/entry"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/store"
)

// Row is one line of an import or export: an entry by its publisher's key, its document, and whether it is public.
type Row struct {
	Publisher string          `json:"publisher"`
	Kind      catalogue.Kind  `json:"kind"`
	Key       string          `json:"key"`
	Document  json.RawMessage `json:"document"`
	Publish   bool            `json:"publish,omitempty"`
}

// checkNames says what is wrong with the names of the entry that the row is about.
func (r Row) checkNames() error {
	_, err := catalogue.ParseKind(string(r.Kind))
	switch {
	case err != nil:
		return err
	case !catalogue.ValidKey(r.Publisher):
		return fmt.Errorf("publisher %q: %w", r.Publisher, catalogue.ErrBadKey)
	case !catalogue.ValidKey(r.Key):
		return fmt.Errorf("key %q: %w", r.Key, catalogue.ErrBadKey)
	}
	return nil
}

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

// MaxRow is how long a line of an import may be, in bytes.
const MaxRow = 4 << 20

// ImportOptions say how an import works.
type ImportOptions struct {
	Actor Actor
	// Publisher is called once for a publisher that a row names and the database lacks, to make it; nil refuses the row.
	Publisher func(ctx context.Context, key string) error
}

// Rows tells the rows of an NDJSON text one by one, with the number of their line and with what is wrong with it, until
// tell returns an error.
func Rows(input io.Reader, tell func(line int, row Row, err error) error) error {
	lines := bufio.NewScanner(input)
	lines.Buffer(make([]byte, 0, 64<<10), MaxRow)
	n := 0
	for lines.Scan() {
		n++
		text := bytes.TrimSpace(lines.Bytes())
		if len(text) == 0 {
			continue
		}
		row, err := readRow(text)
		if err := tell(n, row, err); err != nil {
			return err
		}
	}
	switch err := lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return fmt.Errorf("line %d is longer than %d bytes", n+1, MaxRow)
	case err != nil:
		return fmt.Errorf("reading line %d: %w", n+1, err)
	}
	return nil
}

// readRow reads a row as strictly as a document.
func readRow(text []byte) (row Row, err error) {
	findings, err := catalogue.DecodeRequest(text, &row)
	if err == nil {
		err = findings.Err()
	}
	if err == nil {
		err = row.checkNames()
	}
	return row, err
}

// Import stores the rows of an NDJSON text one by one, each in a transaction of its own, and reports each. A row that
// names an entry which comes later in the input is tried again at the end. It returns an error where the input cannot
// be read or the database fails; what was reported as stored before stays stored, and importing the same again does no
// harm.
func (p *Publishing) Import(ctx context.Context, input io.Reader, o ImportOptions, report func(RowReport)) error {
	var waiting []numberedRow
	err := Rows(input, func(line int, row Row, err error) error {
		r := RowReport{Line: line, Outcome: RowRefused, Err: err}
		if err == nil {
			if r, err = p.importRow(ctx, line, row, o); err != nil {
				return err
			}
		}
		if isReference(r.Err) {
			waiting = append(waiting, numberedRow{line, row})
		} else {
			report(r)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return p.importWaiting(ctx, waiting, o, report)
}

type numberedRow struct {
	line int
	row  Row
}

// importWaiting tries rows whose references were not there yet, as long as that helps any of them.
func (p *Publishing) importWaiting(ctx context.Context, waiting []numberedRow, o ImportOptions, report func(RowReport)) error {
	for len(waiting) > 0 {
		var still []numberedRow
		var refused []RowReport
		for _, w := range waiting {
			r, err := p.importRow(ctx, w.line, w.row, o)
			switch {
			case err != nil:
				return err
			case isReference(r.Err):
				still, refused = append(still, w), append(refused, r)
			default:
				report(r)
			}
		}
		if len(still) == len(waiting) {
			for _, r := range refused {
				report(r)
			}
			return nil
		}
		waiting = still
	}
	return nil
}

// importRow stores one row whose names are good. The error is one that the next row would meet too; what is wrong with
// the row itself is in the report.
func (p *Publishing) importRow(ctx context.Context, line int, row Row, o ImportOptions) (RowReport, error) {
	ref := catalogue.Ref{Kind: row.Kind, Publisher: row.Publisher, Key: row.Key}
	w := Write{Actor: o.Actor, Publish: row.Publish}
	result, err := p.Put(ctx, ref, row.Document, w)
	if errors.Is(err, catalogue.ErrNotFound) && o.Publisher != nil {
		if err = o.Publisher(ctx, row.Publisher); err == nil {
			result, err = p.Put(ctx, ref, row.Document, w)
		}
	}
	report := RowReport{Line: line, Ref: ref, State: result.State, Err: err}
	switch {
	case isRowsFault(err):
		report.Outcome = RowRefused
	case err != nil:
		return RowReport{}, fmt.Errorf("line %d: %w", line, err)
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

// Export writes every entry that is public, or never was, as a row, kinds in the order in which Import can read them
// back: the public revision where there is one, else the draft.
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
				row := Row{Publisher: e.Edges.Publisher.Key, Kind: kind, Key: e.Key, Publish: e.Publication == catalogue.Published}
				document, slug := e.Document, e.Slug
				for _, r := range e.Edges.Revisions {
					document, slug = r.Document, r.Slug
				}
				doc := catalogue.MustDecode(kind, document)
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
