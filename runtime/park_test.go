package runtime_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/vitrine-run/vitrine/runtime"
	"github.com/vitrine-run/vitrine/runtime/engine"
)

func park(t *testing.T, in *runtime.Instance) *runtime.Parked {
	t.Helper()
	p, err := in.Park()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func resume(t *testing.T, p *runtime.Parked) *runtime.Instance {
	t.Helper()
	in, err := p.Resume(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func TestParkedInstancesGoOn(t *testing.T) {
	eachEngine(t, func(t *testing.T, opts *runtime.Options) {
		opts.Pool = newPool(t, &runtime.PoolOptions{Instances: 1})
		m := compile(t, newRuntime(t, opts), "abi", nil)
		var parked []*runtime.Parked
		for n := range 5 {
			in := get(t, m, nil)
			for range n {
				if _, err := in.Call(context.Background(), "count", nil); err != nil {
					t.Fatal(err)
				}
			}
			parked = append(parked, park(t, in))
			if _, err := in.Call(context.Background(), "count", nil); !errors.Is(err, runtime.ErrClosed) {
				t.Errorf("after Park: %v", err)
			}
		}
		for n, p := range parked {
			in := resume(t, p)
			out, err := in.Call(context.Background(), "count", nil)
			if err != nil || int(out[0]) != n+1 {
				t.Errorf("%d: %v, %v", n, out, err)
			}
			if s := in.Stats(); int(s.Calls) != n+1 {
				t.Errorf("%+v", s)
			}
			in.Close(context.Background())
		}
	})
}

// A parked instance has the memory that it grew, and no more than what it wrote is kept of it.
func TestParkedMemoryComesBack(t *testing.T) {
	eachEngine(t, func(t *testing.T, opts *runtime.Options) {
		if opts.Engine == engine.Wasmtime {
			t.Skip("its memories cannot be made longer from outside")
		}
		m := compile(t, newRuntime(t, opts), "pool", nil)
		in := get(t, m, nil)
		if ask(t, in, "dirty", 5) != 0 {
			t.Fatal("not clean")
		}
		p := park(t, in)
		if n := p.Bytes(); n < 65536*4 || n > 65536*5+4096 {
			t.Errorf("%d bytes are kept", n)
		}
		if ask(t, get(t, m, nil), "dirty", 6) != 0 {
			t.Error("somebody else sees what was parked")
		}
		for range 2 { // it can be resumed more than once
			in = resume(t, p)
			if ask(t, in, "dirty", 5) != 1 {
				t.Error("what was there is gone")
			}
			if s := in.Stats(); s.PeakMemory < 5*65536 {
				t.Errorf("%+v", s)
			}
			in.Close(context.Background())
		}
	})
}

func TestNotParked(t *testing.T) {
	opts := &runtime.Options{HostFuncs: hostFuncs()}
	rt := newRuntime(t, opts)
	m := compile(t, rt, "pool", nil)
	ctx := context.Background()
	alone, err := m.Instantiate(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	altered := get(t, m, nil)
	ask(t, altered, "set_table")
	for name, in := range map[string]*runtime.Instance{"not of the pool": alone, "altered": altered, "asks": get(t, compile(t, rt, "asks", nil), nil)} {
		if _, err := in.Park(); !errors.Is(err, runtime.ErrNoPark) {
			t.Errorf("%s: %v", name, err)
		}
		if in != alone && in != altered {
			continue
		}
		if ask(t, in, "prepared") != 1 {
			t.Errorf("%s: it is not as before", name)
		}
	}
	dead := get(t, m, nil)
	_, trap := dead.Invoke(ctx, "trap")
	if _, err := dead.Park(); err != trap {
		t.Errorf("dead: %v", err)
	}
	dead.Close(ctx)
	if _, err := dead.Park(); !errors.Is(err, runtime.ErrClosed) {
		t.Errorf("closed: %v", err)
	}
	p := park(t, get(t, m, nil))
	if err := m.Close(ctx); err != nil {
		t.Error(err)
	}
	if _, err := p.Resume(ctx, nil); !errors.Is(err, runtime.ErrClosed) {
		t.Errorf("of a closed module: %v", err)
	}
}

// What is closed while it is resumed is resumed as a whole, or not at all.
func TestParkedClosesWhileItIsResumed(t *testing.T) {
	opts := &runtime.Options{HostFuncs: hostFuncs(), Pool: newPool(t, nil)}
	m := compile(t, newRuntime(t, opts), "pool", nil)
	get(t, m, nil).Close(context.Background()) // there is a snapshot
	before := opts.Pool.Stats().KeptBytes
	for range 50 {
		in := get(t, m, nil)
		ask(t, in, "dirty", 5)
		p := park(t, in)
		var both sync.WaitGroup
		both.Go(p.Close)
		both.Go(func() {
			in, err := p.Resume(context.Background(), nil)
			if errors.Is(err, runtime.ErrClosed) {
				return
			}
			if err != nil {
				t.Error(err)
				return
			}
			defer in.Close(context.Background())
			if got, err := in.Invoke(context.Background(), "number"); err != nil || got[0] != 5 {
				t.Errorf("it goes on with %v, %v", got, err)
			}
		})
		both.Wait()
	}
	if s := opts.Pool.Stats(); s.InUse != 0 || s.KeptBytes != before {
		t.Errorf("%+v, before it kept %d bytes", s, before)
	}
}
