package main_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"testing"
	"time"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
)

// importState is what a server says of an import.
type importState struct {
	ID, State string
	Rows      struct{ Created, Updated, Unchanged, Refused int }
}

func (i importState) settled() int {
	return i.Rows.Created + i.Rows.Updated + i.Rows.Unchanged + i.Rows.Refused
}

func TestAnImportOfAKilledServerIsTakenUpAndDoesNothingTwice(t *testing.T) {
	eachDatabase(t, func(t *testing.T, database string) {
		const rows = 5400 // more than are stored together
		chance := rand.New(rand.NewPCG(uint64(number(t, "CATALOGUE_KILL_SEED", 1)), 0))
		dsn := migrated(t, database)
		token := newPublisher(t, dsn)
		var body []any
		for i := range rows - 1 {
			document := place(fmt.Sprint("Luogo ", i))
			body = append(body, object{"kind": "place", "key": fmt.Sprint("p", i), "document": document, "publish": true})
		}
		body = append(body, object{"kind": "place", "key": "faulty", "document": object{"titel": "x"}})

		s := serve(t, "--database", dsn, "--log-level", "warn")
		path := "/v1/publishers/" + publisher + "/imports"
		var started, now importState
		s.do(http.MethodPost, path, token, body, http.StatusAccepted).into(t, &started)
		path += "/" + started.ID
		for range 2 {
			least := now.settled() + chance.IntN(rows/3)
			await(t, "rows are imported", func() bool {
				s.get(path, token, http.StatusOK).into(t, &now)
				return now.settled() > least || now.State == "done"
			})
			time.Sleep(upTo(chance, 20*time.Millisecond)) // when it is killed is what the test is about
			s.kill()
			s = serve(t, "--database", dsn, "--log-level", "warn")
		}
		await(t, "the import ends", func() bool {
			s.get(path, token, http.StatusOK).into(t, &now)
			return now.State != "queued" && now.State != "running"
		})
		if now.State != "done" || now.Rows.Created != rows-1 || now.Rows.Refused != 1 || now.settled() != rows {
			t.Errorf("the import ended as %+v, want %d rows created and 1 refused", now, rows-1)
		}
		var feed []catalogue.Change
		await(t, "the node tells of all that was published", func() bool {
			feed = s.feed()
			return len(feed) >= rows-1
		})
		published := map[string]int{}
		for _, change := range feed {
			published[change.Key]++
		}
		for i := range rows - 1 {
			if key := fmt.Sprint("p", i); published[key] != 1 {
				t.Errorf("%s was published %d times, want once", key, published[key])
			}
		}
		var report struct {
			Items []struct {
				Row     int
				Outcome string
			}
		}
		s.get(path+"/report", token, http.StatusOK).into(t, &report)
		reported := map[int]string{}
		for _, row := range report.Items {
			reported[row.Row] += row.Outcome
		}
		if len(report.Items) != rows || len(reported) != rows || reported[1] != "created" || reported[rows] != "refused" {
			t.Errorf("the report has %d items of %d rows, the first %q, the last %q; want each of %d once", len(report.Items), len(reported), reported[1], reported[rows], rows)
		}
		s.stop()
	})
}
