package runtime_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/vitrine-run/vitrine/runtime"
)

func newScheduler(t testing.TB, opts *runtime.SchedulerOptions) *runtime.Scheduler {
	t.Helper()
	s, err := runtime.NewScheduler(opts)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// idle wants that nobody holds a seat any more.
func idle(t testing.TB, s *runtime.Scheduler) {
	t.Helper()
	if computing, queued := s.Load(); computing != 0 || queued != 0 {
		t.Errorf("%d guests compute and %d wait after all is over", computing, queued)
	}
}

// spin starts a guest that computes until ctx or the instance ends it, and hands over
// what ended it.
func spin(ctx context.Context, in *runtime.Instance) chan error {
	ended := make(chan error, 1)
	go func() {
		_, err := in.Invoke(ctx, "loop")
		ended <- err
	}()
	return ended
}

// until waits for something to come about.
func until(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for began := time.Now(); !ok(); time.Sleep(time.Millisecond) {
		if time.Since(began) > time.Minute {
			t.Fatalf("waited in vain: %s", what)
		}
	}
}

func queued(s *runtime.Scheduler, n int) func() bool {
	return func() bool { _, q := s.Load(); return q == n }
}

func TestPrincipalsShareTheProcessor(t *testing.T) {
	eachEngine(t, func(t *testing.T, opts *runtime.Options) {
		opts.Scheduler = newScheduler(t, &runtime.SchedulerOptions{Guests: 2})
		m := compile(t, newRuntime(t, opts), "faults", &runtime.Limits{WallTime: time.Minute, Fuel: 1 << 60})
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		var ends []chan error
		charged := map[string]func() time.Duration{}
		for i := range 21 {
			who := "crowd"
			if i == 20 {
				who = "one"
			}
			in := instantiate(t, m, &runtime.InstanceOptions{Principal: who})
			charged[who] = in.Charged()
			ends = append(ends, spin(ctx, in))
		}
		// Half of it is that of one of two principals, on one of two seats. What counts is how long each had a seat, and
		// not what it did meanwhile: that is for the machine to say, on which others compute.
		crowd, one := charged["crowd"], charged["one"]
		until(t, "the one computes", func() bool { return one() > 0 })
		before, began := crowd(), one()
		// A machine that stops for a moment stops one of them: its share comes later. Of twenty-one that only took turns it would never come.
		var share float64
		until(t, "the one has its share of half a second or more", func() bool {
			own, all := one()-began, crowd()-before+one()-began
			share = 2 * float64(own) / float64(all)
			return all > time.Second/2 && share >= 0.4
		})
		cancel()
		for _, ended := range ends {
			if err := <-ended; !errors.Is(err, context.Canceled) { // one of the crowd may not have had its first turn
				t.Errorf("ended with %v", err)
			}
		}
		t.Logf("one guest beside twenty of another principal got %.2f of its share", share)
		idle(t, opts.Scheduler)
	})
}

// The time that a guest waits is not its own.
func TestWaitingIsNoWallTime(t *testing.T) {
	s := newScheduler(t, &runtime.SchedulerOptions{Guests: 1})
	rt := newRuntime(t, &runtime.Options{Scheduler: s})
	m := compile(t, rt, "faults", &runtime.Limits{WallTime: short, Fuel: 1 << 60})
	began := time.Now()
	var ends []chan error
	for range 4 {
		ends = append(ends, spin(context.Background(), instantiate(t, m, nil)))
	}
	for _, ended := range ends {
		wantFault(t, <-ended, runtime.FaultDeadline, runtime.LimitWallTime)
	}
	if took := time.Since(began); took < 3*short {
		t.Errorf("four guests of %v each, one at a time, were through after %v", short, took)
	}
	idle(t, s)
}

func TestQueueDeadline(t *testing.T) {
	s := newScheduler(t, &runtime.SchedulerOptions{Guests: 1, Wait: short / 2, Quantum: time.Hour})
	rt := newRuntime(t, &runtime.Options{Scheduler: s})
	m := compile(t, rt, "faults", &runtime.Limits{WallTime: time.Minute, Fuel: 1 << 60})
	in, late := instantiate(t, m, nil), instantiate(t, m, nil)
	ctx, cancel := context.WithCancel(context.Background())
	ended := spin(ctx, in)
	until(t, "the guest computes", func() bool { n, _ := s.Load(); return n == 1 })
	_, err := late.Invoke(context.Background(), "loop")
	var busy *runtime.BusyError
	var fault *runtime.Fault
	if !errors.As(err, &busy) || errors.As(err, &fault) || !errors.Is(err, context.DeadlineExceeded) || busy.Func != "loop" {
		t.Errorf("a call that got no turn: %v", err)
	}
	if late.Stats().Calls != 1 { // to instantiate it
		t.Error("it counts as a call")
	}
	cancel()
	wantFault(t, <-ended, runtime.FaultCanceled, "")
	// It was nobody's fault: the instance goes on.
	ctx, cancel = context.WithTimeout(context.Background(), 10*short)
	defer cancel()
	wantFault(t, <-spin(ctx, late), runtime.FaultDeadline, runtime.LimitContext)
	idle(t, s)
}

// A guest in the middle of a call waits as well, and what ends its wait ends the call.
func TestWaitInTheMiddleEnds(t *testing.T) {
	for name, c := range map[string]struct {
		wait  time.Duration
		stop  func(cancel func(), in *runtime.Instance)
		kind  runtime.FaultKind
		limit string
	}{
		"queue":  {10 * short, func(func(), *runtime.Instance) {}, runtime.FaultDeadline, runtime.LimitQueue},
		"cancel": {time.Minute, func(cancel func(), _ *runtime.Instance) { cancel() }, runtime.FaultCanceled, ""},
		"close": {time.Minute, func(_ func(), in *runtime.Instance) { go in.Close(context.Background()) },
			runtime.FaultCanceled, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScheduler(t, &runtime.SchedulerOptions{Guests: 1, Wait: c.wait})
			block, blocks := make(chan struct{}), make(chan struct{})
			unblock := sync.OnceFunc(func() { close(block) })
			defer unblock()
			rt := newRuntime(t, &runtime.Options{HostFuncs: hostFuncs(), Scheduler: s})
			in := instantiate(t, compile(t, rt, "faults", &runtime.Limits{WallTime: time.Minute}), nil)
			// The other one is in a host function that does not give its seat up.
			other := instantiate(t, compile(t, rt, "host", nil), &runtime.InstanceOptions{Principal: "other",
				State: &hostState{stop: func(*runtime.Caller, uint32) { close(blocks); <-block }}})
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			ended := spin(ctx, in)
			until(t, "the guest computes", func() bool { n, _ := s.Load(); return n == 1 })
			go func() {
				var busy *runtime.BusyError
				for err := error(&runtime.BusyError{}); errors.As(err, &busy); { // so may the machine be
					_, err = other.Invoke(context.Background(), "stop", 0)
				}
			}()
			select {
			case <-blocks:
			case err := <-ended:
				t.Fatalf("before it had to wait it ended with %v", err)
			}
			until(t, "the guest waits, or has waited", func() bool { _, q := s.Load(); return q == 1 || c.limit == runtime.LimitQueue && len(ended) == 1 })
			c.stop(cancel, in)
			f := wantFault(t, <-ended, c.kind, c.limit)
			var busy *runtime.BusyError
			if errors.As(f, &busy) != (c.limit == runtime.LimitQueue) {
				t.Errorf("behind it is %v", f.Err)
			}
			unblock()
			until(t, "the other is over", func() bool { n, _ := s.Load(); return n == 0 })
			idle(t, s)
		})
	}
}

