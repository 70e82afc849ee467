package main_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
)

func TestOfARequestThatBreaksOffNothingIsStored(t *testing.T) {
	t.Parallel()
	s, keys := demonstration(t, t.TempDir(), "--log-level", "error")
	stored := func() string {
		var audit struct{ Items []struct{ Number int } }
		s.get("/v1/audit?limit=1", keys["admin"], http.StatusOK).into(t, &audit)
		var imports, status struct{ Total, Position int }
		s.get("/v1/publishers/"+publisher+"/imports", keys["admin"], http.StatusOK).into(t, &imports)
		s.get("/status", "", http.StatusOK).into(t, &status)
		return fmt.Sprint(audit, imports, status)
	}
	requests := withBodies(t, keys)
	before, goroutines := stored(), s.goroutines()
	for _, r := range requests {
		half := r.body[:len(r.body)/2]
		r.breakOff(s, "Content-Length: %d\r\n\r\n%s", len(r.body), half)
		r.breakOff(s, "Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n", len(r.body), r.body) // and no last chunk
		r.breakOff(s, "Transfer-Encoding: chunked\r\n\r\n%x\r\n%s", len(r.body), half)
		r.leave(s, "Content-Length: %d\r\n\r\n%s", len(r.body), half)
	}
	await(t, "no goroutine is left of them", func() bool { return s.goroutines() <= goroutines+moreGoroutines })
	await(t, "all that they left is removed", func() bool { return stored() == before })
	for _, r := range requests {
		if a, err := r.again(s); err != nil || a.status >= 300 {
			t.Errorf("%s %s as a whole: got status %d, %v, want success: %s", r.method, r.path, a.status, err, a.body)
		}
	}
	s.stop()
	if log := s.err.String(); log != "" {
		t.Errorf("got the log %q, want no error", log)
	}
}

// whole is a request that is to break off.
type whole struct {
	method, path, media, token string
	body                       []byte
}

// withBodies are the examples of all operations that take a body, as an admin makes them of a service.
func withBodies(t *testing.T, keys map[string]string) (requests []whole) {
	t.Helper()
	known := learn(t)
	for _, route := range known.routes {
		path := strings.Replace(route.Path, "{kinds}", catalogue.KindService.Plural(), 1)
		o := known.operations[route.Method+" "+placeholder.ReplaceAllString(path, "{$1}")]
		if o.body == nil {
			continue
		}
		if _, ok := o.place["prefix"]; ok {
			o.place["prefix"] = prefixOf(keys["utility"])
		}
		body, err := json.Marshal(o.body)
		if err != nil {
			t.Fatal(err)
		}
		media := "application/json"
		if route.Method == http.MethodPatch {
			media = "application/merge-patch+json"
		}
		path = placeholder.ReplaceAllStringFunc(path, func(place string) string { return o.place[place[1:]] })
		requests = append(requests, whole{route.Method, path, media, keys["admin"], body})
	}
	if len(requests) == 0 {
		t.Fatal("no operation takes a body: has the description changed?")
	}
	return requests
}

// sent is a connection on which a part of the request was sent, from the header on that says how long it is.
func (r whole) sent(s *server, format string, args ...any) *net.TCPConn {
	s.t.Helper()
	address := strings.TrimPrefix(s.url, "http://")
	conn, err := net.Dial("tcp", address)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { conn.Close() })
	fmt.Fprintf(conn, "%s %s HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nContent-Type: %s\r\n%s", r.method, r.path, address, r.token, r.media, fmt.Sprintf(format, args...))
	return conn.(*net.TCPConn)
}

// breakOff sends a part of the request and no more, and wants it refused.
func (r whole) breakOff(s *server, format string, args ...any) {
	s.t.Helper()
	conn := r.sent(s, format, args...)
	if err := conn.CloseWrite(); err != nil {
		s.t.Fatal(err)
	}
	if answer, err := io.ReadAll(conn); err != nil || !bytes.HasPrefix(answer, []byte("HTTP/1.1 4")) {
		s.t.Errorf("%s %s, broken off: got %q, %v, want a refusal", r.method, r.path, answer, err)
	}
}

// leave sends a part of the request and is gone, as after a crash.
func (r whole) leave(s *server, format string, args ...any) {
	s.t.Helper()
	conn := r.sent(s, format, args...)
	if err := conn.SetLinger(0); err != nil {
		s.t.Fatal(err)
	}
	conn.Close()
}

// again sends the whole request.
func (r whole) again(s *server) (answer, error) {
	request, err := http.NewRequest(r.method, s.url+r.path, bytes.NewReader(r.body))
	if err != nil {
		return answer{}, err
	}
	request.Header.Set("Authorization", "Bearer "+r.token)
	request.Header.Set("Content-Type", r.media)
	return send(request)
}

// goroutines is how many the server has.
func (s *server) goroutines() int { return int(s.metric("go_goroutines")) }

// metric is the value of a metric without labels.
func (s *server) metric(name string) float64 {
	s.t.Helper()
	found := regexp.MustCompile(`(?m)^` + name + ` (\S+)$`).FindSubmatch(s.get("/metrics", "", http.StatusOK).body)
	if found == nil {
		s.t.Fatalf("/metrics tells nothing of %s", name)
	}
	value, err := strconv.ParseFloat(string(found[1]), 64)
	if err != nil {
		s.t.Fatal(err)
	}
	return value
}
