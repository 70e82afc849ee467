package publishing

import (
	"context"

	jsonpatch "github.com/evanphx/json-patch/v5"
	"github.com/google/uuid"

	"github.com/comuneprato/service-catalogue/ent/db"
	"github.com/comuneprato/service-catalogue/ent/db/publisher"
	"github.com/comuneprato/service-catalogue/ent/db/reference"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/store"
)

// Put stores a whole document as the draft of an entry, which it makes if there is none, and publishes it if asked to.
// A document equal to the stored one changes nothing. It returns a MalformedError or an InvalidError for the body,
// ErrNotFound for an unknown publisher, ErrStale or ErrPrecondition, or a StateError where it is to be published and
// publish does not start from its state, as of an archived entry whose document is the same.
func (p *Publishing) Put(ctx context.Context, ref catalogue.Ref, body []byte, w Write) (Result, error) {
	doc, findings, err := catalogue.Decode(ref.Kind, body)
	if err != nil {
		return Result{}, err
	}
	proposed := propose(doc, findings, w) // before others have to wait
	result, err := p.inTx(ctx, func(ctx context.Context, tx *db.Client) (Result, error) {
		return p.put(ctx, tx, ref, proposed, w)
	})
	return result, store.Wrap(err, "storing %s %q", ref.Kind, ref)
}

// Patch changes the draft of an entry by a JSON Merge Patch (RFC 7396), and publishes it if asked to. Errors are those
// of Put; ErrNotFound also where there is no entry.
func (p *Publishing) Patch(ctx context.Context, ref catalogue.Ref, patch []byte, w Write) (Result, error) {
	// Merging would lose a name that stands twice, and one that is removed but no document has.
	_, broken, err := catalogue.Decode(ref.Kind, patch)
	if err != nil {
		return Result{}, err
	}
	result, err := p.inTx(ctx, func(ctx context.Context, tx *db.Client) (Result, error) {
		e, err := p.lock(ctx, tx, ref)
		if err != nil {
			return Result{}, err
		}
		merged, err := jsonpatch.MergePatch([]byte(e.Document), patch)
		if err != nil {
			return Result{}, &catalogue.MalformedError{Rule: "json.patch"}
		}
		doc, findings, err := catalogue.Decode(ref.Kind, merged)
		if err != nil {
			return Result{}, err
		}
		if broken.HasErrors() {
			findings = broken.Clone()
		}
		return p.put(ctx, tx, ref, propose(doc, findings, w), w)
	})
	return result, store.Wrap(err, "changing %s %q", ref.Kind, ref)
}

// lock reads an entry and keeps other writers from it until tx ends.
func (p *Publishing) lock(ctx context.Context, tx *db.Client, ref catalogue.Ref) (*db.Entry, error) {
	e, err := p.store.Lock(tx.Entry.Query().Where(named(ref))).Only(ctx)
	if err == nil {
		trailOf(ctx).found(e)
	}
	return e, err
}

// proposal is a document that is to be a draft, with all that can be said of it without the database.
type proposal struct {
	doc      catalogue.Document
	findings catalogue.Findings
	sketches []catalogue.Sketch
}

// propose checks a document, of which findings say what was wrong already, for what is to become of it.
func propose(doc catalogue.Document, findings catalogue.Findings, w Write) proposal {
	catalogue.Check(doc, w.level(), &findings)
	return proposal{doc, findings, catalogue.Sketches(doc)}
}

