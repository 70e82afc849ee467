package main_test

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
)

// Two nodes of one database, be it one file: each takes writes, and each shows what the other took.
func TestTwoServersOfOneDatabaseFollowEachOther(t *testing.T) {
	eachDatabase(t, func(t *testing.T, database string) {
		dsn := migrated(t, database)
		token := newPublisher(t, dsn)
		servers := []*server{serve(t, "--database", dsn), serve(t, "--database", dsn)}
		const writes = 20
		var all sync.WaitGroup
		for i, s := range servers {
			all.Go(func() {
				for n := range writes {
					path := fmt.Sprintf("/v1/publishers/%s/places/p%d-%d?publish=true&note=Prova", publisher, i, n)
					s.do(http.MethodPut, path, token, place(fmt.Sprintf("Luogo %d %d", i, n)), http.StatusCreated)
				}
			})
		}
		all.Wait()
		for _, s := range servers {
			await(t, "a node shows what both took", func() bool {
				var page struct{ Total int }
				s.get("/v1/places?limit=1", "", http.StatusOK).into(t, &page)
				return page.Total == len(servers)*writes
			})
			if got := len(s.feed()); got != len(servers)*writes {
				t.Errorf("the feed has %d changes, want %d", got, len(servers)*writes)
			}
		}
		for _, s := range servers {
			s.stop()
		}
	})
}
