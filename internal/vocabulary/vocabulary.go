// Package vocabulary holds the controlled terms of a city's catalogue of public services: the lists of the Italian and
// European authorities, embedded as they were extracted, and the code lists of our own where no authority has one.
// Sources, licences and attributions are in data/README.md and in each Scheme. Which field of a document takes which
// list is decided in package catalogue, not here; the states of publication are no vocabulary.
package vocabulary

import (
	"slices"
	"strings"
	"sync"

	"github.com/comuneprato/service-catalogue/internal/lang"
)

// Term is one value of a controlled vocabulary. Its slices and maps are shared by all readers and must not be changed.
type Term struct {
	Code       string     // as documents hold it: the notation of the source, such as "01.1.1" or "LEVEL 1"
	URI        string     // its IRI in the source, empty if it has none
	Label      lang.Text  // always with Italian; other languages where the source has them, so that Label.In falls back to Italian
	AltLabel   lang.Text  // a longer label of the source, nil for most
	Definition lang.Text  // nil if the source has none
	Ours       []lang.Tag // the languages of Label that are our translation and not the source's
	Broader    string     // the code of the broader term, empty at the top
	Narrower   []string   // the codes one level below, in order
	Alternates []string   // other codes it is known by, such as "it" for the language ITA
	Exact      []string   // IRIs of the same thing in other vocabularies
	Related    []string   // IRIs of terms it goes with, such as the data themes and events of a service category
	Page       string     // an address that documents the term, such as the text of a licence
	Deprecated bool       // still read, no longer to be used
}

// Scheme is a controlled vocabulary. It is immutable: Terms is shared by all readers and must not be changed.
type Scheme struct {
	Code        string    // kebab-case, such as "life-events"
	Title       lang.Text // in Italian and English, ours
	URI         string    // the IRI of the whole list, empty if it has none or none is confirmed
	Licence     string    // SPDX identifier, empty for lists of our own, which have the program's licence
	Source      string    // where it was taken from, empty for lists of our own
	Attribution string    // whom to name, empty for lists of our own
	Terms       []Term    // in the order of the source

	index map[string]int // code, alternate code and canonical URI to position
	clues func() []clue  // what Nearest compares with
}

// All lists every scheme: those of the authorities first, then our own.
func All() []*Scheme { return slices.Clone(loaded().all) }

// Get returns the scheme with the given code; ok is false if there is none.
func Get(code string) (s *Scheme, ok bool) {
	s, ok = loaded().byCode[code]
	return s, ok
}

// MustGet is Get for codes written in the program, as in struct tags. It panics if there is no such scheme.
func MustGet(code string) *Scheme {
	s, ok := Get(code)
	if !ok {
		panic("vocabulary: no scheme " + code)
	}
	return s
}

// Own reports whether the scheme is a list of our own and not an authority's.
func (s *Scheme) Own() bool { return s.Source == "" }

// Term returns the term with the given code or URI; ok is false if there is none. Codes are taken as they are, and so
// are the alternate ones. Of URIs, the term's own, its exact matches and its page lead to it, with http or https and
// with or without a slash at the end; one that several terms claim leads to the term whose own it is, or to none.
func (s *Scheme) Term(codeOrURI string) (t Term, ok bool) {
	i, ok := s.index[codeOrURI]
	if !ok && isURI(codeOrURI) {
		i, ok = s.index[canonical(codeOrURI)]
	}
	if !ok {
		return Term{}, false
	}
	return s.Terms[i], true
}

// Within returns the code of the given term and those of all narrower ones at any depth, each before its own narrower
// ones: what a filter on the term stands for. It is empty if there is no such term.
func (s *Scheme) Within(codeOrURI string) []string {
	t, ok := s.Term(codeOrURI)
	if !ok {
		return nil
	}
	return s.appendWithin(nil, t.Code)
}

func (s *Scheme) appendWithin(codes []string, code string) []string {
	codes = append(codes, code)
	for _, narrower := range s.Terms[s.index[code]].Narrower {
		codes = s.appendWithin(codes, narrower)
	}
	return codes
}

var loaded = sync.OnceValue(load)

func isURI(s string) bool { return strings.Contains(s, "://") }

// canonical spells a URI without what is told apart in print only: its scheme and a slash at the end.
func canonical(uri string) string {
	if rest, ok := strings.CutPrefix(uri, "https://"); ok {
		uri = "//" + rest
	} else if rest, ok := strings.CutPrefix(uri, "http://"); ok {
		uri = "//" + rest
	}
	return strings.TrimSuffix(uri, "/")
}
