package api_test

import (
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/comuneprato/service-catalogue/api"
	"github.com/comuneprato/service-catalogue/api/apitest"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
)

func TestWhatIsTooMuchIsRefused(t *testing.T) {
	s := once(t)
	validation := func(body string, header map[string]string) apitest.Request {
		return apitest.Request{Method: http.MethodPost, Path: "/v1/validations", Body: body, Header: header}
	}
	document := func(description string) string {
		return mustJSON(t, object{"kind": "service", "level": "draft", "document": service("A", object{"description": text(description)})})
	}
	around := len(document(""))
	const mebibyte, address = 1 << 20, 16 << 10
	query := "/v1/services?q="
	for _, tt := range []struct {
		name    string
		request apitest.Request
		status  int
		problem string
	}{
		{"a body of 1 MiB", validation(document(strings.Repeat("a", mebibyte-around)), nil), http.StatusOK, ""},
		{"one byte more", validation(document(strings.Repeat("a", mebibyte-around+1)), nil), http.StatusRequestEntityTooLarge, "too-large"},
		{"a document that is too large", apitest.Request{Method: http.MethodPut, Path: prato("a"), Token: s.Prato, Body: strings.Repeat(" ", mebibyte+1)}, http.StatusRequestEntityTooLarge, "too-large"},
		{"a thousand characters of the widest", apitest.Request{Path: query + strings.Repeat("%F0%9F%8F%9B", 1000)}, http.StatusOK, ""},
		{"an address of 16 KiB", apitest.Request{Path: query + strings.Repeat("a", address-len(query))}, http.StatusBadRequest, "query"},
		{"one byte more", apitest.Request{Path: query + strings.Repeat("a", address-len(query)+1)}, http.StatusRequestURITooLong, "too-long"},
		{"a long path", apitest.Request{Path: "/v1/services/" + strings.Repeat("a", address)}, http.StatusRequestURITooLong, "too-long"},
		{"a long address of a write", apitest.Request{Method: http.MethodPut, Path: prato("a") + "?note=" + strings.Repeat("a", address)}, http.StatusRequestURITooLong, "too-long"},
		{"a long address of nothing", apitest.Request{Path: "/" + strings.Repeat("a", address)}, http.StatusRequestURITooLong, "too-long"},
		{"no media type", validation(document(""), map[string]string{"Content-Type": ""}), http.StatusUnsupportedMediaType, "media-type"},
		{"another media type", validation(document(""), map[string]string{"Content-Type": "text/plain"}), http.StatusUnsupportedMediaType, "media-type"},
		{"a compressed body", validation(document(""), map[string]string{"Content-Encoding": "gzip"}), http.StatusUnsupportedMediaType, "media-type"},
		{"a nested body", validation(`{"kind":"service","document":`+strings.Repeat("[", 1000)+strings.Repeat("]", 1000)+"}", nil), http.StatusBadRequest, "malformed"},
		{"a page that is too long", apitest.Request{Path: "/v1/services?limit=201"}, http.StatusBadRequest, "query"},
		{"too many names", apitest.Request{Path: "/v1/services?ids=" + strings.Repeat("a,", 200) + "a"}, http.StatusBadRequest, "query"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := s.Do(tt.request).Want(tt.status)
			if tt.problem != "" && !strings.HasSuffix(a.Problem().Type, "#"+tt.problem) {
				t.Errorf("the problem is %s, want %s", a.Problem().Type, tt.problem)
			}
		})
	}
}

// allowing is a server that lets each client make so many requests of each sort.
func allowing(s *apitest.Server, reads, writes int) *apitest.Server {
	return s.Reconfigured(func(c *api.Config) { c.RateReads, c.RateWrites = reads, writes })
}

// standing is what an answer says of the limits, as limit;remaining;reset.
func standing(a apitest.Answer) string {
	return a.Header.Get("RateLimit-Limit") + ";" + a.Header.Get("RateLimit-Remaining") + ";" + a.Header.Get("RateLimit-Reset")
}

