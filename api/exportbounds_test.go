package api_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net"
	"net/http"
	"os"
	"runtime"
	"runtime/metrics"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/comuneprato/service-catalogue/api"
	"github.com/comuneprato/service-catalogue/api/apitest"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/lang"
	"github.com/comuneprato/service-catalogue/internal/snapshot"
)

// typical is how many bytes a service of the feed has at least, in any format.
const typical = 3900

// manyServices is a feed that begins with so many public services and in which nothing happens.
type manyServices int

func (n manyServices) Load(_ context.Context, tell func(catalogue.Update), _ func(catalogue.Kind, string, catalogue.EntryID)) (int64, error) {
	text := strings.Repeat("Testo lungo. ", 300)
	for i := range int(n) {
		key := fmt.Sprintf("servizio-%d", i)
		tell(catalogue.Update{
			Change: catalogue.Change{
				Subject: catalogue.SubjectEntry, Kind: catalogue.KindService, ID: uuid.NewSHA1(uuid.NameSpaceURL, []byte(key)),
				Publisher: apitest.Prato, Key: key, Change: catalogue.ChangePublished, Revision: 1,
			},
			Slug: key,
			Document: catalogue.Encode(&catalogue.Service{
				Head: catalogue.Head{Title: lang.Of(key), Summary: lang.Of("In breve."), Description: lang.Of(text)}, Status: "active",
			}),
		})
	}
	return 0, nil
}

func (manyServices) Since(context.Context, int64, int) ([]catalogue.Update, error) { return nil, nil }

func (manyServices) Listen(ctx context.Context, _ func()) { <-ctx.Done() }

// defaultServices is how many services are exported where CATALOGUE_EXPORT_SERVICES does not say: more than the buffers of a
// connection hold.
const defaultServices = 1500

