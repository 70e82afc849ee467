package search

import (
	"cmp"
	"math"
	"slices"
	"sort"
	"strings"
	"sync"
	"unicode/utf8"
)

// segment is an inverted index of some documents. It never changes.
type segment struct {
	words     []word              // in the order of their texts, then of their languages
	families  map[string][]uint32 // by tongue and family: numbers of words
	postings  []posting           // of each word: those in heads by document, then the rest by document
	positions []uint16            // of each posting, ascending
	documents []document
	briefs    []brief       // what ranking needs of each document
	tongues   [tongues]bool // the languages of the words
	tree      func() trie   // of the words, made when the first is misspelt
}

// word is a word of one language in a segment.
type word struct {
	form

	shown   string // how a text spells it, in small letters
	tongue  tongue
	from    uint32 // its postings
	rest    uint32 // where those begin that are not in heads
	to      uint32
	numbers counts // of its documents, all of them
}

// counts says how many documents have a word.
type counts struct{ all, head uint32 }

// posting is one document of a word.
type posting struct {
	document uint32 // in the segment
	at       uint32 // its positions
	count    uint16
	classes  uint16  // a bit for each class that has the word
	weight   float32 // its frequency, weighted by class and length
	head     float32 // the part of it that is in the head
}

// brief is what ranking needs of every document that has a word, kept together for the processor's caches.
type brief struct {
	ordinal uint32
	boost   float32
	place   bool // it is an office or a place
}

// document is what a segment keeps of a document.
type document struct {
	brief

	name    string // its title in Italian, to order equal ones by
	id      string // then this
	fields  []placed
	places  places   // where its words are in the texts of the fields
	entries []uint32 // its postings, ascending: one for each of its words
}

// placed is a field and where its words are among the document's.
type placed struct {
	Field

	tongue  tongue
	start   uint16 // its first position
	end     uint16
	content uint16 // words that are no function words
}

const headClasses = 1<<Summary - 1

// How much a word counts in a class, and how many words are usual there: a longer text says less with each. The pivots
// are fixed, so that a score depends on the index by the rarity of words alone.
var weights = [classes]struct{ weight, pivot, length float64 }{
	Title:            {5, 5, 0.5},
	AlternativeTitle: {4, 4, 0.5},
	Acronym:          {5, 2, 0.2},
	Keyword:          {1.6, 4, 0.3},
	Label:            {1.2, 4, 0.3},
	OfficeName:       {0.8, 4, 0.3},
	Summary:          {2, 20, 0.5},
	Body:             {0.7, 80, 0.6},
}

func (c Class) factor(length int) float32 {
	w := weights[c]
	return float32(w.weight / (1 - w.length + w.length*float64(length)/w.pivot))
}

// Between two fields there are more positions than words of a phrase may be apart.
const fieldGap = 12

// occurrence is a word at a place.
type occurrence struct {
	word     uint32 // in the lexicon, then in the segment
	document uint32
	position uint16
	class    Class
	weight   float32
}

// lexeme names a word of one language.
type lexeme struct {
	tongue tongue
	word   string
}

// assembler makes a segment of documents.
type assembler struct {
	numbers     map[lexeme]uint32
	words       []word
	occurrences []occurrence
	documents   []document
	places      placer // of the document that is read
	scratch     []byte
}

// add takes a document's words. Fields are placed by class, so that names come first.
func (b *assembler) add(d Document) {
	fields := slices.Clone(d.Fields)
	slices.SortStableFunc(fields, func(x, y Field) int { return cmp.Compare(x.Class, y.Class) })
	number := uint32(len(b.documents)) //nolint:gosec // a segment has no 2³² documents
	kept := document{
		id:     d.ID,
		brief:  brief{ordinal: d.Ordinal, boost: boost(d), place: d.Kind == "office" || d.Kind == "place"},
		fields: make([]placed, 0, len(fields)),
	}
	next := 0
	for _, f := range fields {
		if f.Class >= classes || f.Text == "" || next > math.MaxUint16-fieldGap {
			continue
		}
		f.Text = narrow(f.Text)
		p := placed{Field: f, tongue: tongueOf(f.Lang), start: uint16(next)}
		b.places.begin(next)
		from := len(b.occurrences)
		end, content := b.read(f, p.tongue, number, next)
		p.end, p.content = uint16(end), uint16(content) //nolint:gosec // read stays below
		class := f.Class
		if class == Label && isEnumeration(p) {
			class = Body
		}
		weight := f.Class.factor(content)
		for i := from; i < len(b.occurrences); i++ {
			b.occurrences[i].weight, b.occurrences[i].class = weight, class
		}
		kept.fields = append(kept.fields, p)
		next = end + fieldGap
	}
	kept.places = b.places.end()
	kept.name = kept.title(italian)
	b.documents = append(b.documents, kept)
}

