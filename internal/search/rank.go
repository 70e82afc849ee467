package search

import (
	"cmp"
	"math"
	"math/bits"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/RoaringBitmap/roaring/v2"
)

const (
	saturation     = 1.5 // k1 of BM25
	inactiveFactor = 0.72
	onlineFactor   = 1.03
	whereFactor    = 1.7
	placeFactor    = 1.5
	runFactor      = 0.35
	phraseFactor   = 0.12
	nameFactor     = 0.4
	exactFactor    = 0.6
)

// ranked is a slot with its score.
type ranked struct {
	slot    int
	partial bool // it is without some of the required words: it comes after what has them
	score   float64
	name    float64
	phrase  float64
}

// Search returns what the query finds, the best first; equal ones in the order of their titles, then of their ids, so that
// all nodes have the same order.
func (x *Index) Search(q Query) Result {
	s := x.searcher(q.Text, tongueOf(q.Lang))
	defer s.release()
	s.read()
	meaning := s.plan()
	var r Result
	if len(s.wanted) > 0 {
		s.find(&r, q, meaning)
	}
	r.Work = s.work
	return r
}

// find fills a result. What is found depends on the text alone; the filter takes away from it.
func (s *searcher) find(r *Result, q Query, meaning bool) {
	keep := s.choose(meaning)
	if q.Matches {
		r.Matches = roaring.New()
	}
	limit := min(max(q.Limit, 0), maxHits)
	offset := max(q.Offset, 0)
	s.best = s.best[:0]
	room := max(min(offset, math.MaxInt32)+limit, refined)
	found := 0
	for i := range s.slots {
		if !keep.holds(s, i) {
			continue
		}
		found++
		d := s.brief(i)
		if r.Matches != nil {
			r.Matches.Add(d.ordinal)
		}
		if q.Filter != nil && !q.Filter.Contains(d.ordinal) {
			continue
		}
		r.Total++
		if limit > 0 {
			partial := keep.quorum > 0 && keep.required != 0 && !keep.full(s, i)
			s.keepBest(ranked{slot: i, partial: partial, score: s.words(i) * s.boost(d)}, room)
		}
	}
	if len(s.best) > refined {
		s.sort(s.best)
	}
	head := s.best[:min(len(s.best), refined)]
	for i := range head {
		c := &head[i]
		c.name, c.phrase = s.name(c.slot), s.phrase(c.slot)
		c.score += (c.name + c.phrase) * s.boost(s.brief(c.slot))
	}
	s.sort(head)
	if found == 0 {
		r.Suggestions = s.suggest()
		return
	}
	r.Dropped = s.dropped(keep)
	r.DidYouMean = s.didYouMean()
	if offset < len(s.best) {
		s.show(r, q, s.best[offset:min(offset+limit, len(s.best))])
	}
}

func (s *searcher) document(i int) *document {
	return &s.parts[s.slots[i].part].documents[s.slots[i].document]
}

func (s *searcher) brief(i int) *brief {
	return &s.parts[s.slots[i].part].briefs[s.slots[i].document]
}

// boost is what a document's score is multiplied by: more for a place where somebody asks for one.
func (s *searcher) boost(d *brief) float64 {
	if s.where && d.place {
		return float64(d.boost) * whereFactor
	}
	return float64(d.boost)
}

// keepBest keeps the best of the slots seen, as a heap with the worst of them on top once there are too many.
func (s *searcher) keepBest(c ranked, room int) {
	if len(s.best) < room {
		s.best = append(s.best, c)
		if len(s.best) == room {
			for i := room/2 - 1; i >= 0; i-- {
				s.sink(i)
			}
		}
		return
	}
	if s.compare(&c, &s.best[0]) < 0 {
		s.best[0] = c
		s.sink(0)
	}
}

func (s *searcher) sink(i int) {
	for {
		worst := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(s.best); child++ {
			if s.compare(&s.best[child], &s.best[worst]) > 0 {
				worst = child
			}
		}
		if worst == i {
			return
		}
		s.best[i], s.best[worst] = s.best[worst], s.best[i]
		i = worst
	}
}

func (s *searcher) sort(r []ranked) {
	slices.SortFunc(r, func(x, y ranked) int { return s.compare(&x, &y) })
}

