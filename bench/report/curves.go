package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/vitrine-run/vitrine/bench"
)

// The plot of curves within the chart.
const (
	curveHeight = 300.0
	curveLeft   = 96.0
	curveRight  = chartWidth - 180.0
	curveBottom = curveHeight - 30
	letterWidth = 8 // of a name, about
)

// curves draws one line a system over variants that grow, such as payloads or cores: the variants are
// evenly apart, in the order of the rows.
func curves(title string, rows []bench.Row) *chart {
	c := &chart{Kind: "curves", Title: title, Width: chartWidth, Height: curveHeight, Top: 14}
	var variants []string
	var values []float64
	x := map[string]float64{}
	for i := range rows {
		if _, seen := x[rows[i].Variant]; !seen {
			x[rows[i].Variant] = 0
			variants = append(variants, rows[i].Variant)
		}
		values = append(values, rows[i].Value)
	}
	for i, v := range variants {
		x[v] = curveLeft + 20 + float64(i)*(curveRight-curveLeft-40)/float64(max(1, len(variants)-1))
		c.Ticks = append(c.Ticks, tick{X: x[v], Y: curveBottom + 20, Label: v})
	}
	s := newScale(values, true, curveBottom, c.Top)
	c.Note = logNote(s)
	for _, v := range s.ticks() {
		c.Bars = append(c.Bars, bar{Label: bench.Figure(v, rows[0].Unit), X: curveLeft, Width: curveRight - curveLeft, Y: s.at(v)})
	}
	for _, name := range systemsOf(rows) {
		c.Curves = append(c.Curves, c.curve(name, rows, x, s))
	}
	apart(c.Curves)
	return c
}

func (c *chart) curve(name string, rows []bench.Row, x map[string]float64, s scale) curve {
	line := curve{Name: SystemName(name), Ours: name == bench.Ours, look: c.series(name)}
	var path strings.Builder
	for i := range rows {
		r := &rows[i]
		if r.System != name {
			continue
		}
		d := dot{X: x[r.Variant], Y: s.at(r.Value), Title: line.Name + " " + r.Variant + ": " + bench.Figure(r.Value, r.Unit)}
		verb := "L"
		if path.Len() == 0 {
			verb = "M"
		}
		fmt.Fprintf(&path, "%s%.1f %.1f", verb, d.X, d.Y)
		line.Points = append(line.Points, d)
		line.end(d.X, d.Y)
	}
	line.Path = path.String()
	return line
}

// end is where the line ends, and its name begins.
func (l *curve) end(x, y float64) { l.EndX, l.EndY, l.X, l.Y = x, y, x+26, y+4 }

// apart moves the names at the ends of curves from each other, downwards, in the order in which the curves end.
func apart(list []curve) {
	const room = 16
	var names []*curve
	for i := range list {
		names = append(names, &list[i])
	}
	slices.SortStableFunc(names, func(a, b *curve) int { return cmp.Compare(a.Y, b.Y) })
	for i := 1; i < len(names); i++ {
		names[i].Y = max(names[i].Y, names[i-1].Y+room)
	}
}

func systemsOf(rows []bench.Row) (names []string) {
	seen := map[string]bool{}
	for i := range rows {
		if !seen[rows[i].System] {
			seen[rows[i].System] = true
			names = append(names, rows[i].System)
		}
	}
	return names
}

// distribution draws how many events are spread: one line a row, from the least to the longest, with the slow ones drawn
// out, as those who wait care for them: 90 % stands as far from 99 % as the first is from the least.
func distribution(title string, rows []bench.Row) *chart {
	c := &chart{Kind: "curves", Title: title, Width: chartWidth, Height: curveHeight, Top: 14}
	several := len(systemsOf(rows)) == 1 && len(rows) > 1 // variants, which may have the names of systems
	right := curveRight
	for i := range rows {
		if several {
			right = min(right, chartWidth-34-letterWidth*float64(utf8.RuneCountInString(rows[i].Variant)))
		}
	}
	right = max(right, chartWidth/2)
	at := func(i, n int) float64 {
		left := 1 - float64(i)/float64(n-1)
		nines := -math.Log10(max(left, 0.004))
		return math.Round(10*(curveLeft+20+(right-curveLeft-40)*nines/2.4)) / 10
	}
	var values []float64
	for i := range rows {
		values = append(values, rows[i].Quantiles[len(rows[i].Quantiles)/2:]...) // what is faster than the median lies at the foot
	}
	s := newScale(values, true, curveBottom, c.Top)
	c.Note = logNote(s)
	for _, v := range s.ticks() {
		c.Bars = append(c.Bars, bar{Label: bench.Figure(v, rows[0].Unit), X: curveLeft, Width: right - curveLeft, Y: s.at(v)})
	}
	for _, q := range []struct {
		at    int
		label string
	}{{0, "least"}, {50, "median"}, {90, "90 %"}, {99, "99 %"}, {100, "longest"}} {
		c.Ticks = append(c.Ticks, tick{X: at(q.at, 101), Y: curveBottom + 20, Label: q.label})
	}
	for i := range rows {
		r := &rows[i]
		line := curve{Name: SystemName(r.System), Ours: r.System == bench.Ours && !several}
		if several {
			line.Name, line.look = r.Variant, c.named(r.Variant, r.Variant+" ")
		} else {
			line.look = c.series(r.System)
		}
		var path strings.Builder
		for j, v := range r.Quantiles {
			verb := "L"
			if j == 0 {
				verb = "M"
			}
			line.X, line.Y = at(j, len(r.Quantiles)), s.at(v)
			fmt.Fprintf(&path, "%s%.1f %.1f", verb, line.X, line.Y)
		}
		line.end(line.X, line.Y)
		line.Path = path.String()
		c.Curves = append(c.Curves, line)
	}
	apart(c.Curves)
	return c
}
