package metering

import (
	"slices"

	"github.com/vitrine-run/vitrine/bench"
)

// Figures are the ratios of all rows, their geometric means and the worst of them. The system is what
// Vitrine is compared with: the same engine and memory without metering ("unmetered"), wazero as
// it comes ("wazero") and with its own interruption ("wazero-ctx").
func Figures(rows []*Row) []bench.Row {
	var list []bench.Row
	for _, c := range []struct {
		system string
		ratio  func(*Row) (value, spread float64, n int)
	}{
		{"unmetered", func(r *Row) (float64, float64, int) { return r.Ratio, r.Spread, r.Turns }},
		{"wazero", func(r *Row) (float64, float64, int) { return r.Default, 0, r.Turns }},
		{"wazero-ctx", func(r *Row) (float64, float64, int) { return r.Interrupt, 0, few(r.Turns) }},
	} {
		var ratios []float64
		add := func(variant string, value, spread float64, n int) {
			list = append(list, bench.Row{Case: "metering", System: c.system, Variant: variant, Metric: "ratio", Value: value, Unit: "x", N: n, Spread: spread})
		}
		for _, r := range rows {
			if v, spread, n := c.ratio(r); v > 0 {
				add(r.Kernel, v, spread, n)
				ratios = append(ratios, v)
			}
		}
		if len(ratios) > 0 {
			add("geomean", bench.Geomean(ratios), 0, len(ratios))
			add("worst", slices.Max(ratios), 0, len(ratios))
		}
	}
	return list
}
