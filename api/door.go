package api

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
)

// Connections bounds how many connections may be open at once.
type Connections struct {
	Most       int
	PerAddress int          // from each IPv4 address and each IPv6 network of 64 bits; 0: Most
	Proxies    []*net.IPNet // networks that PerAddress does not bound, since a proxy's address is that of all its clients
}

// A Door lets connections in. Where there are as many as there may be, at all or from one address, the one of these that has
// waited longest for its client to send a request makes room: clients that open many and send little hurt nobody but
// themselves. One that comes when all of these are working on requests is closed.
type Door struct {
	*net.TCPListener
	bounds Connections
	clock  catalogue.Clock
	log    *slog.Logger
	closed *prometheus.CounterVec

	mu   sync.Mutex
	open connections
	from map[netip.Addr]connections // of open, those whose addresses are bounded
	told time.Time                  // when the log was last told that there are too many
}

type connections map[*connection]struct{}

// Listen listens on a TCP address.
func Listen(ctx context.Context, address string, bounds Connections, clock catalogue.Clock, log *slog.Logger) (*Door, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	closed := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "catalogue_http_connections_closed_total",
		Help: "Connections that were closed since there were too many, by the bound (address, all) and by whether they made room for others or were refused.",
	}, []string{"bound", "outcome"})
	for _, bound := range []string{"address", "all"} { // so that there is a zero before the first
		closed.WithLabelValues(bound, "made_room")
		closed.WithLabelValues(bound, "refused")
	}
	return &Door{
		TCPListener: listener.(*net.TCPListener), bounds: bounds, clock: clock, log: log, closed: closed,
		open: connections{}, from: map[netip.Addr]connections{},
	}, nil
}

// Metrics are what is measured of connections.
func (d *Door) Metrics() []prometheus.Collector {
	return []prometheus.Collector{d.closed, prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "catalogue_http_connections", Help: "Connections that are open.",
	}, func() float64 {
		d.mu.Lock()
		defer d.mu.Unlock()
		return float64(len(d.open))
	})}
}

// Accept waits for a connection that may come in.
func (d *Door) Accept() (net.Conn, error) {
	for {
		tcp, err := d.AcceptTCP()
		if err != nil {
			return nil, err
		}
		c := &connection{TCPConn: tcp, door: d, network: d.bounded(tcp)}
		c.setState(http.StateNew, d.clock())
		if d.enter(c) {
			return c, nil
		}
		tcp.Close()
	}
}

// bounded is the network of a client to which PerAddress applies; for others it is not valid.
func (d *Door) bounded(c *net.TCPConn) (network netip.Addr) {
	client, ok := c.RemoteAddr().(*net.TCPAddr)
	proxy := func(n *net.IPNet) bool { return n.Contains(client.IP) }
	if d.bounds.PerAddress == 0 || !ok || slices.ContainsFunc(d.bounds.Proxies, proxy) {
		return network
	}
	return networkOf(client.AddrPort().Addr())
}

// enter reports whether there is room for a connection.
func (d *Door) enter(c *connection) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if c.network.IsValid() && len(d.from[c.network]) >= d.bounds.PerAddress && !d.makeRoom(d.from[c.network], "address", c) {
		return false
	}
	if len(d.open) >= d.bounds.Most && !d.makeRoom(d.open, "all", c) {
		return false
	}
	d.open[c] = struct{}{}
	if c.network.IsValid() {
		if d.from[c.network] == nil {
			d.from[c.network] = connections{}
		}
		d.from[c.network][c] = struct{}{}
	}
	return true
}

// makeRoom closes one of the connections that have reached a bound, the one that has waited longest for a request. It reports
// false where all of them are being answered, so that c, the new one, is refused.
func (d *Door) makeRoom(among connections, bound string, c *connection) bool {
	longest, outcome := among.longest(), "refused"
	if longest != nil {
		d.forget(longest)
		longest.TCPConn.Close() // whoever reads from it hears of it
		outcome = "made_room"
	}
	d.closed.WithLabelValues(bound, outcome).Inc()
	if now := d.clock(); now.Sub(d.told).Abs() >= time.Minute {
		d.told = now
		d.log.Warn("there are too many connections, some are closed", "bound", bound, "outcome", outcome, "open", len(d.open), "address", c.RemoteAddr().String())
	}
	return longest != nil
}

// maxLooked is how many connections are looked at to make room, in the order of maps, which is any: of so many, one has
// waited longer than nearly all.
const maxLooked = 64

// longest is a connection that has waited for a request longer than nearly all others; nil where all are being answered.
func (all connections) longest() (longest *connection) {
	var since int64
	left := maxLooked
	for c := range all {
		if at := c.waits.Load(); at != 0 && (longest == nil || at < since) {
			longest, since = c, at
		}
		if left--; left <= 0 && longest != nil {
			break
		}
	}
	return longest
}

// forget takes a connection from those that are open.
func (d *Door) forget(c *connection) {
	delete(d.open, c)
	delete(d.from[c.network], c)
	if len(d.from[c.network]) == 0 {
		delete(d.from, c.network)
	}
}

func (d *Door) leave(c *connection) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.forget(c)
}

// connection is one that came in by the door.
type connection struct {
	*net.TCPConn
	door    *Door
	network netip.Addr   // of the client, where its connections are bounded
	waits   atomic.Int64 // since when it waits for the whole head of a request, in nanoseconds; 0 while one is answered
}

// setState notes since when a connection waits. It is active from the end of a request's head to the end of the answer.
func (c *connection) setState(state http.ConnState, now time.Time) {
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
