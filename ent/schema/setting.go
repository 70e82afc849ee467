package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"
)

// Setting is something that the whole catalogue has one of, such as the synonyms of the search. Its changes are in the
// feed too.
type Setting struct{ ent.Schema }

// Fields of the Setting.
func (Setting) Fields() []ent.Field {
	return []ent.Field{
		field.String("id").Immutable().Comment("the subject of its changes"),
		field.Text("document").Comment("canonical JSON"),
		field.Int("version").Default(1),
		field.Time("updated_at"),
	}
}
