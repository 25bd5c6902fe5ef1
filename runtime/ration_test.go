package runtime_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vitrine-run/vitrine/runtime"
)

// Who computes for ever gets what comes in and no more, on every engine, and so do all who share it together.
func TestRationBoundsWhatIsComputed(t *testing.T) {
	eachEngine(t, func(t *testing.T, opts *runtime.Options) {
		const perSecond, burst, slice = 2_000_000, 1_000_000, 300_000
		opts.Scheduler = newScheduler(t, nil)
		m := compile(t, newRuntime(t, opts), "faults", &runtime.Limits{WallTime: time.Minute, Fuel: 1 << 60})
		var waits atomic.Int64
		began := time.Now()
		ration := runtime.NewRation(&runtime.RationOptions{PerSecond: perSecond, Burst: burst, Waited: func(time.Duration) { waits.Add(1) }})
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		var guests []*runtime.Instance
		var ends []chan error
		for range 2 {
			in := instantiate(t, m, &runtime.InstanceOptions{Ration: ration})
			guests, ends = append(guests, in), append(ends, spin(ctx, in))
		}
		until(t, "they wait again and again", func() bool { return waits.Load() > 8 })
		cancel()
		var used uint64
		for i, in := range guests {
			wantFault(t, <-ends[i], runtime.FaultCanceled, "")
			used += in.Stats().Fuel
		}
		if most := burst + uint64(time.Since(began).Seconds()*perSecond) + 2*slice; used > most || used < burst {
			t.Errorf("used %d, between %d and %d were to be had", used, burst, most)
		}
		idle(t, opts.Scheduler)
	})
}

// Waiting for fuel is no wall time: a call that has longer to wait than it may last comes to its end, and uses as much as ever.
func TestWaitingForFuelIsNoWallTime(t *testing.T) {
	m := compile(t, newRuntime(t, nil), "heavy", &runtime.Limits{WallTime: 2 * time.Second})
	const n = 100_000
	free := instantiate(t, m, nil)
	if _, err := free.Invoke(context.Background(), "count", n); err != nil {
		t.Fatal(err)
	}
	cost := free.Stats().Fuel
	var waited time.Duration
	in := instantiate(t, m, &runtime.InstanceOptions{Ration: runtime.NewRation(&runtime.RationOptions{
		PerSecond: cost / 3, Burst: 1, Waited: func(d time.Duration) { waited += d }})})
	if _, err := in.Invoke(context.Background(), "count", n); err != nil {
		t.Fatal(err)
	}
	if got := in.Stats().Fuel; got != cost || waited < 2*time.Second {
		t.Errorf("used %d and waited %v, free it is %d", got, waited, cost)
	}
}

// Who owes more than comes in while anybody may wait is told so; a call under way ends, one that has not begun may be tried again.
func TestRationThatWillNotDo(t *testing.T) {
	rt := newRuntime(t, &runtime.Options{Scheduler: newScheduler(t, &runtime.SchedulerOptions{Wait: short})})
	m := compile(t, rt, "faults", &runtime.Limits{WallTime: time.Minute, Fuel: 1 << 60})
	ration := runtime.NewRation(&runtime.RationOptions{PerSecond: 1, Burst: 1_000_000})
	other := instantiate(t, m, &runtime.InstanceOptions{Ration: ration})
	_, err := instantiate(t, m, &runtime.InstanceOptions{Ration: ration}).Invoke(context.Background(), "loop")
	var busy *runtime.BusyError
	wantFault(t, err, runtime.FaultFuel, runtime.LimitFuelRate)
	if !errors.As(err, &busy) || busy.Limit != runtime.LimitFuelRate {
		t.Errorf("behind it is %v", busy)
	}
	_, err = other.Invoke(context.Background(), "ok")
	var fault *runtime.Fault
	if !errors.As(err, &busy) || errors.As(err, &fault) || busy.Limit != runtime.LimitFuelRate || busy.Waited != short {
		t.Errorf("a call that did not begin: %v", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), short/4)
	defer cancel()
	if _, err := other.Invoke(ctx, "ok"); !errors.Is(err, context.DeadlineExceeded) || errors.As(err, new(*runtime.BusyError)) {
		t.Errorf("a caller who waits less long: %v", err)
	}
	ration.Set(1<<40, 0)
	until(t, "there is fuel again", func() bool { _, err := other.Invoke(context.Background(), "ok"); return err == nil })
}

// A trap loses what a loop without calls, or a small function that recurses, has counted, but not what was paid for it on the way.
func TestATrapPaysNothingBack(t *testing.T) {
	eachEngine(t, func(t *testing.T, opts *runtime.Options) {
		opts.Scheduler = newScheduler(t, &runtime.SchedulerOptions{Wait: short})
		m := compile(t, newRuntime(t, opts), "trap_anywhere", nil)
		for _, fn := range []string{"loop", "recursive"} {
			const rounds = 100_000 // of some twenty units
			ration := runtime.NewRation(&runtime.RationOptions{PerSecond: 1, Burst: 60 * rounds})
			traps := 0
			for ; traps < 20 && !ration.Empty(); traps++ {
				in := get(t, m, &runtime.InstanceOptions{Ration: ration})
				_, err := in.Invoke(context.Background(), fn, rounds)
				if err := in.Close(context.Background()); err != nil {
					t.Error(err)
				}
				if fault := (*runtime.Fault)(nil); errors.As(err, &fault) && fault.Limit == runtime.LimitFuelRate {
					break
				}
				wantFault(t, err, runtime.FaultTrap, "")
			}
			if !ration.Empty() || traps == 0 {
				t.Errorf("%s: a ration of %d units lasts for %d calls of %d rounds", fn, 60*rounds, traps, rounds)
			}
		}
	})
}

// Who waits for fuel is woken when the instance is closed.
func TestCloseWhileWaitingForFuel(t *testing.T) {
	s := newScheduler(t, &runtime.SchedulerOptions{Wait: time.Hour})
	m := compile(t, newRuntime(t, &runtime.Options{Scheduler: s}), "faults", &runtime.Limits{WallTime: time.Hour, Fuel: 1 << 60})
	ration := runtime.NewRation(&runtime.RationOptions{PerSecond: 1, Burst: 1_000_000})
	in, next := instantiate(t, m, &runtime.InstanceOptions{Ration: ration}), instantiate(t, m, &runtime.InstanceOptions{Ration: ration})
	ended := spin(context.Background(), in)
	until(t, "it has used up everything and waits, on no seat", func() bool { n, _ := s.Load(); return ration.Empty() && n == 0 })
	if err := in.Close(context.Background()); err != nil {
		t.Error(err)
	}
	if f := wantFault(t, <-ended, runtime.FaultCanceled, ""); !errors.Is(f, runtime.ErrClosed) {
		t.Errorf("ended with %v", f)
	}
	ended = spin(context.Background(), next) // which cannot begin
	time.Sleep(short / 10)
	if err := next.Close(context.Background()); err != nil {
		t.Error(err)
	}
	if err := <-ended; !errors.Is(err, runtime.ErrClosed) {
		t.Errorf("ended with %v", err)
	}
	idle(t, s)
}
