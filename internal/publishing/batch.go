package publishing

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/google/uuid"

	"github.com/comuneprato/service-catalogue/ent/db"
	"github.com/comuneprato/service-catalogue/ent/db/entry"
	"github.com/comuneprato/service-catalogue/ent/db/publisher"
	"github.com/comuneprato/service-catalogue/ent/db/revision"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/importing"
)

// candidate is a row of an import as far as it can be judged without the database.
type candidate struct {
	number     int
	ref        catalogue.Ref
	publish    bool
	note       string // of the revision
	document   []byte // as it was read, until it is judged
	id         uuid.UUID
	doc        catalogue.Document
	text       string // the document as it is stored
	findings   catalogue.Findings
	references []catalogue.Reference
	sketches   []catalogue.Sketch // of one that is to be public
	err        error              // why it is refused, whatever is in the database
}

// newCandidate makes a candidate of a row; err is what is wrong with it already. Ids ascend in the order of the rows, and
// exports go by ids, so that they keep that order.
func newCandidate(row importing.Row, err error) candidate {
	c := candidate{number: row.Number, ref: row.Ref(), publish: row.Publish, note: row.Note, document: row.Document, err: err}
	if err == nil {
		c.id, c.err = uuid.NewV7()
	}
	return c
}

// judge reads the document and checks it.
func (c *candidate) judge() {
	if c.err != nil {
		return
	}
	if c.doc, c.findings, c.err = catalogue.Decode(c.ref.Kind, c.document); c.err != nil {
		return
	}
	c.document = nil
	catalogue.Check(c.doc, c.level(), &c.findings)
	c.references = catalogue.References(c.doc)
	if tooMany(c.references, &c.findings) {
		c.references = nil
	}
	if c.publish {
		c.sketches = catalogue.Sketches(c.doc)
	}
	c.text = withoutSlug(c.doc)
}

func (c *candidate) level() catalogue.Level {
	if c.publish {
		return catalogue.LevelPublish
	}
	return catalogue.LevelDraft
}

// batch stores rows together in one transaction, as Put would one by one, except that they may name each other: a
// reference to another row is good if that row is, whichever comes first.
type batch struct {
	p     *Publishing
	tx    *db.Client
	actor Actor
	dry   bool // nothing is to be stored, so nothing is locked

	rows   []*plan
	byRef  map[catalogue.Ref]*plan
	known  map[catalogue.Ref]destination
	slugs  *slugs
	edges  *edges
	before *foresight // of a dry run
}

// plan is a row with what it finds in the database and what becomes of it.
type plan struct {
	*candidate
	owner  *db.Publisher
	old    *db.Entry    // nil if there is none
	public *db.Revision // of old, the one that is public or was last

	err       error // why it is refused
	found     catalogue.Findings
	now       db.Entry
	targets   []target
	visible   bool // will be public
	written   bool // its draft is another than before
	taken     bool // up again from the archive
	publishes bool
	same      bool // as the revision that is public, or was last
	submits   bool
}

// load reads everything in the database that has a say in what becomes of the rows.
func (b *batch) load(ctx context.Context, candidates []candidate) error {
	b.byRef = make(map[catalogue.Ref]*plan, len(candidates))
	owners, err := b.owners(ctx, candidates)
	if err != nil {
		return err
	}
	for i := range candidates {
		c := &candidates[i]
		r := &plan{candidate: c, err: c.err, owner: owners[c.ref.Publisher]}
		if r.err == nil && r.owner == nil {
			r.err = fmt.Errorf("publisher %q: %w", c.ref.Publisher, catalogue.ErrNotFound)
		}
		b.rows = append(b.rows, r)
		if r.err == nil {
			b.byRef[c.ref] = r
		}
	}
	if err := b.loadOld(ctx, owners); err != nil {
		return err
	}
	if err := b.loadTargets(ctx); err != nil {
		return err
	}
	if err := b.loadEdges(ctx); err != nil {
		return err
	}
	return b.loadSlugs(ctx)
}

