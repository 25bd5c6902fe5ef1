package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"github.com/bytecodealliance/wasmtime-go/v39"
	extism "github.com/extism/go-sdk"
	"github.com/tetratelabs/wazero"

	"github.com/vitrine-run/vitrine/bench/start"
)

// startSystems are those that start in a process of their own, ours first.
func startSystems() []start.Maker {
	return append(start.Light(),
		start.Maker{Name: "wasmtime", Start: startWasmtime},
		start.Maker{Name: "extism", Wasm: extismGoGuest, Start: startExtism},
		start.Maker{Name: goPluginName, Wasm: goPluginGuest, Start: startGoPlugin},
	)
}

// startWasmtime keeps what it has compiled by Module.Serialize, as its documentation has it
// (docs.wasmtime.dev/examples-pre-compiling-wasm.html), and reads it back where it lies, without looking whether it is authentic.
func startWasmtime(_ context.Context, code []byte, dir string) ([]byte, error) {
	w := &freshWasmtime{engine: wasmtime.NewEngine()}
	w.linker = wasmtime.NewLinker(w.engine)
	if err := w.linker.DefineWasi(); err != nil {
		return nil, err
	}
	kept := filepath.Join(dir, "module.cwasm")
	var err error
	if w.module, err = wasmtime.NewModuleDeserializeFile(w.engine, kept); err != nil {
		if w.module, err = wasmtime.NewModule(w.engine, code); err != nil {
			return nil, err
		}
		if err := keepModule(w.module, dir, kept); err != nil {
			return nil, err
		}
	}
	return w.Once(context.Background())
}

func keepModule(m *wasmtime.Module, dir, name string) error {
	b, err := m.Serialize()
	if err != nil {
		return err
	}
	return errors.Join(os.MkdirAll(dir, 0o700), os.WriteFile(name, b, 0o600))
}

// startExtism has wazero's cache, which Extism's SDK takes in its RuntimeConfig.
func startExtism(ctx context.Context, code []byte, dir string) ([]byte, error) {
	cache, err := wazero.NewCompilationCacheWithDir(dir)
	if err != nil {
		return nil, err
	}
	manifest := extism.Manifest{Wasm: []extism.Wasm{extism.WasmData{Data: code}}}
	config := extism.PluginConfig{EnableWasi: true, RuntimeConfig: wazero.NewRuntimeConfig().WithCompilationCache(cache)}
	p, err := extism.NewPlugin(ctx, manifest, config, nil)
	if err != nil {
		return nil, err
	}
	return greeted(ctx, p, "greet")
}
