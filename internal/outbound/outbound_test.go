package outbound_test

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/comuneprato/service-catalogue/internal/outbound"
)

// special are addresses that are not of the public Internet, with why.
var special = [][2]string{
	{"0.0.0.0", "this host (RFC 791)"},
	{"0.1.2.3", "this network"},
	{"10.0.0.1", "private (RFC 1918)"},
	{"10.255.255.255", "private"},
	{"100.64.0.1", "carrier-grade NAT (RFC 6598)"},
	{"100.127.255.254", "carrier-grade NAT"},
	{"100.100.100.200", "metadata of Alibaba Cloud"},
	{"127.0.0.1", "loopback (RFC 1122)"},
	{"127.0.0.3", "loopback"},
	{"127.255.255.254", "loopback"},
	{"168.63.129.16", "the host of a machine of Azure"},
	{"169.254.0.1", "link-local (RFC 3927)"},
	{"169.254.169.254", "metadata of most clouds"},
	{"169.254.170.2", "credentials of a container of AWS"},
	{"172.16.0.1", "private"},
	{"172.31.255.254", "private"},
	{"192.0.0.1", "protocol assignments (RFC 6890)"},
	{"192.0.0.8", "dummy address (RFC 7600)"},
	{"192.0.0.170", "discovery of NAT64 (RFC 7050)"},
	{"192.0.0.192", "metadata of Oracle Cloud"},
	{"192.0.2.1", "documentation (RFC 5737)"},
	{"192.31.196.1", "AS112 (RFC 7535)"},
	{"192.88.99.1", "6to4 relay (RFC 7526)"},
	{"192.168.0.1", "private"},
	{"192.168.255.255", "private"},
	{"198.18.0.1", "benchmarks (RFC 2544)"},
	{"198.19.255.254", "benchmarks"},
	{"198.51.100.1", "documentation"},
	{"203.0.113.1", "documentation"},
	{"224.0.0.1", "multicast (RFC 1112)"},
	{"239.255.255.250", "multicast"},
	{"240.0.0.1", "reserved"},
	{"255.255.255.255", "broadcast"},

	{"::", "unspecified (RFC 4291)"},
	{"::1", "loopback"},
	{"::127.0.0.1", "IPv4-compatible"},
	{"::169.254.169.254", "IPv4-compatible"},
	{"::ffff:127.0.0.1", "IPv4-mapped"},
	{"::ffff:10.0.0.1", "IPv4-mapped"},
	{"::ffff:169.254.169.254", "IPv4-mapped"},
	{"::ffff:0:7f00:1", "IPv4-translated (RFC 2765)"},
	{"64:ff9b::7f00:1", "NAT64 of loopback (RFC 6052)"},
	{"64:ff9b::a9fe:a9fe", "NAT64 of metadata"},
	{"64:ff9b:1::a00:1", "local NAT64 (RFC 8215)"},
	{"100::1", "discarded (RFC 6666)"},
	{"100:0:0:1::1", "dummy prefix (RFC 9780)"},
	{"2001::7f00:1", "Teredo (RFC 4380)"},
	{"2001:0:a9fe:a9fe::1", "Teredo"},
	{"2001:1::1", "port control (RFC 7723)"},
	{"2001:2::1", "benchmarks (RFC 5180)"},
	{"2001:10::1", "ORCHID (RFC 4843)"},
	{"2001:20::1", "ORCHIDv2 (RFC 7343)"},
	{"2001:db8::1", "documentation (RFC 3849)"},
	{"2002:7f00:1::1", "6to4 of loopback (RFC 3056)"},
	{"2002:a9fe:a9fe::1", "6to4 of metadata"},
	{"2002:a00:1::1", "6to4 of a private address"},
	{"2620:4f:8000::1", "AS112 (RFC 7534)"},
	{"3fff::1", "documentation (RFC 9637)"},
	{"4000::1", "not assigned to anybody"},
	{"5f00::1", "segment routing (RFC 9602)"},
	{"fc00::1", "unique local (RFC 4193)"},
	{"fd00:ec2::254", "metadata of AWS"},
	{"fd20:ce::254", "metadata of Google Cloud"},
	{"fe80::1", "link-local"},
	{"fe80::a9fe:a9fe", "link-local"},
	{"fec0::1", "site-local (RFC 3879)"},
	{"ff02::1", "multicast"},
	{"ff0e::1", "multicast of everywhere"},
}

