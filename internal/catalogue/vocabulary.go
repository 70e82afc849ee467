package catalogue

import (
	"strconv"

	"github.com/comuneprato/service-catalogue/internal/vocabulary"
)

// VocabularyItem is the summary of a controlled vocabulary that the list of them shows.
func (w Words) VocabularyItem(s *vocabulary.Scheme) Object {
	v := w.viewer()
	return v.finish(v.vocabulary(s)).Object
}

// Vocabulary is a controlled vocabulary with its terms, in the order of its source.
func (w Words) Vocabulary(s *vocabulary.Scheme) Object {
	v := w.viewer()
	o := v.vocabulary(s)
	terms := []byte{'['}
	for i, t := range s.Terms {
		if i > 0 {
			terms = append(terms, ',')
		}
		terms = v.vocabularyTerm(t, Pointer("/terms").Index(i)).Append(terms)
	}
	return v.finish(append(o, Member{"terms", append(terms, ']')})).Object
}

func (v *viewer) vocabulary(s *vocabulary.Scheme) Object {
	o := Object{
		{"code", quote(s.Code)},
		{"url", quote(v.PublicURL + "/v1/vocabularies/" + s.Code)},
		{"title", v.text(s.Title, "/title")},
	}
	o = o.optional("uri", s.URI)
	o = o.optional("source", s.Source)
	o = o.optional("licence", s.Licence)
	o = o.optional("attribution", s.Attribution)
	return append(o, Member{"size", strconv.AppendInt(nil, int64(len(s.Terms)), 10)})
}

func (v *viewer) vocabularyTerm(t vocabulary.Term, at Pointer) Object {
	o := Object{{"code", quote(t.Code)}}
	o = o.optional("uri", t.URI)
	o = append(o, Member{"label", v.text(t.Label, at.Field("label"))})
	if len(t.Definition) > 0 {
		o = append(o, Member{"definition", v.text(t.Definition, at.Field("definition"))})
	}
	o = o.optional("broader", t.Broader)
	if t.Deprecated {
		o = append(o, Member{"deprecated", []byte("true")})
	}
	return o
}

// optional adds a member where there is something to say.
func (o Object) optional(name, value string) Object {
	if value == "" {
		return o
	}
	return append(o, Member{name, quote(value)})
}
