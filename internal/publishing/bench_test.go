package publishing_test

import (
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/comuneprato/service-catalogue/internal/store/storetest"
)

func benchmark(b *testing.B, write func(b *testing.B, r room)) {
	for _, database := range storetest.Databases {
		b.Run(database, func(b *testing.B) {
			r := newRoom(b, storetest.Open(b, database))
			r.put(b, office("prato", "anagrafe"), titled("Anagrafe"), public)
			b.ReportAllocs()
			b.ResetTimer()
			write(b, r)
			b.StopTimer()
		})
	}
}

func BenchmarkPutUnchanged(b *testing.B) {
	document := serviceTitled("Carta", `"responsibleOffice":"prato/anagrafe"`, `"offices":["prato/anagrafe"]`)
	benchmark(b, func(b *testing.B, r room) {
		r.put(b, service("prato", "cie"), document, public)
		for b.Loop() {
			r.put(b, service("prato", "cie"), document, public)
		}
	})
}

func BenchmarkPutAndPublish(b *testing.B) {
	benchmark(b, func(b *testing.B, r room) {
		n := 0
		for b.Loop() {
			n++
			r.put(b, service("prato", "cie"), serviceTitled(fmt.Sprint("Carta ", n), `"responsibleOffice":"prato/anagrafe"`, `"offices":["prato/anagrafe"]`), public)
		}
	})
}

func BenchmarkPutAndPublishManyAtOnce(b *testing.B) {
	benchmark(b, func(b *testing.B, r room) {
		b.SetParallelism(8)
		var writes atomic.Int64
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				n := writes.Add(1)
				key := fmt.Sprint("o", n%50)
				document := titled(fmt.Sprint("Ufficio ", n), fmt.Sprintf(`"slug":%q`, key))
				if _, err := r.Put(b.Context(), office("prato", key), []byte(document), public); err != nil {
					b.Error(err)
				}
			}
		})
	})
}
