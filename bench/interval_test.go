package bench

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestInterval(t *testing.T) {
	to := func(n int) (list []float64) {
		for i := range n {
			list = append(list, float64(i+1))
		}
		return list
	}
	hundredths := make([]float64, 101)
	for i := range hundredths {
		hundredths[i] = float64(i)
	}
	for _, c := range []struct {
		name      string
		row       Row
		low, high float64
	}{
		{"nothing is known", Row{Value: 3}, 3, 3},
		{"a spread alone", Row{Value: 2, Spread: 0.25}, 1.5, 2.5},
		{"below nothing", Row{Value: -2, Spread: 0.25}, -2.5, -1.5},
		{"a mean of many", Row{Variant: "geomean", Value: 2, Spread: 0.25, Samples: to(9)}, 1.5, 2.5},
		{"one round", Row{Value: 1, Samples: to(1)}, 1, 1},
		{"too few for 95 %", Row{Value: 3, Samples: to(5)}, 1, 5},
		{"six", Row{Value: 3.5, Samples: to(6)}, 1, 6},     // 97 %
		{"ten", Row{Value: 5.5, Samples: to(10)}, 2, 9},    // 98 %; from the third 89 %
		{"fifteen", Row{Value: 8, Samples: to(15)}, 4, 12}, // 96 %
		{"five processes of three", Row{Value: 8, Samples: to(15), Processes: 5}, 2, 14},
		{"a hundred events", Row{Value: 50, N: 100, Quantiles: hundredths}, 50 - 9.8, 50 + 9.8},
		{"ten thousand", Row{Value: 50, N: 10_000, Quantiles: hundredths}, 50 - 0.98, 50 + 0.98},
		{"in stretches that differ", Row{Value: 50, N: 10_000, Quantiles: hundredths, Samples: []float64{40, 45, 50, 50, 55, 60}}, 40, 60},
	} {
		if low, high := c.row.Interval(); math.Abs(low-c.low) > 1e-3 || math.Abs(high-c.high) > 1e-3 {
			t.Errorf("%s: %v to %v, want %v to %v", c.name, low, high, c.low, c.high)
		}
	}
}

// Of many runs whose median is known, 95 in a hundred and a few more have it in their interval.
func TestIntervalHasTheMedian(t *testing.T) {
	chance := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{6, 10, 15, 20, 1000} {
		const runs = 4000
		hit := 0
		for range runs {
			samples := make([]float64, n)
			for i := range samples {
				samples[i] = math.Exp(chance.NormFloat64()) // the median is 1
			}
			r := Row{Value: Median(samples), Samples: samples}
			if low, high := r.Interval(); low <= 1 && 1 <= high {
				hit++
			}
		}
		if part := float64(hit) / runs; part < 0.94 || part > 0.99 {
			t.Errorf("of %d rounds %.1f %% have it", n, part*100)
		}
	}
}
