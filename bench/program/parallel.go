package program

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	goruntime "runtime"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/vitrine-run/vitrine/bench"
	"github.com/vitrine-run/vitrine/bench/metering"
)

// shared is the job that all do: SHA-256 of 64 KiB, a third of a millisecond.
const shared = "sha256"

// workers are how many goroutines there are: up to twice as many as the machine has cores.
func workers() (list []int) {
	for n := 1; n <= 2*max(goruntime.GOMAXPROCS(0), 2); n *= 2 {
		list = append(list, n)
	}
	return list
}

// parallel has the systems do the job from several goroutines, in turns.
func parallel(ctx context.Context, systems []named, r *bench.Run) error {
	j, err := embedded(shared)
	if err != nil {
		return err
	}
	all, err := dos(ctx, systems, r, j)
	if err != nil {
		return err
	}
	want, err := all[0].answer(ctx, 1)()
	if err != nil {
		return err
	}
	want = slices.Clone(want)
	turn := 100 * time.Millisecond
	if r.Turn > 0 {
		turn = r.Turn
	}
	one := map[string][]float64{}
	for _, n := range workers() {
		variant := strconv.Itoa(n)
		if !r.Wanted(variant) {
			continue
		}
		rates, err := rates(ctx, r, all, n, turn, want)
		if err != nil {
			return err
		}
		for _, d := range all {
			found := rates[d.name]
			if len(found) == 0 {
				continue
			}
			r.Samples(d.name, variant, "throughput", "jobs/s", found)
			if n == 1 {
				one[d.name] = found
			} else if len(one[d.name]) > 0 {
				alone, _ := bench.Middle(one[d.name])
				scaled := make([]float64, len(found))
				for i := range found {
					scaled[i] = found[i] / alone
				}
				r.Samples(d.name, variant, "scaling", "x", scaled)
			}
		}
	}
	return nil
}

// rates are jobs a second by system, round by round.
func rates(ctx context.Context, r *bench.Run, all []doer, n int, turn time.Duration, want []byte) (map[string][]float64, error) {
	found := map[string][]float64{}
	order := slices.Clone(all)
	for round := range r.RoundsOf() + 1 {
		for _, d := range slices.Clone(order) {
			var err error
			if round == 0 { // warm now, and right
				err = d.verify(ctx, r, strconv.Itoa(n), want)
			}
			var rate float64
			if err == nil {
				rate, err = d.rate(ctx, n, turn, binary.LittleEndian.Uint32(want))
			}
			if err == nil {
				found[d.name] = append(found[d.name], rate)
				continue
			}
			if err := r.Lose(d.name, fmt.Errorf("%s: %w", d.name, err)); err != nil {
				return nil, err
			}
			order = slices.DeleteFunc(order, func(o doer) bool { return o.name == d.name })
			delete(found, d.name)
		}
		slices.Reverse(order)
	}
	for name := range found {
		found[name] = found[name][1:]
	}
	return found, nil
}

func (d doer) verify(ctx context.Context, r *bench.Run, variant string, want []byte) error {
	got, err := d.answer(ctx, 1)()
	if err != nil {
		return err
	}
	return r.Verify(d.name, variant, got, want)
}

// rate has n goroutines do the job for a while.
func (d doer) rate(ctx context.Context, n int, turn time.Duration, want uint32) (float64, error) {
	counts, errs := make([]int, n), make([]error, n)
	goruntime.GC() // nobody pays for what others have left
	began := time.Now()
	end := began.Add(turn)
	var all sync.WaitGroup
	for w := range n {
		all.Go(func() {
			for errs[w] == nil && (counts[w] == 0 || time.Now().Before(end)) {
				sum, err := d.do(ctx, 1)
				if err == nil && sum != want {
					err = &bench.WrongError{System: d.name, Variant: strconv.Itoa(n), Got: fmt.Sprint(sum), Want: fmt.Sprint(want)}
				}
				errs[w] = err
				counts[w]++
			}
		})
	}
	all.Wait()
	took, sum := time.Since(began), 0
	for _, c := range counts {
		sum += c
	}
	return float64(sum) / took.Seconds(), errors.Join(errs...)
}

// embedded is a job that is in the binary.
func embedded(name string) (*Job, error) {
	all, err := metering.Embedded()
	if err != nil {
		return nil, err
	}
	for _, k := range all {
		if k.Name == name {
			return &Job{k.Name, k.Wasm, k.Export, k.Program}, nil
		}
	}
	return nil, fmt.Errorf("bench/program: there is no job %q", name)
}
