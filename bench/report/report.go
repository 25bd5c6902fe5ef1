// Package report draws the figures of the benchmark as one HTML page that needs nothing else: charts,
// the targets that were met and missed, every figure in a table, and how to read them.
package report

import (
	_ "embed" // the page
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"

	"github.com/vitrine-run/vitrine/bench"
)

//go:embed report.html
var page string

//go:embed report.css
var style string

var tmpl = template.Must(template.New("report").Funcs(template.FuncMap{
	"figure":  bench.Figure,
	"percent": func(v float64) string { return fmt.Sprintf("±%.0f%%", v*100) },
	"half":    func(v float64) float64 { return v / 2 },
	"add":     func(a, b float64) float64 { return a + b },
	"gib":     func(b int64) string { return fmt.Sprintf("%.0f GiB", float64(b)/(1<<30)) },
	"inc":     func(i int) int { return i + 1 },
}).Parse(page))

// A section is a case on the page.
type section struct {
	Name string
	Words
	Charts []*chart
	Rows   []bench.Row
}

// Write draws the results as a page. Everything in them may be anybody's: it is escaped.
func Write(w io.Writer, results *bench.Results) error {
	data := struct {
		Style    template.CSS
		Machine  bench.Machine
		Verdicts []verdict
		Passed   int
		Sections []section
	}{template.CSS(style), results.Machine, judge(results.Rows), 0, nil} //nolint:gosec // the style is ours
	for _, v := range data.Verdicts {
		if v.Pass {
			data.Passed++
		}
	}
	for _, name := range casesOf(results.Rows) {
		var rows []bench.Row
		for i := range results.Rows {
			if results.Rows[i].Case == name {
				rows = append(rows, results.Rows[i])
			}
		}
		data.Sections = append(data.Sections, section{name, words[name], chartsOf(rows), rows})
	}
	return tmpl.Execute(w, data)
}

// casesOf are the cases in the order in which they are explained, and then the others.
func casesOf(rows []bench.Row) []string {
	var names []string
	for i := range rows {
		if !slices.Contains(names, rows[i].Case) {
			names = append(names, rows[i].Case)
		}
	}
	rank := func(name string) int {
		if i := slices.Index(order, name); i >= 0 {
			return i
		}
		return len(order)
	}
	slices.SortStableFunc(names, func(a, b string) int { return rank(a) - rank(b) })
	return names
}

// chartsOf chooses how the figures of a case are drawn, metric by metric.
func chartsOf(rows []bench.Row) (list []*chart) {
	done := map[string]bool{}
	for i := range rows {
		metric := rows[i].Metric
		family := strings.TrimSuffix(metric, tail(metric))
		key := metric
		if isQuantile(metric) {
			key = family + "quantiles"
		}
		if rows[i].Case == fuelCase {
			return []*chart{fuelBars(rows)}
		}
		if done[key] || metric == "allocated" {
			continue
		}
		done[key] = true
		switch same := pick(rows, func(r *bench.Row) bool { return r.Metric == metric }); {
		case isQuantile(metric):
			q := pick(rows, func(r *bench.Row) bool {
				return isQuantile(r.Metric) && strings.TrimSuffix(r.Metric, tail(r.Metric)) == family
			})
			list = append(list, quantiles(strings.TrimSuffix(family, "_")+" distribution", q))
		case metric == "ratio":
			list = append(list, ratios("ours over theirs: under 1 is better for us", same))
		case grows(same):
			list = append(list, curves(metric, same))
		default:
			list = append(list, bars(metric, grouped(same)))
		}
	}
	return list
}

func isQuantile(metric string) bool {
	return slices.Contains([]string{"p50", "p99", "max"}, tail(metric))
}

// grows says whether the variants are sizes or counts, at least three of them.
func grows(rows []bench.Row) bool {
	seen := map[string]bool{}
	for i := range rows {
		v := rows[i].Variant
		if v == "" || v[0] < '0' || v[0] > '9' {
			return false
		}
		seen[v] = true
	}
	return len(seen) > 2
}

// grouped puts rows of the same variant beside each other, in the order of their first.
func grouped(rows []bench.Row) []bench.Row {
	rank := map[string]int{}
	for i := range rows {
		if _, ok := rank[rows[i].Variant]; !ok {
			rank[rows[i].Variant] = i
		}
	}
	rows = slices.Clone(rows)
	slices.SortStableFunc(rows, func(a, b bench.Row) int { return rank[a.Variant] - rank[b.Variant] })
	return rows
}

func pick(rows []bench.Row, keep func(*bench.Row) bool) (list []bench.Row) {
	for i := range rows {
		if keep(&rows[i]) {
			list = append(list, rows[i])
		}
	}
	return list
}