func (b *batch) owners(ctx context.Context, candidates []candidate) (map[string]*db.Publisher, error) {
	owners := map[string]*db.Publisher{}
	for _, c := range candidates {
		owners[c.ref.Publisher] = b.before.publishers[c.ref.Publisher]
	}
	for chunk := range slices.Chunk(slices.Collect(maps.Keys(owners)), lookUpChunk) {
		rows, err := b.tx.Publisher.Query().Where(publisher.KeyIn(chunk...)).All(ctx)
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			owners[row.Key] = row
		}
	}
	return owners, nil
}

// loadOld reads the entries that the rows are about, keeps other writers from them, and reads their public revisions.
func (b *batch) loadOld(ctx context.Context, owners map[string]*db.Publisher) error {
	ids, keys := map[string]int{}, map[int]string{}
	for key, owner := range owners {
		if owner != nil {
			ids[key], keys[owner.ID] = owner.ID, key
		}
	}
	refs := map[catalogue.Kind][]catalogue.Ref{}
	for ref := range b.byRef {
		refs[ref.Kind] = append(refs[ref.Kind], ref)
	}
	old := map[uuid.UUID]*plan{}
	for _, kind := range catalogue.Kinds {
		for chunk := range slices.Chunk(refs[kind], lookUpChunk) {
			q := b.tx.Entry.Query().Where(entry.KindEQ(kind), anyOf(chunk, ids)).Order(entry.ByID())
			if !b.dry {
				q = b.p.store.Lock(q)
			}
			rows, err := q.All(ctx)
			if err != nil {
				return err
			}
			for _, e := range rows {
				r := b.byRef[catalogue.Ref{Kind: kind, Publisher: keys[e.PublisherID], Key: e.Key}]
				r.old = e
				if !b.dry {
					trailOf(ctx).found(e)
				}
				if e.PublishedRevision > 0 {
					old[e.ID] = r
				}
			}
		}
	}
	for chunk := range slices.Chunk(slices.Collect(maps.Keys(old)), lookUpChunk) {
		rows, err := b.tx.Revision.Query().Where(isCurrent, revision.EntryIDIn(chunk...)).
			Select(revision.FieldEntryID, revision.FieldNumber, revision.FieldHash, revision.FieldSlug, revision.FieldOutdated, revision.FieldDocument).All(ctx)
		if err != nil {
			return err
		}
		for _, row := range rows {
			old[row.EntryID].public = row
		}
	}
	return nil
}

// loadTargets reads the entries outside of the batch that its rows refer to.
func (b *batch) loadTargets(ctx context.Context) error {
	var outside []catalogue.Reference
	for _, r := range b.rows {
		for _, reference := range r.references {
			if b.byRef[reference.To] == nil {
				outside = append(outside, reference)
			}
		}
	}
	found, err := lookUp(ctx, b.tx, outside)
	if err != nil {
		return err
	}
	b.known = make(map[catalogue.Ref]destination, len(found))
	for ref, e := range found {
		b.known[ref] = destination{e.ID, e.Publication == catalogue.Published}
	}
	for _, reference := range outside {
		if to, ok := b.before.entries[reference.To]; ok {
			b.known[reference.To] = to
		}
	}
	return nil
}

// decide settles what becomes of each row. All are taken for good at first. A row that is refused may take with it those
// that name it, so all are judged again until no further one is refused.
func (b *batch) decide(ctx context.Context) error {
	for _, r := range b.rows {
		if r.err == nil {
			r.visible = r.old != nil && r.old.Publication == catalogue.Published || r.publish
		}
	}
	for again := true; again; {
		again = false
		b.slugs.restart()
		b.edges.restart()
		for _, r := range b.rows {
			if r.err != nil {
				continue
			}
			visible := r.visible
			refusal, err := b.judge(ctx, r)
			if err != nil {
				return err
			}
			r.err = refusal
			again = again || r.err != nil || r.visible != visible
		}
	}
	return nil
}

// find is the entry that a reference of a row leads to.
func (b *batch) find(ref catalogue.Ref) (destination, bool) {
	r, inside := b.byRef[ref]
	switch {
	case !inside:
		to, ok := b.known[ref]
		return to, ok
	case r.err == nil:
		return destination{r.entryID(), r.visible}, true
	case r.old != nil:
		return destination{r.old.ID, r.old.Publication == catalogue.Published}, true
	default:
		return destination{}, false
	}
}