func TestEachClientMayAskSoOften(t *testing.T) {
	s := once(t)
	publish(s, "a", service("A")).Want(http.StatusCreated)
	read := apitest.Request{Path: "/v1/services/a"}
	etag := s.Get(read.Path).Header.Get("ETag")
	began := s.Now()
	var later atomic.Int64 // of a clock that stands still but for this, however long the test takes
	limited := s.Reconfigured(func(c *api.Config) {
		c.RateReads, c.RateWrites = 3, 2
		c.Clock = func() time.Time { return began.Add(time.Duration(later.Load())) }
	})
	for i, tt := range []struct {
		name    string
		request apitest.Request
		status  int
		want    string
	}{
		{"a read", read, http.StatusOK, "3;2;60"},
		{"of nothing", apitest.Request{Path: "/v1/nothing"}, http.StatusNotFound, "3;1;60"},
		{"with a copy", apitest.Request{Path: read.Path, Header: map[string]string{"If-None-Match": etag}}, http.StatusNotModified, "3;0;60"},
		{"one too many", read, http.StatusTooManyRequests, "3;0;60"},
		{"of another sort", apitest.Request{Method: http.MethodHead, Path: read.Path}, http.StatusTooManyRequests, "3;0;60"},
		{"of the past", apitest.Request{Path: read.Path + "/revisions"}, http.StatusTooManyRequests, "3;0;60"},
		{"before a write of a page", apitest.Request{Method: http.MethodOptions, Path: prato("a")}, http.StatusTooManyRequests, "3;0;60"},
		{"a read with a key", apitest.Request{Path: prato("a"), Token: s.Prato}, http.StatusOK, "3;2;60"},
		{"a write with the key", apitest.Request{Method: http.MethodPut, Path: prato("a"), Token: s.Prato, Body: service("A")}, http.StatusOK, "2;1;60"},
		{"a write that is refused", apitest.Request{Method: http.MethodPut, Path: prato("a"), Token: s.Prato, Body: "{"}, http.StatusBadRequest, "2;0;60"},
		{"one too many", apitest.Request{Method: http.MethodPut, Path: prato("a"), Token: s.Prato, Body: service("B")}, http.StatusTooManyRequests, "2;0;60"},
		{"another key", apitest.Request{Method: http.MethodPut, Path: own(apitest.Publiacqua, catalogue.KindService, "a"), Token: s.Publiacqua, Body: service("A")}, http.StatusCreated, "2;1;60"},
		{"no key", apitest.Request{Path: prato("a")}, http.StatusUnauthorized, "2;1;60"},
		{"a key that is none", apitest.Request{Path: prato("a"), Token: "cat_aaaaaaaa_" + strings.Repeat("A", 43)}, http.StatusUnauthorized, "2;0;60"},
		{"one too many", apitest.Request{Method: http.MethodPut, Path: prato("a"), Token: "cat_nonsense"}, http.StatusTooManyRequests, "2;0;60"},
		{"a check", apitest.Request{Method: http.MethodPost, Path: "/v1/validations", Body: object{"kind": "service", "document": service("A")}}, http.StatusTooManyRequests, "2;0;60"},
		{"how the service is", apitest.Request{Path: "/status"}, http.StatusOK, "3;0;60"},
		{"whether it lives", apitest.Request{Path: "/livez"}, http.StatusOK, "3;0;60"},
		{"whether it is ready", apitest.Request{Path: "/readyz"}, http.StatusOK, "3;0;60"},
	} {
		a := limited.Do(tt.request)
		if a.Status != tt.status || standing(a) != tt.want {
			t.Errorf("%d, %s: got status %d and the limits %s, want %d and %s", i, tt.name, a.Status, standing(a), tt.status, tt.want)
		}
		if a.Status == http.StatusTooManyRequests && a.Header.Get("Retry-After") != a.Header.Get("RateLimit-Reset") {
			t.Errorf("%d, %s: Retry-After is %q, want the reset", i, tt.name, a.Header.Get("Retry-After"))
		}
		if a.Status == http.StatusTooManyRequests && len(a.Body) > 0 && !strings.HasSuffix(a.Problem().Type, "#too-many") {
			t.Errorf("%d, %s: the problem is %s", i, tt.name, a.Problem().Type)
		}
	}
	later.Store(int64(59 * time.Second))
	if a := limited.Do(read); a.Status != http.StatusTooManyRequests || standing(a) != "3;0;1" {
		t.Errorf("after 59 seconds: got status %d and the limits %s, want 429 and one second to go", a.Status, standing(a))
	}
	later.Store(int64(time.Minute))
	if a := limited.Do(read); a.Status != http.StatusOK || standing(a) != "3;2;60" {
		t.Errorf("after a minute: got status %d and the limits %s, want 200 and a new beginning", a.Status, standing(a))
	}
	if _, told := limited.Get("/status").Header["Retry-After"]; told {
		t.Error("who is not refused is told to come again")
	}
}

func TestWithoutALimitNothingIsCounted(t *testing.T) {
	s := once(t)
	r, err := http.NewRequest(http.MethodGet, allowing(s, 0, 0).URL+"/v1/services", nil)
	if err != nil {
		t.Fatal(err)
	}
	a, err := http.DefaultClient.Do(r) // the description is of servers with limits
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close()
	if a.StatusCode != http.StatusOK || a.Header.Get("RateLimit-Limit") != "" {
		t.Errorf("got status %d and the limit %q, want 200 and none", a.StatusCode, a.Header.Get("RateLimit-Limit"))
	}
}

func TestLargeLimitsAreToldInSteps(t *testing.T) {
	s := allowing(once(t), 100_000, 100_000)
	for _, want := range []string{"100000;99990;", "100000;99990;"} {
		if got := standing(s.Get("/v1/services")); !strings.HasPrefix(got, want) {
			t.Errorf("the limits are %s, want %s…", got, want)
		}
	}
}

