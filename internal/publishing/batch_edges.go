package publishing

import (
	"context"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/comuneprato/service-catalogue/ent/db"
	"github.com/comuneprato/service-catalogue/ent/db/entry"
	"github.com/comuneprato/service-catalogue/ent/db/reference"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
)

// edge is a reference that must not lead back.
type edge struct {
	field string
	to    uuid.UUID
	side  reference.Side
	owner int // the publisher of the entry that it goes from
}

// edges are the references between entries that must have no cycles.
type edges struct {
	stored map[uuid.UUID][]edge // before the batch, by the entry that they go from
	taken  map[uuid.UUID][]edge // of the rows decided so far, instead of those stored
	keys   map[uuid.UUID]string // of the entries that are not stored yet
}

func (e *edges) restart() { e.taken = map[uuid.UUID][]edge{} }

func (e *edges) from(id uuid.UUID) []edge {
	if list, ok := e.taken[id]; ok {
		return list
	}
	return e.stored[id]
}

// loadEdges reads everything that can be reached from the rows by references that must not lead back. It locks the entries
// that the rows name so, as checkCycles does.
func (b *batch) loadEdges(ctx context.Context) error {
	b.edges = &edges{stored: map[uuid.UUID][]edge{}, keys: map[uuid.UUID]string{}}
	var frontier []uuid.UUID
	reached := map[uuid.UUID]bool{}
	reach := func(id uuid.UUID) {
		if !reached[id] {
			reached[id] = true
			frontier = append(frontier, id)
		}
	}
	for _, r := range b.rows {
		if r.old == nil {
			b.edges.keys[r.id] = r.ref.Key
		}
		for _, reference := range r.references {
			if to, ok := b.find(reference.To); ok && reference.Acyclic {
				reach(to.id)
			}
		}
	}
	if !b.dry {
		for chunk := range slices.Chunk(frontier, lookUpChunk) {
			if _, err := b.p.store.Lock(b.tx.Entry.Query().Where(entry.IDIn(chunk...)).Order(entry.ByID())).IDs(ctx); err != nil {
				return err
			}
		}
	}
	for len(frontier) > 0 {
		from := frontier
		frontier = nil
		for chunk := range slices.Chunk(from, lookUpChunk) {
			rows, err := b.tx.Reference.Query().Where(reference.FromIDIn(chunk...)).
				WithFrom(func(q *db.EntryQuery) { q.Select(entry.FieldID, entry.FieldPublisherID) }).All(ctx)
			if err != nil {
				return err
			}
			for _, row := range rows {
				b.edges.stored[row.FromID] = append(b.edges.stored[row.FromID], edge{fieldOf(catalogue.Pointer(row.Pointer)), row.ToID, row.Side, row.Edges.From.PublisherID})
				reach(row.ToID)
			}
		}
		for _, id := range from {
			if list, ok := b.before.edges[id]; ok {
				b.edges.stored[id] = list
				for _, e := range list {
					reach(e.to)
				}
			}
		}
	}
	return nil
}

// fieldOf is the field of the document that a pointer leads into.
func fieldOf(at catalogue.Pointer) string { return strings.SplitN(string(at), "/", 3)[1] }

// check is checkCycles within a batch.
func (e *edges) check(ctx context.Context, b *batch, r *plan, findings *catalogue.Findings) error {
	for _, t := range r.targets {
		if !t.Acyclic {
			continue
		}
		way := e.wayBack(r, t)
		if way == nil {
			continue
		}
		keys := make([]string, 0, len(way))
		for _, id := range way {
			if key, isNew := e.keys[id]; isNew {
				keys = append(keys, key)
				continue
			}
			stored, err := keysOf(ctx, b.tx, []uuid.UUID{id})
			if err != nil {
				return err
			}
			keys = append(keys, stored...)
		}
		findings.AddCycle(t.Pointer, keys)
	}
	return nil
}

// wayBack is a chain of references in the same field from the entry that a reference of the row leads to, back to that
// of the row; nil if there is none.
func (e *edges) wayBack(r *plan, start target) []uuid.UUID {
	self, field := r.entryID(), fieldOf(start.Pointer)
	came := map[uuid.UUID]uuid.UUID{start.id: uuid.Nil}
	for frontier := []uuid.UUID{start.id}; len(frontier) > 0; frontier = frontier[1:] {
		if frontier[0] == self {
			break
		}
		for _, next := range e.from(frontier[0]) {
			if next.field != field || next.side != sidePublished && next.owner != r.owner.ID {
				continue
			}
			if _, known := came[next.to]; !known {
				came[next.to] = frontier[0]
				frontier = append(frontier, next.to)
			}
		}
	}
	if _, found := came[self]; !found {
		return nil
	}
	var way []uuid.UUID
	for id := self; id != uuid.Nil; id = came[id] {
		way = append(way, id)
	}
	slices.Reverse(way)
	return way
}

// take puts the references of a row in the place of what its entry had.
func (e *edges) take(r *plan) {
	var list []edge
	for _, old := range e.stored[r.now.ID] {
		if old.side == sideDraft && !r.written || old.side == sidePublished && !r.publishes {
			list = append(list, old)
		}
	}
	for _, t := range r.targets {
		if !t.Acyclic {
			continue
		}
		if r.written {
			list = append(list, edge{fieldOf(t.Pointer), t.id, sideDraft, r.owner.ID})
		}
		if r.publishes {
			list = append(list, edge{fieldOf(t.Pointer), t.id, sidePublished, r.owner.ID})
		}
	}
	e.taken[r.now.ID] = list
}
