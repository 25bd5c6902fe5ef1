package sandbox_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/runtime"
	"github.com/vitrine-run/vitrine/sandbox"
)

// What a person does waits for a busy host for as long as it must; a caller is told. The
// plugins live on.
func TestBusyHost(t *testing.T) {
	var log lines
	p, sched := watched(t, &sandbox.Policy{Limits: &runtime.Limits{WallTime: time.Hour, Fuel: 1 << 60}, Logger: log.logger()},
		&runtime.SchedulerOptions{Guests: 1, Wait: 10 * time.Millisecond, Quantum: time.Hour})
	greedy, view := newStage(), newStage()
	hog := box(t, p, greedy)
	must(t, hog.Mount(abi.MountContext{}))
	greedy.expect(t, "tree 0, done")
	must(t, hog.Event(command(doLoop)))
	computing(t, sched, 1)
	caller := box(t, p, nil)
	_, err := caller.Call(context.Background(), "total", nil)
	var busy *runtime.BusyError
	if !errors.As(err, &busy) {
		t.Errorf("a call of a busy host: %v", err)
	}
	s := box(t, p, view)
	must(t, s.Mount(abi.MountContext{}))
	must(t, s.Event(command(doCount)))
	waitFor(t, "it waits", func() bool { return strings.Contains(log.String(), "waits for a busy host") })
	now, cancel := context.WithCancel(context.Background())
	cancel()
	_ = hog.Close(now) // stops it where it is
	view.expect(t, "tree 0, done, tree 1, done")
	if _, err = caller.Call(context.Background(), "nothing", nil); !errors.Is(err, runtime.ErrNoFunction) {
		t.Errorf("a call when the host is not busy any more: %v", err)
	}
}