func (p *Publishing) put(ctx context.Context, tx *db.Client, ref catalogue.Ref, proposed proposal, w Write) (Result, error) {
	doc, findings, level := proposed.doc, proposed.findings.Clone(), w.level()
	owner, err := tx.Publisher.Query().Where(publisher.Key(ref.Publisher)).Only(ctx)
	if err != nil {
		return Result{}, store.Wrap(err, "publisher %q", ref.Publisher)
	}
	old, err := found(p.lock(ctx, tx, ref))
	if err != nil {
		return Result{}, err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return Result{}, err
	}
	version := 0
	if old != nil {
		id, version = old.ID, old.DraftVersion
	}
	if err := w.If.check(version, owner.RequireIfMatch); err != nil {
		return Result{}, err
	}
	targets, err := resolve(ctx, tx, ref, id, doc, level, &findings)
	if err != nil {
		return Result{}, err
	}
	if err := p.checkCycles(ctx, tx, ref, id, targets, &findings); err != nil {
		return Result{}, err
	}
	slug, err := chooseSlug(ctx, tx, ref, doc, old, &findings)
	if err != nil {
		return Result{}, err
	}
	if err := findCopies(ctx, tx, id, doc, proposed.sketches, &findings); err != nil {
		return Result{}, err
	}
	if err := guardLocks(old, doc, w.Actor, &findings); err != nil {
		return Result{}, err
	}
	findings.Sort()
	if err := findings.Err(); err != nil {
		return Result{}, err
	}

	d := draft{id: id, owner: owner, doc: doc, slug: slug, targets: targets, sketches: proposed.sketches, actor: w.Actor, noteIsParameter: w.NoteIsParameter}
	if d.outdated, err = outdatedAfter(old, doc); err != nil {
		return Result{}, err
	}
	if w.TranslationsChecked {
		d.outdated = nil
	}
	d.outdated.Advise(doc, &findings)
	findings.Sort()
	d.findings = findings
	e, err := p.storeDraft(ctx, tx, ref, old, d, "update", "")
	if err != nil {
		return Result{}, err
	}
	result := Result{Created: old == nil, Changed: e.DraftVersion != version}
	var publish bool
	if w.Publish {
		if publish, result.Submitted, err = asked(e, owner.Policy); err != nil {
			return Result{}, err
		}
	}
	switch {
	case publish:
		if e, result.Position, err = p.publish(ctx, tx, e, d, w.Note); err != nil {
			return Result{}, err
		}
	case result.Submitted && e.Draft != catalogue.InReview:
		if e, err = p.submit(ctx, tx, e, owner, w.Actor); err != nil {
			return Result{}, err
		}
	}
	result.State = stateOf(e, ref.Publisher)
	result.State.Findings, result.State.Score = findings, new(catalogue.ScoreOf(doc))
	return result, nil
}

// asked says what becomes of an entry that is to be public: it is published, or has to wait for a review, or neither where
// it is public as it stands. It returns a StateError where publish does not start from its state.
func asked(e *db.Entry, policy catalogue.Policy) (publish, submit bool, err error) {
	switch {
	case e.Draft == catalogue.Clean && e.Publication == catalogue.Published:
		return false, false, nil
	case mayPublish(e, policy):
		return true, false, nil
	case policy == catalogue.PolicySelf || e.Draft != catalogue.InReview && !mayPublish(e, catalogue.PolicySelf):
		return false, false, &catalogue.StateError{Transition: catalogue.Publish, Publication: e.Publication, Draft: e.Draft}
	default:
		return false, true, nil
	}
}

// draft is a document that was found good, with all that is stored beside it.
type draft struct {
	id      uuid.UUID
	owner   *db.Publisher
	doc     catalogue.Document
	slug    string
	targets []target
	actor   Actor

	sketches []catalogue.Sketch

	outdated catalogue.Outdated
	findings catalogue.Findings // of the level at which it was checked

	noteIsParameter bool // of the request; else it is a member of its body
}

// responsibleOffice is the office whose work the entry is: for an office it is itself.
func (d draft) responsibleOffice() *uuid.UUID {
	if d.doc.Kind() == catalogue.KindOffice {
		return &d.id
	}
	return one(d.targets, "/responsibleOffice")
}

