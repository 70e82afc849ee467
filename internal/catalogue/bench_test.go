package catalogue_test

import (
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
