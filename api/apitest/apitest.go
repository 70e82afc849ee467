// Package apitest runs the whole API in tests, over real HTTP and on a real database, and holds every exchange against
// its description in docs/openapi.json. What the API should answer is for the tests to say.
package apitest

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/comuneprato/service-catalogue/api"
	"github.com/comuneprato/service-catalogue/internal/audit"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/identity"
	"github.com/comuneprato/service-catalogue/internal/jobs"
	"github.com/comuneprato/service-catalogue/internal/metrics"
	"github.com/comuneprato/service-catalogue/internal/publishing"
	"github.com/comuneprato/service-catalogue/internal/reports"
	"github.com/comuneprato/service-catalogue/internal/snapshot"
	"github.com/comuneprato/service-catalogue/internal/store"
)

// The publishers that every server begins with. Both have the policy `self`, and nothing published.
const (
	Prato      = "prato-comune"
	Publiacqua = "publiacqua"
)

// enough is how many requests a minute no test makes that is not about that.
const enough = 1_000_000

// Server is a running API.
type Server struct {
	URL        string       // of the server, and what addresses in answers start with
	Client     *http.Client // checks every exchange; follows no redirects and decompresses nothing
	Config     api.Config
	Store      *store.Store
	Publishers *identity.Publishers

	Prato      string // a key of the publisher Prato, to write and to publish
	Publiacqua string // a key of the publisher Publiacqua, to write and to publish
	Admin      string // a key that may do everything

	t     testing.TB
	later atomic.Int64 // how far the server's clock is ahead
	logs  *safeBuffer
}

// Start runs the API on s until the test ends. It follows the feed; when Start returns, it is ready.
func Start(t testing.TB, s *store.Store) *Server {
	t.Helper()
	server := start(t, s)
	server.CreatePublisher(identity.NewPublisher{Key: Prato, Name: "Comune di Prato", Policy: catalogue.PolicySelf})
	server.CreatePublisher(identity.NewPublisher{Key: Publiacqua, Name: "Publiacqua S.p.A.", Policy: catalogue.PolicySelf})
	server.Prato = server.Key(Prato, identity.Write, identity.Publish)
	server.Publiacqua = server.Key(Publiacqua, identity.Write, identity.Publish)
	server.Admin = server.Key("", identity.Admin)
	server.awaitReady()
	return server
}

// Node runs another node on the database of a server, with the same keys. They share nothing else.
func (s *Server) Node() *Server {
	s.t.Helper()
	node := start(s.t, s.Store)
	node.Prato, node.Publiacqua, node.Admin = s.Prato, s.Publiacqua, s.Admin
	node.awaitReady()
	return node
}

func start(t testing.TB, s *store.Store) *Server {
	t.Helper()
	server := &Server{Store: s, t: t, logs: &safeBuffer{}}
	log := slog.New(slog.NewJSONHandler(server.logs, &slog.HandlerOptions{Level: slog.LevelDebug}))
	listener := listen(t)
	server.URL = "http://" + listener.Addr().String()
	server.Publishers = identity.NewPublishers(s, server.Now)

	write := publishing.New(s, server.Now)
	follower := snapshot.NewFollower(write, log)
	server.Config = api.Config{
		PublicURL: server.URL, Publishing: write, Imports: publishing.NewImports(write, log), Follower: follower,
		Keys: identity.NewKeys(s, server.Now), Publishers: server.Publishers, Requests: identity.NewRequests(s, server.Now),
		Reader: snapshot.NewReader(follower, server.URL, 16<<20, server.Now), Clock: server.Now, Log: log,
		Searches: reports.NewSearches(s, server.Now, log), Audit: audit.NewLog(s, server.Now),
		RateReads: enough, RateWrites: enough,
	}
	server.Config.Metrics = metrics.New(metrics.Node{
		Version: "test", Store: s, Publishing: write, Audit: server.Config.Audit, Follower: follower, Clock: server.Now,
	}, server.Config.Reader)
	stopServing := serveAt(listener, server.Config)
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DisableCompression = true
	server.Client = &http.Client{
		Transport:     Transport{Check: Contract(t), Next: transport},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}

	ctx, stop := context.WithCancel(context.Background())
	var following sync.WaitGroup
	following.Go(func() { follower.Run(ctx) })
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		stopServing()
		stop()
		following.Wait()
		if troubles := server.troubles(); t.Failed() && troubles != "" {
			t.Logf("the server's troubles:\n%s", troubles)
		}
	})
	return server
}

// MaxConnections is how many connections a server of tests lets be open.
const MaxConnections = 512

func listen(t testing.TB) net.Listener {
	t.Helper()
	listener, err := api.Listen(t.Context(), "127.0.0.1:0", api.Connections{Most: MaxConnections}, catalogue.SystemClock, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return listener
}

// serveAt serves until stop is called.
func serveAt(listener net.Listener, config api.Config) (stop func()) {
	server := api.NewServer(config)
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	return func() {
		server.Close()
		<-ended
	}
}

// Reconfigured answers at another address with other settings, from the same database and snapshot, and into the same log.
// Addresses in its answers still start with that of the first.
func (s *Server) Reconfigured(change func(*api.Config)) *Server {
	s.t.Helper()
	listener := listen(s.t)
	other := &Server{
		URL: "http://" + listener.Addr().String(), Client: s.Client, Config: s.Config, Store: s.Store, Publishers: s.Publishers,
		Prato: s.Prato, Publiacqua: s.Publiacqua, Admin: s.Admin, t: s.t, logs: s.logs,
	}
	other.Config.Metrics, other.Config.MetricsApart = nil, true // the first measures
	change(&other.Config)
	s.t.Cleanup(serveAt(listener, other.Config))
	return other
}

func (s *Server) awaitReady() {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), 10*time.Second)
	defer cancel()
	for !s.Config.Follower.Ready() {
		select {
		case <-ctx.Done():
			s.t.Fatalf("the follower is not ready: %s", s.Logs())
		case <-time.After(time.Millisecond):
		}
	}
}