func (s *searcher) compare(x, y *ranked) int {
	if x.partial != y.partial {
		if y.partial {
			return -1
		}
		return 1
	}
	if c := cmp.Compare(y.score, x.score); c != 0 {
		return c
	}
	a, b := s.document(x.slot), s.document(y.slot)
	return cmp.Or(strings.Compare(a.name, b.name), strings.Compare(a.id, b.id))
}

// title is the title of a document in a language, or in Italian, or the first there is.
func (d *document) title(t tongue) string {
	if f := d.titleField(t); f != nil {
		return f.Text
	}
	return ""
}

// titleField is the field that title is of, nil if there is none.
func (d *document) titleField(t tongue) (found *placed) {
	for i := range d.fields {
		f := &d.fields[i]
		if f.Class != Title {
			break
		}
		if f.tongue == t {
			return f
		}
		if found == nil || f.tongue == italian {
			found = f
		}
	}
	return found
}

// choice says which slots are found.
type choice struct {
	meaning  bool
	required mask    // the words that they must have
	dropped  mask    // those that they should have and none has
	byName   bool    // the required must be in names
	quorum   float64 // or how much of what the query says they must have at least; 0: that is not enough
}

// choose decides which words must be matched. First all of those that mean something; if no document has them all, as
// many as let one say that the question is answered: most of what it says, and by name. If that is not possible either,
// nothing is found: a word that happens to stand in some text is no answer.
func (s *searcher) choose(meaning bool) choice {
	var required mask
	rarest := -1
	for i := range s.wanted {
		w := &s.wanted[i]
		if w.role&weak == 0 {
			required |= 1 << i
		}
	}
	if required == 0 {
		required = 1<<len(s.wanted) - 1
		for i := range s.wanted {
			s.wanted[i].mass = 1
		}
	}
	possible := true
	for i := range s.wanted {
		if required&(1<<i) == 0 {
			continue
		}
		possible = possible && s.stands(i)
		if rarest < 0 || s.wanted[i].rarity > s.wanted[rarest].rarity {
			rarest = i
		}
	}
	c := choice{meaning: meaning, required: required}
	some, sure := 0, false
	if possible {
		s.gather(required, rarest)
		for i := range s.slots {
			if c.holds(s, i) {
				some++
				sure = sure || s.mass(s.slots[i].named&required) >= 0.5*s.mass(required)
			}
		}
	}
	if !meaning || some > 0 && bits.OnesCount32(required) == 1 || sure && (some >= few && !s.where || s.many()) {
		return c
	}
	s.widen()
	d, named, least := s.compromise(required)
	switch {
	case sure || some > 0 && (named < 0.6 || d.quorum == 0): // what has all words is better, unless others have most in a name
		if (some < few || s.where) && d.quorum > 0 {
			c.quorum = least
		}
		return c
	case d.quorum > 0:
		return d
	}
	return s.withoutVerbs(required)
}

// withoutVerbs drops the infinitives: who asks "disdire mensa" is helped by the page of what is named, if it is named.
func (s *searcher) withoutVerbs(required mask) choice {
	var verbs mask
	for i := range s.wanted {
		if w := &s.wanted[i]; required&(1<<i) != 0 && isInfinitive(s.query[w.start:w.end]) {
			verbs |= 1 << i
		}
	}
	c := choice{meaning: true, required: required &^ verbs, dropped: verbs, byName: true}
	if verbs == 0 || c.required&^s.generic() == 0 || s.ordinary(c.required) || s.guessed(c.required) {
		c.required = 0
	}
	return c
}

var infinitives = []string{"are", "ere", "ire", "arsi", "ersi", "irsi", "porsi"}

func isInfinitive(word string) bool {
	word = strings.ToLower(word)
	return len(word) >= 6 && slices.ContainsFunc(infinitives, func(ending string) bool { return strings.HasSuffix(word, ending) })
}

const (
	few       = 4    // documents that have all words are joined by others that have most
	tooCommon = 2000 // unless so many documents have words of the query: then that takes too long for what it gives
)

// many reports whether a great many documents have words that are wanted.
func (s *searcher) many() bool {
	n := 0
	for i := range s.wanted {
		n += s.documentsWith(s.wanted[i].terms)
	}
	return n > tooCommon
}

