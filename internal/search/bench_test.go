package search_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/comuneprato/service-catalogue/internal/lang"
	"github.com/comuneprato/service-catalogue/internal/search"
)

// synthetic makes documents of the demonstration's services, with other words mixed in, so that a catalogue of any size
// has common and rare words as a real one has.
func synthetic(n int) []search.Document {
	rng := rand.New(rand.NewPCG(1, 2))
	var services []search.Document
	for i, d := range theDemo().documents {
		if theDemo().rows[i].Kind == "service" {
			services = append(services, d)
		}
	}
	syllables := []string{"ba", "ce", "di", "fo", "gu", "la", "me", "ni", "po", "ru", "sta", "tre", "zi", "vo", "chi", "gna", "sco", "pro"}
	word := func() string {
		w := ""
		for range 2 + rng.IntN(3) {
			w += syllables[rng.IntN(len(syllables))]
		}
		return w
	}
	all := make([]search.Document, n)
	for i := range all {
		d := services[rng.IntN(len(services))]
		d.Ordinal, d.ID = uint32(i), fmt.Sprintf("%08d", i)
		d.Fields = append([]search.Field(nil), d.Fields...)
		d.Fields[0].Text += fmt.Sprintf(" %s %s %d", word(), word(), i)
		d.Fields = append(d.Fields, search.Field{Class: search.Body, Lang: lang.Italian, Text: word() + " " + word() + " " + word()})
		all[i] = d
	}
	return all
}

func built(docs []search.Document) (*search.Builder, *search.Index) {
	b := search.NewBuilder()
	for _, d := range docs {
		b.Put(d)
	}
	return b, b.Index()
}

var benchQueries = []string{
	"carta identità", "cambio residenza", "iscrivere il figlio al nido", "tari", "multa", "permesso di soggiorno",
	"tessera elettorale", "tassa rifiuti", "contatore acqua", "mensa scolastica", "passo carrabile", "cittadinanza",
	"abbonamento autobus", "case popolari", "occupazione suolo pubblico", "cie", "prestito bibliotecario", "unioni civili",
}

func BenchmarkSearch(b *testing.B) {
	for _, size := range []int{1000, 10000, 100000} {
		if size > 10000 && testing.Short() {
			continue
		}
		docs := synthetic(size)
		_, x := built(docs)
		for name, tail := range map[string]func(i int) string{
			"common": func(int) string { return "" },
			"distinct": func(i int) string {
				return " " + docs[i*7919%size].Fields[0].Text[len(docs[i*7919%size].Fields[0].Text)-4:]
			},
		} {
			b.Run(fmt.Sprintf("%s/%d", name, size), func(b *testing.B) {
				b.ReportAllocs()
				for i := 0; b.Loop(); i++ {
					x.Search(search.Query{Text: benchQueries[i%len(benchQueries)] + tail(i), Limit: 20})
				}
			})
		}
		b.Run(fmt.Sprintf("marked/%d", size), func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				x.Search(search.Query{Text: benchQueries[i%len(benchQueries)], Limit: 20, Marks: true})
			}
		})
		b.Run(fmt.Sprintf("misspelt/%d", size), func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				x.Search(search.Query{Text: []string{"resdienza", "elettorlae", "abbonametno"}[i%3], Limit: 20})
			}
		})
		b.Run(fmt.Sprintf("nothing/%d", size), func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				x.Search(search.Query{Text: "volo per londra", Limit: 20})
			}
		})
	}
}

func BenchmarkComplete(b *testing.B) {
	for _, size := range []int{1000, 10000} {
		_, x := built(synthetic(size))
		for _, q := range []string{"c", "ca", "cart id", "certif nasc"} {
			b.Run(fmt.Sprintf("%s/%d", q, size), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					x.Complete(search.Query{Text: q})
				}
			})
		}
	}
}

// BenchmarkPut publishes one document into a catalogue that is there.
func BenchmarkPut(b *testing.B) {
	for _, size := range []int{1000, 10000} {
		docs := synthetic(size)
		builder, _ := built(docs)
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				builder.Put(docs[i*7919%size])
				builder.Index()
			}
		})
	}
}

// BenchmarkLoad builds a catalogue from nothing; its time is of one document.
func BenchmarkLoad(b *testing.B) {
	docs := synthetic(10000)
	b.ReportAllocs()
	builder := search.NewBuilder()
	for i := 0; b.Loop(); i++ {
		if i%len(docs) == 0 {
			builder.Index()
			builder = search.NewBuilder()
		}
		builder.Put(docs[i%len(docs)])
	}
	builder.Index()
}
