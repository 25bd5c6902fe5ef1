package runtime_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vitrine-run/vitrine/runtime"
)

// canaries is how many calls the principals of a guest make together. VITRINE_SOAK says how many
// in `make soak`.
func canaries(t *testing.T, few int) int {
	if s := os.Getenv("VITRINE_SOAK"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if testing.Short() {
		return few / 10
	}
	return few
}

// Principals take turns with instances of one module, in a pool that has fewer than there are
// principals and is wanted by another module as well. Each leaves its number wherever it can, and finds
// nobody else's.
func TestCanaries(t *testing.T) {
	for _, c := range []struct {
		name string
		few  int
		code func(*testing.T) []byte
	}{
		{"c", 2000, func(t *testing.T) []byte { return guest(t, "canary/canary_c") }},
		{"rust", 2000, func(t *testing.T) []byte { return guest(t, "canary/canary_rust") }},
		{"go", 300, goGuest},
	} {
		t.Run(c.name, func(t *testing.T) {
			const patient = time.Hour // a machine may be busy, which is no leak
			compiler, err := runtime.NewCompiler(&runtime.CompilerOptions{Time: patient})
			if err != nil {
				t.Fatal(err)
			}
			scheduler, err := runtime.NewScheduler(&runtime.SchedulerOptions{Wait: patient})
			if err != nil {
				t.Fatal(err)
			}
			opts := &runtime.Options{HostFuncs: hostFuncs(), Compiler: compiler, Scheduler: scheduler,
				Pool: newPool(t, &runtime.PoolOptions{Instances: 3, Wait: patient})}
			rt := newRuntime(t, opts)
			limits := &runtime.Limits{WallTime: patient}
			m, err := rt.Compile(context.Background(), c.code(t), limits)
			if err != nil {
				t.Fatal(err)
			}
			other := compile(t, rt, "pool", limits)
			var left atomic.Int64
			left.Store(int64(canaries(t, c.few)))
			var wg sync.WaitGroup
			for who := range uint32(6) {
				wg.Go(func() {
					for n := left.Add(-1); n >= 0 && !t.Failed(); n = left.Add(-1) {
						if err := sing(m, who, int(n)); err != nil {
							t.Errorf("principal %d: %v", who, err)
						}
						if n%20 == 3 {
							if err := borrow(other, int(who), int(n)%1000); err != nil {
								t.Errorf("principal %d: %v", who, err)
							}
						}
					}
				})
			}
			wg.Wait()
			if s := opts.Pool.Stats(); s.Reused == 0 || s.InUse != 0 {
				t.Errorf("%+v", s)
			}
		})
	}
}

// sing is one principal's n-th call, or two with a pause between them in which the instance is parked. Some grow a
// table, and some end in a trap.
func sing(m *runtime.Module, who uint32, n int) error {
	ctx := context.Background()
	opts := &runtime.InstanceOptions{Principal: fmt.Sprint(who)}
	in, err := m.Get(ctx, opts)
	if err != nil {
		return err
	}
	defer func() { in.Close(ctx) }()
	parks, beside := n%50 == 7, uint32(0)
	switch {
	case n%50 == 8:
		beside = 1
	case n%10 == 9:
		beside = 2
	}
	if err := tweet(in, who, beside); err != nil || !parks {
		return err
	}
	p, err := in.Park()
	if err != nil {
		return err
	}
	next, err := p.Resume(ctx, opts)
	if err != nil {
		return fmt.Errorf("resuming: %w", err)
	}
	in = next
	return tweet(in, who, 0)
}

func tweet(in *runtime.Instance, who, beside uint32) error {
	var mark []byte
	for _, n := range []uint32{0x5ca1ab1e, who + 1, uint32(in.Stats().PeakMemory), beside} {
		mark = binary.LittleEndian.AppendUint32(mark, n)
	}
	out, err := in.Call(context.Background(), "canary", mark)
	if fault := (*runtime.Fault)(nil); beside == 2 && errors.As(err, &fault) && fault.Kind == runtime.FaultTrap {
		return nil
	}
	if err != nil {
		return err
	}
	if n := binary.LittleEndian.Uint32(out); n > 0 {
		return fmt.Errorf("found %d marks of others", n)
	}
	return nil
}
