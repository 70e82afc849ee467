package publishing

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/google/uuid"
	"github.com/riverqueue/river"

	"github.com/comuneprato/service-catalogue/ent/db"
	"github.com/comuneprato/service-catalogue/ent/db/importchunk"
	"github.com/comuneprato/service-catalogue/ent/db/importjob"
	"github.com/comuneprato/service-catalogue/ent/db/importreport"
	"github.com/comuneprato/service-catalogue/internal/importing"
	"github.com/comuneprato/service-catalogue/internal/store"
)

// working is an import that this process works.
type working struct {
	*Imports
	row    *db.ImportJob
	worker string
	upload *uploadReader
	parts  int // of the report that are stored
	faulty int // rows whose errors are in it
}

// errLost says that the import was cancelled, or is worked by somebody else.
var errLost = errors.New("the import is no longer this worker's")

// Work works an import to its end. It returns a river.JobSnoozeError where that has to wait. Another call may take it up
// where this one is stopped.
func (i *Imports) Work(ctx context.Context, id uuid.UUID) error {
	w, wait, err := i.take(ctx, id)
	switch {
	case err != nil:
		return err
	case wait > 0:
		return river.JobSnooze(wait)
	case w == nil:
		return i.dropChunks(ctx, id) // it has ended
	}
	running, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	go w.renew(running, stop)
	err = w.run(running)
	if errors.Is(context.Cause(running), errLost) || errors.Is(err, errLost) {
		return nil
	}
	if err != nil {
		return errors.Join(err, w.release(context.WithoutCancel(ctx)))
	}
	return i.dropChunks(ctx, id)
}

// take makes this process the worker of an import. It returns nil if that has ended, and how long to wait where it is
// not its turn.
func (i *Imports) take(ctx context.Context, id uuid.UUID) (w *working, wait time.Duration, err error) {
	worker := uuid.NewString()
	err = i.p.store.InTx(ctx, func(ctx context.Context, tx *db.Client) error {
		w, wait = nil, 0
		row, err := found(tx.ImportJob.Query().Where(importjob.ID(id)).Only(ctx))
		open := []string{string(ImportQueued), string(ImportRunning)}
		if err != nil || row == nil || row.State != open[0] && row.State != open[1] {
			return err
		}
		now := i.p.clock()
		if row.WorkedUntil != nil && !isAbandoned(row, now) {
			wait = row.WorkedUntil.Sub(now)
			return nil
		}
		earlier, err := tx.ImportJob.Query().
			Where(importjob.PublisherKey(row.PublisherKey), importjob.IDLT(id), importjob.StateIn(open...)).Exist(ctx)
		if err != nil || earlier {
			wait = waitTime
			return err
		}
		update := tx.ImportJob.Update().Where(importjob.ID(id), importjob.Worker(row.Worker), importjob.StateIn(open...)).
			SetState(string(ImportRunning)).SetWorker(worker).SetWorkedUntil(now.Add(leaseTime))
		if row.StartedAt == nil {
			update.SetStartedAt(now)
		}
		if row.DryRun { // begins anew: what was foreseen is gone
			update.SetCreated(0).SetUpdated(0).SetUnchanged(0).SetArchived(0).SetRefused(0).SetHeld(0).SetReports(0)
			if _, err := tx.ImportReport.Delete().Where(importreport.JobID(id)).Exec(ctx); err != nil {
				return err
			}
		}
		n, err := update.Save(ctx)
		if err != nil || n == 0 { // somebody was quicker
			wait = waitTime
			return err
		}
		if row, err = tx.ImportJob.Get(ctx, id); err != nil {
			return err
		}
		w = &working{Imports: i, row: row, worker: worker, parts: row.Reports, faulty: row.Refused}
		return nil
	})
	if store.IsUnique(err) { // another import of the publisher is worked
		return nil, waitTime, nil
	}
	return w, wait, store.Wrap(err, "taking import %s", id)
}

// isAbandoned reports whether the worker of an import is dead: its lease is over, or it is longer than any lease, because the
// clock was set back.
func isAbandoned(row *db.ImportJob, now time.Time) bool {
	return row.WorkedUntil != nil && (!row.WorkedUntil.After(now) || row.WorkedUntil.After(now.Add(leaseTime)))
}

