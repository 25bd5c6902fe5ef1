package report

import (
	"fmt"

	"github.com/vitrine-run/vitrine/bench"
)

// fuelCase is the profile of a plugin: its variants are functions.
const fuelCase = "fuel"

// mostFuncs is how many functions are drawn; the table has all.
const mostFuncs = 25

// maxFuncName is how many characters of a function's name have room.
const maxFuncName = 28

// fuelBars shows what functions used themselves, the one that used most first.
func fuelBars(rows []bench.Row) *chart {
	rows = pick(rows, func(r *bench.Row) bool { return r.Metric == "self" })
	all := 0.0
	for i := range rows {
		all += rows[i].Value
	}
	title := fmt.Sprintf("fuel that functions used themselves, of %s", bench.Figure(all, "units"))
	c := &chart{Kind: "bars", Title: title, Width: chartWidth, Top: 8}
	if n := len(rows) - mostFuncs; n > 0 {
		c.Note = fmt.Sprintf("%d more in the table", n)
		rows = rows[:mostFuncs]
	}
	y := c.Top
	for i := range rows {
		r := &rows[i]
		name := []rune(r.Variant)
		if len(name) > maxFuncName {
			name = append([]rune{'…'}, name[len(name)-maxFuncName+1:]...)
		}
		width := 0.0
		if all > 0 {
			width = plotWidth * r.Value / all
		}
		c.Bars = append(c.Bars, bar{Label: string(name), Value: fmt.Sprintf("%.1f%%", 100*r.Value/max(all, 1)), Ours: true,
			X: labelWidth, Y: y, Width: width, Low: labelWidth + width, High: labelWidth + width, End: labelWidth + width})
		y += lineHeight
	}
	c.Height = y + 8
	return c
}
