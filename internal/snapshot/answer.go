package snapshot

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"strconv"
	"sync"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
	"github.com/maypok86/otter/v2"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/format"
	"github.com/comuneprato/service-catalogue/internal/lang"
)

// Coding is a content coding (RFC 9110, section 8.4.1).
type Coding string

// The codings.
const (
	Identity Coding = "identity"
	Gzip     Coding = "gzip"
	Brotli   Coding = "br" // RFC 7932
)

// Codings lists the codings, those preferred first where a client takes several equally gladly.
var Codings = []Coding{Brotli, Gzip, Identity}

// Answer is a body ready to be sent, with what HTTP says about it.
type Answer struct {
	Body     []byte
	ETag     string // strong: another one for every coding
	Modified time.Time
	Coding   Coding

	ValidFrom  time.Time // when it was made; zero: it does not go by the clock
	ValidUntil time.Time // the next instant at which it may change without any publication; zero: there is none

	Head Head
}

// Head are headers of an answer as net/http keeps them, made once: whoever sends the answer shares the lists, and must not
// change them.
type Head struct {
	ETag, Length, LastModified []string

	Link []string // of a representation of an entry: to the others
}

// waited is by how much an answer may be younger than the time at which it is asked for: who waits for a turn may get an
// answer that was made meanwhile for somebody else.
const waited = time.Second

// valid reports whether the answer may be given now: still, and again where the clock was set back.
func (a Answer) valid(now time.Time) bool {
	return (a.ValidUntil.IsZero() || now.Before(a.ValidUntil)) && !now.Before(a.ValidFrom.Add(-waited))
}

// Reader answers reads from the newest snapshot, and keeps the answers that it made under a budget.
type Reader struct {
	follower  *Follower
	publicURL string
	clock     catalogue.Clock
	cache     *otter.Cache[pageKey, Page]
	use       use

	mu       sync.Mutex
	renewals map[pageKey]chan struct{} // of pages that are being made anew; closed when that is done

	openings openings
}

// pageKey names a body: a view, which is a page of its own without a next one, or a page of a list.
type pageKey struct {
	state  int64  // the generation of an entry, which names the entry too, or for a list that of the snapshot
	what   string // the name of a format, or the query of a list
	lang   lang.Tag
	coding Coding
}

// pageCost is what a page costs beside its body and its query, in bytes.
const pageCost = 512

// NewReader makes a reader of what a follower has. Addresses in answers start with publicURL; answers are kept up to
// cacheBytes, or until the clock says that they are no longer true.
func NewReader(f *Follower, publicURL string, cacheBytes int64, clock catalogue.Clock) *Reader {
	return &Reader{follower: f, publicURL: publicURL, clock: clock, use: newUse(), renewals: map[pageKey]chan struct{}{}, cache: otter.Must(&otter.Options[pageKey, Page]{
		MaximumWeight: uint64(max(cacheBytes, 1)), // otter takes no 0; 1 keeps nothing
		Weigher: func(k pageKey, p Page) uint32 {
			return uint32(cap(p.Body) + len(k.what) + pageCost) //nolint:gosec // bodies are smaller
		},
	})}
}

// Snapshot is the newest one, nil before the first.
func (r *Reader) Snapshot() *Snapshot { return r.follower.Snapshot() }

// Words are those in which a snapshot is told to a reader now.
func (r *Reader) Words(s *Snapshot, tag lang.Tag) catalogue.Words { return r.words(s, tag, r.clock()) }

func (r *Reader) words(s *Snapshot, tag lang.Tag, now time.Time) catalogue.Words {
	return catalogue.Words{Lang: tag, PublicURL: r.publicURL, Resolver: s, Now: now}
}

// Shown says what of a view is wanted beside the usual.
type Shown struct {
	Fields []string       // these members only, in the order of the view; none: all
	Expand []string       // of catalogue.Expandable: references to be shown as the entries themselves
	HTML   bool           // the view's texts in CommonMark as HTML
	Format *format.Format // instead of the view, of which alone there are fields and HTML; nil: the view
}

// View returns the encoded view of the public entry of a kind with the given id or slug, or another format of it. What is
// not the usual is made for the request. Errors are those of Snapshot.Find.
func (r *Reader) View(s *Snapshot, kind catalogue.Kind, idOrSlug string, tag lang.Tag, coding Coding, show Shown) (Answer, error) {
	n, err := s.find(kind, idOrSlug)
	if err != nil {
		return Answer{}, err
	}
	now := r.clock()
	key := pageKey{n.generation, show.name(), tag, coding}
	usual := len(show.Fields) == 0 && len(show.Expand) == 0
	if usual {
		if page, ok := r.ready(key, now); ok {
			return page.Answer, nil
		}
		return r.kept(key, now, func() Page { return Page{Answer: show.Write(r.words(s, tag, now), &n.Entry, coding)} }).Answer, nil
	}
	return show.Write(r.words(s, tag, now), &n.Entry, coding), nil
}

// Language is the language that an entry is shown in to a reader who prefers one.
func (s Shown) Language(preferred lang.Tag) lang.Tag {
	if s.format().Languages {
		return lang.Any
	}
	return preferred
}

// name tells apart what is kept of an entry.
func (s Shown) name() string {
	if s.HTML {
		return "view in HTML"
	}
	return s.format().Name
}

func (s Shown) format() *format.Format { return cmp.Or(s.Format, format.View) }

