package publishing

import (
	"context"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/comuneprato/service-catalogue/ent/db"
	"github.com/comuneprato/service-catalogue/ent/db/entry"
	"github.com/comuneprato/service-catalogue/ent/db/redirect"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
)

// slugName is a slug within its kind.
type slugName struct {
	kind catalogue.Kind
	slug string
}

// slugs knows which entry has each of the slugs that a batch asks about: in its draft, or reserved since readers know it.
type slugs struct {
	owners   map[slugName]uuid.UUID // before the batch
	families map[slugName]bool      // the stems whose slugs are all in owners
	taken    map[slugName]uuid.UUID // by the batch so far; Nil: given up
	numbers  map[slugName]int       // the last number that was put behind a slug
	reserved map[slugName]bool      // those of owners that readers know
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
