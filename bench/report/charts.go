package report

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/vitrine-run/vitrine/bench"
)

// The geometry of a chart in the units of its viewBox. Text is drawn by the page's own font.
const (
	chartWidth = 760
	labelWidth = 190
	valueWidth = 84
	plotWidth  = chartWidth - labelWidth - valueWidth
	lineHeight = 22
)

// A chart is drawn by the template that its kind names.
type chart struct {
	Kind, Title, Note string
	Width, Height     float64
	Bars              []bar
	Dots              []dot
	Ticks             []tick
	Curves            []curve
	Legend            []entry // the series, in their order
	Top               float64 // where the plot begins
	Folded            string  // what it shows, if it is too long to be shown at once
}

// An entry of a legend is a series.
type entry struct {
	Name string
	look
}

// A bar is a value with its spread.
type bar struct {
	Group, Label, Value string
	Y, GroupY           float64
	X, Width            float64
	Low, High           float64 // of the whisker
	End                 float64 // of what is drawn: the value stands behind it
	Ours                bool
	Far                 []dot // rounds that were far out
}

// A dot is one of a row's values: of a system, or a quantile.
type dot struct {
	Label string // of the row, on its first dot
	X, Y  float64
	Low   float64 // of the whisker, or of the line that joins quantiles
	High  float64
	Title string
	look
}

type tick struct {
	X, Y  float64
	Label string
	Base  bool // the line that the others are read against
}

type curve struct {
	Name string
	Path string
	look
	X, Y   float64 // of the name
	EndX   float64 // of the line, from where another leads to the name
	EndY   float64
	Ours   bool
	Points []dot
}

// scale maps values to the plot. It is logarithmic where they are more than thirty times apart.
type scale struct {
	low, high float64
	log       bool
	from, to  float64
}

func newScale(values []float64, zero bool, from, to float64) scale {
	const highest, span = 1e30, 1e15
	low, high := highest, 0.0
	for _, v := range values {
		if v > 0 {
			low, high = min(low, v), min(max(high, v), highest)
		}
	}
	if high == 0 {
		low, high = 1, 1
	}
	low = max(low, high/span)
	s := scale{low: low, high: high, log: high/low > 30, from: from, to: to}
	if s.log {
		s.low, s.high = math.Pow(10, math.Floor(math.Log10(low))), high*1.15
		return s
	}
	pad := (high - low) * 0.08
	if pad < high/1e6 { // the same, or as good as
		pad = high / 10
	}
	s.low, s.high = max(0, low-pad), high+pad
	if zero {
		s.low = 0
	}
	return s
}

func (s scale) at(v float64) float64 {
	if s.log {
		v = math.Log10(max(v, s.low)/s.low) / math.Log10(s.high/s.low)
	} else {
		v = (v - s.low) / (s.high - s.low)
	}
	return math.Round(10*(s.from+min(max(v, 0), 1)*(s.to-s.from))) / 10
}

// mostTicks is more than a scale has.
const mostTicks = 20

// ticks are round values within the scale.
func (s scale) ticks() (list []float64) {
	if s.log {
		for i := 0; i < mostTicks && s.low*math.Pow10(i) <= s.high; i++ {
			list = append(list, s.low*math.Pow10(i))
		}
		return list
	}
	step := math.Pow(10, math.Floor(math.Log10((s.high-s.low)/3)))
	for _, m := range []float64{5, 2} {
		if (s.high-s.low)/(step*m) >= 3 {
			step *= m
			break
		}
	}
	first := math.Ceil(s.low / step)
	for i := 0.0; i < mostTicks && (first+i)*step <= s.high; i++ {
		list = append(list, (first+i)*step)
	}
	return list
}

// roomFor is how wide the longest of the values is that stand behind bars.
func roomFor(rows []bench.Row) float64 {
	const letter, most = 7.5, 300
	room := float64(valueWidth)
	for i := range rows {
		room = max(room, 16+letter*float64(utf8.RuneCountInString(bench.Figure(rows[i].Value, rows[i].Unit))))
	}
	return min(room, most)
}

