package extism_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vitrine-run/vitrine/runtime"
	"github.com/vitrine-run/vitrine/runtime/extism"
)

const patient = time.Hour // a machine may be busy, which is no leak

// crowd returns options that share a pool of so many instances, and the pool.
func crowd(t *testing.T, instances int) (extism.Options, *runtime.Pool) {
	t.Helper()
	pool, err := runtime.NewPool(&runtime.PoolOptions{Instances: instances, Wait: patient, Keep: patient})
	if err != nil {
		t.Fatal(err)
	}
	scheduler, err := runtime.NewScheduler(&runtime.SchedulerOptions{Wait: patient})
	if err != nil {
		t.Fatal(err)
	}
	return extism.Options{Pool: pool, Scheduler: scheduler, Compiler: kept, Limits: &runtime.Limits{WallTime: patient}}, pool
}

// birds is the plugin that looks for what others left, with the module that it is linked with.
func birds(t *testing.T, opts extism.Options) *extism.Plugin {
	t.Helper()
	opts.Modules = map[string][]byte{"nest": assembled(t, "nest")}
	p, err := extism.Compile(context.Background(), assembled(t, "canary"), &opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close(context.Background()) })
	return p
}

// How a canary's song ends.
const (
	well = iota
	trapped
	failed
	tableGrown
	memoryGrown
	ends
)

// sing is one principal's call, on an instance of its own.
func sing(p *extism.Plugin, who uint32, how uint64) error {
	ctx := context.Background()
	mark := binary.LittleEndian.AppendUint64(nil, 0x5ca1ab1e<<32|uint64(who))
	in, err := p.Get(ctx, &extism.InstanceOptions{Principal: fmt.Sprint(who), Config: map[string]string{"\x00\x00\x00\x00\x00who": string(mark)}})
	if err != nil {
		return err
	}
	defer in.Close(ctx)
	out, err := in.Call(ctx, "sing", binary.LittleEndian.AppendUint64(mark, how))
	var fault *runtime.Fault
	var no *extism.Error
	switch {
	case how == trapped && errors.As(err, &fault) && fault.Kind == runtime.FaultTrap:
		return nil
	case how == failed && errors.As(err, &no) && no.Code == 7 && no.Message == string(mark):
		return nil
	case err != nil:
		return err
	}
	if n := binary.LittleEndian.Uint64(out); n > 0 || len(out) != 8 {
		return fmt.Errorf("found %d marks, or what they count as", n)
	}
	return nil
}

// Principals take turns with instances of a plugin and of the module that it is linked with, in a pool that has fewer than they
// would like and that another plugin wants as well. Each leaves its mark wherever it can, and finds nobody's.
func TestCanariesOfExtism(t *testing.T) {
	opts, pool := crowd(t, 7)
	p, other := birds(t, opts), birds(t, opts)
	n := 3000
	if testing.Short() {
		n = 600
	}
	var left atomic.Int64
	left.Store(int64(n))
	var wg sync.WaitGroup
	for who := range uint32(6) {
		wg.Go(func() {
			for i := left.Add(-1); i >= 0 && !t.Failed(); i = left.Add(-1) {
				plugin := p
				if i%5 == 0 {
					plugin = other
				}
				if err := sing(plugin, who+1, uint64(i)%ends); err != nil {
					t.Errorf("principal %d, ending %d: %v", who, i%ends, err)
				}
			}
		})
	}
	wg.Wait()
	if s := pool.Stats(); s.Reused == 0 || s.InUse != 0 || s.Idle > 7 {
		t.Errorf("%+v", s)
	}
}

// Who keeps an instance does find what it left itself: the canary looks where it says.
func TestCanaryFindsMarks(t *testing.T) {
	opts, _ := crowd(t, 7)
	ctx := context.Background()
	in, err := birds(t, opts).Get(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close(ctx)
	mark := binary.LittleEndian.AppendUint64(nil, 0x5ca1ab1e<<32|9)
	for i, least := range []uint64{5000, 4000 + 5000 + 2*1024} { // no setting; the variable and both memories
		out, err := in.Call(ctx, "sing", binary.LittleEndian.AppendUint64(mark, well))
		if err != nil {
			t.Fatal(err)
		}
		if n := binary.LittleEndian.Uint64(out); n < least {
			t.Errorf("call %d: found %d, there are %d", i, n, least)
		}
	}
}

// What a plugin's language has to start starts once, and instances come back to the pool in both their parts.
func TestGetStartsOnce(t *testing.T) {
	opts, pool := crowd(t, 4)
	p := birds(t, opts)
	for i := range 4 {
		if err := sing(p, 1, well); err != nil {
			t.Fatal(err)
		}
		if s := pool.Stats(); s.Made != 2 || s.Reused != uint64(2*i) || s.Idle != 2 {
			t.Errorf("after %d calls: %+v", i+1, s)
		}
	}
}

// Every plugin of Extism's own tests that answers when it is called on a new instance answers the same on one out of the pool,
// and again on that.
func TestPluginsOutOfThePool(t *testing.T) {
	for _, c := range []struct{ plugin, call, input, want string }{
		{"count_vowels.wasm", "count_vowels", "hello world", `{"count":3,"total":3,"vowels":"aeiouAEIOU"}`},
		{"count_vowels_std.wasm", "_start", "hello world", `{"count": 3, "config": "<unset by host>", "a": "this is var a"}`},
		{"replace.wasm", "run_test", "a test, and another test", "a wasm, and another wasm"},
		{"hello.wasm", "run_test", "", "Hello, world!"},
		{"hello_haskell.wasm", "testing", "John", "Hello, John"},
	} {
		t.Run(c.plugin, func(t *testing.T) {
			if testing.Short() && len(read(t, c.plugin)) > 400<<10 {
				t.Skip("takes seconds to compile")
			}
			ctx := context.Background()
			opts, pool := crowd(t, 4)
			p := compiled(t, c.plugin, &opts)
			for i := range 3 {
				in, err := p.Get(ctx, nil)
				if err != nil {
					t.Fatal(err)
				}
				if out, err := in.Call(ctx, c.call, []byte(c.input)); err != nil || string(out) != c.want {
					t.Errorf("call %d: %q, %v, want %q", i, out, err, c.want)
				}
				if err := in.Close(ctx); err != nil {
					t.Error(err)
				}
			}
			if s := pool.Stats(); s.InUse != 0 || c.call != "_start" && s.Reused == 0 {
				t.Errorf("%+v", s)
			}
		})
	}
}

// Who waits in vain to take several instances is told so, and who gives up meanwhile as well.
func TestGetWaitsForOthersToTakeTheirs(t *testing.T) {
	const short = 50 * time.Millisecond
	opts, _ := crowd(t, 2)
	var err error
	if opts.Pool, err = runtime.NewPool(&runtime.PoolOptions{Instances: 2, Wait: short}); err != nil {
		t.Fatal(err)
	}
	p := birds(t, opts)
	ctx := context.Background()
	in, err := p.Get(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	var busy *runtime.BusyError
	if _, err := p.Get(ctx, nil); !errors.As(err, &busy) || busy.Limit != runtime.LimitPoolInstances {
		t.Errorf("got %v", err)
	}
	gone, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := p.Get(gone, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if err := in.Close(ctx); err != nil {
		t.Error(err)
	}
	if err := sing(p, 1, well); err != nil {
		t.Error(err)
	}
}
