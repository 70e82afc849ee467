package publishing

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/comuneprato/service-catalogue/ent/db"
	"github.com/comuneprato/service-catalogue/ent/db/revision"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/store"
)

// Move asks for a transition.
type Move struct {
	Transition catalogue.Transition
	Note       string    // of publish: of the revision; of reject: what is to be changed
	At         time.Time // of publish and withdraw: when, zero for now
	Reason     string    // of withdraw: what readers are told
	ReplacedBy string    // of withdraw, optional: `publisher/key` of the entry of the same kind to use instead
	Revision   int       // of restore
}

// Transition moves an entry from one state to another. It returns ErrNotFound for an unknown entry or revision, a
// StateError where the entry is in no state to move from, an InvalidError where the draft cannot be public or the
// request lacks something, ErrUnread or ErrOwnDraft for an approval, ErrStale or ErrPrecondition.
func (p *Publishing) Transition(ctx context.Context, ref catalogue.Ref, move Move, w Write) (Result, error) {
	result, err := p.inTx(ctx, func(ctx context.Context, tx *db.Client) (Result, error) {
		return p.move(ctx, tx, ref, move, w)
	})
	return result, store.Wrap(err, "%s of %s %q", move.Transition, ref.Kind, ref)
}

// move is Transition within a transaction. What is refused has written nothing.
func (p *Publishing) move(ctx context.Context, tx *db.Client, ref catalogue.Ref, move Move, w Write) (Result, error) {
	m, err := p.mover(ctx, tx, ref, w)
	if move.Transition == catalogue.Approve && errors.Is(err, catalogue.ErrPrecondition) {
		err = catalogue.ErrUnread // whatever the publisher asks of other writes
	}
	if err != nil {
		return Result{}, err
	}
	switch move.Transition {
	case catalogue.Submit:
		return m.submit(ctx)
	case catalogue.Approve:
		return m.approve(ctx, w.If.IfMatch)
	case catalogue.Reject:
		return m.reject(ctx, move.Note)
	case catalogue.Publish:
		if !move.At.IsZero() {
			return m.schedule(ctx, move)
		}
		return m.publish(ctx, move.Note)
	case catalogue.Unschedule:
		return m.unschedule(ctx)
	case catalogue.Withdraw:
		return m.withdraw(ctx, move)
	case catalogue.Archive:
		return m.archive(ctx)
	case catalogue.Restore:
		return m.restore(ctx, move.Revision)
	case catalogue.Confirm:
		return m.confirm(ctx)
	default:
		return Result{}, fmt.Errorf("transition %q: %w", move.Transition, catalogue.ErrNotFound)
	}
}

// mover makes one transition of one entry.
type mover struct {
	*Publishing
	tx    *db.Client
	e     *db.Entry
	owner *db.Publisher
	ref   catalogue.Ref
	actor Actor
}

// mover locks an entry for a write, if the write's condition holds.
func (p *Publishing) mover(ctx context.Context, tx *db.Client, ref catalogue.Ref, w Write) (mover, error) {
	e, err := p.lock(ctx, tx, ref)
	if err != nil {
		return mover{}, err
	}
	owner, err := e.QueryPublisher().Only(ctx)
	if err != nil {
		return mover{}, err
	}
	return mover{p, tx, e, owner, ref, w.Actor}, w.If.check(e.DraftVersion, owner.RequireIfMatch)
}

func (m mover) wrongState(t catalogue.Transition) error {
	return &catalogue.StateError{Transition: t, Publication: m.e.Publication, Draft: m.e.Draft}
}

// mayPublish reports whether a draft that is not public may be made so, by a transition or by PUT. Under four eyes that
// takes an approval, which a scheduled draft has. Under the policy self, drafts in the state editing may be published too,
// and what was withdrawn, but not what was archived.
func mayPublish(e *db.Entry, policy catalogue.Policy) bool {
	switch e.Draft {
	case catalogue.Approved, catalogue.Scheduled:
		return true
	case catalogue.Editing:
		return policy == catalogue.PolicySelf
	case catalogue.Clean:
		return policy == catalogue.PolicySelf && e.Publication == catalogue.Withdrawn
	default:
		return false
	}
}

