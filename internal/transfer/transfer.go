// Package transfer carries a whole catalogue from one database to another, of either kind, as lines of JSON: drafts and their
// states, revisions, the feed with its positions, keys, the audit. What the rows mean is of no concern to it: it carries
// every column of every table that it does not name as left out, so that writing what was read gives the same lines again.
package transfer

import (
	"fmt"
	"reflect"
	"slices"
	"time"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql/schema"
	"entgo.io/ent/schema/field"
	"github.com/google/uuid"

	"github.com/comuneprato/service-catalogue/ent/db/migrate"
	"github.com/comuneprato/service-catalogue/internal/store"
)

// leftOut are the tables that stay behind, and why. Those of River do, too: its jobs look for what is due, which is in the
// entries.
var leftOut = map[string]string{
	"requests":       "answers to requests that may be repeated within a day, sealed with the tokens of keys",
	"import_jobs":    "imports that run or ran; what came of them is in the entries",
	"import_chunks":  "uploads of imports that run",
	"import_reports": "reports of the rows of imports",
}

// section is a part of the file: rows of one table.
type section struct {
	Table   string   `json:"table"`
	Columns []string `json:"columns"`
	Links   bool     `json:"links,omitempty"` // of rows that are there already, which the first column names, the second is set

	columns []*schema.Column
	key     []*schema.Column // by which rows are ordered
}

// sections are the parts of the file in their order: what others refer to comes first. Where rows of a table refer to each
// other, the column that does so comes at the end.
var sections = planned(migrate.Tables)

func planned(tables []*schema.Table) (list []section) {
	waiting := slices.DeleteFunc(slices.Clone(tables), func(t *schema.Table) bool { return leftOut[t.Name] != "" })
	placed := map[*schema.Table]bool{}
	var links []section
	for len(waiting) > 0 {
		next := slices.IndexFunc(waiting, func(t *schema.Table) bool {
			return !slices.ContainsFunc(t.ForeignKeys, func(k *schema.ForeignKey) bool { return k.RefTable != t && !placed[k.RefTable] })
		})
		if next < 0 {
			panic(fmt.Sprintf("table %s refers to one that is left out, or in a circle", waiting[0].Name))
		}
		t := waiting[next]
		waiting, placed[t] = slices.Delete(waiting, next, next+1), true
		var own []*schema.Column
		for _, c := range t.Columns {
			if !refersToOwn(t, c) {
				own = append(own, c)
				continue
			}
			links = append(links, newSection(t, t.PrimaryKey[0], c))
			links[len(links)-1].Links = true
		}
		list = append(list, newSection(t, own...))
	}
	return append(list, links...)
}

// refersToOwn reports whether a column refers to rows of its own table.
func refersToOwn(t *schema.Table, c *schema.Column) bool {
	return slices.ContainsFunc(t.ForeignKeys, func(k *schema.ForeignKey) bool { return k.RefTable == t && k.Columns[0] == c })
}

func newSection(t *schema.Table, columns ...*schema.Column) section {
	s := section{Table: t.Name, columns: columns, key: t.PrimaryKey}
	for _, c := range columns {
		s.Columns = append(s.Columns, c.Name)
	}
	return s
}

// cells are places for the values of a row: pointers to pointers, so that there may be none.
func (s section) cells() []any {
	cells := make([]any, len(s.columns))
	for i, c := range s.columns {
		switch c.Type {
		case field.TypeUUID:
			cells[i] = new(*uuid.UUID)
		case field.TypeTime:
			cells[i] = new(*time.Time)
		case field.TypeBool:
			cells[i] = new(*bool)
		case field.TypeInt, field.TypeInt64:
			cells[i] = new(*int64)
		case field.TypeFloat64:
			cells[i] = new(*float64)
		case field.TypeString, field.TypeEnum:
			cells[i] = new(*string)
		default:
			panic(fmt.Sprintf("%s.%s: no way to carry a %s", s.Table, c.Name, c.Type))
		}
	}
	return cells
}

// values are what is in cells, nil for none: the drivers do not agree on what pointers mean.
func values(cells []any) []any {
	row := make([]any, len(cells))
	for i, c := range cells {
		if v := reflect.ValueOf(c).Elem(); !v.IsNil() {
			row[i] = v.Elem().Interface()
		}
	}
	return row
}

// header is the first line.
type header struct {
	Format  string `json:"format"`
	Version int    `json:"version"`
	Schema  int64  `json:"schema"` // the newest migration of the database
}

// What Export writes and Import reads.
const (
	formatName    = "service-catalogue-full-export"
	formatVersion = 1
)

// end is the last line. Its check is that of the whole file.
type end struct {
	Rows int `json:"rows"`
}

// dialectOf is the name of the database's language.
func dialectOf(s *store.Store) string {
	if s.Embedded() {
		return dialect.SQLite
	}
	return dialect.Postgres
}
