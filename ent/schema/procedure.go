package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
	"github.com/google/uuid"
)

// Procedure is what the write side asks of an entry of kind procedure.
type Procedure struct{ ent.Schema }

// Mixin of the Procedure.
func (Procedure) Mixin() []ent.Mixin { return []ent.Mixin{extension{kind: "procedure"}} }

// Fields of the Procedure.
func (Procedure) Fields() []ent.Field {
	return []ent.Field{
		field.UUID("responsible_office_id", uuid.UUID{}).Optional().Nillable(),
	}
}

// Edges of the Procedure.
func (Procedure) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("responsible_office", Office.Type).Field("responsible_office_id").Unique().
			Annotations(entsql.OnDelete(entsql.SetNull)),
		edge.From("services", Service.Type).Ref("procedures"),
	}
}

// Indexes of the Procedure.
func (Procedure) Indexes() []ent.Index {
	return []ent.Index{index.Fields("responsible_office_id")}
}
