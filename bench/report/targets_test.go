package report

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/vitrine-run/vitrine/bench"
)

// A target whose figure has another name or unit would be missing on the page without a word.
func TestTargetsNameFigures(t *testing.T) {
	files, err := filepath.Glob("../results/*.jsonl")
	if err != nil || len(files) == 0 {
		t.Fatal("no results", err)
	}
	have := map[[5]string]bool{}
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		results, err := bench.Read(f)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, r := range results.Rows {
			have[[5]string{r.Case, r.System, r.Variant, r.Metric, r.Unit}] = true
		}
	}
	for _, target := range targets {
		key := [5]string{target.name, target.system, target.variant, target.metric, target.unit}
		if target.variant == "*" {
			any := false
			for k := range have {
				any = any || k[0] == key[0] && k[1] == key[1] && k[3] == key[3] && k[4] == key[4]
			}
			have[key] = any
		}
		if !have[key] {
			t.Errorf("no figure is %q", key)
		}
	}
}

// A headline whose figure has another name would be missing without a word.
func TestHeadlinesHaveFigures(t *testing.T) {
	results, err := bench.ReadFiles("../results")
	if err != nil {
		t.Fatal(err)
	}
	if n := len(shorts(results.Rows)); n != len(headlines) {
		t.Errorf("%d of %d headlines have a figure", n, len(headlines))
	}
}

// A target within the interval of its figure is neither reached nor missed, on whichever side the figure is.
func TestJudge(t *testing.T) {
	row := func(name, system, variant, metric, unit string, value, spread float64) bench.Row {
		return bench.Row{Case: name, System: system, Variant: variant, Metric: metric, Unit: unit, Value: value, Spread: spread}
	}
	least := func(variant string, value, spread float64) bench.Row { // at least 0.85
		return row("http", "net/http", variant, "throughput", bench.Share, value, spread)
	}
	most := func(value, spread float64) bench.Row { // at most 600 MB
		r := row("idle", bench.Ours, "c", "rss", "MB", value, spread)
		r.N = 10_000
		return r
	}
	for _, c := range []struct {
		rows []bench.Row
		want string
	}{
		{[]bench.Row{least("a", 0.9, 0), least("b", 0.86, 0)}, "86% reached"}, {[]bench.Row{least("a", 0.9, 0), least("b", 0.7, 0)}, "70% falls short"},
		{[]bench.Row{least("a", 0.9, 0.05)}, "90% reached"}, {[]bench.Row{least("a", 0.9, 0.06)}, "90% too near to tell"},
		{[]bench.Row{least("a", 0.8, 0.07)}, "80% too near to tell"}, {[]bench.Row{least("a", 0.8, 0.06)}, "80% falls short"},
		{[]bench.Row{least("a", 0.99, 0.5), least("b", 0.86, 0)}, "86% reached"}, // the worst counts
		{[]bench.Row{most(600, 0)}, "600 MB reached"}, {[]bench.Row{most(601, 0)}, "601 MB falls short"},
		{[]bench.Row{most(500, 0.21)}, "500 MB too near to tell"}, {[]bench.Row{most(800, 0.26)}, "800 MB too near to tell"},
		{[]bench.Row{most(800, 0.24)}, "800 MB falls short"}, {[]bench.Row{most(500, 0.19)}, "500 MB reached"},
		{[]bench.Row{{Case: "idle", System: bench.Ours, Variant: "c", Metric: "rss", Unit: "MB", Value: 26, N: 100}}, " "}, // not of 10,000
		{[]bench.Row{{Case: "http", System: "vitrine", Metric: "requests"}}, " "}, {nil, "none"},
	} {
		got := "none"
		if list := judge(c.rows); len(list) > 0 {
			got = list[0].Seen + " " + string(list[0].Outcome)
		}
		if got != c.want {
			t.Errorf("%+v: %s, want %s", c.rows, got, c.want)
		}
	}
}

func TestOutcomes(t *testing.T) {
	v := func(o outcome) verdict { return verdict{"call", "a call", "≤ 1 ns", "2 ns", "1.90 ns to 2.10 ns", o} }
	for _, c := range []struct {
		list []verdict
		want string
	}{
		{nil, ""}, {[]verdict{v(unmeasured)}, ""}, {[]verdict{v(reached), v(unmeasured)}, "Of 1 targets 1 are reached."},
		{[]verdict{v(reached), v(short), v(within)}, "Of 3 targets 1 are reached. Too near to tell, for the target lies in the 95 % interval of the median: a call (2 ns [1.90 ns to 2.10 ns], ≤ 1 ns; `call`). Fallen short of: a call (2 ns [1.90 ns to 2.10 ns], ≤ 1 ns; `call`)."},
	} {
		if got := outcomes(c.list); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}
