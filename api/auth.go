package api

import (
	"fmt"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/identity"
)

const callerKey = "caller"

// bearer is the token of a request (RFC 6750), "" if there is none.
func bearer(c echo.Context) string {
	scheme, token, _ := strings.Cut(c.Request().Header.Get(echo.HeaderAuthorization), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// caller is whoever the token of a request stands for. It returns ErrUnauthenticated without one.
func (s *server) caller(c echo.Context) (identity.Caller, error) {
	if known, ok := c.Get(callerKey).(identity.Caller); ok {
		return known, nil
	}
	token := bearer(c)
	if token == "" {
		return identity.Caller{}, fmt.Errorf("no bearer token: %w", catalogue.ErrUnauthenticated)
	}
	caller, err := s.Keys.Authenticate(c.Request().Context(), token)
	if err != nil {
		return identity.Caller{}, err
	}
	c.Set(callerKey, caller)
	return caller, nil
}

// may returns who calls, if its key has every one of the scopes for the publisher that the path names. Otherwise it returns
// ErrUnauthenticated or a ForbiddenError. What every request to the route needs was checked before the handler, by Accesses.
func (s *server) may(c echo.Context, scopes ...identity.Scope) (catalogue.Actor, error) {
	caller, err := s.caller(c)
	if err != nil {
		return catalogue.Actor{}, err
	}
	for _, scope := range scopes {
		if err := caller.Check(scope, c.Param("publisher")); err != nil {
			return catalogue.Actor{}, err
		}
	}
	return catalogue.Actor{Name: caller.Name, Prefix: caller.Prefix, Address: c.RealIP(), RequestID: requestID(c)}, nil
}

// callerName is the name of the key that a request came with, for the log.
func callerName(c echo.Context) string {
	caller, _ := c.Get(callerKey).(identity.Caller)
	return caller.Name
}
