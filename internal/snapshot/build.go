package snapshot

import (
	"encoding/binary"
	"encoding/json"
	"hash/maphash"
	"log/slog"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/tidwall/btree"
	"github.com/tidwall/rtree"
	"golang.org/x/text/collate"
	"golang.org/x/text/language"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/lang"
	"github.com/comuneprato/service-catalogue/internal/search"
)

// Sort is the order of a list.
type Sort string

// The orders.
const (
	SortTitle       Sort = "title"       // of the Italian titles, as Italian sorts
	SortUpdatedAt   Sort = "updatedAt"   // the oldest change first
	SortPublishedAt Sort = "publishedAt" // the oldest entry first

	SortDistance Sort = "distance" // from a point, the nearest first; where a query has one
)

// Sorts lists the orders that are kept ready, the default first.
var Sorts = []Sort{SortTitle, SortUpdatedAt, SortPublishedAt}

type order struct {
	kind catalogue.Kind
	sort Sort
}

// rank is the place of an entry in an order: a key that sorts as bytes, and the id, so that no two are equal.
type rank string

func facetName(kind catalogue.Kind, facet, value string) string {
	return string(kind) + "\x00" + facet + "\x00" + value
}

// builder makes snapshots one after the other. It is used by one goroutine, and what it has handed out never changes.
type builder struct {
	head       Snapshot
	own        map[*roaring.Bitmap]bool // sets that no snapshot has yet
	generation int64
	last       catalogue.Change // that was taken in; none after everything was loaded
	log        *slog.Logger
	words      *search.Builder
	collator   *collate.Collator
	buffer     collate.Buffer
}

// newBuilder begins with nothing. Its generations go on after the given one, so that no answer that was kept under an
// earlier generation is taken for one of its own.
func newBuilder(log *slog.Logger, generation int64) *builder {
	b := &builder{
		log: log, generation: generation, words: search.NewBuilder(),
		head: Snapshot{
			nodes:     new(btree.Map[ordinal, *node]),
			names:     new(btree.Map[string, ordinal]),
			orders:    map[order]*btree.Map[rank, ordinal]{},
			facets:    new(btree.Map[string, *roaring.Bitmap]),
			referrers: new(btree.Map[string, *roaring.Bitmap]),
			timed:     roaring.New(),
			points:    map[catalogue.Kind]*rtree.RTreeG[ordinal]{},
		},
		own:      map[*roaring.Bitmap]bool{},
		collator: collate.New(language.Italian, collate.Numeric),
	}
	for _, kind := range catalogue.Kinds {
		for _, sort := range Sorts {
			b.head.orders[order{kind, sort}] = new(btree.Map[rank, ordinal])
		}
		if catalogue.HasPoints(kind) {
			b.head.points[kind] = new(rtree.RTreeG[ordinal])
		}
	}
	return b
}

// snapshot hands out what was built, by copies that share everything until the builder writes to its own.
func (b *builder) snapshot(position int64) *Snapshot {
	b.head.generation = b.nextGeneration()
	b.head.position, b.head.positionValue = position, []string{strconv.FormatInt(position, 10)}
	b.indexing(func() { b.head.words = b.words.Index() })
	clear(b.own)
	s := b.head
	s.timed = b.head.timed.Clone()
	s.points = make(map[catalogue.Kind]*rtree.RTreeG[ordinal], len(b.head.points))
	for kind, tree := range b.head.points {
		s.points[kind] = tree.Copy()
	}
	s.nodes, s.names = b.head.nodes.Copy(), b.head.names.Copy()
	s.facets, s.referrers = b.head.facets.Copy(), b.head.referrers.Copy()
	s.orders = make(map[order]*btree.Map[rank, ordinal], len(b.head.orders))
	for o, tree := range b.head.orders {
		s.orders[o] = tree.Copy()
	}
	return &s
}

// apply puts one change into the picture, and into what depends on the entry.
func (b *builder) apply(u catalogue.Update) {
	if u.Subject != catalogue.SubjectEntry {
		b.set(u)
	} else if n := b.place(u); n != nil {
		b.index(n)
		if u.Change.Change != catalogue.ChangeReviewed {
			b.touch(n)
		}
	}
}

// set takes in a setting.
func (b *builder) set(u catalogue.Update) {
	b.head.changed = later(b.head.changed, u.At)
	var sets []search.SynonymSet
	err := json.Unmarshal([]byte(u.Document), &sets)
	if err == nil {
		err = b.words.SetSynonyms(sets)
	}
	if err != nil || u.Subject != catalogue.SubjectSynonyms {
		b.log.Error("a setting cannot be read, what was in force before goes on: put it anew", "subject", u.Subject, "version", u.Revision, "err", err)
	}
}

// indexing does something to the index of the search. If that fails, the search is out of order until a restart, and all
// else goes on.
func (b *builder) indexing(do func()) {
	defer func() {
		if r := recover(); r != nil {
			b.head.searchFailed = true
			b.log.Error("the index of the search is broken and search is out of order: restart the server, and report this", "panic", r, "stack", string(debug.Stack()))
		}
	}()
	if !b.head.searchFailed {
		do()
	}
}

