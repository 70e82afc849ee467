package api

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/lang"
)

// Bounds of connections: slow clients are cut off.
const (
	headerTime    = 5 * time.Second
	readTime      = 30 * time.Second
	writeTime     = 60 * time.Second
	idleTime      = 2 * time.Minute
	maxHeaderSize = 32 << 10
)

// NewServer makes the server of every route, for connections that come in by Listen.
func NewServer(config Config) *http.Server {
	return &http.Server{
		Handler:           New(config),
		ReadHeaderTimeout: headerTime, ReadTimeout: readTime, WriteTimeout: writeTime, IdleTimeout: idleTime,
		MaxHeaderBytes: maxHeaderSize,
		ConnState: func(c net.Conn, state http.ConnState) {
			if c, ok := c.(*connection); ok {
				c.is(state, config.Clock())
			}
		},
		DisableGeneralOptionsHandler: true,                                                     // which would answer `OPTIONS *` past the limits
		ErrorLog:                     slog.NewLogLogger(config.Log.Handler(), slog.LevelDebug), // what clients do wrong to a connection
	}
}

// A door lets connections in. When there are as many as there may be, the one that has waited longest for its client to
// send a request makes room: clients that open many and send little hurt nobody but themselves.
type door struct {
	*net.TCPListener
	most  int
	clock catalogue.Clock

	mu   sync.Mutex
	open map[*connection]struct{}
}

// Listen listens on a TCP address, and lets so many connections be open at once. One that comes when all others are
// working on requests is closed.
func Listen(ctx context.Context, address string, most int, clock catalogue.Clock) (net.Listener, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	return &door{TCPListener: listener.(*net.TCPListener), most: most, clock: clock, open: map[*connection]struct{}{}}, nil
}

// Accept waits for a connection that may come in.
func (d *door) Accept() (net.Conn, error) {
	for {
		tcp, err := d.AcceptTCP()
		if err != nil {
			return nil, err
		}
		c := &connection{TCPConn: tcp, door: d}
		c.is(http.StateNew, d.clock())
		if d.enter(c) {
			return c, nil
		}
		tcp.Close()
	}
}

// enter reports whether there is room for a connection.
func (d *door) enter(c *connection) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.open) >= d.most && !d.makeRoom() {
		return false
	}
	d.open[c] = struct{}{}
	return true
}

// looked is how many connections are looked at to make room. They are any, in the order of maps; of so many, one has
// waited longer than nearly all.
const looked = 64

// makeRoom closes the connection that has waited longest for a request. It reports whether there was any.
func (d *door) makeRoom() bool {
	var longest *connection
	var since int64
	left := looked
	for c := range d.open {
		if at := c.waits.Load(); at != 0 && (longest == nil || at < since) {
			longest, since = c, at
		}
		if left--; left == 0 && longest != nil {
			break
		}
	}
	if longest == nil {
		return false
	}
	delete(d.open, longest)
	longest.TCPConn.Close() // whoever reads from it hears of it
	return true
}

func (d *door) leave(c *connection) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.open, c)
}

// connection is one that came in by the door.
type connection struct {
	*net.TCPConn
	door  *door
	waits atomic.Int64 // since when it waits for the whole head of a request, in nanoseconds; 0 while one is answered
}

// is notes what becomes of a connection. It is active from the end of a request's head to the end of the answer.
func (c *connection) is(state http.ConnState, now time.Time) {
	switch state {
	case http.StateNew, http.StateIdle:
		c.waits.Store(now.UnixNano())
	case http.StateActive:
		c.waits.Store(0)
	default: // it has ended
	}
}

// Close closes the connection.
func (c *connection) Close() error {
	c.door.leave(c)
	return c.TCPConn.Close()
}

// Write sends what net/http writes, but for what it says in plain text of requests that it cannot read: that becomes a
// problem.
func (c *connection) Write(p []byte) (int, error) {
	status := refusedByHTTP(p)
	if status == 0 {
		return c.TCPConn.Write(p)
	}
	if _, err := c.TCPConn.Write(unreadable(status)); err != nil {
		return 0, err
	}
	return len(p), nil
}

// plainRefusal is what net/http says of a request that it cannot read, behind the status; nobody else says it like this.
// Should it say something else one day, clients will get that, and TestUnreadableRequests will fail.
const plainRefusal = "\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n"

// refusedByHTTP is the status with which net/http refuses a request that it cannot read, 0 if that is not what it sends.
func refusedByHTTP(sent []byte) int {
	const before, longest = "HTTP/1.1 ", 512
	if len(sent) > longest || !bytes.HasPrefix(sent, []byte(before)) || !bytes.Contains(sent, []byte(plainRefusal)) {
		return 0
	}
	status, _, _ := bytes.Cut(sent[len(before):], []byte(" "))
	number, err := strconv.Atoi(string(status))
	if err != nil || number < http.StatusBadRequest {
		return 0
	}
	return number
}

// unreadable is the whole answer to a request that could not be read, in the first language, since nobody knows the caller's.
func unreadable(status int) []byte {
	f, ok := headFailures[status]
	if !ok {
		f = failure{nil, status, headFailures[http.StatusBadRequest].name}
	}
	tag, id := lang.Spoken[0], strings.ToLower(rand.Text())
	body, err := json.Marshal(problemFor(f, tag, id))
	if err != nil {
		panic(err) // nothing in a Problem cannot be written
	}
	h := http.Header{
		echo.HeaderAccessControlAllowOrigin: everybody, "X-Content-Type-Options": noSniffing, "Cache-Control": noStore,
		echo.HeaderContentType: {mimeProblem}, "Content-Language": {string(tag)}, "Content-Length": {strconv.Itoa(len(body))},
		"Vary": byLanguage, "Connection": {"close"}, headerRequestID: {id},
	}
	var answer bytes.Buffer
	fmt.Fprintf(&answer, "HTTP/1.1 %d %s\r\n", status, http.StatusText(status))
	h.Write(&answer) //nolint:errcheck // memory takes everything
	answer.WriteString("\r\n")
	answer.Write(body)
	return answer.Bytes()
}
