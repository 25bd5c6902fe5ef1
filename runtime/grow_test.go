package runtime_test

import (
	"context"
	"math"
	"testing"

	"github.com/vitrine-run/vitrine/runtime"
)

// A guest that breaks because a limit of the host's kept it from growing is told so;
// one that its own maximum kept from it has only itself to blame.
func TestGrowthThatIsRefused(t *testing.T) {
	eachEngine(t, func(t *testing.T, opts *runtime.Options) {
		m := compile(t, newRuntime(t, opts), "grow", &runtime.Limits{Table: 1000})
		for _, c := range []struct {
			fn    string
			n     uint64
			kind  runtime.FaultKind
			limit string
		}{
			{"open_or_trap", 1000, runtime.FaultTable, runtime.LimitTable},
			{"open_or_trap", math.MaxUint32, runtime.FaultTable, runtime.LimitTable},
			{"own_or_trap", 2, runtime.FaultTrap, ""},
			{"memory_or_trap", 2, runtime.FaultTrap, ""},
		} {
			_, err := instantiate(t, m, nil).Invoke(context.Background(), c.fn, c.n)
			wantFault(t, err, c.kind, c.limit)
		}
		// Being refused is no fault, and is forgotten with the call.
		in := instantiate(t, m, nil)
		for _, want := range []uint64{1, math.MaxUint32} {
			if got, err := in.Invoke(context.Background(), "open", 999); err != nil || got[0] != want {
				t.Errorf("growing by 999: %v, %v, want %d", got, err, want)
			}
		}
		_, err := in.Invoke(context.Background(), "own_or_trap", 2)
		wantFault(t, err, runtime.FaultTrap, "")
	})
}
