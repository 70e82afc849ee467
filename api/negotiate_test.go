package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/comuneprato/service-catalogue/api/apitest"
)

func TestAnEntryIsAnsweredAsItIsAccepted(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		publish(s, "a", service("Anagrafe", nil)).Want(http.StatusCreated)
		accepting := func(path, accept string) apitest.Answer {
			return s.Do(apitest.Request{Path: path, Header: map[string]string{"Accept": accept}})
		}

		for _, accept := range []string{"", "*/*", "application/json", "text/html;q=0.9, */*;q=0.1", "application/json; charset=utf-8"} {
			a := accepting("/v1/services/anagrafe", accept).Want(http.StatusOK)
			if got := a.Header.Get("Content-Type"); got != "application/json" {
				t.Errorf("Accept %q: Content-Type = %q", accept, got)
			}
			if got := a.Header.Get("Link"); !strings.Contains(got, `<`+s.URL+`/openapi.json>; rel="describedby"`) {
				t.Errorf("Accept %q: Link = %q", accept, got)
			}
		}

		refused := accepting("/v1/services/anagrafe", "image/png").Want(http.StatusNotAcceptable)
		if offered := refused.Problem().Offered; len(offered) == 0 || offered[0] != "application/json" {
			t.Errorf("offered = %v", offered)
		}
		if got := refused.Header.Get("Vary"); got != "Accept, Accept-Language" {
			t.Errorf("Vary = %q", got)
		}

		accepting("/v1/services/anagrafe?format=json", "image/png").Want(http.StatusOK)
		accepting("/v1/services/anagrafe?fields=title", "image/png").Want(http.StatusOK)
		s.Get("/v1/services/anagrafe?format=xml").Want(http.StatusBadRequest)
	})
}
