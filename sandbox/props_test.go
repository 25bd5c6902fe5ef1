package sandbox_test

import (
	"context"
	"errors"
	"testing"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/sandbox"
)

// Props may change faster than a plugin can hear of it, and while its queue is full: it hears of the newest.
func TestPropsThatChangeOftenAreToldOnce(t *testing.T) {
	view := newStage()
	s := box(t, load(t, &sandbox.Policy{Queue: 1}), view)
	must(t, s.Mount(abi.MountContext{}))
	view.expect(t, "tree 0, done")
	hold, holding := make(chan struct{}), make(chan struct{})
	must(t, s.Event(func() ([]byte, bool) { close(holding); <-hold; return nil, false }))
	<-holding
	must(t, s.Event(command(doLog)))
	if err := s.Event(command(doLog)); !errors.Is(err, sandbox.ErrBusy) {
		t.Errorf("the queue is not full: %v", err)
	}
	for range 1000 {
		must(t, s.Update([]byte{0xa0}))
	}
	close(hold)
	// the event that holds, the one that waited, one update
	view.expect(t, "tree 0, done, done, done, tree 1, done")
	if _, err := s.Call(context.Background(), "code", nil); err != nil {
		t.Error(err)
	}
	const all = "tree 0, done, done, done, tree 1, done, done"
	view.expect(t, all) // the caller may have its answer before the view hears that the call is done
	if got := view.String(); got != all {
		t.Errorf("shown was %s, want %s", got, all)
	}
	must(t, s.Close(context.Background()))
	if err := s.Update(nil); !errors.Is(err, sandbox.ErrClosed) {
		t.Errorf("closed: %v", err)
	}
}
