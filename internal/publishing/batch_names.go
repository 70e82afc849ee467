package publishing

import (
	"context"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/comuneprato/service-catalogue/ent/db"
	"github.com/comuneprato/service-catalogue/ent/db/entry"
	"github.com/comuneprato/service-catalogue/ent/db/redirect"
	"github.com/comuneprato/service-catalogue/ent/db/reference"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
)

// slugName is a slug within its kind.
type slugName struct {
	kind catalogue.Kind
	slug string
}

// slugs knows whose the slugs are that a batch asks about: of drafts, or reserved since they were public.
type slugs struct {
	owners   map[slugName]uuid.UUID // before the batch
	families map[slugName]bool      // stems of which owners has every slug
	taken    map[slugName]uuid.UUID // by the batch so far; Nil: given up
	numbers  map[slugName]int       // the last number that a family was given
	reserved map[slugName]bool      // of owners, since readers know them
}

func (s *slugs) restart() {
	s.taken, s.numbers = map[slugName]uuid.UUID{}, map[slugName]int{}
}

// owner is the entry that has a slug, Nil if none has.
func (s *slugs) owner(name slugName) uuid.UUID {
	if id, ok := s.taken[name]; ok {
		return id
	}
	return s.owners[name]
}

func (b *batch) loadSlugs(ctx context.Context) error {
	b.slugs = &slugs{owners: map[slugName]uuid.UUID{}, families: map[slugName]bool{}, reserved: map[slugName]bool{}}
	wanted := map[catalogue.Kind][]string{}
	for _, r := range b.rows {
		if r.err != nil {
			continue
		}
		if asked, base := wantedSlug(r.ref, r.doc); asked != "" || r.old == nil {
			wanted[r.ref.Kind] = append(wanted[r.ref.Kind], base)
			if r.public != nil {
				wanted[r.ref.Kind] = append(wanted[r.ref.Kind], r.public.Slug) // whether it is reserved
			}
		}
	}
	for kind, list := range wanted {
		slices.Sort(list)
		for chunk := range slices.Chunk(slices.Compact(list), lookUpChunk) {
			entries, err := b.tx.Entry.Query().Where(entry.KindEQ(kind), entry.SlugIn(chunk...)).Select(entry.FieldID, entry.FieldSlug).All(ctx)
			if err != nil {
				return err
			}
			reserved, err := b.tx.Redirect.Query().Where(redirect.KindEQ(kind), redirect.SlugIn(chunk...)).All(ctx)
			if err != nil {
				return err
			}
			b.slugs.know(kind, entries, reserved)
		}
	}
	for name, id := range b.before.slugs {
		b.slugs.owners[name] = id
	}
	return nil
}

func (s *slugs) know(kind catalogue.Kind, entries []*db.Entry, reserved []*db.Redirect) {
	for _, e := range entries {
		s.owners[slugName{kind, e.Slug}] = e.ID
	}
	for _, old := range reserved {
		s.owners[slugName{kind, old.Slug}] = old.EntryID
		s.reserved[slugName{kind, old.Slug}] = true
	}
}

// choose is chooseSlug within a batch.
func (s *slugs) choose(ctx context.Context, b *batch, r *plan, findings *catalogue.Findings) (string, error) {
	wanted, base := wantedSlug(r.ref, r.doc)
	if wanted == "" && r.old != nil {
		return r.old.Slug, nil
	}
	name := slugName{r.ref.Kind, base}
	if !s.others(name, r) {
		return base, nil
	}
	if err := s.loadFamily(ctx, b, slugName{r.ref.Kind, stemOf(base)}); err != nil {
		return "", err
	}
	for n := max(2, s.numbers[name]); ; n++ {
		if free := withNumber(base, n); !s.others(slugName{r.ref.Kind, free}, r) {
			if wanted == base {
				findings.AddSlugTaken(wanted, free)
			}
			s.numbers[name] = n
			return free, nil
		}
	}
}

// others reports whether another entry than that of the row has a slug.
func (s *slugs) others(name slugName, r *plan) bool {
	owner := s.owner(name)
	return owner != uuid.Nil && owner != r.entryID()
}

func (s *slugs) loadFamily(ctx context.Context, b *batch, stem slugName) error {
	if s.families[stem] {
		return nil
	}
	entries, err := b.tx.Entry.Query().Where(entry.KindEQ(stem.kind), entry.SlugHasPrefix(stem.slug)).Select(entry.FieldID, entry.FieldSlug).All(ctx)
	if err != nil {
		return err
	}
	reserved, err := b.tx.Redirect.Query().Where(redirect.KindEQ(stem.kind), redirect.SlugHasPrefix(stem.slug)).All(ctx)
	if err != nil {
		return err
	}
	s.know(stem.kind, entries, reserved)
	for name, id := range b.before.slugs {
		if name.kind == stem.kind && strings.HasPrefix(name.slug, stem.slug) {
			s.owners[name] = id
		}
	}
	s.families[stem] = true
	return nil
}

// take gives a row its slug, and frees the one that it had, unless that is reserved for it.
func (s *slugs) take(r *plan) {
	if r.old != nil && r.old.Slug != r.now.Slug && !r.keeps(r.old.Slug) {
		s.taken[slugName{r.ref.Kind, r.old.Slug}] = uuid.Nil
	}
	s.taken[slugName{r.ref.Kind, r.now.Slug}] = r.now.ID
}

// keeps reports whether a slug that the draft gives up stays the entry's, since readers know it.
func (r *plan) keeps(slug string) bool { return r.public != nil && r.public.Slug == slug }

// edge is a reference that must not lead back.
type edge struct {
	field string
	to    uuid.UUID
	side  reference.Side
	owner int // the publisher of the entry that it goes from
}

// edges are the references between entries that must have no cycles.
type edges struct {
	stored map[uuid.UUID][]edge // before the batch
	taken  map[uuid.UUID][]edge // instead, of its rows so far
	keys   map[uuid.UUID]string // of entries that are not stored yet
}

func (e *edges) restart() { e.taken = map[uuid.UUID][]edge{} }

func (e *edges) from(id uuid.UUID) []edge {
	if list, ok := e.taken[id]; ok {
		return list
	}
	return e.stored[id]
}

// loadEdges reads everything that can be reached from the rows by references that must not lead back, and keeps other
// writers from the entries that the rows name so: of two who would close a cycle together one sees what the other did.
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

// foresight is what a dry run would have stored so far, as far as later rows ask about it.
type foresight struct {
	publishers map[string]*db.Publisher
	entries    map[catalogue.Ref]destination
	slugs      map[slugName]uuid.UUID
	edges      map[uuid.UUID][]edge
}

func newForesight() *foresight {
	return &foresight{map[string]*db.Publisher{}, map[catalogue.Ref]destination{}, map[slugName]uuid.UUID{}, map[uuid.UUID][]edge{}}
}

// remember keeps what a batch would have stored.
func (f *foresight) remember(b *batch) {
	for _, r := range b.rows {
		if r.err == nil {
			f.entries[r.ref] = destination{r.now.ID, r.visible}
			// Of an entry that has none any more, the database still has what it had.
			if list, took := b.edges.taken[r.now.ID]; took && (len(list) > 0 || r.old != nil) {
				f.edges[r.now.ID] = list
			}
		}
	}
	for name, id := range b.slugs.taken {
		f.slugs[name] = id
	}
}
