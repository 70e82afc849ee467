package snapshot

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/google/uuid"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/lang"
	"github.com/comuneprato/service-catalogue/internal/vocabulary"
)

// Query asks for a page of a list. Values of one filter are alternatives, different filters must all hold; where a
// filter has no values, nothing passes it.
type Query struct {
	Kind         catalogue.Kind
	Kinds        []catalogue.Kind    // of a search among several, instead of Kind
	Text         string              // what to search for; "": nothing
	IDs          []string            // ids or slugs, at most MaxIDs: just these, in this order, on one page
	Filters      map[string][]string // by the names of catalogue.Filters
	UpdatedSince time.Time           // zero: always
	Near         *Near               // nil: anywhere
	Sort         Sort
	Descending   bool
	Limit        int      // at least 1
	Cursor       string   // of the page before
	Facets       []string // names of filters, and "kind": which values they have among what is found
	Marks        bool     // say where the words of Text were found
	Explain      bool     // say why the hits come in their order
	Fields       []string
	Expand       []string // of catalogue.Expandable, with Fields
	HTML         bool     // texts in CommonMark as HTML
	Lang         lang.Tag
	Coding       Coding

	prepared preparedQuery
}

// preparedQuery is what a query says in words, under which its pages are kept.
type preparedQuery struct{ selects, shows string }

// Prepared returns the query with what it costs to read it done, for queries that are asked more than once. It must not
// be changed then.
func (q Query) Prepared() Query {
	if len(q.Kinds) == 0 {
		q.Kinds = []catalogue.Kind{q.Kind}
	}
	q.prepared.selects = q.selects()
	q.prepared.shows = fmt.Sprintf("%s %q %d %q %q %q %t %t %t", q.prepared.selects, q.Cursor, q.Limit, q.Fields, q.Expand, q.Facets, q.Marks, q.Explain, q.HTML)
	return q
}

// MaxIDs is how many ids a query may ask for.
const MaxIDs = 200

// Page is an encoded page of a list, and the cursor of the next one.
type Page struct {
	Answer
	Next  string // "" on the last page
	Total int    // of the entries on all pages
}

// ErrCursor is a cursor that was damaged or belongs to another query.
var ErrCursor = fmt.Errorf("the cursor is not of this query: %w", catalogue.ErrMalformed)

// List returns a page of what is public. It returns ErrCursor for a cursor of another query.
func (r *Reader) List(s *Snapshot, q Query) (Page, error) {
	if q.prepared.shows == "" {
		q = q.Prepared()
	}
	key, now := pageKey{s.generation, q.prepared.shows, q.Lang, q.Coding}, r.clock()
	if page, ok := r.ready(key, now); ok {
		return page, nil
	}
	return r.list(s, q, key, now)
}

// list makes the page of a prepared query.
func (r *Reader) list(s *Snapshot, q Query, key pageKey, now time.Time) (Page, error) {
	if q.Text != "" && s.searchFailed {
		return Page{}, ErrNotSearchable
	}
	after, err := s.openCursor(q)
	if err != nil {
		return Page{}, err
	}
	return r.kept(key, now, func() Page {
		t := &truth{now: now, since: s.changed, openings: &r.openings} // s.changed: what left the list changed it too
		var found selection
		if len(q.IDs) > 0 {
			found = s.byIDs(q, t)
		} else {
			found = s.selected(q, after, t)
		}
		body := assembled(func(body []byte) []byte { return r.appendPage(body, s, q, found, t) }) // which adds to t
		return Page{Encode(body, t.since, t.until, q.Coding), found.next, found.total}
	}), nil
}

// truth collects, while a list is made, since when all that it shows is so, and until when it will be.
type truth struct {
	now, since, until time.Time
	openings          *openings
}

// opening is what of a kind is open now; the list is true as long as that is.
func (t *truth) opening(s *Snapshot, kind catalogue.Kind, now time.Time) *opening {
	o := t.openings.of(s, kind, now)
	t.shows(o.since, o.until)
	return o
}

// shows notes something that the list shows or goes by.
func (t *truth) shows(since, until time.Time) {
	t.since, t.until = later(t.since, since), catalogue.Sooner(t.until, until)
}

// selects spells which entries a query lists, and in which order: pages of a list may differ in size, language and
// fields.
func (q Query) selects() string {
	b := fmt.Appendf(nil, "%s %q %s %t %d %q", q.Kinds, q.Text, q.Sort, q.Descending, q.UpdatedSince.UnixMicro(), q.IDs)
	if q.Near != nil {
		b = fmt.Appendf(b, " near %v %v %v", *q.Near.Lat, *q.Near.Lon, q.Near.Radius)
	}
	for _, name := range slices.Sorted(maps.Keys(q.Filters)) {
		b = fmt.Appendf(b, " %s=%q", name, slices.Sorted(slices.Values(q.Filters[name])))
	}
	return string(b)
}

