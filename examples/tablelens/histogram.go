package main

import (
	"fmt"
	"math"
	"slices"
)

// histogram counts the values of a column in bins: of all rows, and of those that match.
type histogram struct {
	column  *column
	axis    axis  // of a measured column
	all     []int // by bin
	matched []int
	labels  []string // of a category: the bins' words
}

// axis divides the line of values into bins of the same width, or of months.
type axis struct {
	origin, step float64
	months       int // if not 0, bins are so many months and origin counts months since year 0
}

// How many bins there are: enough to show a form, few enough to see each.
const (
	wantedBins   = 30
	categoryBins = 12
)

// newHistogram makes bins for all rows of a column; nil if it has no values to put there.
func newHistogram(t *table, c *column) *histogram {
	h := &histogram{column: c}
	switch {
	case c.values != nil:
		low, high := math.Inf(1), math.Inf(-1)
		for _, v := range c.values {
			if v == v {
				low, high = min(low, v), max(high, v)
			}
		}
		if low > high {
			return nil
		}
		h.axis = newAxis(c.kind, low, high)
		h.all = make([]int, h.axis.bin(high)+1)
		for _, v := range c.values {
			if v == v {
				h.all[h.axis.bin(v)]++
			}
		}
	case c.codes != nil:
		h.countWords()
	default:
		return nil
	}
	return h
}

// countWords takes the most frequent words; words whose order means something, such as months, have
// none that could be known, so that frequency is the order.
func (h *histogram) countWords() {
	counts := make([]int, len(h.column.words)+1)
	for _, code := range h.column.codes {
		counts[code]++
	}
	var byCount []int
	for i := range h.column.words {
		byCount = append(byCount, i)
	}
	slices.SortStableFunc(byCount, func(a, b int) int { return counts[b+1] - counts[a+1] })
	for _, i := range byCount[:min(len(byCount), categoryBins)] {
		h.labels = append(h.labels, h.column.words[i])
		h.all = append(h.all, counts[i+1])
	}
}

// countMatched counts the rows that match.
func (h *histogram) countMatched(rows []uint32) {
	h.matched = make([]int, len(h.all))
	if h.column.values != nil {
		for _, r := range rows {
			if v := h.column.values[r]; v == v {
				h.matched[h.axis.bin(v)]++
			}
		}
		return
	}
	counts := h.column.wordCounts(rows)
	for i, label := range h.labels {
		h.matched[i] = counts[slices.Index(h.column.words, label)+1]
	}
}

func newAxis(k kind, low, high float64) axis {
	span := high - low
	switch {
	case (k == kindDate || k == kindTimestamp) && span > 120*86400:
		return monthAxis(low, high)
	case k == kindDate || k == kindTimestamp || k == kindTime:
		return steppedAxis(low, timeStep(span, k))
	}
	step := niceStep(span / wantedBins)
	if k == kindInteger {
		step = max(1, step)
	}
	return steppedAxis(low, step)
}

func steppedAxis(low, step float64) axis {
	return axis{origin: math.Floor(low/step) * step, step: step}
}

func monthAxis(low, high float64) axis {
	first, last := monthOf(low), monthOf(high)
	a := axis{months: 1}
	for _, n := range []int{1, 3, 6, 12, 24, 60, 120, 240, 600, 1200} {
		if a.months = n; (last-first)/n < 40 {
			break
		}
	}
	a.origin = float64(first - first%a.months)
	return a
}

func monthOf(seconds float64) int {
	y, m, _ := civil(int(math.Floor(seconds / 86400)))
	return y*12 + m - 1
}

// timeStep is a step of seconds that people think in.
func timeStep(span float64, k kind) float64 {
	for _, step := range []float64{1, 5, 15, 60, 300, 900, 1800, 3600, 2 * 3600, 6 * 3600, 86400, 2 * 86400} {
		if span/step <= 48 && (k != kindDate || step >= 86400) {
			return step
		}
	}
	return 7 * 86400
}

// niceStep is the smallest of 1, 2 or 5 times a power of ten that is not below step.
func niceStep(step float64) float64 {
	if step <= 0 {
		return 1
	}
	power := math.Pow(10, math.Floor(math.Log10(step)))
	for _, f := range []float64{1, 2, 5} {
		if f*power >= step*(1-1e-9) {
			return f * power
		}
	}
	return 10 * power
}

func (a axis) bin(v float64) int {
	if a.months > 0 {
		return (monthOf(v) - int(a.origin)) / a.months
	}
	return max(0, int(math.Floor((v-a.origin)/a.step+1e-9)))
}

// edge is the value at which a bin begins.
func (a axis) edge(bin int) float64 {
	if a.months > 0 {
		month := int(a.origin) + bin*a.months
		return float64(daysOf(month/12, month%12+1, 1)) * 86400
	}
	return a.origin + float64(bin)*a.step
}

// edgeText is what is written at the edge of a bin.
func (h *histogram) edgeText(bin int) string {
	v := h.axis.edge(bin)
	switch {
	case h.axis.months >= 12:
		return dateText(v)[:4]
	case h.axis.months > 0:
		return dateText(v)[:7]
	case h.column.kind == kindTimestamp && h.axis.step < 86400:
		return dateText(v)[5:] + " " + timeText(v-86400*math.Floor(v/86400))
	case h.column.kind == kindTimestamp:
		return dateText(v)
	case h.column.kind == kindInteger:
		return groupDigits(fmt.Sprintf("%.0f", v))
	}
	return h.column.format(v)
}

// binText says which values a bin holds.
func (h *histogram) binText(bin int) string {
	if h.labels != nil {
		return h.labels[bin]
	}
	if h.column.kind == kindInteger && h.axis.step == 1 {
		return h.edgeText(bin)
	}
	return h.edgeText(bin) + " to " + h.edgeText(bin+1)
}
