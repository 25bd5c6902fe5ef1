package sandbox_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/sandbox"
)

// asleep waits until the sandbox is parked.
func asleep(t *testing.T, s *sandbox.Sandbox) uint64 {
	t.Helper()
	for range 5000 {
		if n, ok := s.Parked(); ok {
			return n
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatal("it is not parked")
	return 0
}

// A plugin that is parked after every event shows what one shows that is not.
func TestParkingIsInvisible(t *testing.T) {
	view := newStage()
	s := box(t, load(t, &sandbox.Policy{Idle: time.Millisecond}), view)
	must(t, s.Mount(abi.MountContext{}))
	view.expect(t, "tree 0, done")
	want := "tree 0, done"
	for i := range 5 {
		if n := asleep(t, s); n > 64<<10 {
			t.Errorf("%d bytes are kept", n)
		}
		must(t, s.Event(command(doCount)))
		want += fmt.Sprintf(", tree %d, done", i+1)
		view.expect(t, want)
	}
	if st := s.Stats(); st.Calls < 6 {
		t.Errorf("%+v", st)
	}
	asleep(t, s)
	if view.String() != want {
		t.Errorf("shown was %s", view)
	}
}

func TestHiddenSandboxesAreParkedSooner(t *testing.T) {
	view := newStage()
	s := box(t, load(t, &sandbox.Policy{Idle: time.Hour, HiddenIdle: time.Millisecond}), view)
	must(t, s.Mount(abi.MountContext{}))
	view.expect(t, "tree 0, done")
	time.Sleep(20 * time.Millisecond)
	if _, ok := s.Parked(); ok {
		t.Error("parked where somebody sees it")
	}
	s.Visible(false)
	asleep(t, s)
	s.Visible(true)
	must(t, s.Event(command(doCount)))
	view.expect(t, "tree 0, done, tree 1, done")
}

// Sandboxes are parked in all states, by timers as short as can be, while they are used and closed. The
// plugin shows what it has counted as one character, after '0'.
func TestParkHammer(t *testing.T) {
	p := load(t, &sandbox.Policy{Idle: 1, HiddenIdle: 1})
	var wg sync.WaitGroup
	for who := range 8 {
		wg.Go(func() {
			view := newStage()
			s := box(t, p, view)
			want := "tree 0, done"
			must(t, s.Mount(abi.MountContext{}))
			for i := range 70 {
				must(t, s.Event(command(doCount)))
				want += fmt.Sprintf(", tree %c, done", '1'+i)
				s.Visible(i%3 != who%3)
				if i%10 == 0 {
					time.Sleep(time.Millisecond)
				}
			}
			view.expect(t, want)
		})
	}
	wg.Wait()
}
