package publishing

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/comuneprato/service-catalogue/ent/db/entry"
	"github.com/comuneprato/service-catalogue/ent/db/revision"
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

// ref is the entry that the row is about; the error says what is wrong with the names.
func (r Row) ref() (catalogue.Ref, error) {
	kind, err := catalogue.ParseKind(string(r.Kind))
	switch {
	case err != nil:
		return catalogue.Ref{}, err
	case !catalogue.ValidKey(r.Publisher):
		return catalogue.Ref{}, fmt.Errorf("publisher %q: %w", r.Publisher, catalogue.ErrBadKey)
	case !catalogue.ValidKey(r.Key):
		return catalogue.Ref{}, fmt.Errorf("key %q: %w", r.Key, catalogue.ErrBadKey)
	}
	return catalogue.Ref{Kind: kind, Publisher: r.Publisher, Key: r.Key}, nil
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
	for n := 1; lines.Scan(); n++ {
		text := bytes.TrimSpace(lines.Bytes())
		if len(text) == 0 {
			continue
		}
		var row Row
		d := json.NewDecoder(bytes.NewReader(text))
		d.DisallowUnknownFields()
		err := d.Decode(&row)
		if err == nil {
			_, err = row.ref()
		}
		if err := tell(n, row, err); err != nil {
			return err
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("reading the rows: %w", err)
	}
	return nil
}

// Import stores the rows of an NDJSON text one by one, each in a transaction of its own, and reports each. A row that
// names an entry which comes later in the input is tried again at the end. It returns an error where the input cannot
// be read or the database fails; what was reported as stored before stays stored, and importing the same again does no
// harm.
func (p *Publishing) Import(ctx context.Context, input io.Reader, o ImportOptions, report func(RowReport)) error {
	var waiting []numberedRow
	err := Rows(input, func(line int, row Row, err error) error {
		if err != nil {
			report(RowReport{Line: line, Outcome: RowRefused, Err: err})
			return nil
		}
		r, err := p.importRow(ctx, line, row, o)
		switch {
		case err != nil:
			return err
		case isReference(r.Err):
			waiting = append(waiting, numberedRow{line, row})
		default:
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

// importRow stores one row. The error is one that the next row would meet too; what is wrong with the row itself is in
// the report.
func (p *Publishing) importRow(ctx context.Context, line int, row Row, o ImportOptions) (RowReport, error) {
	report := RowReport{Line: line, Outcome: RowRefused}
	report.Ref, report.Err = row.ref()
	if report.Err != nil {
		return report, nil
	}
	w := Write{Actor: o.Actor, Publish: row.Publish}
	result, err := p.Put(ctx, report.Ref, row.Document, w)
	if errors.Is(err, catalogue.ErrNotFound) && o.Publisher != nil {
		if err = o.Publisher(ctx, row.Publisher); err == nil {
			result, err = p.Put(ctx, report.Ref, row.Document, w)
		}
	}
	switch {
	case err != nil && isRowsFault(err):
		report.Err = err
		return report, nil
	case err != nil:
		return report, fmt.Errorf("line %d: %w", line, err)
	case result.Created:
		report.Outcome = RowCreated
	case result.Changed:
		report.Outcome = RowUpdated
	default:
		report.Outcome = RowUnchanged
	}
	report.State = result.State
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

// Export writes every entry that is not archived as a row, kinds in the order in which Import can read them back: the
// public revision where there is one, else the draft.
func (p *Publishing) Export(ctx context.Context, output io.Writer) error {
	out := json.NewEncoder(output)
	out.SetEscapeHTML(false)
	for _, kind := range catalogue.Kinds {
		after := catalogue.EntryID{}
		for {
			rows, err := p.store.Reader().Entry.Query().
				Where(entry.KindEQ(kind), entry.PublicationIn(catalogue.Never, catalogue.Published), entry.IDGT(after)).
				WithPublisher().Order(entry.ByID()).Limit(exportPage).All(ctx)
			if err != nil {
				return store.Wrap(err, "exporting the %s", kind.Plural())
			}
			for _, e := range rows {
				after = e.ID
				row := Row{Publisher: e.Edges.Publisher.Key, Kind: kind, Key: e.Key, Document: json.RawMessage(e.Document)}
				slug := e.Slug
				if e.Publication == catalogue.Published {
					row.Publish = true
					r, err := e.QueryRevisions().Where(revision.Number(e.PublishedRevision)).Only(ctx)
					if err != nil {
						return store.Wrap(err, "exporting %s %q", kind, e.Key)
					}
					row.Document, slug = json.RawMessage(r.Document), r.Slug
				}
				doc := catalogue.MustDecode(kind, string(row.Document))
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
