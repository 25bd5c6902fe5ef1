package runtime_test

import (
	"context"
	"os"
	goruntime "runtime"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/vitrine-run/vitrine/runtime"
	"github.com/vitrine-run/vitrine/runtime/engine"
)

// Guests without a loop, which looking at loops does not stop, and ones that never leave
// an instruction for long.
func TestDeadlineHoldsForEveryGuest(t *testing.T) {
	eachEngine(t, func(t *testing.T, opts *runtime.Options) {
		rt := newRuntime(t, opts)
		for _, c := range []struct {
			guest, fn string
			args      []uint64
		}{
			{"faults", "loop", nil},
			{"numbers", "fib", []uint64{60}},
			{"heavy", "double", nil},
			{"heavy", "fill", nil},
			{"heavy", "count", []uint64{1 << 31}},
		} {
			t.Run(c.fn, func(t *testing.T) {
				m := compile(t, rt, c.guest, &runtime.Limits{WallTime: short, Fuel: 1 << 50})
				began := time.Now()
				_, err := instantiate(t, m, nil).Invoke(context.Background(), c.fn, c.args...)
				wantFault(t, err, runtime.FaultDeadline, runtime.LimitWallTime)
				if took := time.Since(began); took > 100*short {
					t.Errorf("took %v, the limit is %v", took, short)
				}
			})
		}
	})
}

func TestFuelIsTheSameEverywhere(t *testing.T) {
	var used [][]uint64
	eachEngine(t, func(t *testing.T, opts *runtime.Options) {
		in := instantiate(t, compile(t, newRuntime(t, opts), "numbers", nil), nil)
		var u []uint64
		for _, n := range []uint64{1, 10, 20, 20} {
			before := in.Stats().Fuel
			if _, err := in.Invoke(context.Background(), "fib", n); err != nil {
				t.Fatal(err)
			}
			u = append(u, in.Stats().Fuel-before)
		}
		if u[2] != u[3] || u[1] <= u[0] || u[2] <= u[1] {
			t.Errorf("fuel of fib(1, 10, 20, 20): %v", u)
		}
		used = append(used, u)
	})
	for i, u := range used {
		if !slices.Equal(u, used[0]) {
			t.Errorf("%s disagrees: %v, the others %v", engine.Names()[i], u, used[0])
		}
	}
}

func TestFuelLimit(t *testing.T) {
	eachEngine(t, func(t *testing.T, opts *runtime.Options) {
		rt := newRuntime(t, opts)
		measured := instantiate(t, compile(t, rt, "numbers", nil), nil)
		if _, err := measured.Invoke(context.Background(), "fib", 22); err != nil {
			t.Fatal(err)
		}
		need := measured.Stats().Fuel
		// It is a limit of each call, and exact.
		enough := instantiate(t, compile(t, rt, "numbers", &runtime.Limits{Fuel: need}), nil)
		for range 3 {
			if _, err := enough.Invoke(context.Background(), "fib", 22); err != nil {
				t.Errorf("with %d: %v", need, err)
			}
		}
		for _, limit := range []uint64{1, need / 2, need - 20} {
			in := instantiate(t, compile(t, rt, "numbers", &runtime.Limits{Fuel: limit}), nil)
			_, err := in.Invoke(context.Background(), "fib", 22)
			wantFault(t, err, runtime.FaultFuel, runtime.LimitFuel)
			if spent := in.Stats().Fuel; spent < limit || spent > limit+1000 {
				t.Errorf("spent %d of %d", spent, limit)
			}
		}
	})
}

func TestStartSectionHasFuelAndStack(t *testing.T) {
	var used []uint64
	eachEngine(t, func(t *testing.T, opts *runtime.Options) {
		rt := newRuntime(t, opts)
		m := compile(t, rt, "start_loop", &runtime.Limits{Fuel: 1_000_000, WallTime: time.Minute})
		var spent runtime.Stats
		_, err := m.Instantiate(context.Background(), &runtime.InstanceOptions{Spent: &spent})
		wantFault(t, err, runtime.FaultFuel, runtime.LimitFuel)
		if spent.Fuel != 1_000_000 || spent.Calls != 1 {
			t.Errorf("the start section used %+v", spent)
		}
		m = compile(t, rt, "start_trap", nil)
		_, err = m.Instantiate(context.Background(), &runtime.InstanceOptions{Spent: &spent})
		wantFault(t, err, runtime.FaultTrap, "")
		if used = append(used, spent.Fuel); spent.Fuel < 1_000 || used[0] != spent.Fuel {
			t.Errorf("a start section that traps used %v", used)
		}
		m = compile(t, rt, "start_deep", nil)
		in := instantiate(t, m, nil)
		if in.Stats().Fuel == 0 {
			t.Error("the start section used no fuel")
		}
	})
}

