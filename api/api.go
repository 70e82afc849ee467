// Package api serves the catalogue over HTTP. It reads requests, calls the room that does the work, and writes answers;
// rules about services live in package catalogue, not here.
package api

import (
	"cmp"
	"log/slog"
	"maps"
	"net"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/comuneprato/service-catalogue/internal/audit"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/format"
	"github.com/comuneprato/service-catalogue/internal/format/cpsv"
	"github.com/comuneprato/service-catalogue/internal/identity"
	"github.com/comuneprato/service-catalogue/internal/metrics"
	"github.com/comuneprato/service-catalogue/internal/publishing"
	"github.com/comuneprato/service-catalogue/internal/reports"
	"github.com/comuneprato/service-catalogue/internal/snapshot"
)

// Config is what the API is made of.
type Config struct {
	PublicURL  string // what addresses in answers start with, without a slash at the end
	Publishing *publishing.Publishing
	Imports    *publishing.Imports
	Keys       *identity.Keys
	Publishers *identity.Publishers
	Requests   *identity.Requests
	Follower   *snapshot.Follower
	Reader     *snapshot.Reader
	Searches   *reports.Searches
	Audit      *audit.Log
	Metrics    *metrics.Metrics // nil: what is measured is told to nobody
	Clock      catalogue.Clock
	Log        *slog.Logger

	TrustedProxies []*net.IPNet // whose X-Forwarded-For is believed
	RateReads      int          // how many reads a minute each key and each address may make; 0: any number
	RateWrites     int          // how many requests of other sorts
	MetricsApart   bool         // /metrics is served elsewhere

	exportPause time.Duration // another one than usual, for tests
}

// Bounds of requests.
const (
	maxBody      = 1 << 20          // bytes
	requestTime  = 30 * time.Second // for everything that a request causes
	visibleWait  = 2 * time.Second  // how long an answer to a write waits until this node's readers see what was written
	positionWait = 5 * time.Second  // how long a read waits for the position that it asks for
)

type server struct {
	Config
	constants  constants
	lists      memo[listRequest, *listAnswer]
	formats    memo[formatRequest, *format.Format] // nil: none that is taken
	requestIDs *requestIDs
	fromMemory map[string]bool // the routes whose reads are answered from memory
	accesses   accesses
	limits     limits
	transport  []string // Strict-Transport-Security, nil where there is no https
	requests   *metrics.Requests

	// The turns of what costs much more than other requests.
	history, validations, exports turns
	bulks, uploads                *ownTurns[string] // by prefix of the key
	exporters, writers, readers   *ownTurns[client]
}