// holds reports whether a slot is found.
func (c choice) holds(s *searcher, i int) bool {
	if c.full(s, i) {
		return true
	}
	slot := &s.slots[i]
	if c.quorum <= 0 || !s.anchored(slot) {
		return false
	}
	covered := s.covered(slot)
	if s.where && s.brief(i).place { // "sportello ZTL via Panziera": what it is for need not be said there
		covered *= placeFactor
	}
	return covered >= c.quorum
}

// full reports whether a slot has the required words.
func (c choice) full(s *searcher, i int) bool {
	slot := &s.slots[i]
	if c.required == 0 || slot.matched&c.required != c.required {
		return false
	}
	if !c.meaning {
		return s.isName(i)
	}
	if c.byName {
		return (slot.named|slot.meant)&c.required == c.required
	}
	switch bare := c.required &^ s.generic(); {
	case bare == c.required:
	case bare != 0 && (slot.strong|s.codes())&bare == 0, bare == 0 && slot.strong&c.required != c.required,
		bare == 0 && len(s.wanted) > 1 && slot.head&c.required != c.required:
		return false // "prestiti personali": that the lender takes care of personal data is no answer
	}
	place := (slot.named|slot.meant)&c.required != 0 && s.brief(i).place // its other texts are where it is: "via Roma"
	if !place && s.ordinary(c.required&^(slot.named|slot.meant)) || s.guessed(c.required&^slot.strong) {
		return false
	}
	total := s.mass(c.required)
	strong := s.mass(slot.strong & c.required)
	switch {
	case strong >= 0.6*total, place && strong >= 0.4*total:
		return true
	case bits.OnesCount32(c.required) == 1:
		return len(s.wanted) == 1 || slot.matched == 1<<len(s.wanted)-1 && s.together(i, slot.matched)
	case slot.named&c.required&-c.required != 0 && s.mass(slot.named&c.required) >= 0.49*total:
		return true // "nido ISEE": what is meant comes first
	}
	return s.together(i, c.required)
}

// ordinary reports whether one of some words is an everyday one: that a text mentions it, without naming it, is no reason
// to think that it is about it.
func (s *searcher) ordinary(words mask) bool {
	for ; words != 0; words &= words - 1 {
		if s.wanted[bits.TrailingZeros32(words)].role&everyday != 0 {
			return true
		}
	}
	return false
}

// guessed reports whether one of some words is a correction: that a text happens to have it is not enough either.
func (s *searcher) guessed(words mask) bool {
	for ; words != 0; words &= words - 1 {
		if s.wanted[bits.TrailingZeros32(words)].corrected {
			return true
		}
	}
	return false
}

func (s *searcher) mass(words mask) float64 {
	sum := 0.0
	for ; words != 0; words &= words - 1 {
		sum += s.wanted[bits.TrailingZeros32(words)].mass
	}
	return sum
}

// generic are the words that say what is done, not with what: "iscrizione", "rinnovo".
func (s *searcher) generic() mask {
	var words mask
	for i := range s.wanted {
		if s.wanted[i].role&generic != 0 {
			words |= 1 << i
		}
	}
	return words
}

// codes are the words that are no words.
func (s *searcher) codes() mask {
	var words mask
	for i := range s.wanted {
		if s.wanted[i].code {
			words |= 1 << i
		}
	}
	return words
}

// How much of what a query says must be found, by how many of its words mean something: who says more says more that
// does not matter.
var quorums = [...]float64{1, 1, 0.6, 0.5, 0.42, 0.31, 0.28}

const (
	chattyInfo = 1.2  // of one in a query of chatty words
	chatty     = 4    // so many words make a sentence
	bodyShare  = 0.6  // of a word that only a text has
	nearBest   = 0.65 // of what the best has
)

