// Package lang holds what the catalogue knows of languages: which ones texts may be written in, which ones the
// program speaks itself, how a reader's wish is matched, and Text, one string per language. What the texts say is
// decided elsewhere.
package lang

import (
	"maps"
	"slices"
	"strings"

	"golang.org/x/text/language"
)

// Tag is a BCP 47 language tag in the short form used as a key of Text, such as "it".
type Tag string

// Languages that texts may be written in. Italian is the one that every text must have.
const (
	Italian  Tag = "it"
	English  Tag = "en"
	Chinese  Tag = "zh"
	Romanian Tag = "ro"
	Albanian Tag = "sq"
	Urdu     Tag = "ur"
	Arabic   Tag = "ar"
	French   Tag = "fr"
	Spanish  Tag = "es"
	German   Tag = "de"
)

// Any asks for every language at once: texts are shown as maps.
const Any Tag = "*"

// Tags lists the content languages, the default first.
var Tags = []Tag{Italian, English, Chinese, Romanian, Albanian, Urdu, Arabic, French, Spanish, German}

// Spoken lists the languages of the program's own messages, the default first.
var Spoken = []Tag{Italian, English}

var (
	contentMatcher = matcher(Tags)
	spokenMatcher  = matcher(Spoken)
)

func matcher(tags []Tag) language.Matcher {
	parsed := make([]language.Tag, len(tags))
	for i, t := range tags {
		parsed[i] = language.MustParse(string(t))
	}
	return language.NewMatcher(parsed)
}

// Known reports whether texts may be written in t.
func Known(t Tag) bool { return slices.Contains(Tags, t) }

// Match returns the content language that serves an Accept-Language header (RFC 9110, section 12.5.4) best: Italian
// where the header is empty or asks for nothing that is served. What cannot be read of it, or is no language, is passed over.
func Match(accept string) Tag { return match(accept, contentMatcher, Tags) }

// MatchSpoken is Match among the languages of the program's own messages.
func MatchSpoken(accept string) Tag { return match(accept, spokenMatcher, Spoken) }

// maxRanges is how many languages of a header are read; nobody has so many wishes.
const maxRanges = 100

func match(accept string, m language.Matcher, served []Tag) Tag {
	if accept == "" {
		return served[0]
	}
	var ranges []string
	wishes := strings.SplitN(strings.ToLower(accept), ",", maxRanges+1)
	for _, r := range wishes[:min(len(wishes), maxRanges)] {
		if _, _, err := language.ParseAcceptLanguage(r); err == nil { // one that is wrong would spoil all
			ranges = append(ranges, r)
		}
	}
	wanted, _, err := language.ParseAcceptLanguage(strings.Join(ranges, ","))
	if err != nil || len(wanted) == 0 {
		return served[0]
	}
	_, i, confidence := m.Match(wanted...)
	if confidence == language.No {
		return served[0]
	}
	return served[i]
}

// Text is one string per language, `{"it": "…", "en": "…"}`.
type Text map[Tag]string

// Of makes a Text of an Italian string.
func Of(italian string) Text { return Text{Italian: italian} }

// In returns the string for the wanted language, and the language it is in: Italian where the wanted one is absent,
// and where Italian is absent too, the first there is. The string of an empty Text is empty.
func (t Text) In(want Tag) (string, Tag) {
	if s, ok := t[want]; ok {
		return s, want
	}
	if s, ok := t[Italian]; ok {
		return s, Italian
	}
	for _, tag := range slices.Sorted(maps.Keys(t)) {
		return t[tag], tag
	}
	return "", want
}
