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
	for _, f := range metering.Figures([]*metering.Row{{Kernel: "sha256", Ratio: 1, Turns: 15}, {Kernel: "sieve", Ratio: 1.21, Turns: 15}}) {
		fmt.Printf("%s %s %.2f%s n=%d\n", f.System, f.Variant, f.Value, f.Unit, f.N)
	}
	// Output:
	// unmetered sha256 1.00x n=15
	// unmetered sieve 1.21x n=15
	// unmetered geomean 1.10x n=2
	// unmetered worst 1.21x n=2
}
