package runtime_test

import (
	"context"
	"errors"
	"testing"

	"github.com/vitrine-run/vitrine/runtime"
	"github.com/vitrine-run/vitrine/runtime/engine"
)

// Stack that a guest does not use any more is there again, however often it goes deep in one call, and the limit holds each time.
func TestStackComesBack(t *testing.T) {
	ctx := context.Background()
	for _, name := range engine.Names() {
		rt := newRuntime(t, &runtime.Options{Engine: name})
		m, err := rt.Compile(ctx, guest(t, "shallow"), &runtime.Limits{StackDepth: 1400})
		if err != nil {
			t.Fatal(err)
		}
		in, err := m.Instantiate(ctx, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, deep := range []uint64{10, 124, 125, 126, 249, 251, 300, 650} {
			const times = 50
			got, err := in.Invoke(ctx, "run", times, deep)
			if err != nil || got[0] != 2*times*deep {
				t.Errorf("%s: %d deep, %d times: %v, %v", name, deep, times, got, err)
			}
		}
		var fault *runtime.Fault
		if _, err := in.Invoke(ctx, "run", 1, 1500); !errors.As(err, &fault) || fault.Kind != runtime.FaultStack {
			t.Errorf("%s: 1500 deep: %v", name, err)
		}
	}
}
