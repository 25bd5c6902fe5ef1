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

// parallel has the systems do the job from several goroutines, in turns. A round has all counts of goroutines of a system one after
// the other, so that what a system gains by more of them is of one moment: how fast a guest is for a second is up to the
// machine, too, whose memory and clock change by a quarter, and counts that were measured a minute apart came to 2.2 times as much on two cores.
func parallel(ctx context.Context, systems []named, r *bench.Run) error {
	j, err := embedded(shared)
	if err != nil {
		return err
	}
	all, err := dos(ctx, systems, r, j)
	if err != nil {
		return err
	}
	want := binary.LittleEndian.AppendUint32(nil, answers[shared][0])
	var counts []int
	for _, n := range workers() {
		if r.Wanted(strconv.Itoa(n)) {
			counts = append(counts, n)
		}
	}
	rates, err := rounds(ctx, r, all, counts, want)
	if err != nil {
		return err
	}
	for i, n := range counts {
		variant := strconv.Itoa(n)
		for _, d := range all {
			if len(rates[d.name]) == 0 {
				continue
			}
			found := rates[d.name][i]
			r.Samples(d.name, variant, "throughput", "jobs/s", found)
			if counts[0] != 1 || n == 1 {
				continue
			}
			scaled := make([]float64, len(found))
			for round, one := range rates[d.name][0] {
				scaled[round] = found[round] / one
			}
			r.Samples(d.name, variant, "scaling", "x", scaled)
		}
	}
	return nil
}

// rounds are jobs a second of each system, by count of goroutines and round.
func rounds(ctx context.Context, r *bench.Run, all []doer, counts []int, want []byte) (map[string][][]float64, error) {
	turn := 100 * time.Millisecond
	if r.Turn > 0 {
		turn = r.Turn
	}
	found := map[string][][]float64{}
	order, places := slices.Clone(all), indexes(len(counts))
	for round := range r.RoundsOf() + 1 {
		for _, d := range slices.Clone(order) {
			rates := make([]float64, len(counts))
			var err error
			for _, i := range places {
				if round == 0 && err == nil { // warm after it, and right
					err = d.verify(ctx, r, strconv.Itoa(counts[i]), want)
				}
				if err == nil {
					rates[i], err = d.rate(ctx, counts[i], turn, binary.LittleEndian.Uint32(want))
				}
			}
			if err == nil {
				if round > 0 {
					found[d.name] = add(found[d.name], rates)
				}
				continue
			}
			if err := r.Lose(d.name, fmt.Errorf("%s: %w", d.name, err)); err != nil {
				return nil, err
			}
			order = slices.DeleteFunc(order, func(o doer) bool { return o.name == d.name })
			delete(found, d.name)
		}
		slices.Reverse(order)
		slices.Reverse(places)
	}
	return found, nil
}

func indexes(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = i
	}
	return list
}

// add adds a round to the rates of each count.
func add(found [][]float64, rates []float64) [][]float64 {
	if found == nil {
		found = make([][]float64, len(rates))
	}
	for i, rate := range rates {
		found[i] = append(found[i], rate)
	}
	return found
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
