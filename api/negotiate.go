package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/format"
	"github.com/comuneprato/service-catalogue/internal/lang"
	"github.com/comuneprato/service-catalogue/internal/snapshot"
)

// How long caches may keep public answers, and how much longer while they ask again, in seconds.
const (
	maxAge   = 30
	maxStale = 60
)

// publicCache is what caches are told of public answers that only a publication makes wrong.
var publicCache = cacheFor(maxAge, maxStale)

func cacheFor(age, stale int) []string {
	return []string{fmt.Sprintf("public, max-age=%d, stale-while-revalidate=%d", age, stale)}
}

// cacheUntil is publicCache for an answer that is true until an instant, unless that is zero: no cache gives it later.
func cacheUntil(until, now time.Time) []string {
	if until.IsZero() {
		return publicCache
	}
	left := max(0, int(until.Sub(now)/time.Second))
	age := min(maxAge, left)
	return cacheFor(age, min(maxStale, left-age))
}

// Values of headers that are the same in many answers. As net/http keeps them, they are lists; nobody may change one.
var (
	jsonType = []string{echo.MIMEApplicationJSON}
	noStore  = []string{"no-store"}
	// askFirst lets caches keep an answer, but ask whether it is still right: those who follow the feed want the newest.
	askFirst = []string{"public, no-cache"}

	// What answers differ by. Origin is not among it: every origin gets the same.
	varyByCoding   = varies{"Accept-Encoding"}.ready()
	varyByPosition = varies{"Accept-Encoding", headerMinPosition}.ready()
	varyByFormat   = varies{"Accept-Encoding", headerMinPosition, "Accept"}.ready()

	tagValues    = values(lang.Tags)
	codingValues = values(snapshot.Codings)
)

// varies are the headers of requests by which answers differ, apart from Accept-Language.
type varies []string

// vary is the header Vary ready to be sent: plain where no header told the language, else with Accept-Language too.
type vary struct{ plain, language []string }

func (v varies) ready() vary {
	plain := strings.Join(v, ", ")
	return vary{[]string{plain}, []string{plain + ", Accept-Language"}}
}

// values are header values of all that a list holds.
func values[S ~string](list []S) map[S][]string {
	ready := map[S][]string{}
	for _, s := range list {
		ready[s] = []string{string(s)}
	}
	return ready
}

var (
	languages = newMemo[string, lang.Tag]()
	codings   = newMemo[string, snapshot.Coding]()
)

var anyLanguage = append([]lang.Tag{lang.Any}, lang.Tags...)

// language is what a reader wants texts in: `lang`, which may be `*`, else Accept-Language.
func language(c echo.Context, p *params) lang.Tag { return languageOf(c, p, anyLanguage) }

// oneLanguage is what a reader wants texts in, where an answer has one language.
func oneLanguage(c echo.Context, p *params) lang.Tag { return languageOf(c, p, lang.Tags) }

func languageOf(c echo.Context, p *params, offered []lang.Tag) lang.Tag {
	if !p.has("lang") {
		return accepted(c)
	}
	tag := lang.Tag(p.one("lang"))
	if !slices.Contains(offered, tag) {
		p.refuse("lang", "one_of", strings.Join(names(offered), ", "))
	}
	return tag
}

// accepted is the language that a reader likes best of those that texts are written in.
func accepted(c echo.Context) lang.Tag {
	return ofHeader(languages, c.Request().Header.Get("Accept-Language"), lang.Match)
}

// formatRequest is what the representation of an entry depends on.
type formatRequest struct {
	kind   catalogue.Kind
	accept string
}

// acceptedFormat is the representation of an entry of the kind that a client likes best, or errNotAcceptable.
func (k kindHandlers) acceptedFormat(c echo.Context) (*format.Format, error) {
	header := c.Request().Header["Accept"]
	if len(header) == 0 || len(header) == 1 && header[0] == "*/*" {
		return format.View, nil
	}
	key := formatRequest{k.kind, strings.Join(header, ",")}
	found, known := k.formats.of(key)
	if !known {
		found = format.Acceptable(key.accept, format.Of(k.kind))
		k.formats.keep(key, len(key.accept), found)
	}
	if found == nil {
		return nil, &notAcceptableError{format.Of(k.kind)}
	}
	return found, nil
}

