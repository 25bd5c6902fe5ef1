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

// What a person does waits for a busy host for as long as it must; a caller is told. The
// plugins live on.
func TestBusyHost(t *testing.T) {
	sched, err := runtime.NewScheduler(&runtime.SchedulerOptions{Guests: 1, Wait: 10 * time.Millisecond, Quantum: time.Hour})
	must(t, err)
	rt, err := runtime.New(&runtime.Options{HostFuncs: hostfuncs.Functions(), Scheduler: sched})
	must(t, err)
	defer rt.Close(context.Background())
	p, err := sandbox.Load(context.Background(), rt, folder(all, actorWasm), &sandbox.Policy{
		Limits: &runtime.Limits{WallTime: 300 * time.Millisecond, Fuel: 1 << 60}})
	must(t, err)
	greedy, view := newStage(), newStage()
	hog := box(t, p, greedy)
	must(t, hog.Mount(abi.MountContext{}))
	greedy.expect(t, "tree 0, done")
	must(t, hog.Event(command(doLoop)))
	for computing := 0; computing == 0; time.Sleep(time.Millisecond) {
		computing, _ = sched.Load()
	}
	caller := box(t, p, nil)
	_, err = caller.Call(context.Background(), "total", nil)
	var busy *runtime.BusyError
	if !errors.As(err, &busy) {
		t.Errorf("a call of a busy host: %v", err)
	}
	s := box(t, p, view)
	must(t, s.Mount(abi.MountContext{}))
	must(t, s.Event(command(doCount)))
	view.expect(t, "tree 0, done, tree 1, done")
	greedy.expect(t, "tree 0, done, fault: The plugin ran out of time")
	if _, err = caller.Call(context.Background(), "nothing", nil); !errors.Is(err, runtime.ErrNoFunction) {
		t.Errorf("a call when the host is not busy any more: %v", err)
	}
}