func TestCloseWhileWaitingForTheFirstTurn(t *testing.T) {
	s := newScheduler(t, &runtime.SchedulerOptions{Guests: 1, Quantum: time.Hour})
	rt := newRuntime(t, &runtime.Options{Scheduler: s})
	m := compile(t, rt, "faults", &runtime.Limits{WallTime: time.Minute, Fuel: 1 << 60})
	guests := []*runtime.Instance{instantiate(t, m, nil), instantiate(t, m, nil), instantiate(t, m, nil)}
	first := spin(context.Background(), guests[0])
	until(t, "the first computes", func() bool { n, _ := s.Load(); return n == 1 })
	second := spin(context.Background(), guests[1])
	ctx, cancel := context.WithCancel(context.Background())
	third := spin(ctx, guests[2])
	until(t, "two wait", queued(s, 2))
	if err := guests[1].Close(context.Background()); err != nil {
		t.Error(err)
	}
	if err := <-second; !errors.Is(err, runtime.ErrClosed) {
		t.Errorf("closed while it waited: %v", err)
	}
	cancel()
	if err := <-third; !errors.Is(err, context.Canceled) {
		t.Errorf("canceled while it waited: %v", err)
	}
	if err := guests[0].Close(context.Background()); err != nil {
		t.Error(err)
	}
	wantFault(t, <-first, runtime.FaultCanceled, "")
	idle(t, s)
}

