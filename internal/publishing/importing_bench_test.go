package publishing_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/comuneprato/service-catalogue/internal/publishing"
	"github.com/comuneprato/service-catalogue/internal/store/storetest"
)

// BenchmarkImport imports 2,000 services that name an office, and then the same again.
func BenchmarkImport(b *testing.B) {
	const services = 2000
	lines := []string{row("prato", "office", "anagrafe", titled("Anagrafe"), true)}
	for n := range services {
		lines = append(lines, row("prato", "service", fmt.Sprint("s", n),
			serviceTitled(fmt.Sprint("Carta ", n), `"responsibleOffice":"prato/anagrafe"`, `"offices":["prato/anagrafe"]`), true))
	}
	text := strings.Join(lines, "\n")
	for _, database := range storetest.Databases {
		for _, again := range []bool{false, true} {
			name := database + "/new"
			if again {
				name = database + "/unchanged"
			}
			b.Run(name, func(b *testing.B) {
				for range b.N {
					b.StopTimer()
					r := newRoom(b, storetest.Open(b, database))
					if again {
						r.importText(b, text)
					}
					b.StartTimer()
					if _, err := r.tryImport(b.Context(), text, publishing.ImportOptions{Actor: me}); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.N*len(lines))/b.Elapsed().Seconds(), "rows/s")
			})
		}
	}
}
