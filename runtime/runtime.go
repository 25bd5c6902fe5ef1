package runtime

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/vitrine-run/vitrine/runtime/engine"
)

// Options are what a Runtime is made of. The zero value is an engine without any host
// function: guests can compute, and nothing else.
type Options struct {
	Engine    string       // one of engine.Names: "wazero" (the default), "interpreter", perhaps "wasmtime"
	Logger    *slog.Logger // nil discards; gets host bugs met below a guest
	HostFuncs []HostFunc   // all that guests can import besides WASI
	Scheduler *Scheduler   // shared by Runtimes; nil is one of its own with the defaults
}

// A Runtime compiles modules. It is safe for concurrent use. Whoever made it closes it.
type Runtime struct {
	engine  engine.Engine
	logger  *slog.Logger
	funcs   map[funcName]*HostFunc
	sched   *Scheduler
	modules members[*Module]
}

// New returns a Runtime. It fails if the engine is not in this build, or if a host
// function is incomplete or there twice.
func New(opts *Options) (*Runtime, error) {
	if opts == nil {
		opts = &Options{}
	}
	e, err := engine.Open(opts.Engine)
	if err != nil {
		return nil, fmt.Errorf("runtime: %w", err)
	}
	rt := &Runtime{engine: e, logger: opts.Logger, sched: opts.Scheduler,
		funcs: map[funcName]*HostFunc{}}
	if rt.sched == nil {
		if rt.sched, err = NewScheduler(nil); err != nil {
			return nil, err
		}
	}
	if rt.logger == nil {
		rt.logger = slog.New(slog.DiscardHandler)
	}
	for _, f := range slices.Clone(opts.HostFuncs) {
		if err := f.check(); err != nil {
			return nil, err
		}
		name := funcName{f.Module, f.Name}
		if rt.funcs[name] != nil {
			return nil, fmt.Errorf("runtime: host function %s is there twice", name)
		}
		rt.funcs[name] = &f
	}
	return rt, nil
}

// Engine is the name of the engine in use.
func (rt *Runtime) Engine() string { return rt.engine.Name() }

// Compile checks a module and compiles it. A module that is not valid, imports what is
// not there, or starts over a limit is an *InvalidError. The limits hold for its
// instances; nil, and every zero field, is the default. code may be reused afterwards.
func (rt *Runtime) Compile(ctx context.Context, code []byte, limits *Limits) (*Module, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("runtime: compile: %w", err)
	}
	if rt.modules.isClosed() {
		return nil, ErrClosed
	}
	limits = limits.over(DefaultLimits())
	began := time.Now()
	// The engine and the decoded module keep pointing into the bytes.
	p, err := rt.prepare(slices.Clone(code), limits)
	if err != nil {
		return nil, err
	}
	compiled, err := rt.engine.Compile(ctx, p.code, &engine.Config{
		Host: p.host, WASI: p.wasi, HasMemory: p.info.Memory != nil, Refuel: refuelImport(),
	})
	if err != nil {
		return nil, rt.compileError(err)
	}
	m := newModule(rt, compiled, p, limits)
	m.compileTime = time.Since(began)
	if err := rt.modules.add(m); err != nil {
		_ = compiled.Close(ctx) // ErrClosed is the answer
		return nil, err
	}
	return m, nil
}

func (rt *Runtime) compileError(err error) error {
	var crash *engine.Crash
	if errors.As(err, &crash) {
		rt.logger.Error("runtime: engine panicked while compiling",
			"reason", printable(crash.Reason, maxMessage), "detail", printable(crash.Detail, maxDetail))
		return &InvalidError{Offset: -1, Reason: "the engine cannot compile it"}
	}
	e := invalid("%s", err)
	return e
}

// Close closes every module and with it every instance: guests that run are stopped
// first. If ctx ends before they have, its error is returned and Close can be called
// again.
func (rt *Runtime) Close(ctx context.Context) error { return rt.modules.close(ctx) }
