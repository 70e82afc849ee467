package publishing

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	entsql "entgo.io/ent/dialect/sql"
	"github.com/google/uuid"
	"github.com/riverqueue/river"

	"github.com/comuneprato/service-catalogue/ent/db"
	"github.com/comuneprato/service-catalogue/ent/db/importchunk"
	"github.com/comuneprato/service-catalogue/ent/db/importjob"
	"github.com/comuneprato/service-catalogue/ent/db/predicate"
	"github.com/comuneprato/service-catalogue/ent/db/publisher"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/importing"
	"github.com/comuneprato/service-catalogue/internal/jobs"
	"github.com/comuneprato/service-catalogue/internal/store"
)

// Imports are imports that work in the background: the upload is kept in the database until they end, so that any node
// can begin them, and take them up where one that died left off.
type Imports struct {
	p     *Publishing
	queue *jobs.Queue
	log   *slog.Logger
}

// NewImports makes the imports of a database. They are worked where Handle was called.
func NewImports(p *Publishing, log *slog.Logger) *Imports {
	return &Imports{p: p, queue: jobs.NewQueue(p.store), log: log}
}

// ImportState is how far an import is.
type ImportState string

// The states of an import.
const (
	ImportUploading ImportState = "uploading" // nothing is started until everything is there
	ImportQueued    ImportState = "queued"    // waits for a node, or for an earlier import of its publisher
	ImportRunning   ImportState = "running"
	ImportDone      ImportState = "done"
	ImportRefused   ImportState = "refused" // nothing was stored
	ImportCancelled ImportState = "cancelled"
)

// ImportRequest asks for an import.
type ImportRequest struct {
	Publisher string // whose entries the rows may be about, and of rows that name none
	Format    importing.Format
	Kind      catalogue.Kind // of rows that name none
	Replace   bool
	Confirm   bool
	DryRun    bool
	Publish   bool   // all rows, not only those that ask for it
	Drafts    bool   // refuse rows that are to be public
	Note      string // of the revisions of rows that have none of their own
	Actor     Actor
}

// ImportJob is an import as its publisher sees it.
type ImportJob struct {
	ID         uuid.UUID
	Request    ImportRequest // of the Actor only the name
	State      ImportState
	Size, Read int64 // of the upload in bytes, and how much of it was read in the current pass
	Counts     map[Outcome]int
	Reason     *Fault // why nothing was stored, where no row is to blame
	CreatedAt  time.Time
	StartedAt  *time.Time
	FinishedAt *time.Time
}

const (
	chunkSize    = 1 << 20          // of an upload in the database, in bytes
	leaseTime    = 10 * time.Second // after which a worker of which nothing was heard is taken for dead
	renewTime    = 3 * time.Second
	waitTime     = time.Second         // for an earlier import of the same publisher
	faultTime    = 3 * time.Second     // for the database to work again
	queueTime    = 30 * time.Second    // after which an import that nobody took is queued again
	uploadTime   = 2 * time.Hour       // after which an upload is taken for broken off
	maxFaultRows = 1000                // refused rows whose errors are kept
	cleanUpTime  = 10 * time.Second    // between looks for imports that somebody left
	keepTime     = 90 * 24 * time.Hour // for finished imports and their reports
)

type importArgs struct {
	ID uuid.UUID `json:"id"`
}

func (importArgs) Kind() string { return "import" }

// InsertOpts puts imports into a queue of their own.
func (importArgs) InsertOpts() river.InsertOpts { return river.InsertOpts{Queue: jobs.Long} }

type cleanUpArgs struct{}

func (cleanUpArgs) Kind() string { return "clean_up_imports" }

type importWorker struct {
	river.WorkerDefaults[importArgs]
	imports *Imports
}

// Timeout is none: the lease says whether a worker lives.
func (importWorker) Timeout(*river.Job[importArgs]) time.Duration { return -1 }

// Work works one import, or says when to ask again. That is soon where the database is what failed: the pauses between
// attempts grow to days.
func (w importWorker) Work(ctx context.Context, job *river.Job[importArgs]) error {
	err := w.imports.Work(ctx, job.Args.ID)
	if store.Unavailable(err) {
		w.imports.log.WarnContext(ctx, "an import waits for the database", "import", job.Args.ID, "err", err)
		return river.JobSnooze(faultTime)
	}
	return err
}

