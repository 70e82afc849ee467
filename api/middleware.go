package api

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"runtime/debug"
	"strings"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
)

// Headers of our own.
const (
	headerPosition    = "Catalogue-Position"
	headerMinPosition = "Catalogue-Min-Position"
)

func (s *server) middleware(e *echo.Echo) {
	e.Use(
		s.requestID,
		s.logged,
		securityHeaders,
		middleware.ContextTimeout(requestTime),
		s.recovered,
		s.cors,
		s.authorised,
		s.idempotent,
	)
}

// clientAddress finds the address of a client for the log and the audit: that of the connection, or where this comes from
// a trusted proxy, the last one in X-Forwarded-For that no trusted proxy has.
func clientAddress(trusted []*net.IPNet) echo.IPExtractor {
	if len(trusted) == 0 {
		return echo.ExtractIPDirect()
	}
	options := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, network := range trusted {
		options = append(options, echo.TrustIPRange(network))
	}
	return echo.ExtractIPFromXFFHeader(options...)
}

// requestID gives every request an id, the caller's own if it looks like one.
func (s *server) requestID(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		id := c.Request().Header.Get(echo.HeaderXRequestID)
		if len(id) > 128 || !catalogue.ValidKey(id) {
			id = uuid.NewString()
		}
		c.Response().Header().Set(echo.HeaderXRequestID, id)
		return next(c)
	}
}

func requestID(c echo.Context) string { return c.Response().Header().Get(echo.HeaderXRequestID) }

// logged writes one line for each request, after it was answered. The query is not in it: people type names there.
func (s *server) logged(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		start := s.Clock()
		if err := next(c); err != nil {
			c.Error(err) // answered here, so that the line tells the status
		}
		log := s.Log
		switch refused, _ := c.Get(refusalKey).(refusal); c.Response().Status {
		case http.StatusUnauthorized, http.StatusForbidden, http.StatusConflict, http.StatusPreconditionFailed:
			// Who was refused what is not in the audit, which holds what was done.
			log = log.With("problem", refused.problem, "reason", refused.err.Error())
		}
		log.InfoContext(c.Request().Context(), "request",
			"request_id", requestID(c), "method", c.Request().Method, "route", c.Path(), "path", c.Request().URL.Path,
			"status", c.Response().Status, "bytes", c.Response().Size, "duration", s.Clock().Sub(start),
			"address", c.RealIP(), "key", callerName(c))
		return nil
	}
}

// refusal is the problem that a request was answered with, and its cause.
type refusal struct {
	problem string
	err     error
}

const refusalKey = "refusal"

// recovered turns a panic into an error, which becomes a 500 and a line in the log; the server goes on.
func (s *server) recovered(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		defer func() {
			if r := recover(); r != nil {
				if r == http.ErrAbortHandler { //nolint:errorlint // net/http compares it so, too
					panic(r)
				}
				err = errors.Join(err, fmt.Errorf("panic: %v\n%s", r, debug.Stack()))
			}
		}()
		return next(c)
	}
}

func securityHeaders(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		if !strings.HasPrefix(c.Request().URL.Path, "/docs") {
			h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		}
		return next(c)
	}
}
