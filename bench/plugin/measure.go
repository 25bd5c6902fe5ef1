package plugin

import (
	"context"
	"fmt"
	goruntime "runtime"
	"sync"
	"time"

	"github.com/vitrine-run/vitrine/bench"
)

// budget is how long a race may take, about.
const (
	budget      = 20 * time.Second
	quickBudget = 4 * time.Second
	fewest      = 3 // rounds
)

func (m *measuring) budget() time.Duration {
	if m.Options.Quick {
		return quickBudget
	}
	return budget
}

// all measures systems, the first of which is ours.
func (m *measuring) all(ctx context.Context, systems []*system) error {
	if err := m.race(ctx, systems); err != nil {
		return err
	}
	for _, s := range systems {
		if s.compile > 0 {
			m.figure(s.name, "compile", float64(s.compile), "ns", 1)
		}
	}
	if err := m.latency(ctx, systems[0]); err != nil {
		return err
	}
	if err := m.throughput(ctx); err != nil {
		return err
	}
	return m.memory(ctx)
}

// race lets systems take turns, in as many rounds as there is time for.
func (m *measuring) race(ctx context.Context, systems []*system) error {
	const turn = 20 * time.Millisecond
	var round time.Duration
	var racers []bench.Racer
	for _, s := range systems {
		round += max(s.took, turn)
		call := counted(s.call)
		racers = append(racers, bench.Racer{System: s.name, Beside: s.beside(), Answer: func() ([]byte, error) { return call(ctx) }})
	}
	asked := m.Rounds
	defer func() { m.Rounds = asked }()
	if fit := max(fewest, int(m.budget()/round)); asked == 0 && fit < m.RoundsOf() {
		m.Note("%d rounds, for a call takes long", fit)
		m.Rounds = fit
	}
	defer watch()()
	return m.Race(m.Func, m.want, racers)
}

func (m *measuring) figure(system, metric string, value float64, unit string, n int) {
	m.Print(bench.Row{System: system, Variant: m.Func, Metric: metric, Value: value, Unit: unit, N: n})
}

// latency times each call by itself.
func (m *measuring) latency(ctx context.Context, s *system) error {
	const most = 20_000
	var times []float64
	for end := time.Now().Add(m.budget() / 8); len(times) < most && (len(times) < 10 || time.Now().Before(end)); {
		began := time.Now()
		if err := m.once(ctx, s); err != nil {
			return err
		}
		times = append(times, float64(time.Since(began)))
	}
	m.Quantiles(s.name, m.Func, "latency", "ns", times)
	return nil
}

// throughput calls on all cores, each call on a clean instance.
func (m *measuring) throughput(ctx context.Context) error {
	workers := goruntime.GOMAXPROCS(0)
	s := &system{name: bench.Ours, call: m.each(m.ours.get)}
	if err := m.once(ctx, s); err != nil {
		return err
	}
	calls, errs := make([]int, workers), make([]error, workers)
	began := time.Now()
	end := began.Add(m.budget() / 8)
	var all sync.WaitGroup
	for w := range workers {
		all.Go(func() {
			for errs[w] == nil && (calls[w] == 0 || time.Now().Before(end)) {
				errs[w] = m.once(ctx, s)
				calls[w]++
			}
		})
	}
	all.Wait()
	took, sum := time.Since(began), 0
	for w := range workers {
		if errs[w] != nil {
			return fmt.Errorf("%d at once: %w", workers, errs[w])
		}
		sum += calls[w]
	}
	m.figure(bench.Ours, "throughput", float64(sum)/took.Seconds(), "calls/s", sum)
	return nil
}

// memory is what an instance that was called has, and what the call used.
func (m *measuring) memory(ctx context.Context) error {
	in, err := m.ours.make(ctx)
	if err != nil {
		return err
	}
	start := in.Stats().Fuel
	if _, err := m.call(ctx, in); err != nil {
		return err
	}
	m.figure(bench.Ours, "memory", float64(in.Stats().PeakMemory), "B", 1)
	m.figure(bench.Ours, "start_fuel", float64(start), "units", 1)
	m.figure(bench.Ours, "fuel", float64(in.Stats().Fuel-start), "units", 1)
	return in.Close(ctx)
}
