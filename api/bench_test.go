package api_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"

	"github.com/labstack/echo/v4"

	"github.com/comuneprato/service-catalogue/api"
	"github.com/comuneprato/service-catalogue/internal/logging"
)

// nowhere is a response that nobody reads.
type nowhere struct{ header http.Header }

func (n nowhere) Header() http.Header { return n.header }

func (n nowhere) WriteHeader(int) {}

func (n nowhere) Write(p []byte) (int, error) { return len(p), nil }

// a hit is a read that is answered from memory, by the catalogue and by an echo server that does nothing but send the
// same bytes.
type hit struct {
	name       string
	request    *http.Request
	ours, bare http.Handler
}

// serve answers the request once.
func (h hit) serve(handler http.Handler) {
	handler.ServeHTTP(nowhere{http.Header{}}, h.request)
}

// hits are reads of the demonstration data that were asked for before.
func hits(t testing.TB) (all []hit) {
	s := withDemo(t, once(t))
	config := s.Config
	config.Log, _ = logging.NewBuffered(slog.LevelInfo, io.Discard)
	config.Metrics = nil // which tells of the other server
	ours := api.New(config)
	const view = "/v1/services/carta-d-identita"
	for _, r := range []struct{ name, path, coding, etag string }{
		{name: "view", path: view},
		{name: "view gzip", path: view, coding: "gzip"},
		{name: "view 304", path: view, etag: s.Get(view).Header.Get("ETag")},
		{name: "list", path: "/v1/services"},
		{name: "list with a filter", path: "/v1/services?status=active&online=true"},
	} {
		request := httptest.NewRequest(http.MethodGet, r.path, nil)
		for name, value := range map[string]string{"Accept-Language": "it", "Accept-Encoding": r.coding, "If-None-Match": r.etag} {
			if value != "" {
				request.Header.Set(name, value)
			}
		}
		first := httptest.NewRecorder()
		ours.ServeHTTP(first, request)
		if want := http.StatusOK; first.Code != want && (r.etag == "" || first.Code != http.StatusNotModified) {
			t.Fatalf("GET %s: got status %d, want %d", r.path, first.Code, want)
		}
		bare := echo.New()
		bare.GET("/*", func(c echo.Context) error {
			h := c.Response().Header()
			h.Set("ETag", first.Header().Get("ETag"))
			if r.etag != "" {
				return c.NoContent(http.StatusNotModified)
			}
			h.Set("Content-Length", strconv.Itoa(first.Body.Len()))
			return c.Blob(http.StatusOK, "application/json", first.Body.Bytes())
		})
		all = append(all, hit{r.name, request, ours, bare})
	}
	return all
}

// BenchmarkHit is what the handler of a read costs, beside a bare one, without the connection.
func BenchmarkHit(b *testing.B) {
	for _, h := range hits(b) {
		for name, handler := range map[string]http.Handler{"ours": h.ours, "bare": h.bare} {
			b.Run(h.name+"/"+name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					h.serve(handler)
				}
			})
		}
	}
}
