// Package reports tells the operators of the catalogue how it is used: what people search for, and with what success.
// It keeps nothing that says who they are.
package reports

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"entgo.io/ent/dialect/sql"

	"github.com/comuneprato/service-catalogue/ent/db"
	"github.com/comuneprato/service-catalogue/ent/db/searchlog"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/lang"
	"github.com/comuneprato/service-catalogue/internal/store"
)

// LeastSearches is how often something must have been searched for on a day and a node to be kept: what only one person
// types may say who they are.
const LeastSearches = 5

const (
	flushEvery   = time.Minute
	maxDifferent = 50_000 // searches of a day that are counted; further ones are not
	maxQuery     = 100    // characters of a query that are kept
)

// Searches counts what people search for. All its methods may be called at the same time, but Run and Flush only one at a
// time.
type Searches struct {
	store *store.Store
	clock catalogue.Clock
	log   *slog.Logger

	mu     sync.Mutex
	counts map[searched]*tally
}

// searched is a search of a day.
type searched struct {
	query string
	lang  lang.Tag
	day   time.Time
}

type tally struct{ count, stored, results int }

// NewSearches makes a counter that keeps what it counts in a database, when Run runs.
func NewSearches(s *store.Store, clock catalogue.Clock, log *slog.Logger) *Searches {
	return &Searches{store: s, clock: clock, log: log, counts: map[searched]*tally{}}
}

// Note counts a search and how many entries it found.
func (s *Searches) Note(query string, tag lang.Tag, results int) {
	query = normalise(query)
	if query == "" {
		return
	}
	key := searched{query, tag, s.today()}
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.counts[key]
	if t == nil {
		if len(s.counts) >= maxDifferent {
			return
		}
		t = new(tally)
		s.counts[key] = t
	}
	t.count++
	t.results = results
}

// today is the day as UTC has it, at midnight.
func (s *Searches) today() time.Time { return s.clock().Truncate(24 * time.Hour) }

// normalise makes the same of searches that differ only in case, spaces or what comes after a hundred characters.
func normalise(query string) string {
	query = strings.Join(strings.Fields(strings.ToLower(query)), " ")
	if utf8.RuneCountInString(query) > maxQuery {
		query = string([]rune(query)[:maxQuery])
	}
	return query
}

// Run stores what was counted every minute, and once more when ctx is done.
func (s *Searches) Run(ctx context.Context) {
	ticker := time.NewTicker(flushEvery)
	defer ticker.Stop()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-ticker.C:
			s.flush(ctx)
		}
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	s.flush(last)
}

// flush stores what was counted often enough, and forgets the days that are over. What could not be stored stays until
// the next time.
func (s *Searches) flush(ctx context.Context) {
	if err := s.Flush(ctx); err != nil {
		s.log.ErrorContext(ctx, "what people search for could not be stored, trying again in a minute: look at the database", "err", err)
	}
}

// Flush is what Run does every minute. It returns the error of the database.
func (s *Searches) Flush(ctx context.Context) error {
	type change struct {
		searched
		more, results int
	}
	var changes []change
	s.mu.Lock()
	for key, t := range s.counts {
		if t.count >= LeastSearches && t.count > t.stored {
			changes = append(changes, change{key, t.count - t.stored, t.results})
		}
	}
	s.mu.Unlock()
	// Always in the same order, so that two nodes do not wait for each other.
	slices.SortFunc(changes, func(a, b change) int {
		return cmp.Or(a.day.Compare(b.day), cmp.Compare(a.lang, b.lang), cmp.Compare(a.query, b.query))
	})
	err := s.store.InTx(ctx, func(ctx context.Context, tx *db.Client) error {
		for _, c := range changes {
			err := tx.SearchLog.Create().SetQuery(c.query).SetLang(string(c.lang)).SetDay(c.day).SetCount(c.more).SetResults(c.results).
				OnConflictColumns(searchlog.FieldDay, searchlog.FieldLang, searchlog.FieldQuery).
				Update(func(u *db.SearchLogUpsert) { u.AddCount(c.more).SetResults(c.results) }).Exec(ctx)
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return store.Wrap(err, "storing what people search for")
	}
	today := s.today()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range changes {
		s.counts[c.searched].stored += c.more
	}
	for key := range s.counts {
		if key.day.Before(today) {
			delete(s.counts, key)
		}
	}
	return nil
}

// Count is how often something was searched for on a day.
type Count struct {
	Query   string   `json:"query" example:"carta d'identità"` // in lower case
	Lang    lang.Tag `json:"lang" example:"it"`                // of the reader
	Day     string   `json:"day" format:"date" example:"2026-11-22"`
	Count   int      `json:"count" example:"17"`
	Results int      `json:"results" example:"3"` // how many entries were found the last time
}

// Report lists what was searched for between two days, both included: the latest day first, and of a day the most
// frequent first. Only what found nothing is listed where unsuccessful is true.
func (s *Searches) Report(ctx context.Context, from, to time.Time, unsuccessful bool, limit int) ([]Count, error) {
	q := s.store.Reader().SearchLog.Query().Where(searchlog.DayGTE(from), searchlog.DayLTE(to))
	if unsuccessful {
		q.Where(searchlog.Results(0))
	}
	rows, err := q.Order(searchlog.ByDay(sql.OrderDesc()), searchlog.ByCount(sql.OrderDesc()), searchlog.ByQuery()).Limit(limit).All(ctx)
	counts := make([]Count, len(rows))
	for i, r := range rows {
		counts[i] = Count{r.Query, lang.Tag(r.Lang), r.Day.Format(time.DateOnly), r.Count, r.Results}
	}
	return counts, store.Wrap(err, "reading what people search for")
}
