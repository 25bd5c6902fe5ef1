package runtime

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"

	"github.com/vitrine-run/vitrine/runtime/engine"
)

// Options are what a Runtime is made of. The zero value is an engine without any host
// function: guests can compute, and nothing else.
type Options struct {
	Engine    string       // one of engine.Names: "wazero" (the default), "interpreter", perhaps "wasmtime"
	Logger    *slog.Logger // nil discards; gets host bugs met below a guest
	HostFuncs []HostFunc   // all that guests can import besides WASI
	Scheduler *Scheduler   // shared by Runtimes; nil is one of its own with the defaults
	Pool      *Pool        // likewise
	Compiler  *Compiler    // likewise; the default keeps nothing for the next start
	// Start names an export to call as a module starts, after its _initialize, and with what: some languages have a
	// way of their own. Parameters are numbers, results are passed over; "" is none. It is asked about each module once.
	Start   func(*Info) (name string, args []uint64)
	Profile bool // count fuel by function: see Instance.Profile. Guests are many times slower then
}

// A Runtime compiles modules. It is safe for concurrent use. Whoever made it closes it.
type Runtime struct {
	engine engine.Engine
	logger *slog.Logger
	funcs  map[funcName]*HostFunc
	sched  *Scheduler
	pool   *Pool
	own    *Pool // the same if nobody else has it

	compiler *Compiler
	start    func(*Info) (string, []uint64)
	profile  bool
	codes    codes
	modules  members[*Module]
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
	rt := &Runtime{engine: e, logger: opts.Logger, sched: opts.Scheduler, pool: opts.Pool, compiler: opts.Compiler,
		start: opts.Start, profile: opts.Profile, funcs: map[funcName]*HostFunc{}}
	if opts.Profile && e.Name() == engine.Wasmtime {
		return nil, fmt.Errorf("runtime: engine[%s] cannot count fuel by function; the fuel is the same on every engine", e.Name())
	}
	if rt.sched == nil {
		if rt.sched, err = NewScheduler(nil); err != nil {
			return nil, err
		}
	}
	if rt.pool == nil {
		if rt.pool, err = NewPool(nil); err != nil {
			return nil, err
		}
		rt.own = rt.pool
	}
	if rt.compiler == nil {
		if rt.compiler, err = NewCompiler(nil); err != nil {
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

// Close closes every module and with it every instance: guests that run are stopped
// first. If ctx ends before they have, its error is returned and Close can be called
// again. What is being compiled is waited for as well.
func (rt *Runtime) Close(ctx context.Context) error {
	err := errors.Join(rt.modules.close(ctx), rt.codes.close(ctx))
	if rt.own != nil {
		rt.own.memories.Close()
	}
	return err
}
