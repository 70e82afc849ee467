package api

import (
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/identity"
)

// Access says who may use a route. The middleware goes by it, docs/authorisation.md is written from it.
type Access struct {
	Method, Path string // as the router has them, with {kinds} for every kind; HEAD is as GET

	Keyless bool             // no key is needed
	Scopes  []identity.Scope // a key needs one of these; none: every key that works will do
	Global  bool             // and must act for all publishers

	// Further are scopes that a key needs too, by what the request asks for; handlers ask with further.
	Further map[string]identity.Scope
}

// What requests may ask for beyond the route.
const (
	askPublish = "publish=true"
	askReplace = "mode=replace"
	askExplain = "explain=true"
	askOthers  = "of another key"
	askUnlock  = "locks of other keys"
)

// Own reports whether a key must act for the publisher that the path names, or for all.
func (a Access) Own() bool { return strings.Contains(a.Path, "/:publisher") && !a.Global }

// Allows reports whether a key that has that scope alone may use the route, for its own publisher. A key with the scope
// admin acts for all publishers.
func (a Access) Allows(scope identity.Scope) bool {
	return a.Keyless || len(a.Scopes) == 0 || scope == identity.Admin || slices.Contains(a.Scopes, scope)
}

var (
	ownReaders    = []identity.Scope{identity.Read, identity.Write, identity.Publish, identity.Review}
	stewards      = []identity.Scope{identity.Write, identity.Publish, identity.Review}
	workReaders   = slices.Concat(ownReaders, []identity.Scope{identity.Report})
	auditors      = []identity.Scope{identity.Admin, identity.Report, identity.Review}
	administrator = []identity.Scope{identity.Admin}
)

