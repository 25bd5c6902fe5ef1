package extism_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/vitrine-run/vitrine/runtime"
	"github.com/vitrine-run/vitrine/runtime/extism"
)

// hostile is a module that breaks Extism's conventions, one function a way to.
func hostile(t testing.TB, opts *extism.Options) *extism.Plugin {
	t.Helper()
	var o extism.Options
	if opts != nil {
		o = *opts
	}
	if o.HostFuncs == nil {
		o.HostFuncs = []extism.HostFunc{off(func(uint64) {})}
	}
	if o.Limits == nil {
		o.Limits = &runtime.Limits{WallTime: time.Minute}
	}
	p, err := extism.Compile(context.Background(), assembled(t, "hostile"), &o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close(context.Background()) })
	return p
}

func assembled(t testing.TB, name string) []byte {
	t.Helper()
	code, err := os.ReadFile(filepath.Join("testdata", name+".wasm"))
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// off is the function of the host's that the module imports.
func off(f func(step uint64)) extism.HostFunc {
	return extism.HostFunc{Name: "off", Params: i64s(1), Call: func(_ *extism.Caller, s []uint64) { f(s[0]) }}
}

func TestHostile(t *testing.T) {
	p := hostile(t, &extism.Options{HTTP: echo{}, Limits: &runtime.Limits{Memory: 1 << 20, HostCalls: 100_000}})
	for call, want := range map[string]struct {
		kind  runtime.FaultKind
		words string
	}{
		"alloc_all":       {runtime.FaultMemory, "blocks of more than 1048576 bytes"},
		"alloc_tiny":      {runtime.FaultMemory, "blocks of more than 1048576 bytes"},
		"alloc_longer":    {runtime.FaultMemory, "blocks of more than 1048576 bytes"},
		"alloc_minus_one": {runtime.FaultMemory, "blocks of more than 1048576 bytes"},
		"load_past_end":   {runtime.FaultTrap, "are not in the blocks"},
		"load_minus_one":  {runtime.FaultTrap, "are not in the blocks"},
		"input_wraps":     {runtime.FaultTrap, "are not in the blocks"},
		"store_past_end":  {runtime.FaultTrap, "are not in the blocks"},
		"output_past_end": {runtime.FaultOutput, "is not in the blocks"},
		"output_claim":    {runtime.FaultOutput, "the limit is"},
		"config_nowhere":  {runtime.FaultTrap, "there is no block"},
		"var_too_big":     {runtime.FaultMemory, "variables of more than"},
		"vars_too_many":   {runtime.FaultMemory, "variables of more than"},
		"request_is_none": {runtime.FaultTrap, "not a request"},
	} {
		t.Run(call, func(t *testing.T) {
			in, err := p.Instantiate(context.Background(), &extism.InstanceOptions{MaxVars: 100_000})
			if err != nil {
				t.Fatal(err)
			}
			defer in.Close(context.Background())
			_, err = in.Call(context.Background(), call, nil)
			var fault *runtime.Fault
			if !errors.As(err, &fault) || fault.Kind != want.kind || !strings.Contains(fault.Message, want.words) {
				t.Errorf("got %v, want %s: ...%s...", err, want.kind, want.words)
			}
		})
	}
}

// TestBlocksAreClean wants nothing of a block that was freed, or of a call before, in a new one.
func TestBlocksAreClean(t *testing.T) {
	p := hostile(t, nil)
	in, err := p.Instantiate(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, call := range []string{"leave_marks", "find_marks", "reuse"} {
		if _, err := in.Call(context.Background(), call, []byte("seven b")); err != nil {
			t.Errorf("%s: %v", call, err)
		}
	}
}

// TestFreedBlocksServeAgain wants blocks of all sizes, half a MiB of each, one size after the other, in the room of a few.
func TestFreedBlocksServeAgain(t *testing.T) {
	p := hostile(t, &extism.Options{Limits: &runtime.Limits{Memory: 4 << 20, WallTime: time.Minute}})
	in, err := p.Instantiate(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	out, err := in.Call(context.Background(), "alloc_shorter", nil)
	if err != nil || len(out) > 2<<20+524288 {
		t.Errorf("%d bytes of blocks, %v", len(out), err)
	}
}

// TestLongWorkIsCalledOff wants no more than a MiB of blocks to be cleared for a plugin whose caller has gone: there is
// no refuel point in what a host function does.
func TestLongWorkIsCalledOff(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var steps []uint64
	p := hostile(t, &extism.Options{HostFuncs: []extism.HostFunc{off(func(step uint64) {
		steps = append(steps, step)
		cancel()
	})}})
	in, err := p.Instantiate(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := in.Call(ctx, "work_on", nil); !errors.Is(err, context.Canceled) || len(steps) != 1 {
		t.Errorf("steps %d, %v", steps, err)
	}
}

func FuzzHTTPRequest(f *testing.F) {
	f.Add([]byte(`{"url":"https://example.com/","method":"post","headers":{"a":"b"}}`))
	f.Add([]byte(`{"url":1}`))
	p := hostile(f, &extism.Options{HTTP: echo{}})
	f.Fuzz(func(t *testing.T, b []byte) {
		in, err := p.Instantiate(context.Background(), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer in.Close(context.Background())
		out, err := in.Call(context.Background(), "request_input", b)
		var fault *runtime.Fault
		if err != nil && !errors.As(err, &fault) || err == nil && len(out) == 0 {
			t.Errorf("%q: %q, %v", b, out, err)
		}
	})
}
