package search

import "strings"

// show fills the hits of a result.
func (s *searcher) show(r *Result, q Query, page []ranked) {
	r.Hits = make([]Hit, len(page))
	if q.Marks {
		s.highlight(r.Hits, page)
	}
	for i := range page {
		c, h := &page[i], &r.Hits[i]
		h.Ordinal, h.Score = s.document(c.slot).ordinal, c.score
		if q.Explain {
			h.Explanation = s.explain(c)
		}
	}
}

func (s *searcher) explain(c *ranked) *Explanation {
	e := &Explanation{Name: c.name, Phrase: c.phrase, Boost: s.boost(s.brief(c.slot))}
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
			s.keepBest(ranked{slot: i, score: s.words(i) * float64(s.brief(i).boost)}, maxSuggestions)
		}
	}
	s.sort(s.best)
	var titles []string
	for _, c := range s.best {
		titles = append(titles, s.document(c.slot).title(s.reader))
	}
	return titles
}
