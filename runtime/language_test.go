package runtime_test

import (
	"context"
	"testing"

	"github.com/vitrine-run/vitrine/runtime"
)

// What Options.Start names is a part of the start: it is called once where instances are copies, and its failing is a failing start.
func TestStartOfALanguage(t *testing.T) {
	ctx := context.Background()
	for _, c := range []struct {
		name string
		fn   string
		args []uint64
		kind runtime.FaultKind // "" if it starts
	}{
		{"nothing is named", "", nil, ""},
		{"no such export", "nothing", nil, ""},
		{"of two numbers", "add", []uint64{1, 2}, ""},
		{"called with too few", "add", []uint64{1}, runtime.FaultInvalid},
		{"called with too many", "add", []uint64{1, 2, 3}, runtime.FaultInvalid},
	} {
		t.Run(c.name, func(t *testing.T) {
			asked := 0
			m := compile(t, newRuntime(t, &runtime.Options{Start: func(info *runtime.Info) (string, []uint64) {
				asked++
				return c.fn, c.args
			}}), "numbers", nil)
			for range 2 {
				for _, start := range []func(context.Context, *runtime.InstanceOptions) (*runtime.Instance, error){m.Instantiate, m.Get} {
					in, err := start(ctx, nil)
					if c.kind != "" {
						wantFault(t, err, c.kind, "")
						continue
					}
					if err != nil {
						t.Fatal(err)
					}
					if err := in.Close(ctx); err != nil {
						t.Error(err)
					}
				}
			}
			if asked != 1 {
				t.Errorf("asked %d times", asked)
			}
		})
	}
}
