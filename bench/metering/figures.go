package metering

import (
	"slices"

	"github.com/vitrine-run/vitrine/bench"
)

// The systems that Vitrine is compared with: the same engine and memory without metering, and wazero as it comes, without
// and with its own interruption.
const (
	unmetered   = "unmetered"
	asItIs      = "wazero"
	interrupted = "wazero-ctx"
)

// Figures are the ratios of all rows, their geometric means and the worst of them, and what becomes of a module.
func Figures(rows []*Row) []bench.Row {
	var list []bench.Row
	for _, c := range []struct {
		system string
		of     func(*Row) (value float64, samples []float64)
	}{
		{unmetered, func(r *Row) (float64, []float64) { return r.Ratio, r.Ratios }},
		{asItIs, func(r *Row) (float64, []float64) { return r.Default, r.Defaults }},
		{interrupted, func(r *Row) (float64, []float64) { return r.Interrupt, r.Interrupts }},
	} {
		var ratios []float64
		var rounds [][]float64
		add := func(variant string, value, spread float64, n int, samples []float64) {
			list = append(list, bench.Row{Case: "metering", System: c.system, Variant: variant, Metric: "ratio", Value: value, Unit: "x", N: n, Spread: spread, Samples: samples})
		}
		for _, r := range rows {
			if v, samples := c.of(r); v > 0 {
				_, spread := bench.Middle(samples)
				add(r.Kernel, v, spread, max(len(samples), 1), samples)
				ratios, rounds = append(ratios, v), append(rounds, samples)
			}
		}
		if len(ratios) > 0 {
			means := geomeans(rounds)
			_, spread := bench.Middle(means)
			add("geomean", bench.Geomean(ratios), spread, len(ratios), means)
			add("worst", slices.Max(ratios), 0, len(ratios), nil)
		}
	}
	return append(list, rewriting(rows)...)
}

// geomeans are those of the first round of all kernels, of the second and so on, as far as all have some.
func geomeans(rounds [][]float64) (list []float64) {
	for i := 0; ; i++ {
		var round []float64
		for _, samples := range rounds {
			if i >= len(samples) {
				return list
			}
			round = append(round, samples[i])
		}
		list = append(list, bench.Geomean(round))
	}
}

// rewriting says how much larger modules are for their meter, and of all together how fast they were validated and rewritten,
// and what part that is of the time that compiling them takes after it.
func rewriting(rows []*Row) []bench.Row {
	var list []bench.Row
	var bytes, rewrite, compile float64
	for _, r := range rows {
		list = append(list, bench.Row{Case: "metering", System: bench.Ours, Variant: r.Kernel, Metric: "growth", Value: r.Growth, Unit: "x", N: 1})
		if r.Again {
			continue
		}
		bytes, rewrite, compile = bytes+float64(r.Bytes), rewrite+r.Rewrite.Seconds(), compile+r.Compile.Seconds()*r.Slower
	}
	if rewrite == 0 || compile == 0 {
		return nil
	}
	return append(list,
		bench.Row{Case: "metering", System: bench.Ours, Variant: "all", Metric: "rewriting", Value: bytes / rewrite / 1e6, Unit: "MB/s", N: len(rows)},
		bench.Row{Case: "metering", System: bench.Ours, Variant: "all", Metric: "rewriting_of_compiling", Value: rewrite / compile, Unit: "x", N: len(rows)})
}
