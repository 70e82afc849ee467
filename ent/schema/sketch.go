package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
	"github.com/google/uuid"
)

// Sketch is one band by which a public text is found again where it was copied: catalogue.Sketch.
type Sketch struct{ ent.Schema }

// Fields of the Sketch.
func (Sketch) Fields() []ent.Field {
	return []ent.Field{
		field.UUID("entry_id", uuid.UUID{}).Immutable(),
		field.String("pointer").Immutable().Comment("JSON Pointer to the text"),
		field.Int64("band").Immutable(),
	}
}

// Edges of the Sketch.
func (Sketch) Edges() []ent.Edge {
	return []ent.Edge{belongsTo("entry", "entry_id")}
}

// Indexes of the Sketch.
func (Sketch) Indexes() []ent.Index {
	return []ent.Index{index.Fields("band"), index.Fields("entry_id")}
}
