package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/format"
	"github.com/comuneprato/service-catalogue/internal/identity"
	"github.com/comuneprato/service-catalogue/internal/lang"
	"github.com/comuneprato/service-catalogue/internal/publishing"
	"github.com/comuneprato/service-catalogue/internal/snapshot"
)

// Problem is the body of every error (RFC 9457).
type Problem struct {
	Type      string                  `json:"type" format:"uri" example:"https://github.com/comuneprato/service-catalogue/blob/main/docs/errors.md#not-found"` // where the error is documented
	Title     string                  `json:"title" example:"Non trovato"`                                                                                     // the same for every error of the type
	Status    int                     `json:"status" example:"404"`                                                                                            // the HTTP status
	Detail    string                  `json:"detail" example:"Non c'è nulla di pubblicato a questo indirizzo."`                                                // what happened, and what to do
	Instance  string                  `json:"instance" example:"urn:request:5e1a4c5e-8b1f-4a0c-9a53-6c1d7d1c6c2f"`                                             // this very error, to be quoted to the operator
	Errors    []catalogue.FindingView `json:"errors,omitempty"`                                                                                                // everything that is wrong with the input
	Offered   []string                `json:"offered,omitempty" example:"application/json"`                                                                    // the media types that there are, where the client takes none of them
	Reason    string                  `json:"reason,omitempty"`                                                                                                // of a withdrawal, in the publisher's words
	Replaced  *Named                  `json:"replacedBy,omitempty"`                                                                                            // what to use instead of a withdrawn entry
	Items     []BulkOutcome           `json:"items,omitempty"`                                                                                                 // of an atomic bulk: the entries that are to blame
	Referrers []Named                 `json:"referrers,omitempty"`                                                                                             // who still names an entry
}

// Named is an entry by its names.
type Named struct {
	Kind      catalogue.Kind `json:"kind" enums:"publisher,holiday_set,timetable,place,office,channel,procedure,service" example:"service"`
	Publisher string         `json:"publisher" example:"prato-comune"`
	Key       string         `json:"key" example:"prato-s19"`
	URL       string         `json:"url,omitempty" format:"uri" example:"https://catalogo.comune.prato.it/v1/services/carta-d-identita"`
}

const mimeProblem = "application/problem+json"

// errorsPage documents every problem type under an anchor of its name.
const errorsPage = "https://github.com/comuneprato/service-catalogue/blob/main/docs/errors.md"

// A failure is a kind of problem: its name in docs/errors.md and in the messages, and its status.
type failure struct {
	err    error
	status int
	name   string
}

