package api

import (
	"bufio"
	"context"
	"io"
	"iter"
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/format"
	"github.com/comuneprato/service-catalogue/internal/format/cpsv"
	"github.com/comuneprato/service-catalogue/internal/lang"
	"github.com/comuneprato/service-catalogue/internal/snapshot"
)

// Bounds of exports, which go on for as long as the client reads fast enough.
const (
	exportTime  = 30 * time.Minute // and no old snapshot is kept for longer
	exportChunk = 64 << 10         // bytes that are sent at once
	exportRate  = 64 << 10         // bytes a second, at least
	exportPause = 30 * time.Second // how far a client may fall behind that
)

// The formats of the whole catalogue, the usual one first.
var (
	linkedJSON   = format.Named(catalogue.KindService, "jsonld")
	linkedTurtle = format.Named(catalogue.KindService, "turtle")

	catalogueFormats = []*format.Format{linkedJSON, linkedTurtle}
)

// distributions are where the whole catalogue is to be had in them.
var distributions = []cpsv.Distribution{
	{Address: cpsv.DatasetPath + "?format=jsonld", FileType: "JSON_LD"},
	{Address: cpsv.DatasetPath + "?format=turtle", FileType: "RDF_TURTLE"},
}

// exportCatalogue answers everything that is public as linked data.
//
//	@Summary		Get the whole catalogue as linked data
//	@Description	Every public entry, and the description of the whole as a dataset (DCAT-AP_IT), in CPSV-AP 3.2 and CPSV-AP_IT 1.1: JSON-LD or Turtle, by `format` or by Accept. It is written while it is sent, from what was public when it was asked for. A client that stops reading is cut off.
//	@Tags			exports
//	@ID				exportCatalogue
//	@Produce		application/ld+json,text/turtle
//	@Param			format					query		string	false	"the representation, where Accept does not choose it"	Enums(jsonld, turtle)
//	@Param			Catalogue-Min-Position	header		int		false	"wait until this node has reached the position"
//	@Success		200						{object}	object
//	@Failure		400						{object}	Problem
//	@Failure		406						{object}	Problem
//	@Failure		503						{object}	Problem
//	@Router			/v1/exports/catalogue [get]
func (s *server) exportCatalogue(c echo.Context) error {
	want, err := s.readExport(c, query(c, "format"), catalogueFormats, cpsv.Kinds...)
	if err != nil {
		return err
	}
	write := cpsv.WriteJSONLD
	if want.format == linkedTurtle {
		write = cpsv.WriteTurtle
	}
	data := cpsv.Dataset{Owner: owner(want.at), Changed: want.at.Changed(), Distributions: distributions}
	return s.streamExport(c, want, func(out io.Writer) error {
		return write(out, s.Reader.Words(want.at, lang.Any), data, want.entries)
	})
}

// context answers the JSON-LD context of what is written in CPSV-AP.
//
//	@Summary	Get the JSON-LD context of the linked data
//	@Tags		exports
//	@ID			showContext
//	@Produce	application/ld+json
//	@Success	200	{object}	object
//	@Success	304	"Not Modified"
//	@Failure	400	{object}	Problem
//	@Router		/v1/contexts/cpsv-ap.jsonld [get]
func (s *server) context(c echo.Context) error {
	if err := query(c).err(); err != nil {
		return err
	}
	c.Response().Header()["Vary"] = varyByCoding.plain
	answer := s.constants.get(constantKey{name: cpsv.ContextPath, coding: coding(c)}, cpsv.Context)
	return s.send(c, mediaTypes[linkedJSON], "", contextCache, answer)
}

// contextCache is what caches are told of the context, which only a new version of the program changes.
var contextCache = cacheFor(24*60*60, 7*24*60*60)

// owner is the profile of the publisher that answers for the catalogue as a whole: of the municipality, else of whoever
// published first; nil where no profile is public.
func owner(at *snapshot.Snapshot) *catalogue.Entry {
	profiles := slices.Collect(at.All(catalogue.KindPublisher))
	if len(profiles) == 0 {
		return nil
	}
	rank := func(e *catalogue.Entry) int {
		if e.Document.(*catalogue.Publisher).Type == "municipality" {
			return 0
		}
		return 1
	}
	return slices.MinFunc(profiles, func(a, b *catalogue.Entry) int {
		if d := rank(a) - rank(b); d != 0 {
			return d
		}
		return a.PublishedAt.Compare(b.PublishedAt)
	})
}

// exportRequest is what a request wants exported, of one snapshot and in which format.
type exportRequest struct {
	at      *snapshot.Snapshot
	format  *format.Format
	entries iter.Seq[*catalogue.Entry]
}

