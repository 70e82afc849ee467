package transfer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	entsql "entgo.io/ent/dialect/sql"
	"entgo.io/ent/dialect/sql/schema"

	"github.com/comuneprato/service-catalogue/ent/db"
	"github.com/comuneprato/service-catalogue/ent/db/counter"
	"github.com/comuneprato/service-catalogue/ent/db/migrate"
	"github.com/comuneprato/service-catalogue/internal/store"
)

// ErrNotEmpty means that there is something in the database already.
var ErrNotEmpty = errors.New("the database is not empty, and a full export goes into an empty one only: give another one")

// Import fills an empty database with what Export wrote, all of it in one transaction or nothing. open returns the file from
// its beginning, and may be called again. An error names the line. The transaction takes as long as it takes: nobody else
// should use the database meanwhile. Some rows are held in memory at once.
func Import(ctx context.Context, s *store.Store, open func() (io.Reader, error), tell func(rows int)) (rows int, err error) {
	version, err := s.Version(ctx)
	if err != nil {
		return 0, err
	}
	err = s.InLongTx(ctx, func(going context.Context, tx *db.Client) error {
		file, err := open()
		if err != nil {
			return err
		}
		if err := prepare(going, s, tx); err != nil {
			return err
		}
		l := &loader{store: s, tx: tx, in: newReader(file), given: ctx, tell: tell}
		if err := l.load(going, version); err != nil {
			return fmt.Errorf("line %d: %w", l.in.number, err)
		}
		rows = l.rows
		return finish(going, s, tx)
	})
	if err != nil {
		return 0, store.Wrap(err, "importing everything")
	}
	return rows, nil
}

// prepare locks the database, makes sure that it is empty, and takes away the counters, which are in the file.
func prepare(ctx context.Context, s *store.Store, tx *db.Client) error {
	tables := make([]string, len(migrate.Tables))
	for i, t := range migrate.Tables {
		tables[i] = t.Name
	}
	if err := s.LockTables(ctx, tx, tables...); err != nil {
		return err
	}
	for _, t := range migrate.Tables {
		if t == migrate.CountersTable {
			continue
		}
		empty, err := isEmpty(ctx, tx, t)
		if err != nil {
			return err
		}
		if !empty {
			return ErrNotEmpty
		}
	}
	// Without rows of the feed and of the audit, nothing was counted.
	_, err := tx.Counter.Delete().Exec(ctx)
	return err
}

func isEmpty(ctx context.Context, tx *db.Client, t *schema.Table) (bool, error) {
	rows, err := tx.QueryContext(ctx, `SELECT 1 FROM "`+t.Name+`" LIMIT 1`)
	if err != nil {
		return false, err
	}
	defer rows.Close()
	return !rows.Next(), rows.Err()
}

// finish lets the database, and the nodes that look at it, go on from what was written.
func finish(ctx context.Context, s *store.Store, tx *db.Client) error {
	for _, t := range migrate.Tables {
		if t.PrimaryKey[0].Increment {
			if err := s.ContinueIDs(ctx, tx, t.Name); err != nil {
				return err
			}
		}
	}
	if _, err := counted(ctx, tx, "audit", migrate.AuditsTable); err != nil {
		return err
	}
	position, err := counted(ctx, tx, "feed", migrate.ChangesTable)
	if err != nil {
		return err
	}
	return s.Notify(ctx, tx, position)
}

// counted is the last number of a table whose rows a counter numbers. It returns an error if the counter says otherwise.
func counted(ctx context.Context, tx *db.Client, name string, t *schema.Table) (last int64, err error) {
	rows, err := tx.QueryContext(ctx, `SELECT coalesce(max(id), 0) FROM "`+t.Name+`"`)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	if err := errors.Join(entsql.ScanOne(rows, &last), rows.Err()); err != nil {
		return 0, err
	}
	n, err := tx.Counter.Query().Where(counter.ID(name)).Select(counter.FieldN).Ints(ctx)
	if err == nil && !slices.Equal(n, []int{int(last)}) {
		err = fmt.Errorf("the counter %s is at %v, and the last of the %s is %d", name, n, t.Name, last)
	}
	return last, err
}

// Bounds of what is written at once.
const (
	chunkRows  = 200
	chunkBytes = 4 << 20
)

