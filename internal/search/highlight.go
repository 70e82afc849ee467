package search

import (
	"bytes"
	"slices"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"
)

const maxSnippet = 200 // bytes of text

// highlight fills the titles and the snippets of hits: HTML with marks around the words found. Where these are, the index
// knows; a text is read only where it is shown.
func (s *searcher) highlight(hits []Hit, page []ranked) {
	s.markable = s.markable[:0]
	for range s.parts {
		s.markable = append(s.markable, span{})
	}
	s.marking, s.html = s.marking[:0], s.html[:0]
	var ends []int
	for _, c := range page {
		d := s.document(c.slot)
		s.found = s.placesOf(s.found[:0], s.slots[c.slot].part, d)
		s.work += len(s.found)
		if f := d.titleField(s.reader); f != nil {
			s.html = s.markUp(s.html, d, f, 0, len(f.Text), s.within(f))
		}
		ends = append(ends, len(s.html))
		s.html = s.snippet(s.html, d)
		ends = append(ends, len(s.html))
	}
	all, from := string(s.html), 0
	for i := range hits {
		title, snippet := ends[2*i], ends[2*i+1]
		hits[i].text = s.document(page[i].slot).title(s.reader)
		hits[i].Title, hits[i].Snippet = all[from:title], all[title:snippet]
		from = snippet
	}
}

// wordsToMark are the words of a part that are written like one that was found, whatever language they are of.
func (s *searcher) wordsToMark(part int) []uint32 {
	if at := s.markable[part]; at.to > 0 {
		return s.marking[at.from:at.to]
	}
	from := len(s.marking)
	p := &s.parts[part]
	for i := range s.terms {
		t := &s.terms[i]
		text := s.parts[t.part].words[t.word].word
		n := int(t.word)
		if t.part != part {
			n = p.find(text)
		}
		for n > 0 && p.words[n-1].word == text {
			n--
		}
		for ; n < len(p.words) && p.words[n].word == text; n++ {
			s.marking = append(s.marking, uint32(n)) //nolint:gosec // an index
		}
	}
	slices.Sort(s.marking[from:])
	s.marking = s.marking[:from+len(slices.Compact(s.marking[from:]))]
	s.markable[part] = span{from, len(s.marking)}
	return s.marking[from:]
}

// placesOf appends the positions at which a document has words to mark, ascending.
func (s *searcher) placesOf(dst []uint16, part int, d *document) []uint16 {
	p := &s.parts[part]
	next := 0
	for _, n := range s.wordsToMark(part) {
		w := &p.words[n]
		at, ok := slices.BinarySearch(d.entries[next:], w.from)
		if next += at; !ok && (next == len(d.entries) || d.entries[next] >= w.to) {
			continue
		}
		dst = append(dst, p.places(&p.postings[d.entries[next]])...)
	}
	slices.Sort(dst)
	return slices.Compact(dst)
}

// within are the places found that are in a field.
func (s *searcher) within(f *placed) []uint16 {
	from, _ := slices.BinarySearch(s.found, f.start)
	to, _ := slices.BinarySearch(s.found, f.end)
	return s.found[from:to]
}

// snippet appends a piece of the text that has most of the words: the summary, or else a body.
func (s *searcher) snippet(dst []byte, d *document) []byte {
	var best *placed
	var places []uint16
	for _, class := range [...]Class{Summary, Body} {
		for i := range d.fields {
			f := &d.fields[i]
			if f.Class != class || f.tongue != s.reader && f.tongue != italian {
				continue
			}
			if len(places) >= len(s.wanted) {
				break
			}
			found := s.within(f)
			if len(found) > len(places) || len(found) == len(places) && len(found) > 0 && f.tongue == s.reader && best.tongue != s.reader {
				best, places = f, found
			}
		}
		if len(places) > 0 {
			return s.cutOut(dst, d, best, places)
		}
	}
	return dst
}

// upTo is a text up to some bytes, whole letters.
func upTo(text string, n int) string {
	if len(text) <= n {
		return text
	}
	for !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n]
}

// cutOut appends a piece of a text around its first mark, with … where something was left out.
func (s *searcher) cutOut(dst []byte, d *document, f *placed, places []uint16) []byte {
	text, first, from := f.Text, d.places.of(f, places[0]), 0
	if len(text) > maxSnippet && first > maxSnippet/3 {
		from = first - maxSnippet/3
		for from < first && text[from] != ' ' && text[from] != '\n' {
			from++
		}
		if from == first { // no spaces to cut at
			for from = first - maxSnippet/3; !utf8.RuneStart(text[from]); {
				from++
			}
		}
	}
	piece := upTo(text[from:], maxSnippet)
	to := from + len(piece)
	if to < len(text) {
		if i := strings.LastIndexAny(piece, " \n"); i > maxSnippet/2 {
			to = from + i
		}
	}
	if from > 0 {
		dst = append(dst, "… "...)
	}
	start := to - len(strings.TrimLeftFunc(text[from:to], unicode.IsSpace))
	end := start + len(strings.TrimRightFunc(text[start:to], unicode.IsSpace))
	dst = s.markUp(dst, d, f, start, end, places)
	if to < len(text) {
		dst = append(dst, " …"...)
	}
	return dst
}

