package rdf

import (
	"fmt"
	"unicode/utf8"
)

// Turtle writes Turtle 1.1 (https://www.w3.org/TR/turtle/) with the prefixes of a vocabulary.
type Turtle struct{ *Vocabulary }

// AppendBegin declares the prefixes.
func (t Turtle) AppendBegin(b []byte) []byte {
	for _, p := range t.prefixes {
		b = fmt.Appendf(b, "@prefix %s: <%s> .\n", p.Name, p.IRI)
	}
	return b
}

// AppendNode writes what is said of a node.
func (t Turtle) AppendNode(b []byte, n *Node, _ bool) []byte {
	b = append(b, "\n<"+n.IRI+">"...)
	between := ""
	for i, class := range n.Classes {
		if between = ", "; i == 0 {
			between = " a "
		}
		b = append(b, between+class...)
	}
	if between != "" {
		between = " ;"
	}
	for _, group := range n.grouped() {
		b = append(b, between+"\n\t"+group[0].Name...)
		for i, s := range group {
			if between = ", "; i == 0 {
				between = " "
			}
			b = appendTurtle(append(b, between...), s)
		}
		between = " ;"
	}
	return append(b, " .\n"...)
}

// AppendEnd writes nothing: Turtle has no end.
func (t Turtle) AppendEnd(b []byte) []byte { return b }

func appendTurtle(b []byte, s Statement) []byte {
	if s.Range == Resource {
		return append(b, "<"+s.Value+">"...)
	}
	b = appendQuoted(b, s.Value)
	switch s.Range {
	case Text:
		return append(b, "@"+s.Lang...)
	case String:
		return b
	default:
		return append(b, "^^"+s.Range...)
	}
}

// appendQuoted writes a string in quotation marks. What is no character, and what editors and terminals obey instead of
// showing it, is written as its number.
func appendQuoted(b []byte, s string) []byte {
	b = append(b, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r == '\n':
			b = append(b, `\n`...)
		case r == '\r':
			b = append(b, `\r`...)
		case r == '\t':
			b = append(b, `\t`...)
		case r < ' ', '\x7f' <= r && r < '\u00a0', '\u200b' <= r && r <= '\u200f', '\u2028' <= r && r <= '\u202e', '\u2066' <= r && r <= '\u2069':
			b = fmt.Appendf(b, `\u%04X`, r)
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return append(b, '"')
}
