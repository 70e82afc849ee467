package api_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/comuneprato/service-catalogue/api/apitest"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/format"
)

// TestARepresentationIsNegotiated asks for an entry by what clients say that they take (RFC 9110, sections 12 and 13).
func TestARepresentationIsNegotiated(t *testing.T) {
	t.Parallel()
	s := once(t)
	publish(s, "a", service("Anagrafe", object{"summary": object{"it": "In breve", "en": "In short"}})).Want(http.StatusCreated)
	published := s.Now()
	const path = "/v1/services/anagrafe"
	ask := func(path string, header ...string) apitest.Answer {
		request := apitest.Request{Path: path, Header: map[string]string{}}
		for i := 0; i < len(header); i += 2 {
			request.Header[header[i]] = header[i+1]
		}
		return s.Do(request)
	}

	t.Run("by Accept", func(t *testing.T) {
		for accept, want := range map[string]string{
			"text/turtle;q=0.5, application/ld+json":                              "application/ld+json",
			"text/turtle, application/ld+json;q=0.9":                              "text/turtle",
			"text/turtle;q=0.5, application/json;q=0.4, image/png":                "text/turtle",
			"text/html, */*;q=0.1":                                                "application/json",
			"text/*":                                                              "text/turtle",
			"text/*, text/turtle;q=0":                                             "text/calendar",
			"application/ld+json":                                                 "application/ld+json",
			`application/ld+json;profile="https://schema.org/"`:                   `application/ld+json;profile="https://schema.org/"`,
			"application/vnd.comuneprato.service-card+json, application/json;q=0": "application/vnd.comuneprato.service-card+json",
			"*/*;q=0.001":                                                         "application/json",
		} {
			if got := ask(path, "Accept", accept).Want(http.StatusOK).Header.Get("Content-Type"); got != want {
				t.Errorf("Accept %s: got %s, want %s", accept, got, want)
			}
		}
		for _, accept := range []string{"image/png", "application/json;q=0, text/html", "text/turtle;q=0"} {
			refused := ask(path, "Accept", accept).Want(http.StatusNotAcceptable).Problem()
			var want []string
			for _, f := range format.Of(catalogue.KindService) {
				want = append(want, f.MediaType)
			}
			if !slices.Equal(refused.Offered, want) {
				t.Errorf("Accept %s: offered %v, want %v", accept, refused.Offered, want)
			}
		}
		ask("/v1/services", "Accept", "image/png").Want(http.StatusOK) // lists have one representation alone
	})

	t.Run("format goes before Accept", func(t *testing.T) {
		for _, f := range format.Of(catalogue.KindService) {
			for _, accept := range []string{"application/json", "text/turtle", "image/png"} {
				if got := ask(path+"?format="+f.Name, "Accept", accept).Want(http.StatusOK).Header.Get("Content-Type"); got != f.MediaType {
					t.Errorf("format=%s, Accept %s: got %s, want %s", f.Name, accept, got, f.MediaType)
				}
			}
		}
	})

	// Each representation, coding and language has a tag of its own, by which no other passes for it.
	t.Run("tags", func(t *testing.T) {
		tags := map[string]string{}
		type variant struct{ path, coding string }
		var variants []variant
		for _, f := range format.Of(catalogue.KindService) {
			for _, coding := range []string{"identity", "gzip", "br"} {
				variants = append(variants, variant{path + "?lang=it&format=" + f.Name, coding})
			}
		}
		for _, query := range []string{"?lang=en", "?lang=*", "?lang=it&text=html", "?lang=it&fields=title"} {
			variants = append(variants, variant{path + query, "identity"})
		}
		for _, v := range variants {
			a := ask(v.path, "Accept-Encoding", v.coding).Want(http.StatusOK)
			tag := a.Header.Get("Etag")
			if other, taken := tags[tag]; taken {
				t.Errorf("%s in %s has the tag of %s", v.path, v.coding, other)
			}
			tags[tag] = v.path + " in " + v.coding
			if got := a.Header.Get("Vary"); !strings.Contains(got, "Accept,") && !strings.HasSuffix(got, "Accept") || !strings.Contains(got, "Accept-Encoding") {
				t.Errorf("%s: Vary = %q", v.path, got)
			}
			head := s.Do(apitest.Request{Method: http.MethodHead, Path: v.path, Header: map[string]string{"Accept-Encoding": v.coding}}).Want(http.StatusOK)
			if head.Header.Get("Etag") != tag || head.Header.Get("Content-Length") != a.Header.Get("Content-Length") || head.Header.Get("Content-Type") != a.Header.Get("Content-Type") {
				t.Errorf("HEAD %s says %v, GET %v", v.path, head.Header, a.Header)
			}
		}
		for _, v := range variants {
			for tag, of := range tags {
				want := http.StatusOK
				if of == v.path+" in "+v.coding {
					want = http.StatusNotModified
				}
				if got := ask(v.path, "Accept-Encoding", v.coding, "If-None-Match", tag); got.Status != want {
					t.Errorf("%s in %s with the tag of %s: got %d, want %d", v.path, v.coding, of, got.Status, want)
				}
			}
		}
	})

	t.Run("links", func(t *testing.T) {
		for _, f := range format.Of(catalogue.KindService) {
			link := ask(path + "?format=" + f.Name).Header.Get("Link")
			for _, other := range format.Of(catalogue.KindService) {
				at := "<" + s.URL + path
				if other != format.View {
					at += "?format=" + other.Name
				}
				if got := strings.Contains(link, at+`>; rel="alternate"`); got != (other != f) {
					t.Errorf("the Link of %s names %s: %t: %s", f.Name, other.Name, got, link)
				}
			}
			if strings.Count(link, `rel="describedby"`) != 1 {
				t.Errorf("the Link of %s has no or several descriptions: %s", f.Name, link)
			}
		}
	})

	t.Run("the past, and what was withdrawn", func(t *testing.T) {
		asOf := "&asOf=" + url.QueryEscape(published.Format(time.RFC3339Nano))
		move(s, prato("a"), object{"transition": "withdraw", "reason": "Unito"}).Want(http.StatusOK)
		for _, f := range format.Of(catalogue.KindService) {
			past := ask(path + "?format=" + f.Name + asOf).Want(http.StatusOK)
			if got := past.Header.Get("Content-Type"); got != f.MediaType || past.Header.Get("Link") != "" {
				t.Errorf("the past of %s: %s, Link %q", f.Name, got, past.Header.Get("Link"))
			}
			gone := ask(path, "Accept", f.MediaType).Want(http.StatusGone)
			if got := gone.Header.Get("Content-Type"); got != "application/problem+json" {
				t.Errorf("withdrawn, and asked for as %s: %s", f.Name, got)
			}
		}
	})
}

