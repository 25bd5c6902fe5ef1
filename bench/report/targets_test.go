package report

import (
	"fmt"
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

func TestJudge(t *testing.T) {
	row := func(variant string, value float64) bench.Row {
		return bench.Row{Case: "http", System: "net/http", Variant: variant, Metric: "throughput", Unit: "x", Value: value}
	}
	for _, c := range []struct {
		rows []bench.Row
		want string
	}{
		{[]bench.Row{row("a", 0.9), row("b", 0.86)}, "0.86x true"}, {[]bench.Row{row("a", 0.9), row("b", 0.7)}, "0.70x false"},
		{[]bench.Row{{Case: "http", System: "vitrine", Metric: "requests"}}, " false"}, {nil, "none"},
	} {
		got := "none"
		if list := judge(c.rows); len(list) == 1 {
			got = list[0].Seen + " " + fmt.Sprint(list[0].Pass)
		}
		if got != c.want {
			t.Errorf("%+v: %s, want %s", c.rows, got, c.want)
		}
	}
}
