package main

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/demo"
	"github.com/comuneprato/service-catalogue/internal/identity"
	"github.com/comuneprato/service-catalogue/internal/importing"
	"github.com/comuneprato/service-catalogue/internal/publishing"
)

// fewRounds is from how many services on an import is timed once only.
const fewRounds = 10_000

// load imports the services into a new database, in rounds, each in turn with prepared statements that insert the same
// rows in one transaction. It returns the last database and the ids of the services.
func (b *bench) load(ctx context.Context, services int) (database string, ids []uuid.UUID, err error) {
	input := filepath.Join(b.dir, "rows.ndjson")
	file, err := os.Create(input)
	if err != nil {
		return "", nil, err
	}
	if err := errors.Join(b.generator.write(file, services), file.Close()); err != nil {
		return "", nil, err
	}
	rounds := b.Rounds
	if services >= fewRounds {
		rounds = 1
	}
	rows := float64(services + len(b.generator.others))
	var ours, theirs []float64
	for round := range rounds {
		b.progress("%d services: round %d: import", services, round+1)
		folder, err := os.MkdirTemp(b.dir, "import-")
		if err != nil {
			return "", nil, err
		}
		database = filepath.Join(folder, "catalogue.db")
		var took time.Duration
		err = b.profiled(fmt.Sprintf("import-%d-%d", services, round+1), func() (err error) {
			took, ids, err = importInto(ctx, database, input)
			return err
		})
		if err != nil {
			return "", nil, err
		}
		ours = append(ours, rows/took.Seconds())
		if took, err = insertInto(ctx, filepath.Join(folder, "bare.db"), input); err != nil {
			return "", nil, err
		}
		theirs = append(theirs, rows/took.Seconds())
		if round < rounds-1 {
			if err := os.RemoveAll(folder); err != nil {
				return "", nil, err
			}
		}
	}
	b.add(ratio(services, "import", "/s", median(ours), median(theirs), 0.4))
	if len(ids) != services {
		err = fmt.Errorf("%d services were imported, want %d", len(ids), services)
	}
	return database, ids, err
}

// importInto times the import of a file into a new database.
func importInto(ctx context.Context, database, input string) (took time.Duration, ids []uuid.UUID, err error) {
	s, err := openStore(ctx, database, slog.New(slog.DiscardHandler))
	if err != nil {
		return 0, nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	publishers := identity.NewPublishers(s, catalogue.SystemClock)
	for _, p := range demo.Publishers() {
		if _, err := publishers.Create(ctx, catalogue.Actor{Name: "bench"}, identity.NewPublisher{Key: p.Key, Name: p.Name, Policy: catalogue.PolicySelf}); err != nil {
			return 0, nil, err
		}
	}
	rows, err := os.Open(input)
	if err != nil {
		return 0, nil, err
	}
	defer rows.Close()
	open := func() (importing.Reader, error) {
		if _, err := rows.Seek(0, io.SeekStart); err != nil {
			return nil, err
		}
		return importing.Open(importing.NDJSON, rows, importing.Options{})
	}
	var refused error
	start := time.Now()
	err = publishing.New(s, catalogue.SystemClock).Import(ctx, open, publishing.ImportOptions{Actor: publishing.Actor{Name: "bench"}}, func(reports []publishing.RowReport) {
		for _, r := range reports {
			switch {
			case r.Err != nil && refused == nil:
				refused = fmt.Errorf("row %d: %w", r.Number, r.Err)
			case r.Ref.Kind == catalogue.KindService:
				ids = append(ids, r.ID)
			}
		}
	})
	return time.Since(start), ids, errors.Join(err, refused)
}

// bareTable is what the rows are compared with: a table that holds them as they are.
const bareTable = "CREATE TABLE rows (publisher TEXT, kind TEXT, key TEXT, document TEXT, PRIMARY KEY (publisher, kind, key))"

const bareInsert = "INSERT INTO rows VALUES (?, ?, ?, ?)"

// openRows opens a database as durable as ours, with one connection.
func openRows(ctx context.Context, database string) (*sql.DB, error) {
	d, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: database, RawQuery: url.Values{
		"_txlock": {"immediate"}, "_pragma": {"journal_mode(WAL)", "synchronous(FULL)"},
	}.Encode()}).String())
	if err != nil {
		return nil, err
	}
	d.SetMaxOpenConns(1)
	if _, err := d.ExecContext(ctx, bareTable); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// insertInto times a prepared statement that inserts the rows of a file in one transaction.
func insertInto(ctx context.Context, database, input string) (took time.Duration, err error) {
	d, err := openRows(ctx, database)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	rows, err := os.Open(input)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	start := time.Now()
	tx, err := d.BeginTx(ctx, nil)
	if err != nil {
		return 0, err
	}
	defer tx.Rollback() //nolint:errcheck // of no effect after Commit
	insert, err := tx.PrepareContext(ctx, bareInsert)
	if err != nil {
		return 0, err
	}
	defer insert.Close()
	lines := bufio.NewScanner(rows)
	lines.Buffer(nil, importing.MaxRow)
	for lines.Scan() {
		var row importing.Row
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			return 0, err
		}
		if _, err := insert.ExecContext(ctx, row.Publisher, row.Kind, row.Key, string(row.Document)); err != nil {
			return 0, err
		}
	}
	if err := errors.Join(lines.Err(), tx.Commit()); err != nil {
		return 0, err
	}
	return time.Since(start), nil
}

// Aims of a start.
const (
	aimReady = 5 * time.Second
	aimHeap  = 400 << 20 // bytes
)

