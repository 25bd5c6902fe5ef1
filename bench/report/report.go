// Package report draws the figures of the benchmark as one HTML page that needs nothing else: charts,
// the targets that were met and missed, every figure in a table, and how to read them.
package report

import (
	"cmp"
	"crypto/sha256"
	_ "embed" // the page
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/vitrine-run/vitrine/bench"
)

//go:embed report.html
var page string

//go:embed report.css
var style string

var tmpl = template.Must(template.New("report").Funcs(template.FuncMap{
	"figure": bench.Figure,
	"around": func(r bench.Row) string { return r.Around() },
	"half":   func(v float64) float64 { return v / 2 },
	"add":    func(a, b float64) float64 { return a + b },
	"gib":    func(b int64) string { return fmt.Sprintf("%.0f GiB", float64(b)/(1<<30)) },
	"trim":   strings.TrimPrefix,
}).Parse(page))

// A section is a case on the page.
type section struct {
	Name string
	Words
	Charts []*chart
	Single []single // figures that are alone of their kind
	Run    *bench.Machine
	Notes  []string // of what was left out
	Rows   []bench.Row
}

// Write draws the results as a page, with what has changed since an earlier run unless before is nil. Everything in them may
// be anybody's: it is escaped.
func Write(w io.Writer, results, before *bench.Results) error {
	data := struct {
		Style     template.CSS
		Digest    string // of the style: the page may have no other, and ask for nothing
		Machine   *bench.Machine
		Machines  map[string]bench.Machine
		Headlines []brief
		Verdicts  []verdict
		Count     map[string]int
		Sections  []section
		Systems   []system
		Changes   *changes
	}{template.CSS(style), digest(style), &results.Machine, results.Machines, shorts(results.Rows), judge(results.Rows), map[string]int{}, nil, measured(results.Rows), changed(before, results)} //nolint:gosec // the style is ours
	for _, v := range data.Verdicts {
		data.Count[string(v.Outcome)]++
	}
	for _, name := range casesOf(results.Rows) {
		var rows []bench.Row
		for i := range results.Rows {
			if results.Rows[i].Case == name {
				rows = append(rows, results.Rows[i])
			}
		}
		charts, alone := chartsOf(inBytes(rows))
		run := results.Machines[name]
		data.Sections = append(data.Sections, section{name, words[name], charts, alone, &run, notesOf(rows), rows})
	}
	return tmpl.Execute(w, data)
}

func notesOf(rows []bench.Row) (notes []string) {
	for i := range rows {
		notes = append(notes, rows[i].Notes...)
	}
	return notes
}

func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return base64.StdEncoding.EncodeToString(sum[:])
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

// many is how many variants a chart shows at once.
const many = 12

// chartsOf chooses how the figures of a case are drawn, metric by metric. Where many variants have a summary, that comes
// first, and they are folded away.
func chartsOf(rows []bench.Row) (list []*chart, alone []single) {
	done := map[string]bool{}
	for i := range rows {
		metric := rows[i].Metric
		family := strings.TrimSuffix(metric, tail(metric))
		key := metric
		if isQuantile(metric) {
			key = family + "quantiles"
		}
		if done[key] || metric == "allocated" || metric == "processors" {
			continue
		}
		done[key] = true
		same := pick(rows, func(r *bench.Row) bool {
			return r.Metric == metric || isQuantile(metric) && isQuantile(r.Metric) && strings.TrimSuffix(r.Metric, tail(r.Metric)) == family
		})
		if len(same) == 1 {
			alone = append(alone, single{title(&same[0]), bench.Figure(same[0].Value, same[0].Unit)})
			continue
		}
		if isQuantile(metric) {
			if spread := pick(summary(same), func(r *bench.Row) bool { return len(r.Quantiles) > 1 }); len(spread) > 0 && len(spread) <= 6 {
				list = append(list, distribution(title(&bench.Row{Case: same[0].Case, Metric: familyOf(metric)})+": distribution", spread))
			}
		}
		all := summary(same)
		n := len(variants(same))
		c := draw(metric, all)
		if c.Kind == "bars" && len(all) == len(same) && n > many {
			c = c.folded(n) // too many to be seen at once
		}
		list = append(list, c)
		if len(all) < len(same) && n > many {
			list = append(list, draw(metric, same).folded(n))
		}
	}
	return list, alone
}

