package main_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/comuneprato/service-catalogue/internal/store/storetest"
)

// binary is the program that every test runs.
var binary string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "catalogue-test-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	binary = filepath.Join(dir, "catalogue")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		panic(fmt.Sprintf("building the program: %v\n%s", err, out))
	}
	storetest.Main(m)
}

// deadline is how long a test waits for what must come.
const deadline = 60 * time.Second

// await ends the test if what it waits for does not come.
func await(t testing.TB, what string, come func() bool) {
	t.Helper()
	for end := time.Now().Add(deadline); !come(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited %v in vain: %s", deadline, what)
		}
	}
}

// process is a run of the program.
type process struct {
	t        testing.TB
	cmd      *exec.Cmd
	out, err *buffer
	exited   chan struct{} // closed when it has ended
	status   int           // then: -1 if a signal ended it
}

// setup says how a process runs: in a folder of its own, and with no settings from outside but these.
type setup struct {
	dir   string
	env   []string
	input io.Reader
}

// launch starts the program. It is killed when the test ends.
func launch(t testing.TB, s setup, args ...string) *process {
	t.Helper()
	p := &process{t: t, cmd: exec.Command(binary, args...), out: &buffer{}, err: &buffer{}, exited: make(chan struct{})}
	p.cmd.Stdin, p.cmd.Stdout, p.cmd.Stderr = s.input, p.out, p.err
	if s.dir == "" {
		s.dir = t.TempDir()
	}
	p.cmd.Dir = s.dir
	outside := slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "CATALOGUE_") || strings.HasPrefix(v, "OTEL_") })
	p.cmd.Env = append(append(outside, "TMPDIR="+s.dir, "NO_PROXY=*"), s.env...)
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		p.cmd.Wait()
		p.status = p.cmd.ProcessState.ExitCode()
		close(p.exited)
	}()
	t.Cleanup(func() {
		p.kill()
		if t.Failed() && p.err.tail(1) != "" {
			t.Logf("catalogue %s: the end of standard error:\n%s", strings.Join(args, " "), p.err.tail(20))
		}
	})
	return p
}

func (p *process) signal(s os.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
		p.t.Fatal(err)
	}
}

// kill ends the process as a power cut would.
func (p *process) kill() {
	p.cmd.Process.Kill()
	<-p.exited
}

// wait waits until the process has ended, and returns its status.
func (p *process) wait() int {
	p.t.Helper()
	select {
	case <-p.exited:
		return p.status
	case <-time.After(deadline):
		p.t.Fatalf("catalogue %s still runs after %v", strings.Join(p.cmd.Args[1:], " "), deadline)
		return 0
	}
}

// result is what came of a command.
type result struct {
	status   int
	out, err string
}

// run runs a command to its end.
func run(t testing.TB, args ...string) result {
	t.Helper()
	return runIn(t, setup{}, args...)
}

func runIn(t testing.TB, s setup, args ...string) result {
	t.Helper()
	p := launch(t, s, args...)
	status := p.wait()
	return result{status, p.out.String(), p.err.String()}
}

// must runs a command that has to succeed, and returns what it printed.
func must(t testing.TB, args ...string) string {
	t.Helper()
	r := run(t, args...)
	r.want(t, 0)
	return r.out
}

// want ends the test where the status is another one.
func (r result) want(t testing.TB, status int) {
	t.Helper()
	if r.status != status {
		t.Fatalf("got status %d, want %d; it said: %s%s", r.status, status, r.out, r.err)
	}
}

// says reports an error where the command printed something else to standard error.
func (r result) says(t testing.TB, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(r.err, part) {
			t.Errorf("got %q on standard error, want %q in it", r.err, part)
		}
	}
}

// server is a running `catalogue serve`.
type server struct {
	*process
	url string
}

// serve starts a server on a free port of the loopback interface, and waits until it is ready.
func serve(t testing.TB, args ...string) *server {
	t.Helper()
	return serveIn(t, setup{}, args...)
}

func serveIn(t testing.TB, s setup, args ...string) *server {
	t.Helper()
	address := filepath.Join(t.TempDir(), "address")
	p := launch(t, s, append([]string{"serve", "--listen", "127.0.0.1:0", "--listen-file", address}, args...)...)
	started := &server{process: p}
	await(t, "the server says where it listens", func() bool {
		select {
		case <-p.exited:
			t.Fatalf("the server ended with status %d before it was ready: %s", p.status, p.err)
		default:
		}
		content, err := os.ReadFile(address)
		started.url = "http://" + strings.TrimSpace(string(content))
		return err == nil
	})
	return started
}

