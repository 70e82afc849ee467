package api_test

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/comuneprato/service-catalogue/api"
	"github.com/comuneprato/service-catalogue/api/apitest"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/identity"
)

// pattern matches the routes that a line of Accesses is for.
func pattern(a api.Access) *regexp.Regexp {
	var plurals []string
	for _, kind := range catalogue.Kinds {
		plurals = append(plurals, kind.Plural())
	}
	kinds := "(" + strings.Join(plurals, "|") + ")"
	return regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(a.Path), regexp.QuoteMeta("{kinds}"), kinds) + "$")
}

// lineOf is the line of Accesses for a route; of two, one without {kinds}.
func lineOf(route *echo.Route) (api.Access, bool) {
	method := route.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	for _, a := range api.Accesses {
		if a.Method == method && pattern(a).MatchString(route.Path) {
			return a, true
		}
	}
	return api.Access{}, false
}

func TestEveryRouteHasALineOfWhoMayUseIt(t *testing.T) {
	routes := api.New(api.Config{}).Routes()
	for _, route := range routes {
		if _, ok := lineOf(route); !ok {
			t.Errorf("%s %s has no line in Accesses: add one in api/access.go that says who may use it", route.Method, route.Path)
		}
	}
	for _, a := range api.Accesses {
		if !slices.ContainsFunc(routes, func(r *echo.Route) bool { return r.Method == a.Method && pattern(a).MatchString(r.Path) }) {
			t.Errorf("Accesses has %s %s, which is no route", a.Method, a.Path)
		}
	}
}

// credential is what a request may come with.
type credential struct {
	name, token string
	works       bool
	scope       identity.Scope
	publisher   string // that it acts for, "" for all
}

func credentials(t *testing.T, s *apitest.Server) []credential {
	t.Helper()
	all := []credential{
		{name: "no key"},
		{name: "a malformed key", token: "cat_nonsense"},
		{name: "an unknown key", token: "cat_aaaaaaaa_" + strings.Repeat("A", 43)},
		{name: "an admin of one publisher", token: s.Key(apitest.Prato, identity.Admin), works: true, publisher: apitest.Prato},
		{name: "an admin", token: s.Admin, works: true, scope: identity.Admin},
	}
	for _, scope := range identity.Scopes {
		if scope != identity.Admin {
			all = append(all,
				credential{"the publisher's key with " + string(scope), s.Key(apitest.Prato, scope), true, scope, apitest.Prato},
				credential{"another publisher's key with " + string(scope), s.Key(apitest.Publiacqua, scope), true, scope, apitest.Publiacqua},
			)
		}
	}
	revoked := s.Key("", identity.Admin)
	if err := s.Config.Keys.Revoke(t.Context(), catalogue.Actor{Name: "test"}, prefixOf(revoked)); err != nil {
		t.Fatal(err)
	}
	expired, _, err := s.Config.Keys.Create(t.Context(), catalogue.Actor{Name: "test"}, identity.NewKey{
		Name: "old", Scopes: identity.Scopes, Expires: time.Minute,
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Advance(time.Minute)
	return append(all, credential{name: "a revoked key", token: revoked}, credential{name: "an expired key", token: expired})
}

func prefixOf(token string) string { return strings.Split(token, "_")[1] }

// wanted is the refusal that a credential gets on a route of the publisher Prato, 0 if it may use it.
func wanted(a api.Access, c credential) int {
	global := c.publisher == ""
	switch {
	case a.Keyless:
		return 0
	case !c.works:
		return http.StatusUnauthorized
	case c.scope == identity.Admin && global || len(a.Scopes) == 0:
		return 0
	case !slices.Contains(a.Scopes, c.scope), a.Global, a.Own() && c.publisher != apitest.Prato:
		return http.StatusForbidden
	default:
		return 0
	}
}

func TestTheAuthorisationMatrix(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, s *apitest.Server) {
		all := credentials(t, s)
		values := strings.NewReplacer(
			":publisher", apitest.Prato, ":key", "nessuna", ":idOrSlug", "nessuno", ":scheme", "nessuno", ":prefix", "zzzzzzzz", "*", "nothing",
		)
		for _, route := range api.New(api.Config{}).Routes() {
			access, _ := lineOf(route)
			for _, c := range all {
				want := wanted(access, c)
				if strings.HasSuffix(access.Path, "/rotations") && want == 0 && c.scope != identity.Admin {
					want = http.StatusForbidden // of another's key, as this is
				}
				got := s.Do(apitest.Request{Method: route.Method, Path: values.Replace(route.Path), Token: c.token}).Status
				if got != http.StatusUnauthorized && got != http.StatusForbidden {
					got = 0
				}
				if got != want {
					t.Errorf("%s %s with %s: refused with %d, want %d", route.Method, route.Path, c.name, got, want)
				}
			}
		}
	})
}

func TestWhatARequestAsksForNeedsItsScopeToo(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		publish(s, "a", service("A")).Want(http.StatusCreated)
		requests := map[string]apitest.Request{
			"publish=true": {Method: http.MethodPut, Path: prato("a") + "?publish=true", Body: service("A")},
			"explain=true": {Path: "/v1/search?q=a&explain=true"},
		}
		for _, a := range api.Accesses {
			if !strings.HasSuffix(a.Path, "/transitions") {
				continue
			}
			for transition := range a.Further {
				requests[transition] = apitest.Request{
					Method: http.MethodPost, Path: prato("a") + "/transitions",
					Body: object{"transition": transition, "revision": 1, "reason": "x"},
				}
			}
		}
		for _, a := range api.Accesses {
			for ask, needed := range a.Further {
				request, ok := requests[ask]
				if !ok || request.Method != "" && request.Method != a.Method {
					continue
				}
				var without []identity.Scope
				for _, scope := range identity.Scopes {
					if scope != needed && scope != identity.Admin {
						without = append(without, scope)
					}
				}
				request.Token = s.Key(apitest.Prato, without...)
				p := s.Do(request).Want(http.StatusForbidden).Problem()
				if !strings.Contains(p.Detail, string(needed)) {
					t.Errorf("%s: the problem says %q, want the scope %s in it", ask, p.Detail, needed)
				}
			}
		}
	})
}
