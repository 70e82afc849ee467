package api

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/comuneprato/service-catalogue/internal/identity"
)

// exposed lets scripts of other origins read every header: none says anything of who asks.
const exposed = "*"

// What scripts of other origins may send: without a key, and with one that is let write.
var (
	openHeaders = strings.Join([]string{
		"Accept", "Accept-Language", "Content-Type", "If-None-Match", "If-Modified-Since", headerMinPosition, headerRequestID,
	}, ",")
	writeHeaders = openHeaders + "," + strings.Join([]string{echo.HeaderAuthorization, "If-Match", headerIdempotencyKey}, ",")
)

const (
	readMethods  = "GET,HEAD"
	writeMethods = readMethods + ",PUT,PATCH,POST,DELETE"
	preflightAge = 24 * time.Hour
	writeAge     = time.Minute // an origin that is taken off the list stops writing soon
)

// cors says which web pages may send requests other than reads (Fetch standard, CORS protocol): pages of every origin, where
// no key is needed; otherwise pages of the origins that a publisher lists. Reads are open to all, which writer says.
func (s *server) cors(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r, h := c.Request(), c.Response().Header()
		h.Add(echo.HeaderVary, echo.HeaderOrigin)
		origin := r.Header.Get(echo.HeaderOrigin)
		asked := r.Header.Get(echo.HeaderAccessControlRequestMethod)
		switch {
		case r.Method == http.MethodOptions:
			if err := s.admit(c); err != nil {
				return err
			}
			if origin != "" && asked != "" {
				h.Add(echo.HeaderVary, echo.HeaderAccessControlRequestMethod)
				h.Add(echo.HeaderVary, echo.HeaderAccessControlRequestHeaders)
				if err := s.preflight(c, origin, asked); err != nil {
					return err
				}
			}
			return c.NoContent(http.StatusNoContent)
		case s.keyless(c, r.Method):
			h.Set(echo.HeaderAccessControlAllowOrigin, "*")
			h.Set(echo.HeaderAccessControlExposeHeaders, exposed)
		case origin != "":
			if err := s.openToWriter(c, origin); err != nil {
				return err
			}
		}
		return next(c)
	}
}

// keyless reports whether a method at the address of a request needs no key.
func (s *server) keyless(c echo.Context, method string) bool {
	return s.accesses[[2]string{method, c.Path()}].Keyless
}

// preflight answers what a browser asks before it lets a page send a request.
func (s *server) preflight(c echo.Context, origin, method string) error {
	h := c.Response().Header()
	withKey := slices.ContainsFunc(strings.Split(c.Request().Header.Get(echo.HeaderAccessControlRequestHeaders), ","), func(name string) bool {
		return strings.EqualFold(strings.TrimSpace(name), echo.HeaderAuthorization)
	})
	switch {
	case withKey: // even where none is needed
	case isRead(method):
		allow(h, "*", readMethods, openHeaders, preflightAge)
		return nil
	case s.keyless(c, method):
		allow(h, "*", method, openHeaders, preflightAge)
		return nil
	}
	// A preflight comes without the key. Where the address names no publisher, it is enough that one of them lists the
	// origin; the request itself brings the key.
	ok, err := s.Publishers.Allows(c.Request().Context(), publisherIn(c.Request().URL.Path), origin)
	if ok {
		allow(h, origin, writeMethods, writeHeaders, writeAge)
	}
	return err
}

func allow(h http.Header, origin, methods, headers string, age time.Duration) {
	h.Set(echo.HeaderAccessControlAllowOrigin, origin)
	h.Set(echo.HeaderAccessControlAllowMethods, methods)
	h.Set(echo.HeaderAccessControlAllowHeaders, headers)
	h.Set(echo.HeaderAccessControlMaxAge, strconv.Itoa(int(age.Seconds())))
}

// openToWriter lets a page read the answer to its write, if the publisher that the address names lists its origin; where the
// address names none, the publisher of the key.
func (s *server) openToWriter(c echo.Context, origin string) error {
	publisher := publisherIn(c.Request().URL.Path)
	if publisher == "" && bearer(c) != "" {
		caller, err := s.caller(c)
		if err != nil {
			caller = identity.Caller{} // the page may read that its key is no good
		}
		publisher = caller.Publisher
	}
	ok, err := s.Publishers.Allows(c.Request().Context(), publisher, origin)
	if ok {
		h := c.Response().Header()
		h.Set(echo.HeaderAccessControlAllowOrigin, origin)
		h.Set(echo.HeaderAccessControlExposeHeaders, exposed)
	}
	return err
}

// publisherIn is the publisher whose namespace an address is in, "" for none.
func publisherIn(path string) string {
	for _, prefix := range []string{"/v1/publishers/", "/v1/publisher-settings/"} {
		if rest, ok := strings.CutPrefix(path, prefix); ok {
			publisher, _, _ := strings.Cut(rest, "/")
			return publisher
		}
	}
	return ""
}
