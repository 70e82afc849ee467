package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
	"github.com/google/uuid"
)

// Place is what the write side asks of an entry of kind place.
type Place struct{ ent.Schema }

// Mixin of the Place.
func (Place) Mixin() []ent.Mixin { return []ent.Mixin{extension{kind: "place"}} }

// Fields of the Place.
func (Place) Fields() []ent.Field {
	return []ent.Field{
		field.String("city").Default(""),
		field.String("district").Default(""),
		field.Float("lat").Optional().Nillable().Comment("degrees, WGS 84"),
		field.Float("lon").Optional().Nillable().Comment("degrees, WGS 84"),
		field.UUID("timetable_id", uuid.UUID{}).Optional().Nillable(),
	}
}

// Edges of the Place.
func (Place) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("offices", Office.Type).Ref("places"),
		openBy(),
	}
}

// Indexes of the Place.
func (Place) Indexes() []ent.Index {
	return []ent.Index{index.Fields("timetable_id")}
}
