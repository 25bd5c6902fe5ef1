package runtime_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/vitrine-run/vitrine/runtime"
)

// wazero by itself keeps the data that instantiating drops, and answers where the
// specification and wasmtime trap.
func TestDroppedSegmentsAreEmpty(t *testing.T) {
	const memory, table = "trap: out of bounds memory access", "trap: invalid table access"
	eachEngine(t, func(t *testing.T, opts *runtime.Options) {
		m := compile(t, newRuntime(t, opts), "dropped", nil)
		for _, c := range []struct {
			fn   string
			args []uint64
			want string
		}{
			{"init", []uint64{0}, "[0]"},
			{"init", []uint64{1}, memory},
			{"init", []uint64{6}, memory},
			{"init", []uint64{1 << 20}, memory},
			{"init", []uint64{1<<32 - 1}, memory},
			{"init_const", nil, memory},
			{"init_passive", []uint64{7}, "[112]"},
			{"init_passive", []uint64{8}, memory},
			{"init_passive", []uint64{1 << 21}, memory},
			{"init_after_drop", []uint64{1}, memory},
			{"init_after_drop", []uint64{0}, "[0]"},
			{"table_active", []uint64{0}, "[]"},
			{"table_active", []uint64{1}, table},
			{"table_declared", []uint64{0}, "[]"},
			{"table_declared", []uint64{1}, table},
			{"table_passive", []uint64{1}, "[]"},
			{"table_passive", []uint64{2}, table},
		} {
			got, err := instantiate(t, m, nil).Invoke(context.Background(), c.fn, c.args...)
			said := fmt.Sprint(got)
			if f := (*runtime.Fault)(nil); errors.As(err, &f) {
				said = fmt.Sprintf("%s: %.*s", f.Kind, len(c.want)-len("trap: "), f.Message)
			}
			if said != c.want {
				t.Errorf("%s%v: %s, %v, want %s", c.fn, c.args, said, err, c.want)
			}
		}
	})
}
