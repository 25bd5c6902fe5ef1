package metering

import (
	"github.com/vitrine-run/vitrine/bench"
)

// The systems that Vitrine is compared with: the same engine and memory without metering, and wazero as it comes, without
// and with its own interruption.
const (
	unmetered   = "unmetered"
	asItIs      = "wazero"
	interrupted = "wazero-ctx"
)

// Figures are those of all rows, and what they come to together.
func Figures(rows []*Row) (list []bench.Row) {
	for _, r := range rows {
		list = append(list, r.figures()...)
	}
	return append(list, together(list)...)
}

// figures are the ratios of one kernel, and what becomes of its module.
func (r *Row) figures() (list []bench.Row) {
	add := func(system, metric string, value float64, unit string, samples []float64) {
		_, spread := bench.Middle(samples)
		list = append(list, bench.Row{Case: "metering", System: system, Variant: r.Kernel, Metric: metric, Value: value, Unit: unit,
			N: max(len(samples), 1), Spread: spread, Samples: samples})
	}
	add(unmetered, "ratio", r.Ratio, "x", r.Ratios)
	if r.Default > 0 {
		add(asItIs, "ratio", r.Default, "x", r.Defaults)
		add(interrupted, "ratio", r.Interrupt, "x", r.Interrupts)
	}
	if r.Growth > 0 {
		add(bench.Ours, "growth", r.Growth, "x", nil)
	}
	if !r.Again && r.Bytes > 0 {
		add(bench.Ours, size, float64(r.Bytes), "B", nil)
		add(bench.Ours, rewritten, r.Rewrite.Seconds()*1e3, "ms", nil)
		add(bench.Ours, compiled, r.Compile.Seconds()*r.Slower*1e3, "ms", nil)
	}
	return list
}

// What is said once of a module that several kernels may share: how large it is, and how long it took to validate and rewrite it, and
// to compile it after that.
const (
	size      = "module"
	rewritten = "rewritten_in"
	compiled  = "compiled_in"
)

// together are the means and the worst of all ratios, how fast all modules were rewritten, and what part that is of the time
// that compiling them takes after it.
func together(rows []bench.Row) []bench.Row {
	list := bench.Together(rows)
	var bytes, rewrite, compile float64
	n := 0
	for i := range rows {
		switch r := &rows[i]; r.Metric {
		case size:
			bytes, n = bytes+r.Value, n+1
		case rewritten:
			rewrite += r.Value / 1e3
		case compiled:
			compile += r.Value / 1e3
		}
	}
	if rewrite == 0 || compile == 0 {
		return list
	}
	return append(list,
		bench.Row{Case: "metering", System: bench.Ours, Variant: "all", Metric: "rewriting", Value: bytes / rewrite / 1e6, Unit: "MB/s", N: n},
		bench.Row{Case: "metering", System: bench.Ours, Variant: "all", Metric: "rewriting_of_compiling", Value: rewrite / compile, Unit: bench.Share, N: n})
}
