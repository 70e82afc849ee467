package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"runtime/pprof"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
)

// samples is how many different answers the bare server sends in turn, and how many entries are hot.
const samples = 512

// turns is how often ours and the bare server take turns in a round: what else the machine does then hits both.
const turns = 5

// read is a kind of request that is compared with the bare server.
type read struct {
	name    string
	aim     float64       // the ratio that issue 4 asks for; 0 for none
	paths   []string      // that are asked for in turn, all of them once before
	path    func() string // or what makes them
	headers string
	revisit bool // with the ETag of the copy
}

const acceptGzip = "Accept-Encoding: gzip\r\n"

func (b *bench) reads(ids []uuid.UUID) []read {
	all := make([]string, len(ids))
	for i, id := range ids {
		all[i] = "/v1/services/" + id.String()
	}
	hot := make([]string, 0, samples)
	for i := range min(samples, len(all)) {
		hot = append(hot, all[i*len(all)/min(samples, len(all))])
	}
	var filtered []string
	for _, c := range b.generator.categories {
		filtered = append(filtered, "/v1/services?status=active&category="+c)
	}
	since := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	cold := func() string {
		since = since.Add(time.Second)
		return "/v1/services?status=active&updatedSince=" + since.Format(time.RFC3339)
	}
	return []read{
		{name: "get by id", aim: 0.9, paths: hot},
		{name: "get by id, gzip", aim: 1, paths: hot, headers: acceptGzip},
		{name: "get by id, 304", aim: 0.9, paths: hot, revisit: true},
		{name: "get by any id", paths: all},
		{name: "list of 20", aim: 0.8, paths: []string{"/v1/services"}},
		{name: "list with a filter", aim: 0.8, paths: filtered},
		{name: "list, distinct", path: locked(cold)},
		{name: "search, distinct", aim: 0.4, path: asked("/v1/search?q=", b.generator.queries())},
		{name: "autocomplete, distinct", aim: 0.6, path: asked("/v1/autocomplete?q=", b.generator.prefixes())},
	}
}

func asked(path string, texts *distinct) func() string {
	return func() string { return path + url.QueryEscape(texts.next()) }
}

// locked lets one call at a time.
func locked(f func() string) func() string {
	var turn sync.Mutex
	return func() string {
		turn.Lock()
		defer turn.Unlock()
		return f()
	}
}

// compare measures the reads, in rounds, ours and the bare server's in turn.
func (b *bench) compare(ctx context.Context, s *subject, plain *bare, services int, reads []read) error {
	ours, theirs := make([][]float64, len(reads)), make([][]float64, len(reads))
	answers := make([][]answer, len(reads))
	next := make([]func(int, []byte) []byte, len(reads))
	for i, r := range reads {
		var err error
		if next[i], answers[i], err = r.prepare(ctx, s.address); err != nil {
			return fmt.Errorf("%s: %w", r.name, err)
		}
	}
	for round := range b.Rounds {
		for i, r := range reads {
			b.progress("%d services: round %d: %s", services, round+1, r.name)
			status := http.StatusOK
			if r.revisit {
				status = http.StatusNotModified
			}
			measure := func(rates *[]float64, whose string, turn int, address string) error {
				return b.profiled(fmt.Sprintf("%s-%d-%d-%d-%s", r.name, services, round+1, turn+1, whose), func() error {
					got, err := rate(ctx, address, next[i], status, b.seconds()/turns)
					*rates = append(*rates, got)
					return err
				})
			}
			plain.answers.Store(&answers[i])
			for turn := range turns {
				steps := []func() error{
					func() error { return measure(&ours[i], "ours", turn, s.address) },
					func() error { return measure(&theirs[i], "bare", turn, plain.address) },
				}
				if turn%2 == 1 { // who comes first must not matter
					slices.Reverse(steps)
				}
				for _, step := range steps {
					if err := step(); err != nil {
						return fmt.Errorf("%s: %w", r.name, err)
					}
				}
			}
		}
	}
	for i, r := range reads {
		b.add(ratio(services, r.name, "/s", median(ours[i]), median(theirs[i]), r.aim))
	}
	return nil
}

// prepare asks for everything once, or for some samples of what is never the same, and keeps the answers for the bare
// server. It returns what makes the next request.
func (r read) prepare(ctx context.Context, address string) (next func(client int, buf []byte) []byte, answers []answer, err error) {
	c, err := dial(ctx, address)
	if err != nil {
		return nil, nil, err
	}
	defer c.conn.Close()
	paths := r.paths
	for i := 0; r.path != nil && i < samples; i++ {
		paths = append(paths, r.path())
	}
	requests := make([][]byte, len(paths))
	for i, path := range paths {
		requests[i] = get(nil, path, r.headers)
		a, err := c.sample(requests[i])
		if err != nil {
			return nil, nil, err
		}
		if r.revisit {
			requests[i] = get(nil, path, r.headers+"If-None-Match: "+a.etag+"\r\n")
		}
		if len(answers) < samples {
			answers = append(answers, a)
		}
	}
	if r.path != nil {
		return func(_ int, buf []byte) []byte { return get(buf, r.path(), r.headers) }, answers, nil
	}
	var turn atomic.Uint64
	return func(_ int, buf []byte) []byte { return append(buf, requests[turn.Add(1)%uint64(len(requests))]...) }, answers, nil
}

// sample is the answer to a request.
func (c *client) sample(request []byte) (a answer, err error) {
	var body bytes.Buffer
	status, err := c.do(request, func(line []byte) {
		name, value, _ := strings.Cut(string(line), ": ")
		switch name {
		case "Content-Type":
			a.contentType = value
		case "Etag", "ETag":
			a.etag = value
		case "Content-Encoding":
			a.coding = value
		}
	}, &body)
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("got status %d for %.200s: %s", status, request, &body)
	}
	a.body = body.Bytes()
	return a, err
}

var noFileName = regexp.MustCompile(`[^a-z0-9]+`)

// profiled writes a profile of the CPU while f runs, if that was asked for.
func (b *bench) profiled(name string, f func() error) error {
	if b.Profiles == "" {
		return f()
	}
	file, err := os.Create(filepath.Join(b.Profiles, noFileName.ReplaceAllString(name, "-")+".pprof"))
	if err != nil {
		return err
	}
	if err := pprof.StartCPUProfile(file); err != nil {
		return err
	}
	err = f()
	pprof.StopCPUProfile()
	if closed := file.Close(); err == nil {
		err = closed
	}
	return err
}
