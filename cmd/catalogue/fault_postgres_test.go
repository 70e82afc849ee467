package main_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/comuneprato/service-catalogue/internal/store/pgcluster"
	"github.com/comuneprato/service-catalogue/internal/store/storetest"
)

// troubleBehindProxy starts a server that reaches its PostgreSQL database through a proxy.
func troubleBehindProxy(t *testing.T) (*troubled, *proxy) {
	t.Helper()
	dsn := migrated(t, storetest.Postgres)
	token := newPublisher(t, dsn)
	p, through := newProxy(t, dsn)
	return troubleAt(t, through, token), p
}

// during lets clients write and read all the time while something happens. Each of them repeats what was refused for now,
// until it is stored.
func (s *troubled) during(happens func()) {
	s.t.Helper()
	var over atomic.Bool
	var mu sync.Mutex
	var clients sync.WaitGroup
	refused := map[string]int{}
	for i := range 4 {
		clients.Go(func() {
			for n := 0; !over.Load(); n++ {
				time.Sleep(5 * time.Millisecond) // others use this machine, too
				key := fmt.Sprintf("w%d-%d", i, n)
				if !s.insists(key, func(problem string) {
					mu.Lock()
					defer mu.Unlock()
					refused[problem]++
				}) {
					return
				}
				mu.Lock()
				s.kept = append(s.kept, key)
				mu.Unlock()
			}
		})
	}
	clients.Go(func() {
		for !over.Load() {
			if a, err := s.ask(http.MethodGet, "/v1/places/luogo-p1", "", nil); err != nil || a.status != http.StatusOK {
				s.t.Errorf("a read: got status %d, %v, want 200", a.status, err)
			}
			time.Sleep(5 * time.Millisecond)
		}
	})
	happens()
	over.Store(true)
	clients.Wait()
	s.t.Logf("%d writes stored, refused for now: %v", len(s.kept), refused)
}

// insists repeats a write until it is stored, as long as it is refused in a way that lets it.
func (s *troubled) insists(key string, refused func(problem string)) (stored bool) {
	for end := time.Now().Add(deadline); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		a, err := s.ask(http.MethodPut, "/v1/publishers/"+publisher+"/places/"+key+"?publish=true", s.token, place("Luogo "+key))
		if err != nil {
			s.t.Error(err)
			return false
		}
		if a.status < 300 {
			return true
		}
		var said struct{ Type string }
		a.into(s.t, &said)
		_, problem, _ := strings.Cut(said.Type, "#")
		if a.status != http.StatusServiceUnavailable || a.header.Get("Retry-After") == "" {
			s.t.Errorf("a write: got status %d, want one that may be repeated: %s", a.status, a.body)
			return false
		}
		refused(problem)
	}
	s.t.Errorf("%s could not be stored in %v", key, deadline)
	return false
}

// listens waits until the server hears of changes again.
func (s *troubled) listens(dsn string) {
	s.t.Helper()
	conn, err := pgx.Connect(s.t.Context(), dsn)
	if err != nil {
		s.t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(s.t.Context()))
	await(s.t, "the server listens again", func() bool {
		var listening bool
		err := conn.QueryRow(s.t.Context(), `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND query = 'LISTEN catalogue_changes')`).Scan(&listening)
		if err != nil {
			s.t.Fatal(err)
		}
		return listening
	})
}

func TestARestartOfPostgresLosesNothingAndNeedsNoOther(t *testing.T) {
	t.Parallel()
	storetest.DSN(t, storetest.Postgres) // skips without a server
	cluster, err := pgcluster.Start(t.Context(), "fsync=on", "synchronous_commit=on", "full_page_writes=on")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cluster.Stop(); err != nil {
			t.Error(err)
		}
	})
	dsn := cluster.URL("postgres")
	must(t, "migrate", "--database", dsn)
	s := troubleAt(t, dsn, newPublisher(t, dsn))
	under := s.imports(1000)
	s.during(func() {
		for _, how := range []syscall.Signal{syscall.SIGINT, syscall.SIGQUIT} {
			if err := cluster.Restart(t.Context(), how); err != nil {
				t.Error(err)
			}
			await(t, "the server is ready again", func() bool { return s.ready() == http.StatusOK })
		}
	})
	s.works(under, 1000)
	s.recovers()
	s.listens(dsn)
	s.restart()
}

func TestConnectionsThatBreakLoseNothing(t *testing.T) {
	t.Parallel()
	s, p := troubleBehindProxy(t)
	s.during(func() {
		for range 3 {
			p.becomes(refusing)
			await(t, "the server is not ready", func() bool { return s.ready() == http.StatusServiceUnavailable })
			p.becomes(none)
			await(t, "the server is ready again", func() bool { return s.ready() == http.StatusOK })
			p.cut()
		}
	})
	s.works(s.imports(10), 10)
	s.recovers()
	s.listens(s.dsn)
	s.restart()
}

