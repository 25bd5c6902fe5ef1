package runtime_test

import (
	"context"
	"io"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/vitrine-run/vitrine/runtime"
)

// One call of WASI may be asked for gigabytes; the deadline holds inside of it.
func TestDeadlineHoldsInsideWASI(t *testing.T) {
	eachEngine(t, func(t *testing.T, opts *runtime.Options) {
		m := compile(t, newRuntime(t, opts), "wasi_long", &runtime.Limits{WallTime: short, Fuel: 1 << 60})
		for name, c := range map[string]struct {
			fn   string
			opts *runtime.InstanceOptions
		}{
			"random":           {"random", nil},
			"write":            {"write", &runtime.InstanceOptions{Stdout: io.Discard}},
			"write to nowhere": {"write", nil},
		} {
			in := instantiate(t, m, c.opts)
			began := time.Now()
			_, err := in.Invoke(context.Background(), c.fn)
			wantFault(t, err, runtime.FaultDeadline, runtime.LimitWallTime)
			took := time.Since(began)
			t.Logf("%s ended after %v", name, took)
			if took > 100*short {
				t.Errorf("%s took %v, the limit is %v", name, took, short)
			}
		}
	})
}

// What a call of WASI has to do costs what the guest asks for, on every engine the same, and there is an end to what it may ask for.
func TestCallsOfWASICostWhatTheyDo(t *testing.T) {
	eachEngine(t, func(t *testing.T, opts *runtime.Options) {
		m := compile(t, newRuntime(t, opts), "wasi_long", nil)
		for _, c := range []struct {
			fn    string
			price uint64 // of each thing
			most  uint64
		}{
			{"poll_oneoff", 400, 1024},
			{"fd_read", 10, 1 << 16},
			{"fd_write", 10, 1 << 16},
			{"path_open", 10, 1 << 16},
			{"path_rename", 10, 1 << 16},
			{"random_get", 3, 1 << 20},
		} {
			in := instantiate(t, m, nil)
			fuel := func(n uint64) uint64 {
				before := in.Stats().Fuel
				if _, err := in.Invoke(context.Background(), c.fn, n); err != nil {
					t.Fatalf("%s of %d: %v", c.fn, n, err)
				}
				return in.Stats().Fuel - before
			}
			if one, all := fuel(1), fuel(c.most); all-one != (c.most-1)*c.price {
				t.Errorf("%s of one costs %d, of %d it costs %d", c.fn, one, c.most, all)
			}
			if c.fn == "random_get" {
				continue // which looks at the time itself
			}
			for _, n := range []uint64{c.most + 1, 1 << 28, math.MaxUint32} {
				_, err := instantiate(t, m, nil).Invoke(context.Background(), c.fn, n)
				if f := wantFault(t, err, runtime.FaultTrap, ""); !strings.Contains(f.Message, c.fn) {
					t.Error(f)
				}
			}
		}
	})
}

// Where a guest does not come to refuel, calls of WASI look at the time.
func TestCallsOfWASIAreLookedAt(t *testing.T) {
	eachEngine(t, func(t *testing.T, opts *runtime.Options) {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		called := false
		in := wasi(t, opts, nil, &runtime.InstanceOptions{Now: func() time.Time {
			if called {
				cancel()
			}
			return time.Now()
		}})
		called = true
		_, err := in.Invoke(ctx, "slept", 0, 1)
		wantFault(t, err, runtime.FaultCanceled, "")
	})
}
