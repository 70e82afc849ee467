package main_test

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// defaultSoak is how long the server is under load where CATALOGUE_SOAK does not say (60s, 30m).
const defaultSoak = 600 * time.Millisecond

// What may be more at rest after the load than after its first third, when everything that is kept was filled.
const (
	moreGoroutines = 24
	moreFiles      = 16
	moreHeap       = 16 << 20 // bytes that are in use
	moreResident   = 64 << 20 // bytes: the runtime gives memory back late
)

func TestNothingPilesUpUnderLoad(t *testing.T) {
	t.Parallel()
	lasts := defaultSoak
	if text, set := os.LookupEnv("CATALOGUE_SOAK"); set {
		var err error
		if lasts, err = time.ParseDuration(text); err != nil {
			t.Fatalf("CATALOGUE_SOAK: %v", err)
		}
	}
	l := newLoad(t)
	l.during(lasts / 3)
	before := l.atRest(math.MaxInt)
	l.during(lasts - lasts/3)
	after := l.atRest(before.goroutines + moreGoroutines)
	for _, of := range []struct {
		what                string
		before, after, more int
	}{
		{"goroutines", before.goroutines, after.goroutines, moreGoroutines},
		{"open files", before.files, after.files, moreFiles},
		{"bytes of the heap", before.heap, after.heap, moreHeap},
		{"resident bytes", before.resident, after.resident, moreResident},
	} {
		t.Logf("%s: %d after %v, %d after %v", of.what, of.before, lasts/3, of.after, lasts)
		if of.after > of.before+of.more {
			t.Errorf("%s: got %d, want at most %d more than %d", of.what, of.after, of.more, of.before)
		}
	}
	for _, status := range []int{http.StatusOK, http.StatusCreated, http.StatusNotModified, http.StatusBadRequest, http.StatusTooManyRequests, left} {
		if l.answers[status] == 0 {
			t.Errorf("got no answer with status %d: the load is not what it should be", status)
		}
	}
	if n := l.answers[http.StatusInternalServerError]; n > 0 {
		t.Errorf("got status 500 %d times", n)
	}
	t.Logf("answers: %v", l.answers)
	l.server.stop()
	if log := l.server.err.String(); log != "" {
		t.Errorf("got the log %q, want no error", log)
	}
}

// load is a server and what makes it work.
type load struct {
	t        *testing.T
	server   *server
	profiles string   // address
	tokens   []string // of two publishers

	mu      sync.Mutex
	answers map[int]int // how many there were, by status
}

// What counts beside the status of answers.
const (
	left   = 0  // the client did
	closed = -1 // the server was full, and closed the connection that had waited longest
)

func newLoad(t *testing.T) *load {
	t.Helper()
	dsn, token := prepare(t, t.TempDir())
	must(t, "publishers", "create", "--database", dsn, "publiacqua", "Publiacqua")
	other := must(t, "keys", "create", "--database", dsn, "--name", "other", "--scopes", "write,publish", "--publisher", "publiacqua")
	must(t, "import", "--database", dsn, writeRows(t, importRows("s")...))
	profiles := freeAddress(t)
	return &load{
		t: t, answers: map[int]int{}, profiles: "http://" + profiles, tokens: []string{token, strings.TrimSpace(other)},
		server: serve(t, "--database", dsn, "--log-level", "error", "--pprof", profiles, "--max-connections", "96", "--cache-bytes", "4194304",
			"--rate-reads", strconv.Itoa(readsOfOne), "--rate-writes", "6000", "--trusted-proxies", "127.0.0.0/8"),
	}
}

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// during lets clients of all sorts make requests.
func (l *load) during(lasts time.Duration) {
	slow := &slowClients{address: strings.TrimPrefix(l.server.url, "http://"), over: make(chan struct{})}
	for range 40 {
		slow.running.Go(slow.connect)
	}
	var over atomic.Bool
	var clients sync.WaitGroup
	for i, next := range []func(n int) error{l.read, l.read, l.read, l.read, l.write, l.write, l.refused, l.hasty, l.leaving} {
		clients.Go(func() {
			for n := i; !over.Load(); n += 9 {
				if err := next(n); err != nil {
					l.count(closed)
				}
				time.Sleep(time.Millisecond)
			}
		})
	}
	time.Sleep(lasts) // for so long there is load: nothing is waited for
	over.Store(true)
	clients.Wait()
	close(slow.over)
	slow.running.Wait()
}

func (l *load) count(status int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.answers[status]++
}

