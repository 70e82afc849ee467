package publishing

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/comuneprato/service-catalogue/ent/db"
	"github.com/comuneprato/service-catalogue/ent/db/entry"
	"github.com/comuneprato/service-catalogue/ent/db/predicate"
	"github.com/comuneprato/service-catalogue/ent/db/publisher"
	"github.com/comuneprato/service-catalogue/ent/db/reference"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
)

// checkCycles reports the references of a document that must not lead back to its entry, self, and do: an office cannot
// be below itself, and no service can be required for itself. It follows what is public, and the publisher's own drafts. It
// locks the entries that such references name, so that of two writers who would close a cycle together the second sees
// what the first did.
func (p *Publishing) checkCycles(ctx context.Context, tx *db.Client, from catalogue.Ref, self uuid.UUID, targets []target, findings *catalogue.Findings) error {
	for _, t := range targets {
		if !t.Acyclic || t.id == self {
			continue
		}
		if _, err := p.store.Lock(tx.Entry.Query().Where(entry.ID(t.id))).OnlyID(ctx); err != nil {
			return err
		}
	}
	return findCycles(ctx, tx, from.Publisher, self, targets, findings)
}

// findCycles is checkCycles without the locks, for documents that are not stored; own is the publisher whose drafts count.
func findCycles(ctx context.Context, tx *db.Client, own string, self uuid.UUID, targets []target, findings *catalogue.Findings) error {
	for _, t := range targets {
		if !t.Acyclic {
			continue
		}
		way, err := wayBack(ctx, tx, own, t, self)
		if err != nil {
			return err
		}
		if way != nil {
			findings.AddCycle(t.Pointer, way)
		}
	}
	return nil
}

// wayBack looks for a chain of references in the same field from the entry that a reference leads to, back to self. It
// lists the keys on the way, nil if there is none.
func wayBack(ctx context.Context, tx *db.Client, own string, start target, self uuid.UUID) ([]string, error) {
	field := fieldOf(start.Pointer)
	came := map[uuid.UUID]uuid.UUID{start.id: uuid.Nil} // from where each was reached first
	frontier := []uuid.UUID{start.id}
	for len(frontier) > 0 && came[self] == uuid.Nil && start.id != self {
		var next []uuid.UUID
		for chunk := range slices.Chunk(frontier, lookUpChunk) {
			rows, err := tx.Reference.Query().Where(reference.FromIDIn(chunk...), ofField(field), seenBy(own)).All(ctx)
			if err != nil {
				return nil, err
			}
			for _, r := range rows {
				if _, known := came[r.ToID]; !known {
					came[r.ToID] = r.FromID
					next = append(next, r.ToID)
				}
			}
		}
		frontier = next
	}
	if _, found := came[self]; !found {
		return nil, nil
	}
	var ids []uuid.UUID
	for id := self; id != uuid.Nil; id = came[id] {
		ids = append(ids, id)
	}
	keys, err := keysOf(ctx, tx, ids)
	slices.Reverse(keys)
	return keys, err
}

func ofField(field string) predicate.Reference {
	return reference.Or(reference.Pointer("/"+field), reference.PointerHasPrefix("/"+field+"/"))
}

// seenBy selects the references in what is public, and in the drafts of a publisher.
func seenBy(own string) predicate.Reference {
	return reference.Or(
		reference.SideEQ(sidePublished),
		reference.HasFromWith(entry.HasPublisherWith(publisher.Key(own))),
	)
}

// keysOf lists the keys of entries, in the order of the ids. One that is not stored yet has none.
func keysOf(ctx context.Context, tx *db.Client, ids []uuid.UUID) ([]string, error) {
	keys := make([]string, 0, len(ids))
	for _, id := range ids {
		e, err := found(tx.Entry.Query().Where(entry.ID(id)).Select(entry.FieldKey).Only(ctx))
		if err != nil {
			return nil, err
		}
		if e != nil {
			keys = append(keys, e.Key)
		}
	}
	return keys, nil
}
