package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
	"github.com/google/uuid"
)

// Service is what the write side asks of an entry of kind service.
type Service struct{ ent.Schema }

// Mixin of the Service.
func (Service) Mixin() []ent.Mixin { return []ent.Mixin{extension{kind: "service"}} }

// Fields of the Service.
func (Service) Fields() []ent.Field {
	return []ent.Field{
		field.String("status").Default(""),
		field.Bool("online").Default(false).Comment("whether it can be applied for online by a channel of its own"),
		field.UUID("responsible_office_id", uuid.UUID{}).Optional().Nillable(),
	}
}

// Edges of the Service.
func (Service) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("responsible_office", Office.Type).Field("responsible_office_id").Unique().
			Annotations(entsql.OnDelete(entsql.SetNull)),
		edge.To("offices", Office.Type),
		edge.To("channels", Channel.Type),
		edge.To("procedures", Procedure.Type),
	}
}

// Indexes of the Service.
func (Service) Indexes() []ent.Index {
	return []ent.Index{index.Fields("responsible_office_id")}
}
