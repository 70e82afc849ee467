package api_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/comuneprato/service-catalogue/api/apitest"
)

func TestLongTextsAreHTMLWhereThatIsAskedFor(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		written := "Entro **30 giorni**.\n\n<script>alert(1)</script>\n\n- [qui](https://example.org/?a=1&b=2)\n- [no](javascript:alert(1))"
		const rendered = "<p>Entro <strong>30 giorni</strong>.</p>\n\n<ul>\n<li><a href=\"https://example.org/?a=1&amp;b=2\">qui</a></li>\n<li>no</li>\n</ul>"
		title := "Mensa <b>scolastica</b> & *altro*"
		publish(s, "mensa", service(title, object{"slug": "mensa", "howTo": object{"it": written, "en": "**Go**"}})).Want(http.StatusCreated)
		published := s.Now()

		for _, test := range []struct{ name, path string }{
			{"a view", "/v1/services/mensa?text=html"},
			{"some fields", "/v1/services/mensa?text=html&fields=howTo,title"},
			{"a list", "/v1/services?text=html&fields=howTo,title"},
			{"the past", "/v1/services/mensa?text=html&asOf=" + url.QueryEscape(published.Format(time.RFC3339Nano))},
			{"a revision", "/v1/services/mensa/revisions/1?text=html"},
			{"a preview", prato("mensa") + "/preview?text=html"},
		} {
			t.Run(test.name, func(t *testing.T) {
				get := func(path string) (a apitest.Answer, view object) {
					a = s.Do(apitest.Request{Path: path, Token: s.Prato}).Want(http.StatusOK)
					view = a.Object()
					if items, ok := view["items"].([]any); ok {
						view = items[0].(object)
					}
					return a, view
				}
				html, view := get(test.path)
				if view["howTo"] != rendered || view["title"] != title {
					t.Errorf("howTo is\n%v, want\n%s\nand title is %v", view["howTo"], rendered, view["title"])
				}
				_, all := get(test.path + "&lang=*")
				if how := all["howTo"].(object); how["it"] != rendered || how["en"] != "<p><strong>Go</strong></p>" {
					t.Errorf("in all languages howTo is %v", how)
				}
				plain, view := get(strings.Replace(test.path, "text=html", "text=markdown", 1))
				if view["howTo"] != written {
					t.Errorf("howTo is %v, want it as it was written", view["howTo"])
				}
				if tag := html.Header.Get("Etag"); tag != "" && tag == plain.Header.Get("Etag") {
					t.Errorf("both have the ETag %s", tag)
				}
			})
		}

		html := s.Get("/v1/services/mensa?text=html").Want(http.StatusOK).Header.Get("Etag")
		for path, status := range map[string]int{
			"/v1/services/mensa?text=html": http.StatusNotModified, "/v1/services/mensa": http.StatusOK,
			"/v1/services/mensa?text=html&fields=title": http.StatusOK,
		} {
			s.Do(apitest.Request{Path: path, Header: map[string]string{"If-None-Match": html}}).Want(status)
		}
		s.Do(apitest.Request{Path: "/v1/services/mensa?text=html", Header: map[string]string{"Accept": "text/turtle"}}).Want(http.StatusOK) // of the view, as `fields`
		if got := pointers(s.Get("/v1/services/mensa?text=html&format=turtle").Want(http.StatusBadRequest)); got != "format exclusive" {
			t.Errorf("with another format: %s", got)
		}
		for _, path := range []string{"/v1/services/mensa?text=xml", "/v1/services?text=xml"} {
			if got := pointers(s.Get(path).Want(http.StatusBadRequest)); got != "text one_of" {
				t.Errorf("%s: %s", path, got)
			}
		}
	})
}