// failures is the one table from error to status; the first that matches counts. What is not in it is a 500 whose text
// goes to the log.
var failures = []failure{
	{snapshot.ErrCursor, http.StatusBadRequest, "cursor"},
	{errQuery, http.StatusBadRequest, "query"},
	{snapshot.ErrNotSearchable, http.StatusServiceUnavailable, "search"},
	{errBehind, http.StatusServiceUnavailable, "behind"},
	{errNotAcceptable, http.StatusNotAcceptable, "not-acceptable"},
	{errMediaType, http.StatusUnsupportedMediaType, "media-type"},
	{errTooLarge, http.StatusRequestEntityTooLarge, "too-large"},
	{errTooLong, http.StatusRequestURITooLong, "too-long"},
	{errTooMany, http.StatusTooManyRequests, "too-many"},
	{errOverloaded, http.StatusServiceUnavailable, "overloaded"},
	{catalogue.ErrNotFound, http.StatusNotFound, "not-found"},
	{catalogue.ErrGone, http.StatusGone, "gone"},
	{catalogue.ErrConflict, http.StatusConflict, "conflict"},
	{catalogue.ErrInvalid, http.StatusUnprocessableEntity, "invalid"},
	{catalogue.ErrMalformed, http.StatusBadRequest, "malformed"},
	{catalogue.ErrBadKey, http.StatusBadRequest, "key"},
	{catalogue.ErrStale, http.StatusPreconditionFailed, "stale"},
	{catalogue.ErrPrecondition, http.StatusPreconditionRequired, "precondition"},
	{catalogue.ErrUnread, http.StatusPreconditionRequired, "precondition"},
	{catalogue.ErrState, http.StatusConflict, "state"},
	{catalogue.ErrOwnDraft, http.StatusForbidden, "own-draft"},
	{catalogue.ErrReferenced, http.StatusConflict, "referenced"},
	{publishing.ErrRefused, http.StatusConflict, "refused"},
	{identity.ErrRunning, http.StatusConflict, "running"},
	{identity.ErrAnswerLost, http.StatusConflict, "answer-lost"},
	{identity.ErrReused, http.StatusUnprocessableEntity, "reused"},
	{identity.ErrRotated, http.StatusConflict, "rotated"},
	{catalogue.ErrUnauthenticated, http.StatusUnauthorized, "unauthenticated"},
	{catalogue.ErrForbidden, http.StatusForbidden, "forbidden"},
	{catalogue.ErrOutcome, http.StatusServiceUnavailable, "outcome"},
	{catalogue.ErrStorage, http.StatusServiceUnavailable, "storage"},
	{catalogue.ErrBusy, http.StatusServiceUnavailable, "busy"},
	{catalogue.ErrReadOnly, http.StatusServiceUnavailable, "read-only"},
	{catalogue.ErrFull, http.StatusInsufficientStorage, "full"},
	{context.DeadlineExceeded, http.StatusServiceUnavailable, "timeout"},
	{os.ErrDeadlineExceeded, http.StatusServiceUnavailable, "timeout"}, // the client sends too slowly
	{context.Canceled, http.StatusServiceUnavailable, "timeout"},       // the client went away
}

// Errors of the API itself.
var (
	errQuery     = errors.New("invalid parameters")
	errBehind    = errors.New("the snapshot has not reached the position yet")
	errMediaType = errors.New("unsupported media type")
	errTooLarge  = errors.New("too large")

	errUploadTooLarge = fmt.Errorf("upload: %w", errTooLarge)
	errNotAcceptable  = errors.New("no representation that the client takes")
)

// notAcceptableError says which representations there are. It is an errNotAcceptable.
type notAcceptableError struct{ offered []*format.Format }

func (e *notAcceptableError) Error() string        { return errNotAcceptable.Error() }
func (e *notAcceptableError) Is(target error) bool { return target == errNotAcceptable }

// queryError says everything that is wrong with the parameters. It is an errQuery.
type queryError struct{ findings catalogue.Findings }

func (e *queryError) Error() string        { return errQuery.Error() }
func (e *queryError) Is(target error) bool { return target == errQuery }

var (
	internalFailure = failure{nil, http.StatusInternalServerError, "internal"}
	routeFailures   = map[int]failure{
		http.StatusNotFound:         {nil, http.StatusNotFound, "no-route"},
		http.StatusMethodNotAllowed: {nil, http.StatusMethodNotAllowed, "method"},
	}
)

// headFailures are those of requests whose head net/http cannot read.
var headFailures = map[int]failure{
	http.StatusBadRequest:                  {nil, http.StatusBadRequest, "unreadable"},
	http.StatusRequestHeaderFieldsTooLarge: {nil, http.StatusRequestHeaderFieldsTooLarge, "headers"},
}

func failureOf(err error) failure {
	for _, f := range failures {
		if errors.Is(err, f.err) {
			return f
		}
	}
	var route *echo.HTTPError
	if errors.As(err, &route) {
		if f, ok := routeFailures[route.Code]; ok {
			return f
		}
	}
	return internalFailure
}

