package publishing

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/riverqueue/river"

	"github.com/comuneprato/service-catalogue/ent/db"
	"github.com/comuneprato/service-catalogue/ent/db/entry"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/jobs"
	"github.com/comuneprato/service-catalogue/internal/lang"
	"github.com/comuneprato/service-catalogue/internal/store"
)

// checkTime refuses to plan what is past already.
func (m mover) checkTime(at time.Time, findings *catalogue.Findings) {
	if now := m.clock(); !at.IsZero() && !at.After(now) {
		findings.AddPast("/at", now)
	}
}

// schedule plans to make the draft public. It must be good for it now, but for what it refers to, which may become public
// before it does.
func (m mover) schedule(ctx context.Context, move Move) (Result, error) {
	if !mayPublish(m.e, m.owner.Policy) {
		return Result{}, m.wrongState(catalogue.Publish)
	}
	var wrong catalogue.Findings
	if m.checkTime(move.At, &wrong); wrong.HasErrors() {
		return Result{}, wrong.Err()
	}
	d, findings, err := m.checked(ctx, catalogue.LevelDraft)
	if err != nil {
		return Result{}, err
	}
	last, err := lastRevision(ctx, m.tx, m.e)
	if err != nil {
		return Result{}, err
	}
	if err := d.checkNote(last, move.Note); err != nil {
		return Result{}, err // now, when somebody can write one
	}
	if err := m.wakeAt(ctx, move.At); err != nil {
		return Result{}, err
	}
	result, err := m.save(ctx, "schedule", move.At.Format(time.RFC3339), m.tx.Entry.UpdateOne(m.e).
		SetDraft(catalogue.Scheduled).SetPublishAt(move.At).SetPublishNote(move.Note).SetReturned(""))
	result.State.Findings = findings
	return result, err
}

// withdrawLater plans to take the entry from its readers.
func (m mover) withdrawLater(ctx context.Context, move Move) (Result, error) {
	if err := m.wakeAt(ctx, move.At); err != nil {
		return Result{}, err
	}
	return m.save(ctx, "schedule withdrawal", move.At.Format(time.RFC3339), m.tx.Entry.UpdateOne(m.e).
		SetWithdrawAt(move.At).SetWithdrawLaterReason(move.Reason).SetWithdrawLaterFor(move.ReplacedBy))
}

// unschedule gives up what was planned, of both.
func (m mover) unschedule(ctx context.Context) (Result, error) {
	if m.e.Draft != catalogue.Scheduled && m.e.WithdrawAt == nil {
		return Result{}, m.wrongState(catalogue.Unschedule)
	}
	update := unplanned(m.tx.Entry.UpdateOne(m.e), m.e)
	if m.e.Draft == catalogue.Scheduled && m.owner.Policy == catalogue.PolicyFourEyes {
		update.SetDraft(catalogue.Approved) // as it was: nobody changed the text
	}
	return m.save(ctx, catalogue.Unschedule, "", notWithdrawnLater(update))
}

// unplanned takes the plan from a draft that is to be public.
func unplanned(u *db.EntryUpdateOne, e *db.Entry) *db.EntryUpdateOne {
	if e.Draft == catalogue.Scheduled {
		edited(u)
	}
	return u
}

func notWithdrawnLater(u *db.EntryUpdateOne) *db.EntryUpdateOne {
	return u.ClearWithdrawAt().SetWithdrawLaterReason("").SetWithdrawLaterFor("")
}

// wakeAt has somebody look then what is due.
func (m mover) wakeAt(ctx context.Context, at time.Time) error {
	return m.queue.Insert(ctx, m.tx, due{}, &river.InsertOpts{ScheduledAt: at})
}

// due is the job to do what was planned for now. What that is stands with the entries: a job that comes twice finds
// nothing to do, and one that is lost is made up for by the next.
type due struct{}

// Kind names the job in the queue.
func (due) Kind() string { return "due" }

type dueWorker struct {
	river.WorkerDefaults[due]
	p *Publishing
}

func (w dueWorker) Work(ctx context.Context, _ *river.Job[due]) error { return w.p.RunDue(ctx) }

// Register adds what publishing does in the background.
func (p *Publishing) Register(work *jobs.Work) {
	jobs.Handle(work, dueWorker{p: p})
	work.Every(time.Minute, due{}) // also what was due while nobody served, or before the clock was put forward
}

// bySchedule is who does what was planned; who planned it stands in the audit before.
var bySchedule = Actor{Name: "schedule"}

// RunDue publishes and withdraws what was planned for now or earlier, each in a transaction of its own that looks whether
// it still is to be done. A draft that can no longer be public goes back to its author with the reason.
func (p *Publishing) RunDue(ctx context.Context) error {
	if err := p.publishDue(ctx); err != nil {
		return store.Wrap(err, "publishing what is due")
	}
	return store.Wrap(p.withdrawDue(ctx), "withdrawing what is due")
}

