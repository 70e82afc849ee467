package snapshot

import (
	"log/slog"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
)

// Broken is a snapshot of changes, while the last of which the builder of the index of the search was lost.
func Broken(log *slog.Logger, changes ...catalogue.Update) *Snapshot {
	b := newBuilder(log, 0)
	for i, u := range changes {
		if i == len(changes)-1 {
			b.words = nil
		}
		b.apply(u)
	}
	return b.snapshot(int64(len(changes)))
}

// BreakIndex makes the follower's snapshot one whose index of the search is broken.
func (f *Follower) BreakIndex() {
	broken := *f.Snapshot()
	broken.searchFailed, broken.words = true, nil
	f.swap(&broken)
}

// Generation is the generation of the public entry of a kind with an id or slug, 0 if there is none.
func (s *Snapshot) Generation(kind catalogue.Kind, idOrSlug string) int64 {
	n, err := s.find(kind, idOrSlug)
	if err != nil {
		return 0
	}
	return n.generation
}

// Kept is what the answers that are kept cost, once those over the budget are dropped.
func (r *Reader) Kept() uint64 {
	r.cache.CleanUp()
	return r.cache.WeightedSize()
}

// ForgetPages drops the pages of lists that are kept.
func (r *Reader) ForgetPages() {
	for key := range r.cache.Keys() {
		if key.what != "view" {
			r.cache.Invalidate(key)
		}
	}
}

// Forget drops all answers that are kept.
func (r *Reader) Forget() { r.cache.InvalidateAll() }
