package program

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"

	"github.com/vitrine-run/vitrine/runtime"
	"github.com/vitrine-run/vitrine/runtime/engine"
)

func hasWasmtime() bool { return slices.Contains(engine.Names(), engine.Wasmtime) }

// modules are those that a system has compiled, by where their bytes lie: jobs share them.
type modules[M any] struct {
	mu sync.Mutex
	of map[*byte]M
}

func (ms *modules[M]) get(wasm []byte, compile func() (M, error)) (M, error) {
	ms.mu.Lock()
	defer ms.mu.Unlock()
	if m, ok := ms.of[&wasm[0]]; ok {
		return m, nil
	}
	m, err := compile()
	if err == nil {
		if ms.of == nil {
			ms.of = map[*byte]M{}
		}
		ms.of[&wasm[0]] = m
	}
	return m, err
}

// vitrine takes its instances out of the pool.
type vitrine struct {
	rt *runtime.Runtime
	modules[*runtime.Module]
}

func newVitrine(engine string) (System, error) {
	rt, err := runtime.New(&runtime.Options{Engine: engine})
	if err != nil {
		return nil, err
	}
	return &vitrine{rt: rt}, nil
}

// Load implements System. The limits are there, and no job meets them.
func (v *vitrine) Load(ctx context.Context, j *Job) (Do, error) {
	m, err := v.get(j.Wasm, func() (*runtime.Module, error) {
		return v.rt.Compile(ctx, j.Wasm, &runtime.Limits{Fuel: 1 << 60, WallTime: time.Hour, Memory: 512 << 20})
	})
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, n uint32) (uint32, error) {
		in, err := m.Get(ctx, nil)
		if err != nil {
			return 0, err
		}
		res, err := in.Invoke(ctx, j.Export, uint64(n))
		if err := errors.Join(err, in.Close(ctx)); err != nil {
			return 0, err
		}
		return uint32(res[0]), nil
	}, nil
}

// Close implements System.
func (v *vitrine) Close() error { return v.rt.Close(context.Background()) }

// native does jobs as a part of the host.
type native map[string]func(uint32) uint32

// Load implements System.
func (g native) Load(_ context.Context, j *Job) (Do, error) {
	f := g[j.Name]
	if f == nil {
		return nil, nil
	}
	return func(_ context.Context, n uint32) (uint32, error) { return f(n), nil }, nil
}

// Close implements System.
func (native) Close() error { return nil }

// plain is wazero as it comes, or with its own interruption.
type plain struct {
	rt        wazero.Runtime
	interrupt bool
	modules[wazero.CompiledModule]
}

func newWazero(ctx context.Context, interrupt bool) (System, error) {
	p := &plain{rt: wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfig().WithCloseOnContextDone(interrupt)), interrupt: interrupt}
	if _, err := wasi_snapshot_preview1.Instantiate(ctx, p.rt); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return p, nil
}

// Load implements System.
func (p *plain) Load(ctx context.Context, j *Job) (Do, error) {
	code, err := p.get(j.Wasm, func() (wazero.CompiledModule, error) { return p.rt.CompileModule(ctx, j.Wasm) })
	if err != nil {
		return nil, err
	}
	config := wazero.NewModuleConfig().WithName("").WithStartFunctions("_initialize")
	return func(ctx context.Context, n uint32) (uint32, error) {
		if p.interrupt { // it looks at contexts that can end
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, time.Hour)
			defer cancel()
		}
		mod, err := p.rt.InstantiateModule(ctx, code, config)
		if err != nil {
			return 0, err
		}
		res, err := mod.ExportedFunction(j.Export).Call(ctx, uint64(n))
		if err := errors.Join(err, mod.Close(ctx)); err != nil {
			return 0, err
		}
		return uint32(res[0]), nil
	}, nil
}

// Close implements System.
func (p *plain) Close() error { return p.rt.Close(context.Background()) }