func (p *Publishing) publishDue(ctx context.Context) error {
	waiting, err := p.store.Reader().Entry.Query().Where(entry.DraftEQ(catalogue.Scheduled), entry.PublishAtLTE(p.clock())).
		Order(entry.ByPublishAt(), entry.ByID()).IDs(ctx)
	// What is planned for the same time may refer to each other: as long as one can go first, the others may follow.
	for more := true; more && err == nil; {
		var blocked []uuid.UUID
		for _, id := range waiting {
			switch failed := p.publishScheduled(ctx, id, false); {
			case lacksReferences(failed):
				blocked = append(blocked, id)
			case failed != nil:
				return failed
			}
		}
		more = len(blocked) < len(waiting)
		waiting = blocked
	}
	for _, id := range waiting {
		if err := p.publishScheduled(ctx, id, true); err != nil {
			return err
		}
	}
	return err
}

// publishScheduled publishes one scheduled draft, if it still is to be published now. Where it is not good for the public it
// gives it back to its author; where only its references are not, it does so only if that is the last try, and else returns
// the InvalidError.
func (p *Publishing) publishScheduled(ctx context.Context, id uuid.UUID, last bool) error {
	_, err := p.inTx(ctx, func(ctx context.Context, tx *db.Client) (Result, error) {
		m, err := p.dueMover(ctx, tx, id)
		if err != nil || m == nil || m.e.Draft != catalogue.Scheduled || m.e.PublishAt.After(p.clock()) {
			return Result{}, err
		}
		d, _, err := m.checked(ctx, catalogue.LevelPublish)
		var published *db.Entry
		var position int64
		if err == nil {
			published, position, err = p.publish(ctx, tx, m.e, d, m.e.PublishNote)
		}
		var invalid *catalogue.InvalidError
		switch {
		case err == nil:
			return Result{State: stateOf(published, m.owner.Key), Position: position}, nil
		case !errors.As(err, &invalid) || lacksReferences(err) && !last:
			return Result{}, err
		}
		reason := whyNot(*m.e.PublishAt, invalid.Findings)
		update := edited(tx.Entry.UpdateOne(m.e)).SetReturned(reason)
		if m.e.SubmittedAt == nil {
			update.SetSubmittedAt(p.clock()) // it has its place in the queue of what went back
		}
		return m.save(ctx, "not published", reason, update)
	})
	return err
}

// whyNot says in Italian, as the city's editors speak, why what was planned could not be.
func whyNot(at time.Time, findings catalogue.Findings) string {
	var b strings.Builder
	b.WriteString(lang.Message(lang.Italian, "schedule.failed", at.Format(time.RFC3339)))
	for _, f := range findings.In(lang.Italian) {
		fmt.Fprintf(&b, " %s: %s", f.Pointer, f.Message)
	}
	return b.String()
}

func (p *Publishing) withdrawDue(ctx context.Context) error {
	ids, err := p.store.Reader().Entry.Query().Where(entry.WithdrawAtLTE(p.clock())).Order(entry.ByWithdrawAt(), entry.ByID()).IDs(ctx)
	for _, id := range ids {
		if err := p.withdrawScheduled(ctx, id); err != nil {
			return err
		}
	}
	return err
}

// withdrawScheduled withdraws one entry, if it still is to be withdrawn now; what was to be used instead is left out if it is
// no longer public.
func (p *Publishing) withdrawScheduled(ctx context.Context, id uuid.UUID) error {
	_, err := p.inTx(ctx, func(ctx context.Context, tx *db.Client) (Result, error) {
		m, err := p.dueMover(ctx, tx, id)
		if err != nil || m == nil || m.e.WithdrawAt == nil || m.e.WithdrawAt.After(p.clock()) {
			return Result{}, err
		}
		if m.e.Publication != catalogue.Published { // what was planned to be public before never was
			return m.save(ctx, "not withdrawn", "", notWithdrawnLater(tx.Entry.UpdateOne(m.e)))
		}
		var replacement *uuid.UUID
		if to, ok := catalogue.ParseRef(m.ref.Kind, m.e.WithdrawLaterFor); ok {
			e, err := found(tx.Entry.Query().Where(named(to), entry.PublicationEQ(catalogue.Published)).Only(ctx))
			if err != nil {
				return Result{}, err
			}
			if e != nil {
				replacement = &e.ID
			}
		}
		return m.unpublish(ctx, catalogue.Withdrawn, "withdraw", m.e.WithdrawLaterReason, replacement)
	})
	return err
}

// dueMover locks an entry to do what was planned of it, nil if somebody deleted it.
func (p *Publishing) dueMover(ctx context.Context, tx *db.Client, id uuid.UUID) (*mover, error) {
	e, err := found(p.store.Lock(tx.Entry.Query().Where(entry.ID(id))).Only(ctx))
	if err != nil || e == nil {
		return nil, err
	}
	owner, err := e.QueryPublisher().Only(ctx)
	if err != nil {
		return nil, err
	}
	ref := catalogue.Ref{Kind: e.Kind, Publisher: owner.Key, Key: e.Key}
	return &mover{p, tx, e, owner, ref, bySchedule}, nil
}