// problem answers a request that failed. It is the one place where an error becomes an answer.
func (s *server) problem(err error, c echo.Context) {
	var moved *catalogue.MovedError
	if errors.As(err, &moved) {
		s.redirect(c, moved)
		return
	}
	f := failureOf(err)
	ctx := c.Request().Context()
	c.Set(refusalKey, refusal{f.name, err})
	s.requests.Problem(f.name)
	tag := spoken(c)
	p := s.problemOf(err, f, tag, c)
	h := c.Response().Header()
	switch f.status {
	case http.StatusServiceUnavailable, http.StatusInsufficientStorage:
		h.Set("Retry-After", "1")
	case http.StatusTooManyRequests:
		h["Retry-After"] = h[headerReset]
	case http.StatusUnauthorized:
		h.Set("WWW-Authenticate", challenge(c))
	}
	if errors.Is(err, identity.ErrRunning) {
		h.Set("Retry-After", "1")
	}
	body, err := json.Marshal(p)
	if err != nil {
		panic(err) // nothing in a Problem cannot be written
	}
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Language", string(tag))
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("Content-Type", mimeProblem) // instead of that of what could not be answered, which echo would leave
	if err := c.Blob(f.status, mimeProblem, body); err != nil {
		s.Log.DebugContext(ctx, "client went away", "request_id", requestID(c), "err", err)
	}
}

// problemOf says what went wrong, and logs what is not the caller's doing.
func (s *server) problemOf(err error, f failure, tag lang.Tag, c echo.Context) Problem {
	s.logFailure(c, f, err)
	p := problemFor(f, tag, requestID(c))
	s.describe(&p, err, tag, c)
	return p
}

// logFailure writes a line about a failure that is not the caller's doing.
func (s *server) logFailure(c echo.Context, f failure, err error) {
	ctx := c.Request().Context()
	switch {
	case f.status == http.StatusInternalServerError:
		s.Log.ErrorContext(ctx, "request failed", "request_id", requestID(c), "route", c.Path(), "err", err)
	case f.status > http.StatusInternalServerError:
		s.Log.WarnContext(ctx, "request could not be served now", "request_id", requestID(c), "route", c.Path(), "err", err, "help", errorsPage+"#"+f.name)
	}
}

// problemFor says of a failure what is the same every time, and of which request.
func problemFor(f failure, tag lang.Tag, requestID string) Problem {
	return Problem{
		Type: errorsPage + "#" + f.name, Title: lang.Message(tag, "problem."+f.name+".title"), Status: f.status,
		Detail: lang.Message(tag, "problem."+f.name+".detail"), Instance: "urn:request:" + requestID,
	}
}

// challenge says how to say who calls (RFC 6750, section 3): a request without a token is told nothing else.
func challenge(c echo.Context) string {
	if bearer(c) == "" {
		return `Bearer realm="catalogue"`
	}
	return `Bearer realm="catalogue", error="invalid_token"`
}

