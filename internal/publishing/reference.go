package publishing

import (
	"context"

	"github.com/google/uuid"

	"github.com/comuneprato/service-catalogue/ent/db"
	"github.com/comuneprato/service-catalogue/ent/db/entry"
	"github.com/comuneprato/service-catalogue/ent/db/publisher"
	"github.com/comuneprato/service-catalogue/ent/db/reference"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
)

// target is a reference of a document with the entry that it leads to.
type target struct {
	catalogue.Reference
	id uuid.UUID
}

// resolve looks up what a document refers to. A draft may name any entry of the same publisher and others' published
// ones; somebody else's draft reads as not there. What is missing or not public becomes a finding. The document may
// name its own entry, self, which need not be there yet.
func resolve(ctx context.Context, tx *db.Client, from catalogue.Ref, self uuid.UUID, doc catalogue.Document, level catalogue.Level, findings *catalogue.Findings) ([]target, error) {
	references := catalogue.References(doc)
	known, err := lookUp(ctx, tx, references)
	if err != nil {
		return nil, err
	}
	var targets []target
	for _, r := range references {
		if r.To == from {
			targets = append(targets, target{r, self}) // public when the document is
			continue
		}
		e := known[r.To]
		public := e != nil && e.Publication == catalogue.Published
		switch own := r.To.Publisher == from.Publisher; {
		case e == nil || !public && !own:
			findings.AddMissing(r.Pointer, r.To)
			continue
		case !public:
			findings.AddUnpublished(r.Pointer, r.To, level)
		}
		targets = append(targets, target{r, e.ID})
	}
	return targets, nil
}

// lookUp reads the entries that references name, with one query per kind and publisher.
func lookUp(ctx context.Context, tx *db.Client, references []catalogue.Reference) (map[catalogue.Ref]*db.Entry, error) {
	type group struct {
		kind      catalogue.Kind
		publisher string
	}
	keys := map[group][]string{}
	for _, r := range references {
		g := group{r.To.Kind, r.To.Publisher}
		keys[g] = append(keys[g], r.To.Key)
	}
	known := make(map[catalogue.Ref]*db.Entry, len(references))
	for g, keys := range keys {
		rows, err := tx.Entry.Query().
			Where(entry.KindEQ(g.kind), entry.HasPublisherWith(publisher.Key(g.publisher)), entry.KeyIn(keys...)).
			Select(entry.FieldID, entry.FieldKey, entry.FieldPublication).All(ctx)
		if err != nil {
			return nil, err
		}
		for _, e := range rows {
			known[catalogue.Ref{Kind: g.kind, Publisher: g.publisher, Key: e.Key}] = e
		}
	}
	return known, nil
}

// replaceReferences stores what one side of an entry, its draft or its public revision, refers to.
func replaceReferences(ctx context.Context, tx *db.Client, from uuid.UUID, side reference.Side, targets []target) error {
	if _, err := tx.Reference.Delete().Where(reference.FromID(from), reference.SideEQ(side)).Exec(ctx); err != nil {
		return err
	}
	rows := make([]*db.ReferenceCreate, len(targets))
	for i, t := range targets {
		rows[i] = tx.Reference.Create().SetFromID(from).SetSide(side).SetPointer(string(t.Pointer)).SetToID(t.id)
	}
	return tx.Reference.CreateBulk(rows...).Exec(ctx)
}

// referrersOf lists the other entries that name an entry, in their public revision or, if they are of the same
// publisher, in their draft: others' drafts are not for its eyes.
func referrersOf(ctx context.Context, tx *db.Client, e *db.Entry) ([]catalogue.Ref, error) {
	rows, err := tx.Entry.Query().Where(
		entry.IDNEQ(e.ID),
		entry.Or(
			entry.HasReferencesWith(reference.ToID(e.ID), reference.SideEQ(sidePublished)),
			entry.And(entry.PublisherID(e.PublisherID), entry.HasReferencesWith(reference.ToID(e.ID))),
		)).
		WithPublisher().Order(entry.ByPublisherField(publisher.FieldKey), entry.ByKind(), entry.ByKey()).All(ctx)
	if err != nil {
		return nil, err
	}
	refs := make([]catalogue.Ref, len(rows))
	for i, e := range rows {
		refs[i] = catalogue.Ref{Kind: e.Kind, Publisher: e.Edges.Publisher.Key, Key: e.Key}
	}
	return refs, nil
}
