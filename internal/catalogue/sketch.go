package catalogue

import (
	"hash/fnv"
	"math"
	"strings"

	"github.com/comuneprato/service-catalogue/internal/lang"
)

// Sketch is what a text is found again by where it was copied: texts that share a band are probably alike. It is a MinHash
// in bands (A. Broder, «On the resemblance and containment of documents», 1997) over the pairs of neighbouring words.
type Sketch struct {
	Pointer Pointer // to the text
	Bands   []int64
}

// The bands find all but a few of the texts that share alikeFrom of their pairs of words, and few of those that share half
// of that.
const (
	sketchBands = 6
	bandHashes  = 3
)

// Of two texts, one is a copy of the other from this share of common pairs of words on; shorter texts may well be alike.
const (
	alikeFrom             = 0.75
	fewestWordsToCompare  = 30
	multiplier, increment = 0x9E3779B97F4A7C15, 0xD1B54A32D192ED03 // odd constants that make many hashes of one
)

// Sketches lists those of the long Italian texts of a document, but for the ones inside its lists.
func Sketches(doc Document) []Sketch {
	var found []Sketch
	Texts(doc, func(text lang.Text, at Pointer) {
		if strings.Count(string(at), "/") != 1 || notForReaders(at) {
			return
		}
		if pairs := pairsOf(text[lang.Italian]); len(pairs) > 0 {
			found = append(found, Sketch{at, bandsOf(pairs)})
		}
	})
	return found
}

// Alike reports whether one of two long texts is a copy of the other, or nearly.
func Alike(a, b string) bool {
	left, right := pairsOf(a), pairsOf(b)
	shared := 0
	for pair := range left {
		if right[pair] {
			shared++
		}
	}
	all := len(left) + len(right) - shared
	return all > 0 && float64(shared) >= alikeFrom*float64(all)
}

// ItalianAt is the Italian text at a place of a document, "" where none is.
func ItalianAt(doc Document, at Pointer) (found string) {
	Texts(doc, func(text lang.Text, place Pointer) {
		if place == at {
			found = text[lang.Italian]
		}
	})
	return found
}

// pairsOf are the hashes of the neighbouring words of a text, nil of a short one.
func pairsOf(text string) map[uint64]bool {
	words := wordsOf(text)
	if len(words) < fewestWordsToCompare {
		return nil
	}
	pairs := make(map[uint64]bool, len(words))
	for i := 1; i < len(words); i++ {
		h := fnv.New64a()
		_, _ = h.Write([]byte(words[i-1] + " " + words[i]))
		pairs[h.Sum64()] = true
	}
	return pairs
}

func bandsOf(pairs map[uint64]bool) []int64 {
	bands := make([]int64, sketchBands)
	for i := range bands {
		band := uint64(i)
		for j := range bandHashes {
			seed := uint64(i*bandHashes+j+1) * increment
			least := uint64(math.MaxUint64)
			for pair := range pairs {
				least = min(least, mixed(pair^seed))
			}
			band = mixed(band ^ least)
		}
		bands[i] = int64(band)
	}
	return bands
}

// mixed scatters the bits of a hash.
func mixed(h uint64) uint64 {
	h ^= h >> 32
	h *= multiplier
	h ^= h >> 29
	h *= increment
	return h ^ h>>32
}
