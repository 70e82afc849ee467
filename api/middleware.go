package api

import (
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/identity"
	"github.com/comuneprato/service-catalogue/internal/tracing"
)

// Headers of our own.
const (
	headerPosition    = "Catalogue-Position"
	headerMinPosition = "Catalogue-Min-Position"
	headerRequestID   = "Request-Id"
)

// headerProxyID is what proxies call the header Request-Id; the name is older than RFC 6648, which ended those with an X.
const headerProxyID = "X-Request-Id"

// timed bounds the time of requests that may have to wait for the database.
var timed = middleware.ContextTimeout(requestTime)

// around is what happens around every request. It is one function, since echo puts its middleware together anew for each
// request, and reads that are answered from memory should cost little more than their bytes.
func (s *server) around(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		start := s.Clock()
		measured := s.requests.Begin(c.Request().Method, c.Path())
		defer measured.End()
		s.identify(c)
		request, span := tracing.BeginRequest(c.Request(), c.Path())
		c.SetRequest(request)
		w := writers.Get().(*writer)
		defer writers.Put(w)
		w.ResponseWriter, w.request, w.transport, w.lost = c.Response().Writer, c.Request(), s.transport, false
		c.Response().Writer = w
		handler, fromMemory := next, s.fromMemory[c.Path()]
		read, tooLong := isRead(c.Request().Method), len(c.Request().RequestURI) > maxAddress
		var err error
		switch {
		case tooLong && read:
			handler = s.refuseAddress
		case tooLong:
			handler = s.cors(s.refuseAddress)
		case !read:
			handler = timed(s.cors(s.authorised(s.inTurn(s.idempotent(next)))))
		case fromMemory:
			err = s.admit(c)
		default:
			handler = timed(s.authorised(next))
		}
		if err == nil {
			err = recovered(c, handler)
		}
		brokenOff := err != nil && c.Response().Committed
		if err != nil && !brokenOff {
			c.Error(err) // answered here, so that the line in the log tells the status
		}
		took := s.Clock().Sub(start)
		measured.Done(c.Response().Status, took, c.Response().Size)
		span.End(c.Response().Status)
		s.logRequest(c, took)
		lost := w.lost || request.Context().Err() != nil
		c.Response().Writer, w.ResponseWriter, w.request = w.ResponseWriter, nil, nil
		if brokenOff {
			s.logBrokenOff(c, lost, err)
			panic(http.ErrAbortHandler) // only a connection that ends early tells the client that something is missing
		}
		return nil
	}
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

// identify gives a request an id, the caller's own if it looks like one, and not like a key: ids are kept in the audit.
func (s *server) identify(c echo.Context) {
	own := c.Request().Header[headerRequestID]
	if len(own) == 0 {
		own = c.Request().Header[headerProxyID]
	}
	if len(own) != 1 || len(own[0]) > 128 || !catalogue.ValidKey(own[0]) || strings.Contains(own[0], identity.Mark) {
		own = s.requestIDs.next()
	}
	c.Response().Header()[headerRequestID] = own
}

func requestID(c echo.Context) string { return c.Response().Header().Get(headerRequestID) }

// requestIDs are ids that no other process gives: a random text, and a count. They are made many at once, as lists of one
// each, so that a request costs no memory for its id.
type requestIDs struct {
	process string
	count   atomic.Uint64
	made    sync.Pool // of *[]string, which are not given yet
}

// idsAtOnce is how many ids are made at once.
const idsAtOnce = 64

func newRequestIDs() *requestIDs {
	r := &requestIDs{process: strings.ToLower(rand.Text())[:13] + "-"}
	r.made.New = func() any { return new([]string) }
	return r
}

// next is a list of one id.
func (r *requestIDs) next() []string {
	ids := r.made.Get().(*[]string)
	defer r.made.Put(ids)
	if len(*ids) == 0 {
		*ids = r.make()
	}
	id := (*ids)[:1:1]
	*ids = (*ids)[1:]
	return id
}

func (r *requestIDs) make() []string {
	var text []byte
	var ends [idsAtOnce]int
	last := r.count.Add(idsAtOnce)
	for i := range ends {
		text = strconv.AppendUint(append(text, r.process...), last-uint64(i), 36)
		ends[i] = len(text)
	}
	ids, all, start := make([]string, idsAtOnce), string(text), 0
	for i, end := range ends {
		ids[i], start = all[start:end], end
	}
	return ids
}

// lines are slices for the attributes of a line of the log, each used for one line after the other.
var lines = sync.Pool{New: func() any { return new([]slog.Attr) }}

