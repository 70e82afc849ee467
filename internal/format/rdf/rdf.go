// Package rdf is a small model of RDF 1.1 graphs, and writes them as Turtle and as JSON-LD 1.1. What a graph says is for
// the formats to decide. There are no blank nodes: everything that is described has an IRI, so that documents which
// describe the same things can be put together.
package rdf

import (
	"maps"
	"slices"
	"strings"

	"github.com/comuneprato/service-catalogue/internal/lang"
)

// Range is what the objects of a property are.
type Range string

// The ranges. But for Resource and Text they are names of datatypes.
const (
	Resource Range = "@id"            // IRIs
	Text     Range = "rdf:langString" // texts, each with its language
	String   Range = "xsd:string"
	URI      Range = "xsd:anyURI"
	Date     Range = "xsd:date"
	DateTime Range = "xsd:dateTime"
	Time     Range = "xsd:time"
	Duration Range = "xsd:duration"
	Decimal  Range = "xsd:decimal"
	Double   Range = "xsd:double"
	Point    Range = "geosparql:wktLiteral"
)

// Property is a predicate with the one range that its objects have here.
type Property struct {
	Name  string // with its prefix: dct:title
	Range Range
}

// Prefix stands for the beginning of IRIs.
type Prefix struct{ Name, IRI string }

// Vocabulary is what graphs are written in. It must be complete before the first one is.
type Vocabulary struct {
	prefixes   []Prefix
	properties []Property
}

// NewVocabulary makes a vocabulary of names with some prefixes, and of no properties yet.
func NewVocabulary(prefixes ...Prefix) *Vocabulary { return &Vocabulary{prefixes: prefixes} }

// Property adds a property. It panics where the name has no known prefix, or is taken.
func (v *Vocabulary) Property(name string, of Range) Property {
	v.IRI(name)
	if slices.ContainsFunc(v.properties, func(p Property) bool { return p.Name == name }) {
		panic("rdf: two properties " + name)
	}
	p := Property{name, of}
	v.properties = append(v.properties, p)
	return p
}

// IRI is what a name with a prefix stands for. It panics where there is no such prefix.
func (v *Vocabulary) IRI(name string) string {
	prefix, local, _ := strings.Cut(name, ":")
	for _, p := range v.prefixes {
		if p.Name == prefix {
			return p.IRI + local
		}
	}
	panic("rdf: no prefix for " + name)
}

// Graph is a set of statements, in the order in which they were made.
type Graph struct {
	Nodes []*Node
	byIRI map[string]*Node
	made  map[statement]bool
}

// NewGraph makes an empty graph.
func NewGraph() *Graph { return &Graph{byIRI: map[string]*Node{}, made: map[statement]bool{}} }

// Node is a resource that a graph describes.
type Node struct {
	IRI        string
	Classes    []string // names with a prefix
	Statements []Statement

	graph *Graph
}

// Statement says something of a node.
type Statement struct {
	Property
	Value string
	Lang  lang.Tag // of a text
}

type statement struct {
	iri string
	Statement
}

// Node is the node of an IRI, which Address made or the program. Whatever is said of it is said of one node.
func (g *Graph) Node(iri string) *Node {
	n := g.byIRI[iri]
	if n == nil {
		n = &Node{IRI: iri, graph: g}
		g.byIRI[iri] = n
		g.Nodes = append(g.Nodes, n)
	}
	return n
}

// Is says which classes a node is of.
func (n *Node) Is(classes ...string) *Node {
	for _, class := range classes {
		if !slices.Contains(n.Classes, class) {
			n.Classes = append(n.Classes, class)
		}
	}
	return n
}

// Link says that a node has a relation to others; nil ones are passed over.
func (n *Node) Link(p Property, to ...*Node) *Node {
	for _, other := range to {
		if other != nil {
			n.See(p, other.IRI)
		}
	}
	return n
}

// See is Link to what the graph need not describe; an empty IRI is passed over.
func (n *Node) See(p Property, iri string) *Node {
	n.state(p, Resource, iri, "")
	return n
}

// Say says a text in every language that it has.
func (n *Node) Say(p Property, texts ...lang.Text) *Node {
	for _, text := range texts {
		for _, tag := range slices.Sorted(maps.Keys(text)) {
			n.state(p, Text, text[tag], tag)
		}
	}
	return n
}

// Set gives a property of a datatype a value in its lexical form; an empty one is passed over.
func (n *Node) Set(p Property, value string) *Node {
	n.state(p, p.Range, value, "")
	return n
}

// state makes a statement, unless it was made before.
func (n *Node) state(p Property, of Range, value string, tag lang.Tag) {
	if p.Range != of {
		panic("rdf: " + p.Name + " takes " + string(p.Range) + ", not " + string(of))
	}
	s := statement{n.IRI, Statement{p, value, tag}}
	if value == "" || n.graph.made[s] {
		return
	}
	n.graph.made[s] = true
	n.Statements = append(n.Statements, s.Statement)
}

// Syntax is a way to write graphs. A document is its beginning, any number of nodes, and its end.
type Syntax interface {
	AppendBegin(b []byte) []byte
	AppendNode(b []byte, n *Node, first bool) []byte
	AppendEnd(b []byte) []byte
}

// Append writes the nodes of a graph of which it says something; first tells that none were written before. It reports
// whether that is still so.
func Append(b []byte, s Syntax, g *Graph, first bool) ([]byte, bool) {
	for _, n := range g.Nodes {
		if len(n.Classes) > 0 || len(n.Statements) > 0 {
			b = s.AppendNode(b, n, first)
			first = false
		}
	}
	return b, first
}

// Document writes a graph alone.
func Document(s Syntax, g *Graph) []byte {
	b, _ := Append(s.AppendBegin(nil), s, g, true)
	return s.AppendEnd(b)
}

// grouped are the statements of a node by their property, in the order in which properties come first.
func (n *Node) grouped() [][]Statement {
	var groups [][]Statement
	at := map[string]int{}
	for _, s := range n.Statements {
		i, ok := at[s.Name]
		if !ok {
			i = len(groups)
			at[s.Name] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], s)
	}
	return groups
}
