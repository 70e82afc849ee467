package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strings"
	"sync"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/format/hsds"
	"github.com/comuneprato/service-catalogue/internal/lang"
	"github.com/comuneprato/service-catalogue/internal/snapshot"
)

// Bounds of the answers of /hsds.
const (
	hsdsUsual   = 50     // contents of a page
	hsdsMost    = 500    // contents of a page
	hsdsMinimal = 10_000 // contents of a page with `minimal`, which should have all there are
)

// hsdsHandlers are the operations of /hsds: the API that HSDS 3.0 describes, over the same entries. Names are those of HSDS;
// texts are in one language.
type hsdsHandlers struct {
	*server
	visits visits
}

// hsdsRequest is a request to /hsds that is being read.
type hsdsRequest struct {
	*hsdsHandlers
	*params
	c   echo.Context
	at  *snapshot.Snapshot
	tag lang.Tag
}

// read begins to read a request that may have some parameters beside the language.
func (h *hsdsHandlers) read(c echo.Context, known ...string) (*hsdsRequest, error) {
	at, err := h.at(c)
	if err != nil {
		return nil, err
	}
	p := query(c, append(known, "lang")...)
	return &hsdsRequest{h, p, c, at, oneLanguage(c, p)}, nil
}

// entry is the public entry that the path names by its id. Slugs are not of HSDS.
func (r *hsdsRequest) entry(kind catalogue.Kind) (*catalogue.Entry, error) {
	if err := r.err(); err != nil {
		return nil, err
	}
	if !catalogue.LooksLikeID(r.c.Param("id")) {
		return nil, r.notFound()
	}
	return r.at.Find(kind, r.c.Param("id"))
}

func (r *hsdsRequest) notFound() error {
	return fmt.Errorf("%s %q: %w", r.c.Path(), r.c.Param("id"), catalogue.ErrNotFound)
}

// services reads which services a request wants. They are selected by what it returns, when the answer is made.
func (r *hsdsRequest) services() func(*catalogue.Look) snapshot.Selection {
	wanted := snapshot.Selection{Kind: catalogue.KindService, Text: r.words("search"), Lang: r.tag, UpdatedSince: r.instant("modified_after")}
	var conditions []func(*catalogue.Look, *catalogue.Entry) bool
	when := func(parameter string, condition func(*catalogue.Look, *catalogue.Entry) bool) {
		if r.has(parameter) {
			conditions = append(conditions, condition)
		}
	}
	organization := r.one("organization_id")
	when("organization_id", func(l *catalogue.Look, e *catalogue.Entry) bool {
		return hsds.ID(hsds.OrganizationOf(l, e)) == organization
	})
	taxonomy := hsds.FindTaxonomy(r.one("taxonomy_id"))
	when("taxonomy_id", func(_ *catalogue.Look, e *catalogue.Entry) bool { return hsds.Classified(e, taxonomy, nil) })
	scheme, term := hsds.FindTerm(r.one("taxonomy_term_id"))
	when("taxonomy_term_id", func(_ *catalogue.Look, e *catalogue.Entry) bool {
		return term != nil && hsds.Classified(e, scheme, term)
	})
	return func(l *catalogue.Look) snapshot.Selection {
		wanted := wanted
		wanted.Keep = func(e *catalogue.Entry) bool {
			for _, holds := range conditions {
				if !holds(l, e) {
					return false
				}
			}
			return true
		}
		return wanted
	}
}

// near reads which places a request wants. What it returns looks for the middle of the postal code's places when the answer is
// made, and gives the condition that a place must meet.
func (r *hsdsRequest) near() func() func(place *catalogue.Entry) bool {
	if !r.has("postcode") {
		if r.has("proximity") {
			r.refuse("proximity", "needs", "postcode")
		}
		return func() func(*catalogue.Entry) bool { return func(*catalogue.Entry) bool { return true } }
	}
	postcode, radius := strings.TrimSpace(r.one("postcode")), r.number("proximity", 0, maxRadius)
	isThere := func(e *catalogue.Entry) bool {
		address := e.Document.(*catalogue.Place).Address
		return address != nil && strings.EqualFold(address.PostalCode, postcode)
	}
	return func() func(*catalogue.Entry) bool {
		centre := r.centre(isThere)
		if radius == 0 || centre == nil {
			return isThere
		}
		around := snapshot.Near{Point: *centre, Radius: float64(radius)}
		return func(e *catalogue.Entry) bool {
			return isThere(e) || around.Reaches(e.Document.(*catalogue.Place).Point)
		}
	}
}

// centre is the middle of some places, nil where none has a point.
func (r *hsdsRequest) centre(of func(*catalogue.Entry) bool) *catalogue.Point {
	var lat, lon, n float64
	for _, e := range r.at.Select(snapshot.Selection{Kind: catalogue.KindPlace, Keep: of}) {
		if p := e.Document.(*catalogue.Place).Point; p != nil && p.Lat != nil && p.Lon != nil {
			lat, lon, n = lat+*p.Lat, lon+*p.Lon, n+1
		}
	}
	if n == 0 {
		return nil
	}
	lat, lon = lat/n, lon/n
	return &catalogue.Point{Lat: &lat, Lon: &lon}
}

