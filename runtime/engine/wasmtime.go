//go:build wasmtime && cgo && (linux || darwin) && amd64

package engine

/*
#include <stdlib.h>
#include "wasmtime_api.h"
*/
import "C"

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"unsafe"

	// Brings the library itself, for the linker; RATIONALE.md says why not its Go API.
	_ "github.com/bytecodealliance/wasmtime-go/v39"

	"github.com/vitrine-run/vitrine/runtime/wasm"
)

// optional lists the engines that a build tag has added.
func optional() []string { return []string{Wasmtime} }

func openWasmtime() (Engine, error) { return wasmtimeEngine{}, nil }

type wasmtimeEngine struct{}

func (wasmtimeEngine) Name() string { return Wasmtime }

// Version implements Engine.
func (wasmtimeEngine) Version() string {
	build := buildOf("github.com/bytecodealliance/wasmtime-go/v39")
	if build == "" {
		return ""
	}
	return "wasmtime " + build + " " + machine()
}

// Compile makes a wasmtime engine of its own for every module: types and code of one
// plugin never meet those of another, and closing it frees everything.
func (wasmtimeEngine) Compile(_ context.Context, code []byte, cfg *Config) (_ Module, err error) {
	decoded, err := wasm.Decode(code)
	if err != nil {
		return nil, err
	}
	if err := checkBodies(decoded); err != nil {
		return nil, err
	}
	m := &wasmtimeModule{
		engine:    C.vt_engine(),
		hasMemory: cfg.HasMemory,
		funcs:     exportedFunctions(decoded),
		globals:   exportedGlobals(decoded),
		host:      cfg.Host,
		refuel:    cfg.Refuel,
	}
	defer func() {
		if err != nil {
			m.free()
		}
	}()
	m.linker = C.wasmtime_linker_new(m.engine)
	if cfg.WASI {
		if m.wasi, err = newWASIBridge(decoded, cfg); err != nil {
			return nil, err
		}
		m.host = append(m.host[:len(m.host):len(m.host)], m.wasi.functions()...)
	}
	if err := m.link(); err != nil {
		return nil, err
	}
	return m, m.compile(code, cfg)
}

// exportedFunctions finds the types of the functions that a module exports.
func exportedFunctions(m *wasm.Module) map[string]*wasm.FuncType {
	types := map[string]*wasm.FuncType{}
	funcs := m.FuncTypes()
	for _, e := range m.Exports {
		if e.Kind == wasm.KindFunc && int(e.Index) < len(funcs) && int(funcs[e.Index]) < len(m.Types) {
			types[e.Name] = &m.Types[funcs[e.Index]]
		}
	}
	return types
}

// exportedGlobals finds the types of the mutable numbers that a module exports.
func exportedGlobals(m *wasm.Module) map[string]wasm.ValueType {
	types := map[string]wasm.ValueType{}
	globals := m.GlobalTypes()
	for _, e := range m.Exports {
		if e.Kind != wasm.KindGlobal || int(e.Index) >= len(globals) {
			continue
		}
		if g := globals[e.Index]; g.Mutable && g.Type <= wasm.I32 && g.Type >= wasm.F64 {
			types[e.Name] = g.Type
		}
	}
	return types
}

type wasmtimeModule struct {
	engine    *C.wasm_engine_t
	linker    *C.wasmtime_linker_t
	code      *C.wasmtime_module_t
	pre       *C.wasmtime_instance_pre_t
	wasi      *wasiBridge // nil if the module imports none of it
	host      []HostFunc  // of the module and of WASI; guests call them by index
	refuel    *Refuel     // nil if the code is not metered
	tank      *C.vt_tank  // the names in refuel, for C
	funcs     map[string]*wasm.FuncType
	globals   map[string]wasm.ValueType
	hasMemory bool
}

// link defines every import. What a guest calls is known by its index in m.host.
func (m *wasmtimeModule) link() error {
	for i := range m.host {
		f := &m.host[i]
		ty := functionType(f.Params, f.Results)
		err := C.vt_define(m.linker, chars(f.Module), C.size_t(len(f.Module)), chars(f.Name), C.size_t(len(f.Name)),
			ty, C.uintptr_t(i))
		C.wasm_functype_delete(ty)
		if err != nil {
			return wasmtimeError(err)
		}
	}
	return m.linkRefuel()
}

func (m *wasmtimeModule) linkRefuel() error {
	r := m.refuel
	if r == nil {
		return nil
	}
	m.tank = (*C.vt_tank)(C.calloc(1, C.sizeof_vt_tank))
	for i, name := range []string{r.Fuel, r.Depth} {
		m.tank.name[i], m.tank.len[i] = C.CString(name), C.size_t(len(name))
	}
	ty := functionType(nil, nil)
	defer C.wasm_functype_delete(ty)
	if err := C.vt_define_refuel(m.linker, chars(r.Module), C.size_t(len(r.Module)), chars(r.Name), C.size_t(len(r.Name)),
		ty, m.tank); err != nil {
		return wasmtimeError(err)
	}
	return nil
}

