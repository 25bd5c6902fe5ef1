package bench

import (
	"fmt"
	"io"
	"math"
	"strings"
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

// WriteTable writes what a person at a terminal reads: one line for each figure, and beside a time what it
// is of ours and what it leaves to the garbage collector.
func WriteTable(w io.Writer, rows []Row) error {
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	name := ""
	for i := range rows {
		r := &rows[i]
		if r.Case != name {
			name = r.Case
			fmt.Fprintf(t, "\n%s\tsystem\tmetric\tvalue\tspread\tn\tours over it\n", r.Case)
		}
		if beside(rows, r) {
			continue
		}
		fmt.Fprintf(t, "  %s\t%s\t%s\t%s\t%s\t%d\t%s\t%s\n", r.Variant, r.System, r.Metric, Figure(r.Value, r.Unit), r.Around(), r.N,
			extra(rows, r, "ratio"), remarks(rows, r))
	}
	return t.Flush()
}

// Around is the spread in words; "" of a figure for which none is known, such as a p99 or the one of its kind.
func (r *Row) Around() string {
	if r.Spread == 0 && len(r.Samples) < 2 {
		return ""
	}
	return fmt.Sprintf("±%.0f%%", r.Spread*100)
}

// beside says whether a figure stands on the line of the time that it belongs to.
func beside(rows []Row, r *Row) bool {
	return (r.Metric == "ratio" || r.Metric == "allocated") && of(rows, r, "time") != nil
}

// of is another figure of the same system and variant.
func of(rows []Row, r *Row, metric string) *Row {
	for i := range rows {
		if o := &rows[i]; o.Metric == metric && o.Case == r.Case && o.System == r.System && o.Variant == r.Variant {
			return o
		}
	}
	return nil
}

func extra(rows []Row, r *Row, metric string) string {
	if o := of(rows, r, metric); o != nil && r.Metric == "time" {
		return strings.TrimSpace(Figure(o.Value, o.Unit) + " " + o.Around())
	}
	return ""
}

func remarks(rows []Row, r *Row) string {
	var list []string
	if o := of(rows, r, "allocated"); o != nil && r.Metric == "time" && o.Value >= 1 {
		list = append(list, Figure(o.Value, o.Unit)+" allocated")
	}
	if n := len(Outliers(r.Samples)); n > 0 {
		list = append(list, fmt.Sprintf("%d far out", n))
	}
	return strings.Join(list, ", ")
}
