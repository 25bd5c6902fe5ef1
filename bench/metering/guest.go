package metering

import (
	"context"
	"fmt"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
	"github.com/vitrine-run/vitrine/runtime/memory"
	"github.com/vitrine-run/vitrine/runtime/meter"
	"github.com/vitrine-run/vitrine/runtime/validate"
)

// slice is the fuel that a guest gets at a time, as in the runtime.
const slice = 65_536

// stack is the call depth that a guest gets.
const stack = 1 << 20

// guest is a kernel on wazero, with metering or without. Memory is reserved either way,
// so that the difference is the metering.
type guest struct {
	rt      wazero.Runtime
	mod     api.Module
	fn      api.Function
	refuels int
	compile time.Duration
}

// rewrite is what the runtime does to a module before it compiles it.
func rewrite(wasm []byte, opts *meter.Options) ([]byte, error) {
	m, err := validate.Module(wasm, nil)
	if err != nil {
		return nil, err
	}
	r, err := meter.Rewrite(m, opts)
	if err != nil {
		return nil, err
	}
	return r.Wasm, nil
}

func newGuest(ctx context.Context, k *Kernel, wasm []byte, config wazero.RuntimeConfig) (*guest, error) {
	g := &guest{rt: wazero.NewRuntimeWithConfig(ctx, config)}
	if _, err := wasi_snapshot_preview1.Instantiate(ctx, g.rt); err != nil {
		return nil, err
	}
	if _, err := g.rt.NewHostModuleBuilder(meter.ImportModule).NewFunctionBuilder().
		WithGoModuleFunction(api.GoModuleFunc(g.refuel), nil, nil).Export(meter.ImportRefuel).Instantiate(ctx); err != nil {
		return nil, err
	}
	for name, funcs := range k.Imports {
		b := g.rt.NewHostModuleBuilder(name)
		for fn, t := range funcs {
			b.NewFunctionBuilder().WithGoModuleFunction(api.GoModuleFunc(func(context.Context, api.Module, []uint64) {}), t.Params, t.Results).Export(fn)
		}
		if _, err := b.Instantiate(ctx); err != nil {
			return nil, err
		}
	}
	start := time.Now()
	c, err := g.rt.CompileModule(ctx, wasm)
	if err != nil {
		return nil, fmt.Errorf("metering: kernel[%s]: %w", k.Name, err)
	}
	g.compile = time.Since(start)
	ctx = experimental.WithMemoryAllocator(ctx, experimental.MemoryAllocatorFunc(func(_, max uint64) experimental.LinearMemory {
		m := memory.New(max)
		m.Reserve(max)
		return m
	}))
	g.mod, err = g.rt.InstantiateModule(ctx, c, wazero.NewModuleConfig().WithStartFunctions().WithSysWalltime().WithSysNanotime())
	if err != nil {
		return nil, fmt.Errorf("metering: kernel[%s]: %w", k.Name, err)
	}
	if depth, ok := g.mod.ExportedGlobal(meter.ExportDepth).(api.MutableGlobal); ok {
		depth.Set(stack)
	}
	if init := g.mod.ExportedFunction("_initialize"); init != nil {
		if _, err := init.Call(ctx); err != nil {
			return nil, err
		}
	}
	g.fn = g.mod.ExportedFunction(k.Export)
	if k.Prepare != nil {
		err = k.Prepare(ctx, g.mod)
	}
	return g, err
}

func (g *guest) refuel(_ context.Context, mod api.Module, _ []uint64) {
	g.refuels++
	mod.ExportedGlobal(meter.ExportFuel).(api.MutableGlobal).Set(slice)
}

// run calls the kernel once.
func (g *guest) run(ctx context.Context, args []uint64) (time.Duration, uint64, error) {
	start := time.Now()
	res, err := g.fn.Call(ctx, args...)
	took := time.Since(start)
	if err != nil {
		return 0, 0, err
	}
	return took, res[0], nil
}
