//go:build wasmtime && cgo && (linux || darwin) && amd64

package engine

// #include "wasmtime_api.h"
import "C"

import (
	"context"
	"fmt"
	"runtime/cgo"
	"unsafe"

	"github.com/vitrine-run/vitrine/runtime/memory"
	"github.com/vitrine-run/vitrine/runtime/wasm"
)

// A wasmtimeInstance is a store with one instance in it. C knows it by its handle.
type wasmtimeInstance struct {
	mod   *wasmtimeModule
	sys   *System
	guest *C.vt_guest
	self  cgo.Handle
	mem   Memory
	wasi  *wasiInstance
	left  [2]C.uint64_t // what was in the guest's tank when it was freed

	// Of the call under way.
	ctx   context.Context
	stack []uint64 // of host functions: they do not nest
	ended error    // why the host left the guest, nil if it did not
}

func (m *wasmtimeModule) Instantiate(ctx context.Context, s *System) (Instance, error) {
	in := &wasmtimeInstance{mod: m, sys: s, mem: noMemory{}}
	if m.hasMemory {
		in.mem = systemMemory{s.Memory}
	}
	in.self = cgo.NewHandle(in)
	in.guest = C.vt_new(m.engine, C.uintptr_t(in.self))
	if in.guest == nil {
		in.self.Delete()
		return nil, &Crash{Reason: "out of memory"}
	}
	in.ctx = ctx
	C.vt_instantiate(in.guest, m.pre, m.tank)
	if err := in.result(); err != nil {
		_ = in.Close(ctx) // the first error is the one that says why
		return nil, err
	}
	return in, nil
}

// result says what ended a call. If it was the host, it has said why.
func (in *wasmtimeInstance) result() error {
	end, ended := &in.guest.end, in.ended
	in.ctx, in.ended = nil, nil
	switch {
	case end.how == C.VT_OK:
		return nil
	case ended != nil:
		return ended
	case end.how == C.VT_TRAP && bool(end.has_code):
		frame := C.GoStringN(&end.name[0], C.int(end.name_len))
		if frame == "" && end._func != C.UINT32_MAX {
			frame = fmt.Sprintf("$%d", end._func)
		}
		code := uint8(end.code)
		return &Trap{Reason: trapReason(code), Frame: frame, Stack: code == 0}
	}
	return &Crash{Reason: firstLine(text(end)), Detail: text(end)}
}

// Memory implements Instance.
func (in *wasmtimeInstance) Memory() Memory { return in.mem }

// Resize implements Instance: it cannot.
func (in *wasmtimeInstance) Resize(uint64) bool { return false }

// Close implements Instance.
func (in *wasmtimeInstance) Close(ctx context.Context) error {
	in.left = in.guest.left
	C.vt_free(in.guest)
	in.guest = nil
	in.self.Delete()
	if in.wasi == nil {
		return nil
	}
	return in.wasi.close(ctx)
}

// Global implements Instance.
func (in *wasmtimeInstance) Global(name string) Global {
	if r := in.mod.refuel; r != nil && bool(in.guest.metered) {
		switch name {
		case r.Fuel:
			return tankGlobal{in, 0}
		case r.Depth:
			return tankGlobal{in, 1}
		}
	}
	ty, ok := in.mod.globals[name]
	if !ok {
		return nil
	}
	g := &wasmtimeGlobal{guest: in.guest, kind: wasmtimeKind(ty)}
	if !C.vt_global(in.guest, chars(name), C.size_t(len(name)), &g.global) {
		return nil
	}
	return g
}

// A tankGlobal is a global that is read and set around every call. It is kept beside the
// guest and goes in and out with the call, which costs no call of its own.
type tankGlobal struct {
	in *wasmtimeInstance
	i  int
}

func (g tankGlobal) Get() uint64 {
	if g.in.guest == nil {
		return uint64(g.in.left[g.i])
	}
	return uint64(g.in.guest.left[g.i])
}

func (g tankGlobal) Set(v uint64) { g.in.guest.left[g.i] = C.uint64_t(v) }

type wasmtimeGlobal struct {
	guest  *C.vt_guest
	global C.wasmtime_global_t
	kind   byte
}

func (g *wasmtimeGlobal) Get() uint64 { return uint64(C.vt_get(g.guest, &g.global)) }

func (g *wasmtimeGlobal) Set(v uint64) {
	C.vt_set(g.guest, &g.global, C.uint8_t(g.kind), C.uint64_t(v))
}

// Function implements Instance.
func (in *wasmtimeInstance) Function(name string) Function {
	ty := in.mod.funcs[name]
	if ty == nil {
		return nil
	}
	f := &wasmtimeFunction{in: in, ty: ty, f: new(C.wasmtime_func_t),
		vals: make([]C.wasmtime_val_raw_t, max(len(ty.Params), len(ty.Results), 1))}
	if !C.vt_func(in.guest, chars(name), C.size_t(len(name)), f.f) {
		return nil
	}
	return f
}

type wasmtimeFunction struct {
	in   *wasmtimeInstance
	ty   *wasm.FuncType
	f    *C.wasmtime_func_t
	vals []C.wasmtime_val_raw_t
}

// Call implements Function.
func (f *wasmtimeFunction) Call(ctx context.Context, stack []uint64) error {
	for i := range f.ty.Params {
		*bits(&f.vals[i]) = stack[i]
	}
	f.in.ctx = ctx
	C.vt_call(f.in.guest, f.f, &f.vals[0], C.size_t(len(f.vals)))
	if err := f.in.result(); err != nil {
		return err
	}
	for i, t := range f.ty.Results {
		stack[i] = clean(*bits(&f.vals[i]), t)
	}
	return nil
}

// bits is where the number of a value is; vectors, which are longer, are not passed.
func bits(v *C.wasmtime_val_raw_t) *uint64 { return (*uint64)(unsafe.Pointer(v)) }

// clean takes the upper half away from what has none: wasmtime does not write it.
func clean(v uint64, t wasm.ValueType) uint64 {
	if t == wasm.I32 || t == wasm.F32 {
		return uint64(uint32(v))
	}
	return v
}

// systemMemory reads and writes what the guest has, without a call into C.
type systemMemory struct{ m *memory.Memory }

// Read implements Memory.
func (s systemMemory) Read(ptr, n uint32) ([]byte, bool) {
	b := s.m.Bytes()
	end := uint64(ptr) + uint64(n)
	if end > uint64(len(b)) {
		return nil, false
	}
	return b[ptr:end:end], true
}

// Write implements Memory.
func (s systemMemory) Write(ptr uint32, p []byte) bool {
	b := s.m.Bytes()
	if uint64(ptr)+uint64(len(p)) > uint64(len(b)) {
		return false
	}
	copy(b[ptr:], p)
	return true
}
