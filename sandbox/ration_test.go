package sandbox_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/hostfuncs"
	"github.com/vitrine-run/vitrine/runtime"
	"github.com/vitrine-run/vitrine/sandbox"
)

// waits waits until a plugin has waited for fuel n times.
func waits(t *testing.T, c *sandbox.Counters, n uint64) sandbox.Wait {
	t.Helper()
	for began := time.Now(); ; time.Sleep(time.Millisecond) {
		if all := c.Waits(); len(all) == 1 && all[0].N >= n {
			return all[0]
		} else if time.Since(began) > time.Minute {
			t.Fatalf("waits %v, want %d", all, n)
		}
	}
}

// A plugin that always wants another turn gets as many as its fuel is for, and what people do goes on.
func TestTurnsAreWithinTheFuelOfASecond(t *testing.T) {
	const rate = 10_000
	counters := sandbox.NewCounters()
	began := time.Now()
	p := load(t, &sandbox.Policy{FuelRate: rate, Counters: counters})
	view := newStage()
	s := box(t, p, view)
	must(t, s.Mount(abi.MountContext{}))
	must(t, s.Event(command(doForever)))
	w := waits(t, counters, 5)
	if w.Plugin != "actor" || w.For <= 0 {
		t.Errorf("%+v", w)
	}
	if n := number(t, s, "turns"); n < 1 {
		t.Errorf("%d turns", n)
	}
	const call = 50_000 // a slice, at most, that was not there
	if used, most := s.Stats().Fuel, 10*rate+uint64(time.Since(began).Seconds()*rate)+call; used > most {
		t.Errorf("used %d, there were %d", used, most)
	}
	if f := counters.Faults(); len(f) != 0 {
		t.Errorf("ended by %v", f)
	}
}

// What asks for more than it can ever get is ended, and says which limit that was.
func TestFuelOfASecondThatWillNotDo(t *testing.T) {
	sched, err := runtime.NewScheduler(&runtime.SchedulerOptions{Wait: 50 * time.Millisecond})
	must(t, err)
	rt, err := runtime.New(&runtime.Options{HostFuncs: hostfuncs.Functions(), Scheduler: sched})
	must(t, err)
	defer rt.Close(context.Background())
	p, err := sandbox.Load(context.Background(), rt, folder(all, actorWasm), patient(nil))
	must(t, err)
	view := newStage()
	s, err := p.New(&sandbox.Options{Grants: []abi.Capability{abi.CapUI}, View: view, Limits: sandbox.Ceiling{FuelRate: 1000}})
	must(t, err)
	defer s.Close(context.Background())
	must(t, s.Mount(abi.MountContext{}))
	must(t, s.Event(command(doLoop)))
	view.expect(t, "tree 0, done, fault: The plugin did more than it may for the time being., done")
	_, err = s.Call(context.Background(), "turns", nil)
	var fault *runtime.Fault
	if !errors.As(err, &fault) || fault.Limit != runtime.LimitFuelRate {
		t.Errorf("the fault is %v", err)
	}
}

// Jobs are paid for out of the same fuel as the sandbox that they belong to.
func TestJobsShareTheFuelOfASecond(t *testing.T) {
	counters := sandbox.NewCounters()
	p := toilersIn(t, 2, nil, counters)
	s, err := p.New(&sandbox.Options{Grants: []abi.Capability{abi.CapJobs}, Permissions: p.Manifest().Permissions, Limits: sandbox.Ceiling{FuelRate: 1_000_000}})
	must(t, err)
	job := &toiler{s, t}
	job.start("forever", 0)
	job.start("forever", 0)
	waits(t, counters, 10)
	must(t, s.Close(context.Background()))
}
