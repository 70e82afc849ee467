package search

import (
	"math"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// asked is a word of a query.
type asked struct {
	word       string // folded
	start, end int    // bytes in the query
	role       role
	cjk        bool
	known      bool // a run's piece that is a term
	code       bool // it is no word but a code, such as F24, 33/2013 or T-Serve: who has it means it
}

// term is a word of a part that stands for a word of the query.
type term struct {
	part    int
	word    uint32
	weight  float32
	head    bool // only heads count: the word is of a language that is not the reader's
	strong  bool // that a name has it is a reason to think that the document is meant
	synonym bool
}

// wanted is a word of a query as it is looked for.
type wanted struct {
	asked

	own       *expansion
	terms     span // in searcher.terms
	mass      float64
	corrected bool
	rarity    float64
	info      float64 // how much it tells where not all words can be found
}

// span is a piece of a slice.
type span struct{ from, to int }

// other is something else that may stand for words of the query one after the other: a synonym, or the two written as
// one. All of its words must be in a document.
type other struct {
	from, to int    // in searcher.wanted
	words    []span // in searcher.terms
}

// searcher answers one query; searchers are used again.
type searcher struct {
	*Index

	query  string
	reader tongue
	work   int
	prefix bool // the last word may be unfinished
	where  bool // a word asks for an office or its hours

	asked   []asked
	wanted  []wanted
	terms   []term
	others  []other
	cuts    []cut
	readers []reader
	key     []byte
	scratch []byte

	slotOf   []uint32 // by part and document: one more than the slot
	maskOf   []mask   // by part and document: the words that a candidate has
	touched  []touched
	bases    []int // of parts in slotOf
	slots    []slot
	scores   []cell // of slots and wanted words
	best     []ranked
	spare    []ranked
	distance distances

	found    []uint16 // where a document has words to mark
	marking  []uint32 // words to mark, by part
	markable []span   // of each part in marking
	marks    []span
	html     []byte
}

var searchers = sync.Pool{New: func() any { return new(searcher) }}

func (x *Index) searcher(text string, reader tongue) *searcher {
	s := searchers.Get().(*searcher)
	s.Index, s.reader, s.work, s.where = x, reader, 0, false
	s.query = narrow(shorten(text))
	s.asked, s.wanted, s.terms, s.others, s.cuts = s.asked[:0], s.wanted[:0], s.terms[:0], s.others[:0], s.cuts[:0]
	s.bases = s.bases[:0]
	size := 0
	for i := range x.parts {
		s.bases = append(s.bases, size)
		size += len(x.parts[i].documents)
	}
	if len(s.slotOf) < size {
		s.slotOf, s.maskOf = make([]uint32, size+size/8), make([]mask, size+size/8)
	}
	s.clear()
	return s
}

func (s *searcher) release() {
	s.clear()
	s.Index = nil
	s.query = ""
	searchers.Put(s)
}

// streets are the words that the names of streets begin with.
var streets = []string{"via", "viale", "piazza", "piazzale", "piazzetta", "corso", "largo", "vicolo", "lungarno", "borgo"}

// shorten cuts a query where it is longer than anybody means it to be.
func shorten(text string) string {
	if len(text) <= maxQueryBytes {
		return text
	}
	cut := maxQueryBytes
	for cut > maxQueryBytes-utf8.UTFMax && !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut]
}

// read cuts the query into words.
func (s *searcher) read() {
	toks := newTokens(s.query, s.scratch)
	var t token
	for len(s.asked) < maxTokens && toks.next(&t) {
		if t.cjk {
			s.readRun(string(t.word), t.start)
			continue
		}
		w := asked{word: string(t.word), start: t.start, end: t.end}
		w.role = s.expansion(w.word).role
		w.code = hasDigit(w.word) || strings.ContainsAny(s.query[t.start:t.end], "-‐‑")
		if w.role&(function|filler) != 0 && isAcronym(s.query[t.start:t.end]) && !isUpper(s.query) {
			w.role = 0 // "app IO"
		}
		if n := len(s.asked); n > 0 && slices.Contains(streets, s.asked[n-1].word) {
			w.role &^= everyday | generic // via Roma is no trip to Rome
		}
		s.where = s.where || w.role&where != 0
		s.asked = append(s.asked, w)
	}
	s.scratch = toks.word
	s.prefix = len(s.asked) > 0 && s.asked[len(s.asked)-1].end == len(s.query)
}

