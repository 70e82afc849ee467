package catalogue_test

import (
	"strings"
	"testing"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/catalogue/cataloguetest"
	"github.com/comuneprato/service-catalogue/internal/lang"
)

func BenchmarkDecode(b *testing.B) {
	data := []byte(catalogue.Encode(cataloguetest.Service()))
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := catalogue.Decode(catalogue.KindService, data); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkMustDecode(b *testing.B) {
	stored := catalogue.Encode(cataloguetest.Service())
	b.SetBytes(int64(len(stored)))
	b.ReportAllocs()
	for b.Loop() {
		catalogue.MustDecode(catalogue.KindService, stored)
	}
}

func BenchmarkEncode(b *testing.B) {
	doc := cataloguetest.Service()
	b.ReportAllocs()
	for b.Loop() {
		catalogue.Encode(doc)
	}
}

func BenchmarkCheck(b *testing.B) {
	doc := cataloguetest.Service()
	b.ReportAllocs()
	for b.Loop() {
		var findings catalogue.Findings
		catalogue.Check(doc, catalogue.LevelPortal, &findings)
	}
}

func benchmarkWords(b *testing.B, write func(catalogue.Words, *catalogue.Entry) catalogue.Rendered) {
	b.Helper()
	entries := cataloguetest.NewEntries()
	w := catalogue.Words{Lang: lang.English, PublicURL: publicURL, Resolver: entries}
	b.ReportAllocs()
	for b.Loop() {
		write(w, entries[cataloguetest.ServiceRef]).Object.Append(nil)
	}
}

func BenchmarkView(b *testing.B) { benchmarkWords(b, catalogue.Words.View) }

func BenchmarkItem(b *testing.B) { benchmarkWords(b, catalogue.Words.Item) }

// A how to as long as those of the longest real services.
func BenchmarkCheckLongTexts(b *testing.B) {
	doc := cataloguetest.Service()
	doc.HowTo = lang.Of(strings.Repeat("L'ufficio provvede all'espletamento dell'istruttoria ai sensi dell'art. 35 del d.lgs. 33/2013, previa presentazione della domanda.\n", 40))
	doc.Description = doc.HowTo
	b.SetBytes(int64(len(doc.HowTo["it"]) + len(doc.Description["it"])))
	b.ReportAllocs()
	for b.Loop() {
		var findings catalogue.Findings
		catalogue.Check(doc, catalogue.LevelPortal, &findings)
		catalogue.Sketches(doc)
	}
}
