//go:build wasmtime && cgo && (linux || darwin) && amd64

package engine_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vitrine-run/vitrine/runtime/engine"
	"github.com/vitrine-run/vitrine/runtime/memory"
	"github.com/vitrine-run/vitrine/runtime/wasm"
)

// What wasmtime_api.h declares is what wasmtime's own headers do.
func TestDeclarationsAreWasmtimes(t *testing.T) {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/bytecodealliance/wasmtime-go/v39").Output()
	if err != nil {
		t.Fatal(err)
	}
	exports := filepath.Join(t.TempDir(), "_cgo_export.h")
	if err := os.WriteFile(exports, []byte(`
#include "wasmtime_api.h"
bool vitrineHostCall(uintptr_t, uintptr_t, wasmtime_val_raw_t *);
bool vitrineRefuel(uintptr_t);
bool vitrineMemoryNew(uintptr_t, size_t, size_t, size_t, size_t);
void *vitrineMemoryGet(uintptr_t, size_t *, size_t *);
bool vitrineMemoryGrow(uintptr_t, size_t);
`), 0o644); err != nil {
		t.Fatal(err)
	}
	real := filepath.Join(strings.TrimSpace(string(dir)), "build", "include")
	for _, how := range [][]string{{}, {"-DVITRINE_REAL_HEADERS", "-I" + real}} {
		args := append(how, "-fsyntax-only", "-Wall", "-Werror", "-I"+filepath.Dir(exports), "-I.", "wasmtime.c")
		if msg, err := exec.Command("cc", args...).CombinedOutput(); err != nil {
			t.Errorf("cc %q: %v\n%s", args, err, msg)
		}
	}
}

// compileOne compiles a module of one exported function "f" without parameters.
func compileOne(t *testing.T, types []wasm.ValueType, body ...byte) (engine.Module, error) {
	t.Helper()
	m := &wasm.Module{Start: -1, DataCount: -1,
		Types:    []wasm.FuncType{{Results: types}},
		Funcs:    []uint32{0},
		Memories: []wasm.Limits{{Min: 1}},
		Exports:  []wasm.Export{{Name: "f", Kind: wasm.KindFunc}},
		Code:     []wasm.Code{{Bytes: append([]byte{0}, append(body, byte(wasm.OpEnd))...)}},
	}
	e, err := engine.Open(engine.Wasmtime)
	if err != nil {
		t.Fatal(err)
	}
	return e.Compile(context.Background(), m.Encode(), &engine.Config{HasMemory: true})
}