// roleOf is what a word does in the reader's language, or, if the reader's documents do not have it, in Italian or
// English: people ask in one language on the pages of another.
func (s *searcher) roleOf(word []byte) role {
	f := analysers()[s.reader].form(word)
	if f.role != 0 {
		return f.role
	}
	for _, t := range [...]tongue{italian, english} {
		if t == s.reader {
			continue
		}
		if r := analysers()[t].form(word).role; r&(function|filler|weak|where) != 0 && !s.has(s.reader, f) {
			return r
		}
	}
	return 0
}

// has reports whether a document has a word of a family.
func (s *searcher) has(t tongue, f form) bool {
	s.key = familyKey(s.key[:0], t, f.family)
	for i := range s.parts {
		p := &s.parts[i]
		for _, n := range p.families[string(s.key)] {
			if p.count(n).all > 0 {
				return true
			}
		}
	}
	return false
}

func isAcronym(word string) bool {
	return len(word) >= 2 && len(word) <= 5 && isUpper(word)
}

func isUpper(text string) bool {
	for _, r := range text {
		if unicode.IsLower(r) {
			return false
		}
	}
	return true
}

// readRun cuts characters without spaces by the terms that are known, and what is between into pairs.
func (s *searcher) readRun(run string, start int) {
	roles := analysers()[chinese].roles
	for at := 0; at < len(run) && len(s.asked) < maxTokens; {
		if n := s.synonyms.longest(run[at:], roles); n > 0 {
			w := asked{word: run[at : at+n], start: start + at, end: start + at + n, cjk: true, known: true}
			w.role = roles[w.word]
			s.asked = append(s.asked, w)
			at += n
			continue
		}
		end := at
		for end < len(run) && (end == at || s.synonyms.longest(run[end:], roles) == 0) {
			_, n := utf8.DecodeRuneInString(run[end:])
			end += n
		}
		s.readPairs(run[at:end], start+at, len(run) == end && at == 0)
		at = end
	}
}

func (s *searcher) readPairs(piece string, start int, alone bool) {
	if utf8.RuneCountInString(piece) == 1 {
		w := asked{word: piece, start: start, end: start + len(piece), cjk: true}
		if !alone {
			w.role = weak // what is left between two terms
		}
		s.asked = append(s.asked, w)
		return
	}
	for i := 0; i < len(piece) && len(s.asked) < maxTokens; {
		_, n := utf8.DecodeRuneInString(piece[i:])
		if i+n >= len(piece) {
			break
		}
		_, m := utf8.DecodeRuneInString(piece[i+n:])
		s.asked = append(s.asked, asked{word: piece[i : i+n+m], start: start + i, end: start + i + n + m, cjk: true})
		i += n
	}
}

// plan decides what is looked for. It is false if the query has nothing but words that mean nothing; then all of them
// are wanted, as a name.
func (s *searcher) plan() bool {
	meaning := false
	for _, w := range s.asked {
		if w.role&(function|filler) == 0 {
			meaning = true
			s.want(w)
		}
	}
	if !meaning {
		for _, w := range s.asked {
			w.role = 0
			s.want(w)
		}
	}
	last := len(s.wanted) - 1
	for i := range s.wanted {
		w := &s.wanted[i]
		w.terms.from = len(s.terms)
		w.own = s.expansion(w.word)
		s.terms = append(s.terms, w.own.terms...)
		known := len(s.terms) > w.terms.from
		if i == last && s.prefix && !w.cjk && w.end == len(s.query) && meaning && w.role&(everyday|generic) == 0 {
			s.expandPrefix(w.word, known)
		}
		w.terms.to = len(s.terms)
	}
	if meaning {
		s.findOthers()
		s.correct()
	}
	s.weigh()
	return meaning
}

func (s *searcher) want(w asked) {
	if len(s.wanted) == maxGroups {
		return
	}
	for i := range s.wanted {
		if s.wanted[i].word == w.word {
			return
		}
	}
	next := wanted{asked: w, mass: 1}
	if w.role&where != 0 {
		next.mass = 0.12
	} else if w.role&weak != 0 {
		next.mass = 0.25
	} else if w.cjk && !w.known {
		next.mass = 0.5
	}
	s.wanted = append(s.wanted, next)
}