type cleanUpWorker struct {
	river.WorkerDefaults[cleanUpArgs]
	imports *Imports
}

// Work looks after what dead workers and cut uploads left.
func (w cleanUpWorker) Work(ctx context.Context, _ *river.Job[cleanUpArgs]) error {
	return w.imports.cleanUp(ctx)
}

// Handle lets a node work imports.
func (i *Imports) Handle(work *jobs.Work) {
	jobs.Handle(work, importWorker{imports: i})
	jobs.Handle(work, cleanUpWorker{imports: i})
	work.Every(cleanUpTime, cleanUpArgs{})
}

// Start keeps an upload and queues its import once all of it is there. Where reading it fails nothing is left. It returns
// ErrNotFound for an unknown publisher, a MalformedError for an empty upload, and what reading it returns.
func (i *Imports) Start(ctx context.Context, request ImportRequest, upload io.Reader) (job ImportJob, err error) {
	exists, err := i.p.store.Reader().Publisher.Query().Where(publisher.Key(request.Publisher)).Exist(ctx)
	if err == nil && !exists {
		err = catalogue.ErrNotFound
	}
	if err != nil {
		return ImportJob{}, store.Wrap(err, "publisher %q", request.Publisher)
	}
	id, err := uuid.NewV7()
	if err != nil {
		return ImportJob{}, err
	}
	err = i.p.store.InTx(ctx, func(ctx context.Context, tx *db.Client) error {
		return tx.ImportJob.Create().SetID(id).SetPublisherKey(request.Publisher).SetState(string(ImportUploading)).
			SetFormat(string(request.Format)).SetKind(request.Kind).SetReplace(request.Replace).SetConfirm(request.Confirm).
			SetDryRun(request.DryRun).SetPublish(request.Publish).SetDrafts(request.Drafts).SetNote(cmp.Or(request.Note, "import "+id.String())).
			SetActor(request.Actor.Name).SetKeyPrefix(request.Actor.Prefix).SetAddress(request.Actor.Address).SetRequestID(request.Actor.RequestID).
			SetCreatedAt(i.p.clock()).Exec(ctx)
	})
	if err != nil {
		return ImportJob{}, store.Wrap(err, "making an import")
	}
	size, err := i.keep(ctx, id, upload)
	if err == nil && size == 0 {
		err = &catalogue.MalformedError{Rule: "json.empty"}
	}
	if err == nil {
		err = i.p.store.InTx(ctx, func(ctx context.Context, tx *db.Client) error {
			row, err := tx.ImportJob.UpdateOneID(id).SetState(string(ImportQueued)).SetSize(size).Save(ctx)
			if err != nil {
				return err
			}
			job = jobOf(row)
			return i.queue.Insert(ctx, tx, importArgs{id}, nil)
		})
	}
	if err != nil {
		return ImportJob{}, errors.Join(store.Wrap(err, "keeping the upload"), i.remove(context.WithoutCancel(ctx), id))
	}
	return job, nil
}