// bars compares systems, variant by variant.
func bars(title string, rows []bench.Row) *chart {
	c := &chart{Kind: "bars", Title: title, Width: chartWidth, Top: 8}
	var values []float64
	for i := range rows {
		values = append(append(values, rows[i].Value*(1+rows[i].Spread)), bench.Outliers(rows[i].Samples)...)
	}
	s := newScale(values, true, labelWidth, chartWidth-roomFor(rows))
	c.Note = logNote(s)
	if s.log { // lengths say nothing without the lines
		c.Top = 30
	}
	y := c.Top
	for _, group := range groups(rows) {
		if y > c.Top {
			y += lineHeight / 2
		}
		for i := range group.rows {
			b := s.bar(&group.rows[i])
			switch {
			case group.alone:
				b.Label = group.rows[i].Variant
			case i == 0:
				b.Group, b.GroupY = group.name, y+14
				y += lineHeight
			}
			b.at(y)
			y += lineHeight
			c.Bars = append(c.Bars, b)
		}
	}
	c.Height = y + 8
	if s.log {
		c.axis(s, rows[0].Unit, -1)
	}
	return c
}

// A group is bars under one heading: the systems of a variant; or alone, and without a heading, where each bar is a variant of the one system.
type group struct {
	name  string
	alone bool
	rows  []bench.Row
}

// groups are those of rows that stand beside each other.
func groups(rows []bench.Row) (list []group) {
	if len(systemsOf(rows)) == 1 {
		return []group{{alone: true, rows: rows}}
	}
	for i := range rows {
		if n := len(list); n > 0 && list[n-1].name == rows[i].Variant {
			list[n-1].rows = append(list[n-1].rows, rows[i])
			continue
		}
		list = append(list, group{name: rows[i].Variant, rows: []bench.Row{rows[i]}})
	}
	return list
}

// bar is a row with its whisker, and the rounds that were far out, on a line that at gives it.
func (s scale) bar(r *bench.Row) bar {
	b := bar{Label: SystemName(r.System), Value: bench.Figure(r.Value, r.Unit), Ours: r.System == bench.Ours, X: s.from, Width: s.at(r.Value) - s.from,
		Low: s.at(r.Value * (1 - r.Spread)), High: s.at(r.Value * (1 + r.Spread))}
	b.End = b.High
	for _, v := range bench.Outliers(r.Samples) {
		far := dot{X: s.at(v), Title: "a round: " + bench.Figure(v, r.Unit)}
		b.Far, b.End = append(b.Far, far), max(b.End, far.X)
	}
	return b
}

// at puts a bar on a line.
func (b *bar) at(y float64) {
	b.Y = y
	for i := range b.Far {
		b.Far[i].Y = y + lineHeight/2
	}
}

// mostSeries are as many as are told apart where they lie on each other.
const mostSeries = 7

// ratios shows one dot a system in each variant's row, beside the line of 1; or one a variant in each system's row, where
// there are too many systems to be told apart by colours.
func ratios(title string, rows []bench.Row) *chart {
	c := &chart{Kind: "dots", Title: title, Width: chartWidth, Top: 26}
	values := []float64{1}
	named := make([]bench.Row, 0, len(rows))
	many := len(systemsOf(rows)) > mostSeries && len(variants(rows)) <= mostSeries
	for i := range rows {
		r := rows[i]
		values = append(values, r.Value*(1-r.Spread), r.Value*(1+r.Spread))
		if many {
			r.System, r.Variant = r.Variant, SystemName(r.System)
		}
		named = append(named, r)
	}
	s := newScale(values, false, labelWidth, chartWidth-24)
	c.Note = logNote(s)
	c.rows(named, func(r *bench.Row, y float64) {
		c.Dots = append(c.Dots, dot{X: s.at(r.Value), Y: y, Low: s.at(r.Value * (1 - r.Spread)), High: s.at(r.Value * (1 + r.Spread)),
			look: c.series(r.System), Title: SystemName(r.System) + " " + bench.Figure(r.Value, r.Unit)})
	})
	c.axis(s, "x", 1)
	return c
}

