package cpsv

import (
	"io"
	"iter"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/format/rdf"
)

// WriteTurtle writes a whole catalogue as Turtle: the dataset that it is, and every entry, which belongs to it.
func WriteTurtle(out io.Writer, words catalogue.Words, d Dataset, entries iter.Seq[*catalogue.Entry]) error {
	return export(out, turtle, words, d, entries)
}

// WriteJSONLD is WriteTurtle for JSON-LD.
func WriteJSONLD(out io.Writer, words catalogue.Words, d Dataset, entries iter.Seq[*catalogue.Entry]) error {
	return export(out, jsonLD(words.PublicURL), words, d, entries)
}

// export writes piece by piece: of what was written before it remembers only which terms were described.
func export(out io.Writer, syntax rdf.Syntax, words catalogue.Words, d Dataset, entries iter.Seq[*catalogue.Entry]) error {
	told := map[string]bool{}
	b, first := syntax.AppendBegin(nil), true
	write := func(look *catalogue.Look, what func(*writer)) error {
		w := writer{Look: look, graph: rdf.NewGraph(), told: told, stubs: map[string]bool{}}
		what(&w)
		b, first = rdf.Append(b, syntax, w.graph, first)
		_, err := out.Write(b)
		b = b[:0]
		return err
	}
	if err := write(words.LookAround(), func(w *writer) { w.dataset(d) }); err != nil {
		return err
	}
	for e := range entries {
		err := write(words.Look(e), func(w *writer) {
			w.entry(e)
			if e.Ref.Kind == catalogue.KindService {
				w.node(e).See(partOf, w.PublicURL+DatasetPath)
			}
		})
		if err != nil {
			return err
		}
	}
	_, err := out.Write(syntax.AppendEnd(b))
	return err
}
