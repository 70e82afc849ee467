package publishing

import (
	"github.com/google/uuid"

	"github.com/comuneprato/service-catalogue/ent/db"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
)

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
			// An empty list counts too where the entry is stored: the database still has its references from before.
			if list, took := b.edges.taken[r.now.ID]; took && (len(list) > 0 || r.old != nil) {
				f.edges[r.now.ID] = list
			}
		}
	}
	for name, id := range b.slugs.taken {
		f.slugs[name] = id
	}
}