// inform finds how much each word tells, and returns the sum: rare words more than common ones, and those that say what
// is done less than those that say with what.
func (s *searcher) inform(required mask) float64 {
	content := bits.OnesCount32(required)
	most := 1.0
	for i := range s.wanted {
		if s.stands(i) && required&(1<<i) != 0 {
			most = max(most, min(s.wanted[i].rarity, 4.5))
		}
	}
	total := 0.0
	for i := range s.wanted {
		w := &s.wanted[i]
		switch {
		case s.stands(i):
			w.info = min(max(w.rarity, 1), 4.5)
		case content >= chatty:
			w.info = chattyInfo
		default:
			w.info = most
		}
		switch {
		case required&(1<<i) == 0:
			w.info *= 0.1
		case w.role&(generic|everyday) == generic:
			w.info *= 0.6
		case w.role&everyday != 0 && len(s.asked) >= 2*chatty:
			w.info *= 0.5
		case w.cjk && !w.known:
			w.info *= 0.5
		}
		total += w.info
	}
	return total
}

// covered is how much of what the query says a slot has.
func (s *searcher) covered(slot *slot) float64 {
	sum := 0.0
	for m := slot.matched; m != 0; m &= m - 1 {
		i := bits.TrailingZeros32(m)
		info := s.wanted[i].info
		switch {
		case slot.strong&(1<<i) != 0:
		case s.wanted[i].role&everyday != 0:
			continue
		default:
			info *= bodyShare
		}
		sum += info
	}
	return sum
}

// anchored reports whether a slot has, in its names or keywords, a word that says what is meant.
func (s *searcher) anchored(slot *slot) bool {
	for m := slot.head; m != 0; m &= m - 1 {
		if w := &s.wanted[bits.TrailingZeros32(m)]; w.role&(weak|generic|everyday) == 0 && (len(s.wanted) >= chatty || !w.corrected) {
			return true
		}
	}
	return false
}

// compromise finds how much of a query must be found where no document has all of it, how much of it a name has, and how
// much is enough at all. What is found must have a word of the query in its names or keywords.
func (s *searcher) compromise(required mask) (c choice, named, enough float64) {
	total := s.inform(required)
	said := bits.OnesCount32(required)
	if said > 1 { // the more words it takes, the more of them are only said in passing
		said += min(len(s.asked)/6, 2)
	}
	least := quorums[min(said, len(quorums)-1)]
	for i := range s.wanted {
		if s.wanted[i].cjk {
			least = min(least, 0.5)
		}
	}
	best, most := 0.0, 0.0
	for i := range s.slots {
		slot := &s.slots[i]
		covered := s.covered(slot)
		if !s.anchored(slot) || covered < least*total && (covered < 0.45*total || !s.fills(i, slot.matched)) {
			continue // "TARI conguaglio": what it has is a whole name
		}
		best = max(best, covered)
		in := 0.0
		for m := slot.named; m != 0; m &= m - 1 {
			in += s.wanted[bits.TrailingZeros32(m)].info
		}
		switch {
		case in/total > named:
			named, most = in/total, covered
		case in/total == named:
			most = max(most, covered)
		}
	}
	if best == 0 {
		return choice{}, 0, 0
	}
	near := nearBest * best
	if named > 0 {
		near = min(near, most)
	}
	return choice{meaning: true, quorum: max(min(least*total, best), near)}, named, least * total
}

// words is the part of a slot's score that its words make.
func (s *searcher) words(i int) float64 {
	sum := 0.0
	for j := range s.wanted {
		sum += s.word(i, j)
	}
	return sum
}

func (s *searcher) word(i, j int) float64 {
	c := &s.scores[i*len(s.wanted)+j]
	if c.weight == 0 {
		return 0
	}
	w := &s.wanted[j]
	f := float64(c.weight)
	if w.role&where != 0 { // it says what sort of entry is meant, not which
		f *= w.mass
	}
	return w.rarity * math.Sqrt(w.mass) * f / (saturation + f)
}

// name says how much of one of a document's names the query is.
func (s *searcher) name(i int) float64 {
	best := 0.0
	d := s.document(i)
	for j := range d.fields {
		f := &d.fields[j]
		if 1<<f.Class&nameClasses == 0 {
			break
		}
		covered, all, places, exact, run := s.cover(i, f)
		if covered == 0 {
			continue
		}
		share := covered / all
		fill := min(float64(places)/float64(max(f.content, 1)), 1)
		score := covered * share * nameFactor * (0.4 + 0.6*fill)
		if share > 0.999 && run {
			score += covered * runFactor
		}
		if share > 0.999 && fill > 0.999 {
			score += covered * exactFactor
			if exact {
				score += covered * 0.2
			}
		}
		switch f.Class {
		case AlternativeTitle:
			score *= 0.9
		case Acronym:
			score *= 0.8
		default:
		}
		if f.tongue != s.reader {
			score *= 0.9
		}
		best = max(best, score)
	}
	return best
}

