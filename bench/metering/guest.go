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
	"github.com/vitrine-run/vitrine/runtime/wasm"
)

// slice is the fuel that a guest gets at a time: what the runtime hands out where a unit takes half a nanosecond.
const slice = 50_000

// stack is the call depth that a guest gets.
const stack = 1 << 20

// guest is a kernel on wazero, with metering or without. Memory is reserved either way,
// so that the difference is the metering.
type guest struct {
	rt      wazero.Runtime
	mod     api.Module
	fn      api.Function
	memory  *memory.Memory
	args    []uint64 // nil: how often
	refuels int
	compile time.Duration
}

// rewrite is what the runtime does to a module before it compiles it.
func rewrite(code []byte, opts *meter.Options) ([]byte, error) {
	m, err := validate.Module(code, nil)
	if err != nil {
		return nil, err
	}
	r, err := meter.Rewrite(m, opts)
	if err != nil {
		return nil, err
	}
	return r.Wasm, nil
}

// newGuest makes a guest whose memory is reserved; else it would be wazero's own.
func newGuest(ctx context.Context, k *Kernel, code []byte, cache wazero.CompilationCache) (*guest, error) {
	config := wazero.NewRuntimeConfigCompiler().WithCompilationCache(cache)
	g := &guest{rt: wazero.NewRuntimeWithConfig(ctx, config)}
	if _, err := wasi_snapshot_preview1.Instantiate(ctx, g.rt); err != nil {
		return nil, err
	}
	if _, err := g.rt.NewHostModuleBuilder(meter.ImportModule).NewFunctionBuilder().
		WithGoModuleFunction(api.GoModuleFunc(g.refuel), nil, nil).Export(meter.ImportRefuel).Instantiate(ctx); err != nil {
		return nil, err
	}
	if err := g.stub(ctx, code); err != nil {
		return nil, err
	}
	start := clock()
	c, err := g.rt.CompileModule(ctx, code)
	if err != nil {
		return nil, fmt.Errorf("metering: kernel[%s]: %w", k.Name, err)
	}
	g.compile = clock() - start
	ctx = experimental.WithMemoryAllocator(ctx, experimental.MemoryAllocatorFunc(func(_, max uint64) experimental.LinearMemory {
		g.memory = memory.New(max)
		g.memory.Reserve(max)
		return g.memory
	}))
	g.mod, err = g.rt.InstantiateModule(ctx, c, wazero.NewModuleConfig().WithStartFunctions().WithSysWalltime().WithSysNanotime())
	if err != nil {
		return nil, fmt.Errorf("metering: kernel[%s]: %w", k.Name, err)
	}
	if depth, ok := g.mod.ExportedGlobal(meter.ExportDepth).(api.MutableGlobal); ok {
		depth.Set(stack * meter.DepthUnit)
	}
	if init := g.mod.ExportedFunction("_initialize"); init != nil {
		if _, err := init.Call(ctx); err != nil {
			return nil, err
		}
	}
	g.fn = g.mod.ExportedFunction(k.Export)
	if k.Prepare != nil {
		g.args, err = k.Prepare(ctx, g.mod)
	}
	return g, err
}

// stub provides what else a kernel imports: functions that answer zero.
func (g *guest) stub(ctx context.Context, code []byte) error {
	m, err := wasm.Decode(code)
	if err != nil {
		return err
	}
	builders := map[string]wazero.HostModuleBuilder{}
	for i := range m.Imports {
		im := &m.Imports[i]
		if g.rt.Module(im.Module) != nil {
			continue
		}
		if builders[im.Module] == nil {
			builders[im.Module] = g.rt.NewHostModuleBuilder(im.Module)
		}
		t := &m.Types[im.Type]
		builders[im.Module].NewFunctionBuilder().WithGoModuleFunction(api.GoModuleFunc(
			func(_ context.Context, _ api.Module, stack []uint64) { clear(stack) }), types(t.Params), types(t.Results)).Export(im.Name)
	}
	for _, b := range builders {
		if _, err := b.Instantiate(ctx); err != nil {
			return err
		}
	}
	return nil
}

func types(list []wasm.ValueType) []api.ValueType {
	out := make([]api.ValueType, len(list))
	for i, t := range list {
		out[i] = api.ValueType(t)
	}
	return out
}

func (g *guest) close(ctx context.Context) {
	g.rt.Close(ctx)
	if g.memory != nil {
		g.memory.Release()
	}
}

func (g *guest) refuel(_ context.Context, mod api.Module, _ []uint64) {
	g.refuels++
	mod.ExportedGlobal(meter.ExportFuel).(api.MutableGlobal).Set(slice)
}

// run calls the kernel once.
func (g *guest) run(ctx context.Context, args []uint64) (time.Duration, uint64, error) {
	start := clock()
	res, err := g.fn.Call(ctx, args...)
	took := clock() - start
	if err != nil {
		return 0, 0, err
	}
	return took, res[0], nil
}