// quantiles shows the median, p99 and the longest of each row on one line.
func quantiles(title string, rows []bench.Row) *chart {
	c := &chart{Kind: "dots", Title: title, Width: chartWidth, Top: 26}
	parts := map[string]look{}
	for _, part := range quantileNames {
		if slices.ContainsFunc(rows, func(r bench.Row) bool { return tail(r.Metric) == part[0] }) {
			parts[part[0]] = c.series(part[1])
		}
	}
	var values []float64
	for i := range rows {
		values = append(values, rows[i].Value)
	}
	s := newScale(values, false, labelWidth, chartWidth-24)
	c.Note = logNote(s)
	named := slices.Clone(rows)
	for i := range named {
		if named[i].System != bench.Ours {
			named[i].Variant += " · " + SystemName(named[i].System)
		}
	}
	c.rows(named, func(r *bench.Row, y float64) {
		x := s.at(r.Value)
		d := dot{X: x, Y: y, Low: x, High: x, look: parts[tail(r.Metric)], Title: tail(r.Metric) + " " + bench.Figure(r.Value, r.Unit)}
		if n := len(c.Dots); n > 0 && c.Dots[n-1].Y == y {
			d.Low = min(c.Dots[n-1].X, x)
		}
		c.Dots = append(c.Dots, d)
	})
	unit := ""
	if len(rows) > 0 {
		unit = rows[0].Unit
	}
	c.axis(s, unit, -1)
	return c
}

// rows puts rows of the same variant on one line, with its name on the first.
func (c *chart) rows(rows []bench.Row, add func(r *bench.Row, y float64)) {
	at := map[string]float64{}
	y := c.Top + lineHeight/2
	for i := range rows {
		line, seen := at[rows[i].Variant]
		if !seen {
			line = y
			at[rows[i].Variant], y = y, y+lineHeight
		}
		before := len(c.Dots)
		add(&rows[i], line)
		if !seen && len(c.Dots) > before {
			c.Dots[before].Label = rows[i].Variant
		}
	}
	c.Height = y + 4
}

// series is the look of a system, or of what else is told apart in a chart.
func (c *chart) series(id string) look { return c.named(SystemName(id), id) }

// named is the look of what has a name of its own.
func (c *chart) named(name, id string) look {
	i := slices.IndexFunc(c.Legend, func(e entry) bool { return e.Name == name })
	if i < 0 {
		i = len(c.Legend)
		c.Legend = append(c.Legend, entry{name, lookOf(id, i)})
	}
	return c.Legend[i].look
}

func (c *chart) axis(s scale, unit string, base float64) {
	for _, v := range s.ticks() {
		c.Ticks = append(c.Ticks, tick{X: s.at(v), Y: c.Top, Label: bench.Figure(v, unit), Base: math.Abs(v-base) < 1e-9})
	}
	if base > 0 && !slices.ContainsFunc(c.Ticks, func(t tick) bool { return t.Base }) {
		c.Ticks = append(c.Ticks, tick{X: s.at(base), Y: c.Top, Label: bench.Figure(base, unit), Base: true})
	}
}

// tail is what a metric's name says of its quantile: gc_p99 is p99.
func tail(metric string) string { return metric[strings.LastIndexByte(metric, '_')+1:] }

// folded marks a chart of many variants as one to unfold.
func (c *chart) folded(variants int) *chart {
	c.Folded = fmt.Sprintf("%s: each of %d", c.Title, variants)
	return c
}

func logNote(s scale) string {
	if s.log {
		return "logarithmic: each line is ten times the one before"
	}
	return ""
}
