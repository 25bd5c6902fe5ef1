package runtime_test

import (
	"context"
	"strings"
	"testing"

	"github.com/vitrine-run/vitrine/runtime"
	"github.com/vitrine-run/vitrine/runtime/wasm"
)

// A fault names the function as its author knows it: metering moves their indices.
func TestTrapsNameTheFunction(t *testing.T) {
	bare, err := wasm.Decode(guest(t, "names"))
	if err != nil {
		t.Fatal(err)
	}
	bare.Customs = nil
	eachEngine(t, func(t *testing.T, opts *runtime.Options) {
		for _, c := range []struct{ fn, named, bare string }{
			{"exported", "exported", "exported"},
			{"call_named", "named", "function 1"},
			{"call_unnamed", "function 2", "function 2"},
			{"call_recursive", "function 3", "function 3"},
			{"call_copy", "function 4", "function 4"},
		} {
			for code, want := range map[string]string{string(guest(t, "names")): c.named, string(bare.Encode()): c.bare} {
				m, err := newRuntime(t, opts).Compile(context.Background(), []byte(code), nil)
				if err != nil {
					t.Fatal(err)
				}
				_, err = instantiate(t, m, nil).Invoke(context.Background(), c.fn)
				f := wantFault(t, err, runtime.FaultTrap, "")
				_, got, _ := strings.Cut(f.Message, " in ")
				if got != want {
					t.Errorf("%s: %q, want it in %q", c.fn, f.Message, want)
				}
			}
		}
	})
}

// Fuel that was used is never more than there was, and always as much.
func TestFuelUsedUpIsTheBudget(t *testing.T) {
	eachEngine(t, func(t *testing.T, opts *runtime.Options) {
		m := compile(t, newRuntime(t, opts), "numbers", &runtime.Limits{Fuel: 1000})
		for range 3 {
			in := instantiate(t, m, nil)
			_, err := in.Invoke(context.Background(), "fib", 20)
			wantFault(t, err, runtime.FaultFuel, runtime.LimitFuel)
			if got := in.Stats().Fuel; got != 1000 {
				t.Errorf("used %d of 1000", got)
			}
		}
	})
}