// place puts one change into the picture, but for what lists find the entry by, which index does. A document that cannot
// be read is told to the operator; readers go on with what the entry was before, if it was.
func (b *builder) place(u catalogue.Update) *node {
	doc, err := catalogue.StoredPublic(u.Kind, u.Document)
	if err != nil {
		b.log.Error("a published entry cannot be read and is not shown as it is: publish it anew", "kind", u.Kind, "publisher", u.Publisher,
			"key", u.Key, "revision", u.Revision, "err", err)
		return nil
	}
	number, known := b.head.names.Get(idName(u.ID))
	var old *node
	if known {
		old, _ = b.head.nodes.Get(number)
		b.remove(old)
		if u.Change.Change == catalogue.ChangeReviewed {
			u.At = old.UpdatedAt
		}
	} else {
		number = ordinal(b.head.nodes.Len()) //nolint:gosec // four thousand million entries are more than a city has
		b.head.names.Set(idName(u.ID), number)
	}
	n := b.node(number, u, doc)
	b.head.nodes.Set(number, n)
	b.add(n, old)
	b.head.changed = later(later(b.head.changed, u.At), u.ReviewedAt)
	return n
}

// indexAll does for everything what index does for one entry: after all were placed, so that none lacks what it refers to.
func (b *builder) indexAll() {
	var all []*node
	b.head.nodes.Scan(func(_ ordinal, n *node) bool {
		all = append(all, n)
		return true
	})
	for _, n := range all {
		n.Entry = catalogue.NewEntry(n.Entry, n.Document, &b.head)
		b.index(n)
	}
}

// index finds out what lists find a new node by, which may depend on what it refers to.
func (b *builder) index(n *node) {
	if n.Available() {
		n.facts = catalogue.FactsOf(&n.Entry, &b.head)
	}
	b.each(n, (*roaring.Bitmap).Add, (*rtree.RTreeG[ordinal]).Insert)
	b.indexing(func() {
		if !n.Available() {
			b.words.Delete(n.ordinal)
			return
		}
		words := n.wordsOf(&b.head)
		if n.wordsHash != hashOf(words) {
			n.wordsHash = hashOf(words)
			b.words.Put(words)
		}
	})
}

// hashSeed is another one in every process.
var hashSeed = maphash.MakeSeed()

// hashOf tells documents of the search apart, so that what stayed the same is not indexed again.
func hashOf(d search.Document) uint64 {
	var h maphash.Hash
	h.SetSeed(hashSeed)
	for _, f := range d.Fields {
		maphash.WriteComparable(&h, f)
	}
	maphash.WriteComparable(&h, [2]bool{d.Inactive, d.Online})
	return max(h.Sum64(), 1)
}

// each changes every set that a node is in, and the tree of its points.
func (b *builder) each(n *node, change func(*roaring.Bitmap, uint32), point func(*rtree.RTreeG[ordinal], [2]float64, [2]float64, ordinal)) {
	if n.Available() {
		b.change(b.head.facets, facetName(n.Ref.Kind, "", ""), func(set *roaring.Bitmap) { change(set, n.ordinal) })
	}
	for _, f := range n.facts.Values {
		b.change(b.head.facets, facetName(n.Ref.Kind, f.Filter, f.Value), func(set *roaring.Bitmap) { change(set, n.ordinal) })
	}
	if n.facts.Timed {
		change(b.head.timed, n.ordinal)
	}
	for _, p := range n.facts.Points {
		at := [2]float64{*p.Lon, *p.Lat}
		point(b.head.points[n.Ref.Kind], at, at, n.ordinal)
	}
}

func (b *builder) node(number ordinal, u catalogue.Update, doc catalogue.Document) *node {
	public := doc
	if u.Change.Change == catalogue.ChangeWithdrawn {
		public = nil
	}
	n := &node{
		Entry: catalogue.NewEntry(catalogue.Entry{
			ID: u.ID, Ref: catalogue.Ref{Kind: u.Kind, Publisher: u.Publisher, Key: u.Key}, Slug: u.Slug, Revision: u.Revision,
			PublishedAt: u.FirstPublishedAt, UpdatedAt: u.At, ReviewedAt: u.ReviewedAt, Label: doc.Common().Title,
			Outdated: u.Outdated,
		}, public, &b.head),
		ordinal: number, generation: b.nextGeneration(), reason: u.Reason, replacedBy: u.ReplacedBy,
	}
	if public == nil {
		return n
	}
	n.summaries = newSummaries()
	for _, sort := range Sorts {
		n.ranks = append(n.ranks, b.rank(n, sort))
	}
	profile := catalogue.Ref{Kind: catalogue.KindPublisher, Publisher: u.Publisher, Key: u.Publisher}
	seen := map[catalogue.Ref]bool{n.Ref: true}
	for _, ref := range append(catalogue.References(doc), catalogue.Reference{To: profile}) {
		if !seen[ref.To] {
			seen[ref.To] = true
			n.references = append(n.references, ref.To)
		}
	}
	return n
}

func (b *builder) nextGeneration() int64 {
	b.generation++
	return b.generation
}

