package runtime_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/vitrine-run/vitrine/runtime"
)

// Modules are closed while guests out of the pool run in them, are put back, parked and waited for. The memory of
// a guest that runs does not go, and whoever comes too late is told so.
func TestModulesCloseUnderTheirGuests(t *testing.T) {
	ctx := context.Background()
	pool := newPool(t, &runtime.PoolOptions{Instances: 4})
	rt := newRuntime(t, &runtime.Options{HostFuncs: hostFuncs(), Pool: pool})
	rounds := 40
	if testing.Short() {
		rounds = 10
	}
	for round := range rounds {
		m := compile(t, rt, "pool", nil)
		var wg sync.WaitGroup
		for who := range 6 {
			wg.Go(func() {
				for i := 0; ; i++ {
					if err := use(m, who, i); errors.Is(err, runtime.ErrClosed) {
						return
					} else if err != nil {
						t.Errorf("round %d, %d: %v", round, who, err)
						return
					}
				}
			})
		}
		time.Sleep(time.Duration(round%8) * 500 * time.Microsecond)
		if err := m.Close(ctx); err != nil {
			t.Error(err)
		}
		wg.Wait()
		if s := pool.Stats(); s.InUse != 0 || s.Idle != 0 || s.Waiting != 0 {
			t.Fatalf("round %d leaves %+v", round, s)
		}
	}
}

// use takes an instance for something: a call that never ends by itself, a short one, or to be parked.
func use(m *runtime.Module, who, i int) error {
	ctx := context.Background()
	in, err := m.Get(ctx, nil)
	if err != nil {
		return unlessClosed(err)
	}
	defer func() { _ = in.Close(ctx) }()
	switch (who + i) % 3 {
	case 0:
		if who%2 == 0 { // the others are stopped by the module alone
			defer time.AfterFunc(time.Millisecond, func() { _ = in.Close(ctx) }).Stop()
		}
		_, err = in.Invoke(ctx, "spin")
	case 1:
		p, err := in.Park()
		if err != nil {
			return unlessClosed(err)
		}
		next, err := p.Resume(ctx, nil)
		if err != nil {
			return unlessClosed(err)
		}
		in = next
	default:
		_, err = in.Invoke(ctx, "dirty", uint64(i))
	}
	return unlessClosed(err)
}

// unlessClosed leaves out what a call ends with that Close has stopped. The next Get says ErrClosed.
func unlessClosed(err error) error {
	var f *runtime.Fault
	if errors.As(err, &f) && f.Kind == runtime.FaultCanceled {
		return nil
	}
	return err
}