// keep stores an upload in chunks, each in a transaction of its own, and returns its size.
func (i *Imports) keep(ctx context.Context, id uuid.UUID, upload io.Reader) (size int64, err error) {
	for number := 0; err == nil; number++ {
		chunk := make([]byte, 0, chunkSize)
		for err == nil && len(chunk) < cap(chunk) {
			var n int
			n, err = upload.Read(chunk[len(chunk):cap(chunk)])
			chunk = chunk[:len(chunk)+n]
		}
		if len(chunk) > 0 && (err == nil || errors.Is(err, io.EOF)) {
			stored := i.p.store.InTx(ctx, func(ctx context.Context, tx *db.Client) error {
				return tx.ImportChunk.Create().SetJobID(id).SetNumber(number).SetData(chunk).Exec(ctx)
			})
			if stored != nil {
				return 0, stored
			}
			size += int64(len(chunk))
		}
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return size, err
}

// remove deletes an import with all that belongs to it.
func (i *Imports) remove(ctx context.Context, id uuid.UUID) error {
	if err := i.dropChunks(ctx, id); err != nil {
		return err
	}
	return i.p.store.InTx(ctx, func(ctx context.Context, tx *db.Client) error {
		_, err := tx.ImportJob.Delete().Where(importjob.ID(id)).Exec(ctx)
		return err
	})
}

// dropChunks deletes an upload, a few megabytes at a time.
func (i *Imports) dropChunks(ctx context.Context, id uuid.UUID) error {
	const some = 16
	for n := some; n == some; {
		err := i.p.store.InTx(ctx, func(ctx context.Context, tx *db.Client) error {
			ids, err := tx.ImportChunk.Query().Where(importchunk.JobID(id)).Limit(some).IDs(ctx)
			if err != nil {
				return err
			}
			n, err = tx.ImportChunk.Delete().Where(importchunk.IDIn(ids...)).Exec(ctx)
			return err
		})
		if err != nil {
			return store.Wrap(err, "dropping the upload of import %s", id)
		}
	}
	return nil
}

// Get returns an import. It returns ErrNotFound if the publisher has none of that id.
func (i *Imports) Get(ctx context.Context, publisherKey string, id uuid.UUID) (ImportJob, error) {
	row, err := i.p.store.Reader().ImportJob.Query().Where(importjob.ID(id), importjob.PublisherKey(publisherKey)).Only(ctx)
	if err != nil {
		return ImportJob{}, store.Wrap(err, "import %s", id)
	}
	return jobOf(row), nil
}

// List returns the imports of a publisher that come before one (Nil: all), the latest first, at most limit, and how many
// there are in all.
func (i *Imports) List(ctx context.Context, publisherKey string, before uuid.UUID, limit int) (page []ImportJob, total int, err error) {
	err = i.p.store.ReadTx(ctx, func(ctx context.Context, tx *db.Client) error {
		if total, err = tx.ImportJob.Query().Where(importjob.PublisherKey(publisherKey)).Count(ctx); err != nil {
			return err
		}
		selected := []predicate.ImportJob{importjob.PublisherKey(publisherKey)}
		if before != uuid.Nil {
			selected = append(selected, importjob.IDLT(before))
		}
		rows, err := tx.ImportJob.Query().Where(selected...).Order(importjob.ByID(entsql.OrderDesc())).Limit(limit).All(ctx)
		for _, row := range rows {
			page = append(page, jobOf(row))
		}
		return err
	})
	return page, total, store.Wrap(err, "listing the imports of %q", publisherKey)
}

// Cancel stops an import. What it has stored stays. It returns ErrNotFound, or ErrConflict if it has ended.
func (i *Imports) Cancel(ctx context.Context, publisherKey string, id uuid.UUID) (job ImportJob, err error) {
	err = i.p.store.InTx(ctx, func(ctx context.Context, tx *db.Client) error {
		row, err := tx.ImportJob.Query().Where(importjob.ID(id), importjob.PublisherKey(publisherKey)).Only(ctx)
		if err != nil {
			return err
		}
		n, err := tx.ImportJob.Update().Where(importjob.ID(id), importjob.StateIn(string(ImportQueued), string(ImportRunning))).
			SetState(string(ImportCancelled)).SetFinishedAt(i.p.clock()).ClearWorkedUntil().Save(ctx)
		if err == nil && n == 0 {
			err = fmt.Errorf("it is %s: %w", row.State, catalogue.ErrConflict)
		}
		if err != nil {
			return err
		}
		row, err = tx.ImportJob.Get(ctx, id)
		if err == nil {
			job = jobOf(row)
		}
		return err
	})
	if err != nil {
		return ImportJob{}, store.Wrap(err, "cancelling import %s", id)
	}
	return job, i.dropChunks(ctx, id)
}

func jobOf(row *db.ImportJob) ImportJob {
	job := ImportJob{
		ID: row.ID, State: ImportState(row.State), Size: row.Size, Read: row.Read,
		Request: ImportRequest{
			Publisher: row.PublisherKey, Format: importing.Format(row.Format), Kind: row.Kind, Replace: row.Replace, Confirm: row.Confirm,
			DryRun: row.DryRun, Publish: row.Publish, Drafts: row.Drafts, Actor: Actor{Name: row.Actor},
		},
		Counts: map[Outcome]int{
			RowCreated: row.Created, RowUpdated: row.Updated, RowUnchanged: row.Unchanged, RowArchived: row.Archived,
			RowRefused: row.Refused, RowHeld: row.Held,
		},
		CreatedAt: row.CreatedAt, StartedAt: row.StartedAt, FinishedAt: row.FinishedAt,
	}
	if row.Reason != "" {
		job.Reason = parseFault(row.Reason)
	}
	return job
}