func TestWhatIsNotPublicIsRefusedByAddressAndByName(t *testing.T) {
	if len(special) < 60 {
		t.Errorf("%d addresses, want 60 at least", len(special))
	}
	names := map[string][]string{}
	for i, address := range special {
		names[fmt.Sprintf("inside-%d.test", i)] = []string{address[0]}
	}
	n := newNetwork(t, nothing, names)
	client := outbound.New(n.options)
	for i, address := range special {
		literal := address[0]
		if strings.Contains(literal, ":") {
			literal = "[" + literal + "]"
		}
		for _, host := range []string{literal, fmt.Sprintf("inside-%d.test", i)} {
			wantRefused(t, client, "http://"+host+":"+n.port+"/", address[1])
		}
	}
}

func wantRefused(t *testing.T, client *http.Client, url, why string) {
	t.Helper()
	answer, err := client.Get(url)
	if err == nil {
		answer.Body.Close()
	}
	if !errors.Is(err, outbound.ErrRefused) {
		t.Errorf("GET %s (%s): got %v, want it refused", url, why, err)
	}
}

func TestTricksWithTheAddressAreRefused(t *testing.T) {
	n := newNetwork(t, nothing, map[string][]string{
		"localhost":             {"127.0.0.1 ::1"},
		"127.0.0.1.public.test": {"127.0.0.1"},
		"xn--bcher-kva.test":    {"127.0.0.1"},
	})
	client := outbound.New(n.options)
	for _, test := range []struct{ name, url string }{
		{"localhost", "http://localhost:PORT/"},
		{"localhost with the dot of the root", "http://localhost.:PORT/"},
		{"localhost in capitals", "http://LOCALHOST:PORT/"},
		{"localhost in circles", "http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ:PORT/"},
		{"an address within a name", "http://127.0.0.1.public.test:PORT/"},
		{"an international name", "http://bücher.test:PORT/"},
		{"full-width digits", "http://１２７.０.０.１:PORT/"},
		{"ideographic dots", "http://127。0。0。1:PORT/"},
		{"half-width ideographic dots", "http://127｡0｡0｡1:PORT/"},
		{"digits in circles", "http://①②⑦.⓪.⓪.①:PORT/"},
		{"loopback with a zone", "http://[::1%25lo]:PORT/"},
		{"a link with a zone", "http://[fe80::1%25eth0]:PORT/"},
		{"mapped, in hexadecimal", "http://[::ffff:7f00:1]:PORT/"},
		{"mapped, written in full", "http://[0:0:0:0:0:ffff:127.0.0.1]:PORT/"},
		{"a user", "http://public.test@127.0.0.1:PORT/"},
		{"a user at a good address", "http://user@public.test:PORT/"},
		{"a user and a password", "http://user:password@public.test:PORT/"},
		{"an empty user", "http://@public.test:PORT/"},
		{"another port", "http://public.test:22/"},
		{"another port of TLS", "https://example.com:6379/"},
		{"no port there is", "http://public.test:0/"},
		{"a file", "file:///etc/passwd"},
		{"a file at a host", "file://public.test:PORT/etc/passwd"},
		{"FTP", "ftp://public.test:PORT/"},
		{"gopher", "gopher://public.test:PORT/_x"},
		{"a WebSocket", "ws://public.test:PORT/"},
		{"a unix socket", "unix://public.test:PORT/run/docker.sock"},
	} {
		t.Run(test.name, func(t *testing.T) { wantRefused(t, client, strings.ReplaceAll(test.url, "PORT", n.port), test.name) })
	}
	// Go resolves none of these; other resolvers would, to addresses that are refused above.
	for _, host := range []string{
		"2130706433", "0x7f000001", "017700000001", "0177.0.0.1", "0x7f.0.0.1", "0x7f.1", "127.1", "127.0.1", "127.0.0.1.", "127.0.0.01",
		"00127.0.0.1", "4294967296", "%31%32%37.0.0.1", "127%2e0%2e0%2e1", `127.0.0.1\@public.test`, "[::ffff:127.0.0.1", "[127.0.0.1]", "",
	} {
		if answer, err := client.Get("http://" + host + ":" + n.port + "/"); err == nil {
			t.Errorf("GET of the host %q: got %s, want an error", host, answer.Status)
			answer.Body.Close()
		}
	}
}

func TestHTTPIsCalledOnlyWhereItIsAllowed(t *testing.T) {
	n := newNetwork(t, nothing, nil)
	n.options.HTTP = false
	client := outbound.New(n.options)
	wantRefused(t, client, n.publicURL("/"), "http")
	n.options.Ports = nil
	wantRefused(t, outbound.New(n.options), n.secureURL("/"), "a port that was not allowed")
	answer, err := client.Get(n.secureURL("/"))
	if err != nil {
		t.Fatalf("https: %v", err)
	}
	answer.Body.Close()
}

