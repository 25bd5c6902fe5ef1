package runtime_test

import (
	"context"
	"io"
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
