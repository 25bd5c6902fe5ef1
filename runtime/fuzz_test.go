package runtime_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/vitrine-run/vitrine/runtime"
)

// FuzzRun lets anything that compiles run, in a corset: whatever it does ends in one of
// the errors that package runtime promises, in time.
func FuzzRun(f *testing.F) {
	for _, name := range []string{"abi", "faults", "host", "wasi", "numbers", "heavy", "start_deep", "start_host", "init_trap"} {
		f.Add(guest(f, name))
	}
	rt := newRuntime(f, &runtime.Options{HostFuncs: hostFuncs()})
	limits := &runtime.Limits{Fuel: 1_000_000, WallTime: 5 * time.Second, Memory: 32 << 20, HostCalls: 1000, Output: 1 << 16, LogBytes: 100}
	f.Fuzz(func(t *testing.T, code []byte) {
		ctx := context.Background()
		m, err := rt.Compile(ctx, code, limits)
		if err != nil {
			var inv *runtime.InvalidError
			if !errors.As(err, &inv) {
				t.Fatalf("compile: %v (%T)", err, err)
			}
			return
		}
		defer m.Close(ctx)
		began := time.Now()
		for _, e := range m.Info().Exports {
			in, err := m.Instantiate(ctx, &runtime.InstanceOptions{State: &hostState{stop: func(*runtime.Caller, uint32) {}}})
			if err != nil {
				promised(t, err)
				return
			}
			if _, err = in.Call(ctx, e.Name, []byte("fuzz")); errors.Is(err, runtime.ErrNoFunction) {
				_, err = in.Invoke(ctx, e.Name, make([]uint64, len(e.Params))...)
			}
			promised(t, err)
			if err := in.Close(ctx); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(began); took > 20*time.Second {
			t.Fatalf("took %v", took)
		}
	})
}

func promised(t *testing.T, err error) {
	t.Helper()
	var fault *runtime.Fault
	var exit *runtime.ExitError
	var guest *runtime.GuestError
	var inv *runtime.InvalidError
	switch {
	case err == nil, errors.As(err, &exit), errors.As(err, &guest), errors.As(err, &inv), errors.Is(err, runtime.ErrNoFunction):
	case errors.As(err, &fault):
		if len(fault.Error()) > 4096 {
			t.Fatalf("%d bytes: %v", len(fault.Error()), fault)
		}
	default:
		t.Fatalf("%v (%T)", err, err)
	}
}
