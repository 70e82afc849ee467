package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
	"github.com/google/uuid"
)

// Revision is a document as it was published. It never changes.
type Revision struct{ ent.Schema }

// Fields of the Revision.
func (Revision) Fields() []ent.Field {
	return []ent.Field{
		field.UUID("entry_id", uuid.UUID{}).Immutable(),
		field.Int("number").Immutable().Comment("counts from 1 within the entry"),
		field.Text("document").Immutable().Comment("canonical JSON"),
		field.Text("outdated").Immutable().Default("").Comment("as of the Entry"),
		field.String("slug").Immutable(),
		field.String("hash").Immutable().Comment("SHA-256 of the document, in hexadecimal"),
		field.String("note").Immutable().Default(""),
		field.String("author").Immutable().Comment("the name of the key that published it"),
		field.Time("published_at").Immutable(),
	}
}

// Edges of the Revision.
func (Revision) Edges() []ent.Edge {
	return []ent.Edge{belongsTo("entry", "entry_id")}
}

// Indexes of the Revision.
func (Revision) Indexes() []ent.Index {
	return []ent.Index{index.Fields("entry_id", "number").Unique()}
}