// Proposals that wazero lacks are off: a module is valid on every engine or on none.
func TestWasmtimeHasNothingNewer(t *testing.T) {
	i32 := []wasm.ValueType{wasm.I32}
	for _, c := range []struct {
		name string
		ok   bool
		ret  []wasm.ValueType
		body []byte
	}{
		{"nothing", true, nil, nil},
		{"saturating conversion", true, i32, []byte{0x43, 0, 0, 0, 0, 0xfc, 0x00}},
		{"sign extension", true, i32, []byte{0x41, 1, 0xc0}},
		{"several results", true, []wasm.ValueType{wasm.I32, wasm.I32}, []byte{0x41, 1, 0x41, 2}},
		{"vector", true, []wasm.ValueType{wasm.V128}, []byte{0x41, 1, 0xfd, 0x0f}},
		{"bulk memory", true, nil, []byte{0x41, 0, 0x41, 0, 0x41, 0, 0xfc, 0x0b, 0}},
		{"tail call", false, nil, []byte{0x12, 0}},
		{"atomic fence", false, nil, []byte{0xfe, 0x03, 0x00}},
		{"relaxed vector", false, []wasm.ValueType{wasm.V128}, []byte{0x41, 1, 0xfd, 0x0f, 0x41, 1, 0xfd, 0x0f, 0xfd, 0x80, 0x02}},
		{"exception", false, nil, []byte{0x1f, 0x40, 0x00, 0x0b}},
		{"wide arithmetic", false, []wasm.ValueType{wasm.I64, wasm.I64}, []byte{0x42, 1, 0x42, 1, 0xfc, 0x15}},
		{"typed reference", false, nil, []byte{0xd0, 0x70, 0xd4, 0x1a}},
		{"garbage collection", false, i32, []byte{0x41, 1, 0xfb, 0x1c, 0xfb, 0x1d}},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, err := compileOne(t, c.ret, c.body...)
			if (err == nil) != c.ok {
				t.Fatalf("err %v, want ok = %v", err, c.ok)
			}
			if err != nil {
				return
			}
			defer m.Close(context.Background())
			mem := memory.New(1 << 20)
			defer mem.Release()
			in, err := m.Instantiate(context.Background(), &engine.System{Memory: mem})
			if err != nil {
				t.Fatal(err)
			}
			defer in.Close(context.Background())
			if err := in.Function("f").Call(context.Background(), make([]uint64, 2)); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestWasmtimeRefusesHugeFunctions(t *testing.T) {
	_, err := compileOne(t, nil, bytes.Repeat([]byte{0x01}, 256<<10)...) // nop
	if err == nil || !strings.Contains(err.Error(), "function 0 has 262146 bytes") {
		t.Error(err)
	}
}

// Two advisories (GHSA-vc8c-j3xm-xj73, GHSA-qqfj-4vcm-26hv) are of loads that are wider in
// the machine than in the module. At the end of memory they must not end the process.
func TestWasmtimeWideLoadsAtTheEnd(t *testing.T) {
	last := []byte{0x41, 0xf8, 0xff, 0x03, 0x2b, 3, 0} // f64.load 65528
	for name, body := range map[string][]byte{
		"copysign":    append(append([]byte{0x44, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f}, last...), 0xa6, 0xbd, 0xa7),
		"copysign of": append(append([]byte{}, last...), 0x44, 0, 0, 0, 0, 0, 0, 0xf0, 0xbf, 0xa6, 0xbd, 0xa7),
		"splat":       append(append([]byte{}, last...), 0xfd, 0x14, 0xfd, 0x1b, 1),
	} {
		t.Run(name, func(t *testing.T) {
			m, err := compileOne(t, []wasm.ValueType{wasm.I32}, body...)
			if err != nil {
				t.Fatal(err)
			}
			defer m.Close(context.Background())
			mem := memory.New(1 << 16)
			defer mem.Release()
			in, err := m.Instantiate(context.Background(), &engine.System{Memory: mem})
			if err != nil {
				t.Fatal(err)
			}
			defer in.Close(context.Background())
			var trap *engine.Trap
			if err := in.Function("f").Call(context.Background(), make([]uint64, 1)); err != nil && !errors.As(err, &trap) {
				t.Error(err)
			}
		})
	}
}

// wasmtime takes signals of the process; Go's own faults must stay Go's.
func TestGoFaultsStayGos(t *testing.T) {
	m, err := compileOne(t, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close(context.Background())
	defer func() {
		if r, ok := recover().(error); !ok || !strings.Contains(r.Error(), "nil pointer") {
			t.Errorf("recovered %v", r)
		}
	}()
	var nobody *engine.Exit
	_ = nobody.Code
	t.Error("went on behind a nil pointer")
}

// What the guest's thread reads past the end faults, and is the guest's fault.
func TestWasmtimeMemoryEnds(t *testing.T) {
	for name, offset := range map[string][]byte{
		"next byte":         {0x41, 0x80, 0x80, 0x04, 0x2d, 0, 0},                               // i32.load8_u 65536
		"far end":           {0x41, 0x7f, 0x28, 2, 0},                                           // i32.load 2^32-1
		"farther by offset": {0x41, 0x7f, 0x28, 2, 0xff, 0xff, 0xff, 0xff, 0x0f},                // and 2^32-1 more
		"within the guard":  {0x41, 0x7f, 0x28, 2, 0x80, 0x80, 0x80, 0x08},                      // and 16 MiB more
		"bulk":              {0x41, 0, 0x41, 0, 0x41, 0x81, 0x80, 0x04, 0xfc, 0x0b, 0, 0x41, 0}, // memory.fill of 65537
	} {
		t.Run(name, func(t *testing.T) {
			m, err := compileOne(t, []wasm.ValueType{wasm.I32}, offset...)
			if err != nil {
				t.Fatal(err)
			}
			defer m.Close(context.Background())
			mem := memory.New(1 << 16)
			defer mem.Release()
			in, err := m.Instantiate(context.Background(), &engine.System{Memory: mem})
			if err != nil {
				t.Fatal(err)
			}
			defer in.Close(context.Background())
			var trap *engine.Trap
			if err := in.Function("f").Call(context.Background(), make([]uint64, 1)); !errors.As(err, &trap) ||
				trap.Reason != "out of bounds memory access" {
				t.Errorf("%v", err)
			}
		})
	}
}
