package main_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/comuneprato/service-catalogue/internal/store/storetest"
)

func TestARequestUnderWayIsAnsweredBeforeTheServerEnds(t *testing.T) {
	eachDatabase(t, func(t *testing.T, database string) {
		dsn := migrated(t, database)
		token := newPublisher(t, dsn)
		s := serve(t, "--database", dsn)
		body, err := json.Marshal(place("Palazzo pretorio"))
		if err != nil {
			t.Fatal(err)
		}
		conn, answers := halfSent(t, s, token, body)
		s.signal(syscall.SIGTERM)
		s.letsNobodyIn()
		if _, err := conn.Write(body[len(body)/2:]); err != nil {
			t.Fatal(err)
		}
		response, err := http.ReadResponse(answers, nil)
		if err != nil {
			t.Fatalf("the request under way got no answer: %v", err)
		}
		defer response.Body.Close()
		if said, _ := io.ReadAll(response.Body); response.StatusCode != http.StatusCreated || response.Header.Get("Catalogue-Position") != "1" {
			t.Errorf("the request under way got status %d, position %q, want 201 and 1: %s",
				response.StatusCode, response.Header.Get("Catalogue-Position"), said)
		}
		if status := s.wait(); status != 0 {
			t.Errorf("got status %d, want 0", status)
		}
		if rows := must(t, "export", "--database", dsn); !strings.Contains(rows, "Palazzo pretorio") {
			t.Errorf("exported %q, want what was answered", rows)
		}
	})
}

// halfSent is a connection on which half of a place was sent, and the server waits for the rest.
func halfSent(t *testing.T, s *server, token string, body []byte) (conn net.Conn, answers *bufio.Reader) {
	t.Helper()
	address := strings.TrimPrefix(s.url, "http://")
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	fmt.Fprintf(conn, "PUT /v1/publishers/%s/places/p?publish=true HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\n"+
		"Content-Type: application/json\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n", publisher, address, token, len(body))
	answers = bufio.NewReader(conn)
	interim, err := http.ReadResponse(answers, nil)
	if err != nil {
		t.Fatal(err)
	}
	interim.Body.Close()
	if interim.StatusCode != http.StatusContinue {
		t.Fatalf("got status %d, want 100: the server waits for the body", interim.StatusCode)
	}
	if _, err := conn.Write(body[:len(body)/2]); err != nil {
		t.Fatal(err)
	}
	return conn, answers
}

// letsNobodyIn waits until the server takes no connections any more.
func (s *server) letsNobodyIn() {
	s.t.Helper()
	await(s.t, "nobody else gets in", func() bool {
		other, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
		if err == nil {
			other.Close()
		}
		return err != nil
	})
}

func TestASecondSignalEndsTheServerAtOnce(t *testing.T) {
	t.Parallel()
	for _, second := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		dsn, token := prepare(t, t.TempDir())
		s := serve(t, "--database", dsn)
		halfSent(t, s, token, []byte(`{"title":{"it":"Palazzo pretorio"}}`))
		s.signal(syscall.SIGTERM)
		s.letsNobodyIn()
		s.signal(second)
		if s.wait(); s.cmd.ProcessState.Sys().(syscall.WaitStatus).Signal() != second {
			t.Errorf("the server ended by itself (%v), want by the second signal, %v", s.cmd.ProcessState, second)
		}
		if rows := must(t, "export", "--database", dsn); rows != "" {
			t.Errorf("exported %q, want nothing of what was not answered", rows)
		}
	}
}

func TestWhatOneServerPublishesAnotherShows(t *testing.T) {
	eachDatabase(t, func(t *testing.T, database string) {
		dsn := migrated(t, database)
		token := newPublisher(t, dsn)
		one, other := serve(t, "--database", dsn), serve(t, "--database", dsn)
		path := "/v1/publishers/" + publisher + "/places/p"
		var own entry
		one.do(http.MethodPut, path+"?publish=true", token, place("Palazzo pretorio"), http.StatusCreated).into(t, &own)
		sees := func(s *server, status int) {
			t.Helper()
			await(t, fmt.Sprintf("%s answers status %d", s.url, status), func() bool {
				a, err := s.ask(http.MethodGet, "/v1/places/"+own.ID, "", nil)
				return err == nil && a.status == status
			})
		}
		sees(other, http.StatusOK)
		withdrawn := other.do(http.MethodPost, path+"/transitions", token, object{"transition": "withdraw", "reason": "Chiuso."}, http.StatusOK)
		sees(one, http.StatusGone)

		r, err := http.NewRequest(http.MethodGet, one.url+"/v1/changes", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Catalogue-Min-Position", withdrawn.header.Get("Catalogue-Position"))
		a, err := send(r)
		if err != nil {
			t.Fatal(err)
		}
		var page struct{ Position int64 }
		a.into(t, &page)
		if page.Position != 2 {
			t.Errorf("the feed of the one ends at %d, want 2", page.Position)
		}
	})
}

// demonstration starts a server with demonstration data in a folder, and returns its keys by name.
func demonstration(t *testing.T, dir string, args ...string) (*server, map[string]string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "keys")
	s := serveIn(t, setup{dir: dir}, append([]string{"--demo", "--keys-file", file}, args...)...)
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	keys := map[string]string{}
	for line := range strings.Lines(string(content)) {
		name, token, _ := strings.Cut(strings.TrimSpace(line), " ")
		keys[name] = token
	}
	return s, keys
}

func TestADemonstrationIsCompleteAndLeavesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	leftovers := func() []string {
		found, err := filepath.Glob(filepath.Join(dir, "*"))
		if err != nil {
			t.Fatal(err)
		}
		return found
	}

	killed, _ := demonstration(t, dir)
	killed.kill()
	before := leftovers() // the killed one could not tidy up, which bothers nobody

	s, keys := demonstration(t, dir)
	var list struct{ Total int }
	for kind, least := range map[string]int{"services": 97, "offices": 32} {
		if s.get("/v1/"+kind, "", http.StatusOK).into(t, &list); list.Total < least {
			t.Errorf("got %d %s, want at least %d", list.Total, kind, least)
		}
	}
	for name, path := range map[string]string{
		"municipality": "/v1/publishers/prato-comune/services", "utility": "/v1/publishers/publiacqua/services", "admin": "/v1/publishers/publiacqua/offices",
	} {
		s.get(path, keys[name], http.StatusOK)
		if !strings.Contains(s.out.String(), keys[name]) {
			t.Errorf("the key %q is not on standard output", name)
		}
		if strings.Contains(s.err.String(), keys[name]) {
			t.Errorf("the key %q is in the log", name)
		}
	}
	if !strings.Contains(s.out.String(), s.url+"/v1/services") {
		t.Errorf("got %q on standard output, want addresses to try at %s", s.out, s.url)
	}
	if len(leftovers()) != len(before)+1 {
		t.Errorf("a running demonstration has %q, want one temporary folder more than %q", leftovers(), before)
	}
	s.stop()
	if diff := cmp.Diff(before, leftovers()); diff != "" {
		t.Errorf("files after the end mismatch (-want +got):\n%s", diff)
	}
}

func TestADemonstrationGoesIntoAnEmptyDatabaseOnly(t *testing.T) {
	eachDatabase(t, func(t *testing.T, database string) {
		dsn := storetest.DSN(t, database)
		s := serve(t, "--demo", "--migrate", "--database", dsn)
		var before, after struct{ Position int64 }
		s.get("/status", "", http.StatusOK).into(t, &before)
		s.stop()
		s = serve(t, "--demo", "--database", dsn)
		s.get("/status", "", http.StatusOK).into(t, &after)
		if before.Position == 0 || after != before {
			t.Errorf("the feed was at %d and is at %d after a second start, want the same", before.Position, after.Position)
		}
		if !strings.Contains(s.err.String(), "not empty") {
			t.Errorf("got the log %q, want a warning that the database is not empty", s.err)
		}
		s.stop()
	})
}

func TestTheLogIsJSONAndTellsOfRequestsWithoutTheirSecrets(t *testing.T) {
	t.Parallel()
	dsn := migrated(t, storetest.SQLite)
	token := newPublisher(t, dsn)
	s := serve(t, "--database", dsn)
	r, err := http.NewRequest(http.MethodGet, s.url+"/v1/publishers/"+publisher+"/places?limit=7", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("X-Request-ID", "request-7")
	if a, err := send(r); err != nil || a.status != http.StatusOK || a.header.Get("Request-Id") != "request-7" {
		t.Fatalf("got %+v, %v, want 200 with the request's own id", a, err)
	}
	wrong := token[:len(token)-4] + "AAAA"
	s.get("/v1/publishers/"+publisher+"/places", wrong, http.StatusUnauthorized)
	s.get("/v1/services?q=Mario+Rossi", "", http.StatusOK)
	s.stop()

	log := s.err.String()
	for _, secret := range []string{token, wrong, "Rossi", "limit=7"} {
		if strings.Contains(log, secret) {
			t.Errorf("the log tells %q:\n%s", secret, log)
		}
	}
	messages := map[string]int{}
	var request map[string]any
	for line := range strings.Lines(log) {
		var fields map[string]any
		if err := json.Unmarshal([]byte(line), &fields); err != nil {
			t.Errorf("the log has the line %q, want JSON: %v", line, err)
			continue
		}
		message, _ := fields["msg"].(string)
		messages[message]++
		if fields["time"] == nil || fields["level"] == nil || message == "" {
			t.Errorf("the log has the line %q, want time, level and msg", line)
		}
		if fields["request_id"] == "request-7" {
			request = fields
		}
	}
	for _, want := range []string{"serving", "shutting down: letting requests end"} {
		if messages[want] != 1 {
			t.Errorf("the log has %d lines %q, want one:\n%s", messages[want], want, log)
		}
	}
	if messages["request"] != 3 {
		t.Errorf("the log has %d lines of requests, want 3:\n%s", messages["request"], log)
	}
	want := map[string]any{
		"msg": "request", "method": http.MethodGet, "route": "/v1/publishers/:publisher/places",
		"path": "/v1/publishers/" + publisher + "/places", "status": 200.0, "key": "test",
	}
	for name, value := range want {
		if request[name] != value {
			t.Errorf("the line of the request has %s %v, want %v: %v", name, request[name], value, request)
		}
	}
}

func TestALogLevelKeepsLesserLinesBack(t *testing.T) {
	t.Parallel()
	s := serve(t, "--database", migrated(t, storetest.SQLite), "--log-level", "error")
	s.get("/v1/services", "", http.StatusOK)
	s.stop()
	if got := s.err.String(); got != "" {
		t.Errorf("got the log %q, want nothing", got)
	}
}
