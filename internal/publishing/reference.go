package publishing

import (
	"context"
	"maps"
	"slices"
	"strconv"

	"github.com/google/uuid"

	"github.com/comuneprato/service-catalogue/ent/db"
	"github.com/comuneprato/service-catalogue/ent/db/entry"
	"github.com/comuneprato/service-catalogue/ent/db/predicate"
	"github.com/comuneprato/service-catalogue/ent/db/publisher"
	"github.com/comuneprato/service-catalogue/ent/db/reference"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
)

// The sides of an entry that refer to others: its draft and its public revision.
const (
	sideDraft     = reference.SideDraft
	sidePublished = reference.SidePublished
)

// target is a reference of a document with the entry that it leads to.
type target struct {
	catalogue.Reference
	id uuid.UUID
}

// maxReferences is how many references a document may have in all, so that looking them up and storing them take few
// queries.
const maxReferences = 1000

// resolve looks up what a document refers to. A draft may name any entry of the same publisher and others' published
// ones; somebody else's draft reads as not there. What is missing or not public becomes a finding. The document may
// name its own entry, self, which need not be there yet. One that has more than maxReferences has an error, and nothing
// is looked up.
func resolve(ctx context.Context, tx *db.Client, from catalogue.Ref, self uuid.UUID, doc catalogue.Document, level catalogue.Level, findings *catalogue.Findings) ([]target, error) {
	return resolveSeenBy(ctx, tx, from.Publisher, from, self, doc, level, findings)
}

// resolveSeenBy is resolve for the eyes of a publisher, own, whose drafts it sees; a stranger, "", sees what is public.
func resolveSeenBy(ctx context.Context, tx *db.Client, own string, from catalogue.Ref, self uuid.UUID, doc catalogue.Document, level catalogue.Level, findings *catalogue.Findings) ([]target, error) {
	references := catalogue.References(doc)
	if tooMany(references, findings) {
		return nil, nil
	}
	known, err := lookUp(ctx, tx, references)
	if err != nil {
		return nil, err
	}
	return match(own, from, self, references, level, findings, func(to catalogue.Ref) (destination, bool) {
		e, ok := known[to]
		if !ok {
			return destination{}, false
		}
		return destination{e.ID, e.Publication == catalogue.Published}, true
	}), nil
}

// tooMany reports whether a document has more than maxReferences, and adds that to the findings.
func tooMany(references []catalogue.Reference, findings *catalogue.Findings) bool {
	if len(references) <= maxReferences {
		return false
	}
	if !findings.HasErrors() { // else it was said already which list is too long
		*findings = append(*findings, catalogue.Finding{
			Rule: "too_many", Level: catalogue.LevelDraft, Severity: catalogue.SeverityError, Args: []any{strconv.Itoa(maxReferences)},
		})
	}
	return true
}

// destination is an entry that a reference may lead to.
type destination struct {
	id     uuid.UUID
	public bool
}

// match resolves references by what find knows, under the rules that resolve states.
func match(own string, from catalogue.Ref, self uuid.UUID, references []catalogue.Reference, level catalogue.Level, findings *catalogue.Findings, find func(catalogue.Ref) (destination, bool)) []target {
	targets := make([]target, 0, len(references))
	for _, r := range references {
		if r.To == from {
			targets = append(targets, target{r, self}) // public when the document is
			continue
		}
		to, exists := find(r.To)
		switch {
		case !exists || !to.public && r.To.Publisher != own:
			findings.AddMissing(r.Pointer, r.To)
			continue
		case !to.public:
			findings.AddUnpublished(r.Pointer, r.To, level)
		}
		targets = append(targets, target{r, to.id})
	}
	return targets
}

// lookUpChunk is how many names a query of lookUp asks for: databases bound the values and the depth of one.
const lookUpChunk = 400

// lookUp reads the entries that references name: first the publishers, then the entries of each kind.
func lookUp(ctx context.Context, tx *db.Client, references []catalogue.Reference) (map[catalogue.Ref]*db.Entry, error) {
	wanted := map[catalogue.Kind]map[catalogue.Ref]bool{}
	var names []string
	for _, r := range references {
		if wanted[r.To.Kind] == nil {
			wanted[r.To.Kind] = map[catalogue.Ref]bool{}
		}
		wanted[r.To.Kind][r.To] = true
		names = append(names, r.To.Publisher)
	}
	slices.Sort(names)
	ids, keys := map[string]int{}, map[int]string{}
	for chunk := range slices.Chunk(slices.Compact(names), lookUpChunk) {
		rows, err := tx.Publisher.Query().Where(publisher.KeyIn(chunk...)).Select(publisher.FieldID, publisher.FieldKey).All(ctx)
		if err != nil {
			return nil, err
		}
		for _, p := range rows {
			ids[p.Key], keys[p.ID] = p.ID, p.Key
		}
	}
	known := make(map[catalogue.Ref]*db.Entry, len(references))
	for kind, refs := range wanted {
		for chunk := range slices.Chunk(slices.Collect(maps.Keys(refs)), lookUpChunk) {
			rows, err := tx.Entry.Query().Where(entry.KindEQ(kind), anyOf(chunk, ids)).
				Select(entry.FieldID, entry.FieldPublisherID, entry.FieldKey, entry.FieldPublication).All(ctx)
			if err != nil {
				return nil, err
			}
			for _, e := range rows {
				known[catalogue.Ref{Kind: kind, Publisher: keys[e.PublisherID], Key: e.Key}] = e
			}
		}
	}
	return known, nil
}

// anyOf selects the entries that references name, by the ids of their publishers.
func anyOf(refs []catalogue.Ref, ids map[string]int) predicate.Entry {
	keys := map[int][]string{}
	for _, r := range refs {
		if id, ok := ids[r.Publisher]; ok {
			keys[id] = append(keys[id], r.Key)
		}
	}
	either := []predicate.Entry{entry.IDIn()} // none
	for id, keys := range keys {
		either = append(either, entry.And(entry.PublisherID(id), entry.KeyIn(keys...)))
	}
	return entry.Or(either...)
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