// maxWasmtimeBody bounds the bytes of a function. This Cranelift numbers the values of a
// function in 24 bits and does not notice when they run out (GHSA-897f-g5gm-fmxm): a
// byte of a body becomes at most some ten values, and optimizing may treble that.
const maxWasmtimeBody = 256 << 10

func checkBodies(m *wasm.Module) error {
	for i := range m.Code {
		if n := len(m.Code[i].Bytes); n > maxWasmtimeBody {
			return fmt.Errorf("function %d has %d bytes with its checks, on wasmtime the limit is %d",
				m.Imported(wasm.KindFunc)+i, n, maxWasmtimeBody)
		}
	}
	return nil
}

func (m *wasmtimeModule) compile(code []byte, cfg *Config) error {
	if err := m.translate(code, cfg); err != nil {
		return err
	}
	if err := C.wasmtime_linker_instantiate_pre(m.linker, m.code, &m.pre); err != nil {
		return wasmtimeError(err)
	}
	return nil
}

// translate makes machine code, or takes what was made before.
func (m *wasmtimeModule) translate(code []byte, cfg *Config) error {
	if cfg.Native != nil {
		if cfg.Native.Parts() != 1 {
			return ErrStale
		}
		native := make([]byte, cfg.Native.Size(0))
		if err := cfg.Native.Read(0, native); err != nil {
			return err
		}
		err := C.wasmtime_module_deserialize(m.engine, (*C.uint8_t)(unsafe.SliceData(native)), C.size_t(len(native)), &m.code)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrStale, wasmtimeError(err))
		}
		return nil
	}
	if err := C.wasmtime_module_new(m.engine, (*C.uint8_t)(unsafe.SliceData(code)), C.size_t(len(code)), &m.code); err != nil {
		return wasmtimeError(err)
	}
	if cfg.Keep == nil {
		return nil
	}
	var native C.wasm_byte_vec_t
	if err := C.wasmtime_module_serialize(m.code, &native); err != nil {
		return wasmtimeError(err)
	}
	defer C.wasm_byte_vec_delete(&native)
	cfg.Keep(bytes.Clone(unsafe.Slice((*byte)(unsafe.Pointer(native.data)), int(native.size))))
	return nil
}

// chars lends the bytes of s to C for the length of one call.
func chars(s string) *C.char { return (*C.char)(unsafe.Pointer(unsafe.StringData(s))) }

func functionType(params, results []wasm.ValueType) *C.wasm_functype_t {
	p, r := wasmtimeKinds(params), wasmtimeKinds(results)
	return C.vt_functype((*C.uint8_t)(unsafe.SliceData(p)), C.size_t(len(p)), (*C.uint8_t)(unsafe.SliceData(r)), C.size_t(len(r)))
}

// wasmtimeKinds has numbers only: host functions take no others.
func wasmtimeKinds(ts []wasm.ValueType) []byte {
	kinds := make([]byte, len(ts))
	for i, t := range ts {
		kinds[i] = wasmtimeKind(t)
	}
	return kinds
}

// wasmtimeKind numbers i32, i64, f32 and f64 from 0 up; WebAssembly counts them down.
func wasmtimeKind(t wasm.ValueType) byte { return byte(wasm.I32 - t) }

func wasmtimeError(err *C.wasmtime_error_t) error {
	var end C.vt_end
	C.vt_error(err, &end)
	return errors.New(firstLine(text(&end)))
}

func text(end *C.vt_end) string { return C.GoStringN(&end.text[0], C.int(end.text_len)) }

// Close implements Module.
func (m *wasmtimeModule) Close(ctx context.Context) error {
	m.free()
	if m.wasi == nil {
		return nil
	}
	return m.wasi.close(ctx)
}

func (m *wasmtimeModule) free() {
	if m.pre != nil {
		C.wasmtime_instance_pre_delete(m.pre)
	}
	if m.code != nil {
		C.wasmtime_module_delete(m.code)
	}
	if m.linker != nil {
		C.wasmtime_linker_delete(m.linker)
	}
	C.wasm_engine_delete(m.engine)
	if m.tank != nil {
		C.free(unsafe.Pointer(m.tank.name[0]))
		C.free(unsafe.Pointer(m.tank.name[1]))
		C.free(unsafe.Pointer(m.tank))
	}
}

// trapReason puts wasmtime's trap codes in wazero's words, so that a fault reads the
// same on every engine.
func trapReason(code uint8) string {
	switch code {
	case 0:
		return stackOverflow
	case 1:
		return "out of bounds memory access"
	case 3, 4: // an index outside of the table, or of an empty place
		return "invalid table access"
	case 5:
		return "indirect call type mismatch"
	case 6:
		return "integer overflow"
	case 7:
		return "integer divide by zero"
	case 8:
		return "invalid conversion to integer"
	case 9:
		return "unreachable"
	}
	return fmt.Sprintf("trap %d", code)
}