// summary are the rows of all variants together, if there are many and they have some; else all rows.
func summary(rows []bench.Row) []bench.Row {
	all := pick(rows, func(r *bench.Row) bool { return r.Variant == "all" })
	if len(all) == 0 || len(variants(rows)) <= many {
		return rows
	}
	return all
}

func variants(rows []bench.Row) map[string]bool {
	seen := map[string]bool{}
	for i := range rows {
		seen[rows[i].Variant] = true
	}
	return seen
}

func draw(metric string, rows []bench.Row) *chart {
	switch {
	case isQuantile(metric):
		return quantiles(title(&bench.Row{Case: rows[0].Case, Metric: familyOf(metric)})+which(rows), rows)
	case strings.HasSuffix(metric, "ratio"):
		what := ""
		if of := strings.TrimRight(strings.TrimSuffix(metric, "ratio"), "_ "); of != "" {
			what = title(&bench.Row{Case: rows[0].Case, Metric: of}) + ", "
		}
		return ratios(what+"ours over theirs: under 1 is better for us", rows)
	case grows(rows):
		return curves(title(&rows[0]), rows)
	}
	return bars(title(&rows[0]), grouped(rows))
}

// familyOf is what a quantile is one of: "late" of "late_p99", "time" of "p99".
func familyOf(metric string) string {
	return cmp.Or(strings.TrimRight(strings.TrimSuffix(metric, tail(metric)), "_ "), "time")
}

// quantileNames are the endings of metrics that are quantiles.
var quantileNames = [][2]string{{"p50", "median"}, {"p99", "p99"}, {"max", "longest"}}

// which says which quantiles there are.
func which(rows []bench.Row) string {
	var list []string
	for _, q := range quantileNames {
		if slices.ContainsFunc(rows, func(r bench.Row) bool { return tail(r.Metric) == q[0] }) {
			list = append(list, q[1])
		}
	}
	if n := len(list); n > 1 {
		return ": " + strings.Join(list[:n-1], ", ") + " and " + list[n-1]
	}
	return ": " + strings.Join(list, "")
}

// title is what a figure is.
func title(r *bench.Row) string {
	for _, name := range []string{r.Case + " " + r.Metric, r.Metric} {
		if words, ok := metrics[name]; ok {
			return words
		}
	}
	return named(r.Metric, "")
}

// named is a metric's name for people.
func named(metric, or string) string {
	if metric == "" {
		return or
	}
	return strings.ReplaceAll(metric, "_", " ")
}

func isQuantile(metric string) bool {
	return slices.Contains([]string{"p50", "p99", "max"}, tail(metric))
}

// amount is a variant that is a size or a count: "64KB", "2", "1000 mounts".
var amount = regexp.MustCompile(`^[0-9]+ ?[A-Za-z]*$`)

// grows says whether the variants are sizes or counts, at least three of them.
func grows(rows []bench.Row) bool {
	seen := map[string]bool{}
	for i := range rows {
		if !amount.MatchString(rows[i].Variant) {
			return false
		}
		seen[rows[i].Variant] = true
	}
	return len(seen) > 2
}

// inBytes has sizes in bytes, so that the lines of a scale stand at round ones.
func inBytes(rows []bench.Row) []bench.Row {
	rows = slices.Clone(rows)
	for i := range rows {
		r := &rows[i]
		by := map[string]float64{"KiB": 1 << 10, "MiB": 1 << 20}[r.Unit]
		if by == 0 {
			continue
		}
		r.Unit, r.Value = "B", r.Value*by
		for _, list := range []*[]float64{&r.Samples, &r.Quantiles} {
			*list = slices.Clone(*list)
			for j := range *list {
				(*list)[j] *= by
			}
		}
	}
	return rows
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
