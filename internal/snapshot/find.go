package snapshot

import (
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/lang"
	"github.com/comuneprato/service-catalogue/internal/search"
	"github.com/comuneprato/service-catalogue/internal/vocabulary"
)

// ErrNotSearchable says that the index of the search is out of order; all else goes on.
var ErrNotSearchable = errors.New("the search is out of order")

// SortRelevance is the order of what was searched for, the best first.
const SortRelevance Sort = "relevance"

// maxRelevant is how many hits can be paged through by relevance; the search ranks no more.
const maxRelevant = 1000

// hits is what the words of a query find. Where the page is in the order of relevance, its hits are in that order.
type hits struct{ search.Result }

// seek searches among what passes the filters; nil: everything public of the kinds.
func (s *Snapshot) seek(q Query, among *roaring.Bitmap, wanted search.Query) *hits {
	if among == nil && !slices.Equal(q.Kinds, catalogue.Kinds) { // all that is public is in the index
		among = s.everything(q.Kinds)
	}
	wanted.Text, wanted.Lang, wanted.Filter = q.Text, reader(q.Lang), among
	h := &hits{s.words.Search(wanted)}
	if wanted.Matches && h.Matches == nil {
		h.Matches = roaring.New()
	}
	return h
}

// searched narrows what passes the filters to what is found by words.
func (s *Snapshot) searched(q Query, among *roaring.Bitmap) (*hits, *roaring.Bitmap) {
	if among == nil {
		among = s.everything(q.Kinds)
	}
	h := s.seek(q, among, search.Query{Matches: true})
	return h, roaring.And(among, h.Matches)
}

// reader is the language that a query is read in first.
func reader(tag lang.Tag) lang.Tag {
	if tag == lang.Any {
		return lang.Italian
	}
	return tag
}

// everything is all that is public of some kinds. It is not to be changed.
func (s *Snapshot) everything(kinds []catalogue.Kind) *roaring.Bitmap {
	var sets []*roaring.Bitmap
	for _, kind := range kinds {
		if set, ok := s.facets.Get(facetName(kind, "", "")); ok {
			sets = append(sets, set)
		}
	}
	if len(sets) == 1 {
		return sets[0]
	}
	return roaring.FastOr(sets...)
}

// byRelevance finds a page in the order of the search.
func (s *Snapshot) byRelevance(q Query, after rank, among *roaring.Bitmap) selection {
	offset := 0
	if after != "" {
		offset = int(binary.BigEndian.Uint32([]byte(after)))
	}
	h := s.seek(q, among, search.Query{
		Offset: offset, Limit: q.Limit, Matches: len(q.Facets) > 0, Marks: q.Marks, Explain: q.Explain,
	})
	found := selection{total: h.Total, hits: h, nodes: make([]*node, len(h.Hits))}
	for i := range h.Hits {
		found.nodes[i], _ = s.nodes.Get(h.Hits[i].Ordinal)
	}
	if next := offset + len(h.Hits); next < min(found.total, maxRelevant) && len(h.Hits) > 0 {
		last := found.nodes[len(found.nodes)-1]
		found.next = sealCursor(q, rank(string(binary.BigEndian.AppendUint32(nil, uint32(next)))+string(last.ID[:]))) //nolint:gosec // at most maxRelevant
	}
	return found
}