func TestWhatANameResolvesToIsCheckedWhereTheConnectionIsMade(t *testing.T) {
	n := newNetwork(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/again" {
			w.Header().Set("Connection", "close")
			http.Redirect(w, r, "/", http.StatusFound)
		}
	}, map[string][]string{
		"rebinds.test":       {"127.0.0.2", "127.0.0.1"},
		"rebinds-later.test": {"127.0.0.2", "127.0.0.1"},
		"several.test":       {"127.0.0.1 ::1 127.0.0.2 10.0.0.1"},
	})
	client := outbound.New(n.options)
	answer, err := client.Get("http://rebinds.test:" + n.port + "/")
	if err != nil {
		t.Fatalf("at first: %v", err)
	}
	answer.Body.Close()
	client.CloseIdleConnections()
	wantRefused(t, client, "http://rebinds.test:"+n.port+"/", "resolves to 127.0.0.1 now")
	wantRefused(t, client, "http://rebinds-later.test:"+n.port+"/again", "resolves to 127.0.0.1 after the redirect")

	answer, err = client.Get("http://several.test:" + n.port + "/")
	if err != nil {
		t.Fatalf("the public one of several addresses: %v", err)
	}
	answer.Body.Close()
}

// redirecting answers with a redirect, where a request asks for one: to the address in `to`, with the status in `status`.
func redirecting(w http.ResponseWriter, r *http.Request) {
	if to := r.FormValue("to"); to != "" {
		status, err := strconv.Atoi(cmp.Or(r.FormValue("status"), "302"))
		if err != nil {
			panic(err)
		}
		w.Header().Set("Location", to) // as it is: http.Redirect would clean it
		w.WriteHeader(status)
	}
}

// to is a path that redirects to an address.
func to(address string) string { return "/?to=" + url.QueryEscape(address) }

func TestRedirectsAreHeldAgainstTheSame(t *testing.T) {
	n := newNetwork(t, redirecting, map[string][]string{"inside.test": {"127.0.0.1"}})
	client := outbound.New(n.options)
	for _, status := range []int{301, 302, 303, 307, 308} {
		for _, address := range []string{
			"http://127.0.0.1:PORT/", "//127.0.0.1:PORT/", "http://inside.test:PORT/", "http://[::1]:PORT/", "http://169.254.169.254:PORT/latest/meta-data/",
			"http://user:password@public.test:PORT/", "http://public.test:22/", "file:///etc/passwd", "ftp://public.test:PORT/",
			to("http://127.0.0.1:PORT/"),
		} {
			address = strings.ReplaceAll(address, "PORT", n.port)
			wantRefused(t, client, n.publicURL(to(address))+fmt.Sprint("&status=", status), fmt.Sprintf("%d to %s", status, address))
		}
	}
	wantRefused(t, client, n.secureURL(to(n.publicURL("/"))), "from https to http")
	wantRefused(t, client, n.publicURL(to(n.secureURL(to(n.publicURL("/"))))), "from http to https and back")

	for _, from := range []string{n.secureURL(to("/")), n.publicURL(to(n.secureURL("/")))} {
		answer, err := client.Get(from)
		if err != nil {
			t.Fatalf("GET %s: %v", from, err)
		}
		answer.Body.Close()
		if got, want := answer.Request.URL.String(), n.secureURL("/"); got != want {
			t.Errorf("GET %s: ends at %s, want %s", from, got, want)
		}
	}
}

func TestRedirectsEnd(t *testing.T) {
	var asked atomic.Int64
	n := newNetwork(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, fmt.Sprint("/", asked.Add(1)), http.StatusFound)
	}, nil)
	wantRefused(t, outbound.New(n.options), n.publicURL("/"), "redirects without end")
	if got := asked.Load(); got != 6 {
		t.Errorf("asked %d times, want 6: once, and after five redirects", got)
	}
}

func TestSecretsStayWithTheOriginThatTheyAreFor(t *testing.T) {
	got := map[string]http.Header{}
	n := newNetwork(t, func(w http.ResponseWriter, r *http.Request) {
		got[r.Host+r.URL.Path] = r.Header.Clone()
		redirecting(w, r)
	}, map[string][]string{"other.test": {"127.0.0.2"}})
	other := "http://other.test:" + n.port

	r, err := http.NewRequest(http.MethodGet, n.publicURL("/first"+to(n.publicURL("/same" + to(other + "/other" + to(n.publicURL("/back"))[1:])[1:]))[1:]), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"Authorization", "Cookie", "X-Signature", "Accept", "Accept-Language"} {
		r.Header.Set(name, "given")
	}
	answer, err := outbound.New(n.options).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	all := []string{"Accept", "Accept-Language", "Authorization", "Cookie", "X-Signature"}
	for _, test := range []struct {
		path string
		want []string
	}{
		{"public.test:" + n.port + "/first", all},
		{"public.test:" + n.port + "/same", all},
		{"other.test:" + n.port + "/other", all[:2]},
		{"public.test:" + n.port + "/back", all[:2]},
	} {
		headers := slices.Sorted(maps.Keys(got[test.path]))
		headers = slices.DeleteFunc(headers, func(name string) bool { return name == "User-Agent" })
		if !slices.Equal(headers, test.want) {
			t.Errorf("%s got the headers %v, want %v", test.path, headers, test.want)
		}
	}
}