// selection is what a page shows.
type selection struct {
	nodes   []*node
	total   int
	next    string
	missing []string // of the ids asked for

	distances map[ordinal]float64 // of what is near, in metres; nil where nobody asked
	*hits                         // of a search, else nil
}

func (s *Snapshot) byIDs(q Query, t *truth) selection {
	distances, matching := s.matching(q, t)
	found := selection{distances: distances}
	if q.Text != "" {
		found.hits, matching = s.searched(q, matching)
	}
	for _, id := range q.IDs {
		n, _ := s.lookUp(q.Kind, id)
		switch {
		case n == nil || !n.Available():
			found.missing = append(found.missing, id)
		case matching == nil || matching.Contains(n.ordinal):
			found.nodes = append(found.nodes, n)
		}
	}
	found.total = len(found.nodes)
	return found
}

// selected finds a page by walking the order, or where few entries match, by sorting those.
func (s *Snapshot) selected(q Query, after rank, t *truth) selection {
	distances, matching := s.matching(q, t)
	if q.Sort == SortRelevance {
		found := s.byRelevance(q, after, matching)
		found.distances = distances
		return found
	}
	var found selection
	if q.Text != "" {
		found.hits, matching = s.searched(q, matching)
	}
	if q.Sort == SortDistance {
		h := found.hits
		found = s.byDistance(q, after, matching, distances)
		found.distances, found.hits = distances, h
		return found
	}
	tree := s.orders[order{q.Kind, q.Sort}]
	found.total, found.distances = tree.Len(), distances
	if matching != nil {
		found.total = int(matching.GetCardinality()) //nolint:gosec // not more than there are
	}
	take := func(n *node) bool {
		if len(found.nodes) == q.Limit {
			found.next = sealCursor(q, found.nodes[q.Limit-1].rank(q.Sort))
			return false
		}
		found.nodes = append(found.nodes, n)
		return true
	}
	const fewerThanOneIn = 16
	if matching != nil && found.total < tree.Len()/fewerThanOneIn {
		for _, n := range s.sorted(matching, q, after) {
			if !take(n) {
				break
			}
		}
		return found
	}
	visit := func(at rank, number ordinal) bool {
		if at == after || matching != nil && !matching.Contains(number) {
			return true
		}
		n, _ := s.nodes.Get(number)
		return take(n)
	}
	switch {
	case !q.Descending:
		tree.Ascend(after, visit)
	case after == "":
		tree.Reverse(visit)
	default:
		tree.Descend(after, visit)
	}
	return found
}

// sorted lists the nodes of a set behind a place in the order.
func (s *Snapshot) sorted(set *roaring.Bitmap, q Query, after rank) []*node {
	nodes := make([]*node, 0, set.GetCardinality())
	for it := set.Iterator(); it.HasNext(); {
		n, _ := s.nodes.Get(it.Next())
		at := n.rank(q.Sort)
		if after == "" || !q.Descending && at > after || q.Descending && at < after {
			nodes = append(nodes, n)
		}
	}
	slices.SortFunc(nodes, func(a, b *node) int {
		if q.Descending {
			a, b = b, a
		}
		return strings.Compare(string(a.rank(q.Sort)), string(b.rank(q.Sort)))
	})
	return nodes
}

// changedSince is what changed at a moment or later.
func (s *Snapshot) changedSince(kind catalogue.Kind, since time.Time) *roaring.Bitmap {
	set := roaring.New()
	s.orders[order{kind, SortUpdatedAt}].Ascend(rank(instantKey(since)), func(_ rank, number ordinal) bool {
		set.Add(number)
		return true
	})
	return set
}

// matching is what passes the filters and updatedSince, and is near, with how far that is; nil where nothing of these was
// asked for.
func (s *Snapshot) matching(q Query, t *truth) (map[ordinal]float64, *roaring.Bitmap) {
	var all *roaring.Bitmap
	narrow := func(set *roaring.Bitmap) {
		if all != nil {
			set.And(all)
		}
		all = set
	}
	for name, values := range q.Filters {
		narrow(s.valued(q.Kinds, name, values, t))
	}
	if !q.UpdatedSince.IsZero() {
		since := roaring.New()
		for _, kind := range q.Kinds {
			since.Or(s.changedSince(kind, q.UpdatedSince))
		}
		narrow(since)
	}
	if q.Near == nil {
		return nil, all
	}
	distances, near := s.distances(q.Kind, *q.Near), roaring.New()
	for number := range distances {
		near.Add(number)
	}
	narrow(near)
	return distances, all
}

// having is what has one of the values of a filter.
func (s *Snapshot) having(kind catalogue.Kind, name string, values []string, t *truth) *roaring.Bitmap {
	set := roaring.New()
	for _, value := range s.meant(name, values) {
		if known, ok := s.facets.Get(facetName(kind, name, value)); ok {
			set.Or(known)
		}
	}
	if name != catalogue.FilterFree {
		return set
	}
	for it := s.timed.Iterator(); it.HasNext(); {
		n, _ := s.nodes.Get(it.Next())
		free, since, until := n.Document.(*catalogue.Service).FreeAt(t.now)
		t.shows(since, until)
		if free != nil && slices.Contains(values, strconv.FormatBool(*free)) {
			set.Add(n.ordinal)
		}
	}
	return set
}

