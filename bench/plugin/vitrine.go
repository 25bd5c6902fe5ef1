package plugin

import (
	"context"
	"errors"
	"time"

	"github.com/vitrine-run/vitrine/bench"
	"github.com/vitrine-run/vitrine/hostfuncs"
	"github.com/vitrine-run/vitrine/runtime"
	"github.com/vitrine-run/vitrine/runtime/extism"
)

// compiled is the plugin in Vitrine. It is safe for concurrent use.
type compiled struct {
	get     func(context.Context) (instance, error) // clean, out of the pool where there is one
	make    func(context.Context) (instance, error) // new
	compile time.Duration
	close   func()
}

// in compiles the plugin for one of the engines; "" is the default.
func (p *Plugin) in(ctx context.Context, engine string, profile bool) (*compiled, error) {
	if p.Kind == Extism {
		return p.inExtism(ctx, engine, profile)
	}
	rt, err := runtime.New(&runtime.Options{Engine: engine, HostFuncs: hostfuncs.Functions(), Profile: profile})
	if err != nil {
		return nil, err
	}
	end := func() { _ = rt.Close(context.Background()) } // nothing runs
	m, err := rt.Compile(ctx, p.Wasm, p.Limits)
	if err != nil {
		end()
		return nil, err
	}
	made := func(f func(context.Context, *runtime.InstanceOptions) (*runtime.Instance, error)) func(context.Context) (instance, error) {
		return func(ctx context.Context) (instance, error) {
			env := hostfuncs.NewEnv(p.World)
			env.Begin()
			in, err := f(ctx, &runtime.InstanceOptions{State: env, LiveClock: p.fineClock()})
			if err != nil {
				return nil, blame(env, err)
			}
			return &guest{in, env}, nil
		}
	}
	return &compiled{get: made(m.Get), make: made(m.Instantiate), compile: m.CompileTime(), close: end}, nil
}

// inExtism compiles a plugin that was made for Extism.
func (p *Plugin) inExtism(ctx context.Context, engine string, profile bool) (*compiled, error) {
	var opts extism.Options
	if p.Extism != nil {
		opts = *p.Extism
	}
	opts.Engine, opts.Limits, opts.Profile = engine, p.Limits, profile
	code, err := extism.Compile(ctx, p.Wasm, &opts)
	if err != nil {
		return nil, err
	}
	made := func(f func(context.Context, *extism.InstanceOptions) (*extism.Instance, error)) func(context.Context) (instance, error) {
		return func(ctx context.Context) (instance, error) {
			in, err := f(ctx, &extism.InstanceOptions{Config: p.Config})
			if err != nil {
				return nil, err
			}
			return in, nil
		}
	}
	return &compiled{get: made(code.Get), make: made(code.Instantiate), compile: code.CompileTime(),
		close: func() { _ = code.Close(context.Background()) }}, nil // nothing runs
}

// clean is a clean instance for every call.
func (p *Plugin) clean(c *compiled) *system {
	return &system{name: bench.Ours, call: p.each(c.get), close: func() {}, compile: c.compile}
}

// fresh is a new instance for every call.
func (p *Plugin) fresh(c *compiled) *system {
	return &system{name: "vitrine-fresh", call: p.each(c.make), close: func() {}}
}

// each calls the function on an instance of its own.
func (p *Plugin) each(get func(context.Context) (instance, error)) func(context.Context) ([]byte, error) {
	return func(ctx context.Context) ([]byte, error) {
		in, err := get(ctx)
		if err != nil {
			return nil, err
		}
		out, err := p.call(ctx, in)
		return out, errors.Join(err, in.Close(ctx))
	}
}

// warm is one instance that is called again and again.
func (p *Plugin) warm(ctx context.Context, c *compiled) (*system, error) {
	in, err := c.make(ctx)
	if err != nil {
		return nil, err
	}
	return &system{name: "vitrine-warm", call: func(ctx context.Context) ([]byte, error) { return p.call(ctx, in) },
		close: func() { _ = in.Close(context.Background()) }}, nil // nothing runs in it
}

// on is the same on another engine.
func (p *Plugin) on(ctx context.Context, engine string) (*system, error) {
	c, err := p.in(ctx, engine, false)
	if err != nil {
		return nil, err
	}
	s, err := p.warm(ctx, c)
	if err != nil {
		c.close()
		return nil, err
	}
	s.name, s.compile, s.close = "vitrine-"+engine, c.compile, c.close
	return s, nil
}
