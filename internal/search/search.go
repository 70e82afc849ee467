// Package search finds published entries by words: an inverted index of our own, in memory, over the analysis packages
// of bleve and roaring bitmaps. It knows documents by number and nothing of how they are stored or served.
//
// An Index never changes; a Builder makes the next one from it, at a cost in proportion to what changed. Words are
// indexed as they are written (folded: no case, no accents), each with its stem and its family, and a query word is
// expanded to the words of the index that share them. So corrections and completions speak in words that people use,
// an exact word ranks above an inflected one, and no text is stemmed, only words.
package search

import (
	"github.com/RoaringBitmap/roaring/v2"

	"github.com/comuneprato/service-catalogue/internal/lang"
)

// Class is what a text of a document is, and so how much a word in it counts.
type Class uint8

// The classes of texts. Those up to OfficeName are the head of a document: names that are found in every language, and
// by their beginnings; titles, alternative titles and acronyms are also compared as a whole with what is asked.
const (
	Title Class = iota
	AlternativeTitle
	Acronym
	Keyword
	Label      // of a vocabulary term
	OfficeName // of an office that has to do with it
	Summary
	Body
	classes
)

// Field is one text of a document in one language.
type Field struct {
	Class Class
	Lang  lang.Tag
	Text  string
}

// Document is what the index knows of an entry.
type Document struct {
	Ordinal  uint32 // its number, for ever
	ID       string // the same wherever the document is indexed; orders those that are equal otherwise
	Kind     string // "office" and "place" rank higher where somebody asks for one
	Fields   []Field
	Boost    float64 // multiplies its score, such as 0.8 for a kind that is rarely meant; 0 is 1
	Inactive bool    // ranks after an equal one that is active
	Online   bool    // ranks before an equal one that has no online channel
}

// Query is what somebody looks for.
type Query struct {
	Text    string
	Lang    lang.Tag        // the reader's; empty: Italian
	Filter  *roaring.Bitmap // the documents that may be found; nil: all
	Offset  int
	Limit   int  // 0: no hits, only the rest of the result
	Matches bool // fill Result.Matches
	Marks   bool // fill Hit.Title and Hit.Snippet
	Explain bool // fill Hit.Explanation
}

// Result is the answer to a Query.
type Result struct {
	Hits        []Hit
	Total       int             // how many there are under the filter
	Matches     *roaring.Bitmap // all that the text finds, whatever the filter: what facets count from
	DidYouMean  string          // the query as it was understood, empty if no word was corrected
	Dropped     []string        // words of the query that the hits need not have
	Suggestions []string        // titles that come near, where nothing was found
	Work        int             // postings, words and positions that were looked at
}

// Hit is a document that was found.
type Hit struct {
	Ordinal     uint32
	Score       float64
	Title       string       // HTML: its title with <mark> around the words found
	Snippet     string       // HTML: a piece of another text of it with words found, empty if only names have them
	Explanation *Explanation // nil unless asked for

	text string // of Title
}

// Explanation says where a score comes from: (the sum of Words + Name + Phrase) × Boost.
type Explanation struct {
	Words  []WordScore `json:"words"`
	Name   float64     `json:"name"`   // how much of a title the query is
	Phrase float64     `json:"phrase"` // how near the words stand to each other
	Boost  float64     `json:"boost"`  // of the document's kind, status and channels
}

// WordScore is the part of one query word in a score.
type WordScore struct {
	Word      string  `json:"word"`
	Found     string  `json:"found"` // the word of the index that counted, empty if none did
	Rarity    float64 `json:"rarity"`
	Frequency float64 `json:"frequency"` // weighted by classes and lengths
	Score     float64 `json:"score"`
}

// Completion is an entry that a reader may be about to type.
type Completion struct {
	Ordinal   uint32
	Text      string // the name that matched: a title or an alternative one
	Highlight string // Text as HTML with <mark> around what was typed
}

// Bounds of what one query may cost.
const (
	maxQueryBytes  = 2048 // the rest of a longer query is not read
	maxTokens      = 64
	maxGroups      = 16  // words that are looked for; fits the bits of a mask
	maxExpansions  = 128 // words that one beginning stands for
	maxCorrections = 4   // words that a misspelt one may stand for
	maxFamily      = 48  // words of one family
	refined        = 64  // documents whose names and phrases are compared, the best by words
	maxHits        = 1000
)
