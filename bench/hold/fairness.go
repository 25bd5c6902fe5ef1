package hold

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/vitrine-run/vitrine/bench"
	"github.com/vitrine-run/vitrine/runtime"
	"github.com/vitrine-run/vitrine/runtime/testdata/bombs"
)

// crowd is how many guests the greedy principal has.
const crowd = 20

// unscheduled is the system that has a seat for everybody, and leaves sharing to the operating system.
const unscheduled = "unscheduled"

// fairness lets one guest of a principal compute beside the crowd of another one, on two
// seats, and says what part of its share it got, in fuel: with the scheduler, and with
// none that knows principals.
func fairness(ctx context.Context, r *bench.Run) error {
	all, err := bombs.All()
	if err != nil {
		return err
	}
	var wasm []byte
	for i := range all {
		if all[i].Name == "loop" {
			wasm = all[i].Wasm
		}
	}
	variant := fmt.Sprintf("1_of_%d", crowd+1)
	for _, c := range []struct {
		system string
		seats  int
	}{{bench.Ours, 2}, {unscheduled, crowd + 1}} {
		var got []float64
		for range r.RoundsOf() {
			share, ends, err := share(ctx, wasm, c.seats, max(watchFor(r), 200*time.Millisecond))
			if err != nil {
				return err
			}
			if err := r.Verify(c.system, variant, []byte(ends), []byte("deadline")); err != nil {
				return err
			}
			got = append(got, share)
		}
		r.Samples(c.system, variant, "share", bench.Share, got)
	}
	return nil
}

// share is what the one gets of its share, and what all of them end in.
func share(ctx context.Context, wasm []byte, seats int, d time.Duration) (part float64, ends string, err error) {
	sched, err := runtime.NewScheduler(&runtime.SchedulerOptions{Guests: seats})
	if err != nil {
		return 0, "", err
	}
	rt, err := runtime.New(&runtime.Options{Scheduler: sched})
	if err != nil {
		return 0, "", err
	}
	defer rt.Close(ctx)
	mod, err := rt.Compile(ctx, wasm, &runtime.Limits{WallTime: time.Hour, Fuel: 1 << 60})
	if err != nil {
		return 0, "", err
	}
	limited, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	var fuel [crowd + 1]uint64
	var faults [crowd + 1]error
	var wg sync.WaitGroup
	for i := range fuel {
		who := "crowd"
		if i == crowd {
			who = "one"
		}
		in, err := mod.Instantiate(ctx, &runtime.InstanceOptions{Principal: who})
		if err != nil {
			return 0, "", err
		}
		wg.Go(func() {
			_, faults[i] = in.Invoke(limited, "run") // it ends with limited
			fuel[i] = in.Stats().Fuel
		})
	}
	wg.Wait()
	var all uint64
	for i, f := range fuel {
		all += f
		if ends = string(end(faults[i])); ends != "deadline" {
			break
		}
	}
	return float64(fuel[crowd]) / (float64(all) / 2), ends, nil
}
