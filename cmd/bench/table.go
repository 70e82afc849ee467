package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
)

// row is one result.
type row struct {
	Services int     `json:"services"`
	What     string  `json:"what"`
	Unit     string  `json:"unit"`
	Ours     float64 `json:"ours"`
	Bare     float64 `json:"bare,omitempty"`
	Ratio    float64 `json:"ratio,omitempty"`
	Aim      string  `json:"aim,omitempty"` // of issue 4, at 10,000 services
	Met      *bool   `json:"met,omitempty"`
}

// ratio is a row about a rate beside a bare one.
func ratio(services int, what, unit string, ours, bare, aim float64) row {
	r := row{Services: services, What: what, Unit: unit, Ours: ours, Bare: bare, Ratio: ours / bare}
	if aim > 0 {
		r.Aim, r.Met = fmt.Sprintf("≥ %.1f", aim), new(r.Ratio >= aim)
	}
	return r
}

// atMost is a row about what should be small.
func atMost(services int, what, unit string, ours, aim float64) row {
	return row{Services: services, What: what, Unit: unit, Ours: ours, Aim: fmt.Sprintf("≤ %g%s", aim, unit), Met: new(ours <= aim)}
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

func writeJSON(out io.Writer, m machine, rows []row) error {
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(struct {
		Machine machine `json:"machine"`
		Rows    []row   `json:"rows"`
	}{m, rows})
}

func writeTable(out io.Writer, m machine, rows []row) error {
	fmt.Fprintf(out, "%d cores, %s, %s; load of all %s before, %s after\n\n",
		m.Cores, m.GoVersion, cmp.Or(m.CPU, "unknown CPU"), cmp.Or(m.LoadBefore, "unknown"), cmp.Or(m.LoadAfter, "unknown"))
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "services\twhat\tours\tbare\tratio\taim\tmet")
	for _, r := range rows {
		bare, quotient, met := "", "", ""
		if r.Bare > 0 {
			bare, quotient = amount(r.Bare, r.Unit), fmt.Sprintf("%.2f", r.Ratio)
		}
		if r.Met != nil {
			met = map[bool]string{true: "yes", false: "no"}[*r.Met]
		}
		fmt.Fprintf(t, "%d\t%s\t%s\t%s\t%s\t%s\t%s\n", r.Services, r.What, amount(r.Ours, r.Unit), bare, quotient, r.Aim, met)
	}
	return t.Flush()
}

// amount is a number with as many digits as mean something.
func amount(value float64, unit string) string {
	digits := 0
	if value < 100 {
		digits = 2
	}
	return fmt.Sprintf("%.*f%s", digits, value, unit)
}