// Write encodes an entry as it is to be shown.
func (s Shown) Write(w catalogue.Words, e *catalogue.Entry, coding Coding) (a Answer) {
	w.Expand, w.HTML = s.Expand, s.HTML
	look := w.Look(e)
	switch f := s.format(); {
	case f != format.View:
		body := f.Write(look, e)
		a = Encode(body, look.Since(), look.Until(), coding)
	case len(s.Fields) > 0:
		a = EncodeView(w.ViewFields(e, s.Fields), coding)
	default:
		a = EncodeView(w.View(e), coding)
	}
	a.Head.Link = []string{format.Links(look, e, s.format())}
	return a
}

// ready returns the page that is kept under a key, if it is still true. Asking it before kept saves preparing what kept
// needs to make a page.
func (r *Reader) ready(key pageKey, now time.Time) (Page, bool) {
	page, ok := r.cache.GetIfPresent(key)
	if ok = ok && page.valid(now); ok {
		r.use.hits.Inc()
	}
	return page, ok
}

// kept returns the page that is kept under a key, or makes it, also where the one that is kept is no longer true. Of those
// who ask for the same page at the same time, one makes it and the others wait.
func (r *Reader) kept(key pageKey, now time.Time, render func() Page) Page {
	page, ok := r.cache.GetIfPresent(key)
	if !ok {
		var err error
		page, err = r.cache.Get(context.Background(), key, otter.LoaderFunc[pageKey, Page](func(context.Context, pageKey) (Page, error) {
			return r.made(now, render), nil
		}))
		if err != nil {
			panic(err) // rendering does not fail
		}
	}
	if page.valid(now) {
		return page
	}
	return r.renewed(key, now, render)
}

// renewed makes a new page in the place of one that is no longer true, or waits for whoever makes it.
func (r *Reader) renewed(key pageKey, now time.Time, render func() Page) Page {
	for {
		r.mu.Lock()
		if page, ok := r.cache.GetIfPresent(key); ok && page.valid(now) {
			r.mu.Unlock()
			return page
		}
		if done, ok := r.renewals[key]; ok {
			r.mu.Unlock()
			<-done
			continue
		}
		done := make(chan struct{})
		r.renewals[key] = done
		r.mu.Unlock()
		defer func() {
			r.mu.Lock()
			defer r.mu.Unlock()
			delete(r.renewals, key)
			close(done)
		}()
		page := r.made(now, render)
		r.cache.Set(key, page)
		return page
	}
}

// made makes a page that is true now.
func (r *Reader) made(now time.Time, render func() Page) Page {
	r.use.misses.Inc()
	page := render()
	page.ValidFrom = now
	return page
}

// EncodeView makes an answer of a view.
func EncodeView(view catalogue.Rendered, coding Coding) Answer {
	return Encode(view.Object.Append(nil), view.Modified, view.ValidUntil, coding)
}

// Encode makes an answer of a body that changed last at one moment, and is true until another; either may be zero.
func Encode(body []byte, modified, validUntil time.Time, coding Coding) Answer {
	body = compressed(body, coding)
	sum := sha256.Sum256(body)
	tag := `"` + base64.RawURLEncoding.EncodeToString(sum[:16])
	if coding != Identity {
		tag += "-" + string(coding)
	}
	tag += `"`
	return Answer{
		Body: body, ETag: tag, Modified: modified, Coding: coding, ValidUntil: validUntil,
		Head: Head{ETag: []string{tag}, Length: []string{strconv.Itoa(len(body))}, LastModified: []string{HTTPDate(modified)}},
	}
}

// HTTPDate is the second of a moment as headers name it (RFC 9110, section 5.6.7).
func HTTPDate(t time.Time) string { return t.UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT") }

// bodies are buffers in which pages are put together. A page is then copied out of its buffer, so that it takes no more
// memory than its length.
var bodies = sync.Pool{New: func() any { return new([]byte) }}

// assembled is what is appended to an empty body.
func assembled(appended func(body []byte) []byte) []byte {
	buffer := bodies.Get().(*[]byte)
	defer bodies.Put(buffer)
	*buffer = appended((*buffer)[:0])
	return bytes.Clone(*buffer)
}

// compressor is what the writers of the codings have in common.
type compressor interface {
	io.WriteCloser
	Reset(io.Writer)
}

// brotliLevel is as slow as gzip's usual level, and packs better.
const brotliLevel = 5

// compressors are costly to make: each holds its window.
var compressors = map[Coding]*sync.Pool{
	Gzip:   {New: func() any { return gzip.NewWriter(nil) }},
	Brotli: {New: func() any { return brotli.NewWriterLevel(nil, brotliLevel) }},
}

// Packed writes to out in a coding. What was written is complete once the writer is closed, and must not be used after.
func Packed(out io.Writer, coding Coding) io.WriteCloser {
	pool := compressors[coding]
	if pool == nil {
		return unpacked{out}
	}
	w := pool.Get().(compressor)
	w.Reset(out)
	return &packed{w, pool}
}

type unpacked struct{ io.Writer }

func (unpacked) Close() error { return nil }

type packed struct {
	compressor
	pool *sync.Pool
}

func (p *packed) Close() error {
	defer p.pool.Put(p.compressor)
	return p.compressor.Close()
}

func compressed(body []byte, coding Coding) []byte {
	pool := compressors[coding]
	if pool == nil {
		return body
	}
	var b bytes.Buffer
	w := pool.Get().(compressor)
	defer pool.Put(w)
	w.Reset(&b)
	_, err := w.Write(body)
	if err = errors.Join(err, w.Close()); err != nil {
		panic(err) // memory takes everything
	}
	return bytes.Clone(b.Bytes())
}
