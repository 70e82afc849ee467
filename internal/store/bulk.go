package store

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"entgo.io/ent/dialect"
	"github.com/google/uuid"

	"github.com/comuneprato/service-catalogue/ent/db"
)

// Bounds of one statement: databases limit the values of one (32,766 on SQLite), and beyond some hundreds there is little
// to gain.
const (
	bulkRows   = 200
	bulkValues = 8000
)

// Table is where rows are written many at once.
type Table struct {
	Name    string
	Columns []string
	Replace []string // the columns that a row whose id is there already gives the new values; none: such a row is an error
}

// Insert writes rows, in their order, with few statements; each has a value for every column.
func (s *Store) Insert(ctx context.Context, tx *db.Client, table Table, rows [][]any) error {
	width := len(table.Columns)
	for chunk := range slices.Chunk(rows, max(1, min(bulkRows, bulkValues/width))) {
		values := make([]any, 0, len(chunk)*width)
		for _, row := range chunk {
			values = append(values, row...)
		}
		if _, err := tx.ExecContext(ctx, s.insertion(table, len(chunk)), values...); err != nil {
			return Wrap(err, "writing %d rows of %s", len(chunk), table.Name)
		}
	}
	return nil
}

// insertion is the statement that writes a number of rows.
func (s *Store) insertion(table Table, rows int) string {
	var b strings.Builder
	b.WriteString(`INSERT INTO "` + table.Name + `" ("` + strings.Join(table.Columns, `","`) + `") VALUES `)
	n := 0
	for row := range rows {
		if row > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('(')
		for column := range table.Columns {
			if column > 0 {
				b.WriteByte(',')
			}
			n++
			s.placeholder(&b, n)
		}
		b.WriteByte(')')
	}
	for i, column := range table.Replace {
		if i == 0 {
			b.WriteString(` ON CONFLICT ("id") DO UPDATE SET `)
		} else {
			b.WriteByte(',')
		}
		b.WriteString(`"` + column + `"=excluded."` + column + `"`)
	}
	return b.String()
}

func (s *Store) placeholder(b *strings.Builder, n int) {
	if s.dialect == dialect.Postgres {
		b.WriteByte('$')
		b.WriteString(strconv.Itoa(n))
		return
	}
	b.WriteByte('?')
}

// DeleteOf deletes the rows of a table whose column is one of the ids. It is for the tables of links, of which ent has no
// type.
func (s *Store) DeleteOf(ctx context.Context, tx *db.Client, table, column string, ids []uuid.UUID) error {
	for chunk := range slices.Chunk(ids, bulkRows) {
		var b strings.Builder
		b.WriteString(`DELETE FROM "` + table + `" WHERE "` + column + `" IN (`)
		values := make([]any, len(chunk))
		for i, id := range chunk {
			if values[i] = id; i > 0 {
				b.WriteByte(',')
			}
			s.placeholder(&b, i+1)
		}
		b.WriteByte(')')
		if _, err := tx.ExecContext(ctx, b.String(), values...); err != nil {
			return Wrap(err, "deleting rows of %s", table)
		}
	}
	return nil
}

// Set gives a column of the row with an id a value. It is for rows of any table, as Insert is.
func (s *Store) Set(ctx context.Context, tx *db.Client, table, column string, id, value any) error {
	var b strings.Builder
	b.WriteString(`UPDATE "` + table + `" SET "` + column + `"=`)
	s.placeholder(&b, 1)
	b.WriteString(` WHERE "id"=`)
	s.placeholder(&b, 2)
	_, err := tx.ExecContext(ctx, b.String(), value, id)
	return Wrap(err, "writing %s of %s", column, table)
}

// LockTables keeps others from writing to tables until tx ends. On SQLite, who has a transaction that may write is alone.
func (s *Store) LockTables(ctx context.Context, tx *db.Client, tables ...string) error {
	if s.dialect == dialect.SQLite {
		return nil
	}
	_, err := tx.ExecContext(ctx, `LOCK TABLE "`+strings.Join(tables, `","`)+`" IN EXCLUSIVE MODE`)
	return Wrap(err, "locking all tables")
}

// ContinueIDs makes PostgreSQL number the next rows of a table after those that were inserted with ids of their own. SQLite
// does so by itself.
func (s *Store) ContinueIDs(ctx context.Context, tx *db.Client, table string) error {
	if s.dialect == dialect.SQLite {
		return nil
	}
	_, err := tx.ExecContext(ctx, `SELECT setval(pg_get_serial_sequence('"`+table+`"', 'id'), max(id)) FROM "`+table+`" HAVING max(id) > 0`)
	return Wrap(err, "counting the rows of %s", table)
}