// send sends a request of one of many clients.
func (l *load) send(n int, method, path, token string, header http.Header, body []byte) (http.Header, error) {
	r, err := http.NewRequest(method, l.server.url+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if header != nil {
		r.Header = header
	}
	r.Header.Set("Content-Type", "application/json")
	if r.Header.Get("X-Forwarded-For") == "" { // many clients ask now and then
		r.Header.Set("X-Forwarded-For", fmt.Sprintf("10.0.%d.%d", n%2500/250, n%250))
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	a, err := send(r)
	if err == nil {
		l.count(a.status)
	}
	return a.header, err
}

// read reads something twice, the second time with the copy of the first.
func (l *load) read(n int) error {
	paths := []string{
		"/v1/services", "/v1/services/servizio-s1", "/v1/places/luogo-s1?lang=*", "/v1/search?q=servizo+" + strconv.Itoa(n%500), "/v1/autocomplete?q=uff",
		"/v1/services?limit=" + strconv.Itoa(n%200+1), "/v1/services/servizio-s1/revisions", "/v1/services/servizio-s1/revisions/1", "/v1/changes?limit=200",
		"/v1/exports/services?format=csv", "/v1/exports/catalogue?format=turtle", "/hsds/services", "/v1/offices/ufficio-s1?format=jsonld", "/v1/queues/no_owner",
	}
	path := paths[n/9%len(paths)]
	token := ""
	if strings.HasPrefix(path, "/v1/queues") {
		token = l.tokens[0]
	}
	header, err := l.send(n, http.MethodGet, path, token, nil, nil)
	if etag := header.Get("ETag"); err == nil && etag != "" {
		_, err = l.send(n, http.MethodGet, path, token, http.Header{"If-None-Match": {etag}}, nil)
	}
	return err
}

// write changes one of a hundred places, and now and then takes it away or sends many rows.
func (l *load) write(n int) error {
	i := n / 9 % 2
	own := "/v1/publishers/" + []string{publisher, "publiacqua"}[i]
	path := fmt.Sprintf("%s/places/w%d", own, n/18%100)
	var err error
	switch {
	case n/9%50 == 7:
		_, err = l.send(n, http.MethodPost, own+"/imports", l.tokens[i], nil, fmt.Appendf(nil, `[{"kind":"place","key":"i%d","document":{"title":{"it":"Luogo %d"}},"publish":true}]`, n%100, n))
	case n/9%10 == 3:
		_, err = l.send(n, http.MethodPost, path+"/transitions", l.tokens[i], http.Header{"Idempotency-Key": {strconv.Itoa(n % 1000)}}, []byte(`{"transition":"withdraw","reason":"prova"}`))
	default:
		_, err = l.send(n, http.MethodPut, path+"?publish=true", l.tokens[i], nil, fmt.Appendf(nil, `{"title":{"it":"Luogo %d"},"slug":"w%d-%d"}`, n, i, n/18%100))
	}
	return err
}

// refused sends what cannot be taken.
func (l *load) refused(n int) error {
	switch own := "/v1/publishers/" + publisher; n / 9 % 5 {
	case 0:
		_, err := l.send(n, http.MethodPut, own+"/places/x", l.tokens[0], nil, []byte(`{"title":`))
		return err
	case 1:
		_, err := l.send(n, http.MethodPut, own+"/places/x", l.tokens[1], nil, []byte(`{}`))
		return err
	case 2:
		_, err := l.send(n, http.MethodPut, own+"/places/x", l.tokens[0], nil, bytes.Repeat([]byte(" "), 2<<20))
		return err
	case 3:
		_, err := l.send(n, http.MethodPost, "/v1/validations", "", nil, []byte(`{"kind":"service","document":{"a":1}}`))
		return err
	default:
		_, err := l.send(n, http.MethodGet, "/v1/services/"+strconv.Itoa(n), "cat_x", nil, nil)
		return err
	}
}

// readsOfOne is how many reads a minute a client may make.
const readsOfOne = 60

// hasty is one client that asks more often than it may.
func (l *load) hasty(int) error {
	for range readsOfOne + 1 {
		if _, err := l.send(0, http.MethodGet, "/v1/services?limit=1", "", http.Header{"X-Forwarded-For": {"10.1.0.1"}}, nil); err != nil {
			return err
		}
	}
	return nil
}

// leaving is gone in the middle of a request, or of its answer.
func (l *load) leaving(n int) error {
	conn, err := net.Dial("tcp", strings.TrimPrefix(l.server.url, "http://"))
	if err != nil {
		return err
	}
	defer conn.Close()
	if n/9%2 == 0 {
		fmt.Fprintf(conn, "PUT /v1/publishers/%s/places/x HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 10.0.0.1\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{", publisher, l.tokens[0])
	} else {
		fmt.Fprint(conn, "GET /v1/exports/services?format=ndjson HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 10.0.0.1\r\n\r\n")
		if _, err := io.ReadFull(conn, make([]byte, 512)); err != nil {
			return err
		}
	}
	l.count(left)
	return nil
}

// use is what a server takes of its machine.
type use struct{ goroutines, files, heap, resident int }

// atRest is what the server takes when nobody asks anything, and of memory what a collection leaves. It waits for the last
// requests to end: until no more do, and no more goroutines are there than should be, but not for ever.
func (l *load) atRest(most int) use {
	l.t.Helper()
	last := use{}
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		client.CloseIdleConnections()
		now := l.use()
		if now.goroutines == last.goroutines && now.files == last.files && now.goroutines <= most {
			break
		}
		last = now
	}
	a, err := askOnce(l.profiles + "/debug/pprof/heap?gc=1")
	if err != nil || a.status != http.StatusOK {
		l.t.Fatalf("a collection: got status %d, %v, want 200", a.status, err)
	}
	return l.use()
}

func (l *load) use() use {
	l.t.Helper()
	process := filepath.Join("/proc", strconv.Itoa(l.server.cmd.Process.Pid))
	files, err := os.ReadDir(filepath.Join(process, "fd"))
	if err != nil {
		l.t.Fatal(err)
	}
	statm, err := os.ReadFile(filepath.Join(process, "statm"))
	if err != nil {
		l.t.Fatal(err)
	}
	var size, resident int
	if _, err := fmt.Sscan(string(statm), &size, &resident); err != nil {
		l.t.Fatal(err)
	}
	return use{
		goroutines: l.server.goroutines(), files: len(files),
		heap: int(l.server.metric("go_memstats_heap_alloc_bytes")), resident: resident * os.Getpagesize(),
	}
}
