// Package outbound makes calls to addresses that publishers give, such as links to check. Whoever may publish must not
// be able to make the catalogue ask what only its own machine and network may ask (server-side request forgery), nor to
// keep it busy or fill its memory. What is asked, and what the answer means, is for the rooms that call.
package outbound

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"sync"
	"syscall"
	"time"

	"code.dny.dev/ssrf"
)

// ErrRefused says that an address, or one that it led to, is none that may be called. Its text may tell how names of the
// own network are resolved: it is for the log, not for who gave the address.
var ErrRefused = errors.New("refused to call this address")

// Options say what a client may do. The zero value allows the least.
type Options struct {
	HTTP    bool          // http:// too, on port 80, but never after https://
	Ports   []uint16      // besides 443, and 80 with HTTP
	MaxBody int64         // bytes of an answer's body; 1 MiB if 0
	Timeout time.Duration // of a whole call, with waiting, redirects and reading the body; 30 s if 0
	AtOnce  int           // calls at the same time, beyond which they wait; 8 if 0

	// What only tests set: production resolves as the system does, and calls nothing but the public Internet.
	resolver *net.Resolver
	within   []netip.Prefix // IPv4 networks that are called although they are not public
	roots    *x509.CertPool
}

// The standard values of Options, and what nobody needs to choose.
const (
	standardBody    = 1 << 20
	standardTimeout = 30 * time.Second
	standardAtOnce  = 8

	dialTime      = 5 * time.Second // with resolving the name
	handshakeTime = 5 * time.Second
	headerTime    = 10 * time.Second
	idleTime      = 30 * time.Second
	maxHeader     = 64 << 10
	maxRedirects  = 5
)

// azure is where every virtual machine of Azure reaches its host, with credentials to be had; a public address otherwise.
// The metadata services of others are within networks that are not public.
var azure = netip.MustParsePrefix("168.63.129.16/32")

// New returns a client that calls public addresses only:
//
//   - https, on port 443, unless Options allow more; no user and password in the address;
//   - addresses that are in no special-purpose registry of IANA. They are checked after the name was resolved, where the
//     connection is made, so that a name cannot lead elsewhere than where it was found to lead;
//   - no proxy, whatever the environment says, since it would resolve names itself.
//
// Each redirect is held against the same, and none leads from https to http. There are at most five, after GET and HEAD
// only: other answers that redirect are returned as they are. What is not of the origin first asked gets no header but
// Accept, Accept-Language and User-Agent, and nobody gets a Referer.
//
// Compressed answers are not asked for and not unpacked. Reading more of a body than is allowed fails with an
// http.MaxBytesError. Each call holds its turn until the body is closed.
//
// Calls that are not allowed fail with ErrRefused, before anything was sent.
func New(o Options) *http.Client {
	ports := append([]uint16{443}, o.Ports...)
	if o.HTTP {
		ports = append(ports, 80)
	}
	guard := ssrf.New(ssrf.WithPorts(ports...), ssrf.WithAllowedV4Prefixes(o.within...), ssrf.WithDeniedV4Prefixes(azure))
	dialer := &net.Dialer{
		Timeout:  dialTime,
		Resolver: o.resolver,
		Control: func(network, address string, c syscall.RawConn) error {
			if err := guard.Safe(network, address, c); err != nil {
				return fmt.Errorf("%w: %w", ErrRefused, err)
			}
			return nil
		},
	}
	var onlyHTTP1 http.Protocols
	onlyHTTP1.SetHTTP1(true)
	return &http.Client{
		Transport: &transport{
			next: &http.Transport{
				DialContext:            dialer.DialContext,
				TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: o.roots},
				TLSHandshakeTimeout:    handshakeTime,
				ResponseHeaderTimeout:  headerTime,
				MaxResponseHeaderBytes: maxHeader,
				IdleConnTimeout:        idleTime,
				MaxIdleConns:           orStandard(o.AtOnce, standardAtOnce),
				DisableCompression:     true,
				Protocols:              &onlyHTTP1,
			},
			http:    o.HTTP,
			maxBody: orStandard(o.MaxBody, standardBody),
			turns:   make(chan struct{}, orStandard(o.AtOnce, standardAtOnce)),
		},
		CheckRedirect: checkRedirect,
		Timeout:       orStandard(o.Timeout, standardTimeout),
	}
}

// transport sends each request, first ones and those of redirects, when it is its turn.
type transport struct {
	next    *http.Transport
	http    bool
	maxBody int64
	turns   chan struct{}
}

// RoundTrip sends one request, if its address may be called.
func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := t.begin(r); err != nil {
		if r.Body != nil {
			err = errors.Join(err, r.Body.Close())
		}
		return nil, err
	}
	end := sync.OnceFunc(func() { <-t.turns })
	answer, err := t.next.RoundTrip(r)
	if err != nil {
		end()
		return nil, err
	}
	answer.Body = body{http.MaxBytesReader(nil, answer.Body, t.maxBody), end}
	return answer, nil
}

// begin waits for a turn, for what may be called.
func (t *transport) begin(r *http.Request) error {
	switch {
	case r.URL.Scheme != "https" && (r.URL.Scheme != "http" || !t.http):
		return fmt.Errorf("%w: the scheme %q is not allowed", ErrRefused, r.URL.Scheme)
	case r.URL.User != nil:
		return fmt.Errorf("%w: there is a user in it", ErrRefused)
	}
	select {
	case t.turns <- struct{}{}:
		return nil
	case <-r.Context().Done():
		return context.Cause(r.Context())
	}
}

// CloseIdleConnections is for http.Client.
func (t *transport) CloseIdleConnections() { t.next.CloseIdleConnections() }

// body gives the turn back when it is closed.
type body struct {
	io.ReadCloser
	end func()
}

func (b body) Close() error {
	defer b.end()
	return b.ReadCloser.Close()
}

// forEverybody are the headers that hold nothing of the origin that was asked first.
var forEverybody = []string{"Accept", "Accept-Language", "User-Agent"}

// checkRedirect decides on a request that an answer asks for, after those in via.
func checkRedirect(r *http.Request, via []*http.Request) error {
	first, last := via[0], via[len(via)-1]
	switch {
	case first.Method != http.MethodGet && first.Method != http.MethodHead:
		return http.ErrUseLastResponse // what was sent is for nobody else
	case len(via) > maxRedirects:
		return fmt.Errorf("%w: more than %d redirects", ErrRefused, maxRedirects)
	case last.URL.Scheme == "https" && r.URL.Scheme != "https":
		return fmt.Errorf("%w: a redirect from https to %s", ErrRefused, r.URL.Scheme)
	}
	r.Header.Del("Referer") // net/http gives it the address before, which may be a secret
	if slices.ContainsFunc(via, func(earlier *http.Request) bool { return origin(earlier.URL) != origin(r.URL) }) {
		maps.DeleteFunc(r.Header, func(name string, _ []string) bool { return !slices.Contains(forEverybody, name) })
	}
	return nil
}

func origin(u *url.URL) string { return u.Scheme + "://" + u.Host }

// orStandard is a value, or the standard one where none was chosen.
func orStandard[T int | int64 | time.Duration](value, standard T) T {
	if value > 0 {
		return value
	}
	return standard
}