func (m mover) publish(ctx context.Context, note string) (Result, error) {
	e := m.e
	if e.Publication == catalogue.Published && e.Draft == catalogue.Clean {
		return Result{State: stateOf(e, m.owner.Key)}, nil
	}
	if !mayPublish(e, m.owner.Policy) {
		return Result{}, m.wrongState(catalogue.Publish)
	}
	d, findings, err := m.checked(ctx, catalogue.LevelPublish)
	if err != nil {
		return Result{}, err
	}
	e, position, err := m.Publishing.publish(ctx, m.tx, e, d, note)
	if err != nil {
		return Result{}, err
	}
	result := Result{State: stateOf(e, m.owner.Key), Position: position}
	result.State.Findings, result.State.Score = findings, new(catalogue.ScoreOf(d.doc))
	return result, nil
}

// checked returns the draft and its findings, or an InvalidError where it is not good for the public. Its references are
// checked for a level of their own.
func (m mover) checked(ctx context.Context, references catalogue.Level) (draft, catalogue.Findings, error) {
	fail := func(err error) (draft, catalogue.Findings, error) { return draft{}, nil, err }
	doc, err := catalogue.Stored(m.e.Kind, m.e.Document)
	if err != nil {
		return fail(err)
	}
	d := draft{id: m.e.ID, owner: m.owner, doc: doc, slug: m.e.Slug, actor: m.actor}
	var findings catalogue.Findings
	catalogue.Check(d.doc, catalogue.LevelPublish, &findings)
	if d.targets, err = resolve(ctx, m.tx, m.ref, m.e.ID, d.doc, references, &findings); err != nil {
		return fail(err)
	}
	if err := m.checkCycles(ctx, m.tx, m.ref, m.e.ID, d.targets, &findings); err != nil {
		return fail(err)
	}
	d.sketches = catalogue.Sketches(doc)
	if err := findCopies(ctx, m.tx, m.e.ID, d.doc, d.sketches, &findings); err != nil {
		return fail(err)
	}
	if d.outdated, err = catalogue.ParseOutdated(m.e.Outdated); err != nil {
		return fail(err)
	}
	d.outdated.Advise(d.doc, &findings)
	findings.Sort()
	d.findings = findings
	return d, findings, findings.Err()
}

// lastRevision is the one that is public, or was last; nil if there is none.
func lastRevision(ctx context.Context, tx *db.Client, e *db.Entry) (*db.Revision, error) {
	return found(tx.Revision.Query().Where(revision.EntryID(e.ID), revision.Number(e.PublishedRevision)).Only(ctx))
}

// publish makes the draft public: the revision, unless the last one is the same, and the change, together. It returns an
// InvalidError where that needs a note.
func (p *Publishing) publish(ctx context.Context, tx *db.Client, e *db.Entry, d draft, note string) (*db.Entry, int64, error) {
	now := p.clock()
	hash := hashOf(e.Document)
	number := e.PublishedRevision
	last, err := lastRevision(ctx, tx, e)
	if err != nil {
		return nil, 0, err
	}
	same := last != nil && last.Hash == hash && last.Slug == e.Slug && last.Outdated == e.Outdated
	if !same {
		if err := d.checkNote(last, note); err != nil {
			return nil, 0, err
		}
		number++
		err = tx.Revision.Create().SetEntryID(e.ID).SetNumber(number).SetDocument(e.Document).SetOutdated(e.Outdated).SetSlug(e.Slug).SetHash(hash).
			SetNote(note).SetAuthor(d.actor.Name).SetPublishedAt(now).Exec(ctx)
		if err != nil {
			return nil, 0, err
		}
	}
	if err := replaceReferences(ctx, tx, e.ID, sidePublished, d.targets); err != nil {
		return nil, 0, err
	}
	if !same || e.Publication != catalogue.Published {
		if err := replaceSketches(ctx, tx, e.ID, d.sketches); err != nil {
			return nil, 0, err
		}
	}
	change := catalogue.ChangePublished
	if e.Publication == catalogue.Published {
		change = catalogue.ChangeUpdated
		if same { // somebody edited the draft and took it back
			if e, err = settled(tx.Entry.UpdateOne(e)).SetUpdatedAt(now).Save(ctx); err != nil {
				return nil, 0, err
			}
			p.audit(ctx, d.actor, "publish", e, d.owner.Key, note)
			return e, 0, nil
		}
	}
	stewardship, err := catalogue.ParseStewardship(d.owner.Stewardship)
	if err != nil {
		return nil, 0, err
	}
	update := settled(tx.Entry.UpdateOne(e)).SetPublication(catalogue.Published).
		SetPublishedRevision(number).SetChangedAt(now).SetUpdatedAt(now).
		SetReviewedAt(now).SetReviewBy(stewardship.ReviewBy(e.Kind, now)).SetWithdrawReason("").ClearReplacedBy()
	if e.PublishedAt == nil {
		update.SetPublishedAt(now)
	}
	if e, err = update.Save(ctx); err != nil {
		return nil, 0, err
	}
	if err := noteConcerns(ctx, tx, e, d, now); err != nil {
		return nil, 0, err
	}
	p.audit(ctx, d.actor, "publish", e, d.owner.Key, note)
	position, err := p.appendChange(ctx, tx, e, d.owner.Key, change)
	return e, position, err
}

