package bench

import (
	"fmt"
	"runtime"
	"slices"
	"time"
)

// A Racer is one system's way to do the operation that is measured. Do looks at its own answer: an error
// ends the race, for a wrong answer is not a fast one.
type Racer struct {
	System string
	Do     func() error
	Per    float64 // operations in one Do; 1 if zero
}

// A Result is what one racer needed.
type Result struct {
	System    string
	Ns        []float64 // an operation, by round
	Allocated float64   // bytes that an operation leaves to the garbage collector
}

// Race lets the racers take turns: one round to warm up and to find how many operations fill a turn, then
// round after round, every other one in the opposite order, so that what else the machine does meets all
// of them. What one leaves to the garbage collector is collected before the next begins.
func (o *Options) Race(racers []Racer) ([]Result, error) {
	results := make([]Result, len(racers))
	calls := make([]int, len(racers))
	order := make([]int, len(racers))
	for i, r := range racers {
		n, err := calibrate(r, o.turn())
		if err != nil {
			return nil, fmt.Errorf("%s: %w", r.System, err)
		}
		results[i].System, calls[i], order[i] = r.System, n, i
	}
	for range o.rounds() {
		for _, i := range order {
			ns, allocated, err := turn(racers[i], calls[i])
			if err != nil {
				return nil, fmt.Errorf("%s: %w", racers[i].System, err)
			}
			results[i].Ns = append(results[i].Ns, ns)
			results[i].Allocated = allocated
		}
		slices.Reverse(order)
	}
	return results, nil
}

// Report prints what a race found: for each system the time of an operation in ns and the bytes it
// leaves to the garbage collector, and for each other than Ours the ratio, round by round.
func Report(name, variant string, results []Result, print func(Row)) {
	var ours []float64
	for _, r := range results {
		if r.System == Ours {
			ours = r.Ns
		}
	}
	for _, r := range results {
		print(row(name, r.System, variant, "time", "ns", r.Ns))
		print(Row{Case: name, System: r.System, Variant: variant, Metric: "allocated", Value: r.Allocated, Unit: "B", N: len(r.Ns)})
		if r.System == Ours || ours == nil {
			continue
		}
		ratios := make([]float64, len(r.Ns))
		for i, ns := range r.Ns {
			ratios[i] = ours[i] / ns
		}
		print(row(name, r.System, variant, "ratio", "x", ratios))
	}
}

func row(name, system, variant, metric, unit string, samples []float64) Row {
	median, spread := Middle(samples)
	return Row{name, system, variant, metric, median, unit, len(samples), spread, samples}
}

// calibrate finds how many calls last as long as want.
func calibrate(r Racer, want time.Duration) (int, error) {
	for n := 1; ; n *= 4 {
		began := time.Now()
		for range n {
			if err := r.Do(); err != nil {
				return 0, err
			}
		}
		if took := time.Since(began); took > want/8 {
			return max(1, int(float64(n)*float64(want)/float64(took))), nil
		}
	}
}

// turn is how long an operation takes, and what it allocates, in the mean of n calls.
func turn(r Racer, n int) (ns, allocated float64, err error) {
	var before, after runtime.MemStats
	runtime.GC() // nobody pays for what others have left
	runtime.ReadMemStats(&before)
	began := time.Now()
	for range n {
		if err := r.Do(); err != nil {
			return 0, 0, err
		}
	}
	took := time.Since(began)
	runtime.ReadMemStats(&after)
	operations := float64(n) * max(r.Per, 1)
	return float64(took) / operations, float64(after.TotalAlloc-before.TotalAlloc) / operations, nil
}
