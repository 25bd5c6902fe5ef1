package sandbox_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/hostfuncs"
	"github.com/vitrine-run/vitrine/runtime"
	"github.com/vitrine-run/vitrine/sandbox"
)

// asleep waits until the sandbox is parked.
func asleep(t *testing.T, s *sandbox.Sandbox) uint64 {
	t.Helper()
	var kept uint64
	waitFor(t, "it is parked", func() (ok bool) { kept, ok = s.Parked(); return ok })
	return kept
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

// More sandboxes are shown than there is room for: those that rest make room for those that have work.
func TestSandboxesMakeRoom(t *testing.T) {
	pool, err := runtime.NewPool(&runtime.PoolOptions{Instances: 2, Wait: time.Minute})
	must(t, err)
	rt, err := runtime.New(&runtime.Options{HostFuncs: hostfuncs.Functions(), Pool: pool})
	must(t, err)
	defer rt.Close(context.Background())
	p, err := sandbox.Load(context.Background(), rt, folder(all, actorWasm), patient(&sandbox.Policy{Idle: time.Hour}))
	must(t, err)
	var boxes [5]*sandbox.Sandbox
	var views [5]*stage
	want := "tree 0, done"
	for i := range boxes {
		views[i] = newStage()
		boxes[i] = box(t, p, views[i])
		must(t, boxes[i].Mount(abi.MountContext{}))
	}
	for n := range 3 {
		want += fmt.Sprintf(", tree %d, done", n+1)
		for i := range boxes {
			must(t, boxes[i].Event(command(doCount)))
		}
		for i := range boxes {
			views[i].expect(t, want)
		}
	}
	if s := pool.Stats(); s.InUse > 2 || s.Refused > 0 {
		t.Errorf("%+v", s)
	}
}