// meant turns the values of a filter into those of facts: a term stands for its narrower ones too, and an entry may be
// given by id or slug.
func (s *Snapshot) meant(name string, values []string) []string {
	filter, _ := catalogue.FilterNamed(name)
	var meant []string
	for _, value := range values {
		switch {
		case filter.Scheme != "":
			meant = append(meant, vocabulary.MustGet(filter.Scheme).Within(value)...)
		case filter.Kind != "":
			meant = append(meant, value) // publisher/key, or of a publisher its key
			if n, _ := s.lookUp(filter.Kind, value); n != nil && name == catalogue.FilterPublisher {
				meant = append(meant, n.Ref.Key)
			} else if n != nil {
				meant = append(meant, n.Ref.String())
			}
		default:
			meant = append(meant, catalogue.FilterValue(name, value))
		}
	}
	return meant
}

// appendPage appends {items, total, nextCursor, missing}.
func (r *Reader) appendPage(body []byte, s *Snapshot, q Query, found selection, t *truth) []byte {
	words := r.words(s, q.Lang, t.now)
	words.Expand, words.HTML = q.Expand, q.HTML
	body = append(body, `{"items":[`...)
	for i, n := range found.nodes {
		if i > 0 {
			body = append(body, ',')
		}
		if len(q.Fields) > 0 {
			view := words.ViewFields(&n.Entry, q.Fields)
			t.shows(view.Modified, view.ValidUntil)
			body = found.withHit(found.withDistance(view.Object.Append(body), n), i)
			continue
		}
		item := n.summary(words)
		t.shows(item.Modified, item.ValidUntil)
		body = found.withHit(found.withDistance(append(body, item.Body...), n), i)
	}
	body = append(body, `],"total":`...)
	body = strconv.AppendInt(body, int64(found.total), 10)
	if found.next != "" {
		body = append(append(append(body, `,"nextCursor":"`...), found.next...), '"')
	}
	if len(found.missing) > 0 {
		missing, err := json.Marshal(found.missing)
		if err != nil {
			panic(err) // a list of strings
		}
		body = append(append(body, `,"missing":`...), missing...)
	}
	body = found.told(body)
	if len(q.Facets) > 0 {
		body = s.facetsOf(q, found.hits, t, words).Append(append(body, `,"facets":`...))
	}
	return append(body, '}')
}

// withDistance adds to the object that body ends with how far it is, in metres, where the list goes by that.
func (f selection) withDistance(body []byte, n *node) []byte {
	if f.distances == nil {
		return body
	}
	body = append(body[:len(body)-1], `,"distance":`...)
	return append(strconv.AppendInt(body, int64(math.Round(f.distances[n.ordinal])), 10), '}')
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// A cursor is the place of the last entry of a page, sealed with a hash of the place and the query. The place is the
// entry's rank, of which the middle is left out where it is long.

const (
	sealBytes = 8
	keyBytes  = 48 // of the key of a rank, which comes before the id
	idBytes   = len(uuid.UUID{})
)

func sealCursor(q Query, at rank) string {
	if len(at) > keyBytes+idBytes {
		at = at[:keyBytes] + at[len(at)-idBytes:]
	}
	return base64.RawURLEncoding.EncodeToString(append(seal(q, at), at...))
}

// openCursor returns the rank after which the page begins. Where it was shortened and the entry is no longer there, the
// page begins with all that are equal as far as the key goes: rather one twice than one never.
func (s *Snapshot) openCursor(q Query) (rank, error) {
	if q.Cursor == "" {
		return "", nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(q.Cursor)
	if err != nil || len(raw) <= sealBytes+idBytes || len(raw) > sealBytes+keyBytes+idBytes {
		return "", ErrCursor
	}
	at := rank(raw[sealBytes:])
	if string(seal(q, at)) != string(raw[:sealBytes]) {
		return "", ErrCursor
	}
	if len(at) < keyBytes+idBytes {
		return at, nil // whole
	}
	key, id := at[:keyBytes], uuid.UUID([]byte(at[keyBytes:]))
	if n := s.named(idName(id)); n != nil && n.Available() && strings.HasPrefix(string(n.rank(q.Sort)), string(key)) {
		return n.rank(q.Sort), nil
	}
	if q.Descending {
		return key + "\xff", nil
	}
	return key, nil
}

// seal is a hash of what a list selects and of a place in it.
func seal(q Query, at rank) []byte {
	sum := sha256.Sum256([]byte(q.prepared.selects + " " + string(at)))
	return sum[:sealBytes]
}