// apostrophes are one character to readers, and two to the collator.
var apostrophes = strings.NewReplacer("’", "'")

func (b *builder) rank(n *node, sort Sort) rank {
	switch sort {
	case SortUpdatedAt:
		return rank(instantKey(n.UpdatedAt) + string(n.ID[:]))
	case SortPublishedAt:
		return rank(instantKey(n.PublishedAt) + string(n.ID[:]))
	default:
		defer b.buffer.Reset()
		title := b.collator.KeyFromString(&b.buffer, apostrophes.Replace(n.Label[lang.Italian]))
		return rank(string(title) + "\x00" + string(n.ID[:]))
	}
}

// rank is the place of a public entry in an order of its kind.
func (n *node) rank(sort Sort) rank { return n.ranks[slices.Index(Sorts, sort)] }

// instantKey sorts as bytes as instants sort in time, to the microsecond.
func instantKey(t time.Time) string {
	const before1970 = 1 << 63 // the sign, which must sort the other way round
	return string(binary.BigEndian.AppendUint64(nil, uint64(t.UnixMicro())^before1970))
}

func (b *builder) add(n, old *node) {
	if old != nil && old.Slug != n.Slug {
		b.head.names.Delete(slugName(n.Ref.Kind, old.Slug))
		b.head.names.Set(oldSlugName(n.Ref.Kind, old.Slug), n.ordinal)
	}
	b.head.names.Set(refName(n.Ref), n.ordinal)
	b.head.names.Set(slugName(n.Ref.Kind, n.Slug), n.ordinal)
	for _, ref := range n.references {
		b.change(b.head.referrers, refName(ref), func(set *roaring.Bitmap) { set.Add(n.ordinal) })
	}
	if !n.Available() {
		return
	}
	for _, sort := range Sorts {
		b.head.orders[order{n.Ref.Kind, sort}].Set(n.rank(sort), n.ordinal)
	}
}

func (b *builder) remove(n *node) {
	for _, ref := range n.references {
		b.change(b.head.referrers, refName(ref), func(set *roaring.Bitmap) { set.Remove(n.ordinal) })
	}
	if !n.Available() {
		return
	}
	for _, sort := range Sorts {
		b.head.orders[order{n.Ref.Kind, sort}].Delete(n.rank(sort))
	}
	b.each(n, (*roaring.Bitmap).Remove, (*rtree.RTreeG[ordinal]).Delete)
}

// change changes a set, or a copy of it where a snapshot has it, and drops it when nothing is left.
func (b *builder) change(sets *btree.Map[string, *roaring.Bitmap], name string, f func(*roaring.Bitmap)) {
	set, ok := sets.Get(name)
	switch {
	case !ok:
		set = roaring.New()
	case !b.own[set]:
		set = set.Clone()
	}
	b.own[set] = true
	f(set)
	if set.IsEmpty() {
		sets.Delete(name)
		return
	}
	sets.Set(name, set)
}

// showing are the kinds of entries that others show more of than the name, or are open by: a service shows its channels and
// offices, these their places, and all of them are open by timetables, which name holiday sets.
var showing = []catalogue.Kind{
	catalogue.KindHolidaySet, catalogue.KindTimetable, catalogue.KindPlace, catalogue.KindOffice, catalogue.KindChannel,
}

// touch renews the entries that name n, and those that show one that does.
func (b *builder) touch(n *node) {
	shown, next := roaring.New(), b.referrersOf(n)
	for known := true; known; {
		farther := roaring.New()
		for it := next.Iterator(); it.HasNext(); {
			number := it.Next()
			referrer, _ := b.head.nodes.Get(number)
			if shown.CheckedAdd(number) && slices.Contains(showing, referrer.Ref.Kind) {
				farther.Or(b.referrersOf(referrer))
			}
		}
		next, known = farther, !farther.IsEmpty()
	}
	shown.Remove(n.ordinal)
	for _, kind := range catalogue.Kinds { // in the order in which they depend on each other
		for it := shown.Iterator(); it.HasNext(); {
			if old, _ := b.head.nodes.Get(it.Next()); old.Ref.Kind == kind {
				b.renew(old)
			}
		}
	}
}

// renew gives an entry a new generation, and judges anew what depends on others.
func (b *builder) renew(old *node) {
	n := *old
	n.generation, n.summaries = b.nextGeneration(), newSummaries()
	n.Entry = catalogue.NewEntry(n.Entry, n.Document, &b.head)
	b.each(old, (*roaring.Bitmap).Remove, (*rtree.RTreeG[ordinal]).Delete)
	b.head.nodes.Set(n.ordinal, &n)
	b.index(&n)
}

func (b *builder) referrersOf(n *node) *roaring.Bitmap {
	if set, ok := b.head.referrers.Get(refName(n.Ref)); ok {
		return set
	}
	return roaring.New()
}

// moved notes an old slug, unless it is in use again.
func (b *builder) moved(kind catalogue.Kind, slug string, id catalogue.EntryID) {
	number, known := b.head.names.Get(idName(id))
	if _, used := b.head.names.Get(slugName(kind, slug)); known && !used {
		b.head.names.Set(oldSlugName(kind, slug), number)
	}
}