// acceptedOf is the format among those offered that a client likes best, nil where it takes none of them.
func acceptedOf(c echo.Context, offered []*format.Format) *format.Format {
	return format.Acceptable(strings.Join(c.Request().Header["Accept"], ","), offered)
}

// mediaTypes are the values of Content-Type; no format means the view.
var mediaTypes = func() map[*format.Format][]string {
	all := map[*format.Format][]string{nil: jsonType}
	for _, kind := range catalogue.Kinds {
		for _, f := range format.Of(kind) {
			all[f] = []string{f.MediaType}
		}
	}
	return all
}()

// coding is the content coding to answer in (RFC 9110, section 12.5.3): what the client likes best, of several the one that
// packs best. A body that is not packed will always do.
func coding(c echo.Context) snapshot.Coding {
	accept := c.Request().Header.Get("Accept-Encoding")
	if accept == "" {
		return snapshot.Identity
	}
	return ofHeader(codings, accept, preferredCoding)
}

func preferredCoding(accept string) snapshot.Coding {
	quality := map[string]float64{}
	for part := range strings.SplitSeq(strings.ToLower(accept), ",") {
		name, parameters, _ := strings.Cut(part, ";")
		q := 1.0
		if value, ok := strings.CutPrefix(strings.TrimSpace(parameters), "q="); ok {
			parsed, err := strconv.ParseFloat(value, 64)
			if err != nil {
				continue
			}
			q = parsed
		}
		quality[strings.TrimSpace(name)] = q
	}
	best, most := snapshot.Identity, 0.0
	for _, coding := range snapshot.Codings {
		q, named := quality[string(coding)]
		if !named && coding != snapshot.Identity {
			q = quality["*"]
		}
		if q > most {
			best, most = coding, q
		}
	}
	return best
}

// reply writes a public answer in a language.
func (s *server) reply(c echo.Context, at *snapshot.Snapshot, tag lang.Tag, a snapshot.Answer) error {
	return s.replyAs(c, jsonType, at, tag, varyByPosition, cacheUntil(a.ValidUntil, s.Clock()), a)
}

// replyAs is reply for an answer of another media type, that differs by other headers, or that caches may keep for another
// time.
func (s *server) replyAs(c echo.Context, mediaType []string, at *snapshot.Snapshot, tag lang.Tag, by vary, cacheControl []string, a snapshot.Answer) error {
	c.Response().Header()[headerPosition] = at.PositionValue()
	varyBy(c, by)
	return s.send(c, mediaType, tag, cacheControl, a)
}

// replyPrivate answers what no cache may keep.
func replyPrivate(c echo.Context, status int, body any) error {
	c.Response().Header().Set("Cache-Control", "no-store")
	return c.JSON(status, body)
}

// varyBy says by what an answer in a language differs.
func varyBy(c echo.Context, by vary) {
	h := c.Response().Header()
	h["Vary"] = by.language
	if gives(c.Request().URL.RawQuery, "lang") {
		h["Vary"] = by.plain
	}
}

// gives reports whether a query gives a parameter by its plain name.
func gives(query, name string) bool {
	for query != "" {
		var parameter string
		parameter, query, _ = strings.Cut(query, "&")
		if given, _, _ := strings.Cut(parameter, "="); given == name {
			return true
		}
	}
	return false
}

