package main_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/comuneprato/service-catalogue/internal/store/storetest"
)

// Slow clients open connections, send a request a letter at a time, and open the next when one is closed. The environment
// says how many there are at once (CATALOGUE_SLOW_CLIENTS); twice as many as may be connected.
const defaultSlowClients = 200

func TestSlowClientsHurtNobodyElse(t *testing.T) {
	t.Parallel()
	const readers, each = 8, 25
	clients := number(t, "CATALOGUE_SLOW_CLIENTS", defaultSlowClients)
	dsn := migrated(t, storetest.SQLite)
	token := newPublisher(t, dsn)
	s := serve(t, "--database", dsn, "--max-connections", strconv.Itoa(clients/2), "--log-level", "warn")
	s.do(http.MethodPut, "/v1/publishers/"+publisher+"/places/p?publish=true", token, place("Palazzo pretorio"), http.StatusCreated)

	slow := &slowClients{address: strings.TrimPrefix(s.url, "http://"), over: make(chan struct{})}
	for range clients {
		slow.running.Go(slow.connect)
	}
	await(t, "connections are closed for new ones", func() bool { return slow.closed.Load() > 0 })

	var reading sync.WaitGroup
	for range readers {
		reading.Go(func() {
			for range each {
				a, err := askOnce(s.url + "/v1/places")
				if err != nil || a.status != http.StatusOK {
					t.Errorf("got status %d, %v, want 200 whatever others do", a.status, err)
					return
				}
			}
		})
	}
	reading.Wait()
	close(slow.over)
	slow.running.Wait()
	t.Logf("%d connections of slow clients were closed meanwhile", slow.closed.Load())
	s.stop()
}

// slowClients keep the connections of a server busy until they are told that it is over.
type slowClients struct {
	address string
	over    chan struct{}
	closed  atomic.Int64 // connections, by the server
	running sync.WaitGroup
}

func (c *slowClients) connect() {
	for {
		conn, err := net.Dial("tcp", c.address)
		if err == nil {
			err = c.drip(conn)
			conn.Close()
		}
		if err == nil {
			return
		}
		c.closed.Add(1)
		select {
		case <-c.over:
			return
		case <-time.After(time.Second):
		}
	}
}

// drip sends a request that never ends. It returns an error when the server has enough of it, nil when it is over.
func (c *slowClients) drip(conn net.Conn) error {
	ended := make(chan error, 1)
	c.running.Go(func() {
		_, err := io.Copy(io.Discard, conn)
		ended <- errors.Join(err, io.EOF)
	})
	request := "GET /v1/places HTTP/1.1\r\nHost: h\r\nX-Slow: "
	for {
		if _, err := io.WriteString(conn, request); err != nil {
			return err
		}
		request = "a"
		select {
		case <-c.over:
			return nil
		case err := <-ended:
			return err
		case <-time.After(500 * time.Millisecond):
		}
	}
}

// askOnce reads over a connection of its own.
func askOnce(url string) (answer, error) {
	r, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		return answer{}, err
	}
	r.Close = true
	return send(r)
}

func TestWhoIsTooSlowWithTheHeadIsCutOff(t *testing.T) {
	t.Parallel()
	s := serve(t, "--database", migrated(t, storetest.SQLite))
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(deadline)); err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(conn, "GET /v1/places HTTP/1.1\r\nHost: h\r\n")
	if answer, err := io.ReadAll(conn); errors.Is(err, os.ErrDeadlineExceeded) || len(answer) > 0 {
		t.Errorf("got %q, %v, want the connection closed without a word", answer, err)
	}
	s.stop()
}

func TestTheLimitsAreSettings(t *testing.T) {
	t.Parallel()
	s := serve(t, "--database", migrated(t, storetest.SQLite), "--rate-reads", "2", "--rate-writes", "1")
	for i, want := range []int{http.StatusOK, http.StatusOK, http.StatusTooManyRequests} {
		a := s.get("/v1/places", "", want)
		if got, left := a.header.Get("RateLimit-Remaining"), max(0, 1-i); got != strconv.Itoa(left) {
			t.Errorf("request %d: %s are left, want %d", i+1, got, left)
		}
	}
	s.do(http.MethodPost, "/v1/validations", "", object{"kind": "place", "document": place("A")}, http.StatusOK)
	s.do(http.MethodPost, "/v1/validations", "", object{"kind": "place", "document": place("A")}, http.StatusTooManyRequests)
	s.get("/readyz", "", http.StatusOK)
	s.stop()

	for flag, says := range map[string]string{"--rate-reads=-1": "give 0 for any number", "--rate-writes=-1": "give 0 for any number", "--rate-writes=4294967296": "give 0 for any number", "--max-connections=0": "at least 1"} {
		r := run(t, "serve", flag)
		r.want(t, 1)
		r.says(t, says)
	}
}
