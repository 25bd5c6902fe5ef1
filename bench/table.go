package bench

import (
	"fmt"
	"io"
	"math"
	"text/tabwriter"
)

// Figure is a value in a unit that reads well: 1234 ns is "1.23 µs", 3.0 with "x" is "3.00x".
func Figure(v float64, unit string) string {
	switch unit {
	case "x":
		return digits(v) + "x"
	case "ns", "us", "ms", "s":
		ns := v * map[string]float64{"ns": 1, "us": 1e3, "ms": 1e6, "s": 1e9}[unit]
		return scaled(ns, 1000, "ns", "µs", "ms", "s")
	case "B", "KB", "MB", "KiB", "MiB":
		b := v * map[string]float64{"B": 1, "KB": 1e3, "MB": 1e6, "KiB": 1 << 10, "MiB": 1 << 20}[unit]
		return scaled(b, 1000, "B", "kB", "MB", "GB")
	}
	return digits(v) + " " + unit
}

func scaled(v, by float64, units ...string) string {
	i := 0
	for math.Abs(v) >= by*0.9995 && i < len(units)-1 {
		v, i = v/by, i+1
	}
	return digits(v) + " " + units[i]
}

// digits is a number with three significant digits, and none after the point from a hundred on.
func digits(v float64) string {
	switch a := math.Abs(v); {
	case a == math.Trunc(a) && a < 1000:
		return fmt.Sprintf("%.0f", v)
	case a < 0.0995:
		return fmt.Sprintf("%.2g", v)
	case a < 9.995:
		return fmt.Sprintf("%.2f", v)
	case a < 99.95:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.0f", v)
}

// Table prints rows as they come, aligned by case: what a person at a terminal reads.
type Table struct {
	w    io.Writer
	name string
	t    *tabwriter.Writer
}

// NewTable returns a table on w. Close prints what is still in it.
func NewTable(w io.Writer) *Table { return &Table{w: w} }

// Add adds a row; a new case begins a new part of the table.
func (t *Table) Add(r Row) {
	if r.Case != t.name {
		t.Close()
		t.name, t.t = r.Case, tabwriter.NewWriter(t.w, 0, 8, 2, ' ', 0)
		fmt.Fprintf(t.t, "\n%s\t\t\t\t\t\n", r.Case)
	}
	far := ""
	if n := outliers(r.Samples); n > 0 {
		far = fmt.Sprintf("%d far out", n)
	}
	fmt.Fprintf(t.t, "  %s\t%s\t%s\t%s\t±%.0f%%\tn=%d\t%s\n", r.Variant, r.System, r.Metric, Figure(r.Value, r.Unit), r.Spread*100, r.N, far)
}

// Close prints the rows of the last case.
func (t *Table) Close() {
	if t.t != nil {
		_ = t.t.Flush() // to a terminal; who reads may have gone
	}
}
