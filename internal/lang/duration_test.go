package lang_test

import (
	"testing"

	"github.com/comuneprato/service-catalogue/internal/lang"
)

func TestDurationsAreToldInWords(t *testing.T) {
	for _, test := range []struct {
		tag          lang.Tag
		period, days string
		want         string
	}{
		{lang.Italian, "", "working", ""},
		{lang.Italian, "P30D", "", "30 giorni"},
		{lang.Italian, "P30D", "working", "30 giorni lavorativi"},
		{lang.English, "P1D", "working", "one working day"},
		{lang.English, "P90D", "calendar", "90 calendar days"},
		{lang.Italian, "P1Y6M", "working", "un anno e 6 mesi"},
		{lang.Italian, "P1M", "", "un mese"},
		{lang.English, "PT48H", "", "48 hours"},
		{lang.English, "P2DT1M", "working", "2 working days and one minute"},
		{"ar", "P2W", "", "2 settimane"},
	} {
		if got := lang.Duration(test.tag, test.period, test.days); got != test.want {
			t.Errorf("Duration(%s, %q, %q) = %q, want %q", test.tag, test.period, test.days, got, test.want)
		}
	}
}
