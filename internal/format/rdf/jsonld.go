package rdf

import (
	"encoding/json"

	"github.com/comuneprato/service-catalogue/internal/lang"
)

// JSONLD writes JSON-LD 1.1 (https://www.w3.org/TR/json-ld11/) with a context that lies at an address, whose content is
// Context of the same vocabulary.
type JSONLD struct{ Context string }

// Context is the JSON-LD context of a vocabulary: its prefixes, and what the values of its properties are. Texts are maps
// of their languages.
func (v *Vocabulary) Context() []byte {
	terms := map[string]any{"@version": 1.1}
	for _, p := range v.prefixes {
		terms[p.Name] = p.IRI
	}
	for _, p := range v.properties {
		switch p.Range {
		case Resource:
			terms[p.Name] = map[string]string{"@type": "@id"}
		case Text:
			terms[p.Name] = map[string]string{"@container": "@language"}
		case String: // as every string is
		default:
			terms[p.Name] = map[string]string{"@type": string(p.Range)}
		}
	}
	b, err := json.MarshalIndent(map[string]any{"@context": terms}, "", "  ")
	if err != nil {
		panic(err) // strings and maps of them can be encoded
	}
	return append(b, '\n')
}

// AppendBegin names the context.
func (j JSONLD) AppendBegin(b []byte) []byte {
	return append(appendJSON(append(b, `{"@context":`...), j.Context), `,"@graph":[`...)
}

// AppendNode writes what is said of a node.
func (j JSONLD) AppendNode(b []byte, n *Node, first bool) []byte {
	if !first {
		b = append(b, ',')
	}
	b = appendJSON(append(b, "\n"+`{"@id":`...), n.IRI)
	if len(n.Classes) > 0 {
		b = appendJSON(append(b, `,"@type":`...), n.Classes)
	}
	for _, group := range n.grouped() {
		b = append(appendJSON(append(b, ','), group[0].Name), ':')
		if group[0].Range == Text {
			texts := map[lang.Tag][]string{}
			for _, s := range group {
				texts[s.Lang] = append(texts[s.Lang], s.Value)
			}
			b = appendJSON(b, texts)
			continue
		}
		values := make([]string, len(group))
		for i, s := range group {
			values[i] = s.Value
		}
		b = appendJSON(b, values)
	}
	return append(b, '}')
}

// AppendEnd closes the document.
func (j JSONLD) AppendEnd(b []byte) []byte { return append(b, "\n]}\n"...) }

func appendJSON(b []byte, v any) []byte {
	encoded, err := json.Marshal(v)
	if err != nil {
		panic(err) // strings, and lists and maps of them, can be encoded
	}
	return append(b, encoded...)
}