// describe adds what only this error knows, to the problem and to the headers.
func (s *server) describe(p *Problem, err error, tag lang.Tag, c echo.Context) {
	var (
		query      *queryError
		invalid    *catalogue.InvalidError
		malformed  *catalogue.MalformedError
		unaccepted *notAcceptableError
		state      *catalogue.StateError
		referred   *catalogue.ReferencedError
		forbidden  *identity.ForbiddenError
		ended      *identity.EndedError
		gone       *snapshot.GoneError
		refused    *publishing.RefusedError
	)
	switch {
	case errors.Is(err, errUploadTooLarge):
		p.Detail = lang.Message(tag, "problem.too-large.upload")
	case errors.As(err, &query):
		p.Errors = query.findings.In(tag)
	case errors.As(err, &invalid):
		p.Errors = invalid.Findings.In(tag)
	case errors.As(err, &malformed):
		p.Detail = lang.Message(tag, malformed.Rule, malformed.Offset)
	case errors.As(err, &unaccepted):
		for _, f := range unaccepted.offered {
			p.Offered = append(p.Offered, f.MediaType)
		}
		c.Response().Header().Set("Vary", "Accept, Accept-Language")
	case errors.As(err, &state):
		p.Detail = lang.Message(tag, "problem.state.detail", state.Transition, state.Publication, state.Draft) + " " +
			lang.Message(tag, "problem.state."+string(state.Transition))
	case errors.Is(err, catalogue.ErrUnread):
		p.Detail = lang.Message(tag, "problem.precondition.approve")
	case errors.As(err, &referred):
		for _, r := range referred.By {
			p.Referrers = append(p.Referrers, s.named(r))
		}
	case errors.As(err, &refused):
		for _, o := range refused.Failed {
			p.Items = append(p.Items, s.bulkOutcome(o, tag, c))
		}
	case errors.As(err, &forbidden) && forbidden.Missing != "":
		p.Detail = lang.Message(tag, "problem.forbidden.scope", forbidden.Missing)
	case errors.As(err, &forbidden):
		p.Detail = lang.Message(tag, "problem.forbidden.detail", forbidden.Publisher)
	case errors.As(err, &ended):
		p.Detail = endedDetail(ended.Key, tag)
	case errors.As(err, &gone):
		p.Reason = gone.Reason
		if r := gone.Replacement; r != nil {
			named := s.named(r.Ref)
			p.Replaced = &named
			c.Response().Header().Set("Link", "<"+named.URL+`>; rel="successor-version"`)
		}
	case p.Status == http.StatusNotFound && c.Param("publisher") != "":
		p.Detail = lang.Message(tag, "problem.not-found.own", c.Param("publisher"))
	case p.Status == http.StatusMethodNotAllowed:
		p.Detail = lang.Message(tag, "problem.method.detail", c.Response().Header().Get("Allow"))
	}
}

// endedDetail says what became of a key, and what to do.
func endedDetail(key identity.Key, tag lang.Tag) string {
	rule, at := "problem.unauthenticated.expired", key.ExpiresAt
	if key.RevokedAt != nil {
		rule, at = "problem.unauthenticated.revoked", key.RevokedAt
	}
	detail := lang.Message(tag, rule, key.Name, key.Prefix, at.Format(time.RFC3339))
	if key.ReplacedBy != "" {
		return detail + " " + lang.Message(tag, "problem.unauthenticated.replaced", key.ReplacedBy)
	}
	return detail + " " + lang.Message(tag, "problem.unauthenticated.renew")
}

// named names an entry, with its address where it is public.
func (s *server) named(ref catalogue.Ref) Named {
	n := Named{Kind: ref.Kind, Publisher: ref.Publisher, Key: ref.Key}
	at := s.Reader.Snapshot()
	if at == nil { // still loading
		return n
	}
	if e := at.Resolve(ref); e != nil && e.Available() {
		n.URL = s.PublicURL + "/v1/" + ref.Kind.Plural() + "/" + e.Slug
	}
	return n
}

// redirect leads from an old slug to the new one, with the query that was asked.
func (s *server) redirect(c echo.Context, moved *catalogue.MovedError) {
	location := s.PublicURL + "/v1/" + moved.Kind.Plural() + "/" + moved.Slug
	if _, below, ok := strings.Cut(c.Path(), "/:idOrSlug"); ok {
		location += strings.Replace(below, ":number", c.Param("number"), 1) // such as /revisions/2
	}
	if q := c.Request().URL.RawQuery; q != "" {
		location += "?" + q
	}
	h := c.Response().Header()
	h["Cache-Control"], h["Vary"] = publicCache, varyByPosition.plain
	h.Set("Location", location)
	c.Response().WriteHeader(http.StatusMovedPermanently)
}

// spoken is the language that a caller is told problems in.
func spoken(c echo.Context) lang.Tag {
	if tag := lang.Tag(c.QueryParam("lang")); slices.Contains(lang.Spoken, tag) {
		return tag
	}
	return lang.MatchSpoken(c.Request().Header.Get("Accept-Language"))
}