// A host function that waits does not keep others from computing.
func TestBlockingGivesTheSeatUp(t *testing.T) {
	s := newScheduler(t, &runtime.SchedulerOptions{Guests: 1, Quantum: time.Hour})
	rt := newRuntime(t, &runtime.Options{HostFuncs: hostFuncs(), Scheduler: s})
	numbers := instantiate(t, compile(t, rt, "numbers", nil), nil)
	state := &hostState{stop: func(c *runtime.Caller, _ uint32) {
		c.Blocking(func() {
			if _, err := numbers.Invoke(c.Context(), "fib", 20); err != nil {
				t.Errorf("another guest, called from a host function: %v", err)
			}
		})
	}}
	in := instantiate(t, compile(t, rt, "host", nil), &runtime.InstanceOptions{State: state})
	for range 3 {
		if _, err := in.Invoke(context.Background(), "stop", 0); err != nil {
			t.Fatal(err)
		}
	}
	state.stop = func(c *runtime.Caller, _ uint32) { c.Blocking(func() { panic("host bug") }) }
	_, err := in.Invoke(context.Background(), "stop", 0)
	wantFault(t, err, runtime.FaultError, "")
	idle(t, s)
}

// Whatever guests do at once, none is forgotten in the queue and no seat is lost.
func TestSchedulerHammer(t *testing.T) {
	s := newScheduler(t, &runtime.SchedulerOptions{Guests: 3, Quantum: 300 * time.Microsecond, Wait: 20 * time.Millisecond})
	rt := newRuntime(t, &runtime.Options{Scheduler: s})
	numbers := compile(t, rt, "numbers", &runtime.Limits{WallTime: time.Minute})
	rounds := 60
	if testing.Short() {
		rounds = 15
	}
	var wg sync.WaitGroup
	for i := range 24 {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(uint64(i), 1))
			who := string(rune('a' + i%5))
			var in *runtime.Instance
			for range rounds {
				ctx, cancel := context.WithCancel(context.Background())
				if r.IntN(3) == 0 {
					ctx, cancel = context.WithTimeout(ctx, time.Duration(r.IntN(3000))*time.Microsecond)
				}
				var err error
				if in == nil {
					in, err = numbers.Instantiate(ctx, &runtime.InstanceOptions{Principal: who})
				}
				if err == nil {
					if r.IntN(10) == 0 {
						go in.Close(context.Background())
					}
					_, err = in.Invoke(ctx, "fib", uint64(r.IntN(26)))
				}
				cancel()
				var busy *runtime.BusyError
				if err != nil && (in == nil || !errors.As(err, &busy)) {
					if in != nil {
						in.Close(context.Background())
					}
					in = nil // canceled or closed: another one
				}
			}
			if in != nil {
				in.Close(context.Background())
			}
		})
	}
	wg.Wait()
	until(t, "nobody computes", func() bool { n, _ := s.Load(); return n == 0 })
	idle(t, s)
}

func TestSchedulerOptions(t *testing.T) {
	for _, o := range []runtime.SchedulerOptions{{Guests: -1}, {Wait: -1}, {Quantum: -1}} {
		if _, err := runtime.NewScheduler(&o); err == nil {
			t.Errorf("%+v is taken", o)
		}
	}
}
