package runtime_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/vitrine-run/vitrine/runtime"
	"github.com/vitrine-run/vitrine/runtime/engine"
)

func get(t testing.TB, m *runtime.Module, opts *runtime.InstanceOptions) *runtime.Instance {
	t.Helper()
	in, err := m.Get(context.Background(), opts)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func ask(t testing.TB, in *runtime.Instance, fn string, args ...uint64) uint64 {
	t.Helper()
	got, err := in.Invoke(context.Background(), fn, args...)
	if err != nil {
		t.Fatalf("%s: %v", fn, err)
	}
	return got[0]
}

func newPool(t testing.TB, opts *runtime.PoolOptions) *runtime.Pool {
	t.Helper()
	p, err := runtime.NewPool(opts)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestNothingIsLeft(t *testing.T) {
	eachEngine(t, func(t *testing.T, opts *runtime.Options) {
		opts.Pool = newPool(t, nil)
		m := compile(t, newRuntime(t, opts), "pool", nil)
		ctx := context.Background()
		for i := range uint64(20) {
			in := get(t, m, nil)
			if ask(t, in, "prepared") != 1 {
				t.Fatal("not prepared once")
			}
			if ask(t, in, "dirty", i+1) != 0 {
				t.Fatalf("call %d found what another left behind", i)
			}
			if ask(t, in, "dirty", i+1) != 1 {
				t.Fatal("a call does not find what it has left behind itself")
			}
			for _, end := range []string{"", "trap", "recurse", "hoard"}[i%4:][:1] {
				if _, err := in.Invoke(ctx, end); end != "" && err == nil {
					t.Fatalf("%s did not end it", end)
				}
			}
			if err := in.Close(ctx); err != nil {
				t.Fatal(err)
			}
		}
		s := opts.Pool.Stats()
		if s.InUse != 0 || s.Idle > 1 || opts.Engine != "wasmtime" && s.Reused < 10 {
			t.Errorf("%+v", s)
		}
	})
}

// What no snapshot holds costs the instance its place, and nobody sees it either.
func TestAlteredInstancesGo(t *testing.T) {
	eachEngine(t, func(t *testing.T, opts *runtime.Options) {
		opts.Pool = newPool(t, nil)
		m := compile(t, newRuntime(t, opts), "pool", nil)
		for fn, want := range map[string]uint64{"set_table": 1, "grow_table": 4, "drop_data": 's', "set_ref": 1} {
			for range 3 {
				in := get(t, m, nil)
				before := opts.Pool.Stats().Discarded
				if got := ask(t, in, fn); got != want {
					t.Errorf("%s found %d, want %d", fn, got, want)
				}
				in.Close(context.Background())
				if s := opts.Pool.Stats(); s.Discarded != before+1 || s.Idle != 0 {
					t.Errorf("%s: %+v", fn, s)
				}
			}
		}
	})
}

// Nor does anybody have what is left of the fuel of whoever had the guest before, however little is their own.
func TestFuelIsNotInherited(t *testing.T) {
	eachEngine(t, func(t *testing.T, opts *runtime.Options) {
		opts.Pool = newPool(t, nil)
		m := compile(t, newRuntime(t, opts), "numbers", nil)
		for _, fuel := range []uint64{1, 2, 3} {
			rich := get(t, m, nil)
			ask(t, rich, "fib", 10)
			rich.Close(context.Background())
			poor := get(t, m, &runtime.InstanceOptions{Limits: &runtime.Limits{Fuel: fuel}})
			_, err := poor.Invoke(context.Background(), "fib", 10)
			wantFault(t, err, runtime.FaultFuel, runtime.LimitFuel)
			poor.Close(context.Background())
		}
	})
}

// Everybody has the memory that is theirs, whatever whoever had the guest before was allowed.
func TestLimitsAreNotInherited(t *testing.T) {
	eachEngine(t, func(t *testing.T, opts *runtime.Options) {
		opts.Pool = newPool(t, nil)
		m := compile(t, newRuntime(t, opts), "pool", nil)
		for range 2 {
			poor := get(t, m, &runtime.InstanceOptions{Limits: &runtime.Limits{Memory: 3 * runtime.PageSize}})
			_, err := poor.Invoke(context.Background(), "dirty", 1)
			wantFault(t, err, runtime.FaultMemory, runtime.LimitMemory)
			poor.Close(context.Background())
			rich := get(t, m, nil)
			if ask(t, rich, "dirty", 2) != 0 {
				t.Error("found what another left behind")
			}
			rich.Close(context.Background())
		}
		if s := opts.Pool.Stats(); opts.Engine != engine.Wasmtime && s.Made != 1 {
			t.Errorf("%+v", s)
		}
	})
}

// A module is heard to start by nobody: neither by whoever gets an instance that had to be made, nor by the others.
func TestStartsInSilence(t *testing.T) {
	eachEngine(t, func(t *testing.T, opts *runtime.Options) {
		m := compile(t, newRuntime(t, opts), "chatty", nil)
		for i := range 3 {
			var out bytes.Buffer
			in := get(t, m, &runtime.InstanceOptions{Stdout: &out})
			if out.Len() > 0 || in.Stats().StdoutCut {
				t.Errorf("instance %d: heard %q", i, out.String())
			}
			if ask(t, in, "say"); out.String() != "hello" {
				t.Errorf("instance %d: heard %q when it was asked to speak", i, out.String())
			}
			in.Close(context.Background())
		}
	})
}

func TestNoSnapshotOfWhatAsks(t *testing.T) {
	eachEngine(t, func(t *testing.T, opts *runtime.Options) {
		m := compile(t, newRuntime(t, opts), "asks", nil)
		for range 3 {
			in := get(t, m, nil)
			if got := ask(t, in, "asked"); got != 0x4024000000000000 { // 10
				t.Errorf("asked = %x", got)
			}
			if st := in.Stats(); st.HostCalls != 1 {
				t.Errorf("%+v", st)
			}
			in.Close(context.Background())
		}
	})
}

func TestThousandTraps(t *testing.T) {
	opts := &runtime.Options{HostFuncs: hostFuncs(), Pool: newPool(t, &runtime.PoolOptions{Instances: 2})}
	m := compile(t, newRuntime(t, opts), "pool", nil)
	for i := range 1000 {
		in := get(t, m, nil)
		if ask(t, in, "dirty", uint64(i)+1) != 0 {
			t.Fatalf("after %d traps something was left", i)
		}
		_, err := in.Invoke(context.Background(), "trap")
		wantFault(t, err, runtime.FaultTrap, "")
		in.Close(context.Background())
	}
	if s := opts.Pool.Stats(); s.Made != 1 || s.Reused != 999 {
		t.Errorf("%+v", s)
	}
}

func TestPoolBounds(t *testing.T) {
	opts := &runtime.Options{HostFuncs: hostFuncs(), Pool: newPool(t, &runtime.PoolOptions{Instances: 2, Wait: time.Second})}
	rt := newRuntime(t, opts)
	a, b := compile(t, rt, "pool", nil), compile(t, rt, "abi", nil)
	ctx := context.Background()
	one, two := get(t, a, nil), get(t, a, nil)
	var busy *runtime.BusyError
	if _, err := a.Get(ctx, nil); !errors.As(err, &busy) {
		t.Errorf("a third one: %v", err)
	}
	gone, cancel := context.WithCancel(ctx)
	time.AfterFunc(time.Millisecond, cancel)
	if _, err := b.Get(gone, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("a caller that went away: %v", err)
	}
	time.AfterFunc(5*time.Millisecond, func() { one.Close(ctx) })
	three, _ := getLate(t, b) // a clean one of a goes for it
	two.Close(ctx)
	three.Close(ctx)
	if s := opts.Pool.Stats(); s.InUse != 0 || s.Waiting != 0 || s.Idle != 2 {
		t.Errorf("%+v", s)
	}
	if err := a.Close(ctx); err != nil {
		t.Error(err)
	}
	if s := opts.Pool.Stats(); s.Idle != 1 {
		t.Errorf("after closing a module: %+v", s)
	}
	if _, err := a.Get(ctx, nil); !errors.Is(err, runtime.ErrClosed) {
		t.Errorf("of a closed module: %v", err)
	}
}

func TestPoolShrinks(t *testing.T) {
	opts := &runtime.Options{HostFuncs: hostFuncs(), Pool: newPool(t, &runtime.PoolOptions{Keep: 5 * time.Millisecond})}
	m := compile(t, newRuntime(t, opts), "pool", nil)
	a, b := get(t, m, nil), get(t, m, nil)
	a.Close(context.Background())
	b.Close(context.Background())
	for opts.Pool.Stats().Idle > 0 {
		time.Sleep(time.Millisecond)
	}
}

// Many principals take instances of two modules out of a pool that is too small, and close them,
// modules included, while guests run.
func TestPoolHammer(t *testing.T) {
	eachEngine(t, func(t *testing.T, opts *runtime.Options) {
		if opts.Engine == engine.Interpreter && testing.Short() {
			t.Skip("slow")
		}
		opts.Pool = newPool(t, &runtime.PoolOptions{Instances: 3, Wait: 5 * time.Minute, Keep: time.Millisecond})
		rt := newRuntime(t, opts)
		a, b := compile(t, rt, "pool", nil), compile(t, rt, "pool", nil)
		var wg sync.WaitGroup
		for who := range 8 {
			wg.Add(1)
			go func() {
				defer wg.Done()
				for i := range 60 {
					if err := borrow([]*runtime.Module{a, b}[(who+i)%2], who, i); err != nil && !errors.Is(err, runtime.ErrClosed) {
						t.Error(err)
						return
					}
					if who == 0 && i == 40 {
						if err := a.Close(context.Background()); err != nil {
							t.Error(err)
						}
					}
				}
			}()
		}
		wg.Wait()
		until(t, "all is given back", func() bool { s := opts.Pool.Stats(); return s.InUse == 0 && s.Waiting == 0 })
	})
}

func borrow(m *runtime.Module, who, i int) error {
	ctx := context.Background()
	in, err := m.Get(ctx, &runtime.InstanceOptions{Principal: fmt.Sprint(who)})
	if err != nil {
		return err
	}
	defer in.Close(ctx)
	got, err := in.Invoke(ctx, "dirty", uint64(who)<<8+uint64(i)+1)
	if err == nil && got[0] != 0 {
		return errors.New("found what another left behind")
	}
	switch i % 10 {
	case 3:
		_, _ = in.Invoke(ctx, "set_table")
	case 5:
		time.AfterFunc(time.Millisecond, func() { in.Close(ctx) })
		_, _ = in.Invoke(ctx, "spin")
	case 7:
		_, _ = in.Invoke(ctx, "trap")
	}
	var fault *runtime.Fault
	if errors.As(err, &fault) && fault.Kind == runtime.FaultCanceled {
		return nil // the module was closed meanwhile
	}
	return err
}
