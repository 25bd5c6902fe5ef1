package runtime_test

import (
	"context"
	"errors"
	"os"
	goruntime "runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vitrine-run/vitrine/runtime"
	"github.com/vitrine-run/vitrine/runtime/engine"
)

func TestInstantiateFaults(t *testing.T) {
	eachEngine(t, func(t *testing.T, opts *runtime.Options) {
		rt := newRuntime(t, opts)
		for _, c := range []struct {
			guest   string
			kind    runtime.FaultKind
			limit   string
			message string
		}{
			{"start_loop", runtime.FaultDeadline, runtime.LimitWallTime, "took longer than"},
			{"init_trap", runtime.FaultTrap, "", "unreachable in boom"},
			{"init_type", runtime.FaultInvalid, "", "_initialize has type (i32) -> ()"},
			{"data_outside", runtime.FaultTrap, "", "out of bounds memory access"},
		} {
			limits := &runtime.Limits{WallTime: time.Minute}
			if c.kind == runtime.FaultDeadline {
				limits.WallTime = short
			}
			m := compile(t, rt, c.guest, limits)
			in, err := m.Instantiate(context.Background(), nil)
			f := wantFault(t, err, c.kind, c.limit)
			if in != nil || !strings.Contains(f.Message, c.message) {
				t.Errorf("%s: %+v", c.guest, f)
			}
		}
	})
}

func TestInstanceLimits(t *testing.T) {
	eachEngine(t, func(t *testing.T, opts *runtime.Options) {
		m := compile(t, newRuntime(t, opts), "faults", &runtime.Limits{Memory: 1 << 20})
		in := instantiate(t, m, &runtime.InstanceOptions{Limits: &runtime.Limits{Memory: 2 << 16}})
		for _, want := range []uint64{1, 1<<32 - 1} {
			if got, err := in.Invoke(context.Background(), "grow", 1); err != nil || got[0] != want {
				t.Errorf("grow = %v, %v; want %d", got, err, want)
			}
		}
		_, err := m.Instantiate(context.Background(), &runtime.InstanceOptions{Limits: &runtime.Limits{Memory: 1}})
		var inv *runtime.InvalidError
		if !errors.As(err, &inv) {
			t.Errorf("less memory than it starts with: %v", err)
		}
	})
}

func TestInstancesShareNothing(t *testing.T) {
	eachEngine(t, func(t *testing.T, opts *runtime.Options) {
		m := compile(t, newRuntime(t, opts), "abi", nil)
		a, b := instantiate(t, m, nil), instantiate(t, m, nil)
		for range 3 {
			if _, err := a.Call(context.Background(), "count", nil); err != nil {
				t.Fatal(err)
			}
		}
		if out, err := b.Call(context.Background(), "count", nil); err != nil || out[0] != 1 {
			t.Errorf("the other instance counts %v, %v", out, err)
		}
	})
}

func TestCloseStopsARunningGuest(t *testing.T) {
	eachEngine(t, func(t *testing.T, opts *runtime.Options) {
		rt := newRuntime(t, opts)
		for _, c := range []struct {
			name  string
			close func(*runtime.Module, *runtime.Instance) error
		}{
			{"the instance", func(_ *runtime.Module, in *runtime.Instance) error { return in.Close(context.Background()) }},
			{"the module", func(m *runtime.Module, _ *runtime.Instance) error { return m.Close(context.Background()) }},
		} {
			t.Run(c.name, func(t *testing.T) {
				m := compile(t, rt, "abi", &runtime.Limits{WallTime: time.Minute})
				in := instantiate(t, m, nil)
				ended := make(chan error)
				go func() {
					_, err := in.Call(context.Background(), "spin", []byte("x"))
					ended <- err
				}()
				time.Sleep(short / 5)
				if err := c.close(m, in); err != nil {
					t.Fatal(err)
				}
				err := <-ended
				if !errors.Is(err, runtime.ErrClosed) {
					t.Error(err)
				}
				var f *runtime.Fault // none if it was closed before the call began
				if errors.As(err, &f) && (f.Kind != runtime.FaultCanceled || f.Message != "the instance was closed" || !errors.Is(err, context.Canceled)) {
					t.Error(f)
				}
				if _, err := in.Call(context.Background(), "echo", nil); !errors.Is(err, runtime.ErrClosed) {
					t.Errorf("a call of a closed instance: %v", err)
				}
				if err := in.Close(context.Background()); err != nil {
					t.Errorf("closing twice: %v", err)
				}
			})
		}
	})
}