// markUp appends a piece of a text as HTML with marks at places, those that end in it.
func (s *searcher) markUp(dst []byte, d *document, f *placed, from, to int, places []uint16) []byte {
	var scratch [maxWordBytes]byte
	var t token
	for _, place := range places {
		at := d.places.of(f, place)
		if at < from { // of a run that was marked with the place before
			continue
		}
		if at >= to {
			break
		}
		toks := newTokens(f.Text[at:], scratch[:])
		toks.next(&t)
		s.marks = append(s.marks[:0], span{at, at + t.end})
		if t.cjk {
			s.marks = s.markedRun(s.marks[:0], t.word, at)
		}
		for _, m := range s.marks {
			if m.to > to {
				break
			}
			dst = appendEscaped(dst, f.Text[from:m.from])
			dst = append(appendEscaped(append(dst, "<mark>"...), f.Text[m.from:m.to]), "</mark>"...)
			from = m.to
		}
	}
	return appendEscaped(dst, f.Text[from:to])
}

// markedRun appends the pieces of a run without spaces that are to be marked.
func (s *searcher) markedRun(all []span, run []byte, start int) []span {
	var m marker
	for i := range s.terms {
		t := &s.terms[i]
		m.words = append(m.words, s.parts[t.part].words[t.word].word)
	}
	return m.sorted().markedRun(all, run, start)
}

// appendEscaped appends a text as HTML.
func appendEscaped(dst []byte, text string) []byte {
	done := 0
	for i := range len(text) {
		escaped := ""
		switch text[i] {
		case '&':
			escaped = "&amp;"
		case '<':
			escaped = "&lt;"
		case '>':
			escaped = "&gt;"
		case '"':
			escaped = "&#34;"
		case '\'':
			escaped = "&#39;"
		default:
			continue
		}
		dst = append(append(dst, text[done:i]...), escaped...)
		done = i + 1
	}
	return append(dst, text[done:]...)
}

// marker marks words in texts.
type marker struct {
	words []string // sorted
	typed []string // beginnings, to be marked alone
}

func (m marker) sorted() marker {
	slices.Sort(m.words)
	m.words = slices.Compact(m.words)
	return m
}

func (m marker) has(word []byte) bool {
	i := sort.Search(len(m.words), func(i int) bool { return m.words[i] >= string(word) })
	return i < len(m.words) && m.words[i] == string(word)
}

// marked are the pieces of a text that are to be marked.
func (m marker) marked(text string) []span {
	var all []span
	var scratch [maxWordBytes]byte
	toks := newTokens(text, scratch[:])
	var t token
	for toks.next(&t) {
		switch {
		case t.cjk:
			all = m.markedRun(all, t.word, t.start)
		case m.has(t.word):
			all = append(all, span{t.start, t.end})
		case t.compound:
			if slices.ContainsFunc(bytes.Split(t.word, []byte{'/'}), m.has) {
				all = append(all, span{t.start, t.end})
			}
		default:
			if n := m.typedOf(t.word); n > 0 {
				all = append(all, span{t.start, t.start + runes(text[t.start:t.end], n)})
			}
		}
	}
	return all
}

func (m marker) markedRun(all []span, run []byte, start int) []span {
	for i := 0; i < len(run); {
		_, n := utf8.DecodeRune(run[i:])
		end := i + n
		if end < len(run) {
			_, second := utf8.DecodeRune(run[end:])
			if m.has(run[i : end+second]) {
				end += second
			}
		}
		if end > i+n || m.has(run[i:end]) {
			if last := len(all) - 1; last >= 0 && all[last].to >= start+i {
				all[last].to = max(all[last].to, start+end)
			} else {
				all = append(all, span{start + i, start + end})
			}
		}
		i += n
	}
	return all
}

// typedOf is how many letters of a word were typed, 0 if it begins with nothing that was.
func (m marker) typedOf(word []byte) int {
	n := 0
	for _, t := range m.typed {
		if len(word) >= len(t) && string(word[:len(t)]) == t {
			n = max(n, utf8.RuneCountInString(t))
		}
	}
	return n
}

// runes is how many bytes the first n letters of a text are, with the marks on them.
func runes(text string, n int) int {
	for i, r := range text {
		if n == 0 && isWordRune(r) {
			return i
		}
		if isWordRune(r) {
			n--
		}
	}
	return len(text)
}

// mark is a text as HTML with its marks.
func (m marker) mark(text string) string {
	var dst []byte
	done := 0
	for _, at := range m.marked(text) {
		dst = append(appendEscaped(dst, text[done:at.from]), "<mark>"...)
		dst = append(appendEscaped(dst, text[at.from:at.to]), "</mark>"...)
		done = at.to
	}
	return string(appendEscaped(dst, text[done:]))
}
