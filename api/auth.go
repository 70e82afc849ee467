package api

import (
	"fmt"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/identity"
	"github.com/comuneprato/service-catalogue/internal/publishing"
)

const callerKey = "caller"

// caller is whoever the Bearer token (RFC 6750) of a request stands for. It returns ErrUnauthenticated without one.
func (s *server) caller(c echo.Context) (identity.Caller, error) {
	if known, ok := c.Get(callerKey).(identity.Caller); ok {
		return known, nil
	}
	scheme, token, _ := strings.Cut(c.Request().Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") || token == "" {
		return identity.Caller{}, fmt.Errorf("no bearer token: %w", catalogue.ErrUnauthenticated)
	}
	caller, err := s.Keys.Authenticate(c.Request().Context(), strings.TrimSpace(token))
	if err != nil {
		return identity.Caller{}, err
	}
	c.Set(callerKey, caller)
	return caller, nil
}

// may returns who calls, if its key allows every one of the scopes in the namespace of the request's publisher. It
// returns ErrUnauthenticated or a ForbiddenError otherwise.
func (s *server) may(c echo.Context, scopes ...identity.Scope) (publishing.Actor, error) {
	caller, err := s.caller(c)
	if err != nil {
		return publishing.Actor{}, err
	}
	for _, scope := range scopes {
		if err := caller.Check(scope, c.Param("publisher")); err != nil {
			return publishing.Actor{}, err
		}
	}
	return publishing.Actor{Name: caller.Name, Prefix: caller.Prefix, Address: c.RealIP(), RequestID: requestID(c)}, nil
}

// mayAny is may for whoever has at least one of the scopes.
func (s *server) mayAny(c echo.Context, scopes ...identity.Scope) error {
	_, err := s.anyOf(c, scopes...)
	return err
}

// anyOf is mayAny that tells who calls.
func (s *server) anyOf(c echo.Context, scopes ...identity.Scope) (who publishing.Actor, err error) {
	for _, scope := range scopes {
		if who, err = s.may(c, scope); err == nil {
			return who, nil
		}
	}
	return who, err
}

// callerName is the name of the key that a request came with, for the log.
func callerName(c echo.Context) string {
	caller, _ := c.Get(callerKey).(identity.Caller)
	return caller.Name
}
