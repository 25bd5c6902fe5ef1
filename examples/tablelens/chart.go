package main

import (
	"fmt"

	v "github.com/vitrine-run/vitrine/sdk/go"
)

// The size of a chart in pixels of the page: labels are 12 of them high. Until the page has told how
// much room there is, defaultWidth.
const (
	defaultWidth = 640
	leastWidth   = 200
	mostWidth    = 1600
	mostHeight   = 260
	leastHeight  = 190
	chartTop     = 14
	chartBottom  = 30
	barHeight    = 22
	glyphWidth   = 7 // of a label, on average
)

// chart draws a histogram. Of rows that match a search the bars are drawn over pale ones, which say how
// many rows there would be if the search had picked them blindly.
func (h *histogram) chart(width int) v.CanvasNode {
	if h.labels != nil {
		return h.bars(width)
	}
	d := new(v.Drawing)
	height := min(mostHeight, max(leastHeight, width/2))
	plot := height - chartTop - chartBottom
	step, top := countAxis(h.highest())
	left := 14 + glyphWidth*len(count(top))
	for n := 0; n <= top; n += step {
		y := chartTop + plot - n*plot/top
		d.Line(v.InkFaint, left, y, width-1, y)
		d.Label(v.InkMuted, left-8, y+4, v.AnchorEnd, count(n))
	}
	bins := len(h.all)
	for i := range bins {
		x, next := left+i*(width-left)/bins, left+(i+1)*(width-left)/bins
		gap := min(2, (next-x)/3)
		for _, bar := range h.layers(i) {
			if tall := (bar.n*plot + top - 1) / top; tall > 0 {
				d.Rect(bar.ink, x, chartTop+plot-tall, next-x-gap, tall)
			}
		}
	}
	d.Line(v.InkMuted, left, chartTop+plot, width-1, chartTop+plot)
	h.edges(d, left, width, height-10)
	return v.Canvas(h.describe(), width, height).Drawing(d).Fluid(true)
}

// edges labels as many edges of bins as there is room for, at most seven.
func (h *histogram) edges(d *v.Drawing, left, width, y int) {
	bins := len(h.all)
	longest := max(len(h.edgeText(0)), len(h.edgeText(bins)))
	// The first and the last stand within the chart, so that their neighbours are half a label nearer.
	fit := max(1, min(6, (width-left)/(longest*glyphWidth*3/2+10)))
	every := (bins + fit - 1) / fit
	for i := 0; i <= bins; i += every {
		x, anchor := left+i*(width-left)/bins, v.AnchorMiddle
		if i == 0 {
			anchor = v.AnchorStart
		}
		if x > width-longest*glyphWidth/2 {
			x, anchor = width-1, v.AnchorEnd
		}
		d.Label(v.InkMuted, x, y, anchor, h.edgeText(i))
	}
}

// bars draws a category: a bar for each word.
func (h *histogram) bars(width int) v.CanvasNode {
	d := new(v.Drawing)
	most := h.highest()
	left, right := min(170, width*2/5), 14+glyphWidth*len(count(most))
	for i, label := range h.labels {
		y := 6 + i*barHeight
		d.Label(v.InkDefault, left-10, y+15, v.AnchorEnd, cut(label, (left-10)/glyphWidth))
		n := 0
		for _, bar := range h.layers(i) {
			if long := bar.n * (width - left - right) / most; bar.n > 0 {
				d.Rect(bar.ink, left, y+3, max(1, long), barHeight-6)
			}
			n = bar.n
		}
		d.Label(v.InkMuted, width-right+8, y+15, v.AnchorStart, count(n))
	}
	return v.Canvas(h.describe(), width, 12+len(h.labels)*barHeight).Drawing(d).Fluid(true)
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
