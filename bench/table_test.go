package bench_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/vitrine-run/vitrine/bench"
)

func ExampleWriteTable() {
	row := func(system, variant, metric string, value float64, unit string, samples ...float64) bench.Row {
		return bench.Row{Case: "call", System: system, Variant: variant, Metric: metric, Value: value, Unit: unit, N: 15, Spread: 0.03, Samples: samples}
	}
	_ = bench.WriteTable(os.Stdout, []bench.Row{
		row("vitrine", "1KB", "time", 420, "ns", 410, 420, 420, 430, 900), row("vitrine", "1KB", "allocated", 1024, "B"),
		row("wazero", "1KB", "time", 335, "ns"), row("wazero", "1KB", "allocated", 1024, "B"), row("wazero", "1KB", "ratio", 1.25, "x"),
		row("others", "all", "processors", 0.07, bench.Share),
		{Case: "kill", System: "vitrine", Variant: "all", Metric: "late_p50", Value: 0.21, Unit: "ms", N: 4600, Spread: 0.1},
		{Case: "kill", System: "vitrine", Variant: "all", Metric: "late_p99", Value: 0.51, Unit: "ms", N: 4600},
		{Case: "kill", System: "vitrine", Variant: "all", Metric: "late_max", Value: 8.5, Unit: "ms", N: 4600},
	}, false)
	// Output:
	//
	// call   system     time  spread   n  ours over it  garbage
	//   1KB  vitrine  420 ns    *±3%  15                1.02 kB
	//   1KB  wazero   335 ns     ±3%  15    1.25x  ±3%  1.02 kB
	//   * rounds were far out: --html draws them
	//   other processes had 7 % of the processors meanwhile
	//
	// kill     late  spread     p99  longest     n
	//   all  210 µs    ±10%  510 µs  8.50 ms  4600
}

// A case of many variants is shown by what they come to, unless all are asked for.
func TestTableFolds(t *testing.T) {
	var rows []bench.Row
	for i := range 20 {
		rows = append(rows, bench.Row{Case: "kill", System: bench.Ours, Variant: fmt.Sprint("bomb", i), Metric: "late_p50", Value: 1, Unit: "ms"})
	}
	rows = append(rows, bench.Row{Case: "kill", System: bench.Ours, Variant: "all", Metric: "late_p50", Value: 1, Unit: "ms"})
	for all, want := range map[bool]int{false: 4, true: 23} {
		var b strings.Builder
		if err := bench.WriteTable(&b, rows, all); err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(b.String(), "\n"); n != want || strings.Contains(b.String(), "of 21 variants") == all {
			t.Errorf("all %v: %d lines, want %d:\n%s", all, n, want, b.String())
		}
	}
}

// Who reads a table has eighty columns, and a terminal that obeys what it is sent.
func TestTableFitsAndIsHarmless(t *testing.T) {
	files, err := filepath.Glob("results/*.jsonl")
	if err != nil || len(files) == 0 {
		t.Fatal("no results", err)
	}
	for _, name := range files {
		results, err := bench.ReadFiles(name)
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		if err := bench.WriteTable(&b, results.Rows, false); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(b.String()) {
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > 80 {
				t.Errorf("%s: %d columns: %s", name, n, line)
			}
		}
	}
	const evil = "\x1b]0;title\x07\r\n\u202e"
	row := bench.Row{Case: "c" + evil, System: evil, Variant: evil, Metric: evil, Unit: evil, Value: 1, Samples: []float64{1}}
	var b strings.Builder
	if err := bench.WriteTable(&b, []bench.Row{row}, true); err != nil {
		t.Fatal(err)
	}
	if err := bench.WriteDeltas(&b, bench.Compare(&bench.Results{Rows: []bench.Row{row}}, &bench.Results{Rows: []bench.Row{row}})); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(b.String(), "\x1b\x07\r\u202e") {
		t.Errorf("%q", b.String())
	}
}
