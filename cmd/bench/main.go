// Command bench measures the catalogue beside what cannot be beaten: reads beside a bare echo server that sends the same
// bytes from memory, writes beside bare SQLite transactions of equal durability. Clients and both servers are one process,
// so that all have the same cores and the same collector. Only the ratios mean something on a machine that others use
// too; docs/performance.md says what came of it. Parts are measured by `go test -bench`.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/alecthomas/kong"
)

// bench is a run: its flags, and what it has found so far.
type bench struct {
	Services []int   `help:"How many synthetic services, one catalogue after the other." default:"1000,10000"`
	Rounds   int     `help:"How often everything is measured; the median counts." default:"3"`
	Seconds  float64 `help:"How long a rate is measured in each round." default:"1"`
	Seed     uint64  `help:"Another seed makes other services." default:"1"`
	JSON     bool    `help:"Write the results as JSON." name:"json"`
	Profiles string  `help:"Write profiles of the CPU during reads, imports and publications into this directory." type:"existingdir" placeholder:"DIR"`

	progressTo io.Writer
	dir        string // temporary
	generator  *generator
	rows       []row
	version    atomic.Int64 // of the last document
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintf(os.Stderr, "bench: %v\n", err)
		os.Exit(1)
	}
}

// run measures as the arguments say, writes the table to out and the progress to progress.
func run(ctx context.Context, args []string, out, progress io.Writer) (err error) {
	b := &bench{progressTo: progress}
	exited := false
	parser, err := kong.New(b, kong.Name("bench"), kong.Description("Measure the catalogue beside bare echo and bare SQLite."),
		kong.Writers(out, progress), kong.Exit(func(int) { exited = true }))
	if err != nil {
		return err
	}
	if _, err := parser.Parse(args); err != nil || exited {
		return err
	}
	for _, services := range b.Services {
		if services < 1 {
			return fmt.Errorf("--services %d: give at least one", services)
		}
	}
	if b.Rounds < 1 || b.Seconds <= 0 {
		return errors.New("--rounds and --seconds must be positive")
	}
	if b.generator, err = newGenerator(b.Seed); err != nil {
		return err
	}
	if b.dir, err = os.MkdirTemp("", "catalogue-bench-"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(b.dir)) }()
	m := thisMachine()
	for _, services := range b.Services {
		if err = b.measure(ctx, services); err != nil {
			err = fmt.Errorf("%d services: %w", services, err)
			break // and tell what there is: it took long
		}
	}
	m.LoadAfter = loadAverage()
	if b.JSON {
		return errors.Join(err, writeJSON(out, m, b.rows))
	}
	return errors.Join(err, writeTable(out, m, b.rows))
}

// measure measures everything at one size.
func (b *bench) measure(ctx context.Context, services int) (err error) {
	database, ids, err := b.load(ctx, services)
	if err != nil {
		return err
	}
	s, err := b.start(ctx, database, services)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	plain, err := openBare(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, plain.close()) }()
	if err := b.compare(ctx, s, plain, services, b.reads(ids)); err != nil {
		return err
	}
	b.add(row{Services: services, What: "heap in use after the reads", Unit: " MB", Ours: heapInUse()})
	return b.publish(ctx, s, services, ids)
}

func (b *bench) seconds() time.Duration { return time.Duration(b.Seconds * float64(time.Second)) }

func (b *bench) progress(format string, args ...any) {
	fmt.Fprintf(b.progressTo, format+"\n", args...)
}

func (b *bench) add(r row) { b.rows = append(b.rows, r) }

// machine is where it was measured.
type machine struct {
	Cores      int    `json:"cores"`
	GoVersion  string `json:"goVersion"`
	CPU        string `json:"cpu,omitempty"`
	LoadBefore string `json:"loadBefore,omitempty"` // of the last minute, that of others too
	LoadAfter  string `json:"loadAfter,omitempty"`
}

func thisMachine() machine {
	m := machine{Cores: runtime.GOMAXPROCS(0), GoVersion: runtime.Version(), LoadBefore: loadAverage()}
	info, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return m // not on this system
	}
	for line := range strings.Lines(string(info)) {
		if name, value, _ := strings.Cut(line, ":"); strings.TrimSpace(name) == "model name" {
			m.CPU = strings.TrimSpace(value)
			break
		}
	}
	return m
}

// loadAverage is the load of the last minute, where the system tells it.
func loadAverage() string {
	loads, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return ""
	}
	minute, _, _ := strings.Cut(string(loads), " ")
	return minute
}