// TestAnExportIsNegotiated as an entry is, by Accept and before it by the parameter.
func TestAnExportIsNegotiated(t *testing.T) {
	t.Parallel()
	s := once(t)
	publish(s, "a", service("Anagrafe")).Want(http.StatusCreated)
	for _, test := range []struct{ path, accept, want string }{
		{"/v1/exports/services", "", "application/json"},
		{"/v1/exports/services", "text/csv;q=0.8, application/x-ndjson", "application/x-ndjson"},
		{"/v1/exports/services?format=csv", "application/json", "text/csv; charset=utf-8; header=present"},
		{"/v1/exports/procedure-types", "text/html", "text/html; charset=UTF-8"},
		{"/v1/exports/catalogue", "text/turtle;q=0.5, application/ld+json;q=0.4", "text/turtle"},
		{"/v1/exports/deadlines", "*/*", "text/calendar; charset=utf-8"},
		{"/v1/exports/deadlines", "text/html", ""},
		{"/v1/exports/services", "text/turtle", ""},
	} {
		a := s.Do(apitest.Request{Path: test.path, Header: map[string]string{"Accept": test.accept, "Accept-Encoding": "gzip"}})
		if test.want == "" {
			if a.Want(http.StatusNotAcceptable); len(a.Problem().Offered) == 0 {
				t.Errorf("%s as %s: nothing is offered", test.path, test.accept)
			}
			continue
		}
		a.Want(http.StatusOK)
		if got := a.Header.Get("Content-Type"); got != test.want || a.Header.Get("Content-Encoding") != "gzip" {
			t.Errorf("%s as %q: got %s in %q, want %s in gzip", test.path, test.accept, got, a.Header.Get("Content-Encoding"), test.want)
		}
		if got := a.Header.Get("Vary"); !strings.Contains(got, "Accept,") && !strings.HasSuffix(got, "Accept") {
			t.Errorf("%s: Vary = %q", test.path, got)
		}
	}
}
