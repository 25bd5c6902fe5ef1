package bench

import (
	"bytes"
	"cmp"
	"fmt"
	"runtime"
	"slices"
	"time"
)

// A Racer is one system's way to do the operation that is measured. Each answer is compared with the right one,
// which is a part of the time of every system; Answer may not hold on to what it has returned.
type Racer struct {
	System string
	Answer func() ([]byte, error)
	Per    float64 // operations in one Answer; 1 if zero
	Beside string  // the system whose figure is held against this one's: of ours, the one that does the same; Ours if empty
	want   []byte
}

// do is one operation whose answer is looked at.
func (r *Racer) do() error {
	got, err := r.Answer()
	if err == nil && !bytes.Equal(got, r.want) {
		err = &WrongError{System: r.System, Got: clip(got), Want: clip(r.want)}
	}
	return err
}

// A result is what one racer needed.
type result struct {
	system    string
	beside    string
	ns        []float64 // an operation, by round
	allocated float64   // bytes that an operation leaves to the garbage collector
}

// hostHeap is untouched, so it is no memory but in the collector's books.
const hostHeap = 64 << 20

// race lets the racers take turns: one round to warm up and to find how many operations fill a turn, then
// round after round, every other one in the opposite order, so that what else the machine does meets all
// of them. What one leaves to the garbage collector is collected before the next begins.
//
// Around them is a heap such as a host has, so that the collector runs once in tens of megabytes and not in four,
// and which rounds it falls into is not what decides.
//
// Go keeps all its processors, as in a host: with one alone runs agree better, but who starts a goroutine for each
// call, as wazero's own interruption does, then pays four times as much for it. Where the collector and the caller's
// thread meet is decided anew in each process, which Case.Processes answers.
func (r *Run) race(variant string, racers []Racer) ([]result, error) {
	heap := make([]byte, hostHeap)
	defer runtime.KeepAlive(heap)
	results := make([]result, len(racers))
	calls := make([]int, len(racers))
	order := make([]int, len(racers))
	var failed []int
	fails := func(i int, err error) error {
		failed = append(failed, i)
		return r.Lose(racers[i].System, fmt.Errorf("%s: %s: %w", variant, racers[i].System, err))
	}
	for i := range racers {
		results[i].system, results[i].beside, order[i] = racers[i].System, cmp.Or(racers[i].Beside, Ours), i
		n, err := calibrate(&racers[i], r.turn())
		if err != nil {
			if err := fails(i, err); err != nil {
				return nil, err
			}
		}
		calls[i] = n
	}
	for range r.RoundsOf() {
		if err := r.ctx.Err(); err != nil { // some racers know nothing of it
			return nil, err
		}
		order = slices.DeleteFunc(order, func(i int) bool { return slices.Contains(failed, i) })
		for _, i := range order {
			ns, allocated, err := turn(&racers[i], calls[i])
			if err != nil {
				if err := fails(i, err); err != nil {
					return nil, err
				}
				continue
			}
			results[i].ns = append(results[i].ns, ns)
			results[i].allocated = allocated
		}
		slices.Reverse(order)
	}
	for i := range failed {
		results[failed[i]].ns = nil
	}
	return slices.DeleteFunc(results, func(f result) bool { return len(f.ns) == 0 }), nil
}

// report prints what a race found: for each system the time of an operation in ns and the bytes it
// leaves to the garbage collector, and for each other than Ours the ratio, round by round: not for one that is beside itself.
func report(r *Run, variant string, results []result) {
	rounds := map[string][]float64{}
	for _, f := range results {
		rounds[f.system] = f.ns
	}
	for _, f := range results {
		r.Samples(f.system, variant, "time", "ns", f.ns)
		r.Print(Row{System: f.system, Variant: variant, Metric: "allocated", Value: f.allocated, Unit: "B", N: len(f.ns)})
		ours := rounds[f.beside]
		if f.system == Ours || f.system == f.beside || ours == nil {
			continue
		}
		ratios := make([]float64, len(f.ns))
		for i, ns := range f.ns {
			ratios[i] = ours[i] / ns
		}
		r.Samples(f.system, variant, "ratio", "x", ratios)
	}
}

func row(name, system, variant, metric, unit string, samples []float64) Row {
	median, spread := Middle(samples)
	return Row{Case: name, System: system, Variant: variant, Metric: metric, Value: median, Unit: unit, N: len(samples), Spread: spread, Samples: samples}
}

// calibrate warms up, and finds how many calls last as long as want: of the last half of what it tries.
func calibrate(r *Racer, want time.Duration) (int, error) {
	for n := 1; ; n *= 2 {
		began := time.Now()
		for range n {
			if err := r.do(); err != nil {
				return 0, err
			}
		}
		if took := time.Since(began); took > want/2 {
			return max(1, int(float64(n)*float64(want)/float64(took))), nil
		}
	}
}

// turn is how long an operation takes, and what it allocates, in the mean of n calls.
func turn(r *Racer, n int) (ns, allocated float64, err error) {
	var before, after runtime.MemStats
	runtime.GC() // nobody pays for what others have left
	runtime.ReadMemStats(&before)
	began := time.Now()
	for range n {
		if err := r.do(); err != nil {
			return 0, 0, err
		}
	}
	took := time.Since(began)
	runtime.ReadMemStats(&after)
	operations := float64(n) * max(r.Per, 1)
	return float64(took) / operations, float64(after.TotalAlloc-before.TotalAlloc) / operations, nil
}
