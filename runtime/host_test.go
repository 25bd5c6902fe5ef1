package runtime_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"math"
	"strings"
	"testing"

	"github.com/vitrine-run/vitrine/runtime"
)

func TestHostFunctions(t *testing.T) {
	eachEngine(t, func(t *testing.T, opts *runtime.Options) {
		s := &hostState{}
		in := instantiate(t, compile(t, newRuntime(t, opts), "host", nil), &runtime.InstanceOptions{State: s})
		got, err := in.Invoke(context.Background(), "mix")
		if err != nil || math.Float64frombits(got[0]) != -2.25 {
			t.Errorf("mix: %v, %v", got, err)
		}
		got, err = in.Invoke(context.Background(), "touch", 0, 5)
		if err != nil || got[0] != 5 || string(s.seen) != "hello" {
			t.Errorf("touch: %v, %v, saw %q", got, err, s.seen)
		}
		if got, _ := in.Invoke(context.Background(), "byte", 0); got[0] != 'H' {
			t.Errorf("what the host wrote is not there: %v", got)
		}
		// Outside of memory, and outside of a call.
		if got, err := in.Invoke(context.Background(), "touch", math.MaxUint32, 2); err != nil || got[0] != math.MaxUint32 {
			t.Errorf("touch outside: %v, %v", got, err)
		}
		if _, ok := s.kept.Read(0, 1); ok || s.kept.Write(0, []byte{1}) {
			t.Error("a Caller that was kept still reaches memory")
		}
		if n := in.Stats().HostCalls; n != 3 {
			t.Errorf("%d host calls counted", n)
		}
	})
}

func TestHostFunctionsDuringStart(t *testing.T) {
	eachEngine(t, func(t *testing.T, opts *runtime.Options) {
		s := &hostState{}
		instantiate(t, compile(t, newRuntime(t, opts), "start_host", nil), &runtime.InstanceOptions{State: s})
		if string(s.seen) != "start" {
			t.Errorf("saw %q", s.seen)
		}
	})
}

func TestHostCallLimit(t *testing.T) {
	eachEngine(t, func(t *testing.T, opts *runtime.Options) {
		m := compile(t, newRuntime(t, opts), "host", &runtime.Limits{HostCalls: 1000})
		in := instantiate(t, m, &runtime.InstanceOptions{State: &hostState{}})
		for range 3 { // it is counted for each call anew
			if _, err := in.Invoke(context.Background(), "many", 1000); err != nil {
				t.Fatal(err)
			}
		}
		_, err := in.Invoke(context.Background(), "many", 1001)
		f := wantFault(t, err, runtime.FaultFuel, runtime.LimitHostCalls)
		if f.Func != "many" || f.Message != "more than 1000 calls of host functions" {
			t.Errorf("%+v", f)
		}
	})
}

type oddError struct{ secret string }

func (e oddError) Error() string { return "odd" }

func TestHostFunctionEndsTheCall(t *testing.T) {
	var logged bytes.Buffer
	for _, c := range []struct {
		name  string
		stop  func(c *runtime.Caller)
		kind  runtime.FaultKind
		limit string
		check func(t *testing.T, f *runtime.Fault)
	}{
		{"with an error", func(c *runtime.Caller) { c.Fail(oddError{"x"}) }, runtime.FaultError, "",
			func(t *testing.T, f *runtime.Fault) {
				var odd oddError
				if !errors.As(f, &odd) || odd.secret != "x" {
					t.Error("errors.As does not find it")
				}
			}},
		{"with a wrapped error", func(c *runtime.Caller) { c.Fail(fs.ErrPermission) }, runtime.FaultError, "",
			func(t *testing.T, f *runtime.Fault) {
				if !errors.Is(f, fs.ErrPermission) {
					t.Error("errors.Is does not find it")
				}
			}},
		{"with a fault", func(c *runtime.Caller) {
			c.Fail(&runtime.Fault{Kind: runtime.FaultDenied, Limit: "http", Message: "no\x1b" + strings.Repeat("x", 5000)})
		}, runtime.FaultDenied, "http",
			func(t *testing.T, f *runtime.Fault) {
				if f.Func != "stop" || len(f.Message) > 2048 || !strings.HasPrefix(f.Message, `no\x1bx`) {
					t.Errorf("%d bytes, %+v", len(f.Message), f)
				}
			}},
		{"with a deadline", func(c *runtime.Caller) { c.Fail(context.DeadlineExceeded) }, runtime.FaultDeadline, runtime.LimitWallTime, nil},
		{"with a cancellation", func(c *runtime.Caller) { c.Fail(context.Canceled) }, runtime.FaultCanceled, "", nil},
		{"by a panic", func(*runtime.Caller) { panic("/home/host/secret") }, runtime.FaultError, "",
			func(t *testing.T, f *runtime.Fault) {
				if f.Message != "host function test:host.stop panicked" || !strings.Contains(logged.String(), "/home/host/secret") {
					t.Errorf("%v; log: %s", f, logged.String())
				}
			}},
		{"by a bug", func(*runtime.Caller) { _ = []int{}[len(logged.String())-logged.Len()] }, runtime.FaultError, "", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			eachEngine(t, func(t *testing.T, opts *runtime.Options) {
				opts.Logger = slog.New(slog.NewTextHandler(&logged, nil))
				s := &hostState{stop: func(caller *runtime.Caller, _ uint32) { c.stop(caller) }}
				in := instantiate(t, compile(t, newRuntime(t, opts), "host", nil), &runtime.InstanceOptions{State: s})
				_, err := in.Invoke(context.Background(), "stop", 1)
				f := wantFault(t, err, c.kind, c.limit)
				if c.check != nil {
					c.check(t, f)
				}
				if _, again := in.Invoke(context.Background(), "mix"); again != err {
					t.Errorf("the next call: %v", again)
				}
			})
		})
	}
}