func TestWhoAsksIsTheClientNotWhatItSays(t *testing.T) {
	loopback := []*net.IPNet{{IP: net.IPv4(127, 0, 0, 0), Mask: net.CIDRMask(8, 32)}}
	for _, tt := range []struct {
		name      string
		trusted   []*net.IPNet
		forwarded []string // of one request after the other
		left      string   // after the last, of 10
	}{
		{"no proxy is trusted", nil, []string{"198.51.100.1", "198.51.100.2", "198.51.100.3"}, "7"},
		{"other clients", loopback, []string{"198.51.100.1", "198.51.100.2", "198.51.100.3"}, "9"},
		{"one client", loopback, []string{"198.51.100.1", "198.51.100.1", "198.51.100.1"}, "7"},
		{"what the client wrote itself", loopback, []string{"203.0.113.1, 198.51.100.1", "203.0.113.2, 198.51.100.1", "127.0.0.1, 198.51.100.1"}, "7"},
		{"behind two proxies", loopback, []string{"203.0.113.1, 198.51.100.1, 127.0.0.9", "203.0.113.2, 198.51.100.1, 127.0.0.9"}, "8"},
		{"nonsense stands for the proxy", loopback, []string{"unknown", "203.0.113.1, unknown", "127.0.0.1"}, "7"},
		{"a network of IPv6", loopback, []string{"2001:db8::1", "2001:db8::ffff:2", "2001:db8:0:0:1::"}, "7"},
		{"networks of IPv6", loopback, []string{"2001:db8::1", "2001:db8:0:1::1"}, "9"},
		{"IPv4 in the clothes of IPv6", loopback, []string{"198.51.100.1", "::ffff:198.51.100.1"}, "8"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := once(t).Reconfigured(func(c *api.Config) { c.RateReads, c.RateWrites, c.TrustedProxies = 10, 10, tt.trusted })
			var left string
			for _, forwarded := range tt.forwarded {
				a := s.Do(apitest.Request{Path: "/v1/services", Header: map[string]string{"X-Forwarded-For": forwarded}}).Want(http.StatusOK)
				left = a.Header.Get("RateLimit-Remaining")
			}
			if left != tt.left {
				t.Errorf("%s requests are left, want %s", left, tt.left)
			}
		})
	}
}

func TestPrivateAnswersAreKeptByNobody(t *testing.T) {
	onceDemo(t, func(t *testing.T, s *apitest.Server) {
		for _, o := range operations(apitest.Description(t)) {
			if o.method != http.MethodGet || len((*o.Security)[0]) == 0 { // anybody's
				continue
			}
			request := o.example(t, s.Admin)
			if a := s.Do(request); a.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("GET %s, answered %d, has Cache-Control %q, want no-store", request.Path, a.Status, a.Header.Get("Cache-Control"))
			}
		}
	})
}

func TestBrowsersAreToldWhatIsSafe(t *testing.T) {
	s := once(t)
	publish(s, "a", service("A")).Want(http.StatusCreated)
	secure := s.Reconfigured(func(c *api.Config) { c.PublicURL = "https://catalogue.example.org" })
	for _, path := range []string{"/v1/services", "/v1/services/a", "/v1/nothing", "/v1/me", "/docs", "/docs/start.js", "/docs/swagger-ui.css", "/openapi.yaml", "/status", "/livez"} {
		plain, https := s.Get(path).Header, secure.Get(path).Header
		if got := plain.Get("Strict-Transport-Security"); got != "" {
			t.Errorf("%s over http has Strict-Transport-Security %q", path, got)
		}
		if got := https.Get("Strict-Transport-Security"); got != "max-age=31536000" {
			t.Errorf("%s over https has Strict-Transport-Security %q, want a year", path, got)
		}
		if got := plain.Get("X-Content-Type-Options"); got != "nosniff" {
			t.Errorf("%s has X-Content-Type-Options %q", path, got)
		}
		if strings.Contains(plain.Get("Content-Type"), "json") {
			continue // which browsers show, and run nothing of
		}
		if policy := plain.Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "frame-ancestors 'none'") {
			t.Errorf("%s, %s, has Content-Security-Policy %q", path, plain.Get("Content-Type"), policy)
		}
		if got := plain.Get("Referrer-Policy"); got != "no-referrer" {
			t.Errorf("%s has Referrer-Policy %q", path, got)
		}
	}
}

func TestEveryOperationSaysHowOftenItMayBeAsked(t *testing.T) {
	for _, o := range operations(apitest.Description(t)) {
		for status, response := range o.Responses.Map() {
			for _, name := range []string{"RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"} {
				if response.Value.Headers[name] == nil {
					t.Errorf("%s %s, answered %s, has no %s", o.method, o.path, status, name)
				}
			}
			code, err := strconv.Atoi(status)
			if err != nil {
				t.Fatal(err)
			}
			if later := []int{http.StatusTooManyRequests, http.StatusServiceUnavailable}; slices.Contains(later, code) && response.Value.Headers["Retry-After"] == nil {
				t.Errorf("%s %s, answered %s, has no Retry-After", o.method, o.path, status)
			}
		}
		if o.Responses.Status(http.StatusTooManyRequests) == nil {
			t.Errorf("%s %s may not be refused for its number", o.method, o.path)
		}
	}
}
