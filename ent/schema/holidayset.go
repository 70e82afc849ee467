package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/edge"
)

// HolidaySet is what the write side asks of an entry of kind holiday_set: which timetables name it.
type HolidaySet struct{ ent.Schema }

// Mixin of the HolidaySet.
func (HolidaySet) Mixin() []ent.Mixin { return []ent.Mixin{extension{kind: "holiday_set"}} }

// Edges of the HolidaySet.
func (HolidaySet) Edges() []ent.Edge {
	return []ent.Edge{edge.From("timetables", Timetable.Type).Ref("holiday_sets")}
}
