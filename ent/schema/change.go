package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
	"github.com/google/uuid"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
)

// Change is one row of the feed: what became of an entry in public, or that a setting was changed. Its id is its
// position, taken from Counter. It repeats the entry's names as they were then, and keeps the entry from being deleted.
type Change struct{ ent.Schema }

// Fields of the Change.
func (Change) Fields() []ent.Field {
	notGenerated := false
	return []ent.Field{
		field.Int64("id").Immutable().Annotations(entsql.Annotation{Incremental: &notGenerated}),
		field.Time("at").Immutable(),
		field.String("subject").Immutable().Default(catalogue.SubjectEntry).Comment("entry, or the id of a Setting"),
		field.UUID("entry_id", uuid.UUID{}).Immutable().Optional().Nillable(),
		field.String("kind").GoType(catalogue.Kind("")).Immutable().Default(""),
		field.String("publisher_key").Immutable().Default(""),
		field.String("key").Immutable().Default(""),
		field.String("change").GoType(catalogue.ChangeType("")).Immutable(),
		field.Int("revision").Immutable().Comment("of the entry, or the version of the Setting"),
		field.String("slug").Immutable().Default(""),
		field.String("reason").Immutable().Default(""),
		field.String("replaced_by").Immutable().Default(""),
		field.Time("reviewed_at").Immutable().Optional().Nillable().Comment("of the entry, then"),
	}
}

// Edges of the Change.
func (Change) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("entry", Entry.Type).Field("entry_id").Unique().Immutable().
			Annotations(entsql.OnDelete(entsql.Restrict)),
	}
}

// Indexes of the Change.
func (Change) Indexes() []ent.Index {
	return []ent.Index{index.Fields("entry_id")}
}

// Counter hands out numbers without gaps, "feed" the positions of changes and "audit" the numbers of the audit. They are the
// last locks that a transaction takes, in this order, so that numbers are committed in their order.
type Counter struct{ ent.Schema }

// Fields of the Counter.
func (Counter) Fields() []ent.Field {
	return []ent.Field{
		field.String("id").Immutable(),
		field.Int64("n").Default(0).Comment("the number handed out last"),
	}
}