func TestWhatWasSentIsNotSentOn(t *testing.T) {
	var asked atomic.Int64
	n := newNetwork(t, func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		redirecting(w, r)
	}, nil)
	client := outbound.New(n.options)
	for _, status := range []int{301, 302, 303, 307, 308} {
		asked.Store(0)
		answer, err := client.Post(n.publicURL(to("/other"))+fmt.Sprint("&status=", status), "application/json", strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != status || asked.Load() != 1 {
			t.Errorf("POST: got %d after %d requests, want %d after one", answer.StatusCode, asked.Load(), status)
		}
	}
}

func TestAnswersAreBounded(t *testing.T) {
	var bomb bytes.Buffer
	w := gzip.NewWriter(&bomb)
	w.Write(make([]byte, 1<<20))
	w.Close()
	n := newNetwork(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/exact":
			w.Write(make([]byte, 4096))
		case "/more":
			w.Write(make([]byte, 4097))
		case "/endless":
			for _, err := w.Write(make([]byte, 1024)); err == nil; {
				_, err = w.Write(make([]byte, 1024))
			}
		case "/bomb":
			if asked := r.Header.Get("Accept-Encoding"); asked != "" {
				t.Errorf("Accept-Encoding: got %q, want none", asked)
			}
			w.Header().Set("Content-Encoding", "gzip")
			w.Write(bomb.Bytes())
		case "/headers":
			w.Header().Set("X-Long", strings.Repeat("x", 1<<20))
		}
	}, nil)
	n.options.MaxBody = 4096
	client := outbound.New(n.options)
	for _, test := range []struct {
		path  string
		bytes int
		fails bool
	}{{"/exact", 4096, false}, {"/more", 4096, true}, {"/endless", 4096, true}, {"/bomb", bomb.Len(), false}} {
		answer, err := client.Get(n.publicURL(test.path))
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		var tooLarge *http.MaxBytesError
		if len(body) != test.bytes || errors.As(err, &tooLarge) != test.fails {
			t.Errorf("%s: got %d bytes and %v, want %d bytes, too large: %t", test.path, len(body), err, test.bytes, test.fails)
		}
	}
	if answer, err := client.Get(n.publicURL("/headers")); err == nil {
		answer.Body.Close()
		t.Error("a megabyte of headers: got an answer, want an error")
	}
}

func TestACallEndsInTime(t *testing.T) {
	n := newNetwork(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow-body" {
			w.WriteHeader(http.StatusOK)
			w.(http.Flusher).Flush()
		}
		<-r.Context().Done()
	}, nil)
	n.options.Timeout = 50 * time.Millisecond
	client := outbound.New(n.options)
	for _, path := range []string{"/", "/slow-body"} {
		answer, err := client.Get(n.publicURL(path))
		if err == nil {
			_, err = io.ReadAll(answer.Body)
			answer.Body.Close()
		}
		var failure net.Error
		if !errors.As(err, &failure) || !failure.Timeout() {
			t.Errorf("%s: got %v, want that the time is over", path, err)
		}
	}
}

func TestCallsTakeTurns(t *testing.T) {
	var asked atomic.Int64
	n := newNetwork(t, func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		redirecting(w, r)
	}, nil)
	n.options.AtOnce = 1
	client := outbound.New(n.options)
	first, err := client.Get(n.publicURL(to("/"))) // a redirect is of the same turn
	if err != nil {
		t.Fatal(err)
	}
	asked.Store(0)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, n.publicURL("/"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if answer, err := client.Do(r); err == nil {
		answer.Body.Close()
		t.Error("while the first is not read: the second is answered, want that it waits")
	} else if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("while the first is not read: got %v, want that the second waits", err)
	}
	if got := asked.Load(); got != 0 {
		t.Errorf("while the first is not read: asked %d times more", got)
	}
	first.Body.Close()
	wantRefused(t, client, "http://127.0.0.1:"+n.port+"/", "refused ones give their turn back")
	second, err := client.Get(n.publicURL("/"))
	if err != nil {
		t.Fatalf("after the first was read: %v", err)
	}
	second.Body.Close()
}

func nothing(http.ResponseWriter, *http.Request) {}