// start starts the catalogue on an existing database, in rounds, and leaves the last one running.
func (b *bench) start(ctx context.Context, database string, services int) (s *subject, err error) {
	var took, heap []float64
	for round := range b.Rounds {
		b.progress("%d services: round %d: start", services, round+1)
		if s != nil {
			if err := s.close(); err != nil {
				return nil, err
			}
			s = nil
		}
		runtime.GC()
		begin := time.Now()
		if s, err = open(ctx, database); err != nil {
			return nil, err
		}
		took = append(took, time.Since(begin).Seconds())
		heap = append(heap, heapInUse())
	}
	b.add(atMost(services, "ready", " s", median(took), aimReady.Seconds()))
	b.add(atMost(services, "heap in use when ready", " MB", median(heap), aimHeap>>20))
	return s, nil
}

// heapInUse is the heap in use after a collection, in megabytes.
func heapInUse() float64 {
	runtime.GC()
	runtime.GC() // what finalisers and pools held
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapInuse) / (1 << 20)
}

// publish measures writes: single publications until readers see them, and many publishers at once.
func (b *bench) publish(ctx context.Context, s *subject, services int, ids []uuid.UUID) error {
	token, _, err := s.keys.Create(ctx, catalogue.Actor{Name: "bench"}, identity.NewKey{
		Name: "bench", Publisher: demo.Municipality, Scopes: []identity.Scope{identity.Write, identity.Publish}, Expires: 24 * time.Hour,
	})
	if err != nil {
		return err
	}
	if err := b.visible(ctx, s, token, services, ids); err != nil {
		return err
	}
	var ours, theirs []float64
	d, err := openRows(ctx, filepath.Join(b.dir, fmt.Sprintf("publishers-%d.db", services)))
	if err != nil {
		return err
	}
	defer d.Close()
	for round := range b.Rounds {
		b.progress("%d services: round %d: %d publishers", services, round+1, connections)
		var got float64
		err := b.profiled(fmt.Sprintf("publishers-%d-%d", services, round+1), func() (err error) {
			got, err = b.publishers(ctx, s, token)
			return err
		})
		if err != nil {
			return err
		}
		ours = append(ours, got)
		if got, err = b.transactions(ctx, d); err != nil {
			return err
		}
		theirs = append(theirs, got)
	}
	b.add(ratio(services, fmt.Sprintf("%d durable publishers", connections), "/s", median(ours), median(theirs), 0.5))
	return nil
}

// aimVisible is how long a publication may take, in milliseconds.
const aimVisible = 50

// visible measures the time from a PUT to the first read that shows what it wrote.
func (b *bench) visible(ctx context.Context, s *subject, token string, services int, ids []uuid.UUID) error {
	writer, err := dial(ctx, s.address)
	if err != nil {
		return err
	}
	defer writer.conn.Close()
	reader, err := dial(ctx, s.address)
	if err != nil {
		return err
	}
	defer reader.conn.Close()
	b.progress("%d services: publications", services)
	variant := b.generator.variants(0)
	read := get(nil, "/v1/services/"+ids[0].String(), "")
	var times []float64
	for begin := time.Now(); len(times) == 0 || time.Since(begin) < time.Duration(b.Rounds)*b.seconds(); {
		version := b.version.Add(1)
		write := put(path(0), token, variant(version))
		start := time.Now()
		if err := written(writer.do(write, nil, nil)); err != nil {
			return err
		}
		for {
			a, err := reader.sample(read)
			if err != nil {
				return err
			}
			if bytes.Contains(a.body, []byte(marker(version))) {
				break
			}
		}
		times = append(times, time.Since(start).Seconds()*1000)
	}
	slices.Sort(times)
	b.add(atMost(services, "publish to visible, median", " ms", median(times), aimVisible))
	b.add(atMost(services, "publish to visible, p95", " ms", times[len(times)*95/100], aimVisible))
	return nil
}

func path(i int) string {
	return fmt.Sprintf("/v1/publishers/%s/services/%s?publish=true", demo.Municipality, key(i))
}

func written(status int, err error) error {
	if err == nil && status != http.StatusOK && status != http.StatusCreated {
		err = fmt.Errorf("publishing: got status %d", status)
	}
	return err
}

// publishers is how many publications a second are made by many clients, each of a service of its own.
func (b *bench) publishers(ctx context.Context, s *subject, token string) (float64, error) {
	var clients [connections]*client
	var variants [connections]func(int64) []byte
	for i := range connections {
		c, err := dial(ctx, s.address)
		if err != nil {
			return 0, err
		}
		defer c.conn.Close()
		clients[i], variants[i] = c, b.generator.variants(i)
	}
	return rateOf(ctx, b.seconds(), func(i int, _ []byte) ([]byte, error) {
		return nil, written(clients[i].do(put(path(i), token, variants[i](b.version.Add(1))), nil, nil))
	})
}

// transactions is how many rows a second are written by as many writers, each in a transaction of its own.
func (b *bench) transactions(ctx context.Context, d *sql.DB) (float64, error) {
	conn, err := d.Conn(ctx)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	insert, err := conn.PrepareContext(ctx, bareInsert)
	if err != nil {
		return 0, err
	}
	defer insert.Close()
	var turn sync.Mutex
	var variants [connections]func(int64) []byte
	for i := range connections {
		variants[i] = b.generator.variants(i)
	}
	return rateOf(ctx, b.seconds(), func(i int, _ []byte) ([]byte, error) {
		version := b.version.Add(1)
		document := string(variants[i](version))
		turn.Lock()
		defer turn.Unlock()
		tx, err := conn.BeginTx(ctx, nil)
		if err != nil {
			return nil, err
		}
		defer tx.Rollback() //nolint:errcheck // of no effect after Commit
		if _, err := insert.ExecContext(ctx, demo.Municipality, "service", fmt.Sprint(version), document); err != nil {
			return nil, err
		}
		return nil, tx.Commit()
	})
}
