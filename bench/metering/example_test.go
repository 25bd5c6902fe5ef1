package metering_test

import (
	"context"
	"fmt"
	"time"

	"github.com/vitrine-run/vitrine/bench/metering"
)

// One short turn says that a kernel computes the same with metering as without; how long it takes
// is told by many.
func ExampleMeasure() {
	kernels, err := metering.Embedded()
	if err != nil {
		fmt.Println(err)
		return
	}
	k := kernels[0]
	row, err := metering.Measure(context.Background(), k, &metering.Options{Turns: 1, Turn: time.Millisecond})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(row.Kernel == k.Name, row.Turns, row.Ratio > 0, row.Growth > 1)
	// Output: true 1 true true
}

func ExampleFigures() {
	rows := []*metering.Row{{Kernel: "sha256", Ratio: 1, Ratios: []float64{0.9, 1, 1.1}}, {Kernel: "sieve", Ratio: 1.21, Ratios: []float64{1.2, 1.21, 1.22}}}
	for _, f := range metering.Figures(rows) {
		fmt.Printf("%s %s %.2f%s ±%.0f%% n=%d\n", f.System, f.Variant, f.Value, f.Unit, f.Spread*100, f.N)
	}
	// Output:
	// unmetered sha256 1.00x ±10% n=3
	// unmetered sieve 1.21x ±1% n=3
	// unmetered geomean 1.10x ±6% n=3
	// unmetered worst 1.21x ±1% n=3
}
