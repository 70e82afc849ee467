package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// Key lets a program write. The token itself is shown once and not kept.
type Key struct{ ent.Schema }

// Fields of the Key.
func (Key) Fields() []ent.Field {
	return []ent.Field{
		field.String("prefix").Immutable().Unique().Comment("the part of the token that names the key"),
		field.String("hash").Immutable().Sensitive().Comment("SHA-256 of the token, in hexadecimal"),
		field.String("name").Immutable(),
		field.String("scopes").Immutable().Comment("separated by commas"),
		field.Int("publisher_id").Immutable().Optional().Nillable().Comment("none: acts for every publisher"),
		field.Time("created_at").Immutable(),
		field.Time("expires_at").Optional().Nillable(),
		field.Time("last_used_at").Optional().Nillable(),
		field.Time("revoked_at").Optional().Nillable(),
		field.String("replaces").Immutable().Default("").Comment("prefix of the key whose place it took"),
		field.String("replaced_by").Default("").Comment("prefix of the key that took its place"),
	}
}

// Edges of the Key.
func (Key) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("publisher", Publisher.Type).Field("publisher_id").Unique().Immutable().
			Annotations(entsql.OnDelete(entsql.Restrict)),
	}
}

// Indexes of the Key.
func (Key) Indexes() []ent.Index {
	return []ent.Index{index.Fields("publisher_id")}
}
