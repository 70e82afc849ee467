package snapshot

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/maypok86/otter/v2"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/lang"
)

// Coding is a content coding (RFC 9110, section 8.4.1).
type Coding string

// The codings.
const (
	Identity Coding = "identity"
	Gzip     Coding = "gzip"
)

// Answer is a body ready to be sent, with what HTTP says about it.
type Answer struct {
	Body     []byte
	ETag     string // strong: another one for every coding
	Modified time.Time
	Coding   Coding
}

// Reader answers reads from the newest snapshot, and keeps the answers that it made under a budget.
type Reader struct {
	follower  *Follower
	publicURL string
	cache     *otter.Cache[answerKey, Answer]
}

type answerKey struct {
	generation uint64 // which names the entry, and what it shows, too
	item       bool   // the summary in lists, not the view
	lang       lang.Tag
	coding     Coding
}

// answerCost is what an answer costs beside its body, in bytes.
const answerCost = 256

// NewReader makes a reader of what a follower has. Addresses in answers start with publicURL; answers are kept up to
// cacheBytes.
func NewReader(f *Follower, publicURL string, cacheBytes int64) *Reader {
	return &Reader{follower: f, publicURL: publicURL, cache: otter.Must(&otter.Options[answerKey, Answer]{
		MaximumWeight: uint64(max(cacheBytes, 0)),                                                     //nolint:gosec // not negative
		Weigher:       func(_ answerKey, a Answer) uint32 { return uint32(len(a.Body) + answerCost) }, //nolint:gosec // bodies are smaller
	})}
}

// Snapshot is the newest one, nil before the first.
func (r *Reader) Snapshot() *Snapshot { return r.follower.Snapshot() }

func (r *Reader) words(s *Snapshot, tag lang.Tag) catalogue.Words {
	return catalogue.Words{Lang: tag, PublicURL: r.publicURL, Resolver: s}
}

// View returns the encoded view of the public entry of a kind with the given id or slug, whole or with some members
// only; the latter is made for the request. Errors are those of Snapshot.Find.
func (r *Reader) View(s *Snapshot, kind catalogue.Kind, idOrSlug string, tag lang.Tag, coding Coding, fields []string) (Answer, error) {
	n, err := s.find(kind, idOrSlug)
	if err != nil {
		return Answer{}, err
	}
	if len(fields) == 0 {
		return r.answer(s, n, answerKey{n.generation, false, tag, coding})
	}
	view := r.words(s, tag).View(&n.Entry)
	return Encode(view.Object.Pick(fields).Append(nil), view.Modified, coding), nil
}

// answer returns what is kept, or makes it; those who ask for the same at the same time wait for one of them.
func (r *Reader) answer(s *Snapshot, n *node, key answerKey) (Answer, error) {
	if a, ok := r.cache.GetIfPresent(key); ok {
		return a, nil
	}
	return r.cache.Get(context.Background(), key, otter.LoaderFunc[answerKey, Answer](func(context.Context, answerKey) (Answer, error) {
		render := r.words(s, key.lang).View
		if key.item {
			render = r.words(s, key.lang).Item
		}
		view := render(&n.Entry)
		return Encode(view.Object.Append(nil), view.Modified, key.coding), nil
	}))
}

// Encode makes an answer of a body.
func Encode(body []byte, modified time.Time, coding Coding) Answer {
	if coding == Gzip {
		body = compress(body)
	}
	sum := sha256.Sum256(body)
	tag := base64.RawURLEncoding.EncodeToString(sum[:16])
	if coding != Identity {
		tag += "-" + string(coding)
	}
	return Answer{Body: body, ETag: `"` + tag + `"`, Modified: modified, Coding: coding}
}

var compressors = sync.Pool{New: func() any { return gzip.NewWriter(nil) }}

func compress(body []byte) []byte {
	var b bytes.Buffer
	w := compressors.Get().(*gzip.Writer)
	defer compressors.Put(w)
	w.Reset(&b)
	_, err := w.Write(body)
	if err = errors.Join(err, w.Close()); err != nil {
		panic(err) // memory takes everything
	}
	return slices.Clip(b.Bytes())
}
