package hours_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/comuneprato/service-catalogue/internal/hours"
)

func TestNationalHolidays(t *testing.T) {
	for _, test := range []struct {
		name string
		year int
		want []string
	}{
		{"with Saint Francis from 2026", 2026, []string{
			"2026-01-01 Capodanno", "2026-01-06 Epifania", "2026-04-05 Pasqua", "2026-04-06 Lunedì dell'Angelo",
			"2026-04-25 Festa della Liberazione", "2026-05-01 Festa dei lavoratori", "2026-06-02 Festa della Repubblica",
			"2026-08-15 Ferragosto", "2026-10-04 San Francesco d'Assisi", "2026-11-01 Ognissanti",
			"2026-12-08 Immacolata Concezione", "2026-12-25 Natale", "2026-12-26 Santo Stefano", "2026-12-26 Santo Stefano, patrono di Prato",
		}},
		{"without Saint Francis before", 2025, []string{
			"2025-01-01 Capodanno", "2025-01-06 Epifania", "2025-04-20 Pasqua", "2025-04-21 Lunedì dell'Angelo",
			"2025-04-25 Festa della Liberazione", "2025-05-01 Festa dei lavoratori", "2025-06-02 Festa della Repubblica",
			"2025-08-15 Ferragosto", "2025-11-01 Ognissanti",
			"2025-12-08 Immacolata Concezione", "2025-12-25 Natale", "2025-12-26 Santo Stefano", "2025-12-26 Santo Stefano, patrono di Prato",
		}},
		{"without Epiphany and 2 June in 1980", 1980, []string{
			"1980-01-01 Capodanno", "1980-04-06 Pasqua", "1980-04-07 Lunedì dell'Angelo",
			"1980-04-25 Festa della Liberazione", "1980-05-01 Festa dei lavoratori",
			"1980-08-15 Ferragosto", "1980-11-01 Ognissanti",
			"1980-12-08 Immacolata Concezione", "1980-12-25 Natale", "1980-12-26 Santo Stefano", "1980-12-26 Santo Stefano, patrono di Prato",
		}},
		{"with both of Easter and the Liberation on one day", 2011, []string{
			"2011-01-01 Capodanno", "2011-01-06 Epifania", "2011-04-24 Pasqua", "2011-04-25 Lunedì dell'Angelo",
			"2011-05-01 Festa dei lavoratori", "2011-06-02 Festa della Repubblica",
			"2011-08-15 Ferragosto", "2011-11-01 Ognissanti",
			"2011-12-08 Immacolata Concezione", "2011-12-25 Natale", "2011-12-26 Santo Stefano", "2011-12-26 Santo Stefano, patrono di Prato",
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got []string
			for _, o := range hours.Standard().Year(test.year, hours.SetNational, hours.SetPatron, "no such set") {
				got = append(got, o.Date.String()+" "+o.Name["it"])
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("Year(%d) mismatch (-want +got):\n%s", test.year, diff)
			}
		})
	}
}

func TestLocalHolidays(t *testing.T) {
	holidays, _ := holidaysOfTests(t)
	for year, want := range map[int][]string{
		2024: {"2024-02-29 Giorno in più", "2024-05-30 Corpus Domini", "2024-09-08 Fiera di Prato"},
		2026: {"2026-02-17 Martedì grasso", "2026-03-29 Maratona", "2026-06-04 Corpus Domini", "2026-09-08 Fiera di Prato"},
	} {
		var got []string
		for _, o := range holidays.Year(year, "local") {
			got = append(got, o.Date.String()+" "+o.Name["it"])
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("Year(%d) mismatch (-want +got):\n%s", year, diff)
		}
	}
}

// TestEaster compares the computus with another: that of the ecclesiastical calendar, full moon by full moon (the
// tables of Clavius as J. M. Oudin put them).
func TestEaster(t *testing.T) {
	for year := 1583; year <= 4099; year++ {
		century, golden := year/100, year%19
		k := (century - 17) / 25
		i := (century - century/4 - (century-k)/3 + 19*golden + 15) % 30
		i -= (i / 28) * (1 - (i/28)*(29/(i+1))*((21-golden)/11))
		j := (year + year/4 + i + 2 - century + century/4) % 7
		p := i - j
		month := 3 + (p+40)/44
		day := p + 28 - 31*(month/4)
		got := hours.Easter(year)
		if y, m, d := got.Civil(); y != year || int(m) != month || d != day {
			t.Fatalf("Easter(%d): got %v, want month %d, day %d", year, got, month, day)
		}
		if got.Weekday() != 0 {
			t.Fatalf("Easter(%d): got %v, a %v", year, got, got.Weekday())
		}
	}
	for year, want := range map[int]string{1818: "1818-03-22", 1943: "1943-04-25", 2000: "2000-04-23", 2026: "2026-04-05", 2285: "2285-03-22"} {
		if got := hours.Easter(year).String(); got != want {
			t.Errorf("Easter(%d): got %s, want %s", year, got, want)
		}
	}
}

func TestNoHolidays(t *testing.T) {
	var none *hours.Holidays
	if got := none.Year(2026, hours.SetNational); got != nil {
		t.Errorf("Year: got %v, want none", got)
	}
	if _, findings := hours.Compile(hours.Spec{HolidaySets: []string{"national"}, HolidayPolicy: "closed"}, nil); len(findings) != 1 {
		t.Errorf("Compile: got %v, want that there is no such set", findings)
	}
}
