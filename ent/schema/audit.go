package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
	"github.com/google/uuid"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
)

// Audit is one accepted write: who did what, when and from where. It points to nothing, so that it outlives what it
// tells of. Its id is its place in the chain of hashes (package audit), without gaps, taken from Counter.
type Audit struct{ ent.Schema }

// Fields of the Audit.
func (Audit) Fields() []ent.Field {
	return []ent.Field{
		field.Int64("id").Immutable(),
		field.Time("at").Immutable(),
		field.String("actor").Immutable().Comment("the name of the key, or how else it was done"),
		field.String("key_prefix").Immutable().Default(""),
		field.String("publisher_key").Immutable().Default(""),
		field.String("action").Immutable(),
		field.UUID("entry", uuid.UUID{}).Immutable().Optional().Nillable(),
		field.String("kind").GoType(catalogue.Kind("")).Immutable().Default(""),
		field.String("key").Immutable().Default(""),
		field.String("request_id").Immutable().Default(""),
		field.String("address").Default("").Comment("erased after some time"),
		field.String("address_salt").Default("").Comment("random, erased with the address"),
		field.String("address_digest").Immutable().Default("").Comment("SHA-256 of salt and address, which stays"),
		field.String("detail").Immutable().Default(""),
		field.Text("state_before").Immutable().Default("").Comment("what was written to as it was, as JSON"),
		field.Text("state_after").Immutable().Default(""),
		field.String("hash").Immutable().Default("").
			Comment("of the row and of the hash before it; empty in rows from before there was a chain"),
	}
}

// Indexes of the Audit.
func (Audit) Indexes() []ent.Index {
	return []ent.Index{index.Fields("entry"), index.Fields("at"), index.Fields("publisher_key", "kind", "key")}
}
