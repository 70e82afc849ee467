package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/comuneprato/service-catalogue/api"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/identity"
	"github.com/comuneprato/service-catalogue/internal/logging"
	"github.com/comuneprato/service-catalogue/internal/publishing"
	"github.com/comuneprato/service-catalogue/internal/reports"
	"github.com/comuneprato/service-catalogue/internal/snapshot"
	"github.com/comuneprato/service-catalogue/internal/store"
)

// cacheBytes is what `catalogue serve` has by default.
const cacheBytes = 64 << 20

// Limits of `catalogue serve`, but for how often the one client may ask: counting costs the same.
const (
	maxConnections = 4096
	perMinute      = 1 << 30
)

const anyPort = "127.0.0.1:0"

// serve serves on a port of its own until the server is closed.
func serve(server *http.Server, listener net.Listener, err error) (address string, _ error) {
	if err != nil {
		return "", err
	}
	go server.Serve(listener) //nolint:errcheck // it ends when the server is closed
	return listener.Addr().String(), nil
}

// subject is the server under test, put together as `catalogue serve` does.
type subject struct {
	address string
	keys    *identity.Keys
	close   func() error
}

// open starts the catalogue on an existing database, and returns when it is ready. It logs into a file, as it does where
// the output of the program is kept.
func open(ctx context.Context, database string) (_ *subject, err error) {
	ctx, stop := context.WithCancel(ctx)
	var closers []func() error
	closeAll := func() error {
		stop()
		var errs []error
		for i := len(closers) - 1; i >= 0; i-- {
			errs = append(errs, closers[i]())
		}
		return errors.Join(errs...)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, closeAll())
		}
	}()
	logFile, err := os.Create(filepath.Join(filepath.Dir(database), "catalogue.log"))
	if err != nil {
		return nil, err
	}
	closers = append(closers, logFile.Close)
	log, flush := logging.NewBuffered(slog.LevelInfo, logFile)
	closers = append(closers, func() error { flush(); return nil })
	s, err := openStore(ctx, database, log)
	if err != nil {
		return nil, err
	}
	closers = append(closers, s.Close)

	pub := publishing.New(s, catalogue.SystemClock)
	follower := snapshot.NewFollower(pub, log)
	searches := reports.NewSearches(s, catalogue.SystemClock, log)
	var running sync.WaitGroup
	running.Go(func() { follower.Run(ctx) })
	running.Go(func() { searches.Run(ctx) })
	closers = append(closers, func() error { running.Wait(); return nil })
	keys := identity.NewKeys(s, catalogue.SystemClock)
	const publicURL = "http://catalogue.example.org"
	server := api.NewServer(api.Config{
		PublicURL: publicURL, Publishing: pub, Keys: keys, Follower: follower,
		Reader: snapshot.NewReader(follower, publicURL, cacheBytes, catalogue.SystemClock), Clock: catalogue.SystemClock, Log: log,
		Searches: searches, RateReads: perMinute, RateWrites: perMinute,
	})
	listener, err := api.Listen(ctx, anyPort, api.Connections{Most: maxConnections}, catalogue.SystemClock, log)
	address, err := serve(server, listener, err)
	if err != nil {
		return nil, err
	}
	closers = append(closers, server.Close)
	for err := follower.Wait(ctx, 0); err == nil && !follower.Ready(); err = ctx.Err() {
		time.Sleep(time.Millisecond)
	}
	return &subject{address, keys, closeAll}, ctx.Err()
}

// openStore opens a database and brings its schema up to date.
func openStore(ctx context.Context, database string, log *slog.Logger) (*store.Store, error) {
	s, err := store.Open(ctx, database, log)
	if err != nil {
		return nil, err
	}
	if _, err := s.Migrate(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// answer is what the bare server sends.
type answer struct {
	contentType, etag, coding string
	body                      []byte
}

// bare is an echo server that does nothing but send answers from memory, one after the other.
type bare struct {
	address string
	answers atomic.Pointer[[]answer]
	next    atomic.Uint64
	close   func() error
}

func openBare(ctx context.Context) (*bare, error) {
	b := &bare{}
	e := echo.New()
	e.GET("/*", b.get)
	server := api.NewServer(api.Config{Log: slog.New(slog.DiscardHandler)}) // for its bounds of time, which cost something too
	server.Handler, server.ConnState = e, nil
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", anyPort)
	address, err := serve(server, listener, err)
	b.address, b.close = address, server.Close
	return b, err
}

func (b *bare) get(c echo.Context) error {
	answers := *b.answers.Load()
	a := &answers[b.next.Add(1)%uint64(len(answers))]
	h := c.Response().Header()
	h.Set("ETag", a.etag)
	if c.Request().Header.Get("If-None-Match") != "" {
		return c.NoContent(http.StatusNotModified)
	}
	if a.coding != "" {
		h.Set("Content-Encoding", a.coding)
	}
	h.Set("Content-Length", strconv.Itoa(len(a.body))) // or net/http would send it in chunks
	return c.Blob(http.StatusOK, a.contentType, a.body)
}
