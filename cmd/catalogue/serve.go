package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/comuneprato/service-catalogue/api"
	"github.com/comuneprato/service-catalogue/internal/audit"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/identity"
	"github.com/comuneprato/service-catalogue/internal/jobs"
	"github.com/comuneprato/service-catalogue/internal/logging"
	"github.com/comuneprato/service-catalogue/internal/metrics"
	"github.com/comuneprato/service-catalogue/internal/newfile"
	"github.com/comuneprato/service-catalogue/internal/publishing"
	"github.com/comuneprato/service-catalogue/internal/ratelimit"
	"github.com/comuneprato/service-catalogue/internal/reports"
	"github.com/comuneprato/service-catalogue/internal/snapshot"
	"github.com/comuneprato/service-catalogue/internal/store"
)

type serveCommand struct {
	databaseFlag
	operatorFlags
	Listen                   string   `help:"Address to listen on; without it, 127.0.0.1:8080." default:"127.0.0.1:8080" placeholder:"HOST:PORT"`
	PublicURL                string   `help:"What addresses in answers start with; without it, http:// and the address listened on." placeholder:"URL"`
	Demo                     bool     `help:"Load demonstration data into an empty database (without --database, a fresh temporary file) and make three keys for a day."`
	Migrate                  bool     `help:"Bring the schema of a PostgreSQL database up to date first."`
	CacheBytes               int64    `help:"Memory for answers kept ready, in bytes." default:"67108864"`
	ListenFile               string   `help:"Write the address listened on to this file once the server is ready." placeholder:"FILE"`
	TrustedProxies           []string `help:"Networks of reverse proxies whose X-Forwarded-For is believed, such as 10.0.0.0/8." placeholder:"CIDR"`
	RateReads                int      `help:"How many reads a minute each key and each address may make; 0 for any number." default:"6000"`
	RateWrites               int      `help:"How many other requests a minute each key and each address may make; 0 for any number." default:"6000"`
	MaxConnections           int      `help:"How many connections may be open at once." default:"4096"`
	MaxConnectionsPerAddress int      `help:"How many of them may come from one client address, trusted proxies aside; 0 for all." default:"2048"`
	KeysFile                 string   `help:"With --demo: write the keys to this file, a name and a token a line." placeholder:"FILE"`
}

// drainTime is how long requests that are under way may take at the end.
const drainTime = 10 * time.Second

// Run serves until ctx is done, then lets running requests end.
func (c *serveCommand) Run(ctx context.Context, all *commands, io streams) (err error) {
	log, flush := logging.NewBuffered(all.LogLevel, io.err)
	defer flush()
	if err := c.check(); err != nil {
		return err
	}
	trusted, err := c.trusted()
	if err != nil {
		return err
	}
	ctx, log, endTraces, err := traced(ctx, log)
	if err != nil {
		return err
	}
	defer endTraces()
	if c.Demo && c.Database == "" {
		folder, failed := os.MkdirTemp("", "catalogue-demo-")
		if failed != nil {
			return failed
		}
		defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
		c.Database = filepath.Join(folder, "catalogue.db")
	}
	s, err := c.open(ctx, log, c.Migrate)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()

	bounds := api.Connections{Most: c.MaxConnections, PerAddress: c.MaxConnectionsPerAddress, Proxies: trusted}
	listener, err := api.Listen(ctx, c.Listen, bounds, catalogue.SystemClock, log)
	if err != nil {
		return fmt.Errorf("listening on %s: %w: give another address with --listen", c.Listen, err)
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
	return c.serve(ctx, log, s, pub, listener, trusted, func() error { return c.announce(io.out, address, keys) })
}

// check refuses settings that contradict each other.
func (c *serveCommand) check() error {
	host, _, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return fmt.Errorf("--listen %q is no host and port, such as 127.0.0.1:8080: %w", c.Listen, err)
	}
	ip := net.ParseIP(host)
	if c.Demo && host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return fmt.Errorf("--demo makes keys that everybody could use, so it listens on a loopback address only, not on %q", host)
	}
	if c.PublicURL == "" && (host == "" || ip != nil && ip.IsUnspecified()) {
		return fmt.Errorf("--listen %q names no host that addresses in answers could start with: give --public-url too", c.Listen)
	}
	if min(c.RateReads, c.RateWrites) < 0 || max(c.RateReads, c.RateWrites) > ratelimit.MaxLimit {
		return errors.New("--rate-reads and --rate-writes are how many requests a minute a client may make, at most a billion: give 0 for any number")
	}
	if c.MaxConnections < 1 {
		return errors.New("--max-connections must be at least 1")
	}
	if c.MaxConnectionsPerAddress < 0 {
		return errors.New("--max-connections-per-address is how many connections one client may have: give 0 for any number")
	}
	if err := c.operatorFlags.check(); err != nil {
		return err
	}
	if c.KeysFile != "" && !c.Demo {
		return errors.New("--keys-file belongs to --demo; use `catalogue keys create`")
	}
	c.PublicURL = strings.TrimRight(c.PublicURL, "/")
	if u, err := url.Parse(c.PublicURL); c.PublicURL != "" &&
		(err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil) {
		return fmt.Errorf("--public-url %q is no https:// or http:// URL that addresses can start with, such as https://catalogue.example.org", c.PublicURL)
	}
	return nil
}