// hsdsPage is which part of a list a request wants.
type hsdsPage struct {
	number, perPage int
	lines           bool // all of it, as NDJSON
	streamed        bool // written while it is sent, because of its size
}

// page reads which part of a list a request wants.
func (r *hsdsRequest) page(usual, most int) hsdsPage {
	return hsdsPage{
		number: r.number("page", 1, math.MaxInt32), perPage: r.number("per_page", usual, most),
		lines: r.oneOf("format", []string{listJSON.Name, listLines.Name}) == listLines.Name,
	}
}

// contents are the objects of a list.
type contents struct {
	total int
	write func(out io.Writer, i int) error
}

// replyList answers a part of a list.
func (r *hsdsRequest) replyList(page hsdsPage, list func(*catalogue.Look) contents) error {
	if r.has("search") && !r.at.Searchable() {
		return snapshot.ErrNotSearchable
	}
	switch {
	case page.lines:
		return r.stream([]string{listLines.MediaType}, func(out io.Writer, l *catalogue.Look) error {
			found := list(l)
			for i := range found.total {
				if err := found.write(out, i); err != nil {
					return err
				}
				if _, err := io.WriteString(out, "\n"); err != nil {
					return err
				}
			}
			return nil
		})
	case page.streamed:
		return r.stream(jsonType, func(out io.Writer, l *catalogue.Look) error { return page.write(out, list(l)) })
	default:
		return r.reply(func(out io.Writer, l *catalogue.Look) error { return page.write(out, list(l)) })
	}
}

// write writes the page of a list.
func (p hsdsPage) write(out io.Writer, found contents) error {
	paging, from, to := hsds.PagingOf(found.total, p.number, p.perPage)
	head, err := json.Marshal(paging)
	if err != nil {
		return err
	}
	return withList(out, head, "contents", to-from, func(i int) error { return found.write(out, from+i) })
}

// withList writes an object that was encoded without its last member, a list of n elements.
func withList(out io.Writer, object []byte, member string, n int, write func(i int) error) error {
	if _, err := fmt.Fprintf(out, "%s,%q:[", object[:len(object)-1], member); err != nil {
		return err
	}
	for i := range n {
		if i > 0 {
			if _, err := io.WriteString(out, ","); err != nil {
				return err
			}
		}
		if err := write(i); err != nil {
			return err
		}
	}
	_, err := io.WriteString(out, "]}")
	return err
}

// encode writes an object, without the end of a line.
func encode(out io.Writer, object any) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(object); err != nil {
		return err
	}
	_, err := out.Write(bytes.TrimSuffix(b.Bytes(), []byte("\n")))
	return err
}

// reply answers with a body that is kept ready.
func (r *hsdsRequest) reply(write func(io.Writer, *catalogue.Look) error) error {
	if err := r.err(); err != nil {
		return err
	}
	name := r.c.Request().URL.Path + "?" + r.c.QueryParams().Encode()
	answer := r.Reader.Compose(r.at, name, r.tag, coding(r.c), func(l *catalogue.Look) []byte {
		var body bytes.Buffer
		if err := write(&body, l); err != nil {
			panic(err) // memory takes everything, and all objects can be encoded
		}
		return body.Bytes()
	})
	return r.server.reply(r.c, r.at, r.tag, answer)
}

// stream answers with a body that is written while it is sent, so that its size does not count.
func (r *hsdsRequest) stream(mediaType []string, write func(io.Writer, *catalogue.Look) error) error {
	if err := r.err(); err != nil {
		return err
	}
	r.c.Response().Header()["Content-Language"] = tagValues[r.tag]
	varyBy(r.c, varyByPosition)
	return r.server.stream(r.c, r.at, mediaType, noStore, func(out io.Writer) error { return write(out, r.look()) })
}

// look begins a look at what is public.
func (r *hsdsRequest) look() *catalogue.Look { return r.Reader.Words(r.at, r.tag).LookAround() }

// visits keeps where people go for services, as the latest snapshot that was asked has it.
type visits struct {
	mu     sync.Mutex
	latest *visitsOf
}

type visitsOf struct {
	at        *snapshot.Snapshot
	byService map[catalogue.EntryID][]hsds.Visit
	byID      map[uuid.UUID]hsds.Visit
}

// of lists the visits of a snapshot; those who ask at the same time wait for one of them.
func (v *visits) of(at *snapshot.Snapshot, l *catalogue.Look) *visitsOf {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.latest != nil && v.latest.at == at {
		return v.latest
	}
	found := &visitsOf{at, map[catalogue.EntryID][]hsds.Visit{}, map[uuid.UUID]hsds.Visit{}}
	for _, e := range at.Select(snapshot.Selection{Kind: catalogue.KindService}) {
		for _, visit := range hsds.Visits(l, e) {
			found.byService[e.ID] = append(found.byService[e.ID], visit)
			found.byID[visit.ID()] = visit
		}
	}
	v.latest = found
	return found
}
