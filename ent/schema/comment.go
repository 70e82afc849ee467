package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
	"github.com/google/uuid"
)

// Comment is what somebody says of a draft, to those who work on it.
type Comment struct{ ent.Schema }

// Fields of the Comment.
func (Comment) Fields() []ent.Field {
	return []ent.Field{
		field.UUID("entry_id", uuid.UUID{}).Immutable(),
		field.Int("number").Immutable().Comment("from 1, of the entry"),
		field.Int("draft_version").Immutable().Comment("of the draft that it is about"),
		field.Int("revision").Immutable().Comment("that was public then, 0 if none was"),
		field.String("pointer").Immutable().Default("").Comment("JSON Pointer to the part of the document that it is about"),
		field.Text("text").Immutable(),
		field.String("author").Immutable().Comment("the name of the key"),
		field.Time("created_at").Immutable(),
		field.Time("resolved_at").Optional().Nillable(),
		field.String("resolved_by").Default(""),
	}
}

// Edges of the Comment.
func (Comment) Edges() []ent.Edge {
	return []ent.Edge{belongsTo("entry", "entry_id")}
}

// Indexes of the Comment.
func (Comment) Indexes() []ent.Index {
	return []ent.Index{index.Fields("entry_id", "number").Unique()}
}
