package hsds

import (
	"slices"
	"strings"
	"sync"

	"github.com/google/uuid"
	"golang.org/x/text/language"
	"golang.org/x/text/search"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/format/rdf"
	"github.com/comuneprato/service-catalogue/internal/vocabulary"
)

var languageTerms = vocabulary.MustGet("languages")

// class is something that terms of a vocabulary say of an entry.
type class struct {
	code     string // of the vocabulary
	linkType string
	codes    func(catalogue.Document) []string // of the terms that a document has
}

func (c class) scheme() *vocabulary.Scheme { return vocabulary.MustGet(c.code) }

// classes is what the attributes of entries say: the vocabularies that are taxonomies.
var classes = []class{
	{"service-categories", "category", ofService(func(s *catalogue.Service) []string { return s.Categories })},
	{"topics", "topic", ofService(func(s *catalogue.Service) []string { return s.Topics })},
	{"service-types", "service_type", ofService(func(s *catalogue.Service) []string { return one(s.Type) })},
	{"life-events", "life_event", ofService(func(s *catalogue.Service) []string { return s.LifeEvents })},
	{"business-events", "business_event", ofService(func(s *catalogue.Service) []string { return s.BusinessEvents })},
	{"audiences", "audience", ofService(func(s *catalogue.Service) []string { return s.Audiences })},
	{"interactivity-levels", "interactivity", ofService(func(s *catalogue.Service) []string { return one(s.Interactivity) })},
	{"sectors", "sector", func(doc catalogue.Document) []string {
		switch d := doc.(type) {
		case *catalogue.Service:
			return d.Sectors
		case *catalogue.Publisher:
			return d.Sectors
		default:
			return nil
		}
	}},
	{"organisation-types", "organization_type", func(doc catalogue.Document) []string {
		if d, ok := doc.(*catalogue.Publisher); ok {
			return one(d.Type)
		}
		return nil
	}},
	{"place-types", "location_type", func(doc catalogue.Document) []string {
		if d, ok := doc.(*catalogue.Place); ok {
			return one(d.Type)
		}
		return nil
	}},
	{"licences", "licence", func(doc catalogue.Document) []string { return one(doc.Common().Licence) }},
}

func ofService(codes func(*catalogue.Service) []string) func(catalogue.Document) []string {
	return func(doc catalogue.Document) []string {
		if s, ok := doc.(*catalogue.Service); ok {
			return codes(s)
		}
		return nil
	}
}

// one is the list of a code, if it is there.
func one(code string) []string {
	if code == "" {
		return nil
	}
	return []string{code}
}

// Taxonomies lists the vocabularies that attributes take their terms from.
func Taxonomies() []*vocabulary.Scheme {
	all := make([]*vocabulary.Scheme, len(classes))
	for i, c := range classes {
		all[i] = c.scheme()
	}
	return all
}

// index finds taxonomies and terms by their ids.
var index = sync.OnceValue(func() (all struct {
	taxonomies map[uuid.UUID]*vocabulary.Scheme
	terms      map[uuid.UUID]schemeTerm
},
) {
	all.taxonomies, all.terms = map[uuid.UUID]*vocabulary.Scheme{}, map[uuid.UUID]schemeTerm{}
	for _, scheme := range Taxonomies() {
		all.taxonomies[taxonomyID(scheme.Code)] = scheme
		for i := range scheme.Terms {
			all.terms[termID(scheme.Code, scheme.Terms[i].Code)] = schemeTerm{scheme, &scheme.Terms[i]}
		}
	}
	return all
})

type schemeTerm struct {
	scheme *vocabulary.Scheme
	term   *vocabulary.Term
}

// FindTaxonomy returns the vocabulary whose taxonomy has an id, nil if there is none.
func FindTaxonomy(id string) *vocabulary.Scheme {
	parsed, err := uuid.Parse(id)
	if err != nil {
		return nil
	}
	return index().taxonomies[parsed]
}

// FindTerm returns the term that has an id and its vocabulary, nil if there is none.
func FindTerm(id string) (*vocabulary.Scheme, *vocabulary.Term) {
	parsed, err := uuid.Parse(id)
	if err != nil {
		return nil, nil
	}
	found := index().terms[parsed]
	return found.scheme, found.term
}

// Classified reports whether an entry has an attribute of a vocabulary: of a term, or where that is nil, of any.
func Classified(e *catalogue.Entry, scheme *vocabulary.Scheme, term *vocabulary.Term) bool {
	return slices.ContainsFunc(classes, func(c class) bool {
		return c.scheme() == scheme && slices.ContainsFunc(c.codes(e.Document), func(code string) bool { return term == nil || code == term.Code })
	})
}

// Named reports whether names have a text in them, whatever its case and accents; all do if it is empty.
func Named(text string) func(name string) bool {
	if text == "" {
		return func(string) bool { return true }
	}
	pattern := search.New(language.Italian, search.Loose).CompileString(text)
	return func(name string) bool {
		at, _ := pattern.IndexString(name)
		return at >= 0
	}
}

// Taxonomy tells a vocabulary.
func (w Writer) Taxonomy(s *vocabulary.Scheme) Taxonomy {
	description := w.say(s.Title)
	for _, more := range []string{s.Attribution, s.Source, s.Licence} {
		if more != "" && !strings.Contains(description, more) {
			description += ". " + more
		}
	}
	return Taxonomy{ID: taxonomyID(s.Code).String(), Name: w.say(s.Title), Description: description, URI: rdf.Address(s.URI)}
}

// Term tells a term of a vocabulary.
func (w Writer) Term(s *vocabulary.Scheme, t *vocabulary.Term) TaxonomyTerm {
	taxonomy := w.Taxonomy(s)
	label, tag := t.Label.In(w.Lang)
	told := TaxonomyTerm{
		ID: termID(s.Code, t.Code).String(), Code: t.Code, Name: label, Description: label, Taxonomy: taxonomy.Name, TaxonomyDetail: &taxonomy,
		Language: string(tag), TaxonomyID: taxonomy.ID, TermURI: rdf.Address(t.URI),
	}
	if taxonomy.URI != "" {
		told.Taxonomy = taxonomy.URI
	}
	if t.Broader != "" {
		told.ParentID = termID(s.Code, t.Broader).String()
	}
	if len(t.Definition) > 0 {
		told.Description = w.say(t.Definition)
	} else if len(t.AltLabel) > 0 {
		told.Description = w.say(t.AltLabel)
	}
	return told
}
