package runtime_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/vitrine-run/vitrine/runtime"
)

func TestGuestFaults(t *testing.T) {
	eachEngine(t, func(t *testing.T, opts *runtime.Options) {
		m := compile(t, newRuntime(t, opts), "faults", &runtime.Limits{Memory: 1 << 20})
		for _, c := range []struct {
			fn             string
			args           []uint64
			kind           runtime.FaultKind
			limit, message string
		}{
			{"unreachable", nil, runtime.FaultTrap, "", "unreachable in evil"},
			{"divide", []uint64{1, 0}, runtime.FaultTrap, "", "integer divide by zero"},
			{"divide", []uint64{1 << 31, 1<<32 - 1}, runtime.FaultTrap, "", "integer overflow"},
			{"truncate", []uint64{math.Float64bits(math.NaN())}, runtime.FaultTrap, "", "invalid conversion to integer"},
			{"load", []uint64{1<<32 - 2}, runtime.FaultTrap, "", "out of bounds memory access"},
			{"indirect_null", []uint64{1}, runtime.FaultTrap, "", "invalid table access"},
			{"indirect_type", []uint64{1}, runtime.FaultTrap, "", "indirect call type mismatch"},
			{"deep", []uint64{0}, runtime.FaultStack, runtime.LimitStack, ""},
			{"grow_or_trap", []uint64{100}, runtime.FaultMemory, runtime.LimitMemory, "wanted more than 1048576 bytes of memory: unreachable"},
			{"grow_or_exit", []uint64{100}, runtime.FaultMemory, runtime.LimitMemory, "wanted more than 1048576 bytes of memory: exit code 2"},
		} {
			t.Run(c.fn, func(t *testing.T) {
				in := instantiate(t, m, nil)
				_, err := in.Invoke(context.Background(), c.fn, c.args...)
				f := wantFault(t, err, c.kind, c.limit)
				if !strings.HasPrefix(f.Message, c.message) || f.Func != c.fn {
					t.Errorf("%+v, want message %q", f, c.message)
				}
				for _, leak := range []string{"goroutine", ".go:", "wasm stack trace", "\n"} {
					if strings.Contains(f.Error(), leak) {
						t.Errorf("the message shows %q: %s", leak, f)
					}
				}
				if _, again := in.Invoke(context.Background(), "ok"); again != err {
					t.Errorf("the next call: %v, want the same fault", again)
				}
			})
		}
	})
}

func TestGrowIsRefusedWithoutFault(t *testing.T) {
	eachEngine(t, func(t *testing.T, opts *runtime.Options) {
		m := compile(t, newRuntime(t, opts), "faults", &runtime.Limits{Memory: 1 << 20})
		in := instantiate(t, m, nil)
		for _, c := range []struct{ pages, want uint64 }{{15, 1}, {1, math.MaxUint32}, {65535, math.MaxUint32}, {0, 16}} {
			got, err := in.Invoke(context.Background(), "grow", c.pages)
			if err != nil || got[0] != c.want {
				t.Errorf("grow(%d) = %v, %v; want %d", c.pages, got, err, c.want)
			}
		}
		// What was refused in an earlier call says nothing about this one.
		_, err := in.Invoke(context.Background(), "unreachable")
		wantFault(t, err, runtime.FaultTrap, "")
		if peak := in.Stats().PeakMemory; peak != 1<<20 {
			t.Errorf("peak memory %d", peak)
		}
	})
}

func TestDeadline(t *testing.T) {
	eachEngine(t, func(t *testing.T, opts *runtime.Options) {
		m := compile(t, newRuntime(t, opts), "faults", &runtime.Limits{WallTime: short})
		began := time.Now()
		_, err := instantiate(t, m, nil).Invoke(context.Background(), "loop")
		wantFault(t, err, runtime.FaultDeadline, runtime.LimitWallTime)
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Error("errors.Is does not find DeadlineExceeded")
		}
		if took := time.Since(began); took < short || took > 100*short {
			t.Errorf("took %v", took)
		}
	})
}

func TestDeadlineOfTheCaller(t *testing.T) {
	eachEngine(t, func(t *testing.T, opts *runtime.Options) {
		m := compile(t, newRuntime(t, opts), "faults", nil)
		ctx, cancel := context.WithTimeout(context.Background(), short)
		defer cancel()
		_, err := instantiate(t, m, nil).Invoke(ctx, "loop")
		wantFault(t, err, runtime.FaultDeadline, runtime.LimitContext)
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Error("errors.Is does not find DeadlineExceeded")
		}
	})
}

// A start section that never ends is a deadline, too, and running out of fuel is none.
func TestDeadlineOfTheStart(t *testing.T) {
	eachEngine(t, func(t *testing.T, opts *runtime.Options) {
		rt := newRuntime(t, opts)
		for _, c := range []struct {
			limits *runtime.Limits
			kind   runtime.FaultKind
			limit  string
		}{
			{&runtime.Limits{WallTime: short, Fuel: 1 << 50}, runtime.FaultDeadline, runtime.LimitWallTime},
			{&runtime.Limits{WallTime: time.Minute, Fuel: 1000}, runtime.FaultFuel, runtime.LimitFuel},
		} {
			_, err := compile(t, rt, "start_loop", c.limits).Instantiate(context.Background(), nil)
			wantFault(t, err, c.kind, c.limit)
			if errors.Is(err, context.DeadlineExceeded) != (c.kind == runtime.FaultDeadline) {
				t.Errorf("%v and context.DeadlineExceeded", err)
			}
		}
	})
}

func TestCancel(t *testing.T) {
	eachEngine(t, func(t *testing.T, opts *runtime.Options) {
		opts.Scheduler = newScheduler(t, nil)
		m := compile(t, newRuntime(t, opts), "faults", nil)
		ctx, cancel := context.WithCancel(context.Background())
		in := instantiate(t, m, nil)
		ended := spin(ctx, in)
		until(t, "the guest computes", func() bool { n, _ := opts.Scheduler.Load(); return n == 1 })
		cancel()
		err := <-ended
		wantFault(t, err, runtime.FaultCanceled, "")
		if !errors.Is(err, context.Canceled) {
			t.Error("errors.Is does not find Canceled")
		}
		if _, again := in.Invoke(context.Background(), "ok"); again != err {
			t.Errorf("the next call: %v", again)
		}
	})
}

func TestContextThatIsOverStartsNothing(t *testing.T) {
	eachEngine(t, func(t *testing.T, opts *runtime.Options) {
		m := compile(t, newRuntime(t, opts), "faults", nil)
		in := instantiate(t, m, nil)
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if _, err := in.Invoke(ctx, "ok"); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		if _, err := in.Invoke(context.Background(), "ok"); err != nil {
			t.Errorf("the instance should still serve: %v", err)
		}
		if _, err := m.Instantiate(ctx, nil); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
}

func TestExit(t *testing.T) {
	eachEngine(t, func(t *testing.T, opts *runtime.Options) {
		m := compile(t, newRuntime(t, opts), "faults", nil)
		// The last two are what wazero itself uses for canceled and deadline.
		for _, code := range []uint32{0, 1, 255, 0xffffffff, 0xefffffff} {
			in := instantiate(t, m, nil)
			_, err := in.Invoke(context.Background(), "exit", uint64(code))
			var exit *runtime.ExitError
			if !errors.As(err, &exit) || exit.Code != code {
				t.Errorf("exit(%d): %v", code, err)
			}
			if _, again := in.Invoke(context.Background(), "ok"); again != err {
				t.Errorf("after exit(%d): %v", code, again)
			}
		}
	})
}
