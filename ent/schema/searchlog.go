package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// SearchLog is how often something was searched for on a day. It says nothing of who did, and what few search for is not
// kept.
type SearchLog struct{ ent.Schema }

// Fields of the SearchLog.
func (SearchLog) Fields() []ent.Field {
	return []ent.Field{
		field.String("query").Immutable().Comment("normalised"),
		field.String("lang").Immutable(),
		field.Time("day").Immutable().SchemaType(map[string]string{dialect.Postgres: "date", dialect.SQLite: "date"}),
		field.Int("count").Comment("how often"),
		field.Int("results").Comment("how many entries were found the last time"),
	}
}

// Indexes of the SearchLog.
func (SearchLog) Indexes() []ent.Index {
	return []ent.Index{index.Fields("day", "lang", "query").Unique()}
}
