package plugin

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/runtime"
)

// plain is the plugin on wazero as it comes.
type plain struct {
	*Plugin
	rt   wazero.Runtime
	code wazero.CompiledModule
	took time.Duration

	asked string // what it has called of its host, of which there is nothing here; "" if it has not
}

// errBytes says that an answer lies outside of memory.
var errBytes = errors.New("its answer is not in memory")

// errHost says that a plugin has called what only Vitrine gives it.
var errHost = errors.New("only Vitrine's engines answer what the plugin calls")

// plain compiles the plugin. What it imports besides WASI is a function that answers zero and takes note: a plugin that
// calls one is not measured, whatever it answers then. What every plugin has (core) is the same here: nothing waits, and
// it learns how much memory there is.
func (p *Plugin) plain(ctx context.Context, interrupt bool) (*plain, error) {
	if why := withoutWazero(); why != "" {
		return nil, errors.New("with wazero as it comes " + why)
	}
	w := &plain{Plugin: p, rt: wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfig().WithCloseOnContextDone(interrupt).WithMemoryLimitPages(p.pages()))}
	_, err := wasi_snapshot_preview1.Instantiate(ctx, w.rt)
	if err == nil {
		began := time.Now()
		w.code, err = w.rt.CompileModule(ctx, p.Wasm)
		w.took = time.Since(began)
	}
	if err == nil {
		err = w.stub(ctx)
	}
	if err != nil {
		w.close()
		return nil, err
	}
	return w, nil
}

func (w *plain) close() { _ = w.rt.Close(context.Background()) } // nothing runs

func (w *plain) stub(ctx context.Context) error {
	builders := map[string]wazero.HostModuleBuilder{}
	for _, f := range w.code.ImportedFunctions() {
		module, name, _ := f.Import()
		if module == wasi_snapshot_preview1.ModuleName {
			continue
		}
		b := builders[module]
		if b == nil {
			b = w.rt.NewHostModuleBuilder(module)
			builders[module] = b
		}
		b.NewFunctionBuilder().WithGoFunction(w.stand(module, name), f.ParamTypes(), f.ResultTypes()).Export(name)
	}
	for _, b := range builders {
		if _, err := b.Instantiate(ctx); err != nil {
			return err
		}
	}
	return nil
}

// stand stands in for a function of the host.
func (w *plain) stand(module, name string) api.GoFunc {
	switch {
	case module == abi.ModuleCore && name == "memory":
		limit := w.room()
		return func(_ context.Context, stack []uint64) { stack[0] = limit }
	case module == abi.ModuleCore:
		return func(_ context.Context, stack []uint64) { clear(stack) }
	}
	what := module + "." + name
	return func(_ context.Context, stack []uint64) {
		w.asked = cmp.Or(w.asked, what)
		clear(stack)
	}
}

// pages are those of memory that the plugin may have in Vitrine.
func (p *Plugin) pages() uint32 {
	limit := runtime.DefaultLimits().Memory
	if p.Limits != nil && p.Limits.Memory > 0 {
		limit = p.Limits.Memory
	}
	return uint32(min(limit>>16, 1<<16))
}

// room is how much memory the plugin may have, as Vitrine says it.
func (w *plain) room() uint64 {
	limit := uint64(w.pages()) << 16
	for _, m := range w.code.ExportedMemories() {
		if pages, ok := m.Max(); ok {
			limit = min(limit, uint64(pages)<<16)
		}
	}
	return limit
}

// make starts an instance as Vitrine does.
func (w *plain) make(ctx context.Context) (api.Module, error) {
	mod, err := w.rt.InstantiateModule(ctx, w.code, wazero.NewModuleConfig().WithName("").WithStartFunctions(abi.ExportInitialize))
	if err != nil {
		return nil, err
	}
	if f := mod.ExportedFunction(abi.ExportPrepare); f != nil && w.Kind == ABI {
		if _, err := f.Call(ctx, 0, 0); err != nil {
			return nil, errors.Join(err, mod.Close(ctx))
		}
	}
	return mod, nil
}