// Completions returns at most limit of the entries of some kinds that a reader may be about to type, as
// {items: [{id, kind, key, slug, title, highlight, publisher}]}, the last only where others have an entry of the same title.
func (r *Reader) Completions(s *Snapshot, text string, kinds []catalogue.Kind, tag lang.Tag, limit int, coding Coding) (Answer, error) {
	if s.searchFailed {
		return Answer{}, ErrNotSearchable
	}
	q := search.Query{Text: text, Lang: reader(tag), Limit: limit}
	if !slices.Equal(kinds, catalogue.Kinds) { // all that is public is in the index
		q.Filter = s.everything(kinds)
	}
	body := assembled(func(body []byte) []byte {
		body = append(body, `{"items":[`...)
		found := s.words.Complete(q)
		for i, c := range found {
			n, _ := s.nodes.Get(c.Ordinal)
			if i > 0 {
				body = append(body, ',')
			}
			body = append(append(body, `{"id":"`...), n.ID.String()...)
			body = append(append(body, `","kind":"`...), n.Ref.Kind...)
			body = append(append(body, `","key":"`...), n.Ref.Key...)
			body = append(append(body, `","slug":"`...), n.Slug...)
			body = catalogue.AppendString(append(body, `","title":`...), c.Text)
			body = catalogue.AppendString(append(body, `,"highlight":`...), c.Highlight)
			if s.isAmbiguous(found, i, n) {
				body = catalogue.AppendString(append(body, `,"publisher":`...), s.publisherOf(n, reader(tag)))
			}
			body = append(body, '}')
		}
		return append(body, `]}`...)
	})
	return Encode(body, s.changed, time.Time{}, coding), nil
}

// isAmbiguous reports whether another publisher's completion reads like an entry's.
func (s *Snapshot) isAmbiguous(found []search.Completion, i int, n *node) bool {
	return slices.ContainsFunc(found, func(c search.Completion) bool {
		if !strings.EqualFold(c.Text, found[i].Text) {
			return false
		}
		other, _ := s.nodes.Get(c.Ordinal)
		return other.Ref.Publisher != n.Ref.Publisher
	})
}

// publisherOf is the name of an entry's publisher, or its key where it has no profile.
func (s *Snapshot) publisherOf(n *node, tag lang.Tag) string {
	key := n.Ref.Publisher
	if e := s.Resolve(catalogue.Ref{Kind: catalogue.KindPublisher, Publisher: key, Key: key}); e != nil {
		name, _ := e.Label.In(tag)
		return name
	}
	return key
}

// withHit adds to the object that body ends with, the page's number i, where the words of the query were found in it, and
// why it comes where it does.
func (f selection) withHit(body []byte, i int) []byte {
	if f.hits == nil || len(f.Hits) == 0 {
		return body
	}
	hit := &f.Hits[i]
	if hit.Title != "" {
		body = catalogue.AppendString(append(body[:len(body)-1], `,"highlights":{"title":`...), hit.Title)
		if hit.Snippet != "" {
			body = catalogue.AppendString(append(body, `,"text":`...), hit.Snippet)
		}
		body = append(body, `}}`...)
	}
	if hit.Explanation != nil {
		explanation, err := json.Marshal(struct {
			Score float64 `json:"score"`
			*search.Explanation
		}{hit.Score, hit.Explanation})
		if err != nil {
			panic(err) // numbers and words
		}
		body = append(append(append(body[:len(body)-1], `,"explanation":`...), explanation...), '}')
	}
	return body
}

// told writes what the search has to say beside the items.
func (h *hits) told(body []byte) []byte {
	if h == nil {
		return body
	}
	if h.DidYouMean != "" {
		body = catalogue.AppendString(append(body, `,"didYouMean":`...), h.DidYouMean)
	}
	for name, words := range map[string][]string{"dropped": h.Dropped, "suggestions": h.Suggestions} {
		if len(words) == 0 {
			continue
		}
		list, err := json.Marshal(words)
		if err != nil {
			panic(err) // strings
		}
		body = append(append(append(append(body, `,"`...), name...), `":`...), list...)
	}
	return body
}

// maxFacetValues is how many values of a facet are told, the most frequent ones.
const maxFacetValues = 100

// facetValue is a value of a facet, and how many of what a list finds have it.
type facetValue struct {
	value, label string
	count        uint64
}

