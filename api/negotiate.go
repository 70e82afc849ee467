package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

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

func cacheFor(age, stale int) string {
	return fmt.Sprintf("public, max-age=%d, stale-while-revalidate=%d", age, stale)
}

// cacheUntil is publicCache for an answer that is true until an instant, unless that is zero: no cache gives it later.
func cacheUntil(until, now time.Time) string {
	if until.IsZero() {
		return publicCache
	}
	left := max(0, int(until.Sub(now)/time.Second))
	age := min(maxAge, left)
	return cacheFor(age, min(maxStale, left-age))
}

// askFirst lets caches keep an answer, but ask whether it is still right: those who follow the feed want the newest.
const askFirst = "public, no-cache"

// language is what a reader wants texts in: `lang`, which may be `*`, else Accept-Language.
func language(c echo.Context, p *params) lang.Tag {
	if !p.has("lang") {
		return lang.Match(c.Request().Header.Get("Accept-Language"))
	}
	tag := lang.Tag(p.one("lang"))
	if tag != lang.Any && !lang.Known(tag) {
		p.refuse("lang", "one_of", knownLanguages(append([]lang.Tag{lang.Any}, lang.Tags...)))
	}
	return tag
}

func knownLanguages(tags []lang.Tag) string {
	names := make([]string, len(tags))
	for i, tag := range tags {
		names[i] = string(tag)
	}
	return strings.Join(names, ", ")
}

// coding is the content coding to answer in (RFC 9110, section 12.5.3): what the client likes best, of several the one that
// packs best. A body as it is always does.
func coding(c echo.Context) snapshot.Coding {
	accept := c.Request().Header.Get("Accept-Encoding")
	if accept == "" {
		return snapshot.Identity
	}
	quality := map[string]float64{}
	for part := range strings.SplitSeq(accept, ",") {
		name, parameters, _ := strings.Cut(part, ";")
		q := 1.0
		if value, ok := strings.CutPrefix(strings.TrimSpace(parameters), "q="); ok {
			parsed, err := strconv.ParseFloat(value, 64)
			if err != nil {
				continue
			}
			q = parsed
		}
		quality[strings.ToLower(strings.TrimSpace(name))] = q
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

// What answers differ by. Origin, which the CORS middleware names, is not among it: every origin gets the same.
const (
	varyByCoding   = "Accept-Encoding"
	varyByPosition = varyByCoding + ", " + headerMinPosition
)

// reply writes a public answer in a language.
func (s *server) reply(c echo.Context, at *snapshot.Snapshot, tag lang.Tag, a snapshot.Answer) error {
	return s.replyAs(c, echo.MIMEApplicationJSON, at, tag, a)
}

// replyAs writes a public answer of a media type in a language.
func (s *server) replyAs(c echo.Context, mediaType string, at *snapshot.Snapshot, tag lang.Tag, a snapshot.Answer) error {
	c.Response().Header().Set(headerPosition, strconv.FormatInt(at.Position(), 10))
	inLanguage(c, tag, varyByPosition)
	return s.send(c, mediaType, cacheUntil(a.ValidUntil, s.Clock()), a)
}

// replyPrivately writes an answer that is not for everybody.
func (s *server) replyPrivately(c echo.Context, at *snapshot.Snapshot, tag lang.Tag, a snapshot.Answer) error {
	c.Response().Header().Set(headerPosition, strconv.FormatInt(at.Position(), 10))
	inLanguage(c, tag, varyByPosition)
	return s.send(c, echo.MIMEApplicationJSON, "no-store", a)
}

// inLanguage says which language an answer is in, and whether another header would have got another one.
func inLanguage(c echo.Context, tag lang.Tag, vary string) {
	h := c.Response().Header()
	if !c.QueryParams().Has("lang") {
		vary += ", Accept-Language"
	}
	h.Set("Vary", vary)
	if tag != lang.Any {
		h.Set("Content-Language", string(tag))
	}
}

// send writes an encoded body, or 304 where the client has it already (RFC 9110, section 13).
func (s *server) send(c echo.Context, mediaType, cacheControl string, a snapshot.Answer) error {
	h := c.Response().Header()
	h.Set("ETag", a.ETag)
	h.Set("Cache-Control", cacheControl)
	if !a.Modified.IsZero() {
		h.Set("Last-Modified", lastModified(a.Modified, s.Clock()).UTC().Format(http.TimeFormat))
	}
	if fresh(c.Request().Header, a) {
		return c.NoContent(http.StatusNotModified)
	}
	if a.Coding != snapshot.Identity {
		h.Set("Content-Encoding", string(a.Coding))
	}
	h.Set("Content-Length", strconv.Itoa(len(a.Body)))
	return c.Blob(http.StatusOK, mediaType, a.Body)
}

// lastModified is the second that Last-Modified names. While it is not over, more may change in it, so the second before
// is named: a copy from the middle of a second must not pass for one from its end.
func lastModified(modified, now time.Time) time.Time {
	second := modified.Truncate(time.Second)
	if !now.Truncate(time.Second).After(second) {
		return second.Add(-time.Second)
	}
	return second
}

// fresh reports whether the client's copy is the answer: by its ETag, and where it sends none by its date.
func fresh(h http.Header, a snapshot.Answer) bool {
	if tags := h.Values("If-None-Match"); len(tags) > 0 {
		return slices.ContainsFunc(entityTags(tags), func(tag string) bool {
			return tag == "*" || strings.TrimPrefix(tag, "W/") == a.ETag
		})
	}
	since, err := http.ParseTime(h.Get("If-Modified-Since"))
	return err == nil && !a.Modified.IsZero() && !a.Modified.Truncate(time.Second).After(since)
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
func (s *server) replyJSON(c echo.Context, at *snapshot.Snapshot, body any, cacheControl string) error {
	data, err := json.Marshal(body)
	if err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set(headerPosition, strconv.FormatInt(at.Position(), 10))
	h.Set("Vary", varyByPosition)
	return s.send(c, echo.MIMEApplicationJSON, cacheControl, snapshot.Encode(data, time.Time{}, coding(c)))
}
