package outbound_test

import (
	"context"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/comuneprato/service-catalogue/internal/outbound"
)

// network is a small Internet on the loopback interface. 127.0.0.2 is out there, and may be called. All else is not
// public; what listens on 127.0.0.1, on the same port, must never be reached.
type network struct {
	public, secure *httptest.Server
	port           string // of public, and of what must not be reached
	options        outbound.Options

	names map[string][]string // what a name resolves to, from the first question on; the last one stays

	mu      sync.Mutex
	asked   map[string]int // questions by name and type
	reached atomic.Int64   // connections to what must not be reached
}

// newNetwork serves handler as http://public.test and as https://example.com.
func newNetwork(t *testing.T, handler http.HandlerFunc, names map[string][]string) *network {
	t.Helper()
	n := &network{names: map[string][]string{"public.test": {"127.0.0.2"}, "example.com": {"127.0.0.2"}}, asked: map[string]int{}}
	for name, addresses := range names {
		n.names[name] = addresses
	}
	outside, inside := samePort(t)
	n.public = serveOn(t, outside, handler, (*httptest.Server).Start)
	n.port = n.public.URL[strings.LastIndex(n.public.URL, ":")+1:]
	secured, err := net.Listen("tcp", "127.0.0.2:0")
	if err != nil {
		t.Fatal(err)
	}
	n.secure = serveOn(t, secured, handler, (*httptest.Server).StartTLS)
	trap := serveOn(t, inside, func(http.ResponseWriter, *http.Request) {}, func(s *httptest.Server) {
		s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
			if state == http.StateNew {
				n.reached.Add(1)
			}
		}
		s.Start()
	})
	t.Setenv("HTTP_PROXY", trap.URL)
	t.Setenv("HTTPS_PROXY", trap.URL)

	roots := x509.NewCertPool()
	roots.AddCert(n.secure.Certificate())
	options := outbound.Options{HTTP: true, Ports: []uint16{portOf(outside), portOf(secured)}}
	n.options = options.Within(netip.MustParsePrefix("127.0.0.2/32"), n.resolver(t), roots)
	t.Cleanup(func() {
		if got := n.reached.Load(); got != 0 {
			t.Errorf("%d connections reached 127.0.0.1, which is not public", got)
		}
	})
	return n
}

// samePort listens outside and inside on the same port, so that only the address makes the difference.
func samePort(t *testing.T) (outside, inside net.Listener) {
	t.Helper()
	for range 20 {
		outside, err := net.Listen("tcp", "127.0.0.2:0")
		if err != nil {
			t.Fatal(err)
		}
		if inside, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", portOf(outside))); err == nil {
			return outside, inside
		}
		outside.Close()
	}
	t.Fatal("no port that is free on both addresses")
	return nil, nil
}

func portOf(l net.Listener) uint16 { return uint16(l.Addr().(*net.TCPAddr).Port) }

func serveOn(t *testing.T, l net.Listener, handler http.HandlerFunc, start func(*httptest.Server)) *httptest.Server {
	s := httptest.NewUnstartedServer(handler)
	s.Listener.Close()
	s.Listener = l
	start(s)
	t.Cleanup(s.Close)
	return s
}

// secureURL is the address of a path at the server that speaks TLS.
func (n *network) secureURL(path string) string {
	return "https://example.com" + n.secure.URL[strings.LastIndex(n.secure.URL, ":"):] + path
}

// publicURL is the address of a path at the public server.
func (n *network) publicURL(path string) string { return "http://public.test:" + n.port + path }

// resolver resolves by a name server of its own, as a real one would: over UDP.
func (n *network) resolver(t *testing.T) *net.Resolver {
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		buffer := make([]byte, 1500)
		for {
			size, from, err := server.ReadFrom(buffer)
			if err != nil {
				return
			}
			if answer, err := n.resolve(buffer[:size]); err == nil {
				server.WriteTo(answer, from)
			}
		}
	})
	t.Cleanup(func() {
		server.Close()
		serving.Wait()
	})
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", server.LocalAddr().String())
	}}
}

// resolve answers a question of DNS. A name with several steps resolves to the next at each question.
func (n *network) resolve(question []byte) ([]byte, error) {
	var m dnsmessage.Message
	if err := m.Unpack(question); err != nil {
		return nil, err
	}
	q := m.Questions[0]
	name := strings.TrimSuffix(strings.ToLower(q.Name.String()), ".")
	m.Response, m.RCode, m.Additionals = true, dnsmessage.RCodeNameError, nil
	if steps := n.names[name]; len(steps) > 0 {
		m.RCode = dnsmessage.RCodeSuccess
		for address := range strings.FieldsSeq(steps[min(n.step(name, q.Type), len(steps)-1)]) {
			if body := record(netip.MustParseAddr(address)); typeOf(body) == q.Type {
				m.Answers = append(m.Answers, dnsmessage.Resource{Header: dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class}, Body: body})
			}
		}
	}
	return m.Pack()
}

func (n *network) step(name string, t dnsmessage.Type) (before int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	question := name + t.String()
	n.asked[question]++
	return n.asked[question] - 1
}

func record(a netip.Addr) dnsmessage.ResourceBody {
	if a.Is4() {
		return &dnsmessage.AResource{A: a.As4()}
	}
	return &dnsmessage.AAAAResource{AAAA: a.As16()}
}

func typeOf(body dnsmessage.ResourceBody) dnsmessage.Type {
	if _, ok := body.(*dnsmessage.AResource); ok {
		return dnsmessage.TypeA
	}
	return dnsmessage.TypeAAAA
}