// New makes the handler of every route.
func New(config Config) *echo.Echo {
	s := &server{
		Config: config, requestIDs: newRequestIDs(), lists: newMemo[listRequest, *listAnswer](), formats: newMemo[formatRequest, *format.Format](),
		fromMemory: map[string]bool{},
		transport:  transportFor(config.PublicURL),
		limits:     limits{newLimit(config.RateReads), newLimit(config.RateWrites)},
		history:    newTurns(maxHistory), validations: newTurns(maxValidations), exports: newTurns(maxExports),
		bulks: newOwnTurns[string](maxBulks), uploads: newOwnTurns[string](maxUploads), exporters: newOwnTurns[client](maxOwnExports),
		writers: newOwnTurns[client](maxWrites), readers: newOwnTurns[client](maxLongAnswers),
	}
	s.exportPause = cmp.Or(s.exportPause, exportPause)
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.IPExtractor = clientAddress(config.TrustedProxies)
	e.HTTPErrorHandler = s.problem
	e.Use(s.around)

	// Reads answer HEAD as they answer GET; net/http drops the body.
	read := func(path string, h echo.HandlerFunc) {
		e.GET(path, h)
		e.HEAD(path, h)
	}
	// Those that are answered from memory wait for nothing, and need no key.
	remember := func(path string, h echo.HandlerFunc) {
		read(path, h)
		s.fromMemory[path] = true
	}
	for _, kind := range catalogue.Kinds {
		k := kindHandlers{s, kind}
		public := "/v1/" + kind.Plural()
		remember(public, k.list)
		remember(public+"/:idOrSlug", k.get)
		remember("/v1/exports/"+kind.Plural(), k.export)
		read(public+"/:idOrSlug/revisions", k.revisions)
		read(public+"/:idOrSlug/revisions/diff", k.diff)
		read(public+"/:idOrSlug/revisions/:number", k.revision)

		own := "/v1/publishers/:publisher/" + kind.Plural()
		read(own, k.listOwn)
		read(own+"/:key", k.getOwn)
		read(own+"/:key/revisions", k.revisionsOwn)
		read(own+"/:key/revisions/diff", k.diffOwn)
		read(own+"/:key/revisions/:number", k.revisionOwn)
		e.PUT(own+"/:key", k.put)
		e.PATCH(own+"/:key", k.patch)
		e.DELETE(own+"/:key", k.delete)
		e.POST(own+"/:key/transitions", k.transition)
		e.PUT(own+"/:key/reviewer", k.putReviewer)
		read(own+"/:key/comments", k.comments)
		e.POST(own+"/:key/comments", k.postComment)
		e.PATCH(own+"/:key/comments/:comment", k.patchComment)
		read(own+"/:key/preview", k.preview)
		e.POST(own+"/:key/confirmations", k.confirm)
		read(own+"/:key/custody", k.custody)
		e.PUT(own+"/:key/custody", k.putCustody)
	}
	imports := "/v1/publishers/:publisher/imports"
	e.POST(imports, s.startImport)
	read(imports, s.listImports)
	read(imports+"/:import", s.getImport)
	read(imports+"/:import/report", s.importReport)
	e.POST(imports+"/:import/cancel", s.cancelImport)
	remember("/v1/timetables/:idOrSlug/hours", s.hours)
	remember("/v1/timetables/:idOrSlug/calendar", s.calendar)
	read("/v1/publishers/:publisher/stewardship", s.stewardship)
	e.PUT("/v1/publishers/:publisher/stewardship", s.putStewardship)
	read("/v1/publishers/:publisher/archivals", s.archivals)
	e.POST("/v1/publishers/:publisher/archivals", s.archive)
	e.POST("/v1/publishers/:publisher/bulk", s.bulk)
	read("/v1/queues", s.queues)
	read("/v1/queues/:queue", s.queue)
	read("/v1/changes", s.changes)
	read("/v1/audit", s.audit)
	remember("/v1/search", s.search)
	remember("/v1/autocomplete", s.autocomplete)
	read("/v1/synonyms", s.synonyms)
	read("/v1/reviews", s.reviews)
	read("/v1/reports/searches", s.searchReport)
	e.PUT("/v1/synonyms", s.putSynonyms)
	(&hsdsHandlers{server: s}).routes(remember)
	remember("/v1/vocabularies", s.vocabularies)
	remember("/v1/vocabularies/:scheme", s.vocabulary)
	e.POST("/v1/validations", s.validate)
	remember(cpsv.DatasetPath, s.exportCatalogue)
	remember("/v1/exports/procedure-types", s.exportProcedureTypes)
	remember("/v1/exports/deadlines", s.exportDeadlines)
	remember(cpsv.ContextPath, s.context)

	read("/v1/me", s.me)
	read("/v1/keys", s.listKeys)
	e.POST("/v1/keys", s.createKey)
	e.POST("/v1/keys/:prefix/rotations", s.rotateKey)
	e.DELETE("/v1/keys/:prefix", s.revokeKey)
	read("/v1/publisher-settings", s.listSettings)
	read("/v1/publisher-settings/:publisher", s.getSettings)
	e.PUT("/v1/publisher-settings/:publisher", s.putSettings)
	e.PATCH("/v1/publisher-settings/:publisher", s.patchSettings)

	read("/status", s.status)
	read("/livez", s.livez)
	read("/readyz", s.readyz)
	if !config.MetricsApart {
		read("/metrics", echo.WrapHandler(config.Metrics))
	}
	remember("/openapi.json", s.openAPIJSON)
	remember("/openapi.yaml", s.openAPIYAML)
	read("/docs", s.docs)
	read("/docs/", s.docsFolder)
	read("/docs/*", s.docsFile)
	s.accesses = accessesOf(e.Routes())
	s.requests = metrics.NewRequests(slices.Collect(maps.Keys(s.accesses)), internalFailure.name)
	if config.Metrics != nil {
		config.Metrics.Add(s.requests)
	}
	return e
}

// kindHandlers are the operations that every kind has.
type kindHandlers struct {
	*server
	kind catalogue.Kind
}