// stop ends the server as a service manager does.
func (s *server) stop() {
	s.t.Helper()
	s.signal(syscall.SIGTERM)
	if status := s.wait(); status != 0 {
		s.t.Fatalf("after SIGTERM: got status %d, want 0: %s", status, s.err)
	}
}

// answer is what a server answered.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (a answer) into(t testing.TB, value any) {
	t.Helper()
	if err := json.Unmarshal(a.body, value); err != nil {
		t.Fatalf("%v: %s", err, a.body)
	}
}

// client follows nothing and waits longer than any server.
var client = &http.Client{
	Transport:     &http.Transport{MaxIdleConnsPerHost: 32},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	Timeout:       deadline,
}

// ask sends a request; a body that is not nil is JSON.
func (s *server) ask(method, path, token string, body any) (answer, error) {
	var content io.Reader
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			return answer{}, err
		}
		content = bytes.NewReader(data)
	}
	r, err := http.NewRequest(method, s.url+path, content)
	if err != nil {
		return answer{}, err
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	return send(r)
}

func send(r *http.Request) (answer, error) {
	response, err := client.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	return answer{response.StatusCode, response.Header, data}, err
}

// get reads, and ends the test where the status is another one.
func (s *server) get(path, token string, status int) answer {
	s.t.Helper()
	return s.do(http.MethodGet, path, token, nil, status)
}

func (s *server) do(method, path, token string, body any, status int) answer {
	s.t.Helper()
	a, err := s.ask(method, path, token, body)
	if err != nil {
		s.t.Fatal(err)
	}
	if a.status != status {
		s.t.Fatalf("%s %s: got status %d, want %d: %s", method, path, a.status, status, a.body)
	}
	return a
}

// The publisher of the tests.
const publisher = "prato-comune"

// newPublisher makes the publisher in a database, and a key for it.
func newPublisher(t testing.TB, dsn string) (token string) {
	t.Helper()
	must(t, "publishers", "create", "--database", dsn, publisher, "Comune di Prato")
	return newKey(t, dsn)
}

func newKey(t testing.TB, dsn string, more ...string) (token string) {
	t.Helper()
	args := []string{"keys", "create", "--database", dsn, "--name", "test", "--scopes", "write,publish", "--publisher", publisher}
	return strings.TrimSpace(must(t, append(args, more...)...))
}

// migrated names a new database with the schema of the program.
func migrated(t testing.TB, database string) (dsn string) {
	t.Helper()
	dsn = storetest.DSN(t, database)
	must(t, "migrate", "--database", dsn)
	return dsn
}

// eachDatabase runs a test on both databases at the same time.
func eachDatabase(t *testing.T, test func(t *testing.T, database string)) {
	t.Parallel()
	for _, database := range storetest.Databases {
		t.Run(database, func(t *testing.T) {
			t.Parallel()
			test(t, database)
		})
	}
}

type object = map[string]any

func italian(text string) object { return object{"it": text} }

func place(title string) object {
	return object{"title": italian(title), "address": object{"street": "Via Garibaldi", "city": "Prato"}}
}

func office(title string, places ...string) object {
	return object{"title": italian(title), "places": places}
}

func service(title, responsible string) object {
	return object{
		"title": italian(title), "summary": italian("Che cosa si ottiene: " + title), "categories": []string{"6"}, "status": "active",
		"responsibleOffice": responsible,
	}
}

// writeRows writes a file for import.
func writeRows(t testing.TB, rows ...any) (name string) {
	t.Helper()
	var lines strings.Builder
	for _, row := range rows {
		if text, ok := row.(string); ok {
			lines.WriteString(text + "\n")
			continue
		}
		data, err := json.Marshal(row)
		if err != nil {
			t.Fatal(err)
		}
		lines.WriteString(string(data) + "\n")
	}
	return writeFile(t, lines.String())
}

func writeFile(t testing.TB, content string) (name string) {
	t.Helper()
	name = filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// row is a public entry of an import.
func row(kind, key string, document object) object {
	return object{"publisher": publisher, "kind": kind, "key": key, "document": document, "publish": true}
}

// buffer may be written to by many.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(data []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(data)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func (b *buffer) tail(lines int) string {
	all := strings.Split(strings.TrimRight(b.String(), "\n"), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}
