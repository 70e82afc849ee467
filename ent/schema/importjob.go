package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
	"github.com/google/uuid"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
)

// ImportJob is an import that works in the background: what was asked for, how far it is, and what became of its rows.
type ImportJob struct{ ent.Schema }

// Fields of the ImportJob.
func (ImportJob) Fields() []ent.Field {
	return []ent.Field{
		field.UUID("id", uuid.UUID{}).Immutable().Comment("a UUID version 7"),
		field.String("publisher_key").Immutable(),
		field.String("state").Comment("uploading, queued, running, done, refused or cancelled"),
		field.String("format").Immutable(),
		field.String("kind").GoType(catalogue.Kind("")).Immutable().Default("").Comment("of rows that name none"),
		field.Bool("replace").Immutable().Default(false),
		field.Bool("confirm").Immutable().Default(false),
		field.Bool("dry_run").Immutable().Default(false),
		field.Bool("publish").Immutable().Default(false),
		field.Bool("drafts").Immutable().Default(false).Comment("rows that are to be public are refused"),
		field.String("note").Immutable().Default("").Comment("of the revisions of rows that have none of their own"),
		field.String("actor").Immutable(),
		field.String("key_prefix").Immutable().Default(""),
		field.String("address").Immutable().Default(""),
		field.String("request_id").Immutable().Default(""),
		field.Int64("size").Default(0).Comment("of the upload, in bytes"),
		field.Int64("read").Default(0).Comment("bytes of it that were read the last time, in this pass"),
		field.Int("created").Default(0),
		field.Int("updated").Default(0),
		field.Int("unchanged").Default(0),
		field.Int("archived").Default(0),
		field.Int("refused").Default(0),
		field.Int("held").Default(0),
		field.Int("reports").Default(0).Comment("how many ImportReports there are"),
		field.Text("reason").Default("").Comment("why nothing was stored, as JSON, where no row is to blame"),
		field.String("worker").Default("").Comment("who works it"),
		field.Time("worked_until").Optional().Nillable().Comment("when whoever works it is taken for dead"),
		field.Time("created_at").Immutable(),
		field.Time("started_at").Optional().Nillable(),
		field.Time("finished_at").Optional().Nillable(),
	}
}

// Edges of the ImportJob.
func (ImportJob) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("chunks", ImportChunk.Type).Ref("job"),
		edge.From("parts", ImportReport.Type).Ref("job"),
	}
}

// Indexes of the ImportJob. Of a publisher no two are worked at once.
func (ImportJob) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("publisher_key").Unique().StorageKey("import_worked").Annotations(entsql.IndexWhere("worked_until IS NOT NULL")),
		index.Fields("publisher_key", "id"),
		index.Fields("state"),
	}
}

// ImportChunk is a part of the upload of an ImportJob, which is there until the import has ended.
type ImportChunk struct{ ent.Schema }

// Fields of the ImportChunk.
func (ImportChunk) Fields() []ent.Field {
	return []ent.Field{
		field.UUID("job_id", uuid.UUID{}).Immutable(),
		field.Int("number").Immutable().Comment("from 0"),
		field.Bytes("data").Immutable(),
	}
}

// Edges of the ImportChunk.
func (ImportChunk) Edges() []ent.Edge { return []ent.Edge{partOfJob()} }

// Indexes of the ImportChunk.
func (ImportChunk) Indexes() []ent.Index {
	return []ent.Index{index.Fields("job_id", "number").Unique()}
}

// ImportReport says what became of the rows of an ImportJob that were settled together.
type ImportReport struct{ ent.Schema }

// Fields of the ImportReport.
func (ImportReport) Fields() []ent.Field {
	return []ent.Field{
		field.UUID("job_id", uuid.UUID{}).Immutable(),
		field.Int("number").Immutable().Comment("from 0"),
		field.Text("rows").Immutable().Comment("a JSON object on each line"),
	}
}

// Edges of the ImportReport.
func (ImportReport) Edges() []ent.Edge { return []ent.Edge{partOfJob()} }

// Indexes of the ImportReport.
func (ImportReport) Indexes() []ent.Index {
	return []ent.Index{index.Fields("job_id", "number").Unique()}
}

func partOfJob() ent.Edge {
	return edge.To("job", ImportJob.Type).Field("job_id").Unique().Required().Immutable().
		Annotations(entsql.OnDelete(entsql.Cascade))
}