// trusted are the networks of the trusted proxies.
func (c *serveCommand) trusted() ([]*net.IPNet, error) {
	var networks []*net.IPNet
	for _, cidr := range c.TrustedProxies {
		_, network, err := net.ParseCIDR(cidr)
		if err != nil {
			return nil, fmt.Errorf("--trusted-proxies %q is no network, such as 10.0.0.0/8 or 192.0.2.7/32: %w", cidr, err)
		}
		networks = append(networks, network)
	}
	return networks, nil
}

// serve answers the requests of those that the listener lets in until ctx is done, and runs what has to be done in the
// background. It calls ready once readers see everything published.
func (c *serveCommand) serve(ctx context.Context, log *slog.Logger, s *store.Store, pub *publishing.Publishing, listener *api.Door, trusted []*net.IPNet, ready func() error) error {
	follower := snapshot.NewFollower(pub, log)
	following, stopFollowing := context.WithCancel(context.WithoutCancel(ctx))
	var running sync.WaitGroup
	running.Go(func() { follower.Run(following) })
	searches := reports.NewSearches(s, catalogue.SystemClock, log)
	running.Go(func() { searches.Run(following) })
	keys, requests := identity.NewKeys(s, catalogue.SystemClock), identity.NewRequests(s, catalogue.SystemClock)
	running.Go(func() { keys.Run(following, log) })
	running.Go(func() { requests.Run(following, log) })
	record := audit.NewLog(s, catalogue.SystemClock)
	running.Go(func() { record.Run(following, log) })
	work := jobs.NewWork() // each room that has some adds its own
	pub.Register(work)
	imports := publishing.NewImports(pub, log)
	imports.Handle(work)
	working := make(chan error, 1)
	running.Go(func() { working <- jobs.Run(following, s, work, log) })
	defer running.Wait()
	defer stopFollowing()

	reader := snapshot.NewReader(follower, c.PublicURL, c.CacheBytes, catalogue.SystemClock)
	measured := metrics.New(metrics.Node{
		Version: version(), Store: s, Publishing: pub, Audit: record, Follower: follower, Clock: catalogue.SystemClock,
	}, reader, work, listener)
	stopAside, err := c.operatorFlags.serve(ctx, log, measured)
	if err != nil {
		return err
	}
	defer stopAside() //nolint:errcheck // the program ends
	server := api.NewServer(api.Config{
		PublicURL: c.PublicURL, Publishing: pub, Imports: imports, Follower: follower,
		Keys: keys, Publishers: identity.NewPublishers(s, catalogue.SystemClock), Requests: requests,
		Reader: reader, Clock: catalogue.SystemClock, Log: log,
		Searches: searches, Audit: record, Metrics: measured, MetricsApart: c.MetricsListen != "",
		TrustedProxies: trusted, RateReads: c.RateReads, RateWrites: c.RateWrites,
	})
	server.BaseContext = func(net.Listener) context.Context { return context.WithoutCancel(ctx) }
	failed := make(chan error, 1)
	starting, failing := context.WithCancel(ctx)
	go func() {
		failed <- server.Serve(listener)
		failing()
	}()
	if awaitReady(starting, follower) {
		if err := ready(); err != nil {
			return errors.Join(err, server.Close())
		}
		log.InfoContext(ctx, "serving", "address", listener.Addr().String(), "public_url", c.PublicURL, "position", follower.Snapshot().Position())
	}
	select {
	case err := <-failed:
		return fmt.Errorf("serving: %w", err)
	case err := <-working:
		return errors.Join(err, server.Close())
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

// awaitReady waits until readers see everything published. It reports whether that came before ctx was done.
func awaitReady(ctx context.Context, follower *snapshot.Follower) bool {
	// The first snapshot is there a moment before the follower has looked for what was published meanwhile.
	for err := follower.Wait(ctx, 0); err == nil; err = ctx.Err() {
		if follower.Ready() {
			return true
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Millisecond):
		}
	}
	return false
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
	return newfile.Write(name, 0o600, func(f *os.File) error {
		_, err := f.WriteString(content)
		return err
	})
}
