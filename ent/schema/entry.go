package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
	"github.com/google/uuid"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
)

// Entry is anything published, of one kind: its names, its two states and its working document.
type Entry struct{ ent.Schema }

// Fields of the Entry.
func (Entry) Fields() []ent.Field {
	return []ent.Field{
		field.UUID("id", uuid.UUID{}).Immutable().Comment("a UUID version 7"),
		field.String("kind").GoType(catalogue.Kind("")).Immutable(),
		field.Int("publisher_id").Immutable(),
		field.String("key").Immutable().Comment("the publisher's own identifier"),
		field.String("slug").Comment("the name in public addresses"),
		field.String("publication").GoType(catalogue.Publication("")).Default(string(catalogue.Never)),
		field.String("draft").GoType(catalogue.Draft("")).Default(string(catalogue.Editing)),
		field.Text("document").Comment("the draft as canonical JSON"),
		field.Text("outdated").Default("").Comment("translations that the Italian moved on from, as JSON: catalogue.Outdated"),
		field.Int("draft_version").Default(1),
		field.Int("published_revision").Default(0).Comment("the number of the public revision, 0 if there never was one"),
		field.Time("published_at").Optional().Nillable().Comment("when it was first public"),
		field.Time("changed_at").Optional().Nillable().Comment("when it last changed in public"),
		field.Time("review_by").Optional().Nillable().SchemaType(map[string]string{dialect.Postgres: "date", dialect.SQLite: "date"}),
		field.String("withdraw_reason").Default(""),
		field.UUID("replaced_by", uuid.UUID{}).Optional().Nillable().Comment("the entry to use instead of a withdrawn one"),
		field.String("author").Default("").Comment("who last changed the draft: the prefix of the key, or how else it was done"),
		field.Time("submitted_at").Optional().Nillable().Comment("since when the draft waits for a review, or last did"),
		field.String("reviewer").Default("").Comment("who is to review the draft, by name"),
		field.Text("returned").Default("").Comment("why the draft went back to its author: what the reviewer said, or what a schedule met"),
		field.Time("publish_at").Optional().Nillable().Comment("when a scheduled draft is to be public"),
		field.String("publish_note").Default("").Comment("of the revision that it becomes then"),
		field.Time("withdraw_at").Optional().Nillable().Comment("when the entry is to be withdrawn"),
		field.String("withdraw_later_reason").Default("").Comment("what readers are told then"),
		field.String("withdraw_later_for").Default("").Comment("publisher/key of the entry to use instead then"),
		field.Time("created_at").Immutable(),
		field.Time("updated_at"),
		field.String("likeness").Default("").Comment("what duplicates have in common: catalogue.Likeness of the draft"),
		field.UUID("responsible_office_id", uuid.UUID{}).Optional().Nillable().Comment("the office that the draft says is responsible, or an office itself"),
		field.String("owner").Default("").Comment("who looks after it"),
		field.Time("reviewed_at").Optional().Nillable().Comment("when somebody last made sure that what is public is right"),
		field.Text("locks").Default("").Comment("fields that only their source may change, as JSON: catalogue.Locks"),
	}
}

// Edges of the Entry.
func (Entry) Edges() []ent.Edge {
	cascade := entsql.OnDelete(entsql.Cascade)
	return []ent.Edge{
		edge.To("publisher", Publisher.Type).Field("publisher_id").Unique().Required().Immutable().
			Annotations(entsql.OnDelete(entsql.Restrict)),
		edge.To("replaces", Entry.Type).Annotations(entsql.OnDelete(entsql.SetNull)).
			From("replacement").Field("replaced_by").Unique(),
		edge.To("profile", Profile.Type).Unique().Annotations(cascade),
		edge.To("holiday_set", HolidaySet.Type).Unique().Annotations(cascade),
		edge.To("timetable", Timetable.Type).Unique().Annotations(cascade),
		edge.To("place", Place.Type).Unique().Annotations(cascade),
		edge.To("office", Office.Type).Unique().Annotations(cascade),
		edge.To("channel", Channel.Type).Unique().Annotations(cascade),
		edge.To("procedure", Procedure.Type).Unique().Annotations(cascade),
		edge.To("service", Service.Type).Unique().Annotations(cascade),
		edge.From("references", Reference.Type).Ref("from"),
		edge.From("revisions", Revision.Type).Ref("entry"),
		edge.From("comments", Comment.Type).Ref("entry"),
		edge.From("concerns", Concern.Type).Ref("entry"),
	}
}

// Indexes of the Entry.
func (Entry) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("publisher_id", "kind", "key").Unique(),
		index.Fields("kind", "slug").Unique(),
		index.Fields("publication"),
		index.Fields("draft", "submitted_at"), // what waits for a review
		index.Fields("publish_at"),            // what is due
		index.Fields("withdraw_at"),
		index.Fields("replaced_by"), // looked through when an entry is deleted
		index.Fields("draft", "updated_at"),
		index.Fields("review_by"),
		index.Fields("likeness", "publication"),
	}
}
