package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// Request is a request with an Idempotency-Key: that it runs, that it had its effect, and what was answered.
type Request struct{ ent.Schema }

// Fields of the Request.
func (Request) Fields() []ent.Field {
	return []ent.Field{
		field.String("key_prefix").Immutable().Comment("of the key that it came with"),
		field.String("idempotency_key").Immutable(),
		field.String("run").Comment("names who runs it: whoever takes it over writes another name"),
		field.Time("begun_at"),
		field.Bool("effective").Default(false).Comment("set by the transaction of its effect"),
		field.String("fingerprint").Default("").Comment("SHA-256 of method, address and body, once it is answered"),
		field.Bytes("answer").Optional().Sensitive().Comment("sealed with the token of the key"),
	}
}

// Indexes of the Request.
func (Request) Indexes() []ent.Index {
	return []ent.Index{index.Fields("key_prefix", "idempotency_key").Unique(), index.Fields("begun_at")}
}
