package search

import (
	"unicode/utf8"
)

// trie is a sorted list of words as a tree of letters, in the order of the list: a letter comes before all that follow it,
// so that the tree is walked from one end to the other, and what is too far is left out in one step.
type trie struct {
	nodes []trieNode
	words uint32 // how many there are
	depth int    // letters of the longest
}

type trieNode struct {
	letter rune
	depth  uint32 // how many letters it takes to get here
	next   uint32 // the node behind all that begin like this
	first  uint32 // the first word that begins like this
	ends   uint32 // how many of them end here: one of each language
}

func newTrie(words []word) trie {
	t := trie{words: uint32(len(words))} //nolint:gosec // bounded by the documents
	var path []uint32                    // the nodes of the word before
	leave := func(depth int) {
		for _, i := range path[depth:] {
			t.nodes[i].next = uint32(len(t.nodes)) //nolint:gosec // bounded by the letters of the words
		}
		path = path[:depth]
	}
	for n := range words {
		depth, at, text := 0, 0, words[n].word
		for depth < len(path) && at < len(text) {
			r, size := utf8.DecodeRuneInString(text[at:])
			if r != t.nodes[path[depth]].letter {
				break
			}
			depth, at = depth+1, at+size
		}
		leave(depth)
		for _, r := range text[at:] {
			path = append(path, uint32(len(t.nodes)))                                                  //nolint:gosec // as above
			t.nodes = append(t.nodes, trieNode{letter: r, depth: uint32(len(path)), first: uint32(n)}) //nolint:gosec // as above
		}
		t.nodes[path[len(path)-1]].ends++
		t.depth = max(t.depth, len(path))
	}
	leave(0)
	return t
}

// behind is the number of the first word behind those that begin like a node.
func (t trie) behind(n *trieNode) uint32 {
	if int(n.next) == len(t.nodes) {
		return t.words
	}
	return t.nodes[n.next].first
}

const (
	maxEdits   = 2
	maxLetters = 63 // of a word that is looked for: a bit for each of its beginnings, the empty one too
)

// row says which beginnings of a word are within so many edits of the letters that lead to a node, and which end with the
// last of these letters, a bit for each.
type row struct {
	within [maxEdits + 1]uint64
	ends   uint64
}

// distances finds the words within a distance, where a letter too many, too few, wrong, or swapped with its neighbour
// counts one. It is the automaton of Wu and Manber (Fast text searching allowing errors, 1992) with transpositions, which
// keeps its state for each letter on the way to a node, so that what words begin with is compared once.
type distances struct {
	word   []rune
	limit  int
	prefix bool
	ascii  [utf8.RuneSelf]uint64 // for each letter, the beginnings that end with it
	rows   []row                 // by depth
}

// begin prepares for a word of at most maxLetters. With prefix, what begins with something within the limit is found.
func (d *distances) begin(word string, limit int, prefix bool) {
	for _, r := range d.word {
		if r < utf8.RuneSelf {
			d.ascii[r] = 0
		}
	}
	d.word, d.limit, d.prefix = d.word[:0], limit, prefix
	for _, r := range word {
		d.word = append(d.word, r)
		if r < utf8.RuneSelf {
			d.ascii[r] |= 1 << len(d.word)
		}
	}
	var start row
	for k := range limit + 1 {
		start.within[k] = 1<<(k+1) - 1 // without its first k letters
	}
	d.rows = append(d.rows[:0], start)
}

// endings are the beginnings of the word that end with a letter.
func (d *distances) endings(letter rune) (set uint64) {
	if letter < utf8.RuneSelf {
		return d.ascii[letter]
	}
	for i, r := range d.word {
		if r == letter {
			set |= 1 << (i + 1)
		}
	}
	return set
}

// walk calls found for each word that is near, in their order, and returns how many nodes it took.
func (d *distances) walk(t trie, found func(n uint32, distance int)) (work int) {
	d.rows = append(d.rows[:1], make([]row, t.depth)...)
	whole := uint64(1) << len(d.word)
	for i := uint32(0); int(i) < len(t.nodes); work++ {
		n := &t.nodes[i]
		state := &d.step(int(n.depth), n.letter).within
		distance := 0
		for distance <= d.limit && state[distance]&whole == 0 {
			distance++
		}
		switch {
		case distance <= d.limit && d.prefix:
			for w := n.first; w < t.behind(n); w++ {
				found(w, distance)
			}
			i = n.next
			continue
		case distance <= d.limit:
			for w := range n.ends {
				found(n.first+w, distance)
			}
		}
		if state[d.limit]&(whole<<1-1) == 0 { // so is all that begins like this
			i = n.next
		} else {
			i++
		}
	}
	return work
}

// step makes the row of the letter at a depth, behind the one above it.
func (d *distances) step(depth int, letter rune) *row {
	above, now := &d.rows[depth-1], &d.rows[depth]
	now.ends = d.endings(letter)
	now.within[0] = above.within[0] << 1 & now.ends
	for k := 1; k <= d.limit; k++ {
		now.within[k] = above.within[k]<<1&now.ends | above.within[k-1] | (above.within[k-1]|now.within[k-1])<<1
		if depth > 1 {
			now.within[k] |= d.rows[depth-2].within[k-1] << 2 & above.ends & (now.ends << 1)
		}
	}
	return now
}
