package api_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/comuneprato/service-catalogue/api"
	"github.com/comuneprato/service-catalogue/api/apitest"
	"github.com/comuneprato/service-catalogue/internal/identity"
)

// fuzzed is a server with the demonstration data, and its router without the wire: what is between them is net/http's.
func fuzzed(f *testing.F) (s *apitest.Server, router http.Handler) {
	f.Helper()
	s = withDemo(f, once(f))
	config := s.Config
	config.Log, config.Metrics, config.MetricsApart = slog.New(slog.DiscardHandler), nil, true // the other server measures
	return s, api.New(config)
}

// recorder takes the time limits that a connection takes.
type recorder struct{ *httptest.ResponseRecorder }

func (recorder) SetReadDeadline(time.Time) error  { return nil }
func (recorder) SetWriteDeadline(time.Time) error { return nil }

// FuzzRequests sends any request to any route, with the right to do everything or with none. Whatever is sent, it is
// not the server's mistake.
func FuzzRequests(f *testing.F) {
	s, router := fuzzed(f)
	methods := append(slices.Clone(byHarm), http.MethodHead, http.MethodOptions)
	for _, o := range operations(apitest.Description(f)) {
		example := o.example(f, "")
		body, _ := example.Body.(string)
		if body == "" && example.Body != nil {
			body = mustJSON(f, example.Body)
		}
		mediaType := "application/json"
		if o.RequestBody != nil {
			for name := range o.RequestBody.Value.Content {
				mediaType = name
			}
		}
		f.Add(slices.Index(methods, o.method), example.Path, mediaType, []byte(body), "it", true)
	}
	token := s.Admin
	f.Fuzz(func(t *testing.T, method int, target, mediaType string, body []byte, language string, admin bool) {
		u, err := url.ParseRequestURI(target) // as net/http does before any handler
		if err != nil || !strings.HasPrefix(target, "/") {
			return
		}
		r := &http.Request{
			Method: methods[((method%len(methods))+len(methods))%len(methods)], URL: u, RequestURI: target, Host: "catalogue.example", RemoteAddr: "192.0.2.1:1",
			Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)),
			Header: http.Header{"Content-Type": {mediaType}, "Accept-Language": {language}},
		}
		if admin {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		w := recorder{httptest.NewRecorder()}
		router.ServeHTTP(w, r.WithContext(t.Context()))
		switch {
		case w.Code >= 500:
			t.Fatalf("%s %s: got %d: %s", r.Method, target, w.Code, w.Body)
		case w.Code == http.StatusUnauthorized && admin:
			token = s.Key("", identity.Admin) // the one before was revoked
		}
		if w.Code >= 400 && r.Method != http.MethodHead {
			var problem api.Problem
			if err := json.Unmarshal(w.Body.Bytes(), &problem); err != nil || problem.Status != w.Code || problem.Detail == "" {
				t.Errorf("%s %s: got %d with %s, want a problem that says so", r.Method, target, w.Code, w.Body)
			}
		}
	})
}

// FuzzQuery reads parameters of lists: they are understood, or it is said which are not.
func FuzzQuery(f *testing.F) {
	_, router := fuzzed(f)
	paths := []string{"/v1/services", "/v1/search", "/v1/autocomplete", "/v1/places", "/v1/changes", "/v1/timetables", "/v1/services/carta-d-identita"}
	for i, query := range []string{
		"q=carta&facets=kind,topic&limit=2&sort=title", "q=carta&facets=kind&kind=service", "q=id+cart&limit=3", "near=43.88,11.09&radius=500&sort=distance",
		"after=5&limit=1", "openNow=true&lang=*", "expand=procedures,places&fields=title&lang=en", "status=active&status=inactive&free=false&fields=title,slug",
		"category=6&category=&topic=anagraf", "limit=0&limit=1&cursor=AAAA", "near=91,181&radius=-1", "near=NaN,Inf", "%zz=1&a=%ff", "updatedSince=2026-02-30&limit=1e3", "q=\x00&ids=,,",
	} {
		f.Add(i, query)
	}
	f.Fuzz(func(t *testing.T, path int, query string) {
		target := paths[((path%len(paths))+len(paths))%len(paths)] + "?"
		ask := func(query string) *httptest.ResponseRecorder {
			w := httptest.NewRecorder()
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, target, nil)
			r.URL.RawQuery = query
			router.ServeHTTP(w, r)
			return w
		}
		w := ask(query)
		values, err := url.ParseQuery(query)
		switch {
		case w.Code == http.StatusOK && err == nil:
			// The order of different parameters means nothing.
			if sorted := ask(values.Encode()); !bytes.Equal(sorted.Body.Bytes(), w.Body.Bytes()) {
				t.Errorf("%s%s and %s mismatch: got %s and %s", target, query, values.Encode(), w.Body, sorted.Body)
			}
		case w.Code == http.StatusBadRequest:
			var problem api.Problem
			if err := json.Unmarshal(w.Body.Bytes(), &problem); err != nil || len(problem.Errors) == 0 && !strings.HasSuffix(problem.Type, "#cursor") {
				t.Fatalf("%s%s: got %s, want what is wrong", target, query, w.Body)
			}
			sent := map[string]bool{}
			for name := range values {
				sent[string([]rune(name))] = true // as JSON shows what is no UTF-8
			}
			for _, x := range problem.Errors {
				if x.Message == "" || x.Expected == "" || x.Parameter != "" && sent[x.Parameter] == (x.Rule == "required") {
					t.Errorf("%s%s: got the finding %+v, want one of a parameter that was sent, or that has to be", target, query, x)
				}
			}
		default:
			t.Errorf("%s%s: got %d: %s", target, query, w.Code, w.Body)
		}
	})
}