func (r *plan) entryID() uuid.UUID {
	if r.old != nil {
		return r.old.ID
	}
	return r.id
}

// judge settles what becomes of one row, given what is known of the others so far: it returns why the row is refused, or
// completes its plan. err is an error of the database.
func (b *batch) judge(ctx context.Context, r *plan) (refusal, err error) {
	version := 0
	if r.old != nil {
		version = r.old.DraftVersion
	}
	if refusal := (Precondition{}).check(version, r.owner.RequireIfMatch); refusal != nil {
		return refusal, nil
	}
	findings := r.findings.Clone()
	r.targets = match(r.ref.Publisher, r.ref, r.entryID(), r.references, r.level(), &findings, b.find)
	if err := b.edges.check(ctx, b, r, &findings); err != nil {
		return nil, err
	}
	slug, err := b.slugs.choose(ctx, b, r, &findings)
	if err != nil {
		return nil, err
	}
	if err := guardLocks(r.old, r.doc, b.actor, &findings); err != nil {
		return nil, err
	}
	findings.Sort()
	if refusal := findings.Err(); refusal != nil {
		return refusal, nil
	}
	outdated, err := r.makeDraft(slug)
	if err != nil {
		return nil, err
	}
	outdated.Advise(r.doc, &findings)
	findings.Sort()
	r.found = findings
	r.publishes, r.submits = false, false
	if r.publish {
		if r.publishes, r.submits, refusal = asked(&r.now, r.owner.Policy); refusal != nil {
			return refusal, nil
		}
	}
	if r.same = r.public != nil && r.public.Hash == hashOf(r.now.Document) && r.public.Slug == slug && r.public.Outdated == r.now.Outdated; r.publishes && !r.same {
		if refusal := (draft{doc: r.doc}).checkNote(r.public, r.note); refusal != nil {
			return refusal, nil
		}
	}
	r.submits = r.submits && r.now.Draft != catalogue.InReview
	r.visible = r.now.Publication == catalogue.Published || r.publishes
	b.slugs.take(r)
	b.edges.take(r)
	return nil, nil
}

// makeDraft works out what the entry will be with the row as its draft, and which of its translations are outdated then.
func (r *plan) makeDraft(slug string) (catalogue.Outdated, error) {
	if r.old == nil {
		r.now = db.Entry{
			ID: r.id, Kind: r.ref.Kind, PublisherID: r.owner.ID, Key: r.ref.Key, Slug: slug,
			Publication: catalogue.Never, Draft: catalogue.Editing, Document: r.text, DraftVersion: 1,
		}
		r.written = true
		return nil, nil
	}
	r.now = *r.old
	outdated, err := catalogue.ParseOutdated(r.old.Outdated)
	if r.old.Document != r.text {
		outdated, err = outdatedAfter(r.old, r.doc)
	}
	if err != nil {
		return nil, err
	}
	r.now.Outdated = outdated.String()
	if r.written = r.old.Document != r.text || r.old.Slug != slug || r.old.Outdated != r.now.Outdated; r.written {
		r.now.Document, r.now.Slug, r.now.Draft = r.text, slug, catalogue.Editing
		r.now.DraftVersion++
	}
	// What was put away and comes again is taken up again, as restore does.
	if r.taken = !r.written && r.publish && r.now.Publication == catalogue.Archived && r.now.Draft == catalogue.Clean; r.taken {
		r.now.Draft = catalogue.Editing
	}
	return outdated, nil
}

func (r *plan) changes() bool { return r.written || r.taken || r.publishes || r.submits }

// outcome is what becomes of the row when the batch is stored.
func (r *plan) outcome() Outcome {
	switch {
	case r.err != nil:
		return RowRefused
	case r.old == nil:
		return RowCreated
	case r.changes():
		return RowUpdated
	default:
		return RowUnchanged
	}
}

// refused reports whether any row is.
func (b *batch) refused() bool {
	return slices.ContainsFunc(b.rows, func(r *plan) bool { return r.err != nil })
}
