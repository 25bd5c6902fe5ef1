package bench_test

import (
	"slices"
	"testing"

	"github.com/vitrine-run/vitrine/bench"
)

// fewer are the variants whose rounds may be fewer than ten in the newest results, by case; nil is all of it. README.md
// there names them.
var fewer = map[string][]string{}

// What the report and the README of the results say of rounds is true: what was timed in turns has at least ten.
func TestResultsHaveTenRounds(t *testing.T) {
	results, err := bench.ReadFiles("results")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results.Rows {
		variants, ok := fewer[r.Case]
		timed := len(r.Samples) > 0 && r.Quantiles == nil
		if timed && r.N < 10 && !(ok && (variants == nil || slices.Contains(variants, r.Variant))) {
			t.Errorf("%s %s %s %s is of %d rounds", r.Case, r.System, r.Variant, r.Metric, r.N)
		}
	}
}