type contextKey struct{}

func TestHostFunctionContext(t *testing.T) {
	eachEngine(t, func(t *testing.T, opts *runtime.Options) {
		rt := newRuntime(t, opts)
		var during context.Context
		s := &hostState{stop: func(c *runtime.Caller, _ uint32) { during = c.Context() }}
		in := instantiate(t, compile(t, rt, "host", nil), &runtime.InstanceOptions{State: s})
		ctx := context.WithValue(context.Background(), contextKey{}, "who")
		if _, err := in.Invoke(ctx, "stop", 0); err != nil {
			t.Fatal(err)
		}
		if during.Value(contextKey{}) != "who" {
			t.Error("the caller's values are gone")
		}
		if _, ok := during.Deadline(); !ok {
			t.Error("there is no deadline")
		}
		if during.Err() == nil {
			t.Error("the context outlives the call")
		}
	})
}

// What a host function is shown of the guest's memory it may work on for long: it is ended there as well.
func TestDeadlineHoldsInsideHostFunctions(t *testing.T) {
	eachEngine(t, func(t *testing.T, opts *runtime.Options) {
		m := compile(t, newRuntime(t, opts), "shows", nil)
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		shown := 0
		s := &hostState{stop: func(c *runtime.Caller, _ uint32) {
			cancel()
			if b, ok := c.Read(0, runtime.PageSize); ok {
				shown += len(b)
			}
		}}
		in := instantiate(t, m, &runtime.InstanceOptions{State: s})
		// Within a slice: the guest itself does not come out to be looked at.
		_, err := in.Invoke(ctx, "stops", 200)
		wantFault(t, err, runtime.FaultCanceled, "")
		if shown == 0 || shown > 1<<20 {
			t.Errorf("was shown %d bytes after it was called off", shown)
		}
	})
}

// TestWorkOfHostFunctionsCostsFuel: what host functions go through for a guest it pays for as if it had copied it, on every
// engine alike, and ends when it cannot.
func TestWorkOfHostFunctionsCostsFuel(t *testing.T) {
	page := make([]byte, runtime.PageSize)
	works := map[string]func(c *runtime.Caller){
		"read":  func(c *runtime.Caller) { c.Read(0, runtime.PageSize) },
		"write": func(c *runtime.Caller) { c.Write(0, page) },
		"work":  func(c *runtime.Caller) { c.Work(runtime.PageSize) },
		"bits": func(c *runtime.Caller) {
			for range 64 {
				c.Read(5, runtime.PageSize/64)
			}
		},
	}
	eachEngine(t, func(t *testing.T, opts *runtime.Options) {
		m := compile(t, newRuntime(t, opts), "shows", &runtime.Limits{Fuel: 1_000_000})
		used := func(do func(c *runtime.Caller), n uint64) (uint64, int, error) {
			calls := 0
			in := instantiate(t, m, &runtime.InstanceOptions{State: &hostState{stop: func(c *runtime.Caller, _ uint32) {
				calls++
				do(c)
			}}})
			before := in.Stats().Fuel
			_, err := in.Invoke(context.Background(), "stops", n)
			return in.Stats().Fuel - before, calls, err
		}
		nothing, _, err := used(func(*runtime.Caller) {}, 100)
		if err != nil {
			t.Fatal(err)
		}
		for name, do := range works {
			fuel, _, err := used(do, 100)
			if want := nothing + 100*runtime.PageSize/32; err != nil || fuel != want {
				t.Errorf("%s of a page, a hundred times: %d units and %v, want %d", name, fuel, err, want)
			}
			_, calls, err := used(do, 1024) // 64 MiB
			wantFault(t, err, runtime.FaultFuel, runtime.LimitFuel)
			if most := 1_000_000/(runtime.PageSize/32) + 1; calls > most {
				t.Errorf("%s: %d calls for a million units, at most %d can be paid for", name, calls, most)
			}
		}
		few, _, err := used(func(c *runtime.Caller) { c.Read(0, 40) }, 100)
		if err != nil || few != nothing { // it is paid with the call
			t.Errorf("40 bytes, a hundred times: %d units and %v, want %d", few, err, nothing)
		}
	})
}

func TestHostFunctionCannotCallBack(t *testing.T) {
	eachEngine(t, func(t *testing.T, opts *runtime.Options) {
		rt := newRuntime(t, opts)
		var in *runtime.Instance
		var back error
		s := &hostState{stop: func(c *runtime.Caller, _ uint32) { _, back = in.Invoke(c.Context(), "mix") }}
		in = instantiate(t, compile(t, rt, "host", nil), &runtime.InstanceOptions{State: s})
		if _, err := in.Invoke(context.Background(), "stop", 0); err != nil || !errors.Is(back, runtime.ErrBusy) {
			t.Errorf("%v; calling back: %v", err, back)
		}
	})
}
