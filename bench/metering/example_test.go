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

func ExampleGeomean() {
	rows := []*metering.Row{{Ratio: 1}, {Ratio: 4}}
	fmt.Printf("%.1f\n", metering.Geomean(rows, func(r *metering.Row) float64 { return r.Ratio }))
	// Output: 2.0
}