func TestCloseWaitsNoLongerThanAsked(t *testing.T) {
	eachEngine(t, func(t *testing.T, opts *runtime.Options) {
		rt := newRuntime(t, opts)
		inside, leave := make(chan struct{}), make(chan struct{})
		s := &hostState{stop: func(*runtime.Caller, uint32) { close(inside); <-leave }}
		m := compile(t, rt, "host", nil)
		in := instantiate(t, m, &runtime.InstanceOptions{State: s})
		ended := make(chan error)
		go func() {
			_, err := in.Invoke(context.Background(), "stop", 0)
			ended <- err
		}()
		<-inside
		ctx, cancel := context.WithTimeout(context.Background(), short/10)
		defer cancel()
		if err := m.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("closing around a host function that hangs: %v", err)
		}
		close(leave)
		// The guest may come to its end before it comes to a check.
		if err := <-ended; err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("the call: %v", err)
		}
		if err := m.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
}

func TestClosedThingsRefuse(t *testing.T) {
	eachEngine(t, func(t *testing.T, opts *runtime.Options) {
		rt := newRuntime(t, opts)
		m := compile(t, rt, "abi", nil)
		if err := m.Close(context.Background()); err != nil {
			t.Fatal(err)
		}
		if _, err := m.Instantiate(context.Background(), nil); !errors.Is(err, runtime.ErrClosed) {
			t.Errorf("a closed module: %v", err)
		}
		if err := rt.Close(context.Background()); err != nil {
			t.Fatal(err)
		}
		if _, err := rt.Compile(context.Background(), guest(t, "abi"), nil); !errors.Is(err, runtime.ErrClosed) {
			t.Errorf("a closed runtime: %v", err)
		}
	})
}

// Everything at once: calls, faults, closes and instantiations of one module.
func TestHammer(t *testing.T) {
	eachEngine(t, func(t *testing.T, opts *runtime.Options) {
		rounds := 50
		if testing.Short() || opts.Engine != engine.Wazero {
			rounds = 5
		}
		m := compile(t, newRuntime(t, opts), "abi", nil) // what spins is closed
		var wg sync.WaitGroup
		for worker := range 8 {
			wg.Go(func() {
				for i := range rounds {
					in, err := m.Instantiate(context.Background(), nil)
					if err != nil {
						t.Error(err)
						return
					}
					wg.Go(func() {
						time.Sleep(time.Duration(i%5) * time.Millisecond)
						if err := in.Close(context.Background()); err != nil {
							t.Error(err)
						}
					})
					for _, fn := range []string{"echo", "count", "refuse", []string{"spin", "claim_huge"}[worker%2]} {
						_, _ = in.Call(context.Background(), fn, []byte("hammer")) // any answer is right, a crash is not
					}
				}
			})
		}
		wg.Wait()
	})
}

func TestNothingLeaks(t *testing.T) {
	eachEngine(t, func(t *testing.T, opts *runtime.Options) {
		if testing.Short() {
			t.Skip("a thousand instances")
		}
		m := compile(t, newRuntime(t, opts), "faults", &runtime.Limits{Memory: 16 << 20})
		cycle := func(fn string) {
			in := instantiate(t, m, nil)
			if _, err := in.Invoke(context.Background(), fn, []uint64{0, 0}[:map[string]int{"exit": 1}[fn]]...); err == nil {
				t.Fatal("no fault")
			}
			if err := in.Close(context.Background()); err != nil {
				t.Fatal(err)
			}
		}
		cycle("unreachable")
		goroutines, mappings, files := goruntime.NumGoroutine(), mapped(t), descriptors()
		for range 500 {
			cycle("unreachable")
			cycle("exit")
		}
		for wait := 0; goruntime.NumGoroutine() > goroutines && wait < 6000; wait++ {
			time.Sleep(10 * time.Millisecond) // the engine's watchers end on their own
		}
		if n := goruntime.NumGoroutine(); n > goroutines {
			t.Errorf("%d goroutines, there were %d", n, goroutines)
		}
		if n := descriptors(); n > files {
			t.Errorf("%d descriptors, there were %d", n, files)
		}
		// A leak would be 16 MiB an instance; what remains is the Go heap's.
		if n := mapped(t); n > mappings+512<<20 {
			t.Errorf("%d MiB of address space, there were %d", n>>20, mappings>>20)
		}
	})
}

// descriptors returns how many are open, 0 where nobody says.
func descriptors() int {
	list, _ := os.ReadDir("/proc/self/fd")
	return len(list)
}

// mapped returns the bytes of address space in use.
func mapped(t *testing.T) uint64 {
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Skip("no /proc here")
	}
	var pages uint64
	for _, c := range b {
		if c < '0' || c > '9' {
			break
		}
		pages = pages*10 + uint64(c-'0')
	}
	return pages * uint64(os.Getpagesize())
}