const maxReason = 1000 // characters

func (m mover) withdraw(ctx context.Context, move Move) (Result, error) {
	later := !move.At.IsZero() && m.e.Draft == catalogue.Scheduled && move.At.After(*m.e.PublishAt)
	if m.e.Publication != catalogue.Published && !later {
		return Result{}, m.wrongState(catalogue.Withdraw)
	}
	replacement, err := m.checkWithdrawal(ctx, &move)
	if err != nil {
		return Result{}, err
	}
	if !move.At.IsZero() {
		return m.withdrawLater(ctx, move)
	}
	return m.unpublish(ctx, catalogue.Withdrawn, "withdraw", move.Reason, replacement)
}

// checkWithdrawal says what is wrong with what readers are to be told, and finds the entry to use instead.
func (m mover) checkWithdrawal(ctx context.Context, move *Move) (replacement *uuid.UUID, err error) {
	var findings catalogue.Findings
	move.checkReason(&findings)
	if move.ReplacedBy != "" {
		to, ok := catalogue.ParseRef(m.ref.Kind, move.ReplacedBy)
		e, err := found(m.tx.Entry.Query().Where(named(to)).Only(ctx))
		if err != nil {
			return nil, err
		}
		switch {
		case !ok:
			findings.AddBadReference("/replacedBy", move.ReplacedBy)
		case e == nil || e.ID == m.e.ID || e.Publication != catalogue.Published:
			findings.AddUnpublished("/replacedBy", to, catalogue.LevelPublish)
		default:
			replacement = &e.ID
		}
	}
	m.checkTime(move.At, &findings)
	return replacement, findings.Err()
}

// checkReason says what is wrong with the reason that readers are to be told.
func (move *Move) checkReason(findings *catalogue.Findings) {
	move.Reason = strings.TrimSpace(move.Reason)
	switch {
	case move.Reason == "":
		findings.AddRequired("/reason")
	case utf8.RuneCountInString(move.Reason) > maxReason:
		findings.AddTooLong("/reason", maxReason)
	}
}

// unpublish takes a published entry from its readers.
func (m mover) unpublish(ctx context.Context, to catalogue.Publication, action, reason string, replacement *uuid.UUID) (Result, error) {
	now := m.clock()
	// What is not public refers to nothing in public.
	if err := replaceReferences(ctx, m.tx, m.e.ID, sidePublished, nil); err != nil {
		return Result{}, err
	}
	if err := forgetConcerns(ctx, m.tx, m.e.ID); err != nil {
		return Result{}, err
	}
	update := m.tx.Entry.UpdateOne(m.e)
	if to == catalogue.Archived {
		unplanned(update, m.e)
	}
	e, err := notWithdrawnLater(update).SetPublication(to).SetWithdrawReason(reason).SetNillableReplacedBy(replacement).
		SetChangedAt(now).SetUpdatedAt(now).Save(ctx)
	if err != nil {
		return Result{}, err
	}
	referrers, err := referrersOf(ctx, m.tx, e)
	if err != nil {
		return Result{}, err
	}
	m.audit(ctx, m.actor, action, e, m.owner.Key, reason)
	position, err := m.appendChange(ctx, m.tx, e, m.owner.Key, catalogue.ChangeWithdrawn)
	return Result{State: stateOf(e, m.owner.Key), Position: position, Referrers: referrers}, err
}

func (m mover) archive(ctx context.Context) (Result, error) {
	if m.e.Publication != catalogue.Never && m.e.Publication != catalogue.Withdrawn {
		return Result{}, m.wrongState(catalogue.Archive)
	}
	e, err := notWithdrawnLater(unplanned(m.tx.Entry.UpdateOne(m.e), m.e)).SetPublication(catalogue.Archived).SetUpdatedAt(m.clock()).Save(ctx)
	if err != nil {
		return Result{}, err
	}
	referrers, err := referrersOf(ctx, m.tx, e)
	if err != nil {
		return Result{}, err
	}
	m.audit(ctx, m.actor, "archive", e, m.owner.Key, "")
	return Result{State: stateOf(e, m.owner.Key), Referrers: referrers}, nil
}

