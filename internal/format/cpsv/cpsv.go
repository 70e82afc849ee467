// Package cpsv writes public entries as linked data: in the words of the European application profile for public services
// (CPSV-AP 3.2.0) and, beside them, in those of the Italian one (CPSV-AP_IT 1.1), so that one graph obeys the shapes of the
// first and the restrictions of the second. docs/formats/cpsv-ap.md says what becomes of each field.
//
// Every text is written in all its languages. What is described has the entry's address by id, its parts that address
// with a fragment: entries that are described together add up to one graph.
package cpsv

import (
	"fmt"
	"strings"
	"time"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/format/rdf"
	"github.com/comuneprato/service-catalogue/internal/lang"
	"github.com/comuneprato/service-catalogue/internal/vocabulary"
)

// Kinds are those that the profiles have a class for.
var Kinds = []catalogue.Kind{
	catalogue.KindPublisher, catalogue.KindTimetable, catalogue.KindPlace, catalogue.KindOffice, catalogue.KindChannel,
	catalogue.KindProcedure, catalogue.KindService,
}

// ContextPath is where the JSON-LD context lies, below the public address.
const ContextPath = "/v1/contexts/cpsv-ap.jsonld"

// Context is the JSON-LD context that documents name.
func Context() []byte { return names.Context() }

// Turtle writes an entry as Turtle.
func Turtle(l *catalogue.Look, e *catalogue.Entry) []byte {
	return rdf.Document(turtle, describe(l, e))
}

// JSONLD writes an entry as JSON-LD.
func JSONLD(l *catalogue.Look, e *catalogue.Entry) []byte {
	return rdf.Document(jsonLD(l.PublicURL), describe(l, e))
}

var turtle = rdf.Turtle{Vocabulary: names}

func jsonLD(publicURL string) rdf.JSONLD { return rdf.JSONLD{Context: publicURL + ContextPath} }

// describe is the graph of an entry alone: what it refers to is described as far as the profiles ask for.
func describe(l *catalogue.Look, e *catalogue.Entry) *rdf.Graph {
	w := writer{Look: l, graph: rdf.NewGraph(), alone: true, told: map[string]bool{}, stubs: map[string]bool{}}
	w.entry(e)
	return w.graph
}

// writer puts a graph together.
type writer struct {
	*catalogue.Look
	graph *rdf.Graph

	alone bool            // the entry's references are described in no other part of the document
	told  map[string]bool // the terms that the document describes already
	stubs map[string]bool // the entries that are, or are being, described in short
}

// entry describes an entry in full.
func (w *writer) entry(e *catalogue.Entry) {
	w.stubs[w.IRI(e)] = true
	n := w.node(e)
	n.Set(issued, instant(e.PublishedAt)).Set(modified, instant(e.UpdatedAt))
	switch doc := e.Document.(type) {
	case *catalogue.Service:
		w.service(n, e, doc)
		w.serviceInFull(n, e, doc)
	case *catalogue.Publisher:
		w.publisher(n, e, doc)
		w.publisherInFull(n, e, doc)
	case *catalogue.Office:
		w.office(n, e, doc)
		w.officeInFull(n, e, doc)
	case *catalogue.Place:
		w.place(n, e, doc)
		w.placeInFull(n, e, doc)
	case *catalogue.Channel:
		w.channel(n, e, doc)
	case *catalogue.Procedure:
		w.procedure(n, e, doc)
		w.procedureInFull(n, e, doc)
	case *catalogue.Timetable:
		w.timetable(n, doc)
		w.timetableInFull(n, doc)
	}
	head := e.Document.Common()
	for _, o := range head.Origins {
		w.document(n, source, o.URL, nil)
	}
	for _, link := range head.Links {
		w.document(n, page, link.URL, link.Title)
	}
	n.Link(license, w.term("licences", head.Licence))
}

func (w *writer) node(e *catalogue.Entry) *rdf.Node { return w.graph.Node(w.IRI(e)) }

// part is the node of a part of what another node is.
func (w *writer) part(of *rdf.Node, name string, number ...int) *rdf.Node {
	for _, n := range number {
		name += fmt.Sprintf("-%d", n+1)
	}
	return w.graph.Node(of.IRI + "#" + name)
}

// named says what every part has: an identifier, which is that of the entry with the name of the part, and a title.
func (w *writer) named(n *rdf.Node, e *catalogue.Entry, titles ...lang.Text) *rdf.Node {
	id := e.Ref.String()
	if _, fragment, ok := strings.Cut(n.IRI, "#"); ok {
		id += "#" + fragment
	}
	n.Set(identifier, id).Set(italianIdentifier, id)
	if text := firstOf(titles...); text != nil {
		n.Say(title, text).Say(italianName, text)
	}
	return n
}

// described says what something is, in the first of the texts that there is.
func described(n *rdf.Node, texts ...lang.Text) *rdf.Node {
	text := firstOf(texts...)
	return n.Say(description, text).Say(italianDescription, text)
}

// stub describes in short, where nothing else does, what an entry names; do says it.
func (w *writer) stub(e *catalogue.Entry, do func(n *rdf.Node)) *rdf.Node {
	n := w.node(e)
	if w.alone && !w.stubs[n.IRI] {
		w.stubs[n.IRI] = true
		do(n)
	}
	return n
}

// document is a page or a file on the web; nil where the address is none.
func (w *writer) document(n *rdf.Node, p rdf.Property, address string, name lang.Text) *rdf.Node {
	iri := rdf.Address(address)
	if iri == "" {
		return nil
	}
	d := w.graph.Node(iri).Is("foaf:Document").Say(title, name)
	n.Link(p, d)
	return d
}