// cover says how much of the query a name has: the rarity of the wanted words in it and of all, how many of its own
// words they are, whether all are written as in the query, and whether they follow each other.
func (s *searcher) cover(i int, f *placed) (covered, all float64, places int, exact, run bool) {
	p := &s.parts[s.slots[i].part]
	var seen [64]uint16
	n := 0
	exact, run = true, len(s.wanted) > 1
	last := -1
	for j := range s.wanted {
		w := &s.wanted[j]
		rarity := w.rarity * math.Sqrt(w.mass)
		all += rarity
		c := &s.scores[i*len(s.wanted)+j]
		if c.inName == 0 {
			continue
		}
		at, ok := p.within(&p.postings[c.name.posting], f)
		if !ok {
			continue
		}
		synonym := s.terms[c.name.via].synonym
		if n < len(seen) && !slices.Contains(seen[:n], at) {
			seen[n] = at
			n++
			places++
			if w.cjk && w.known && !synonym {
				places += utf8.RuneCountInString(w.word) - 1
			}
		}
		run = run && (last < 0 || int(at) > last && int(at) <= last+3)
		last = int(at)
		if synonym {
			rarity *= 0.6
		}
		covered += rarity
		exact = exact && p.words[s.terms[c.name.via].word].word == w.word
	}
	s.work += len(s.wanted)
	return covered, all, places, exact, run
}

// within is the first place of a word in a field.
func (p *part) within(entry *posting, f *placed) (uint16, bool) {
	for _, at := range p.places(entry) {
		if at >= f.start {
			return at, at < f.end
		}
	}
	return 0, false
}

// isName reports whether the query is the whole of one of a document's names.
func (s *searcher) isName(i int) bool {
	d := s.document(i)
	for j := range d.fields {
		f := &d.fields[j]
		if 1<<f.Class&nameClasses == 0 {
			break
		}
		if covered, all, places, exact, _ := s.cover(i, f); exact && covered >= all && places >= int(f.end-f.start) {
			return true
		}
	}
	return false
}

// fills reports whether words are the whole of one of a document's names.
func (s *searcher) fills(i int, words mask) bool {
	d := s.document(i)
	for j := range d.fields {
		f := &d.fields[j]
		if 1<<f.Class&nameClasses == 0 {
			break
		}
		if _, _, places, _, _ := s.cover(i, f); places >= int(f.content) && places >= bits.OnesCount32(words) {
			return true
		}
	}
	return false
}

// phrase says how near wanted words that follow each other stand in a document.
func (s *searcher) phrase(i int) float64 {
	sum := 0.0
	p := &s.parts[s.slots[i].part]
	row := s.scores[i*len(s.wanted):]
	for j := 1; j < len(s.wanted); j++ {
		a, b := &row[j-1], &row[j]
		if a.weight == 0 || b.weight == 0 || a.best.posting == b.best.posting {
			continue
		}
		x, y := &p.postings[a.best.posting], &p.postings[b.best.posting]
		s.work += int(x.count) + int(y.count)
		if d := p.apart(x, y); d <= 4 {
			sum += (s.wanted[j-1].rarity + s.wanted[j].rarity) * phraseFactor / float64(d)
		}
	}
	return sum
}

// together reports whether words stand together in a document, wherever.
func (s *searcher) together(i int, words mask) bool {
	p := &s.parts[s.slots[i].part]
	row := s.scores[i*len(s.wanted):]
	last := -1
	for j := range s.wanted {
		if words&(1<<j) == 0 {
			continue
		}
		if last >= 0 {
			x, y := &p.postings[row[last].best.posting], &p.postings[row[j].best.posting]
			s.work += int(x.count) + int(y.count)
			if x != y && p.apart(x, y) > 3 {
				return false
			}
		}
		last = j
	}
	return true
}
