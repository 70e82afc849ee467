package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
	"github.com/google/uuid"
)

// Office is what the write side asks of an entry of kind office.
type Office struct{ ent.Schema }

// Mixin of the Office.
func (Office) Mixin() []ent.Mixin { return []ent.Mixin{extension{kind: "office"}} }

// Fields of the Office.
func (Office) Fields() []ent.Field {
	return []ent.Field{
		field.String("office_type").Default(""),
		field.UUID("parent_id", uuid.UUID{}).Optional().Nillable(),
		field.UUID("timetable_id", uuid.UUID{}).Optional().Nillable(),
	}
}

// Edges of the Office.
func (Office) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("children", Office.Type).Annotations(entsql.OnDelete(entsql.SetNull)).
			From("parent").Field("parent_id").Unique(),
		edge.To("places", Place.Type),
		openBy(),
		edge.From("services", Service.Type).Ref("offices"),
	}
}

// Indexes of the Office.
func (Office) Indexes() []ent.Index {
	return []ent.Index{index.Fields("parent_id"), index.Fields("timetable_id")}
}
