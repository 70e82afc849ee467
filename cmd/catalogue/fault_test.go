package main_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/comuneprato/service-catalogue/internal/store/storetest"
)

// prepared is the content of an SQLite file with a publisher, and the token of a key for it.
var prepared struct {
	once    sync.Once
	content []byte
	token   string
}

// prepare makes an SQLite database with a publisher in a folder, and returns a key for it.
func prepare(t testing.TB, folder string) (dsn, token string) {
	t.Helper()
	prepared.once.Do(func() {
		dsn := migrated(t, storetest.SQLite)
		prepared.token = newPublisher(t, dsn)
		content, err := os.ReadFile(dsn)
		if err != nil {
			t.Fatal(err)
		}
		prepared.content = content
	})
	dsn = filepath.Join(folder, "catalogue.db")
	if err := os.WriteFile(dsn, prepared.content, 0o600); err != nil {
		t.Fatal(err)
	}
	return dsn, prepared.token
}

// troubled is a server whose database something happens to, and what it answered before.
type troubled struct {
	*server
	dsn, token string
	kept       []string // the keys of the places that were answered as stored
	tried      int
}

// trouble starts a server on an SQLite database in a folder, and stores something.
func trouble(t testing.TB, folder string) *troubled {
	t.Helper()
	dsn, token := prepare(t, folder)
	return troubleAt(t, dsn, token)
}

func troubleAt(t testing.TB, dsn, token string) *troubled {
	t.Helper()
	s := &troubled{server: serve(t, "--database", dsn, "--log-level", "warn"), dsn: dsn, token: token}
	s.stores()
	return s
}

// put publishes another place, or the text that is given as one.
func (s *troubled) put(text string) answer {
	s.t.Helper()
	s.tried++
	key := fmt.Sprintf("p%d", s.tried)
	document := place("Luogo " + key)
	document["description"] = italian(text)
	a, err := s.ask(http.MethodPut, "/v1/publishers/"+publisher+"/places/"+key+"?publish=true", s.token, document)
	if err != nil {
		s.t.Fatal(err)
	}
	if a.status < 300 {
		s.kept = append(s.kept, key)
	}
	return a
}

// stores wants a write to succeed.
func (s *troubled) stores() {
	s.t.Helper()
	if a := s.put("x"); a.status != http.StatusCreated {
		s.t.Fatalf("a write: got status %d, want 201: %s", a.status, a.body)
	}
}

// refuses wants a write to fail with a problem that says when to come again, and the log to tell the operator where to
// read on.
func (s *troubled) refuses(status int, problem string) {
	s.t.Helper()
	s.wants(s.put("x"), status, problem)
}

func (s *troubled) wants(a answer, status int, problem string) {
	s.t.Helper()
	var said struct{ Type string }
	if a.status >= 400 {
		a.into(s.t, &said)
	}
	if a.status != status || !strings.HasSuffix(said.Type, "#"+problem) || a.header.Get("Retry-After") == "" {
		s.t.Errorf("a write: got status %d, Retry-After %q, want %d and %s: %s", a.status, a.header.Get("Retry-After"), status, problem, a.body)
	}
	await(s.t, "the log says where to read about it", func() bool { return strings.Contains(s.err.String(), "docs/errors.md#"+problem) })
}

// recovers waits until the server stores again, without a restart.
func (s *troubled) recovers() {
	s.t.Helper()
	await(s.t, "the server stores again", func() bool { return s.put("x").status == http.StatusCreated })
	await(s.t, "the server is ready again", func() bool { return s.ready() == http.StatusOK })
	s.reads()
}

// reads wants readers to be answered, whatever there is.
func (s *troubled) reads() {
	s.t.Helper()
	await(s.t, "readers see what was answered", func() bool {
		var list struct{ Total int }
		s.get("/v1/places?limit=1", "", http.StatusOK).into(s.t, &list)
		return list.Total == len(s.kept)
	})
	s.get("/v1/places/luogo-"+s.kept[0], "", http.StatusOK)
	s.get("/v1/search?q=luogo", "", http.StatusOK)
	s.get("/livez", "", http.StatusOK)
}

// imports starts an import of places, which become public.
func (s *troubled) imports(rows int) (path string) {
	s.t.Helper()
	var body []any
	for i := range rows {
		s.tried++
		key := fmt.Sprintf("p%d", s.tried)
		body = append(body, object{"kind": "place", "key": key, "document": place(fmt.Sprint("Luogo ", i)), "publish": true})
		s.kept = append(s.kept, key)
	}
	var started importState
	s.do(http.MethodPost, "/v1/publishers/"+publisher+"/imports", s.token, body, http.StatusAccepted).into(s.t, &started)
	return "/v1/publishers/" + publisher + "/imports/" + started.ID
}

// works waits until an import is done, with every row of it.
func (s *troubled) works(path string, rows int) {
	s.t.Helper()
	var now importState
	await(s.t, "the import is done", func() bool {
		s.get(path, s.token, http.StatusOK).into(s.t, &now)
		return now.State == "done"
	})
	if now.Rows.Created != rows || now.settled() != rows {
		s.t.Errorf("the import ended as %+v, want %d rows created", now, rows)
	}
	s.reads()
}

func (s *troubled) ready() (status int) {
	s.t.Helper()
	a, err := s.ask(http.MethodGet, "/readyz", "", nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return a.status
}

// restart ends the server and wants everything that was answered to be there afterwards, and nothing else.
func (s *troubled) restart() {
	s.t.Helper()
	s.kill()
	s.server = serve(s.t, "--database", s.dsn, "--log-level", "warn")
	s.reads()
	s.stop()
	must(s.t, "audit", "verify", "--database", s.dsn)
}

// unable skips a test where the machine cannot do what it needs, or ends it where CATALOGUE_TEST_FAULTS is "required".
func unable(t *testing.T, format string, args ...any) {
	t.Helper()
	if os.Getenv("CATALOGUE_TEST_FAULTS") == "required" {
		t.Fatalf(format, args...)
	}
	t.Skipf(format, args...)
}

// slow skips a test that waits long, unless CATALOGUE_TEST_FAULTS is "required".
func slow(t *testing.T, wait string) {
	t.Helper()
	if os.Getenv("CATALOGUE_TEST_FAULTS") != "required" {
		t.Skipf("it waits %s: CATALOGUE_TEST_FAULTS=required runs it", wait)
	}
}