// renew keeps others from taking the import, until ctx is done.
func (w *working) renew(ctx context.Context, stop context.CancelCauseFunc) {
	tick := time.NewTicker(renewTime)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		err := w.p.store.InTx(ctx, func(ctx context.Context, tx *db.Client) error {
			return w.mine(ctx, tx.ImportJob.Update().SetWorkedUntil(w.p.clock().Add(leaseTime)))
		})
		switch {
		case errors.Is(err, errLost):
			stop(errLost)
		case err != nil && ctx.Err() == nil:
			w.log.WarnContext(ctx, "an import could not say that it lives", "import", w.row.ID, "err", err)
		}
	}
}

// mine makes an update of the import, if it is this worker's still.
func (w *working) mine(ctx context.Context, update *db.ImportJobUpdate) error {
	n, err := update.Where(importjob.ID(w.row.ID), importjob.Worker(w.worker), importjob.State(string(ImportRunning))).Save(ctx)
	if err == nil && n == 0 {
		err = errLost
	}
	return err
}

// release lets another worker take the import up.
func (w *working) release(ctx context.Context) error {
	err := w.p.store.InTx(ctx, func(ctx context.Context, tx *db.Client) error {
		return w.mine(ctx, tx.ImportJob.Update().SetState(string(ImportQueued)).ClearWorkedUntil())
	})
	if errors.Is(err, errLost) {
		return nil
	}
	return err
}

// run imports what is not done yet, and says how it ended.
func (w *working) run(ctx context.Context) error {
	r := w.row
	run := newImportRun(w.p, func() (importing.Reader, error) {
		w.upload = &uploadReader{ctx: ctx, store: w.p.store, id: r.ID}
		return importing.Open(importing.Format(r.Format), w.upload, importing.Options{Publisher: r.PublisherKey, Kind: r.Kind})
	}, ImportOptions{
		Actor: Actor{Name: r.Actor, Prefix: r.KeyPrefix, Address: r.Address, RequestID: r.RequestID},
		Note:  r.Note, Publish: r.Publish, DryRun: r.DryRun, Replace: r.Replace, Confirm: r.Confirm, Only: r.PublisherKey, Drafts: r.Drafts,
	})
	var settled []RowReport
	run.record = func(ctx context.Context, tx *db.Client, reports []RowReport) error {
		settled = reports
		return w.record(ctx, tx, reports)
	}
	run.stored = func([]RowReport) error {
		w.parts++
		w.faulty += countOf(settled)[RowRefused]
		return nil
	}
	err := w.eachReport(ctx, r.ID, func(row StoredReport) error {
		run.done[row.Row] = true
		return nil
	})
	if err != nil {
		return err
	}
	return w.finish(ctx, run.all(ctx))
}

// record notes what became of rows, in the transaction that stores them.
func (w *working) record(ctx context.Context, tx *db.Client, reports []RowReport) error {
	count := countOf(reports)
	err := w.mine(ctx, tx.ImportJob.Update().AddCreated(count[RowCreated]).AddUpdated(count[RowUpdated]).AddUnchanged(count[RowUnchanged]).
		AddArchived(count[RowArchived]).AddRefused(count[RowRefused]).AddHeld(count[RowHeld]).AddReports(1).SetRead(w.upload.offset).
		SetWorkedUntil(w.p.clock().Add(leaseTime)))
	if err != nil {
		return err
	}
	text, err := encodeReports(reports, maxFaultRows-w.faulty)
	if err != nil {
		return err
	}
	return tx.ImportReport.Create().SetJobID(w.row.ID).SetNumber(w.parts).SetRows(text).Exec(ctx)
}

func countOf(reports []RowReport) map[Outcome]int {
	count := map[Outcome]int{}
	for _, r := range reports {
		count[r.Outcome]++
	}
	return count
}