// languages calls a function for each language that documents have, the reader's first.
func (s *searcher) languages(f func(t tongue, weight float32, head bool)) {
	f(s.reader, 1, false)
	if s.reader != italian && s.tongues[italian] {
		f(italian, 0.8, false) // every text is in Italian, few are in another language too
	}
	for t := range tongue(tongues) {
		if s.tongues[t] && t != s.reader && t != italian {
			f(t, 0.6, true)
		}
	}
}

// expansion is what a word of a query stands for by itself.
type expansion struct {
	role  role
	forms [tongues]form   // in the languages that documents have
	terms []term          // of its family in each of them
	rules [tongues][]rule // the synonyms in each of them of what begins with it
}

// asking is a word and the language of the reader who asks for it.
type asking struct {
	word   string
	reader tongue
}

// expansion finds what a word stands for, and remembers it: that takes many look-ups, of a form and of a family in each
// language, and people ask for the same words.
func (s *searcher) expansion(word string) *expansion {
	if e, ok := s.expansions.of(asking{word, s.reader}); ok {
		return e
	}
	text := []byte(word)
	e := &expansion{role: s.roleOf(text)}
	from := len(s.terms)
	several := isCJKWord(word) && utf8.RuneCountInString(word) > 2 // pairs: see findOthers
	s.languages(func(t tongue, weight float32, head bool) {
		family := word
		if !several {
			f := analysers()[t].form(text)
			s.expandForm(t, f, weight, head)
			e.forms[t], family = f, f.family
		}
		s.key = familyKey(s.key[:0], t, family)
		e.rules[t] = s.synonyms.rules[string(s.key)]
	})
	e.terms = slices.Clone(s.terms[from:])
	s.terms = s.terms[:from]
	return s.expansions.keep(asking{strings.Clone(word), s.reader}, e)
}

func (s *searcher) expandForm(t tongue, f form, weight float32, head bool) {
	s.key = familyKey(s.key[:0], t, f.family)
	for i := range s.parts {
		p := &s.parts[i]
		for j, n := range p.families[string(s.key)] {
			if j == maxFamily {
				break
			}
			s.work++
			c := p.count(n)
			if c.all == 0 || head && c.head == 0 {
				continue
			}
			kinship, less := exact, weight
			switch w := &p.words[n]; {
			case w.word == f.word:
			case w.stem == f.stem:
				kinship, less = inflected, weight*0.95
			default:
				kinship, less = related, weight*0.7
			}
			if kinship >= f.near {
				s.terms = append(s.terms, term{part: i, word: n, weight: less, head: head, strong: true})
			}
		}
	}
}

// expandPrefix adds the words that begin with a word. If the word is one itself, they count little.
func (s *searcher) expandPrefix(word string, known bool) {
	if utf8.RuneCountInString(word) < 2 {
		return
	}
	weight := float32(0.8)
	if known {
		weight = 0.15
	}
	for i := range s.parts {
		p := &s.parts[i]
		for n, seen := p.find(word), 0; n < len(p.words) && seen < maxExpansions && strings.HasPrefix(p.words[n].word, word); n++ {
			number := uint32(n) //nolint:gosec // an index
			s.work++
			if c := p.count(number); c.all == 0 || p.words[n].word == word {
				continue
			}
			seen++
			t := term{part: i, word: number, weight: weight, strong: !known}
			if x := p.words[n].tongue; x != s.reader && x != italian {
				t.weight *= 0.6
				t.head = true
			}
			if t.head = t.head || known; t.head && p.count(number).head == 0 {
				continue
			}
			s.terms = append(s.terms, t)
		}
	}
}

// findOthers finds what may stand for one or more of the words that are wanted.
func (s *searcher) findOthers() {
	s.languages(func(t tongue, weight float32, head bool) {
		for i := range s.wanted {
			w := &s.wanted[i]
			if w.cjk != (t == chinese) && w.cjk {
				continue
			}
			f := w.own.forms[t]
			if f.word == "" {
				f = form{word: w.word, stem: w.word, family: w.word}
			}
			if w.cjk && w.known {
				s.another(i, i+1, t, []form{f}, weight, head, false)
			}
			s.findSynonyms(i, t, weight, head)
		}
	})
	for i := 0; i+1 < len(s.wanted); i++ { // "scuola bus"
		a, b := &s.wanted[i], &s.wanted[i+1]
		if a.cjk || b.cjk || len(a.word)+len(b.word) > maxWordBytes {
			continue
		}
		s.scratch = append(append(s.scratch[:0], a.word...), b.word...)
		f := analysers()[s.reader].form(s.scratch)
		if s.has(s.reader, f) {
			s.another(i, i+2, s.reader, []form{f}, 0.9, false, false)
		}
	}
}