func TestAWriteIsNotAnsweredAsStoredWhereNobodyKnows(t *testing.T) {
	t.Parallel()
	s, p := troubleBehindProxy(t)
	for name, fault := range map[string]struct {
		fault  fault
		stored int
	}{
		"the COMMIT does not arrive":    {losingCommit, http.StatusNotFound},
		"the answer does not come back": {losingAnswer, http.StatusOK},
	} {
		p.becomes(fault.fault)
		s.refuses(http.StatusServiceUnavailable, "outcome")
		p.becomes(none)
		key := fmt.Sprintf("p%d", s.tried)
		own := "/v1/publishers/" + publisher + "/places/" + key
		await(t, "the server is ready again", func() bool { return s.ready() == http.StatusOK })
		if a, err := s.ask(http.MethodGet, own, s.token, nil); err != nil || a.status != fault.stored {
			t.Errorf("%s: got status %d, %v for what was written, want %d", name, a.status, err, fault.stored)
		}
		if !s.insists(key, func(string) {}) {
			continue
		}
		s.kept = append(s.kept, key)
		s.reads()
	}
	s.restart()
}

// A request with an Idempotency-Key commits three times: that it begins, its effect, its answer.
func TestARepeatedRequestHasOneEffectWhicheverOfItsCommitsIsLost(t *testing.T) {
	t.Parallel()
	dsn := migrated(t, storetest.Postgres)
	p, through := newProxy(t, dsn)
	s := troubleAt(t, through, newPublisher(t, dsn))
	comments := "/v1/publishers/" + publisher + "/places/p1/comments"
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(t.Context()))
	said := 0
	for lost := range 3 {
		for _, fault := range []fault{losingCommit, losingAnswer} {
			name := fmt.Sprintf("fault %d of commit %d", fault, lost+1)
			comment := func() (answer, string) {
				t.Helper()
				a, err := s.askUnder(http.MethodPost, comments, s.token, strconv.Itoa(said), object{"text": name, "pointer": "/title"})
				if err != nil {
					t.Fatal(err)
				}
				var problem struct{ Type string }
				a.into(t, &problem)
				_, kind, _ := strings.Cut(problem.Type, "#")
				return a, kind
			}
			p.becomesAfter(lost, fault)
			first, kind := comment()
			if first.status != http.StatusCreated && kind != "outcome" {
				t.Errorf("%s: got status %d, want 201 or a problem outcome: %s", name, first.status, first.body)
			}
			p.becomes(none)
			await(t, "the server is ready again", func() bool { return s.ready() == http.StatusOK })
			if _, err := conn.Exec(t.Context(), "UPDATE requests SET begun_at = begun_at - interval '3 minutes'"); err != nil { // by when a run is taken for dead
				t.Fatal(err)
			}
			again, kind := comment()
			if again.status != http.StatusCreated && kind != "answer-lost" {
				t.Errorf("%s: repeated: got status %d, want 201 or a problem answer-lost: %s", name, again.status, again.body)
			}
			said++
			var list struct{ Items []struct{ Text string } }
			s.get(comments, s.token, http.StatusOK).into(t, &list)
			if len(list.Items) != said {
				t.Errorf("%s: got %d comments, want %d: %+v", name, len(list.Items), said, list)
			}
		}
	}
	s.restart()
}

// askUnder sends a request with an Idempotency-Key.
func (s *server) askUnder(method, path, token, key string, body any) (answer, error) {
	content, err := json.Marshal(body)
	if err != nil {
		return answer{}, err
	}
	r, err := http.NewRequest(method, s.url+path, bytes.NewReader(content))
	if err != nil {
		return answer{}, err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Idempotency-Key", key)
	return send(r)
}

func TestALockedTableIsBusyUntilItIsFree(t *testing.T) {
	t.Parallel()
	dsn := migrated(t, storetest.Postgres)
	s := troubleAt(t, dsn+"&lock_timeout=200ms", newPublisher(t, dsn))
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(t.Context()))
	lock, err := conn.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lock.Exec(t.Context(), "LOCK TABLE entries IN ACCESS EXCLUSIVE MODE"); err != nil {
		t.Fatal(err)
	}
	s.refuses(http.StatusServiceUnavailable, "busy")
	s.reads()
	if err := lock.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.recovers()
	s.restart()
}

func TestADatabaseThatHangsHoldsNobodyLongerThanARequestMayTake(t *testing.T) {
	t.Parallel()
	slow(t, "35 s")
	s, p := troubleBehindProxy(t)
	p.becomes(stalling)
	began := time.Now()
	s.refuses(http.StatusServiceUnavailable, "timeout")
	if took := time.Since(began); took > 40*time.Second {
		t.Errorf("a write was refused after %v, want at most 40 s", took)
	}
	if status := s.ready(); status != http.StatusServiceUnavailable {
		t.Errorf("/readyz: got status %d, want 503", status)
	}
	s.reads()
	p.becomes(none) // for new connections: of the old ones nothing is heard any more, as after a failover
	s.recovers()
	s.works(s.imports(10), 10)
	s.listens(s.dsn)
	s.restart()
}
