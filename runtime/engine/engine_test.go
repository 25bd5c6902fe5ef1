package engine_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"

	"github.com/vitrine-run/vitrine/runtime/engine"
	"github.com/vitrine-run/vitrine/runtime/memory"
	"github.com/vitrine-run/vitrine/runtime/wasm"
)

// The table of WASI's types is ours; this holds it against the one that wazero links.
func TestWASITypesAreWazeros(t *testing.T) {
	ctx := context.Background()
	rt := wazero.NewRuntime(ctx)
	defer rt.Close(ctx)
	if _, err := wasi_snapshot_preview1.Instantiate(ctx, rt); err != nil {
		t.Fatal(err)
	}
	defs := rt.Module(engine.WASIModule).ExportedFunctionDefinitions()
	if len(defs) < 40 {
		t.Fatalf("only %d functions", len(defs))
	}
	for name, def := range defs {
		ours, ok := engine.WASIType(name)
		theirs := wasm.FuncType{Params: valueTypes(def.ParamTypes()), Results: valueTypes(def.ResultTypes())}
		if !ok || !ours.Equal(&theirs) {
			t.Errorf("%s: %v here, %v there", name, ours, theirs)
		}
	}
	if _, ok := engine.WASIType("fd_frobnicate"); ok {
		t.Error("a function that is not there has a type")
	}
}

func valueTypes(ts []api.ValueType) []wasm.ValueType {
	out := make([]wasm.ValueType, len(ts))
	for i, t := range ts {
		out[i] = wasm.ValueType(t)
	}
	return out
}

// seven exports "seven", which returns 7, and "trap", which is unreachable.
const seven = "\x00asm\x01\x00\x00\x00" +
	"\x01\x05\x01\x60\x00\x01\x7f" +
	"\x03\x03\x02\x00\x00" +
	"\x07\x10\x02\x05seven\x00\x00\x04trap\x00\x01" +
	"\x0a\x0a\x02\x04\x00\x41\x07\x0b\x03\x00\x00\x0b"

func TestEngines(t *testing.T) {
	ctx := context.Background()
	for _, name := range engine.Names() {
		t.Run(name, func(t *testing.T) {
			e, err := engine.Open(name)
			if err != nil || e.Name() != name {
				t.Fatal(e, err)
			}
			m, err := e.Compile(ctx, []byte(seven), &engine.Config{})
			if err != nil {
				t.Fatal(err)
			}
			defer m.Close(ctx)
			in, err := m.Instantiate(ctx, &engine.System{Memory: memory.New(0)})
			if err != nil {
				t.Fatal(err)
			}
			defer in.Close(ctx)
			stack := make([]uint64, 1)
			if err := in.Function("seven").Call(ctx, stack); err != nil || stack[0] != 7 {
				t.Errorf("%v, %v", stack, err)
			}
			if in.Function("eight") != nil {
				t.Error("a function that is not there was found")
			}
			if _, ok := in.Memory().Read(0, 1); ok || in.Memory().Write(0, []byte{1}) {
				t.Error("a module without memory has some")
			}
			var trap *engine.Trap
			if err := in.Function("trap").Call(ctx, stack); !errors.As(err, &trap) || trap.Reason != "unreachable" || trap.Frame != "$1" {
				t.Errorf("trap: %#v", err)
			}
		})
	}
}

func ExampleOpen() {
	ctx := context.Background()
	e, err := engine.Open("")
	if err != nil {
		fmt.Println(err)
		return
	}
	m, err := e.Compile(ctx, []byte(seven), &engine.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer m.Close(ctx)
	in, err := m.Instantiate(ctx, &engine.System{Memory: memory.New(0)})
	if err != nil {
		fmt.Println(err)
		return
	}
	stack := make([]uint64, 1)
	fmt.Println(e.Name(), in.Function("seven").Call(ctx, stack), stack)
	// Output: wazero <nil> [7]
}
