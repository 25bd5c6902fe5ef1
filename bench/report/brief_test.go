package report_test

import (
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/vitrine-run/vitrine/bench"
	"github.com/vitrine-run/vitrine/bench/report"
)

func ExampleBrief() {
	_ = report.Brief(os.Stdout, []bench.Row{
		{Case: "call", System: "vitrine", Variant: "1KB", Metric: "time", Value: 620, Unit: "ns", N: 15, Spread: 0.05},
		{Case: "call", System: "vitrine", Variant: "1KB", Metric: "allocated", Value: 1024, Unit: "B"},
		{Case: "call", System: "extism", Variant: "1KB", Metric: "time", Value: 52_000, Unit: "ns", N: 15, Spread: 0.1},
	})
	// Output:
	//
	// in short
	//   a call of a plugin, 1 KB in and 1 KB out                            620 ns ±5%
	//       Extism 52 µs ±10%
	//
	// targets: 1 of the 2 that were measured are reached
	// falls short:
	//   a call with 1 KB in and out                620 ns [589 ns to 651 ns], ≤ 500 ns
}

func TestBriefFits(t *testing.T) {
	var b strings.Builder
	if err := report.Brief(&b, kept(t).Rows); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(b.String()) {
		if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > 80 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
	for _, want := range []string{"in short", "whole programs", "extrapolated", "targets: "} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("it does not have %q", want)
		}
	}
}
