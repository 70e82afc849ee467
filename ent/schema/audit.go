package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
	"github.com/google/uuid"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
)

// Audit is one accepted write: who did what, when and from where. It points to nothing, so that it outlives what it
// tells of.
type Audit struct{ ent.Schema }

// Fields of the Audit.
func (Audit) Fields() []ent.Field {
	return []ent.Field{
		field.Int64("id"),
		field.Time("at").Immutable(),
		field.String("actor").Immutable().Comment("the name of the key, or how else it was done"),
		field.String("key_prefix").Immutable().Default(""),
		field.String("publisher_key").Immutable().Default(""),
		field.String("action").Immutable(),
		field.UUID("entry", uuid.UUID{}).Immutable().Optional().Nillable(),
		field.String("kind").GoType(catalogue.Kind("")).Immutable().Default(""),
		field.String("key").Immutable().Default(""),
		field.String("request_id").Immutable().Default(""),
		field.String("address").Immutable().Default(""),
		field.String("detail").Immutable().Default(""),
	}
}

// Indexes of the Audit.
func (Audit) Indexes() []ent.Index {
	return []ent.Index{index.Fields("entry")}
}
