package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/bytecodealliance/wasmtime-go/v39"
	extism "github.com/extism/go-sdk"

	"github.com/vitrine-run/vitrine/bench"
	"github.com/vitrine-run/vitrine/bench/call"
	"github.com/vitrine-run/vitrine/bench/reset/fresh"
)

// measureReset has every system make a clean instance for each call, in turns: of a guest in C, and of one in Go whose
// source is in src, which Extism has no counterpart for here.
func measureReset(ctx context.Context, o *bench.Options, src, names string, print func(bench.Row)) error {
	goGuest, err := fresh.GoGuest(src)
	if err != nil {
		return err
	}
	for _, g := range []struct {
		name string
		wasm []byte
	}{{"c", fresh.CGuest}, {"go", goGuest}} {
		systems, err := freshSystems(ctx, g.name, g.wasm, names)
		if err == nil {
			err = fresh.Measure(ctx, systems, "reset", g.name, o, print)
		}
		for _, s := range systems {
			err = errors.Join(err, s.Close(ctx))
		}
		if err != nil {
			return fmt.Errorf("reset: %s: %w", g.name, err)
		}
	}
	return nil
}

// freshSystems makes those that are listed, and ours always.
func freshSystems(ctx context.Context, guest string, wasm []byte, names string) (all []fresh.System, err error) {
	for _, c := range []struct {
		name string
		make func() (fresh.System, error)
	}{
		{bench.Ours, func() (fresh.System, error) { return fresh.NewVitrine(ctx, wasm) }},
		{"wazero", func() (fresh.System, error) { return fresh.NewWazero(ctx, wasm) }},
		{"wasmtime", func() (fresh.System, error) { return newFreshWasmtime(wasm) }},
		{"extism", func() (fresh.System, error) { return newFreshExtism(ctx) }},
	} {
		if c.name != bench.Ours && !listed(names, c.name) || c.name == "extism" && guest != "c" {
			continue
		}
		s, err := c.make()
		if err != nil {
			return all, fmt.Errorf("%s: %w", c.name, err)
		}
		all = append(all, s)
	}
	return all, nil
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

func (w *freshWasmtime) Once(context.Context) error {
	store := wasmtime.NewStore(w.engine)
	defer store.Close()
	store.SetWasi(wasmtime.NewWasiConfig())
	in, err := w.linker.Instantiate(store, w.module)
	if err != nil {
		return err
	}
	if start := in.GetFunc(store, "_initialize"); start != nil {
		if _, err := start.Call(store); err != nil {
			return err
		}
	}
	at, err := in.GetFunc(store, "vitrine_alloc").Call(store, int32(len(fresh.Input)))
	if err != nil {
		return err
	}
	mem := in.GetExport(store, "memory").Memory()
	copy(mem.UnsafeData(store)[uint32(at.(int32)):], fresh.Input)
	res, err := in.GetFunc(store, "greet").Call(store, at, int32(len(fresh.Input)))
	if err != nil {
		return err
	}
	ptr, n := uint32(uint64(res.(int64))>>32), uint32(res.(int64))
	return fresh.Check(slices.Clone(mem.UnsafeData(store)[ptr:ptr+n]), nil)
}

func (w *freshWasmtime) Close(context.Context) error {
	w.linker.Close()
	w.module.Close()
	w.engine.Close()
	return nil
}

// freshExtism makes a plugin for every call, of code that is compiled once. It runs the echo of bench/call, which does
// about as much.
type freshExtism struct{ code *extism.CompiledPlugin }

func newFreshExtism(ctx context.Context) (*freshExtism, error) {
	manifest := extism.Manifest{Wasm: []extism.Wasm{extism.WasmData{Data: call.ExtismGuest}}}
	tick := extism.NewHostFunctionWithStack("tick", func(context.Context, *extism.CurrentPlugin, []uint64) {},
		[]extism.ValueType{extism.ValueTypeI32}, []extism.ValueType{extism.ValueTypeI32})
	code, err := extism.NewCompiledPlugin(ctx, manifest, extism.PluginConfig{EnableWasi: true}, []extism.HostFunction{tick})
	return &freshExtism{code}, err
}

func (*freshExtism) Name() string { return "extism" }

func (e *freshExtism) Once(ctx context.Context) error {
	p, err := e.code.Instance(ctx, extism.PluginInstanceConfig{})
	if err != nil {
		return err
	}
	code, out, err := p.CallWithContext(ctx, "echo", fresh.Input)
	if err == nil && code != 0 {
		err = fmt.Errorf("exit code %d", code)
	}
	return errors.Join(fresh.Check(slices.Clone(out), err), p.Close(ctx))
}

func (e *freshExtism) Close(ctx context.Context) error { return e.code.Close(ctx) }
