package bench

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// many is how many variants of a case a table shows, where there are figures of all of them together.
const many = 12

// WriteTable writes what a person at a terminal of 80 columns reads: a table for each case, with one line for each figure.
// What a figure has beside it stands on its line: the ratio, its garbage, p99 and the longest of many events. A case of
// many variants shows what they come to together, unless all are asked for.
func WriteTable(w io.Writer, rows []Row, all bool) error {
	var b strings.Builder
	for len(rows) > 0 {
		n := slices.IndexFunc(rows, func(r Row) bool { return r.Case != rows[0].Case })
		if n < 0 {
			n = len(rows)
		}
		writeCase(&b, rows[:n], all)
		rows = rows[n:]
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// A line of a table is a figure and what stands beside it.
type line struct {
	*Row
	beside map[string]*Row // by the last part of their metric's name
}

// The metrics that stand beside another: of the same system and variant, and with the same beginning.
var besides = []string{"ratio", "allocated", "p99", "max"}

func writeCase(b *strings.Builder, rows []Row, all bool) {
	names := map[string]bool{}
	together, busy, notes := false, 0.0, []string(nil)
	for i := range rows {
		names[rows[i].Variant] = true
		together = together || isTogether(rows[i].Variant) && rows[i].System != others
		if rows[i].System == others {
			busy, notes = rows[i].Value, rows[i].Notes
		}
	}
	folded := !all && together && len(names) > many
	var lines []line
	at := map[[3]string]int{}
	for i := range rows {
		r := &rows[i]
		if r.System == others || folded && !isTogether(r.Variant) {
			continue
		}
		family, part := besideOf(r)
		j, ok := at[[3]string{r.System, r.Variant, family}]
		if r.Metric == "ratio" { // of what stands first
			j, ok = at[[3]string{r.System, r.Variant}]
		}
		if ok && part != "" {
			lines[j].beside[part] = r
			continue
		}
		at[[3]string{r.System, r.Variant, family}] = len(lines)
		if _, ok := at[[3]string{r.System, r.Variant}]; !ok {
			at[[3]string{r.System, r.Variant}] = len(lines)
		}
		l := line{r, map[string]*Row{}}
		if part == "ratio" { // of nothing else
			l.beside[part], l.Row = r, &Row{Variant: r.Variant, System: r.System, N: r.N}
		}
		lines = append(lines, l)
	}
	b.WriteByte('\n')
	writeLines(b, printable(rows[0].Case), lines)
	if slices.ContainsFunc(lines, func(l line) bool { return strings.HasPrefix(l.spread(), "*") }) {
		fmt.Fprintln(b, "  * rounds were far out: --html draws them")
	}
	if folded {
		fmt.Fprintf(b, "  of %d variants; --all shows each\n", len(names))
	}
	for _, note := range notes {
		writeNote(b, printable(note))
	}
	if busy >= 0.005 {
		fmt.Fprintf(b, "  other processes had %.0f %% of the processors meanwhile\n", busy*100)
	}
}

// tableWidth is how many columns a table may have.
const tableWidth = 80

// writeNote writes a note on as many lines as it needs.
func writeNote(b *strings.Builder, note string) {
	line := " "
	for word := range strings.FieldsSeq(note) {
		if utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > tableWidth && strings.TrimSpace(line) != "" {
			fmt.Fprintln(b, line)
			line = "   "
		}
		line += " " + word
	}
	fmt.Fprintln(b, line)
}

func isTogether(variant string) bool {
	return slices.Contains([]string{"all", "geomean", "worst"}, variant)
}

// besideOf is the metric on whose line a figure stands, and as what: "late_p99" beside "late_p50" as "p99", "answer_ratio"
// beside "answer". The part is "" of a figure that has its own line.
func besideOf(r *Row) (family, part string) {
	at := strings.LastIndexAny(r.Metric, "_ ")
	family, last := r.Metric[:max(at, 0)], r.Metric[at+1:]
	switch {
	case last == "p50":
		return family + " p50", ""
	case last == "p99" || last == "max":
		return family + " p50", last
	case slices.Contains(besides, last) && at < 0:
		return "time", last
	case slices.Contains(besides, last):
		return family, last
	}
	return r.Metric, ""
}

// spread marks rounds that were far out.
func (l *line) spread() string {
	if len(Outliers(l.Samples)) > 0 {
		return "*" + l.Around()
	}
	return l.Around()
}

func writeLines(b *strings.Builder, name string, lines []line) {
	beside := func(part string, words func(*Row) string) func(*line) string {
		return func(l *line) string {
			if r := l.beside[part]; r != nil {
				return words(r)
			}
			return ""
		}
	}
	figure := func(r *Row) string {
		if r.Metric == "" {
			return ""
		}
		return Figure(r.Value, r.Unit)
	}
	ratio := beside("ratio", func(r *Row) string { return strings.TrimSpace(fmt.Sprintf("%s %4s", figure(r), r.Around())) })
	var columns []column
	for _, c := range []struct {
		name  string
		right bool
		of    func(*line) string
	}{
		{name, false, func(l *line) string { return "  " + printable(l.Variant) }},
		{"system", false, func(l *line) string { return printable(l.System) }},
		{"metric", false, func(l *line) string { return metricName(l.Metric) }},
		{"value", true, func(l *line) string { return figure(l.Row) }},
		{"spread", true, (*line).spread},
		{"p99", true, beside("p99", figure)},
		{"longest", true, beside("max", figure)},
		{"n", true, func(l *line) string { return fmt.Sprint(l.N) }},
		{"ours over it", true, ratio},
		{"garbage", true, beside("allocated", func(r *Row) string {
			if r.Value < 1 {
				return ""
			}
			return figure(r)
		})},
	} {
		cells := make([]string, len(lines))
		for i := range lines {
			cells[i] = c.of(&lines[i])
		}
		columns = append(columns, column{c.name, c.right, cells})
	}
	grid(b, telling(columns))
}

// telling leaves out columns that are empty, the system if it is always ours, and the metric if it is always the same:
// that is the heading of the value then.
func telling(columns []column) (list []column) {
	metric := ""
	for _, c := range columns {
		var different []string // that are not empty
		for _, s := range c.cells {
			if s := strings.TrimSpace(s); s != "" && !slices.Contains(different, s) {
				different = append(different, s)
			}
		}
		switch {
		case len(different) == 0, len(different) == 1 && c.name == "system" && different[0] == Ours:
			continue
		case len(different) == 1 && c.name == "metric":
			metric = different[0]
			continue
		case c.name == "value" && metric != "":
			c.name = metric
		}
		list = append(list, c)
	}
	return list
}

// metricName is a metric in words: a median has none of its own.
func metricName(metric string) string {
	metric = strings.TrimSuffix(metric, "_p50")
	if metric == "p50" {
		metric = "median"
	}
	return printable(strings.ReplaceAll(metric, "_", " "))
}

// printable is a name without what a terminal would obey: what is read from a file may be anybody's.
func printable(s string) string {
	return strings.Map(func(c rune) rune {
		if !unicode.IsPrint(c) {
			return '\uFFFD'
		}
		return c
	}, s)
}
