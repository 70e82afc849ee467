package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof" // what it adds to http.DefaultServeMux is served nowhere
	"time"

	"github.com/comuneprato/service-catalogue/internal/tracing"
)

// operatorFlags are settings of what operators look at.
type operatorFlags struct {
	MetricsListen string `help:"Address to serve /metrics on, instead of beside everything else." placeholder:"HOST:PORT"`
	Pprof         string `help:"Loopback address to serve profiles of the running program on, such as 127.0.0.1:6060." placeholder:"HOST:PORT"`
}

// check refuses to show profiles, which tell what is in memory, to other machines.
func (f operatorFlags) check() error {
	for flag, address := range map[string]string{"--metrics-listen": f.MetricsListen, "--pprof": f.Pprof} {
		if address == "" {
			continue
		}
		host, _, err := net.SplitHostPort(address)
		if err != nil {
			return fmt.Errorf("%s %q is no host and port, such as 127.0.0.1:6060: %w", flag, address, err)
		}
		if ip := net.ParseIP(host); flag == "--pprof" && (ip == nil || !ip.IsLoopback()) {
			return fmt.Errorf("--pprof %q: profiles tell what is in memory, so they are served on a loopback address only, such as 127.0.0.1:6060", address)
		}
	}
	return nil
}

// serve serves metrics and profiles where that is asked for, until stop is called.
func (f operatorFlags) serve(ctx context.Context, log *slog.Logger, measured http.Handler) (stop func() error, err error) {
	var servers []*http.Server
	stop = func() error {
		var errs []error
		for _, server := range servers {
			errs = append(errs, server.Close())
		}
		return errors.Join(errs...)
	}
	for _, aside := range []struct {
		flag, address string
		pages         map[string]http.Handler
	}{
		{"--metrics-listen", f.MetricsListen, map[string]http.Handler{"GET /metrics": measured}},
		{"--pprof", f.Pprof, profiles},
	} {
		if aside.address == "" {
			continue
		}
		listener, err := new(net.ListenConfig).Listen(ctx, "tcp", aside.address)
		if err != nil {
			return stop, errors.Join(fmt.Errorf("listening on %s: %w: give another address with %s", aside.address, err, aside.flag), stop())
		}
		mux := http.NewServeMux()
		for pattern, handler := range aside.pages {
			mux.Handle(pattern, handler)
		}
		server := &http.Server{
			Handler: mux, ReadHeaderTimeout: askingTime, WriteTimeout: profileTime,
			ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
		}
		servers = append(servers, server)
		go server.Serve(listener) //nolint:errcheck // it ends by Close
		log.InfoContext(ctx, "serving for operators", "address", listener.Addr().String(), "flag", aside.flag)
	}
	return stop, nil
}

// Bounds of connections of operators.
const (
	askingTime  = 5 * time.Second
	profileTime = 5 * time.Minute // for an answer, and so at most how long a profile is taken
)

var profiles = map[string]http.Handler{
	"/debug/pprof/":        http.HandlerFunc(pprof.Index),
	"/debug/pprof/cmdline": http.HandlerFunc(pprof.Cmdline),
	"/debug/pprof/profile": http.HandlerFunc(pprof.Profile),
	"/debug/pprof/symbol":  http.HandlerFunc(pprof.Symbol),
	"/debug/pprof/trace":   http.HandlerFunc(pprof.Trace),
}

// lastTraces is how long the end waits for a collector to take the last spans.
const lastTraces = 2 * time.Second

// traced returns a context in which spans are recorded, and a log whose lines name their traces, where the environment asks for
// that; end sends the last spans.
func traced(ctx context.Context, log *slog.Logger) (_ context.Context, _ *slog.Logger, end func(), err error) {
	if !tracing.Asked() {
		return ctx, log, func() {}, nil
	}
	provider, err := tracing.New(ctx, version(), log)
	if err != nil {
		return ctx, log, nil, err
	}
	return tracing.With(ctx, provider), tracing.Logger(log), func() {
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastTraces)
		defer cancel()
		provider.Shutdown(last)
	}, nil
}
