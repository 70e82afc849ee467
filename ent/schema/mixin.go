package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/mixin"
	"github.com/google/uuid"
)

// extension makes a type the one-to-one extension of Entry that belongs to one kind. Its id is the entry's own, so
// that links between extensions hold the ids of entries; ent cannot put an edge on the id itself, hence entry_id.
type extension struct {
	mixin.Schema
	kind string // the edge of Entry that leads to the extension
}

func (extension) Fields() []ent.Field {
	return []ent.Field{
		field.UUID("id", uuid.UUID{}).Immutable(),
		field.UUID("entry_id", uuid.UUID{}).Immutable(),
	}
}

func (e extension) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("entry", Entry.Type).Ref(e.kind).Field("entry_id").Unique().Required().Immutable(),
	}
}

func (e extension) Annotations() []schema.Annotation {
	return []schema.Annotation{
		entsql.Checks(map[string]string{e.kind + "_id_is_entry_id": "id = entry_id"}),
	}
}

// openBy is a link from an office, a place or a channel to the timetable that it is open by.
func openBy() ent.Edge {
	return edge.To("timetable", Timetable.Type).Field("timetable_id").Unique().Annotations(entsql.OnDelete(entsql.SetNull))
}

// belongsTo is a link from a row to the entry it is a part of and is deleted with.
func belongsTo(name, column string) ent.Edge {
	return edge.To(name, Entry.Type).Field(column).Unique().Required().Immutable().
		Annotations(entsql.OnDelete(entsql.Cascade))
}
