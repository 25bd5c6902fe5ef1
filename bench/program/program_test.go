package program_test

import (
	"slices"
	"testing"
	"time"

	"github.com/vitrine-run/vitrine/bench"
	"github.com/vitrine-run/vitrine/bench/benchtest"
	"github.com/vitrine-run/vitrine/bench/program"
	"github.com/vitrine-run/vitrine/internal/leak"
)

func TestMain(m *testing.M) { leak.Main(m) }

// Every kernel that is also written in Go answers the same there, and whoever lies is found out.
func TestVerifies(t *testing.T) {
	inC := []string{"fib", "tak", "sieve", "matmul", "mandelbrot", "nbody", "spectral", "crc32", "quicksort", "heapsort", "gimli", "sha256"}
	cases := program.Cases(program.Light())
	rows := benchtest.Verifies(t, &cases[0], &bench.Options{Rounds: 1, Turn: time.Millisecond, Variants: append(inC, "rsort")})
	for _, name := range inC {
		if !slices.ContainsFunc(rows, func(r bench.Row) bool { return r.System == "go" && r.Variant == name && r.Metric == "time" }) {
			t.Errorf("no %s in Go", name)
		}
	}
	if !slices.ContainsFunc(rows, func(r bench.Row) bool { return r.System == "wazero" && r.Variant == "geomean" }) {
		t.Error("no geometric mean")
	}
	benchtest.Verifies(t, &cases[1], &bench.Options{Rounds: 1, Turn: time.Millisecond, Variants: []string{"fib"}})
	rows = benchtest.Verifies(t, &cases[2], &bench.Options{Rounds: 1, Turn: time.Millisecond})
	if !slices.ContainsFunc(rows, func(r bench.Row) bool { return r.System == "wazero" && r.Variant == "2" && r.Metric == "scaling" }) {
		t.Error("no scaling")
	}
}

// So does everything that is a guest and a part of the host from one source.
func TestVerifiesGo(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles modules of 8 MB")
	}
	inGo := []string{"gojson", "gomap", "gosort", "prog_flate", "prog_format", "prog_json", "prog_log", "prog_template"}
	seen := map[string]bool{}
	c := program.Cases(program.Light()[:2])[0]
	err := c.Run(t.Context(), &bench.Options{Rounds: 1, Turn: time.Millisecond, Tree: "../..", Variants: inGo}, func(r bench.Row) {
		seen[r.System+" "+r.Variant] = true
	})
	if err != nil {
		t.Error(err)
	}
	for _, name := range inGo {
		if !seen["vitrine "+name] || !seen["go "+name] {
			t.Errorf("%s has not run both ways", name)
		}
	}
}
