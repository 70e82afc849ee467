package search_test

import (
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/comuneprato/service-catalogue/internal/search"
)

func TestReadersGoOnWhileTheBuilderWorks(t *testing.T) {
	docs := theDemo().documents
	b, x := built(docs)
	want := answers(x)
	var readers sync.WaitGroup
	for range 3 {
		readers.Go(func() {
			for range 3 {
				same := cmp.Options{cmpopts.IgnoreUnexported(search.Hit{})}
				if diff := cmp.Diff(want, answers(x), same); diff != "" {
					t.Errorf("answers changed (-first +now):\n%s", diff)
				}
			}
		})
	}
	for i := range 100 {
		b.Delete(docs[i].Ordinal)
		b.Index()
		b.Put(docs[(i*7)%len(docs)])
		b.Index()
	}
	readers.Wait()
}
