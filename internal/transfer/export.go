package transfer

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"

	"entgo.io/ent/dialect"
	"entgo.io/ent/schema/field"

	"github.com/comuneprato/service-catalogue/ent/db"
	"github.com/comuneprato/service-catalogue/internal/store"
)

// tellEvery is after how many rows progress is told.
const tellEvery = 1000

// Export writes everything in a database, as it is at one moment, for Import to read. It holds one row at a time in memory, and
// tells how many rows further it is. The file lets nobody in, but is as confidential as the database: it has drafts, and the
// addresses in the audit.
func Export(ctx context.Context, s *store.Store, output io.Writer, tell func(rows int)) error {
	version, err := s.Version(ctx)
	if err != nil {
		return err
	}
	w := &writer{out: bufio.NewWriterSize(output, 1<<20), chain: newChain()}
	err = s.ReadTx(ctx, func(ctx context.Context, tx *db.Client) error {
		if err := w.line(kindHeader, header{formatName, formatVersion, version}); err != nil {
			return err
		}
		rows := 0
		for _, section := range sections {
			if err := w.line(kindTable, section); err != nil {
				return err
			}
			n, err := exportRows(ctx, tx, dialectOf(s), section, w, tell)
			if err != nil {
				return fmt.Errorf("%s: %w", section.Table, err)
			}
			rows += n
		}
		return w.line(kindEnd, end{rows})
	})
	if err != nil {
		return fmt.Errorf("exporting everything: %w", err)
	}
	return w.out.Flush()
}

func exportRows(ctx context.Context, tx *db.Client, language string, section section, w *writer, tell func(rows int)) (count int, err error) {
	rows, err := tx.QueryContext(ctx, section.query(language))
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for rows.Next() {
		cells := section.cells()
		if err := rows.Scan(cells...); err != nil {
			return count, err
		}
		if err := w.line(kindRow, cells); err != nil {
			return count, err
		}
		if count++; count%tellEvery == 0 {
			tell(tellEvery)
		}
	}
	tell(count % tellEvery)
	return count, rows.Err()
}

// query reads the rows in an order that is the same on both databases.
func (s section) query(language string) string {
	q := `SELECT "` + strings.Join(s.Columns, `","`) + `" FROM "` + s.Table + `"`
	if s.Links {
		q += ` WHERE "` + s.Columns[1] + `" IS NOT NULL`
	}
	order := " ORDER BY "
	for _, c := range s.key {
		q += order + `"` + c.Name + `"`
		if c.Type == field.TypeString && language == dialect.Postgres {
			q += ` COLLATE "C"` // the server's own order may be any
		}
		order = ", "
	}
	return q
}