// term is a term of a vocabulary, of classes beside skos:Concept, by its own IRI: a code need not be the end of that. One
// that no authority has named lies at the address of our list. It is nil where the code is none.
func (w *writer) term(scheme, code string, classes ...string) *rdf.Node {
	s := vocabulary.MustGet(scheme)
	t, ok := s.Term(code)
	if !ok {
		return nil
	}
	list := s.URI
	if list == "" {
		list = w.PublicURL + "/v1/vocabularies/" + scheme
	}
	iri := t.URI
	if iri == "" {
		iri = w.PublicURL + "/v1/vocabularies/" + scheme + "#" + t.Code
	}
	return w.concept(iri, list, s.Title, t.Code, officialLabel(s, t), classes...)
}

func (w *writer) terms(scheme string, codes []string, classes ...string) []*rdf.Node {
	nodes := make([]*rdf.Node, len(codes))
	for i, code := range codes {
		nodes[i] = w.term(scheme, code, classes...)
	}
	return nodes
}

// label is what a term of a list of our own is called.
func label(scheme, code string) lang.Text {
	t, _ := vocabulary.MustGet(scheme).Term(code)
	return t.Label
}

// officialLabel is the label of a term without the translations that are ours and not the authority's.
func officialLabel(s *vocabulary.Scheme, t vocabulary.Term) lang.Text {
	if s.Own() || len(t.Ours) == 0 {
		return t.Label
	}
	label := lang.Text{}
	for tag, text := range t.Label {
		label[tag] = text
	}
	for _, tag := range t.Ours {
		delete(label, tag)
	}
	return label
}

// concept describes a term of a list, once in a document.
func (w *writer) concept(iri, list string, listTitle lang.Text, code string, label lang.Text, classes ...string) *rdf.Node {
	n := w.graph.Node(iri).Is("skos:Concept").Is(classes...)
	if w.told[iri] {
		return n
	}
	w.told[iri] = true
	n.Say(prefLabel, label).Say(italianName, label).Set(notation, code).See(inScheme, list)
	if !w.told[list] {
		w.told[list] = true
		w.graph.Node(list).Is("skos:ConceptScheme").Say(prefLabel, listTitle)
	}
	return n
}

// Terms that every service or price may need, and that no list here has.

func (w *writer) currency(code string) *rdf.Node {
	const list = "http://publications.europa.eu/resource/authority/currency"
	if code == "" {
		code = "EUR"
	}
	return w.concept(list+"/"+code, list, lang.Text{lang.English: "Currencies"}, code, lang.Text{lang.English: code}, "muapit:MeasurementUnit")
}

func (w *writer) nace(t vocabulary.Term) *rdf.Node {
	const list = "http://data.europa.eu/ux2/nace2/"
	for _, iri := range t.Exact {
		if strings.HasPrefix(iri, list) {
			return w.concept(iri, list+"nace2", lang.Text{lang.English: "NACE Rev. 2"}, t.Code, t.Label, "cpsvapit:ServiceSector")
		}
	}
	return nil
}

// italy is where an organisation works that says nothing narrower.
func (w *writer) italy() *rdf.Node {
	const list = "http://publications.europa.eu/resource/authority/country"
	return w.concept(list+"/ITA", list, lang.Text{lang.English: "Countries"}, "ITA", lang.Text{lang.Italian: "Italia", lang.English: "Italy"},
		"dct:Location", "clvapit:Feature")
}

// languages are those of the EU's table, of which both profiles take one.
func (w *writer) languages(codes []string) []*rdf.Node {
	return w.terms("languages", codes, "dct:LinguisticSystem", "lapit:Language")
}

// areas are the parts of a node that name where it counts.
func (w *writer) areas(n *rdf.Node, areas []lang.Text) []*rdf.Node {
	nodes := make([]*rdf.Node, len(areas))
	for i, area := range areas {
		nodes[i] = w.part(n, "area", i).Is("dct:Location", "clvapit:Feature").Say(prefLabel, area).Say(italianName, area)
	}
	return nodes
}

// interval is the span of days in which something holds; nil where it is always.
func (w *writer) interval(of *rdf.Node, from, to string) *rdf.Node {
	if from == "" && to == "" {
		return nil
	}
	return w.intervalFrom(of, from, to)
}

func (w *writer) intervalFrom(of *rdf.Node, from, to string) *rdf.Node {
	iri := of.IRI + "#when"
	if strings.Contains(of.IRI, "#") {
		iri = of.IRI + "-when"
	}
	return w.graph.Node(iri).Is("tiapit:TimeInterval", "tiapit:TemporalEntity").Set(startTime, from).Set(endTime, to)
}

// said is a sentence of the program in the languages that it speaks.
func said(key string, args ...any) lang.Text {
	text := lang.Text{}
	for _, tag := range lang.Spoken {
		text[tag] = lang.Message(tag, key, args...)
	}
	return text
}

// firstOf is the first text that says something.
func firstOf(texts ...lang.Text) lang.Text {
	for _, text := range texts {
		if len(text) > 0 {
			return text
		}
	}
	return nil
}

func instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// duration is a span of time as XML Schema writes it, which has no weeks.
func duration(period string) string {
	weeks, ok := strings.CutSuffix(strings.TrimPrefix(period, "P"), "W")
	if !ok {
		return period
	}
	var n int
	if _, err := fmt.Sscan(weeks, &n); err != nil {
		return ""
	}
	return fmt.Sprintf("P%dD", 7*n)
}
