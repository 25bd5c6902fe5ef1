package density_test

import (
	"os"
	"slices"
	"testing"

	"github.com/vitrine-run/vitrine/bench"
	"github.com/vitrine-run/vitrine/bench/benchtest"
	"github.com/vitrine-run/vitrine/bench/density"
)

func cases() []bench.Case { return density.Cases(density.Light()) }

func TestMain(m *testing.M) {
	if asked, code := bench.ServeChild(os.Args[1:], cases); asked {
		os.Exit(code)
	}
	os.Exit(m.Run())
}

func TestVerifies(t *testing.T) {
	rows := benchtest.Verifies(t, &cases()[0], &bench.Options{Quick: true, Variants: []string{"c"}})
	for _, name := range []string{bench.Ours, "wazero"} {
		if !slices.ContainsFunc(rows, func(r bench.Row) bool {
			return r.System == name && r.Value > 100 && (r.Metric == "sandboxes" || r.Metric == "extrapolated")
		}) {
			t.Errorf("not how many of %s: %+v", name, rows)
		}
		if !slices.ContainsFunc(rows, func(r bench.Row) bool {
			return r.System == name && r.Metric == "memory_c" && r.Variant == "50" && r.Value > 1
		}) {
			t.Errorf("not the memory of fifty of %s: %+v", name, rows)
		}
	}
}