// readExport reads a request for the public entries of some kinds: all, or those of the publishers that the parameter
// `publisher` names, in one of the formats offered. It returns what is wrong with any of the parameters.
func (s *server) readExport(c echo.Context, p *params, offered []*format.Format, kinds ...catalogue.Kind) (want exportRequest, err error) {
	if want.at, err = s.at(c); err != nil {
		return want, err
	}
	if want.format, err = exportFormat(c, p, offered); err != nil {
		return want, err
	}
	want.entries = want.at.All(kinds...)
	if p.has("publisher") {
		want.entries = of(want.entries, want.at, p.many("publisher"))
	}
	return want, nil
}

// streamExport answers an export.
func (s *server) streamExport(c echo.Context, want exportRequest, write func(io.Writer) error) error {
	c.Response().Header()["Vary"] = varyByFormat.plain
	return s.stream(c, want.at, []string{want.format.MediaType}, publicCache, write)
}

// of are the entries of some publishers, named by key, id or slug.
func of(entries iter.Seq[*catalogue.Entry], at *snapshot.Snapshot, publishers []string) iter.Seq[*catalogue.Entry] {
	keys := map[string]bool{}
	for _, name := range publishers {
		keys[name] = true
		if profile, err := at.Find(catalogue.KindPublisher, name); err == nil {
			keys[profile.Ref.Publisher] = true
		}
	}
	return func(yield func(*catalogue.Entry) bool) {
		for e := range entries {
			if keys[e.Ref.Publisher] && !yield(e) {
				return
			}
		}
	}
}

// exportFormat is the format that a request for an export asks for, by the parameter or by Accept. It returns what is wrong
// with the parameters, or an errNotAcceptable.
func exportFormat(c echo.Context, p *params, offered []*format.Format) (*format.Format, error) {
	if p.has("format") {
		names := make([]string, len(offered))
		for i, f := range offered {
			names[i] = f.Name
		}
		name := p.oneOf("format", names)
		if err := p.err(); err != nil {
			return nil, err
		}
		return offered[slices.Index(names, name)], nil
	}
	if err := p.err(); err != nil {
		return nil, err
	}
	if found := acceptedOf(c, offered); found != nil {
		return found, nil
	}
	return nil, &notAcceptableError{offered}
}

// stream answers with a body that is too long to be put together first. What it costs is bounded: few are written at a time,
// and fewer for one client, in pieces that the client must take fast enough, and not for ever. An error after the first piece
// breaks the answer off, since its status was sent already.
func (s *server) stream(c echo.Context, at *snapshot.Snapshot, mediaType, cacheControl []string, write func(io.Writer) error) error {
	ctx, cancel := context.WithTimeout(c.Request().Context(), exportTime)
	defer cancel()
	end, err := s.exporters.wait(ctx, clientAt(c.RealIP()))
	if err != nil {
		return err
	}
	defer end()
	if err := s.exports.wait(ctx); err != nil {
		return err
	}
	defer s.exports.end()
	packed := coding(c)
	h := c.Response().Header()
	h[headerPosition] = at.PositionValue()
	h["Cache-Control"] = cacheControl
	h["Content-Type"] = mediaType
	if packed != snapshot.Identity {
		h["Content-Encoding"] = codingValues[packed]
	}
	c.Response().WriteHeader(http.StatusOK)
	if c.Request().Method == http.MethodHead {
		return nil
	}
	chunks := bufio.NewWriterSize(&paced{
		ctx: ctx, control: http.NewResponseController(c.Response()), clock: s.Clock, out: c.Response(), most: s.exportPause, left: s.exportPause,
	}, exportChunk)
	body := snapshot.Packed(chunks, packed)
	err = write(body)
	if closed := body.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = chunks.Flush()
	}
	return err
}

// paced writes to a client for as long as it reads fast enough. The client has some time left: reading a piece uses up the time
// that it took, and gives back the time that it may take at exportRate. Making the body costs the client no time.
type paced struct {
	ctx     context.Context
	control *http.ResponseController
	clock   catalogue.Clock
	out     io.Writer
	most    time.Duration // that the client may have left
	left    time.Duration
}

func (p *paced) Write(chunk []byte) (int, error) {
	if err := p.ctx.Err(); err != nil {
		return 0, err
	}
	began := p.clock()
	if err := p.control.SetWriteDeadline(began.Add(p.left)); err != nil {
		return 0, err
	}
	n, err := p.out.Write(chunk)
	took := min(max(p.clock().Sub(began), 0), p.left) // whatever becomes of the clock meanwhile
	p.left = min(p.left-took+time.Duration(n)*time.Second/exportRate, p.most)
	return n, err
}
