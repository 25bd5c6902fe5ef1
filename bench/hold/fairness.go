package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/vitrine-run/vitrine/bench"
	"github.com/vitrine-run/vitrine/runtime"
)

// crowd is how many guests the greedy principal has.
const crowd = 20

// fairness lets one guest of a principal compute beside the crowd of another one, on two
// seats, and says what part of its share it got, in fuel: with the scheduler, and with
// none that knows principals.
func (b *run) fairness(ctx context.Context) error {
	wasm, err := os.ReadFile(filepath.Join(b.dir, "loop.wasm"))
	if err != nil {
		return err
	}
	for _, c := range []struct {
		system, of string
		seats      int
	}{{"vitrine", "one", 2}, {"unscheduled", "one", crowd + 1}} {
		var got []float64
		turns := max(3, b.runs/10)
		for range turns {
			share, err := share(ctx, wasm, c.seats, b.watch)
			if err != nil {
				return err
			}
			got = append(got, share)
		}
		median, spread := bench.Middle(got)
		b.print(fig("fairness", c.system, fmt.Sprintf("1_of_%d", crowd+1), "share", median, "x", turns, spread))
	}
	return nil
}

func share(ctx context.Context, wasm []byte, seats int, d time.Duration) (float64, error) {
	sched, err := runtime.NewScheduler(&runtime.SchedulerOptions{Guests: seats})
	if err != nil {
		return 0, err
	}
	rt, err := runtime.New(&runtime.Options{Scheduler: sched})
	if err != nil {
		return 0, err
	}
	defer rt.Close(ctx)
	mod, err := rt.Compile(ctx, wasm, &runtime.Limits{WallTime: time.Hour, Fuel: 1 << 60})
	if err != nil {
		return 0, err
	}
	limited, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	var fuel [crowd + 1]uint64
	var wg sync.WaitGroup
	for i := range fuel {
		who := "crowd"
		if i == crowd {
			who = "one"
		}
		in, err := mod.Instantiate(ctx, &runtime.InstanceOptions{Principal: who})
		if err != nil {
			return 0, err
		}
		wg.Go(func() {
			_, _ = in.Invoke(limited, "run") // it ends with limited
			fuel[i] = in.Stats().Fuel
		})
	}
	wg.Wait()
	var all uint64
	for _, f := range fuel {
		all += f
	}
	return float64(fuel[crowd]) / (float64(all) / 2), nil
}
