// Package snapshot is the read side: an immutable picture of everything published, in memory, from which every public
// read is answered, and the follower that keeps it up to date. It learns of changes through the feed, and knows neither
// the database nor HTTP.
package snapshot

import (
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/google/uuid"
	"github.com/tidwall/btree"
	"github.com/tidwall/rtree"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/search"
)

// Snapshot is everything that was published at one position of the feed. It never changes; the next one shares with it
// all that stayed the same.
type Snapshot struct {
	generation    int64 // another one of every snapshot, also of one at the same position of another feed
	position      int64
	positionValue []string  // the position as a header
	changed       time.Time // when the latest change was
	nodes         *btree.Map[ordinal, *node]
	names         *btree.Map[string, ordinal]         // ids, references, slugs and old slugs
	orders        map[order]*btree.Map[rank, ordinal] // what is public, in the orders of lists
	facets        *btree.Map[string, *roaring.Bitmap] // what is public and has a value, by facetName
	timed         *roaring.Bitmap                     // the public services that are free, or not, only for some time
	points        map[catalogue.Kind]*rtree.RTreeG[ordinal]
	words         *search.Index

	searchFailed bool
	referrers    *btree.Map[string, *roaring.Bitmap] // who names an entry, by the entry's refName
}

// ordinal is the number of an entry within one process; an entry keeps it for ever.
type ordinal = uint32

// node is an entry at one moment. It never changes, but that its summaries are made when they are asked for.
type node struct {
	catalogue.Entry
	ordinal    ordinal
	generation int64             // another one whenever its view could be another
	facts      catalogue.Facts   // none if it is not public
	references []catalogue.Ref   // distinct, the publisher's profile among them
	wordsHash  uint64            // of what the search knows of it
	ranks      []rank            // in the orders of Sorts; none if it is not public
	summaries  summaries         // none if it is not public
	reason     string            // of a withdrawal
	replacedBy catalogue.EntryID // of a withdrawal; zero: nothing
}

// GoneError says why an entry is no longer public, and what to use instead. It is an ErrGone.
type GoneError struct {
	ID          catalogue.EntryID
	Kind        catalogue.Kind
	Since       time.Time
	Reason      string
	Replacement *catalogue.Entry // nil: nothing, or not public either
}

func (e *GoneError) Error() string {
	return fmt.Sprintf("%s %v: %s", e.Kind, catalogue.ErrGone, e.Reason)
}

// Is makes errors.Is(err, catalogue.ErrGone) hold.
func (e *GoneError) Is(target error) bool { return target == catalogue.ErrGone }

// Position is the position of the last change in the feed that the snapshot has.
func (s *Snapshot) Position() int64 { return s.position }

// PositionValue is the position as the value of a header, made once: nobody may change it.
func (s *Snapshot) PositionValue() []string { return s.positionValue }

// Changed is when the latest change was.
func (s *Snapshot) Changed() time.Time { return s.changed }

// All are the public entries of some kinds, kind by kind, by their titles.
func (s *Snapshot) All(kinds ...catalogue.Kind) iter.Seq[*catalogue.Entry] {
	return func(yield func(*catalogue.Entry) bool) {
		for _, kind := range kinds {
			goOn := true
			s.orders[order{kind, SortTitle}].Scan(func(_ rank, i ordinal) bool {
				n, _ := s.nodes.Get(i)
				goOn = yield(&n.Entry)
				return goOn
			})
			if !goOn {
				return
			}
		}
	}
}

// Searchable reports whether the search is in order.
func (s *Snapshot) Searchable() bool { return !s.searchFailed }

// Names of entries in the one index of them; the first letter keeps the sorts apart.

func idName(id catalogue.EntryID) string { return "i" + string(id[:]) }

func refName(r catalogue.Ref) string { return "r" + string(r.Kind) + "/" + r.Publisher + "/" + r.Key }

func slugName(kind catalogue.Kind, slug string) string { return "s" + string(kind) + "/" + slug }

func oldSlugName(kind catalogue.Kind, slug string) string { return "o" + string(kind) + "/" + slug }

func (s *Snapshot) named(name string) *node {
	n, ok := s.names.Get(name)
	if !ok {
		return nil
	}
	found, _ := s.nodes.Get(n)
	return found
}

// Resolve returns the entry that a reference names, public or withdrawn, or nil.
func (s *Snapshot) Resolve(ref catalogue.Ref) *catalogue.Entry {
	if n := s.named(refName(ref)); n != nil {
		return &n.Entry
	}
	return nil
}

// Find returns the public entry of a kind with an id or slug. It returns ErrNotFound, a GoneError for what was
// withdrawn, or a MovedError that names the new slug.
func (s *Snapshot) Find(kind catalogue.Kind, idOrSlug string) (*catalogue.Entry, error) {
	n, err := s.find(kind, idOrSlug)
	if err != nil {
		return nil, err
	}
	return &n.Entry, nil
}

func (s *Snapshot) find(kind catalogue.Kind, idOrSlug string) (*node, error) {
	n, moved := s.lookUp(kind, idOrSlug)
	switch {
	case n == nil:
		return nil, fmt.Errorf("%s %q: %w", kind, idOrSlug, catalogue.ErrNotFound)
	case !n.Available():
		return nil, s.gone(n)
	case moved:
		return nil, &catalogue.MovedError{Kind: kind, Slug: n.Slug}
	}
	return n, nil
}

// lookUp is the entry of a kind with an id or slug, or, where none has it, with that old slug; public or withdrawn, nil
// if there is none.
func (s *Snapshot) lookUp(kind catalogue.Kind, idOrSlug string) (n *node, moved bool) {
	if id, err := uuid.Parse(idOrSlug); err == nil && catalogue.LooksLikeID(idOrSlug) {
		if n = s.named(idName(id)); n != nil && n.Ref.Kind != kind {
			return nil, false
		}
		return n, false
	}
	if n = s.named(slugName(kind, idOrSlug)); n != nil {
		return n, false
	}
	return s.formerly(kind, idOrSlug), true
}

// formerly is the entry that had a slug before. A publisher's key leads to its profile too.
func (s *Snapshot) formerly(kind catalogue.Kind, slug string) *node {
	if n := s.named(oldSlugName(kind, slug)); n != nil || kind != catalogue.KindPublisher {
		return n
	}
	return s.named(refName(catalogue.Ref{Kind: kind, Publisher: slug, Key: slug}))
}

func (s *Snapshot) gone(n *node) error {
	gone := &GoneError{ID: n.ID, Kind: n.Ref.Kind, Since: n.UpdatedAt, Reason: n.reason}
	if r := s.named(idName(n.replacedBy)); r != nil && r.Available() {
		gone.Replacement = &r.Entry
	}
	return gone
}

// ID returns the id of the entry of a kind with an id or slug, also of one that was withdrawn. Errors are those of Find
// but for GoneError.
func (s *Snapshot) ID(kind catalogue.Kind, idOrSlug string) (catalogue.EntryID, error) {
	n, err := s.find(kind, idOrSlug)
	var gone *GoneError
	switch {
	case errors.As(err, &gone):
		return gone.ID, nil
	case err != nil:
		return catalogue.EntryID{}, err
	}
	return n.ID, nil
}