// storeDraft makes the entry, or replaces its draft where the document or the slug differ; the audit calls that as action
// says.
func (p *Publishing) storeDraft(ctx context.Context, tx *db.Client, ref catalogue.Ref, old *db.Entry, d draft, action, detail string) (e *db.Entry, err error) {
	document, outdated := withoutSlug(d.doc), d.outdated.String()
	now := p.clock()
	switch {
	case old == nil:
		action = "create"
		e, err = tx.Entry.Create().SetID(d.id).SetAuthor(authorOf(d.actor)).SetKind(ref.Kind).SetPublisherID(d.owner.ID).SetKey(ref.Key).SetSlug(d.slug).
			SetDocument(document).SetOutdated(outdated).SetCreatedAt(now).SetUpdatedAt(now).
			SetLikeness(catalogue.Likeness(d.doc)).SetNillableResponsibleOfficeID(d.responsibleOffice()).Save(ctx)
	case old.Document == document && old.Slug == d.slug && old.Outdated == outdated:
		return old, nil
	default:
		if err := reserveSlug(ctx, tx, old, d.slug, now); err != nil {
			return nil, err
		}
		update := edited(tx.Entry.UpdateOne(old)).SetSlug(d.slug).SetDocument(document).SetOutdated(outdated).SetUpdatedAt(now).
			SetAuthor(authorOf(d.actor)).SetReturned("").AddDraftVersion(1).SetLikeness(catalogue.Likeness(d.doc))
		if office := d.responsibleOffice(); office == nil {
			update.ClearResponsibleOfficeID()
		} else {
			update.SetResponsibleOfficeID(*office)
		}
		e, err = update.Save(ctx)
	}
	if err != nil {
		return nil, err
	}
	if err := extend(ctx, tx, e, d.doc, d.targets); err != nil {
		return nil, err
	}
	if err := replaceReferences(ctx, tx, e.ID, sideDraft, d.targets); err != nil {
		return nil, err
	}
	p.audit(ctx, d.actor, action, e, ref.Publisher, detail)
	return e, nil
}

// outdatedAfter are the translations that are outdated when a document takes the place of a draft, nil for none.
func outdatedAfter(old *db.Entry, doc catalogue.Document) (catalogue.Outdated, error) {
	if old == nil {
		return nil, nil
	}
	known, err := catalogue.ParseOutdated(old.Outdated)
	if err != nil {
		return nil, err
	}
	was, err := catalogue.Stored(old.Kind, old.Document)
	if err != nil {
		return nil, nil //nolint:nilerr // a draft that cannot be read is about to be replaced by one that can
	}
	return known.Next(was, doc), nil
}

// withoutSlug encodes a document but for its slug, which has a column of its own. The document stays as it is: the
// transaction may have to run again.
func withoutSlug(doc catalogue.Document) string {
	head := doc.Common()
	slug := head.Slug
	head.Slug = ""
	defer func() { head.Slug = slug }()
	return catalogue.Encode(doc)
}

// Delete removes an entry that was never public. One that was is archived instead, and readers are told the reason, which
// may be empty. It returns ErrNotFound, ErrStale, ErrPrecondition, or a ReferencedError where other drafts name an entry
// that would be removed.
func (p *Publishing) Delete(ctx context.Context, ref catalogue.Ref, w Write) (Result, error) {
	result, err := p.inTx(ctx, func(ctx context.Context, tx *db.Client) (Result, error) {
		m, err := p.mover(ctx, tx, ref, w)
		if err != nil {
			return Result{}, err
		}
		e := m.e
		if e.PublishedRevision > 0 {
			return m.retire(ctx, w.Reason)
		}
		referrers, err := referrersOf(ctx, tx, e)
		if err != nil {
			return Result{}, err
		}
		if len(referrers) > 0 {
			return Result{}, &catalogue.ReferencedError{By: referrers}
		}
		p.audit(ctx, w.Actor, actionDelete, e, ref.Publisher, "")
		// One that names itself would keep itself.
		if _, err := tx.Reference.Delete().Where(reference.FromID(e.ID)).Exec(ctx); err != nil {
			return Result{}, err
		}
		return Result{}, tx.Entry.DeleteOneID(e.ID).Exec(ctx)
	})
	return result, store.Wrap(err, "deleting %s %q", ref.Kind, ref)
}