// logRequest writes a line about a request that was answered. The query is not in it: people type names there.
func (s *server) logRequest(c echo.Context, took time.Duration) {
	request, response := c.Request(), c.Response()
	line := lines.Get().(*[]slog.Attr)
	defer lines.Put(line)
	*line = append((*line)[:0],
		slog.String("request_id", requestID(c)), slog.String("method", request.Method),
		slog.String("route", c.Path()), slog.String("path", request.URL.Path),
		slog.Int("status", response.Status), slog.Int64("bytes", response.Size), slog.Duration("duration", took),
		slog.String("address", c.RealIP()), slog.String("key", callerName(c)))
	switch response.Status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusConflict, http.StatusPreconditionFailed:
		// Who was refused what is not in the audit, which holds what was done.
		refused, _ := c.Get(refusalKey).(refusal)
		*line = append(*line, slog.String("problem", refused.problem), slog.String("reason", refused.err.Error()))
	}
	// A group without a name is as its members, and costs no list of them for each request.
	s.Log.LogAttrs(request.Context(), slog.LevelInfo, "request", slog.Attr{Value: slog.GroupValue(*line...)})
}

// logBrokenOff writes a line about an answer that was not sent to its end: because of its client, or since something failed
// when the status was sent already.
func (s *server) logBrokenOff(c echo.Context, lost bool, err error) {
	if lost {
		s.Log.InfoContext(c.Request().Context(), "an answer broke off: its client left, or was too slow", "request_id", requestID(c), "err", err)
		return
	}
	s.logFailure(c, failureOf(err), err)
}

// refusal is the problem that a request was answered with, and its cause.
type refusal struct {
	problem string
	err     error
}

const refusalKey = "refusal"

// recovered calls a handler and turns a panic into an error, which becomes a 500 and a line in the log; the server goes on.
func recovered(c echo.Context, handler echo.HandlerFunc) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = errors.Join(err, fmt.Errorf("panic: %v\n%s", r, debug.Stack()))
		}
	}()
	return handler(c)
}

func isRead(method string) bool { return method == http.MethodGet || method == http.MethodHead }

// writer adds the headers that do not depend on what an answer says, just before its head is sent. A 304 does without most
// of them, since the client's copy has them (RFC 9110, section 15.4.5).
type writer struct {
	http.ResponseWriter
	request   *http.Request
	transport []string // Strict-Transport-Security, nil where there is no https
	lost      bool     // the client takes no more
}

var writers = sync.Pool{New: func() any { return new(writer) }}

var (
	everybody   = []string{"*"}
	exposedList = []string{exposed}
	byLanguage  = []string{"Accept-Language"}
	noSniffing  = []string{"nosniff"}
	noReferrer  = []string{"no-referrer"}
	noContent   = []string{"default-src 'none'; frame-ancestors 'none'"}
	onlyHTTPS   = []string{"max-age=31536000"} // of this host: others of the domain are not ours to speak for
)

// transportFor is what browsers are told of a catalogue at a public address (RFC 6797).
func transportFor(publicURL string) []string {
	if strings.HasPrefix(publicURL, "https://") {
		return onlyHTTPS
	}
	return nil
}

func (w *writer) WriteHeader(status int) {
	h := w.Header()
	if isRead(w.request.Method) {
		// Every origin may read (Fetch standard, CORS protocol), and is told so whether it asks or not: a copy that a
		// cache took for one that has no origin must serve one that has. A 304 leaves the copy what it says of that.
		if status != http.StatusNotModified || w.request.Header["Origin"] != nil {
			h[echo.HeaderAccessControlAllowOrigin] = everybody
		}
		if h["Vary"] == nil {
			h["Vary"] = byLanguage // of problems and findings
		}
	}
	if status != http.StatusNotModified {
		if isRead(w.request.Method) {
			h[echo.HeaderAccessControlExposeHeaders] = exposedList
		}
		h["X-Content-Type-Options"] = noSniffing
		if w.transport != nil {
			h["Strict-Transport-Security"] = w.transport
		}
		if t := h["Content-Type"]; len(t) > 0 && !isJSON(t[0]) { // which no browser runs anything of
			h["Referrer-Policy"] = noReferrer
			if h["Content-Security-Policy"] == nil {
				h["Content-Security-Policy"] = noContent
			}
		}
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *writer) Write(p []byte) (int, error) {
	n, err := w.ResponseWriter.Write(p)
	w.lost = w.lost || err != nil
	return n, err
}

func isJSON(mediaType string) bool {
	return strings.HasPrefix(mediaType, "application/json") || strings.HasPrefix(mediaType, "application/problem+json")
}

// Unwrap is for http.ResponseController.
func (w *writer) Unwrap() http.ResponseWriter { return w.ResponseWriter }
