package metering_test

import (
	"context"
	"errors"
	"flag"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/vitrine-run/vitrine/bench"
	"github.com/vitrine-run/vitrine/bench/benchtest"
	"github.com/vitrine-run/vitrine/bench/metering"
	"github.com/vitrine-run/vitrine/runtime/meter"
)

var (
	turns   = flag.Int("turns", 2, "turns a kernel; a real measurement takes 15 or more")
	only    = flag.String("kernels", "", "comma-separated names of the kernels to measure")
	turn    = flag.Duration("turn", 15*time.Millisecond, "how long a turn takes")
	compare = flag.Bool("compare", false, "against wazero as it comes, too")
	lines   = flag.String("json", "", "a file to write the figures to, one object a line")
	plain   = flag.Bool("plain", false, "all loops in the simple form")
)

// TestKernels checks that every kernel gives the same with metering as without
// it, which Measure compares, and says how they compare in time.
func TestKernels(t *testing.T) {
	list, err := metering.Embedded()
	if err != nil || len(list) < 15 {
		t.Fatalf("%d kernels, %v", len(list), err)
	}
	if !testing.Short() {
		list = append(list, programs(t)...)
	}
	var rows []*metering.Row
	for i, k := range list {
		if testing.Short() && k.Program && i%4 != 0 {
			continue
		}
		if *only != "" && !strings.Contains(","+*only+",", ","+k.Name+",") {
			continue
		}
		o := &metering.Options{Turns: *turns, Turn: *turn, Compare: *compare, Meter: &meter.Options{Plain: *plain}}
		if testing.Short() {
			o.Turns, o.Turn = 1, time.Millisecond
		}
		row, err := metering.Measure(context.Background(), k, o)
		if err != nil {
			t.Error(err)
			continue
		}
		rows = append(rows, row)
		t.Logf("%-12s %.3f ±%.3f  plain %v  %.0f refuels/ms  rewrite %v  compile %v ×%.2f  bytes ×%.2f", row.Kernel, row.Ratio, row.Spread,
			row.Plain.Round(10*time.Microsecond), row.Refuels, row.Rewrite, row.Compile, row.Slower, row.Growth)
		if *compare {
			t.Logf("%-12s whole %v, over default wazero %.3f, over its interruption %.3f", row.Kernel, row.Whole.Round(10*time.Microsecond), row.Default, row.Interrupt)
		}
	}
	var real []*metering.Row
	for _, r := range rows {
		if r.Program {
			real = append(real, r)
		}
	}
	report(t, "all", rows)
	report(t, "programs", real)
	if *lines != "" {
		write(t, *lines, &bench.Results{Machine: bench.ThisMachine(os.Args), Rows: metering.Figures(rows)})
	}
}

func TestVerifies(t *testing.T) {
	o := &bench.Options{Quick: true, Rounds: 2, Turn: time.Millisecond, Variants: []string{"sha256", "lz"}}
	benchtest.Verifies(t, &metering.Cases()[0], o)
	benchtest.Verifies(t, &metering.Cases()[1], nil)
}

// report logs the means and the worst.
func report(t *testing.T, what string, rows []*metering.Row) {
	for _, r := range metering.Figures(rows) {
		if r.Variant == "geomean" || r.Variant == "worst" {
			t.Logf("%s: %s over %s %.3f of %d", what, r.Variant, r.System, r.Value, r.N)
		}
	}
}

func write(t *testing.T, name string, results *bench.Results) {
	f, err := os.Create(name)
	if err == nil {
		err = errors.Join(results.Write(f), f.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
}

// programs are the kernels that are not in the binary.
func programs(t *testing.T) []*metering.Kernel {
	var list []*metering.Kernel
	if *only == "" || strings.Contains(*only, "go") {
		var err error
		if list, err = metering.Go(context.Background(), "."); err != nil {
			t.Fatal(err)
		}
		if *only == "" && *turns <= 2 {
			list = list[:1] // each compiles the whole program
		}
	}
	code, err := os.ReadFile("kernels/js/node_modules/quickjs-wasi/quickjs.wasm")
	if err != nil {
		t.Logf("without QuickJS: %v", err)
		return list
	}
	return append(list, metering.QuickJS(code))
}
