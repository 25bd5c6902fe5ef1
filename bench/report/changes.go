package report

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/vitrine-run/vitrine/bench"
)

// changes are what differs between two runs.
type changes struct {
	Before      *bench.Machine
	Ratios, All string // how many agree: "64 of 64"
	Rows        []change
	More        int // that are not shown
}

type change struct{ bench.Delta }

// mostChanges is more than anybody reads.
const mostChanges = 60

// changed compares results with those of an earlier run; nil if there is none, or they have no figure in common.
func changed(before, now *bench.Results) *changes {
	if before == nil {
		return nil
	}
	list := bench.Compare(before, now)
	if len(list) == 0 {
		return nil
	}
	c := &changes{Before: &before.Machine}
	var ratios, all [2]int // that agree, and there are
	for i := range list {
		d := &list[i]
		if d.New.Metric == "processors" { // what others had is no figure of a system
			continue
		}
		if d.P >= 0 {
			count(&all, d.Within())
			if strings.HasSuffix(d.New.Metric, "ratio") {
				count(&ratios, d.Within())
			}
		}
		if d.Differs() || d.Exact() {
			c.Rows = append(c.Rows, change{*d})
		}
	}
	slices.SortStableFunc(c.Rows, func(a, b change) int { return -compareSize(a.Change, b.Change) })
	if n := len(c.Rows) - mostChanges; n > 0 {
		c.Rows, c.More = c.Rows[:mostChanges], n
	}
	c.Ratios, c.All = fmt.Sprintf("%d of %d", ratios[0], ratios[1]), fmt.Sprintf("%d of %d", all[0], all[1])
	return c
}

func count(n *[2]int, agrees bool) {
	n[1]++
	if agrees {
		n[0]++
	}
}

// compareSize orders changes by how many times one figure is the other: half is as much as twice.
func compareSize(a, b float64) int {
	x, y := math.Abs(math.Log(max(1+a, 1e-9))), math.Abs(math.Log(max(1+b, 1e-9)))
	switch {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}

// Percent is the change in words.
func (c change) Percent() string { return c.Delta.Percent() }

// Chance is how likely the rounds are of one and the same, "" of what is exact.
func (c change) Chance() string {
	switch {
	case c.P < 0:
		return ""
	case c.P < 0.001:
		return "< 0.001"
	}
	return fmt.Sprintf("%.3f", c.P)
}
