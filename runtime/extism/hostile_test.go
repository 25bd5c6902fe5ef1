package extism_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vitrine-run/vitrine/runtime"
	"github.com/vitrine-run/vitrine/runtime/extism"
)

// hostile is a module that breaks Extism's conventions, one function a way to.
func hostile(t testing.TB, opts *extism.Options) *extism.Plugin {
	t.Helper()
	code, err := os.ReadFile(filepath.Join("testdata", "hostile.wasm"))
	if err != nil {
		t.Fatal(err)
	}
	p, err := extism.Compile(context.Background(), code, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close(context.Background()) })
	return p
}

func TestHostile(t *testing.T) {
	p := hostile(t, &extism.Options{HTTP: echo{}, Limits: &runtime.Limits{Memory: 1 << 20, HostCalls: 100_000}})
	for call, want := range map[string]struct {
		kind  runtime.FaultKind
		words string
	}{
		"alloc_all":       {runtime.FaultMemory, "blocks of more than 1048576 bytes"},
		"alloc_tiny":      {runtime.FaultMemory, "blocks of more than 1048576 bytes"},
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