// loader writes the lines of a file.
type loader struct {
	store *store.Store
	tx    *db.Client
	in    *reader
	given context.Context // of who waits for all of it
	tell  func(rows int)
	rows  int

	chunk [][]any // rows that are not written yet
	bytes int     // of their lines
}

// load reads the whole file. Where it fails, the line read last is to blame, or one of the chunk before it.
func (l *loader) load(ctx context.Context, version int64) error {
	if err := l.header(version); err != nil {
		return err
	}
	line, err := l.in.next()
	if err != nil {
		return err
	}
	for _, s := range sections {
		if err := s.expect(line); err != nil {
			return err
		}
		if line, err = l.section(ctx, s); err != nil {
			return err
		}
	}
	return l.end(line)
}

func (l *loader) header(version int64) error {
	line, err := l.in.next()
	if err != nil {
		return err
	}
	var h header
	if err := json.Unmarshal(line.Data, &h); err != nil || line.Kind != kindHeader || h.Format != formatName {
		return errors.New("no full export of a catalogue: give what `catalogue export --full` wrote")
	}
	if h.Version != formatVersion {
		return fmt.Errorf("it has version %d of the format, and this program reads %d: use the program that wrote it", h.Version, formatVersion)
	}
	if h.Schema != version {
		return fmt.Errorf("it was written from version %d of the database's schema, and this is %d: import it with the program that wrote it, "+
			"and open the database with the newer one afterwards", h.Schema, version)
	}
	return nil
}

// expect returns an error unless a line begins the section.
func (s section) expect(l line) error {
	var got section
	if l.Kind != kindTable || json.Unmarshal(l.Data, &got) != nil || got.Table != s.Table || got.Links != s.Links || !slices.Equal(got.Columns, s.Columns) {
		return fmt.Errorf("not the table %s with the columns %q, which this program expects here: use the program that wrote the file", s.Table, s.Columns)
	}
	return nil
}

// section writes the rows of a section, and returns the line behind them.
func (l *loader) section(ctx context.Context, s section) (line, error) {
	for {
		line, err := l.in.next()
		if err != nil {
			return line, err
		}
		if line.Kind != kindRow {
			return line, l.flush(ctx, s)
		}
		row, err := s.decode(line.Data)
		if err != nil {
			return line, err
		}
		l.chunk = append(l.chunk, row)
		if l.bytes += len(line.Data); len(l.chunk) == chunkRows || l.bytes > chunkBytes {
			if err := l.flush(ctx, s); err != nil {
				return line, err
			}
		}
	}
}

// decode reads a row.
func (s section) decode(data []byte) ([]any, error) {
	var texts []json.RawMessage
	if err := json.Unmarshal(data, &texts); err != nil {
		return nil, err
	}
	if len(texts) != len(s.columns) {
		return nil, fmt.Errorf("a row of %s has %d values, want %d", s.Table, len(texts), len(s.columns))
	}
	cells := s.cells()
	for i, v := range texts {
		if err := json.Unmarshal(v, cells[i]); err != nil {
			return nil, fmt.Errorf("%s.%s: %w", s.Table, s.Columns[i], err)
		}
	}
	return values(cells), nil
}

// flush writes the chunk.
func (l *loader) flush(ctx context.Context, s section) error {
	if err := l.given.Err(); err != nil {
		return err
	}
	if s.Links {
		for _, row := range l.chunk {
			if err := l.store.Set(ctx, l.tx, s.Table, s.Columns[1], row[0], row[1]); err != nil {
				return err
			}
		}
	} else if err := l.store.Insert(ctx, l.tx, store.Table{Name: s.Table, Columns: s.Columns}, l.chunk); err != nil {
		return fmt.Errorf("in the %d rows before: %w", len(l.chunk), err)
	}
	l.rows += len(l.chunk)
	l.tell(len(l.chunk))
	l.chunk, l.bytes = nil, 0
	return nil
}

// end makes sure that the file ends as it should.
func (l *loader) end(last line) error {
	var e end
	if last.Kind != kindEnd || json.Unmarshal(last.Data, &e) != nil {
		return errors.New("neither a row nor the end of the file")
	}
	if e.Rows != l.rows {
		return fmt.Errorf("%d rows were written and %d read: %w", e.Rows, l.rows, errChanged)
	}
	return l.in.atEnd()
}
