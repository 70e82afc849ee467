package catalogue_test

import (
	"testing"
	"time"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
)

func TestAPeriodEnds(t *testing.T) {
	at := time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)
	for period, want := range map[string]time.Time{
		"P30D": at.AddDate(0, 0, 30), "P2W": at.AddDate(0, 0, 14), "P1Y6M": at.AddDate(1, 6, 0), "PT24H": at.Add(24 * time.Hour),
		"P1DT1H30M": at.Add(25*time.Hour + 30*time.Minute), "PT5M": at.Add(5 * time.Minute), "PT0H": at, "24h": at, "": at,
	} {
		if got := catalogue.After(at, period); !got.Equal(want) {
			t.Errorf("After(%v, %q) = %v, want %v", at, period, got, want)
		}
	}
}
