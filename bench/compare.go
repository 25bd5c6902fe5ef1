package bench

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"golang.org/x/perf/benchmath"
)

// A Delta is one figure in two runs.
type Delta struct {
	Old, New Row
	Change   float64 // new over old, less one
	P        float64 // of both being the same (Mann-Whitney U), -1 where the rounds were not kept
	Alpha    float64 // P under it is a difference
	Few      bool    // so few rounds, or processes, that not even the most different ones would be
}

// Differs says whether the runs differ by more than chance.
func (d *Delta) Differs() bool { return d.P >= 0 && d.P < d.Alpha }

// Within says whether the figures are no farther apart than the spreads that both runs have printed.
func (d *Delta) Within() bool {
	return math.Abs(d.New.Value-d.Old.Value) <= math.Abs(d.Old.Value)*d.Old.Spread+math.Abs(d.New.Value)*d.New.Spread
}

// Compare finds the figures that two runs have in common, in the order of the new one, and compares
// them as benchstat does (golang.org/x/perf/benchmath): medians, and the Mann-Whitney U test on the rounds, or on the
// medians of processes.
func Compare(old, new *Results) []Delta {
	before := make(map[[4]string]*Row, len(old.Rows))
	for i := range old.Rows {
		before[old.Rows[i].key()] = &old.Rows[i]
	}
	var list []Delta
	for i := range new.Rows {
		o, n := before[new.Rows[i].key()], &new.Rows[i]
		if o == nil || o.Value == 0 {
			continue
		}
		d := Delta{Old: *o, New: *n, Change: n.Value/o.Value - 1, P: -1}
		if len(o.Samples) > 0 && len(n.Samples) > 0 {
			t := benchmath.DefaultThresholds
			c := benchmath.AssumeNothing.Compare(benchmath.NewSample(o.independent(), &t), benchmath.NewSample(n.independent(), &t))
			d.P, d.Alpha = c.P, c.Alpha
			d.Few = leastP(c.N1, c.N2) >= c.Alpha
		}
		list = append(list, d)
	}
	return list
}

// leastP is what the test gives of two samples of which one lies wholly above the other: two of all ways to deal them.
func leastP(a, b int) float64 {
	ways := 1.0
	for i := 1; i <= a; i++ {
		ways = ways * float64(b+i) / float64(i)
	}
	return 2 / ways
}

// same says that there is nothing to say: the figures have no rounds to be compared by, such as bytes, and are alike.
func (d *Delta) same() bool {
	return d.P < 0 && (math.Abs(d.Change) < sameUpTo || d.Old.Spread+d.New.Spread > 0 && d.Within())
}

// tooFew stands where no number of rounds could tell runs apart.
const tooFew = "need >= 4"

// Exact says that a figure which was counted once, such as bytes, is another one.
func (d *Delta) Exact() bool { return d.P < 0 && d.Old.N+d.New.N <= 2 && !d.same() }

// Percent is the change: "+3.2%".
func (d *Delta) Percent() string {
	percent := digits(d.Change*100) + "%"
	if d.Change >= 0 {
		return "+" + percent
	}
	return percent
}

// sameUpTo is less than a table shows: garbage is counted over thousands of calls, of which a few have some more.
const sameUpTo = 0.0005

// WriteDeltas writes a table of what has changed: "~" is no difference beyond chance, "need >= 4" that there are too few rounds to tell, "?" that the rounds
// of one run were not kept, "outside" that the figures are farther apart than their spreads. Figures without rounds that have not changed are
// left out. The last line says how many of the ratios, and of all figures with a spread, agree.
func WriteDeltas(w io.Writer, list []Delta) error {
	if len(list) == 0 {
		_, err := fmt.Fprintln(w, "no figure is in both runs")
		return err
	}
	var b strings.Builder
	var ratios, all tally
	for i := range list {
		d := &list[i]
		if d.P < 0 {
			continue
		}
		all.count(d.Within())
		if strings.HasSuffix(d.New.Metric, "ratio") {
			ratios.count(d.Within())
		}
	}
	whole := len(list)
	list = slices.DeleteFunc(slices.Clone(list), func(d Delta) bool { return d.same() })
	left := whole - len(list)
	for rest := list; len(rest) > 0; {
		n := slices.IndexFunc(rest, func(d Delta) bool { return d.New.Case != rest[0].New.Case })
		if n < 0 {
			n = len(rest)
		}
		writeDeltas(&b, rest[:n])
		rest = rest[n:]
	}
	b.WriteByte('\n')
	if left > 0 {
		fmt.Fprintf(&b, "%d figures that have no rounds are the same, and left out\n", left)
	}
	if slices.ContainsFunc(list, func(d Delta) bool { return d.Few }) {
		fmt.Fprintf(&b, "%s: of fewer rounds, or processes, no difference can be told from chance\n", tooFew)
	}
	fmt.Fprintf(&b, "%s ratios agree within their spreads, and %s figures in all\n", ratios, all)
	_, err := io.WriteString(w, b.String())
	return err
}

// writeDeltas writes those of one case.
func writeDeltas(b *strings.Builder, list []Delta) {
	columns := []column{{name: printable(list[0].New.Case)}, {name: "system"}, {name: "metric"}, {name: "old", right: true}, {name: "new", right: true},
		{name: "change", right: true}, {name: "p", right: true}, {name: "n", right: true}, {}}
	for i := range list {
		d := &list[i]
		change, p, n, apart := "~", "", "", ""
		if d.P >= 0 {
			p, n = fmt.Sprintf("%.3f", d.P), fmt.Sprintf("%d+%d", d.Old.N, d.New.N)
			if !d.Within() {
				apart = "outside"
			}
		}
		switch {
		case d.Few:
			change = tooFew
		case d.P < 0 || d.Differs():
			change = d.Percent()
		}
		if d.P < 0 && d.Old.N+d.New.N > 2 { // what was counted once is exact
			change += " ?"
		}
		for j, cell := range []string{"  " + printable(d.New.Variant), printable(d.New.System), metricName(d.New.Metric),
			Figure(d.Old.Value, d.Old.Unit), Figure(d.New.Value, d.New.Unit), change, p, n, apart} {
			columns[j].cells = append(columns[j].cells, cell)
		}
	}
	b.WriteByte('\n')
	grid(b, telling(columns))
}

// A tally is how many of some were right.
type tally struct{ right, of int }

func (t *tally) count(right bool) {
	t.of++
	if right {
		t.right++
	}
}

func (t tally) String() string { return fmt.Sprintf("%d of %d", t.right, t.of) }
