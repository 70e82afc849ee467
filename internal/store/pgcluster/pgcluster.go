// Package pgcluster starts a throwaway PostgreSQL server from the binaries that are installed, for tests and for
// writing migrations. It needs no Docker and no running server, and works as root, which PostgreSQL itself refuses.
package pgcluster

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// ErrNotInstalled means that no PostgreSQL server was found on this machine.
var ErrNotInstalled = errors.New("no PostgreSQL server is installed: apt-get install postgresql, or put its binaries in PATH")

// A Cluster is a running server. Its data does not survive a crash of the machine, nor Stop.
type Cluster struct {
	dir    string
	port   int
	bin    string
	args   []string // of the server
	attr   *syscall.SysProcAttr
	server *exec.Cmd
	exited chan struct{} // closed when the server has ended
}

// Start makes an empty server on the loopback interface that trusts everybody. Settings, such as "fsync=on", come
// after its own, which are for speed. It returns ErrNotInstalled if there are no binaries. The server ends with Stop
// or, on Linux, when this process dies; ctx bounds only the start.
func Start(ctx context.Context, settings ...string) (*Cluster, error) {
	bin, err := binaries(ctx)
	if err != nil {
		return nil, err
	}
	attr, uid, gid, err := serverUser()
	if err != nil {
		return nil, err
	}
	c := &Cluster{bin: bin, attr: attr}
	if c.dir, err = makeDir(); err != nil {
		return nil, err
	}
	if err := os.Chown(c.dir, uid, gid); err != nil {
		return nil, errors.Join(err, os.RemoveAll(c.dir))
	}
	if err := c.initialise(ctx, settings); err != nil {
		return nil, errors.Join(fmt.Errorf("making a cluster with %s: %w", bin, err), c.Stop())
	}
	if err := c.start(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("starting PostgreSQL from %s: %w", bin, err), c.Stop())
	}
	return c, nil
}

// makeDir makes the server's directory: in memory where there is room, since each new database is hundreds of small files, which
// ext4 makes ten times as slowly where as many were removed just before.
func makeDir() (string, error) {
	if memory := memoryDir(); memory != "" {
		if dir, err := os.MkdirTemp(memory, "pgcluster"); err == nil {
			return dir, nil
		}
	}
	return os.MkdirTemp("", "pgcluster")
}

// initialise makes the files of the server.
func (c *Cluster) initialise(ctx context.Context, settings []string) error {
	data := filepath.Join(c.dir, "data")
	initdb := exec.CommandContext(ctx, filepath.Join(c.bin, "initdb"), //nolint:gosec // the path is the installation's
		"--pgdata", data, "--username", "catalogue", "--auth", "trust", "--encoding", "UTF8", "--no-locale", "--no-sync")
	initdb.Dir, initdb.SysProcAttr = c.dir, c.attr
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}

	var err error
	if c.port, err = freePort(ctx); err != nil {
		return err
	}
	c.args = []string{"-D", data}
	for _, s := range append([]string{
		"listen_addresses=127.0.0.1", "port=" + strconv.Itoa(c.port), "unix_socket_directories=" + c.dir,
		"fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=32MB", "max_connections=200",
	}, settings...) {
		c.args = append(c.args, "-c", s)
	}
	return nil
}

// Restart ends the server, whoever is connected, and starts it again where it was. How is SIGINT for a fast shutdown, which
// finishes what it wrote, and SIGQUIT for an immediate one, after which it recovers as after a crash.
func (c *Cluster) Restart(ctx context.Context, how syscall.Signal) error {
	if err := c.server.Process.Signal(how); err != nil {
		return err
	}
	<-c.exited
	return c.start(ctx)
}

func (c *Cluster) start(ctx context.Context) error {
	log, err := os.Create(filepath.Join(c.dir, "log"))
	if err != nil {
		return err
	}
	defer log.Close()
	c.exited = make(chan struct{})
	c.server = exec.Command(filepath.Join(c.bin, "postgres"), c.args...) //nolint:noctx,gosec // it outlives ctx, and the path is the installation's
	c.server.Dir, c.server.SysProcAttr, c.server.Stdout, c.server.Stderr = c.dir, c.attr, log, log

	started := make(chan error)
	go func() {
		// Linux tells the child of the death of the thread that started it, so that thread must live on.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := c.server.Start()
		started <- err
		if err == nil {
			c.server.Wait() //nolint:errcheck // how it ended does not matter
		}
		close(c.exited)
	}()
	if err := <-started; err != nil {
		return err
	}
	return c.ready(ctx)
}

// ready waits until the server answers.
func (c *Cluster) ready(ctx context.Context) error {
	for {
		conn, err := pgx.Connect(ctx, c.URL("postgres"))
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		case <-c.exited:
			said, _ := os.ReadFile(filepath.Join(c.dir, "log"))
			return fmt.Errorf("the server ended: %s", said)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// URL is the address of a database of the server, with all rights.
func (c *Cluster) URL(database string) string {
	u := url.URL{
		Scheme: "postgres", User: url.User("catalogue"), Host: net.JoinHostPort("127.0.0.1", strconv.Itoa(c.port)),
		Path: database, RawQuery: "sslmode=disable",
	}
	return u.String()
}

// CreateDatabase makes a database as a copy of template, to which nobody may be connected; "template1" is empty.
func (c *Cluster) CreateDatabase(ctx context.Context, name, template string) error {
	return c.exec(ctx, "CREATE DATABASE "+pgx.Identifier{name}.Sanitize()+" TEMPLATE "+pgx.Identifier{template}.Sanitize()) //nolint:misspell // a name of pgx
}

// DropDatabase removes a database, whoever is connected.
func (c *Cluster) DropDatabase(ctx context.Context, name string) error {
	return c.exec(ctx, "DROP DATABASE "+pgx.Identifier{name}.Sanitize()+" WITH (FORCE)") //nolint:misspell // a name of pgx
}

func (c *Cluster) exec(ctx context.Context, statement string) error {
	conn, err := pgx.Connect(ctx, c.URL("postgres"))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, statement)
	return err
}

// Stop ends the server, whoever is connected, and removes all it wrote.
func (c *Cluster) Stop() error {
	if c.server != nil && c.server.Process != nil {
		// SIGQUIT is PostgreSQL's immediate shutdown: nothing here is worth flushing.
		if err := c.server.Process.Signal(syscall.SIGQUIT); err != nil && !errors.Is(err, os.ErrProcessDone) {
			return err
		}
		<-c.exited
	}
	return os.RemoveAll(c.dir)
}

// binaries is the directory of the newest server installed.
func binaries(ctx context.Context) (string, error) {
	// Debian keeps the server's binaries out of PATH, in a directory per version.
	candidates, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	slices.SortFunc(candidates, func(a, b string) int { return debianVersion(b) - debianVersion(a) })
	if out, err := exec.CommandContext(ctx, "pg_config", "--bindir").Output(); err == nil {
		candidates = append(candidates, strings.TrimSpace(string(out)))
	}
	candidates = append(candidates, filepath.SplitList(os.Getenv("PATH"))...)
	for _, dir := range candidates {
		_, err := exec.LookPath(filepath.Join(dir, "postgres"))
		if _, err2 := exec.LookPath(filepath.Join(dir, "initdb")); err == nil && err2 == nil {
			return dir, nil
		}
	}
	return "", ErrNotInstalled
}

func debianVersion(bin string) int {
	v, _ := strconv.Atoi(filepath.Base(filepath.Dir(bin)))
	return v
}

func freePort(ctx context.Context) (int, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}
