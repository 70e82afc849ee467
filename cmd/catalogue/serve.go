package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/comuneprato/service-catalogue/api"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/identity"
	"github.com/comuneprato/service-catalogue/internal/publishing"
	"github.com/comuneprato/service-catalogue/internal/snapshot"
	"github.com/comuneprato/service-catalogue/internal/store"
)

type serveCommand struct {
	databaseFlag
	Listen     string `help:"Address to listen on." default:"127.0.0.1:8080" placeholder:"HOST:PORT"`
	PublicURL  string `help:"What addresses in answers start with; without it, http:// and the address listened on." placeholder:"URL"`
	Demo       bool   `help:"Load demonstration data into an empty database (without --database, a fresh temporary file) and make three keys for a day."`
	Migrate    bool   `help:"Bring the schema of a PostgreSQL database up to date first."`
	CacheBytes int64  `help:"Memory for answers kept ready, in bytes." default:"67108864"`
	ListenFile string `help:"Write the address listened on to this file once the server is ready." placeholder:"FILE"`
	KeysFile   string `help:"With --demo: write the keys to this file, a name and a token a line." placeholder:"FILE"`
}

// Bounds of connections: slow clients are cut off.
const (
	headerTime    = 5 * time.Second
	readTime      = 30 * time.Second
	writeTime     = 60 * time.Second
	idleTime      = 2 * time.Minute
	drainTime     = 10 * time.Second
	maxHeaderSize = 32 << 10
)

// Run serves until ctx is done, then lets running requests end.
func (c *serveCommand) Run(ctx context.Context, all *commands, io streams) (err error) {
	log := logger(all.LogLevel, io.err)
	if err := c.check(); err != nil {
		return err
	}
	if c.Demo && c.Database == "" {
		folder, err := os.MkdirTemp("", "catalogue-demo-")
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
		c.Database = filepath.Join(folder, "catalogue.db")
	}
	s, err := c.open(ctx, log, c.Migrate)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()

	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("listening on %s: %w", c.Listen, err)
	}
	address := listener.Addr().String()
	if c.PublicURL == "" {
		c.PublicURL = "http://" + address
	}
	pub := publishing.New(s, catalogue.SystemClock)
	var keys []demoKey
	if c.Demo {
		if keys, err = loadDemo(ctx, s, pub, log); err != nil {
			return errors.Join(fmt.Errorf("loading the demonstration data: %w", err), listener.Close())
		}
	}
	return c.serve(ctx, log, s, pub, listener, func() error { return c.announce(io.out, address, keys) })
}

// check refuses settings that contradict each other.
func (c *serveCommand) check() error {
	host, _, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return fmt.Errorf("--listen %q is no host and port, such as 127.0.0.1:8080: %w", c.Listen, err)
	}
	if ip := net.ParseIP(host); c.Demo && host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return fmt.Errorf("--demo makes keys that everybody could use, so it listens on a loopback address only, not on %q", host)
	}
	if c.KeysFile != "" && !c.Demo {
		return errors.New("--keys-file belongs to --demo; use `catalogue keys create`")
	}
	c.PublicURL = strings.TrimRight(c.PublicURL, "/")
	if c.PublicURL != "" && !strings.HasPrefix(c.PublicURL, "https://") && !strings.HasPrefix(c.PublicURL, "http://") {
		return fmt.Errorf("--public-url %q is no https:// or http:// URL", c.PublicURL)
	}
	return nil
}

func (c *serveCommand) serve(ctx context.Context, log *slog.Logger, s *store.Store, pub *publishing.Publishing, listener net.Listener, ready func() error) error {
	follower := snapshot.NewFollower(pub, log)
	following, stopFollowing := context.WithCancel(context.WithoutCancel(ctx))
	var running sync.WaitGroup
	running.Go(func() { follower.Run(following) })
	defer running.Wait()
	defer stopFollowing()

	server := &http.Server{
		Handler: api.New(api.Config{
			PublicURL: c.PublicURL, Publishing: pub, Keys: identity.NewKeys(s, catalogue.SystemClock), Follower: follower,
			Reader: snapshot.NewReader(follower, c.PublicURL, c.CacheBytes), Clock: catalogue.SystemClock, Log: log,
		}),
		ReadHeaderTimeout: headerTime, ReadTimeout: readTime, WriteTimeout: writeTime, IdleTimeout: idleTime,
		MaxHeaderBytes: maxHeaderSize,
		ErrorLog:       slog.NewLogLogger(log.Handler(), slog.LevelDebug), // what clients do wrong to a connection
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	if err := follower.Wait(ctx, 0); err == nil {
		if err := ready(); err != nil {
			return errors.Join(err, server.Close())
		}
		log.InfoContext(ctx, "serving", "address", listener.Addr().String(), "public_url", c.PublicURL, "position", follower.Snapshot().Position())
	}
	select {
	case err := <-failed:
		return fmt.Errorf("serving: %w", err)
	case <-ctx.Done():
	}
	log.InfoContext(ctx, "shutting down: letting requests end")
	draining, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
	defer cancel()
	if err := server.Shutdown(draining); err != nil {
		log.WarnContext(ctx, "requests were cut off", "err", err)
		return server.Close()
	}
	return nil
}

// announce tells where to look, on the terminal and in the files that were asked for.
func (c *serveCommand) announce(out io.Writer, address string, keys []demoKey) error {
	if c.Demo {
		printDemo(out, c.PublicURL, keys)
		if c.KeysFile != "" {
			var lines strings.Builder
			for _, k := range keys {
				fmt.Fprintf(&lines, "%s %s\n", k.name, k.token)
			}
			if err := writeWhole(c.KeysFile, lines.String()); err != nil {
				return err
			}
		}
	}
	if c.ListenFile == "" {
		return nil
	}
	return writeWhole(c.ListenFile, address+"\n")
}

// writeWhole writes a file that only its owner may read, so that nobody sees half of it.
func writeWhole(name, content string) error {
	f, err := os.CreateTemp(filepath.Dir(name), ".catalogue-")
	if err != nil {
		return err
	}
	_, err = f.WriteString(content)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}
