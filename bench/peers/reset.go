package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/bytecodealliance/wasmtime-go/v39"
	extism "github.com/extism/go-sdk"

	"github.com/vitrine-run/vitrine/bench/call"
	"github.com/vitrine-run/vitrine/bench/reset/fresh"
)

// freshSystems are those of the case reset. Extism's guests are its own: the echo of bench/call, which does about
// as much as the one in C, and the one in Go by its conventions.
func freshSystems() []fresh.Maker {
	return append(append(fresh.Light(), freshOnWasmtime()...),
		fresh.Maker{Name: "wasmtime", Make: func(_ context.Context, _ string, wasm []byte) (fresh.System, error) { return newFreshWasmtime(wasm) }},
		fresh.Maker{Name: "extism", Make: func(ctx context.Context, guest string, _ []byte) (fresh.System, error) {
			return newFreshExtism(ctx, guest)
		}},
		fresh.Maker{Name: pooledName, Make: func(ctx context.Context, guest string, _ []byte) (fresh.System, error) {
			return newPooled(ctx, guest)
		}},
		fresh.Maker{Name: goPluginName, Make: func(ctx context.Context, guest string, _ []byte) (fresh.System, error) {
			if guest != "go" {
				return nil, nil // its plugins are in Go
			}
			return newGoPlugin(ctx)
		}},
		fresh.Maker{Name: processName, Make: func(ctx context.Context, guest string, _ []byte) (fresh.System, error) {
			if guest != "go" {
				return nil, nil // the plugin is one in Go
			}
			return newFreshProcess(ctx)
		}},
	)
}

// freshWasmtime makes a store and an instance for every call, with the allocator as it comes.
type freshWasmtime struct {
	engine *wasmtime.Engine
	module *wasmtime.Module
	linker *wasmtime.Linker
}

func newFreshWasmtime(wasm []byte) (*freshWasmtime, error) {
	w := &freshWasmtime{engine: wasmtime.NewEngine()}
	w.linker = wasmtime.NewLinker(w.engine)
	if err := w.linker.DefineWasi(); err != nil {
		return nil, err
	}
	var err error
	w.module, err = wasmtime.NewModule(w.engine, wasm)
	return w, err
}

func (*freshWasmtime) Name() string { return "wasmtime" }

func (w *freshWasmtime) Once(context.Context) ([]byte, error) {
	store := wasmtime.NewStore(w.engine)
	defer store.Close()
	store.SetWasi(wasmtime.NewWasiConfig())
	in, err := w.linker.Instantiate(store, w.module)
	if err != nil {
		return nil, err
	}
	if start := in.GetFunc(store, "_initialize"); start != nil {
		if _, err := start.Call(store); err != nil {
			return nil, err
		}
	}
	at, err := in.GetFunc(store, "vitrine_alloc").Call(store, int32(len(fresh.Input)))
	if err != nil {
		return nil, err
	}
	mem := in.GetExport(store, "memory").Memory()
	copy(mem.UnsafeData(store)[uint32(at.(int32)):], fresh.Input)
	res, err := in.GetFunc(store, "greet").Call(store, at, int32(len(fresh.Input)))
	if err != nil {
		return nil, err
	}
	ptr, n := uint32(uint64(res.(int64))>>32), uint32(res.(int64))
	return fresh.Said(slices.Clone(mem.UnsafeData(store)[ptr:ptr+n]), nil)
}

func (w *freshWasmtime) Close(context.Context) error {
	w.linker.Close()
	w.module.Close()
	w.engine.Close()
	return nil
}

// freshExtism makes a plugin for every call, of code that is compiled once.
type freshExtism struct {
	code *extism.CompiledPlugin
	name string // of the function
}

// extismCode compiles the guest that Extism has in place of another, and says what its function is called.
func extismCode(ctx context.Context, guest string, wasm []byte) (*extism.CompiledPlugin, string, error) {
	name, hosts := "greet", []extism.HostFunction{}
	if guest == "c" {
		name, wasm = "echo", call.ExtismGuest
		hosts = append(hosts, extism.NewHostFunctionWithStack("tick", func(context.Context, *extism.CurrentPlugin, []uint64) {},
			[]extism.ValueType{extism.ValueTypeI32}, []extism.ValueType{extism.ValueTypeI32}))
	}
	manifest := extism.Manifest{Wasm: []extism.Wasm{extism.WasmData{Data: wasm}}}
	code, err := extism.NewCompiledPlugin(ctx, manifest, extism.PluginConfig{EnableWasi: true}, hosts)
	return code, name, err
}

func newFreshExtism(ctx context.Context, guest string) (fresh.System, error) {
	wasm, err := extismGoGuest()
	if err != nil {
		return nil, err
	}
	code, name, err := extismCode(ctx, guest, wasm)
	if err != nil {
		return nil, err
	}
	return &freshExtism{code, name}, nil
}

func (*freshExtism) Name() string { return "extism" }

func (e *freshExtism) Once(ctx context.Context) ([]byte, error) {
	p, err := e.code.Instance(ctx, extism.PluginInstanceConfig{})
	if err != nil {
		return nil, err
	}
	out, err := greeted(ctx, p, e.name)
	if closed := p.Close(ctx); err == nil {
		err = closed
	}
	return out, err
}

// greeted calls a plugin, and answers what it said.
func greeted(ctx context.Context, p *extism.Plugin, name string) ([]byte, error) {
	code, out, err := p.CallWithContext(ctx, name, fresh.Input)
	if err == nil && code != 0 {
		err = fmt.Errorf("exit code %d", code)
	}
	return fresh.Said(slices.Clone(out), err)
}

func (e *freshExtism) Close(ctx context.Context) error { return e.code.Close(ctx) }