// WorkImports works imports in the background until stop is called.
func (s *Server) WorkImports() (stop func()) {
	s.t.Helper()
	work := jobs.NewWork()
	s.Config.Imports.Handle(work)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- jobs.Run(ctx, s.Store, work, s.Config.Log) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			s.t.Error(err)
		}
	})
	s.t.Cleanup(stop)
	return stop
}

// Now is what the server takes the time for.
func (s *Server) Now() time.Time {
	return catalogue.SystemClock().Add(time.Duration(s.later.Load()))
}

// Advance puts the server's clock forward.
func (s *Server) Advance(d time.Duration) { s.later.Add(int64(d)) }

// Logs is what the server has logged so far: JSON, one line each.
func (s *Server) Logs() string { return s.logs.String() }

// troubles are the lines of the log that are more than information.
func (s *Server) troubles() string {
	var b strings.Builder
	for line := range strings.Lines(s.Logs()) {
		if strings.Contains(line, `"level":"ERROR"`) || strings.Contains(line, `"level":"WARN"`) {
			b.WriteString(line)
		}
	}
	return b.String()
}

// CreatePublisher makes another publisher.
func (s *Server) CreatePublisher(want identity.NewPublisher) {
	s.t.Helper()
	if _, err := s.Publishers.Create(s.t.Context(), catalogue.Actor{Name: "test"}, want); err != nil {
		s.t.Fatal(err)
	}
}

// Key makes a key of a publisher, or with "" and the scope admin one that acts for all, and returns its token.
func (s *Server) Key(publisher string, scopes ...identity.Scope) string {
	s.t.Helper()
	name := "test " + publisher
	token, _, err := s.Config.Keys.Create(s.t.Context(), catalogue.Actor{Name: "test"}, identity.NewKey{Name: name, Scopes: scopes, Publisher: publisher})
	if err != nil {
		s.t.Fatal(err)
	}
	return token
}

// Request is a request to the API.
type Request struct {
	Method string // GET where there is none
	Path   string // with the query, as it is to be sent
	Token  string // of the key; "" sends none
	Header map[string]string
	// Body is sent as it is if it is a string or bytes, else as JSON; nil sends none. Its media type is application/json,
	// of PATCH application/merge-patch+json, unless Header says otherwise.
	Body any
}

// Answer is what came of a request.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte // decompressed
	Sent   []byte // as it was sent

	t testing.TB
}

// Do sends a request, and ends the test if there is no answer.
func (s *Server) Do(request Request) Answer {
	s.t.Helper()
	var body io.Reader
	switch b := request.Body.(type) {
	case nil:
	case string:
		body = strings.NewReader(b)
	case []byte:
		body = bytes.NewReader(b)
	default:
		data, err := json.Marshal(b)
		if err != nil {
			s.t.Fatal(err)
		}
		body = bytes.NewReader(data)
	}
	r, err := http.NewRequestWithContext(s.t.Context(), request.Method, s.URL+request.Path, body)
	if err != nil {
		s.t.Fatal(err)
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
		if request.Method == http.MethodPatch {
			r.Header.Set("Content-Type", "application/merge-patch+json")
		}
	}
	if request.Token != "" {
		r.Header.Set("Authorization", "Bearer "+request.Token)
	}
	for name, value := range request.Header {
		r.Header.Set(name, value)
	}
	response, err := s.Client.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	a := Answer{Status: response.StatusCode, Header: response.Header, t: s.t}
	if a.Sent, err = io.ReadAll(response.Body); err != nil {
		s.t.Fatal(err)
	}
	if a.Body, err = decoded(response, a.Sent); err != nil {
		s.t.Fatal(err)
	}
	return a
}

// Get reads without a key.
func (s *Server) Get(path string) Answer {
	s.t.Helper()
	return s.Do(Request{Path: path})
}

// Put stores a document as a publisher, or sends any other body there.
func (s *Server) Put(token, path string, document any) Answer {
	s.t.Helper()
	return s.Do(Request{Method: http.MethodPut, Path: path, Token: token, Body: document})
}

// Want ends the test where the status is another one, and returns the answer.
func (a Answer) Want(status int) Answer {
	a.t.Helper()
	if a.Status != status {
		a.t.Fatalf("got status %d, want %d: %s", a.Status, status, a.Body)
	}
	return a
}

// Into reads the JSON of the body, and ends the test if it does not fit.
func (a Answer) Into(value any) {
	a.t.Helper()
	if err := json.Unmarshal(a.Body, value); err != nil {
		a.t.Fatalf("%v: %s", err, a.Body)
	}
}

// Object is the JSON object of the body.
func (a Answer) Object() map[string]any {
	a.t.Helper()
	var object map[string]any
	a.Into(&object)
	return object
}

// Problem is the problem of the body.
func (a Answer) Problem() api.Problem {
	a.t.Helper()
	var p api.Problem
	a.Into(&p)
	return p
}

// safeBuffer may be written to by many.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *safeBuffer) Write(data []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(data)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