// manyExports is a server with many services, and how many there are.
func manyExports(t *testing.T) (s *apitest.Server, services int) {
	t.Helper()
	services = number(t, "CATALOGUE_EXPORT_SERVICES", defaultServices)
	follower := snapshot.NewFollower(manyServices(services), slog.New(slog.DiscardHandler))
	ctx, stop := context.WithCancel(t.Context())
	var following sync.WaitGroup
	following.Go(func() { follower.Run(ctx) })
	t.Cleanup(func() {
		stop()
		following.Wait()
	})
	if err := follower.Wait(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	return once(t).Reconfigured(func(c *api.Config) {
		c.Follower, c.Reader = follower, snapshot.NewReader(follower, c.PublicURL, 1<<20, c.Clock)
	}), services
}

// What a connection holds of what its client does not read.
const (
	slowBuffer = 16 << 10
	fastBuffer = 1 << 20
)

// export is one that is being read.
type export struct {
	*http.Response
	conn *net.TCPConn
}

// read reads so much, or to the end if that is 0, and no slower than it comes.
func (e export) read(bytes int) error {
	e.conn.SetReadBuffer(fastBuffer)
	if bytes == 0 {
		_, err := io.Copy(io.Discard, e.Body)
		return err
	}
	_, err := io.CopyN(io.Discard, e.Body, int64(bytes))
	return err
}

// beginExport asks for an export from an address of this machine, and reads the head of the answer. What the client does not
// read waits at the server, but for some kilobytes.
func beginExport(t *testing.T, from, url, path string) export {
	t.Helper()
	w := dialFrom(t, from, url)
	conn := w.Conn.(*net.TCPConn)
	if err := errors.Join(conn.SetReadBuffer(slowBuffer), conn.SetDeadline(time.Now().Add(2*patience))); err != nil {
		t.Fatal(err)
	}
	w.send(t, "GET "+path+" HTTP/1.1\r\nHost: h\r\n\r\n")
	a, err := http.ReadResponse(w.answers, nil) //nolint:bodyclose // the connection is closed
	if err != nil {
		t.Fatal(err)
	}
	return export{a, conn}
}

const (
	oneAddress   = "127.0.0.1"
	otherAddress = "127.0.0.2"
)

// fourSlow are exports, as many as there may be at once, that nobody reads.
func fourSlow(t *testing.T, url string) (slow []export) {
	t.Helper()
	for _, from := range []string{oneAddress, oneAddress, otherAddress, otherAddress} {
		e := beginExport(t, from, url, "/v1/exports/services")
		if e.StatusCode != http.StatusOK {
			t.Fatalf("got status %d, want 200", e.StatusCode)
		}
		slow = append(slow, e)
	}
	return slow
}

// overloaded wants an export to be refused for now.
func overloaded(t *testing.T, e export) {
	t.Helper()
	body, err := io.ReadAll(e.Body)
	if err != nil || e.StatusCode != http.StatusServiceUnavailable || !strings.Contains(string(body), "#overloaded") || e.Header.Get("Retry-After") == "" {
		t.Errorf("got status %d, Retry-After %q, %v, want 503, overloaded, some seconds: %.300s", e.StatusCode, e.Header.Get("Retry-After"), err, body)
	}
}

// exports waits until there is room for an export again, and reads it.
func exports(t *testing.T, from, url string) {
	t.Helper()
	for end := time.Now().Add(patience); ; {
		e := beginExport(t, from, url, "/v1/exports/services?publisher=nobody")
		if e.StatusCode == http.StatusOK {
			return
		}
		overloaded(t, e)
		if time.Now().After(end) {
			t.Fatal("there is no room for another export")
		}
	}
}

func TestExportsOfALargeCatalogue(t *testing.T) {
	s, services := manyExports(t)
	t.Cleanup(func() { // when all tests below have ended
		const want = `"msg":"an answer broke off: its client left, or was too slow"`
		for end := time.Now().Add(patience); !strings.Contains(s.Logs(), want); time.Sleep(time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("the log does not say that answers broke off: %s", s.Logs())
			}
		}
	})
	fresh := func(t *testing.T, pause time.Duration) string { // a server whose turns nobody has
		t.Helper()
		return s.Reconfigured(func(c *api.Config) { c.SetExportPause(pause) }).URL
	}

	for _, path := range []string{"services", "services?format=csv", "services?format=ndjson", "catalogue?format=turtle", "catalogue?format=jsonld"} {
		t.Run("in bounded memory: "+path, func(t *testing.T) {
			const bound, parts = 1 << 20, 3
			before := inUse(math.MaxInt64)
			e := beginExport(t, oneAddress, s.URL, "/v1/exports/"+path)
			for part := range parts { // the server waits while this one looks
				if err := e.read(services * typical / parts); err != nil {
					t.Fatalf("part %d: %v", part, err)
				}
				if more := inUse(before+bound) - before; more > bound {
					t.Errorf("part %d: %d bytes of memory more than before, want at most %d", part, more, bound)
				}
			}
		})
	}

	t.Run("who does not read holds no turn for long", func(t *testing.T) {
		t.Parallel()
		url := fresh(t, 100*time.Millisecond)
		slow := fourSlow(t, url)
		exports(t, "127.0.0.3", url)
		for i, e := range slow {
			if err := e.read(0); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("client %d: got %v, want the connection cut off", i, err)
			}
		}
	})

	t.Run("who leaves gives the turn back", func(t *testing.T) {
		t.Parallel()
		url := fresh(t, time.Hour)
		slow := fourSlow(t, url)
		overloaded(t, beginExport(t, "127.0.0.3", url, "/v1/exports/services"))
		overloaded(t, beginExport(t, "127.0.0.3", url, "/v1/exports/catalogue"))
		for _, e := range slow {
			e.conn.Close()
		}
		exports(t, "127.0.0.3", url)
	})

	t.Run("one client has only so many long lists", func(t *testing.T) {
		t.Parallel()
		const atOnce, path = 16, "/v1/services?limit=200&fields=title,description"
		url := fresh(t, time.Hour)
		for range atOnce { // who ask so often, and read nothing, that an answer waits for them
			w := dialFrom(t, oneAddress, url)
			w.Conn.(*net.TCPConn).SetReadBuffer(slowBuffer)
			w.send(t, strings.Repeat("GET "+path+" HTTP/1.1\r\nHost: h\r\n\r\n", 20))
		}
		for end := time.Now().Add(patience); ; {
			e := beginExport(t, oneAddress, url, path)
			if e.StatusCode == http.StatusServiceUnavailable {
				overloaded(t, e)
				break
			}
			if err := e.read(0); err != nil || time.Now().After(end) {
				t.Fatalf("got status %d, %v, want 503 once as many answers as may be are not read", e.StatusCode, err)
			}
		}
		for from, path := range map[string]string{oneAddress: "/v1/services?limit=1", otherAddress: path} {
			if e := beginExport(t, from, url, path); e.StatusCode != http.StatusOK {
				t.Errorf("%s from %s: got status %d, want 200", path, from, e.StatusCode)
			}
		}
	})

	t.Run("one client has not all turns", func(t *testing.T) {
		t.Parallel()
		url := fresh(t, time.Hour)
		first := beginExport(t, oneAddress, url, "/v1/exports/services")
		beginExport(t, oneAddress, url, "/v1/exports/services?format=csv")
		overloaded(t, beginExport(t, oneAddress, url, "/v1/exports/catalogue"))
		if e := beginExport(t, otherAddress, url, "/v1/exports/services"); e.StatusCode != http.StatusOK {
			t.Errorf("another client: got status %d, want 200", e.StatusCode)
		}
		first.conn.Close()
		exports(t, oneAddress, url)
	})
}

// inUse is how much memory is in use, without what could be given back. What the server makes until it waits for its client
// counts as used, so it looks again, for some time, where that is more than wanted.
func inUse(wanted int64) (used int64) {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	for end := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		runtime.GC()
		runtime.GC() // what a sync.Pool holds is given back by the second
		metrics.Read(live)
		if used = int64(live[0].Value.Uint64()); used <= wanted || time.Now().After(end) {
			return used
		}
	}
}