// finish ends the import, unless what ended it is for another attempt.
func (w *working) finish(ctx context.Context, err error) error {
	reason := ""
	var replace *ReplaceError
	var input *inputError
	switch {
	case err == nil:
	case errors.As(err, &replace), errors.As(err, &input) && w.upload.err == nil:
		if reason, err = encodeReason(err); err != nil {
			return err
		}
	default:
		return err
	}
	return w.p.store.InTx(ctx, func(ctx context.Context, tx *db.Client) error {
		row, err := tx.ImportJob.Get(ctx, w.row.ID)
		if err != nil {
			return err
		}
		state := ImportDone
		if stored := row.Created + row.Updated + row.Unchanged + row.Archived; stored == 0 && row.Refused > 0 || reason != "" {
			state = ImportRefused
		}
		return w.mine(ctx, tx.ImportJob.Update().SetState(string(state)).SetReason(reason).SetFinishedAt(w.p.clock()).SetRead(row.Size).ClearWorkedUntil())
	})
}

// cleanUp queues the imports whose workers died, also before they began, and removes what nobody needs any more.
func (i *Imports) cleanUp(ctx context.Context) error {
	now := i.p.clock()
	err := i.p.store.InTx(ctx, func(ctx context.Context, tx *db.Client) error {
		rows, err := tx.ImportJob.Query().Where(importjob.StateIn(string(ImportQueued), string(ImportRunning))).
			Order(importjob.ByID()).All(ctx)
		if err != nil {
			return err
		}
		seen := map[string]bool{} // publishers, whose later imports wait for their first
		for _, row := range rows {
			abandoned := isAbandoned(row, now)
			waits := row.State == string(ImportQueued) && row.CreatedAt.Before(now.Add(-queueTime))
			if first := !seen[row.PublisherKey]; abandoned || first && waits {
				var opts *river.InsertOpts
				if !abandoned { // it may only wait for those of other publishers: a job too many finds nothing to do
					opts = &river.InsertOpts{UniqueOpts: river.UniqueOpts{ByArgs: true, ByPeriod: queueTime}}
				}
				if err := i.queue.Insert(ctx, tx, importArgs{row.ID}, opts); err != nil {
					return err
				}
			}
			seen[row.PublisherKey] = true
		}
		return nil
	})
	if err != nil {
		return store.Wrap(err, "taking up imports")
	}
	ended := []string{string(ImportDone), string(ImportRefused), string(ImportCancelled)}
	old, err := i.p.store.Reader().ImportJob.Query().Where(importjob.Or(
		importjob.And(importjob.State(string(ImportUploading)), importjob.CreatedAtLT(now.Add(-uploadTime))),
		importjob.And(importjob.StateIn(ended...), importjob.FinishedAtLT(now.Add(-keepTime))),
	)).IDs(ctx)
	if err != nil {
		return store.Wrap(err, "looking for old imports")
	}
	for _, id := range old {
		if err := i.remove(ctx, id); err != nil {
			return err
		}
	}
	done, err := i.p.store.Reader().ImportJob.Query().Where(importjob.StateIn(ended...), importjob.HasChunks()).IDs(ctx)
	if err != nil {
		return store.Wrap(err, "looking for uploads that nobody needs")
	}
	for _, id := range done {
		if err := i.dropChunks(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

// uploadReader reads the upload of an import from the database.
type uploadReader struct {
	ctx    context.Context //nolint:containedctx // of the import that reads
	store  *store.Store
	id     uuid.UUID
	next   int
	data   []byte
	offset int64
	err    error // the database's
}

func (u *uploadReader) Read(p []byte) (int, error) {
	if len(u.data) == 0 {
		ctx, cancel := context.WithTimeout(u.ctx, time.Minute) // nothing else ends it where the database hangs
		defer cancel()
		chunk, err := found(u.store.Reader().ImportChunk.Query().Where(importchunk.JobID(u.id), importchunk.Number(u.next)).Only(ctx))
		if err != nil {
			u.err = store.Wrap(err, "reading the upload")
			return 0, u.err
		}
		if chunk == nil {
			return 0, io.EOF
		}
		u.data, u.next = chunk.Data, u.next+1
	}
	n := copy(p, u.data)
	u.data = u.data[n:]
	u.offset += int64(n)
	return n, nil
}
