package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/edge"
)

// Timetable is what the write side asks of an entry of kind timetable: what is open by it.
type Timetable struct{ ent.Schema }

// Mixin of the Timetable.
func (Timetable) Mixin() []ent.Mixin { return []ent.Mixin{extension{kind: "timetable"}} }

// Edges of the Timetable.
func (Timetable) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("offices", Office.Type).Ref("timetable"),
		edge.From("places", Place.Type).Ref("timetable"),
		edge.From("channels", Channel.Type).Ref("timetable"),
		edge.To("holiday_sets", HolidaySet.Type),
	}
}