// send writes an encoded body in a language, or 304 where the client has it already (RFC 9110, section 13). A 304 repeats
// nothing that the copy says of itself (section 15.4.5): eight headers are as many as net/http sends without an allocation.
func (s *server) send(c echo.Context, mediaType []string, tag lang.Tag, cacheControl []string, a snapshot.Answer) error {
	h, fresh := c.Response().Header(), s.fresh(c.Request().Header, a)
	if !fresh && len(a.Body) > longAnswer {
		end, err := s.readers.wait(c.Request().Context(), clientAt(c.RealIP()))
		if err != nil {
			return err
		}
		defer end()
	}
	h["Etag"] = a.Head.ETag
	h["Cache-Control"] = cacheControl
	if fresh {
		return c.NoContent(http.StatusNotModified)
	}
	if named := lastModified(a, s.Clock()); named != nil {
		h["Last-Modified"] = named
	}
	if value, one := tagValues[tag]; one {
		h["Content-Language"] = value
	}
	if a.Coding != snapshot.Identity {
		h["Content-Encoding"] = codingValues[a.Coding]
	}
	if a.Head.Link != nil {
		h["Link"] = a.Head.Link
	}
	h["Content-Length"] = a.Head.Length
	h["Content-Type"] = mediaType
	c.Response().WriteHeader(http.StatusOK)
	_, err := c.Response().Write(a.Body)
	return err
}

// constants keeps the encoded answers that never change while the program runs: as many as there are vocabularies and
// documents, in each language and coding.
type constants struct{ kept sync.Map }

type constantKey struct {
	name   string
	lang   lang.Tag // "" if it has none
	coding snapshot.Coding
}

func (a *constants) get(key constantKey, encode func() []byte) snapshot.Answer {
	if kept, ok := a.kept.Load(key); ok {
		return kept.(snapshot.Answer)
	}
	kept, _ := a.kept.LoadOrStore(key, snapshot.Encode(encode(), time.Time{}, time.Time{}, key.coding))
	return kept.(snapshot.Answer)
}

// lastModified names the second in which an answer changed last. While it is not over, more may change in it, so the
// second before is named: a copy from the middle of a second must not pass for one from its end. It is nil for an answer
// that changed at no known time, or in the future: then the clock was set back, and more will change before.
func lastModified(a snapshot.Answer, now time.Time) []string {
	switch {
	case a.Modified.IsZero() || a.Modified.After(now):
		return nil
	case now.Truncate(time.Second).After(a.Modified):
		return a.Head.LastModified
	default:
		return []string{snapshot.HTTPDate(a.Modified.Add(-time.Second))}
	}
}

// fresh reports whether the client's copy is the answer: by its ETag, and where it sends none by its date. That must be the
// one that the answer has (RFC 9110, section 13.1.3, would let a later one do): a clock that was set back dates what is new
// before what was there.
func (s *server) fresh(h http.Header, a snapshot.Answer) bool {
	if tags := h["If-None-Match"]; len(tags) > 0 {
		return tags[0] == a.ETag || slices.ContainsFunc(entityTags(tags), func(tag string) bool {
			return tag == "*" || strings.TrimPrefix(tag, "W/") == a.ETag
		})
	}
	value := h.Get("If-Modified-Since")
	if value == "" {
		return false
	}
	since, err := http.ParseTime(value)
	return err == nil && !a.Modified.IsZero() && since.Equal(a.Modified.Truncate(time.Second)) && !a.Modified.After(s.Clock())
}

// entityTags splits the lists of an If-Match or If-None-Match header. None of our tags holds a comma.
func entityTags(values []string) []string {
	var tags []string
	for _, v := range values {
		for tag := range strings.SplitSeq(v, ",") {
			if tag = strings.TrimSpace(tag); tag != "" {
				tags = append(tags, tag)
			}
		}
	}
	return tags
}

// replyJSON writes a public answer that was made for the request and has no language.
func (s *server) replyJSON(c echo.Context, at *snapshot.Snapshot, body any, cacheControl []string) error {
	data, err := json.Marshal(body)
	if err != nil {
		return err
	}
	h := c.Response().Header()
	h[headerPosition] = at.PositionValue()
	h["Vary"] = varyByPosition.plain
	return s.send(c, jsonType, "", cacheControl, snapshot.Encode(data, time.Time{}, time.Time{}, coding(c)))
}
