package extism

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/vitrine-run/vitrine/runtime"
	"github.com/vitrine-run/vitrine/runtime/wasm"
)

// Options are what a Plugin is made of. The zero value runs plugins on the default engine, under the
// default limits, without HTTP.
type Options struct {
	Engine    string             // as in runtime.Options
	Scheduler *runtime.Scheduler // as in runtime.Options
	Pool      *runtime.Pool      // as in runtime.Options; Plugin.Get takes instances out of it
	Compiler  *runtime.Compiler  // as in runtime.Options
	Limits    *runtime.Limits    // of an instance; Memory bounds the blocks as well, HostCalls is 10 million if 0
	Logger    *slog.Logger       // gets what plugins log; nil discards

	// Modules are those that the plugin's own may import functions of, by the name under which it
	// does. Each instance has its own of each, and starts those first that others import of. They share its blocks.
	Modules map[string][]byte

	Profile   bool       // as in runtime.Options; see Instance.Profile
	HTTP      HTTP       // nil: a plugin that asks for a page is ended for lack of a right
	HostFuncs []HostFunc // further functions
}

// A Plugin is a compiled plugin. It is safe for concurrent use. Whoever compiled it closes it.
type Plugin struct {
	rt      *runtime.Runtime
	main    *runtime.Module
	linked  map[string]*runtime.Module
	order   []string // in which they start
	limits  runtime.Limits
	logger  *slog.Logger
	http    HTTP
	compile time.Duration
}

// Compile checks and compiles a plugin and the modules that it is linked with. One that is not
// valid, or imports what is not there, is a *runtime.InvalidError.
func Compile(ctx context.Context, code []byte, opts *Options) (*Plugin, error) {
	var o Options
	if opts != nil {
		o = *opts
	}
	o.Limits = limits(o.Limits)
	p := &Plugin{linked: map[string]*runtime.Module{}, logger: cmp.Or(o.Logger, slog.New(slog.DiscardHandler)), http: o.HTTP}
	funcs := environment()
	for _, f := range o.HostFuncs {
		funcs = append(funcs, f.bind())
	}
	for name, code := range o.Modules {
		forwards, err := forwards(name, code)
		if err != nil {
			return nil, fmt.Errorf("extism: module[%.64q]: %w", name, err)
		}
		funcs = append(funcs, forwards...)
	}
	var err error
	p.rt, err = runtime.New(&runtime.Options{Engine: o.Engine, Logger: o.Logger, HostFuncs: funcs,
		Scheduler: o.Scheduler, Pool: o.Pool, Start: language, Compiler: o.Compiler, Profile: o.Profile})
	if err != nil {
		return nil, err
	}
	if err := p.compileAll(ctx, code, &o); err != nil {
		_ = p.rt.Close(context.WithoutCancel(ctx)) // nothing runs in it
		return nil, err
	}
	p.limits = p.main.Limits()
	return p, nil
}

// limits allows for a plugin that fetches its input by a call for every 8 bytes of it.
func limits(l *runtime.Limits) *runtime.Limits {
	var own runtime.Limits
	if l != nil {
		own = *l
	}
	own.HostCalls = cmp.Or(own.HostCalls, 10_000_000)
	return &own
}

func (p *Plugin) compileAll(ctx context.Context, code []byte, o *Options) (err error) {
	for _, name := range slices.Sorted(maps.Keys(o.Modules)) {
		m, err := p.rt.Compile(ctx, o.Modules[name], o.Limits)
		if err != nil {
			return fmt.Errorf("extism: module[%.64q]: %w", name, err)
		}
		p.linked[name] = m
		p.compile += m.CompileTime()
	}
	p.arrange()
	p.main, err = p.rt.Compile(ctx, code, o.Limits)
	if err == nil {
		p.compile += p.main.CompileTime()
	}
	return err
}

// arrange finds an order in which each linked module starts after those that it imports of. What imports of each other
// starts in the order of names.
func (p *Plugin) arrange() {
	met := map[string]bool{}
	var visit func(name string)
	visit = func(name string) {
		m := p.linked[name]
		if m == nil || met[name] {
			return
		}
		met[name] = true
		for _, im := range m.Info().Imports {
			visit(im.Module)
		}
		p.order = append(p.order, name)
	}
	for _, name := range slices.Sorted(maps.Keys(p.linked)) {
		visit(name)
	}
}

// Info is what the plugin's module says of itself. It must not be changed.
func (p *Plugin) Info() *runtime.Info { return p.main.Info() }

// CompileTime is how long it took to check and compile the plugin.
func (p *Plugin) CompileTime() time.Duration { return p.compile }

// Close closes every instance, stopping those that run, and frees the code. If ctx ends before they
// have stopped, its error is returned and Close can be called again.
func (p *Plugin) Close(ctx context.Context) error { return p.rt.Close(ctx) }

// forwards are host functions that call what a linked module exports, in the instance of it that
// belongs to the caller's.
func forwards(name string, code []byte) ([]runtime.HostFunc, error) {
	info, err := runtime.Inspect(code)
	if err != nil {
		return nil, err
	}
	var funcs []runtime.HostFunc
	for _, e := range info.Exports {
		if e.Kind != wasm.KindFunc || !numbers(e.Params) || !numbers(e.Results) {
			continue
		}
		funcs = append(funcs, runtime.HostFunc{Module: name, Name: e.Name, Params: e.Params, Results: e.Results,
			Call: func(c *runtime.Caller, stack []uint64) {
				in := c.State().(*Instance)
				linked := in.linked[name]
				if linked == nil {
					c.Fail(&runtime.Fault{Kind: runtime.FaultTrap, Message: fmt.Sprintf("%s is called, and its module has not started", e.Name)})
				}
				c.Blocking(func() {
					results, err := linked.Invoke(c.Context(), e.Name, stack[:len(e.Params)]...)
					if err != nil {
						c.Fail(err)
					}
					copy(stack, results)
				})
				in.checkFuel(c)
			}})
	}
	return funcs, nil
}

func numbers(types []runtime.ValueType) bool {
	for _, t := range types {
		if t != runtime.I32 && t != runtime.I64 && t != runtime.F32 && t != runtime.F64 {
			return false
		}
	}
	return true
}