// Accesses is who may use what: every route has its line.
var Accesses = []Access{
	{Method: http.MethodGet, Path: "/v1/{kinds}", Keyless: true},
	{Method: http.MethodGet, Path: "/v1/{kinds}/:idOrSlug", Keyless: true},
	{Method: http.MethodGet, Path: "/v1/{kinds}/:idOrSlug/revisions", Keyless: true},
	{Method: http.MethodGet, Path: "/v1/{kinds}/:idOrSlug/revisions/:number", Keyless: true},
	{Method: http.MethodGet, Path: "/v1/{kinds}/:idOrSlug/revisions/diff", Keyless: true},
	{Method: http.MethodGet, Path: "/v1/timetables/:idOrSlug/hours", Keyless: true},
	{Method: http.MethodGet, Path: "/v1/timetables/:idOrSlug/calendar", Keyless: true},
	{Method: http.MethodGet, Path: "/v1/search", Keyless: true, Further: map[string]identity.Scope{askExplain: identity.Admin}},
	{Method: http.MethodGet, Path: "/v1/autocomplete", Keyless: true},
	{Method: http.MethodGet, Path: "/v1/changes", Keyless: true},
	{Method: http.MethodGet, Path: "/v1/vocabularies", Keyless: true},
	{Method: http.MethodGet, Path: "/v1/vocabularies/:scheme", Keyless: true},
	{Method: http.MethodGet, Path: "/v1/synonyms", Keyless: true},
	{Method: http.MethodPost, Path: "/v1/validations", Keyless: true},
	{Method: http.MethodGet, Path: "/v1/exports/catalogue", Keyless: true},
	{Method: http.MethodGet, Path: "/v1/exports/procedure-types", Keyless: true},
	{Method: http.MethodGet, Path: "/v1/exports/deadlines", Keyless: true},
	{Method: http.MethodGet, Path: "/v1/exports/{kinds}", Keyless: true},
	{Method: http.MethodGet, Path: "/v1/contexts/cpsv-ap.jsonld", Keyless: true},

	{Method: http.MethodGet, Path: "/hsds", Keyless: true},
	{Method: http.MethodGet, Path: "/hsds/", Keyless: true},
	{Method: http.MethodGet, Path: "/hsds/openapi.json", Keyless: true},
	{Method: http.MethodGet, Path: "/hsds/services", Keyless: true},
	{Method: http.MethodGet, Path: "/hsds/services/:id", Keyless: true},
	{Method: http.MethodGet, Path: "/hsds/organizations", Keyless: true},
	{Method: http.MethodGet, Path: "/hsds/organizations/:id", Keyless: true},
	{Method: http.MethodGet, Path: "/hsds/service_at_locations", Keyless: true},
	{Method: http.MethodGet, Path: "/hsds/service_at_locations/:id", Keyless: true},
	{Method: http.MethodGet, Path: "/hsds/taxonomies", Keyless: true},
	{Method: http.MethodGet, Path: "/hsds/taxonomies/:id", Keyless: true},
	{Method: http.MethodGet, Path: "/hsds/taxonomy_terms", Keyless: true},
	{Method: http.MethodGet, Path: "/hsds/taxonomy_terms/:id", Keyless: true},

	{Method: http.MethodGet, Path: "/v1/publishers/:publisher/{kinds}", Scopes: ownReaders},
	{Method: http.MethodGet, Path: "/v1/publishers/:publisher/{kinds}/:key", Scopes: ownReaders},
	{Method: http.MethodGet, Path: "/v1/publishers/:publisher/{kinds}/:key/revisions", Scopes: ownReaders},
	{Method: http.MethodGet, Path: "/v1/publishers/:publisher/{kinds}/:key/revisions/:number", Scopes: ownReaders},
	{Method: http.MethodGet, Path: "/v1/publishers/:publisher/{kinds}/:key/revisions/diff", Scopes: ownReaders},
	{
		Method: http.MethodPut, Path: "/v1/publishers/:publisher/{kinds}/:key", Scopes: []identity.Scope{identity.Write},
		Further: map[string]identity.Scope{askPublish: identity.Publish},
	},
	{
		Method: http.MethodPatch, Path: "/v1/publishers/:publisher/{kinds}/:key", Scopes: []identity.Scope{identity.Write},
		Further: map[string]identity.Scope{askPublish: identity.Publish},
	},
	{Method: http.MethodGet, Path: "/v1/publishers/:publisher/{kinds}/:key/preview", Scopes: ownReaders},
	{Method: http.MethodGet, Path: "/v1/publishers/:publisher/{kinds}/:key/comments", Scopes: ownReaders},
	{Method: http.MethodPost, Path: "/v1/publishers/:publisher/{kinds}/:key/comments", Scopes: ownReaders},
	{Method: http.MethodPatch, Path: "/v1/publishers/:publisher/{kinds}/:key/comments/:comment", Scopes: ownReaders},
	{Method: http.MethodPut, Path: "/v1/publishers/:publisher/{kinds}/:key/reviewer", Scopes: []identity.Scope{identity.Review}},
	{Method: http.MethodDelete, Path: "/v1/publishers/:publisher/{kinds}/:key", Scopes: []identity.Scope{identity.Publish}},
	{
		Method: http.MethodPost, Path: "/v1/publishers/:publisher/{kinds}/:key/transitions",
		Scopes: []identity.Scope{identity.Write, identity.Publish, identity.Review}, Further: moveScopes,
	},

	{
		Method: http.MethodPost, Path: "/v1/publishers/:publisher/imports", Scopes: []identity.Scope{identity.Write},
		Further: map[string]identity.Scope{askPublish: identity.Publish, askReplace: identity.Publish},
	},
	{Method: http.MethodGet, Path: "/v1/publishers/:publisher/imports", Scopes: ownReaders},
	{Method: http.MethodGet, Path: "/v1/publishers/:publisher/imports/:import", Scopes: ownReaders},
	{Method: http.MethodGet, Path: "/v1/publishers/:publisher/imports/:import/report", Scopes: ownReaders},
	{Method: http.MethodPost, Path: "/v1/publishers/:publisher/imports/:import/cancel", Scopes: []identity.Scope{identity.Write}},
	{Method: http.MethodPost, Path: "/v1/publishers/:publisher/{kinds}/:key/confirmations", Scopes: stewards},
	{Method: http.MethodGet, Path: "/v1/publishers/:publisher/{kinds}/:key/custody", Scopes: ownReaders},
	{
		Method: http.MethodPut, Path: "/v1/publishers/:publisher/{kinds}/:key/custody", Scopes: []identity.Scope{identity.Write},
		Further: map[string]identity.Scope{askUnlock: identity.Admin},
	},
	{Method: http.MethodGet, Path: "/v1/publishers/:publisher/stewardship", Scopes: ownReaders},
	{Method: http.MethodPut, Path: "/v1/publishers/:publisher/stewardship", Scopes: administrator, Global: true},
	{Method: http.MethodGet, Path: "/v1/publishers/:publisher/archivals", Scopes: ownReaders},
	{Method: http.MethodPost, Path: "/v1/publishers/:publisher/archivals", Scopes: []identity.Scope{identity.Publish}},
	{Method: http.MethodPost, Path: "/v1/publishers/:publisher/bulk", Scopes: stewards, Further: bulkScopes},
	{Method: http.MethodGet, Path: "/v1/queues", Scopes: workReaders},
	{Method: http.MethodGet, Path: "/v1/queues/:queue", Scopes: workReaders},

	{Method: http.MethodGet, Path: "/v1/me"},
	{
		Method: http.MethodPost, Path: "/v1/keys/:prefix/rotations",
		Further: map[string]identity.Scope{askOthers: identity.Admin},
	},
	{Method: http.MethodGet, Path: "/v1/keys", Scopes: administrator, Global: true},
	{Method: http.MethodPost, Path: "/v1/keys", Scopes: administrator, Global: true},
	{Method: http.MethodDelete, Path: "/v1/keys/:prefix", Scopes: administrator, Global: true},
	{Method: http.MethodGet, Path: "/v1/publisher-settings", Scopes: administrator, Global: true},
	{Method: http.MethodGet, Path: "/v1/publisher-settings/:publisher", Scopes: ownReaders},
	{Method: http.MethodPut, Path: "/v1/publisher-settings/:publisher", Scopes: administrator, Global: true},
	{Method: http.MethodPatch, Path: "/v1/publisher-settings/:publisher", Scopes: administrator, Global: true},
	{Method: http.MethodPut, Path: "/v1/synonyms", Scopes: administrator, Global: true},
	{Method: http.MethodGet, Path: "/v1/reviews", Scopes: []identity.Scope{identity.Review}},
	{Method: http.MethodGet, Path: "/v1/audit", Scopes: auditors},
	{Method: http.MethodGet, Path: "/v1/reports/searches", Scopes: []identity.Scope{identity.Report}},

	{Method: http.MethodGet, Path: "/status", Keyless: true},
	{Method: http.MethodGet, Path: "/livez", Keyless: true},
	{Method: http.MethodGet, Path: "/readyz", Keyless: true},
	{Method: http.MethodGet, Path: "/metrics", Keyless: true},
	{Method: http.MethodGet, Path: "/openapi.json", Keyless: true},
	{Method: http.MethodGet, Path: "/openapi.yaml", Keyless: true},
	{Method: http.MethodGet, Path: "/docs", Keyless: true},
	{Method: http.MethodGet, Path: "/docs/", Keyless: true},
	{Method: http.MethodGet, Path: "/docs/*", Keyless: true},
}