// ready is an instance whose functions have been looked up.
type ready struct {
	*plain
	mod     api.Module
	alloc   api.Function
	f       api.Function
	stack   []uint64
	results int
}

func (w *plain) ready(ctx context.Context) (*ready, error) {
	mod, err := w.make(ctx)
	if err != nil {
		return nil, err
	}
	r := &ready{plain: w, mod: mod, alloc: mod.ExportedFunction(abi.ExportAlloc), f: mod.ExportedFunction(w.Func)}
	if r.f == nil {
		return nil, errors.Join(fmt.Errorf("it exports no function %q", w.Func), mod.Close(ctx))
	}
	d := r.f.Definition()
	r.results = len(d.ResultTypes())
	r.stack = make([]uint64, max(len(d.ParamTypes()), r.results, 2))
	return r, nil
}

// call calls the function. That the plugin has asked its host for something comes before what it made of that.
func (r *ready) call(ctx context.Context) ([]byte, error) {
	out, err := r.guest(ctx)
	if r.asked != "" {
		return nil, fmt.Errorf("%w: %s", errHost, r.asked)
	}
	return out, err
}

func (r *ready) guest(ctx context.Context) ([]byte, error) {
	if r.Kind == Raw {
		copy(r.stack, r.Args)
		if err := r.f.CallWithStack(ctx, r.stack); err != nil {
			return nil, err
		}
		return numbers(r.numbers()), nil
	}
	var ptr uint64
	if len(r.Input) > 0 {
		r.stack[0] = uint64(len(r.Input))
		if err := r.alloc.CallWithStack(ctx, r.stack); err != nil {
			return nil, err
		}
		if ptr = uint64(uint32(r.stack[0])); !r.mod.Memory().Write(uint32(ptr), r.Input) {
			return nil, errBytes
		}
	}
	r.stack[0], r.stack[1] = ptr, uint64(len(r.Input))
	if err := r.f.CallWithStack(ctx, r.stack); err != nil {
		return nil, err
	}
	answer := abi.Result(r.stack[0])
	if answer.Failed() {
		return nil, errors.New("it fails without its host")
	}
	if answer.Len() == 0 {
		return nil, nil
	}
	view, ok := r.mod.Memory().Read(answer.Pointer(), answer.Len())
	if !ok {
		return nil, errBytes
	}
	return bytes.Clone(view), nil
}

// numbers are the results; of those of 32 bits the engine may leave anything in the upper half.
func (r *ready) numbers() []uint64 {
	for i, t := range r.f.Definition().ResultTypes() {
		if t == api.ValueTypeI32 || t == api.ValueTypeF32 {
			r.stack[i] = uint64(uint32(r.stack[i]))
		}
	}
	return r.stack[:r.results]
}

// wazero is one instance that is called again and again, under a context that can end if interrupt is on.
func (p *Plugin) wazero(ctx context.Context, name string, interrupt bool) (*system, error) {
	w, err := p.plain(ctx, interrupt)
	if err != nil {
		return nil, err
	}
	unwatch := watch() // what starts runs the plugin's code, too
	r, err := w.ready(ctx)
	unwatch()
	if err != nil {
		w.close()
		return nil, err
	}
	s := &system{name: name, call: r.call, close: w.close}
	if interrupt {
		s.call = func(ctx context.Context) ([]byte, error) {
			ctx, cancel := context.WithCancel(ctx)
			defer cancel()
			return r.call(ctx)
		}
	} else {
		s.compile = w.took
	}
	return s, nil
}

// wazeroFresh is a new instance for every call.
func (p *Plugin) wazeroFresh(ctx context.Context) (*system, error) {
	w, err := p.plain(ctx, false)
	if err != nil {
		return nil, err
	}
	return &system{name: "wazero-fresh", close: w.close, call: func(ctx context.Context) ([]byte, error) {
		r, err := w.ready(ctx)
		if err != nil {
			return nil, err
		}
		out, err := r.call(ctx)
		return out, errors.Join(err, r.mod.Close(ctx))
	}}, nil
}
