package api_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/comuneprato/service-catalogue/api"
	"github.com/comuneprato/service-catalogue/api/apitest"
)

// patience is how long a test waits for what must come.
const patience = 30 * time.Second

// wire is a connection to a server on which a test writes what it likes.
type wire struct {
	net.Conn
	answers *bufio.Reader
}

func dial(t *testing.T, url string) *wire {
	t.Helper()
	return dialFrom(t, "127.0.0.1", url)
}

// dialFrom connects from one of this machine's own addresses.
func dialFrom(t *testing.T, from, url string) *wire {
	t.Helper()
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
	conn, err := dialer.Dial("tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	return &wire{conn, bufio.NewReader(conn)}
}

func (w *wire) send(t *testing.T, text string) {
	t.Helper()
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
}

// receive reads an answer and its body.
func (w *wire) receive(t *testing.T) (*http.Response, string) {
	t.Helper()
	a, err := http.ReadResponse(w.answers, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close()
	body, err := io.ReadAll(a.Body)
	if err != nil {
		t.Fatal(err)
	}
	return a, string(body)
}

// closed reports whether the other side has ended the connection, and waits for that.
func (w *wire) closed() bool {
	_, err := w.answers.ReadByte()
	return err != nil && !errors.Is(err, os.ErrDeadlineExceeded)
}

func TestUnreadableRequestsAreAnsweredWithAProblem(t *testing.T) {
	s := once(t)
	for _, tt := range []struct {
		name, request string
		status        int
		problem       string
	}{
		{"headers of 40 KiB", "GET / HTTP/1.1\r\nHost: h\r\nX-A: " + strings.Repeat("a", 40<<10) + "\r\n\r\n", http.StatusRequestHeaderFieldsTooLarge, "headers"},
		{"headers of 1 MiB", "GET / HTTP/1.1\r\nHost: h\r\n" + strings.Repeat("X-A: a\r\n", 1<<17) + "\r\n", http.StatusRequestHeaderFieldsTooLarge, "headers"},
		{"noise", "\x16\x03\x01\x02\x00\r\n\r\n", http.StatusBadRequest, "unreadable"},
		{"a broken path", "GET /v1/%zz HTTP/1.1\r\nHost: h\r\n\r\n", http.StatusBadRequest, "unreadable"},
		{"no host", "GET / HTTP/1.1\r\n\r\n", http.StatusBadRequest, "unreadable"},
		{"a header without a name", "GET / HTTP/1.1\r\nHost: h\r\n: a\r\n\r\n", http.StatusBadRequest, "unreadable"},
		{"two lengths", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", http.StatusBadRequest, "unreadable"},
		{"an unknown transfer coding", "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n", http.StatusNotImplemented, "unreadable"},
		{"a version to come", "GET / HTTP/3.0\r\nHost: h\r\n\r\n", http.StatusHTTPVersionNotSupported, "unreadable"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := dial(t, s.URL)
			w.send(t, tt.request)
			a, body := w.receive(t) //nolint:bodyclose // receive closes it
			var p api.Problem
			if err := json.Unmarshal([]byte(body), &p); err != nil {
				t.Fatalf("%v: %s", err, body)
			}
			if a.StatusCode != tt.status || p.Status != tt.status || !strings.HasSuffix(p.Type, "#"+tt.problem) || p.Detail == "" {
				t.Errorf("got status %d and the problem %+v, want %d and %s", a.StatusCode, p, tt.status, tt.problem)
			}
			if got := a.Header.Get("Content-Type"); got != "application/problem+json" {
				t.Errorf("Content-Type = %q", got)
			}
			if id := a.Header.Get("Request-Id"); id == "" || !strings.HasSuffix(p.Instance, id) || !a.Close {
				t.Errorf("the request %q is not that of %s, or the connection stays open", id, p.Instance)
			}
		})
	}
}

func TestWhatLooksLikeAnAnswerOfHTTPIsSentAsItIs(t *testing.T) {
	s := once(t)
	title := "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n400 Bad Request"
	got := s.Put(s.Prato, prato("a"), service("A", object{"description": text(title)})).Want(http.StatusCreated).Object()
	if kept := got["document"].(object)["description"].(object)["it"]; kept != title {
		t.Errorf("got %q, want %q", kept, title)
	}
}

// beginUpload begins to send an import, of which the server has asked for the rows when it returns.
func beginUpload(t *testing.T, url, token string) *wire {
	t.Helper()
	w := dial(t, url)
	w.upload(t, token)
	return w
}

// upload begins to send an import.
func (w *wire) upload(t *testing.T, token string) {
	t.Helper()
	w.send(t, fmt.Sprintf("POST /v1/publishers/%s/imports HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer %s\r\n"+
		"Content-Type: application/x-ndjson\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n", apitest.Prato, token))
	if a, body := w.receive(t); a.StatusCode != http.StatusContinue { //nolint:bodyclose // receive closes it
		t.Fatalf("got status %d, want 100: %s", a.StatusCode, body)
	}
}

func TestTooManyCostlyRequestsAtOnceAreRefused(t *testing.T) {
	t.Parallel()
	s := once(t)
	const atOnce = 4
	for range atOnce {
		beginUpload(t, s.URL, s.Prato)
	}
	a := s.Do(upLoading(s.Prato, "", "{}\n")).Want(http.StatusServiceUnavailable)
	if !strings.HasSuffix(a.Problem().Type, "#overloaded") || a.Header.Get("Retry-After") == "" {
		t.Errorf("got the problem %s and Retry-After %q, want overloaded and some seconds", a.Problem().Type, a.Header.Get("Retry-After"))
	}
	key := s.Key(apitest.Prato, "write", "publish")
	s.Do(upLoading(key, "", "{}\n")).Want(http.StatusAccepted)
	s.Get("/v1/services").Want(http.StatusOK)
}

func TestOneClientHasOnlySoManyBodiesAtOnce(t *testing.T) {
	const atOnce = 16
	const put = "PUT /v1/publishers/" + apitest.Prato + "/places/p"
	const validation = "POST /v1/validations"
	for _, tt := range []struct {
		name, request string
		own           func(s *apitest.Server) (token string)
	}{
		{"of a key", put, func(s *apitest.Server) string { return s.Prato }},
		{"of an address", validation, func(*apitest.Server) string { return "" }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := once(t)
			// begin sends the head of a request whose body does not come.
			begin := func(request, token string) (*http.Response, string) {
				w := dial(t, s.URL)
				w.send(t, request+" HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer "+token+"\r\nContent-Type: application/json\r\n"+
					"Content-Length: 10\r\nExpect: 100-continue\r\n\r\n")
				return w.receive(t)
			}
			for range atOnce {
				if a, body := begin(tt.request, tt.own(s)); a.StatusCode != http.StatusContinue { //nolint:bodyclose // receive closes it
					t.Fatalf("got status %d, want 100: %s", a.StatusCode, body)
				}
			}
			a, body := begin(tt.request, tt.own(s)) //nolint:bodyclose // receive closes it
			if a.StatusCode != http.StatusServiceUnavailable || !strings.Contains(body, "#overloaded") || a.Header.Get("Retry-After") == "" {
				t.Errorf("one more: got status %d, Retry-After %q, want 503, overloaded, some seconds: %s", a.StatusCode, a.Header.Get("Retry-After"), body)
			}
			if a, body := begin(put, s.Key(apitest.Prato, "write")); a.StatusCode != http.StatusContinue { //nolint:bodyclose // receive closes it
				t.Errorf("another client: got status %d, want 100: %s", a.StatusCode, body)
			}
		})
	}
}
