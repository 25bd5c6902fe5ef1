//go:build wasmtime && cgo && (linux || darwin) && amd64

package engine

import (
	"context"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"

	"github.com/vitrine-run/vitrine/runtime/memory"
	"github.com/vitrine-run/vitrine/runtime/wasm"
)

// A wasiBridge gives guests on wasmtime the WASI that guests on wazero have, by being
// one: a module on wazero whose functions each call one of WASI, and whose memory is
// that of the guest on wasmtime. So there is one WASI to keep harmless, and wasmtime's,
// which can only be given the process's own files and streams, is never linked.
//
//	guest on wasmtime --fd_write(1, 0, 1, 8)--> callWASI --> bridge module on wazero
//	      |                                                        | call fd_write
//	      +------------- System.Memory <---------------------------+
type wasiBridge struct {
	rt     wazero.Runtime
	code   wazero.CompiledModule
	needed []HostFunc
}

// newWASIBridge builds a bridge of what the module imports.
func newWASIBridge(m *wasm.Module, cfg *Config) (_ *wasiBridge, err error) {
	ctx := context.Background()
	b := &wasiBridge{rt: wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfig().WithDebugInfoEnabled(false))}
	defer func() {
		if err != nil {
			_ = b.rt.Close(ctx) // the first error is the one that says why
		}
	}()
	if _, err := wasi_snapshot_preview1.Instantiate(watch(ctx, cfg), b.rt); err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, im := range m.Imports {
		if ty, ok := WASIType(im.Name); im.Module == WASIModule && ok && !seen[im.Name] {
			seen[im.Name] = true
			b.needed = append(b.needed, HostFunc{Module: WASIModule, Name: im.Name, Params: ty.Params, Results: ty.Results})
		}
	}
	b.code, err = b.rt.CompileModule(ctx, bridgeModule(b.needed, len(m.Memories) > 0))
	return b, err
}

// bridgeModule imports each function and exports one that calls it: only those see the
// memory of the module that they are in.
func bridgeModule(funcs []HostFunc, hasMemory bool) []byte {
	m := &wasm.Module{Start: -1, DataCount: -1}
	for i, f := range funcs {
		m.Types = append(m.Types, wasm.FuncType{Params: f.Params, Results: f.Results})
		m.Imports = append(m.Imports, wasm.Import{Module: f.Module, Name: f.Name, Kind: wasm.KindFunc, Type: uint32(i)})
		m.Funcs = append(m.Funcs, uint32(i))
		m.Exports = append(m.Exports, wasm.Export{Name: f.Name, Kind: wasm.KindFunc, Index: uint32(len(funcs) + i)})
		body := []byte{0} // no locals
		for p := range f.Params {
			body = wasm.AppendU32(append(body, byte(wasm.OpLocalGet)), uint32(p))
		}
		body = wasm.AppendU32(append(body, byte(wasm.OpCall)), uint32(i))
		m.Code = append(m.Code, wasm.Code{Bytes: append(body, byte(wasm.OpEnd))})
	}
	if hasMemory {
		m.Memories = []wasm.Limits{{Min: 0, Max: 1 << 16, HasMax: true}}
	}
	return m.Encode()
}

// functions are what the guest is to be linked with; callWASI is what they do.
func (b *wasiBridge) functions() []HostFunc { return b.needed }

func (b *wasiBridge) close(ctx context.Context) error { return b.rt.Close(ctx) }

// A wasiInstance is the bridge of one instance: its open files, clocks and streams.
type wasiInstance struct {
	mod   api.Module
	mem   *memory.Memory
	size  uint64 // of mem, as far as mod knows
	funcs map[string]api.Function
}

func (b *wasiBridge) instantiate(s *System) (*wasiInstance, error) {
	w := &wasiInstance{mem: s.Memory, funcs: map[string]api.Function{}}
	mod, err := b.rt.InstantiateModule(experimental.WithMemoryAllocator(context.Background(), w), b.code, wazeroConfig(s))
	if err != nil {
		return nil, err
	}
	w.mod = mod
	for _, f := range b.needed {
		w.funcs[f.Name] = mod.ExportedFunction(f.Name)
	}
	return w, nil
}

// Allocate implements experimental.MemoryAllocator with memory that is there already.
func (w *wasiInstance) Allocate(_, _ uint64) experimental.LinearMemory { return w }

// Reallocate implements experimental.LinearMemory. It is only asked for what is there.
func (w *wasiInstance) Reallocate(size uint64) []byte { return w.mem.Bytes()[:size:size] }

// Free implements experimental.LinearMemory; the memory is the guest's.
func (w *wasiInstance) Free() {}

func (w *wasiInstance) close(ctx context.Context) error { return w.mod.Close(ctx) }

// follow lets the bridge see what the guest's memory has grown by.
func (w *wasiInstance) follow() {
	if now := w.mem.Size(); now > w.size {
		w.mod.Memory().Grow(uint32((now - w.size) >> 16))
		w.size = now
	}
}

// callWASI calls a function of WASI for the guest. Most guests that import WASI never
// use it, so that the bridge is made with the first call.
func (in *wasmtimeInstance) callWASI(name string, stack []uint64) {
	if in.wasi == nil {
		w, err := in.mod.wasi.instantiate(in.sys)
		if err != nil {
			panic(err)
		}
		in.wasi = w
	}
	in.wasi.follow()
	if err := in.wasi.funcs[name].CallWithStack(in.ctx, stack); err != nil {
		in.ended = wazeroError(err)
	}
}