// retire is what becomes of an entry that is deleted but was public once: it is archived, whatever it was.
func (m mover) retire(ctx context.Context, reason string) (Result, error) {
	switch m.e.Publication {
	case catalogue.Published:
		return m.unpublish(ctx, catalogue.Archived, "archive", reason, nil)
	case catalogue.Archived:
		return Result{State: stateOf(m.e, m.owner.Key)}, nil
	default:
		return m.archive(ctx)
	}
}

// restore makes the draft what a revision was, with the slug of that revision unless another entry has it by now. It leaves
// out, with a warning, references to what is no longer there and fields that documents no longer have. A draft that is the
// same stays as it is, except that the draft of an archived entry goes to editing: no other way leads from there to the
// same text in public.
func (m mover) restore(ctx context.Context, number int) (Result, error) {
	r, err := m.tx.Revision.Query().Where(revision.EntryID(m.e.ID), revision.Number(number)).Only(ctx)
	if err != nil {
		return Result{}, store.Wrap(err, "revision %d", number)
	}
	doc, findings, err := m.asOfToday(ctx, r)
	if err != nil {
		return Result{}, err
	}
	catalogue.Check(doc, catalogue.LevelDraft, &findings) // the rules may have become stricter since
	targets, err := resolve(ctx, m.tx, m.ref, m.e.ID, doc, catalogue.LevelDraft, &findings)
	if err != nil {
		return Result{}, err
	}
	if err := m.checkCycles(ctx, m.tx, m.ref, m.e.ID, targets, &findings); err != nil {
		return Result{}, err
	}
	outdated, err := catalogue.ParseOutdated(r.Outdated)
	if err != nil {
		return Result{}, err
	}
	outdated.Advise(doc, &findings)
	if err := guardLocks(m.e, doc, m.actor, &findings); err != nil {
		return Result{}, err
	}
	findings.Sort()
	if err := findings.Err(); err != nil {
		return Result{}, err
	}
	slug := r.Slug
	taken, err := slugTaken(ctx, m.tx, m.ref, slug)
	if err != nil {
		return Result{}, err
	}
	if taken {
		slug = m.e.Slug
	}
	d := draft{id: m.e.ID, owner: m.owner, doc: doc, slug: slug, targets: targets, actor: m.actor, outdated: outdated}
	detail := fmt.Sprintf("revision %d", number)
	e, err := m.storeDraft(ctx, m.tx, m.ref, m.e, d, "restore", detail)
	if err != nil {
		return Result{}, err
	}
	if e.Publication == catalogue.Archived && e.Draft == catalogue.Clean {
		if e, err = m.tx.Entry.UpdateOne(e).SetDraft(catalogue.Editing).SetUpdatedAt(m.clock()).Save(ctx); err != nil {
			return Result{}, err
		}
		m.audit(ctx, m.actor, "restore", e, m.owner.Key, detail)
	}
	result := Result{State: stateOf(e, m.owner.Key), Changed: e.DraftVersion != m.e.DraftVersion}
	result.State.Findings = findings
	return result, nil
}

// asOfToday is the document of a revision without what it can no longer have or refer to, of which it returns warnings.
func (m mover) asOfToday(ctx context.Context, r *db.Revision) (catalogue.Document, catalogue.Findings, error) {
	doc, lost, err := catalogue.Decode(m.e.Kind, []byte(r.Document))
	if err != nil {
		return nil, nil, err
	}
	var missing catalogue.Findings
	if _, err := resolve(ctx, m.tx, m.ref, m.e.ID, doc, catalogue.LevelDraft, &missing); err != nil {
		return nil, nil, err
	}
	var places []catalogue.Pointer
	for _, f := range missing {
		if f.Severity == catalogue.SeverityError {
			places = append(places, f.Pointer)
			lost = append(lost, f)
		}
	}
	if len(places) > 0 {
		whole, err := without([]byte(catalogue.Encode(doc)), places)
		if err != nil {
			return nil, nil, err
		}
		if doc, _, err = catalogue.Decode(m.e.Kind, whole); err != nil {
			return nil, nil, err
		}
	}
	for i := range lost {
		lost[i].Severity = catalogue.SeverityWarning
	}
	return doc, lost, nil
}
