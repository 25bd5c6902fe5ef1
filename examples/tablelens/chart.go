package main

import (
	"fmt"

	v "github.com/vitrine-run/vitrine/sdk/go"
)

// The size of a chart, in its own pixels.
const (
	chartWidth  = 640
	chartHeight = 260
	chartLeft   = 64
	chartTop    = 14
	chartBottom = 30
	barHeight   = 22
	barLeft     = 170
	barRight    = 70
)

// chart draws a histogram. Of rows that match a search the bars are drawn over pale ones, which say how
// many rows there would be if the search had picked them blindly.
func (h *histogram) chart() v.Node {
	if h.labels != nil {
		return h.bars()
	}
	d := new(v.Drawing)
	plot := chartHeight - chartTop - chartBottom
	step, top := countAxis(h.highest())
	for n := 0; n <= top; n += step {
		y := chartTop + plot - n*plot/top
		d.Line(v.InkFaint, chartLeft, y, chartWidth-1, y)
		d.Label(v.InkMuted, chartLeft-8, y+4, v.AnchorEnd, count(n))
	}
	width := chartWidth - chartLeft
	bins := len(h.all)
	for i := range bins {
		x, next := chartLeft+i*width/bins, chartLeft+(i+1)*width/bins
		gap := min(2, (next-x)/3)
		for _, bar := range h.layers(i) {
			if height := (bar.n*plot + top - 1) / top; height > 0 {
				d.Rect(bar.ink, x, chartTop+plot-height, next-x-gap, height)
			}
		}
	}
	d.Line(v.InkMuted, chartLeft, chartTop+plot, chartWidth-1, chartTop+plot)
	for i, every := 0, (bins+5)/6; i <= bins; i += every {
		x, anchor := chartLeft+i*width/bins, v.AnchorMiddle
		if i == 0 {
			anchor = v.AnchorStart
		}
		if x > chartWidth-40 {
			x, anchor = chartWidth-1, v.AnchorEnd
		}
		d.Label(v.InkMuted, x, chartHeight-10, anchor, h.edgeText(i))
	}
	return v.Canvas(h.describe(), chartWidth, chartHeight).Drawing(d).Fluid(true)
}

// bars draws a category: a bar for each word.
func (h *histogram) bars() v.Node {
	d := new(v.Drawing)
	most := h.highest()
	for i, label := range h.labels {
		y := 6 + i*barHeight
		d.Label(v.InkDefault, barLeft-10, y+15, v.AnchorEnd, cut(label, 24))
		n := 0
		for _, bar := range h.layers(i) {
			if width := bar.n * (chartWidth - barLeft - barRight) / most; bar.n > 0 {
				d.Rect(bar.ink, barLeft, y+3, max(1, width), barHeight-6)
			}
			n = bar.n
		}
		d.Label(v.InkMuted, chartWidth-barRight+8, y+15, v.AnchorStart, count(n))
	}
	return v.Canvas(h.describe(), chartWidth, 12+len(h.labels)*barHeight).Drawing(d).Fluid(true)
}

type layer struct {
	ink v.Ink
	n   int
}

// layers is what to draw of a bin, the topmost last.
func (h *histogram) layers(bin int) []layer {
	if h.matched == nil {
		return []layer{{v.InkAccent, h.all[bin]}}
	}
	return []layer{{v.InkFaint, h.expected(bin)}, {v.InkAccent, h.matched[bin]}}
}

// expected is how many of the rows that match would lie in a bin if they were spread as all rows are.
func (h *histogram) expected(bin int) int {
	all, matched := 0, 0
	for i := range h.all {
		all, matched = all+h.all[i], matched+h.matched[i]
	}
	return (h.all[bin]*matched + all/2) / max(1, all)
}

// highest is the length of the longest bar, at least 1.
func (h *histogram) highest() int {
	most := 1
	for i := range h.all {
		for _, bar := range h.layers(i) {
			most = max(most, bar.n)
		}
	}
	return most
}

// describe says what is to be seen to those who cannot see it.
func (h *histogram) describe() string {
	counts := h.all
	if h.matched != nil {
		counts = h.matched
	}
	most := 0
	for i, n := range counts {
		if n > counts[most] {
			most = i
		}
	}
	what := fmt.Sprintf("Histogram of %s, %s", h.column.name, plural(len(counts), "bar"))
	if h.labels == nil {
		what += fmt.Sprintf(" from %s to %s", h.edgeText(0), h.edgeText(len(counts)))
	}
	return fmt.Sprintf("%s; the highest is %s with %s", what, h.binText(most), plural(counts[most], "row"))
}

// countAxis divides an axis up to a count into about four steps of whole numbers.
func countAxis(most int) (step, top int) {
	step = max(1, int(niceStep(float64(most)/4)))
	return step, max(1, (most+step-1)/step) * step
}
