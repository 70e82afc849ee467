package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
	"github.com/google/uuid"
)

// Reference says that the draft or the published document of an entry refers to another entry, and where. It keeps
// the other entry from being deleted.
type Reference struct{ ent.Schema }

// Fields of the Reference.
func (Reference) Fields() []ent.Field {
	return []ent.Field{
		field.UUID("from_id", uuid.UUID{}).Immutable(),
		field.Enum("side").Values("draft", "published").Immutable(),
		field.String("pointer").Immutable().Comment("the place in the document, a JSON Pointer"),
		field.UUID("to_id", uuid.UUID{}).Immutable(),
	}
}

// Edges of the Reference.
func (Reference) Edges() []ent.Edge {
	return []ent.Edge{
		belongsTo("from", "from_id"),
		edge.To("to", Entry.Type).Field("to_id").Unique().Required().Immutable().
			Annotations(entsql.OnDelete(entsql.Restrict)),
	}
}

// Indexes of the Reference.
func (Reference) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("from_id", "side", "pointer").Unique(),
		index.Fields("to_id", "side"),
	}
}

// Annotations of the Reference: its table is not called references, a word of SQL.
func (Reference) Annotations() []schema.Annotation {
	return []schema.Annotation{entsql.Table("entry_references")}
}