// facetsOf counts the values of the facets that a query asks for, among what passes all but the facet's own filter: what
// choosing the value instead would give.
func (s *Snapshot) facetsOf(q Query, h *hits, t *truth, words catalogue.Words) catalogue.Object {
	var facets catalogue.Object
	for _, name := range q.Facets {
		others := q
		others.Filters = map[string][]string{}
		for filter, values := range q.Filters {
			if filter != name {
				others.Filters[filter] = values
			}
		}
		if name == facetKind {
			others.Kinds = catalogue.Kinds
		}
		_, among := s.matching(others, t)
		if among == nil {
			among = s.everything(others.Kinds)
		}
		if h != nil {
			among = roaring.And(among, h.Matches)
		}
		values := s.counted(name, others.Kinds, among, t, words)
		slices.SortFunc(values, func(a, b facetValue) int {
			return cmp.Or(cmp.Compare(b.count, a.count), strings.Compare(a.label, b.label), strings.Compare(a.value, b.value))
		})
		facets = append(facets, catalogue.Member{Name: name, Value: encodeFacet(values[:min(len(values), maxFacetValues)])})
	}
	return facets
}

// facetKind counts what was found by kind.
const facetKind = "kind"

func encodeFacet(values []facetValue) []byte {
	b := []byte{'['}
	for i, v := range values {
		if i > 0 {
			b = append(b, ',')
		}
		b = catalogue.AppendString(append(b, `{"value":`...), v.value)
		b = catalogue.AppendString(append(b, `,"label":`...), v.label)
		b = append(strconv.AppendUint(append(b, `,"count":`...), v.count, 10), '}')
	}
	return append(b, ']')
}

// counted lists the values of a facet that any entry of a set has.
func (s *Snapshot) counted(name string, kinds []catalogue.Kind, among *roaring.Bitmap, t *truth, words catalogue.Words) []facetValue {
	var values []facetValue
	add := func(value, label string, sets ...*roaring.Bitmap) {
		if n := roaring.FastOr(sets...).AndCardinality(among); n > 0 {
			values = append(values, facetValue{value, label, n})
		}
	}
	filter, _ := catalogue.FilterNamed(name)
	switch {
	case name == facetKind:
		for _, kind := range kinds {
			add(string(kind), facetLabel(words, name, string(kind)), s.everything([]catalogue.Kind{kind}))
		}
	case filter.Scheme != "":
		for _, term := range vocabulary.MustGet(filter.Scheme).Terms {
			label, _ := term.Label.In(reader(words.Lang))
			add(term.Code, label, s.valued(kinds, name, []string{term.Code}, t))
		}
	case filter.Flag:
		for _, value := range []string{"true", "false"} {
			add(value, facetLabel(words, name, value), s.valued(kinds, name, []string{value}, t))
		}
	default:
		for _, value := range s.valuesOf(kinds, name) {
			label := value
			if ref, ok := catalogue.ParseRef(filter.Kind, value); ok || name == catalogue.FilterPublisher {
				if name == catalogue.FilterPublisher {
					ref = catalogue.Ref{Kind: catalogue.KindPublisher, Publisher: value, Key: value}
				}
				if e := s.Resolve(ref); e != nil {
					label, _ = e.Label.In(reader(words.Lang))
				}
			}
			add(value, label, s.valued(kinds, name, []string{value}, t))
		}
	}
	return values
}

// facetLabel is how a value of ours, which no vocabulary has, is called.
func facetLabel(words catalogue.Words, facet, value string) string {
	return lang.Message(reader(words.Lang), "facet."+facet+"."+value)
}

// valued is what of some kinds has one of the values of a filter.
func (s *Snapshot) valued(kinds []catalogue.Kind, name string, values []string, t *truth) *roaring.Bitmap {
	all := roaring.New()
	for _, kind := range kinds {
		if name == catalogue.FilterOpenNow {
			all.Or(t.opening(s, kind, t.now).of(values))
		} else {
			all.Or(s.having(kind, name, values, t))
		}
	}
	return all
}

// valuesOf lists the values of a filter that any entry of some kinds has.
func (s *Snapshot) valuesOf(kinds []catalogue.Kind, name string) []string {
	var values []string
	for _, kind := range kinds {
		prefix := facetName(kind, name, "")
		s.facets.Ascend(prefix, func(key string, _ *roaring.Bitmap) bool {
			value, ok := strings.CutPrefix(key, prefix)
			if ok {
				values = append(values, value)
			}
			return ok
		})
	}
	slices.Sort(values)
	return slices.Compact(values)
}