// The interpreter's own stack ends early, and without a word of what was used: the limit is before that.
func TestStackDepthOfTheInterpreter(t *testing.T) {
	m := compile(t, newRuntime(t, &runtime.Options{Engine: engine.Interpreter}), "heavy", nil)
	in := instantiate(t, m, nil)
	if got, err := in.Invoke(context.Background(), "nest", 1400); err != nil || got[0] != 1400 {
		t.Errorf("1,400 calls: %v, %v", got, err)
	}
	_, err := in.Invoke(context.Background(), "nest", 3000)
	wantFault(t, err, runtime.FaultStack, runtime.LimitStack)
	if !strings.Contains(err.Error(), "deeper than 1500") || in.Stats().Fuel == 0 {
		t.Errorf("%v, with %d units of fuel", err, in.Stats().Fuel)
	}
}

func TestStackDepth(t *testing.T) {
	eachEngine(t, func(t *testing.T, opts *runtime.Options) {
		if opts.Engine == engine.Interpreter {
			t.Skip("its own stack ends earlier")
		}
		rt := newRuntime(t, opts)
		for _, c := range []struct {
			limit uint32
			depth uint64
			ok    bool
		}{{100, 50, true}, {100, 200, false}, {20_000, 15_000, true}} {
			m := compile(t, rt, "heavy", &runtime.Limits{StackDepth: c.limit})
			in := instantiate(t, m, nil)
			for range 2 { // a call leaves the stack as it was
				got, err := in.Invoke(context.Background(), "nest", c.depth)
				if c.ok && (err != nil || got[0] != c.depth) {
					t.Errorf("%d of %d: %v, %v", c.depth, c.limit, got, err)
				}
				if !c.ok {
					wantFault(t, err, runtime.FaultStack, runtime.LimitStack)
				}
			}
		}
	})
}

// A guest that computes must not keep the host from collecting its garbage.
func TestGuestsDoNotFreezeTheHost(t *testing.T) {
	eachEngine(t, func(t *testing.T, opts *runtime.Options) {
		if testing.Short() {
			t.Skip("takes a second")
		}
		opts.Scheduler = newScheduler(t, nil)
		m := compile(t, newRuntime(t, opts), "heavy", &runtime.Limits{WallTime: time.Minute, Fuel: 1 << 60})
		in := instantiate(t, m, nil)
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		ended := make(chan int)
		go func() {
			var counts int
			for err := error(nil); err == nil; counts++ {
				_, err = in.Invoke(ctx, "count", 1<<31)
			}
			ended <- counts - 1
		}()
		until(t, "the guest computes", func() bool { n, _ := opts.Scheduler.Load(); return n == 1 })
		var took []time.Duration
		for range 20 {
			began := time.Now()
			goruntime.GC()
			took = append(took, time.Since(began))
		}
		cancel()
		counts := <-ended
		slices.Sort(took)
		t.Logf("garbage collections took %v, %v, %v", took[0], took[len(took)/2], took[len(took)-1])
		if counts > len(took)/2 {
			t.Errorf("a guest counted to the end %d times while garbage was collected %d times", counts, len(took))
		}
	})
}

// wazero keeps every reference that a ref.func makes. A loop of them must not fill the host.
func TestReferencesTakeNoMemory(t *testing.T) {
	eachEngine(t, func(t *testing.T, opts *runtime.Options) {
		code, err := os.ReadFile("testdata/bombs/loop_table_set.wasm")
		if err != nil {
			t.Fatal(err)
		}
		m, err := newRuntime(t, opts).Compile(context.Background(), code, &runtime.Limits{Fuel: 5_000_000})
		if err != nil {
			t.Fatal(err)
		}
		in := instantiate(t, m, nil)
		var before, after goruntime.MemStats
		goruntime.ReadMemStats(&before)
		_, err = in.Invoke(context.Background(), "run")
		goruntime.ReadMemStats(&after)
		wantFault(t, err, runtime.FaultFuel, runtime.LimitFuel)
		if more := after.TotalAlloc - before.TotalAlloc; more > 1<<20 {
			t.Errorf("the host allocated %d bytes for half a million references", more)
		}
	})
}

// Stack is handed out in slices: that must not be seen where the whole of it ends.
func TestStackEndsWhereItShould(t *testing.T) {
	eachEngine(t, func(t *testing.T, opts *runtime.Options) {
		if opts.Engine == engine.Interpreter {
			t.Skip("its own stack ends earlier")
		}
		rt := newRuntime(t, opts)
		deepest := func(limit uint32) uint64 {
			m := compile(t, rt, "heavy", &runtime.Limits{StackDepth: limit})
			return uint64(sort.Search(30_000, func(n int) bool {
				in := instantiate(t, m, nil)
				_, err := in.Invoke(context.Background(), "nest", uint64(n))
				return err != nil
			}))
		}
		if a, b := deepest(1_000), deepest(9_000); b < 9*a-9 || b > 9*a+9 {
			t.Errorf("%d calls deep of 1,000, %d of 9,000", a, b)
		}
	})
}