// forgotten is the line of a route that Accesses lacks, which is a mistake of ours: it is for an admin alone.
var forgotten = Access{Scopes: administrator, Global: true}

// accessOf is the line of a route.
func accessOf(method, path string) Access {
	if method == http.MethodHead {
		method = http.MethodGet
	}
	for _, a := range Accesses {
		if a.Method != method {
			continue
		}
		if a.Path == path {
			return a
		}
		for _, kind := range catalogue.Kinds {
			if strings.ReplaceAll(a.Path, "{kinds}", kind.Plural()) == path {
				return a
			}
		}
	}
	return forgotten
}

// accesses are the lines of all routes, by method and path.
type accesses map[[2]string]Access

func accessesOf(routes []*echo.Route) accesses {
	all := accesses{}
	for _, route := range routes {
		all[[2]string{route.Method, route.Path}] = accessOf(route.Method, route.Path)
	}
	return all
}

// of is the line of the route that a request goes to; false if it goes nowhere.
func (a accesses) of(c echo.Context) (Access, bool) {
	found, ok := a[[2]string{c.Request().Method, c.Path()}]
	return found, ok
}

// authorised refuses whoever may not use the route, or asks too often, before anything else of the request is read.
func (s *server) authorised(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		access, ok := s.accesses.of(c)
		if !ok || access.Keyless {
			if err := s.admit(c); err != nil {
				return err
			}
			return next(c)
		}
		caller, err := s.admitCaller(c)
		if err != nil {
			return err
		}
		if err := access.check(caller, c.Param("publisher")); err != nil {
			return err
		}
		return next(c)
	}
}

// check returns a ForbiddenError if a caller may not use the route. The publisher is that of the path, "" if it names none.
func (a Access) check(caller identity.Caller, publisher string) error {
	if a.Global {
		publisher = ""
	}
	return checkAny(caller, publisher, a.Scopes...)
}

// checkAny returns a ForbiddenError if a caller has none of the scopes for a publisher, "" for all. Where there are no
// scopes, every caller will do.
func checkAny(caller identity.Caller, publisher string, scopes ...identity.Scope) (err error) {
	for _, scope := range scopes {
		if err = caller.Check(scope, publisher); err == nil {
			return nil
		}
	}
	return err
}

// further checks what a request asks for beyond its route, such as askPublish. It returns a ForbiddenError if the caller's
// key lacks the scope for that, ErrUnauthenticated if there is no key.
func (s *server) further(c echo.Context, ask string) error {
	access, _ := s.accesses.of(c)
	_, err := s.may(c, access.Further[ask])
	return err
}