// isEnumeration reports whether a label is so long that it names all that a term is for, of which a document with that
// term is hardly: "Richiesta passaporto, visto e assistenza viaggi internazionali".
func isEnumeration(p placed) bool {
	if p.tongue == chinese {
		return p.content > 10
	}
	return p.content > 3
}

func boost(d Document) float32 {
	b := d.Boost
	if b <= 0 {
		b = 1
	}
	if d.Inactive {
		b *= inactiveFactor
	}
	if d.Online {
		b *= onlineFactor
	}
	return float32(b)
}

// read notes the words of a field from a position on; it returns the position after the last and how many words carry
// meaning. Function words count as positions only, unless the field is a name.
func (b *assembler) read(f Field, t tongue, number uint32, position int) (end, content int) {
	a := analysers()[t]
	s := newTokens(f.Text, b.scratch)
	var tok token
	head := 1<<f.Class&headClasses != 0
	for position < math.MaxUint16-fieldGap && s.next(&tok) {
		note := func(text []byte, shown string) {
			n := b.number(a, text, shown)
			b.occurrences = append(b.occurrences, occurrence{word: n, document: number, position: uint16(position), class: f.Class}) //nolint:gosec // bounded by the loop
		}
		if tok.cjk {
			for i, size := 0, 0; i < len(tok.word) && position < math.MaxUint16-fieldGap; i += size {
				_, size = utf8.DecodeRune(tok.word[i:])
				b.places.add(tok.start + i)
				if pair := i + size; pair < len(tok.word) {
					_, second := utf8.DecodeRune(tok.word[pair:])
					note(tok.word[i:pair+second], "")
				}
				if head || size == len(tok.word) {
					note(tok.word[i:i+size], "")
				}
				position++
				content++
			}
			continue
		}
		b.places.add(tok.start)
		meaning := a.form(tok.word).role&function == 0
		if meaning {
			content++
		}
		if meaning || head {
			note(tok.word, f.Text[tok.start:tok.end])
			if tok.compound {
				for part := range strings.SplitSeq(string(tok.word), "/") {
					note([]byte(part), "")
				}
			}
		}
		position++
	}
	b.scratch = s.word
	return position, content
}

func (b *assembler) number(a *analyser, text []byte, shown string) uint32 {
	f := a.form(text)
	key := lexeme{a.tongue, f.word}
	n, ok := b.numbers[key]
	if !ok {
		n = uint32(len(b.words)) //nolint:gosec // bounded by the documents
		b.numbers[key] = n
		b.words = append(b.words, word{form: f, tongue: a.tongue, shown: f.word})
	}
	if w := &b.words[n]; len(shown) != len(w.word) && shown != w.shown { // it has an accent, or a point
		w.shown = max(w.shown, strings.ToLower(shown))
	}
	return n
}

// segment makes one of what was added, and is empty again.
func (b *assembler) segment() *segment {
	order := make([]uint32, len(b.words))
	for i := range order {
		order[i] = uint32(i)
	}
	slices.SortFunc(order, func(x, y uint32) int { return compareWords(&b.words[x], &b.words[y]) })
	s := &segment{words: make([]word, len(order)), documents: b.documents}
	place := make([]uint32, len(order))
	for i, n := range order {
		s.words[i] = b.words[n]
		place[n] = uint32(i)
	}
	starts := make([]uint32, len(order)+1)
	for i := range b.occurrences {
		o := &b.occurrences[i]
		o.word = place[o.word]
		starts[o.word+1]++
	}
	for i := range order {
		starts[i+1] += starts[i]
	}
	sorted := make([]occurrence, len(b.occurrences))
	next := slices.Clone(starts)
	for _, o := range b.occurrences {
		sorted[next[o.word]] = o
		next[o.word]++
	}
	s.positions = make([]uint16, 0, len(sorted))
	var rest []posting
	for i := range s.words {
		rest = s.post(uint32(i), sorted[starts[i]:starts[i+1]], rest[:0])
	}
	s.finish()
	*b = assembler{numbers: map[lexeme]uint32{}, scratch: b.scratch}
	return s
}

// post writes the postings of a word from where it occurs, in the order of documents.
func (s *segment) post(number uint32, at []occurrence, rest []posting) []posting {
	w := &s.words[number]
	w.from = uint32(len(s.postings)) //nolint:gosec // bounded by the documents
	for i := 0; i < len(at); {
		p := posting{document: at[i].document, at: uint32(len(s.positions))} //nolint:gosec // bounded by the documents
		for ; i < len(at) && at[i].document == p.document; i++ {
			o := &at[i]
			if p.count == 0 || s.positions[len(s.positions)-1] != o.position {
				s.positions = append(s.positions, o.position)
				p.count++
			}
			p.classes |= 1 << o.class
			p.weight += o.weight
			if 1<<o.class&headClasses != 0 {
				p.head += o.weight
			}
		}
		if p.classes&headClasses != 0 {
			s.postings = append(s.postings, p)
		} else {
			rest = append(rest, p)
		}
	}
	w.rest = uint32(len(s.postings)) //nolint:gosec // bounded by the documents
	s.postings = append(s.postings, rest...)
	w.to = uint32(len(s.postings)) //nolint:gosec // bounded by the documents
	return rest
}