// findSynonyms finds the synonyms of one language of what begins with a wanted word.
func (s *searcher) findSynonyms(i int, t tongue, weight float32, head bool) {
	for _, r := range s.wanted[i].own.rules[t] {
		if to := i + len(r.words); to <= len(s.wanted) && s.follows(t, i, r.words) {
			for _, p := range r.to {
				s.another(i, to, p.tongue, p.words, weight*0.85, head, true)
			}
		}
	}
}

func (s *searcher) follows(t tongue, from int, words []form) bool {
	for i, f := range words {
		w := &s.wanted[from+i]
		if w.own.forms[t].family != f.family && w.word != f.word {
			return false
		}
		if len(f.word) <= 4 && w.own.forms[t].stem != f.stem && w.word != f.word { // short words have odd relations
			return false
		}
	}
	return true
}

const maxOthers = 32

// another adds words that may stand for those wanted from one to another, unless no document has one of them.
func (s *searcher) another(from, to int, t tongue, words []form, weight float32, head, synonym bool) {
	if len(s.others) == maxOthers {
		return
	}
	first := len(s.terms)
	defer func() {
		for i := range s.terms[first:] {
			s.terms[first+i].synonym = synonym
		}
	}()
	o := other{from: from, to: to}
	for _, f := range words {
		start := len(s.terms)
		if utf8.RuneCountInString(f.word) > 2 && t == chinese && f.stem == f.word && isCJKWord(f.word) {
			for i := 0; i < len(f.word); {
				_, n := utf8.DecodeRuneInString(f.word[i:])
				if i+n >= len(f.word) {
					break
				}
				_, m := utf8.DecodeRuneInString(f.word[i+n:])
				pair := f.word[i : i+n+m]
				start = len(s.terms)
				s.expandForm(t, form{word: pair, stem: pair, family: pair}, weight, head)
				if len(s.terms) == start {
					return
				}
				o.words = append(o.words, span{start, len(s.terms)})
				i += n
			}
			continue
		}
		s.expandForm(t, f, weight, head)
		if len(s.terms) == start {
			return
		}
		o.words = append(o.words, span{start, len(s.terms)})
	}
	s.others = append(s.others, o)
}

func isCJKWord(word string) bool {
	r, _ := utf8.DecodeRuneInString(word)
	return isCJK(r)
}

// stands reports whether something may stand for a wanted word.
func (s *searcher) stands(i int) bool {
	return s.wanted[i].terms.to > s.wanted[i].terms.from || s.hasOther(i)
}

// hasOther reports whether something else may stand for a wanted word.
func (s *searcher) hasOther(i int) bool {
	return slices.ContainsFunc(s.others, func(o other) bool { return o.from <= i && i < o.to })
}

// weigh finds how rare words are: how many documents have a word itself, or, if none has, what stands for it.
func (s *searcher) weigh() {
	for i := range s.wanted {
		w := &s.wanted[i]
		n := s.documentsWith(w.terms)
		for _, o := range s.others {
			if n > 0 || o.from > i || i >= o.to {
				continue
			}
			fewest := math.MaxInt
			for _, words := range o.words {
				fewest = min(fewest, s.documentsWith(words))
			}
			n = max(n, fewest)
		}
		n = min(n, s.live)
		w.rarity = math.Log(1 + (float64(s.live-n)+0.5)/(float64(n)+0.5))
	}
}

// documentsWith is about how many documents have one of some terms: those of the language that has most. A term that
// is only near counts if no other is there.
func (s *searcher) documentsWith(terms span) int {
	var near, far [tongues]int
	for _, t := range s.terms[terms.from:terms.to] {
		p := &s.parts[t.part]
		c := p.count(t.word)
		of := int(c.all)
		if t.head {
			of = int(c.head)
		}
		if w := &p.words[t.word]; t.strong {
			near[w.tongue] += of
		} else {
			far[w.tongue] += of
		}
	}
	if n := slices.Max(near[:]); n > 0 {
		return n
	}
	return slices.Max(far[:])
}
