package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/comuneprato/service-catalogue/internal/identity"
	"github.com/comuneprato/service-catalogue/internal/store"
)

// Headers of draft-ietf-httpapi-idempotency-key-header, and our own beside it.
const (
	headerIdempotencyKey = "Idempotency-Key"
	headerReplayed       = "Idempotency-Replayed"
)

// keptHeaders are those of an answer that a repeated request gets again.
var keptHeaders = []string{
	echo.HeaderContentType, "Content-Language", "Cache-Control", "ETag", echo.HeaderLocation, "Link", headerPosition,
}

// keepTime is how long an answer may take to be stored after its request is over.
const keepTime = 5 * time.Second

// idempotent makes a POST with an Idempotency-Key have its effect once: a repeated one gets the answer of the first. What
// was refused is not kept and may be corrected under the same key (ADR 0021).
func (s *server) idempotent(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		access, ok := s.accesses.of(c)
		r := c.Request()
		if !ok || access.Keyless || r.Method != http.MethodPost || len(r.Header.Values(headerIdempotencyKey)) == 0 {
			return next(c)
		}
		key, err := idempotencyKey(r.Header)
		if err != nil {
			return err
		}
		run, err := s.Requests.Begin(r.Context(), bearer(c), key)
		if err != nil {
			return err
		}
		body := &fingerprinted{ReadCloser: r.Body, sum: sha256.New()}
		fmt.Fprintln(body.sum, r.Method, r.URL.RequestURI())
		if run.Answered() {
			return s.replay(c, run, body)
		}
		return s.runOnce(c, run, body, next)
	}
}

// idempotencyKey reads the header: a string in quotes (RFC 9651), or without them, as many clients send it.
func idempotencyKey(h http.Header) (string, error) {
	values := h.Values(headerIdempotencyKey)
	key := strings.TrimSpace(values[0])
	if inner, ok := strings.CutPrefix(key, `"`); ok {
		key, ok = strings.CutSuffix(inner, `"`)
		if !ok {
			key = ""
		}
	}
	unfit := func(r rune) bool { return r <= ' ' || r > '~' || r == '"' || r == '\\' }
	if len(values) > 1 || key == "" || len(key) > 255 || strings.ContainsFunc(key, unfit) {
		p := new(params)
		p.refuse(headerIdempotencyKey, "idempotency_key")
		return "", p.err()
	}
	return key, nil
}

// fingerprinted sums up a body while it is read, so that one of any size is never held.
type fingerprinted struct {
	io.ReadCloser
	sum hash.Hash
}

func (b *fingerprinted) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.sum.Write(p[:n])
	return n, err
}

// rest reads what nobody has read, and returns the fingerprint of the whole.
func (b *fingerprinted) rest() (string, error) {
	_, err := io.Copy(io.Discard, b)
	return hex.EncodeToString(b.sum.Sum(nil)), err
}

// replay gives the answer of the first run again.
func (s *server) replay(c echo.Context, run *identity.Run, body *fingerprinted) error {
	fingerprint, err := body.rest()
	if err != nil {
		return err
	}
	answer, err := run.Answer(fingerprint)
	if err != nil {
		return err
	}
	h := c.Response().Header()
	for name, values := range answer.Header {
		h[name] = values
	}
	h.Set(headerReplayed, "true")
	c.Response().WriteHeader(answer.Status)
	_, err = c.Response().Write(answer.Body)
	return err
}

// runOnce runs a request, and sends its answer when it is stored.
func (s *server) runOnce(c echo.Context, run *identity.Run, body *fingerprinted, next echo.HandlerFunc) error {
	outer, response := c.Request(), c.Response()
	ctx := outer.Context()
	r := outer.WithContext(store.WithMark(ctx, run.Mark))
	r.Body = body
	held := &heldAnswer{ResponseWriter: response.Writer, status: http.StatusOK}
	c.SetRequest(r)
	response.Writer = held
	err := recovered(c, next) // what panics is forgotten like what fails
	c.SetRequest(outer)
	response.Writer = held.ResponseWriter

	after, cancel := context.WithTimeout(context.WithoutCancel(ctx), keepTime)
	defer cancel()
	if err != nil {
		response.Committed, response.Size = false, 0 // nothing was sent
		s.warnNotKept(c, run.Forget(after))
		return err
	}
	fingerprint, err := body.rest()
	if err == nil {
		answer := identity.Answer{Status: held.status, Header: http.Header{}, Body: held.body.Bytes()}
		for _, name := range keptHeaders {
			if values := held.Header().Values(name); len(values) > 0 {
				answer.Header[http.CanonicalHeaderKey(name)] = values
			}
		}
		err = run.Keep(after, fingerprint, answer)
	}
	s.warnNotKept(c, err)
	held.ResponseWriter.WriteHeader(held.status)
	_, err = held.ResponseWriter.Write(held.body.Bytes())
	return err
}

// warnNotKept logs that the answer of a request, or that it was refused, could not be stored. The caller gets its answer
// all the same.
func (s *server) warnNotKept(c echo.Context, err error) {
	if err != nil {
		s.Log.WarnContext(c.Request().Context(), "the answer to a request with an idempotency key could not be kept: if it is repeated, it is refused",
			"request_id", requestID(c), "err", err)
	}
}

// heldAnswer keeps an answer back.
type heldAnswer struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

// Unwrap lets http.ResponseController reach the connection.
func (h *heldAnswer) Unwrap() http.ResponseWriter { return h.ResponseWriter }

func (h *heldAnswer) WriteHeader(status int)      { h.status = status }
func (h *heldAnswer) Write(p []byte) (int, error) { return h.body.Write(p) }
