package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
	"github.com/google/uuid"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
)

// Redirect is a slug that an entry once had in public.
type Redirect struct{ ent.Schema }

// Fields of the Redirect.
func (Redirect) Fields() []ent.Field {
	return []ent.Field{
		field.String("kind").GoType(catalogue.Kind("")).Immutable(),
		field.String("slug").Immutable(),
		field.UUID("entry_id", uuid.UUID{}).Immutable(),
		field.Time("created_at").Immutable(),
	}
}

// Edges of the Redirect.
func (Redirect) Edges() []ent.Edge {
	return []ent.Edge{belongsTo("entry", "entry_id")}
}

// Indexes of the Redirect.
func (Redirect) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("kind", "slug").Unique(),
		index.Fields("entry_id"),
	}
}