// finish derives what is derived from words and postings.
func (s *segment) finish() {
	sizes := make([]uint32, len(s.documents))
	for i := range s.postings {
		sizes[s.postings[i].document]++
	}
	s.briefs = make([]brief, len(s.documents))
	for i := range s.documents {
		s.briefs[i] = s.documents[i].brief
		s.documents[i].entries = make([]uint32, 0, sizes[i])
	}
	for i := range s.postings {
		d := &s.documents[s.postings[i].document]
		d.entries = append(d.entries, uint32(i))
	}
	s.tree = sync.OnceValue(func() trie { return newTrie(s.words) })
	s.families = make(map[string][]uint32, len(s.words))
	var key []byte
	for i := range s.words {
		w, number := &s.words[i], uint32(i)
		s.tongues[w.tongue] = true
		w.numbers = counts{all: w.to - w.from, head: w.rest - w.from}
		key = familyKey(key[:0], w.tongue, w.family)
		s.families[string(key)] = append(s.families[string(key)], number)
	}
}

func familyKey(dst []byte, t tongue, family string) []byte { return append(append(dst, t), family...) }

func compareWords(x, y *word) int {
	if c := strings.Compare(x.word, y.word); c != 0 {
		return c
	}
	return cmp.Compare(x.tongue, y.tongue)
}

// find is the number of the first word that is not before a text.
func (s *segment) find(text string) int {
	return sort.Search(len(s.words), func(i int) bool { return s.words[i].word >= text })
}

// part is a segment without the documents that were deleted from it. It never changes either.
type part struct {
	*segment

	dead   []uint64 // a bit for each document; nil: all live
	counts []counts // of each word, without the dead; nil: the words' own
	live   int
}

func (p *part) count(number uint32) counts {
	if p.counts == nil {
		return p.words[number].numbers
	}
	return p.counts[number]
}

func (p *part) isDead(document uint32) bool {
	return p.dead != nil && p.dead[document>>6]&(1<<(document&63)) != 0
}

// merge makes one part of several, without their dead.
func merge(parts []part) part {
	m := &segment{}
	places := make([][]uint32, len(parts)) // where documents go, by part
	size, spots, texts := 0, 0, 0
	for i := range parts {
		p := &parts[i]
		places[i] = make([]uint32, len(p.documents))
		for j := range p.documents {
			places[i][j] = uint32(len(m.documents)) //nolint:gosec // an index
			if !p.isDead(uint32(j)) {
				d := p.documents[j]
				d.entries = nil
				m.documents = append(m.documents, d)
			}
		}
		size, spots, texts = size+len(p.postings), spots+len(p.positions), max(texts, len(p.words))
	}
	m.postings = make([]posting, 0, size)
	m.positions = make([]uint16, 0, spots)
	m.words = make([]word, 0, texts+texts/8)
	heads := make([]int, len(parts)) // the next word of each
	for {
		var first *word
		for i := range parts {
			if heads[i] == len(parts[i].words) {
				continue
			}
			if w := &parts[i].words[heads[i]]; first == nil || compareWords(w, first) < 0 {
				first = w
			}
		}
		if first == nil {
			break
		}
		m.mergeWord(parts, places, heads, first)
	}
	m.finish()
	return part{segment: m, live: len(m.documents)}
}

func (s *segment) mergeWord(parts []part, places [][]uint32, heads []int, first *word) {
	merged := word{form: first.form, tongue: first.tongue, shown: first.shown, from: uint32(len(s.postings))} //nolint:gosec // bounded by the documents
	take := func(i int, w *word, from, to uint32) {
		p := &parts[i]
		for j := from; j < to; j++ {
			entry := p.postings[j]
			if p.isDead(entry.document) {
				continue
			}
			old := entry.at
			entry.document = places[i][entry.document]
			entry.at = uint32(len(s.positions)) //nolint:gosec // bounded by the documents
			s.positions = append(s.positions, p.positions[old:old+uint32(entry.count)]...)
			s.postings = append(s.postings, entry)
		}
		merged.shown = max(merged.shown, w.shown)
	}
	var same [64]bool
	for i := range parts {
		if heads[i] < len(parts[i].words) {
			if w := &parts[i].words[heads[i]]; compareWords(w, first) == 0 {
				same[i] = true
				take(i, w, w.from, w.rest)
			}
		}
	}
	merged.rest = uint32(len(s.postings)) //nolint:gosec // bounded by the documents
	for i := range parts {
		if same[i] {
			w := &parts[i].words[heads[i]]
			take(i, w, w.rest, w.to)
			heads[i]++
		}
	}
	merged.to = uint32(len(s.postings)) //nolint:gosec // bounded by the documents
	if merged.to > merged.from {
		s.words = append(s.words, merged)
	}
}
