package search

import (
	"bytes"
	"html"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"
)

// show fills the hits of a result.
func (s *searcher) show(r *Result, q Query, page []ranked) {
	r.Hits = make([]Hit, len(page))
	var m marker
	if q.Marks {
		m = s.marker()
	}
	for i := range page {
		c := &page[i]
		d := s.document(c.slot)
		h := Hit{Ordinal: d.ordinal, Score: c.score}
		if q.Marks {
			h.text = d.title(s.reader)
			h.Title = m.mark(h.text)
			h.Snippet = s.snippet(m, d)
		}
		if q.Explain {
			h.Explanation = s.explain(c)
		}
		r.Hits[i] = h
	}
}

func (s *searcher) explain(c *ranked) *Explanation {
	e := &Explanation{Name: c.name, Phrase: c.phrase, Boost: s.boost(s.document(c.slot))}
	for j := range s.wanted {
		w := WordScore{Word: s.wanted[j].word, Rarity: s.wanted[j].rarity}
		if cell := &s.scores[c.slot*len(s.wanted)+j]; cell.weight > 0 {
			w.Found, w.Frequency, w.Score = s.via(cell.best).shown, float64(cell.weight), s.word(c.slot, j)
		}
		e.Words = append(e.Words, w)
	}
	return e
}

func (s *searcher) via(f found) *word {
	t := &s.terms[f.via]
	return &s.parts[t.part].words[t.word]
}

// dropped are the words of the query that hits need not have: those that had to go, and the weak ones that the best hit
// is without.
func (s *searcher) dropped(c choice) []string {
	var words []string
	for j := range s.wanted {
		w := &s.wanted[j]
		missing := c.dropped&(1<<j) != 0
		if !missing && c.required&(1<<j) == 0 && len(s.best) > 0 {
			missing = s.slots[s.best[0].slot].matched&(1<<j) == 0
		}
		if missing {
			words = append(words, s.query[w.start:w.end])
		}
	}
	return words
}

// didYouMean is the query with the words that were corrected, as the best hit has them.
func (s *searcher) didYouMean() string {
	var b strings.Builder
	done := 0
	for j := range s.wanted {
		w := &s.wanted[j]
		if !w.corrected || len(s.best) == 0 {
			continue
		}
		c := &s.scores[s.best[0].slot*len(s.wanted)+j]
		if c.weight == 0 {
			continue
		}
		b.WriteString(s.query[done:w.start])
		b.WriteString(s.corrected(w, c.best))
		done = w.end
	}
	if done == 0 {
		return ""
	}
	b.WriteString(s.query[done:])
	return strings.ToLower(strings.Join(strings.Fields(b.String()), " "))
}

// corrected is what a word was corrected to: a word of the index, or one that has synonyms there.
func (s *searcher) corrected(w *wanted, f found) string {
	if s.terms[f.via].synonym {
		return w.word
	}
	return s.via(f).shown
}

const maxSuggestions = 5

// suggest returns titles that have at least one of the words, for a query that finds nothing.
func (s *searcher) suggest() []string {
	s.best = s.best[:0]
	for i := range s.slots {
		slot := &s.slots[i]
		var sure mask
		for j := range s.wanted {
			if w := &s.wanted[j]; !w.corrected && w.role&weak == 0 {
				sure |= 1 << j
			}
		}
		if slot.named&sure != 0 {
			s.keepBest(ranked{slot: i, score: s.words(i) * float64(s.document(i).boost)}, maxSuggestions)
		}
	}
	s.sort(s.best)
	var titles []string
	for _, c := range s.best {
		titles = append(titles, s.document(c.slot).title(s.reader))
	}
	return titles
}

// marker marks words in texts.
type marker struct {
	words []string // sorted
	typed []string // beginnings, to be marked alone
}

// marker is one for all words that stand for words of the query.
func (s *searcher) marker() marker {
	var m marker
	for i := range s.terms {
		t := &s.terms[i]
		m.words = append(m.words, s.parts[t.part].words[t.word].word)
	}
	return m.sorted()
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
func (m marker) mark(text string) string { return render(text, m.marked(text)) }

func render(text string, marks []span) string {
	var b strings.Builder
	done := 0
	for _, at := range marks {
		b.WriteString(html.EscapeString(text[done:at.from]))
		b.WriteString("<mark>")
		b.WriteString(html.EscapeString(text[at.from:at.to]))
		b.WriteString("</mark>")
		done = at.to
	}
	b.WriteString(html.EscapeString(text[done:]))
	return b.String()
}

const (
	maxSnippet = 200  // bytes of text
	maxScanned = 4096 // bytes of one text that are looked at
)

// snippet is a piece of the text that has most of the words: the summary, or else a body.
func (s *searcher) snippet(m marker, d *document) string {
	var best placed
	var marks []span
	for _, class := range [...]Class{Summary, Body} {
		for i := range d.fields {
			f := &d.fields[i]
			if f.Class != class || f.tongue != s.reader && f.tongue != italian {
				continue
			}
			if len(marks) >= len(s.wanted) {
				break
			}
			found := m.marked(upTo(f.Text, maxScanned))
			s.work += int(f.end - f.start)
			if len(found) > len(marks) || len(found) == len(marks) && len(found) > 0 && f.tongue == s.reader && best.tongue != s.reader {
				best, marks = *f, found
			}
		}
		if len(marks) > 0 {
			break
		}
	}
	if len(marks) == 0 {
		return ""
	}
	return cutOut(best.Text, marks)
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

// cutOut renders a piece of a text around its first mark, with … where something was left out.
func cutOut(text string, marks []span) string {
	from := 0
	if len(text) > maxSnippet && marks[0].from > maxSnippet/3 {
		from = marks[0].from - maxSnippet/3
		for from < marks[0].from && text[from] != ' ' && text[from] != '\n' {
			from++
		}
		if from == marks[0].from { // no spaces to cut at
			for from = marks[0].from - maxSnippet/3; !utf8.RuneStart(text[from]); {
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
	inside := slices.DeleteFunc(slices.Clone(marks), func(m span) bool { return m.to > to || m.from < from })
	for i := range inside {
		inside[i].from, inside[i].to = inside[i].from-from, inside[i].to-from
	}
	rendered := strings.TrimSpace(render(text[from:to], inside))
	if from > 0 {
		rendered = "… " + rendered
	}
	if to < len(text) {
		rendered += " …"
	}
	return rendered
}
