package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/comuneprato/service-catalogue/api/apitest"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
)

const (
	listed   = "https://www.publiacqua.it"
	unlisted = "https://www.example.org"
)

// list lets pages of the origin listed write for Publiacqua.
func list(s *apitest.Server, origins ...string) {
	ask(s, s.Admin, http.MethodPatch, "/v1/publisher-settings/"+apitest.Publiacqua, object{"allowedOrigins": origins}).Want(http.StatusOK)
	s.Advance(10 * time.Second) // by when every node knows
}

func TestPagesOfListedOriginsMayWrite(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		list(s, listed)
		water := own(apitest.Publiacqua, catalogue.KindService, "a")
		for _, tt := range []struct {
			name, origin, method, path, headers string
			allowed                             string // origin
		}{
			{"a listed origin writes", listed, http.MethodPut, water, "authorization,content-type,if-match", listed},
			{"a listed origin moves", listed, http.MethodPost, water + "/transitions", "authorization,content-type,idempotency-key", listed},
			{"a listed origin reads drafts", listed, http.MethodGet, water, "authorization", listed},
			{"a listed origin asks who it is", listed, http.MethodGet, "/v1/me", "authorization", listed},
			{"an unlisted origin", unlisted, http.MethodPut, water, "authorization,content-type", ""},
			{"an unlisted origin asks who it is", unlisted, http.MethodGet, "/v1/me", "authorization", ""},
			{"another publisher's", listed, http.MethodPut, prato("a"), "authorization,content-type", ""},
			{"nearly the same origin", listed + ".evil.example", http.MethodPut, water, "authorization", ""},
			{"everybody reads", unlisted, http.MethodGet, "/v1/services", "accept-language", "*"},
			{"everybody checks documents", unlisted, http.MethodPost, "/v1/validations", "content-type", "*"},
		} {
			t.Run(tt.name, func(t *testing.T) {
				a := s.Do(apitest.Request{Method: http.MethodOptions, Path: tt.path, Header: map[string]string{
					"Origin": tt.origin, "Access-Control-Request-Method": tt.method, "Access-Control-Request-Headers": tt.headers,
				}}).Want(http.StatusNoContent)
				if got := a.Header.Get("Access-Control-Allow-Origin"); got != tt.allowed {
					t.Errorf("Access-Control-Allow-Origin = %q, want %q", got, tt.allowed)
				}
				methods, headers := a.Header.Get("Access-Control-Allow-Methods"), strings.ToLower(a.Header.Get("Access-Control-Allow-Headers"))
				if tt.allowed == "" && methods+headers != "" {
					t.Errorf("allowed are %q and %q, want nothing", methods, headers)
				}
				for _, header := range strings.Split(tt.headers, ",") {
					if tt.allowed != "" && (!strings.Contains(headers, header) || !strings.Contains(methods, tt.method)) {
						t.Errorf("allowed are %q with %q, want %s with %s", methods, headers, tt.method, header)
					}
				}
				if got := strings.Join(a.Header.Values("Vary"), ","); !strings.Contains(got, "Origin") {
					t.Errorf("Vary = %q, want Origin in it", got)
				}
			})
		}
	})
}

func TestAnswersToWritesAreOpenToListedOriginsOnly(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		list(s, listed)
		water := own(apitest.Publiacqua, catalogue.KindService, "a")
		for _, tt := range []struct {
			name, origin, token, method, path string
			body                              any
			status                            int
			allowed                           string
		}{
			{"listed", listed, s.Publiacqua, http.MethodPut, water, service("A"), http.StatusCreated, listed},
			{"listed, refused", listed, "", http.MethodPut, water, service("A"), http.StatusUnauthorized, listed},
			{"unlisted", unlisted, s.Publiacqua, http.MethodPut, water, service("A"), http.StatusOK, ""},
			{"by the key", listed, s.Publiacqua, http.MethodPost, "/v1/keys/zzzzzzzz/rotations", object{}, http.StatusForbidden, listed},
			{"by another key", listed, s.Prato, http.MethodPost, "/v1/keys/zzzzzzzz/rotations", object{}, http.StatusForbidden, ""},
			{"no key needed", unlisted, "", http.MethodPost, "/v1/validations", object{"kind": "service", "document": service("A")}, http.StatusOK, "*"},
			{"a read", unlisted, "", http.MethodGet, "/v1/services", nil, http.StatusOK, "*"},
		} {
			a := s.Do(apitest.Request{Method: tt.method, Path: tt.path, Token: tt.token, Body: tt.body, Header: map[string]string{"Origin": tt.origin}}).Want(tt.status)
			if got := a.Header.Get("Access-Control-Allow-Origin"); got != tt.allowed {
				t.Errorf("%s: Access-Control-Allow-Origin = %q, want %q", tt.name, got, tt.allowed)
			}
		}
		list(s)
		a := s.Do(apitest.Request{Method: http.MethodPut, Path: water, Token: s.Publiacqua, Body: service("A"), Header: map[string]string{"Origin": listed}})
		if got := a.Want(http.StatusOK).Header.Get("Access-Control-Allow-Origin"); got != "" {
			t.Errorf("an origin that was taken off the list still reads: %q", got)
		}
	})
}
