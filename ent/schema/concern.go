package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
	"github.com/google/uuid"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
)

// Concern is what somebody should look after in a public entry, found when it was published: the entry's place in a
// queue of work. It repeats what queues are counted by, so that counting needs no other table.
type Concern struct{ ent.Schema }

// Fields of the Concern.
func (Concern) Fields() []ent.Field {
	return []ent.Field{
		field.UUID("entry_id", uuid.UUID{}).Immutable(),
		field.String("queue").GoType(catalogue.Queue("")).Immutable(),
		field.Time("since").Immutable().Comment("may be to come: the entry enters the queue then"),
		field.String("details").Immutable().Default("").Comment("what the concern is about, with commas: pointers or languages"),
		field.Int("publisher_id").Immutable(),
		field.UUID("responsible_office_id", uuid.UUID{}).Immutable().Optional().Nillable(),
		field.String("kind").GoType(catalogue.Kind("")).Immutable(),
	}
}

// Edges of the Concern.
func (Concern) Edges() []ent.Edge { return []ent.Edge{belongsTo("entry", "entry_id")} }

// Indexes of the Concern.
func (Concern) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("entry_id", "queue").Unique(),
		index.Fields("queue", "since", "publisher_id", "responsible_office_id", "kind"),
	}
}
