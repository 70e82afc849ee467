package api

import (
	"cmp"
	"errors"
	"net/http"
	"net/netip"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/comuneprato/service-catalogue/internal/identity"
	"github.com/comuneprato/service-catalogue/internal/ratelimit"
)

// maxAddress is how long path and query may be, in bytes as they were sent: enough for every parameter that docs/openapi.json
// describes, such as a thousand characters to search for in any script.
const maxAddress = 16 << 10

var (
	errTooLong = errors.New("the address is too long")
	errTooMany = errors.New("too many requests")
)

// refuseAddress answers requests whose address is too long.
func (s *server) refuseAddress(c echo.Context) error { return cmp.Or(s.admit(c), errTooLong) }

// Headers of draft-ietf-httpapi-ratelimit-headers-03, as net/http keeps them.
var (
	headerLimit     = http.CanonicalHeaderKey("RateLimit-Limit")
	headerRemaining = http.CanonicalHeaderKey("RateLimit-Remaining")
	headerReset     = http.CanonicalHeaderKey("RateLimit-Reset")
)

// client is whose requests are counted together: a key, or an address from which requests come without one.
type client struct {
	key     string
	address netip.Addr
}

// networkBits is the length of the part of an IPv6 address that names a network (RFC 4291, section 2.5.4). A customer has at
// least one whole network.
const networkBits = 64

// clientAt is who asks from an address without a key.
func clientAt(address string) client {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return client{} // a connection without addresses
	}
	return client{address: networkOf(a)}
}

// networkOf is the part of an address that stands for one customer: of IPv4 all of it, of IPv6 its network.
func networkOf(a netip.Addr) netip.Addr {
	if a = a.Unmap(); a.Is6() {
		network, _ := a.Prefix(networkBits) // of an IPv6 address there is one
		a = network.Addr()
	}
	return a
}

// limit bounds how many requests of a sort each client may make in a minute. The values of its headers are made once.
type limit struct {
	clients   *ratelimit.Limiter[client] // nil: any number
	value     []string
	step      int        // what remains is told in multiples of it, of which there are about maxValues at most
	remaining [][]string // by step
	reset     [][]string // by second
}

// maxValues bounds how many values there are of the header that tells what remains.
const maxValues = 10_000

func newLimit(perMinute int) limit {
	if perMinute < 1 {
		return limit{}
	}
	step := 1 + (perMinute-1)/maxValues
	return limit{
		clients: ratelimit.New[client](perMinute), value: []string{strconv.Itoa(perMinute)},
		step: step, remaining: multiples(step, perMinute), reset: multiples(1, int(ratelimit.Window/time.Second)),
	}
}

// multiples are header values of the multiples of a step up to a number.
func multiples(step, most int) [][]string {
	all := make([][]string, 0, most/step+1)
	for n := 0; n <= most; n += step {
		all = append(all, []string{strconv.Itoa(n)})
	}
	return all
}

// take counts a request of a client. It returns errTooMany where that is one too many.
func (l limit) take(c echo.Context, who client, now time.Time) error {
	if l.clients == nil {
		return nil
	}
	standing, ok := l.clients.Take(who, now)
	l.tell(c, standing)
	if !ok {
		return errTooMany
	}
	return nil
}

// look tells a client what it has left, and counts nothing.
func (l limit) look(c echo.Context, who client, now time.Time) {
	if l.clients != nil {
		l.tell(c, l.clients.Look(who, now))
	}
}

func (l limit) tell(c echo.Context, s ratelimit.Standing) {
	h := c.Response().Header()
	h[headerLimit] = l.value
	h[headerRemaining] = l.remaining[s.Remaining/l.step]
	h[headerReset] = l.reset[s.Reset/time.Second]
}

// limits are those of both sorts of requests.
type limits struct{ reads, writes limit }

func (l limits) of(method string) limit {
	if isRead(method) || method == http.MethodOptions { // before a page writes, its browser asks whether it may
		return l.reads
	}
	return l.writes
}

// uncounted are the routes by which the operator's machines see how the program is. Nobody is refused there.
var uncounted = map[string]bool{"/livez": true, "/readyz": true, "/status": true, "/metrics": true}

// admit counts a request without a key for its address. It returns errTooMany where that is one too many.
func (s *server) admit(c echo.Context) error {
	l, who := s.limits.of(c.Request().Method), clientAt(c.RealIP())
	if uncounted[c.Path()] {
		l.look(c, who, s.Clock())
		return nil
	}
	return l.take(c, who, s.Clock())
}

// admitCaller returns whoever calls, and counts the request for the key. One without a key that works counts for its address
// as a write, so that nobody may try keys faster than write. It returns errTooMany where that is one too many.
func (s *server) admitCaller(c echo.Context) (identity.Caller, error) {
	caller, err := s.caller(c)
	if err != nil {
		return caller, cmp.Or(s.limits.writes.take(c, clientAt(c.RealIP()), s.Clock()), err)
	}
	return caller, s.limits.of(c.Request().Method).take(c, client{key: caller.Prefix}, s.Clock())
}
