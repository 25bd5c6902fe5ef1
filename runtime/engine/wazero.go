package engine

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
	"github.com/tetratelabs/wazero/sys"

	"github.com/vitrine-run/vitrine/runtime/memory"
	"github.com/vitrine-run/vitrine/runtime/wasm"
)

type wazeroEngine struct{ name string }

func (e wazeroEngine) Name() string { return e.name }

// Version implements Engine.
func (e wazeroEngine) Version() string {
	build := buildOf("github.com/tetratelabs/wazero")
	if e.name == Interpreter || build == "" {
		return ""
	}
	return "wazero " + build + " " + machine()
}

// Compile makes a wazero.Runtime of its own for every module: names, types and code
// of one plugin never meet those of another, and closing it frees everything.
func (e wazeroEngine) Compile(ctx context.Context, code []byte, cfg *Config) (_ Module, err error) {
	rc := wazero.NewRuntimeConfig()
	if e.name == Interpreter {
		rc = wazero.NewRuntimeConfigInterpreter()
	}
	// Debug information is the plugin's, is parsed by the host, and ends in no message.
	rc = rc.WithDebugInfoEnabled(false)
	native := nativeCode{have: cfg.Native, keep: cfg.Keep}
	rc, cache, err := native.configure(rc)
	if err != nil {
		return nil, err
	}
	rt := wazero.NewRuntimeWithConfig(ctx, rc)
	defer func() {
		if r := recover(); r != nil {
			err = &Crash{Reason: firstLine(fmt.Sprint(r)), Detail: string(debug.Stack())}
		}
		if err != nil {
			_ = closeWazero(ctx, rt, cache) // the first error is the one that says why
		}
	}()
	if err := buildHost(ctx, rt, cfg); err != nil {
		return nil, err
	}
	compiled, err := native.compile(traced(ctx, cfg.Trace), rt, code)
	if err != nil {
		return nil, err
	}
	return &wazeroModule{rt: rt, cache: cache, code: compiled, hasMemory: cfg.HasMemory}, nil
}

// buildHost instantiates what the module imports and nothing else.
func buildHost(ctx context.Context, rt wazero.Runtime, cfg *Config) error {
	if cfg.WASI {
		if _, err := wasi_snapshot_preview1.Instantiate(watch(ctx, cfg), rt); err != nil {
			return err
		}
	}
	builders := map[string]wazero.HostModuleBuilder{}
	if r := cfg.Refuel; r != nil {
		builders[r.Module] = rt.NewHostModuleBuilder(r.Module).NewFunctionBuilder().
			WithGoModuleFunction(refuelFunction(r), nil, nil).Export(r.Name)
	}
	for i := range cfg.Host {
		f := &cfg.Host[i]
		b := builders[f.Module]
		if b == nil {
			b = rt.NewHostModuleBuilder(f.Module)
		}
		builders[f.Module] = b.NewFunctionBuilder().
			WithGoModuleFunction(hostFunction(f.Call, cfg.HasMemory), apiTypes(f.Params), apiTypes(f.Results)).
			Export(f.Name)
	}
	for _, b := range builders {
		if _, err := b.Instantiate(ctx); err != nil {
			return err
		}
	}
	return nil
}

func hostFunction(call func(context.Context, Memory, []uint64), hasMemory bool) api.GoModuleFunc {
	if !hasMemory {
		return func(ctx context.Context, _ api.Module, stack []uint64) { call(ctx, noMemory{}, stack) }
	}
	return func(ctx context.Context, m api.Module, stack []uint64) { call(ctx, m.Memory(), stack) }
}

func refuelFunction(r *Refuel) api.GoModuleFunc {
	return func(ctx context.Context, m api.Module, _ []uint64) {
		if !r.Call(ctx, nil, nil) {
			r.Call(ctx, mutable(m.ExportedGlobal(r.Fuel)), mutable(m.ExportedGlobal(r.Depth)))
		}
	}
}

func mutable(g api.Global) Global {
	if m, ok := g.(api.MutableGlobal); ok {
		return m
	}
	return nil
}

func apiTypes(ts []wasm.ValueType) []api.ValueType {
	out := make([]api.ValueType, len(ts))
	for i, t := range ts {
		out[i] = api.ValueType(t)
	}
	return out
}

// noMemory stands for the memory of a module that has none.
type noMemory struct{}

func (noMemory) Read(uint32, uint32) ([]byte, bool) { return nil, false }
func (noMemory) Write(uint32, []byte) bool          { return false }

type wazeroModule struct {
	rt        wazero.Runtime
	cache     wazero.CompilationCache // nil if there is none
	code      wazero.CompiledModule
	hasMemory bool
}

func (m *wazeroModule) Close(ctx context.Context) error { return closeWazero(ctx, m.rt, m.cache) }

// closeWazero closes a Runtime and with it what it was given to cache in, which is its engine.
func closeWazero(ctx context.Context, rt wazero.Runtime, cache wazero.CompilationCache) error {
	err := rt.Close(ctx)
	if cache != nil {
		err = errors.Join(err, cache.Close(ctx))
	}
	return err
}

func (m *wazeroModule) Instantiate(ctx context.Context, s *System) (_ Instance, err error) {
	defer func() {
		// wazero panics where it does not expect to fail, such as on an allocator's nil.
		if r := recover(); r != nil {
			err = &Crash{Reason: firstLine(fmt.Sprint(r)), Detail: string(debug.Stack())}
		}
	}()
	actx := experimental.WithMemoryAllocator(ctx, allocator{s.Memory, s.Grown})
	mod, err := m.rt.InstantiateModule(actx, m.code, wazeroConfig(s))
	if err != nil {
		return nil, wazeroError(err)
	}
	in := &wazeroInstance{mod: mod, mem: noMemory{}, linear: s.Memory}
	if m.hasMemory {
		in.mem = mod.Memory()
	}
	return in, nil
}

// allocator hands out the one memory that an instance has.
type allocator struct {
	*memory.Memory
	grown func()
}

// Allocate implements experimental.MemoryAllocator.
func (a allocator) Allocate(_, max uint64) experimental.LinearMemory {
	a.Reserve(max)
	return a
}

// Reallocate implements experimental.LinearMemory.
func (a allocator) Reallocate(size uint64) []byte {
	b := a.Memory.Reallocate(size)
	if b != nil && a.grown != nil {
		a.grown()
	}
	return b
}

type wazeroInstance struct {
	mod    api.Module
	mem    Memory
	linear *memory.Memory
}

func (in *wazeroInstance) Memory() Memory                  { return in.mem }
func (in *wazeroInstance) Close(ctx context.Context) error { return in.mod.Close(ctx) }

// Resize implements Instance. wazero asks the allocator for one page more and takes what it gets.
func (in *wazeroInstance) Resize(bytes uint64) bool {
	mem := in.mod.Memory()
	if mem == nil {
		return bytes == 0
	}
	switch now := uint64(mem.Size()); {
	case bytes > now:
		_, ok := mem.Grow(uint32((bytes - now) >> 16))
		return ok
	case bytes < now:
		in.linear.Shrunk()
		if _, ok := mem.Grow(1); !ok {
			return false
		}
	}
	return uint64(mem.Size()) == bytes
}

func (in *wazeroInstance) Global(name string) Global { return mutable(in.mod.ExportedGlobal(name)) }

func (in *wazeroInstance) Function(name string) Function {
	f := in.mod.ExportedFunction(name)
	if f == nil {
		return nil
	}
	return wazeroFunction{f}
}

type wazeroFunction struct{ f api.Function }

func (f wazeroFunction) Call(ctx context.Context, stack []uint64) error {
	err := f.f.CallWithStack(ctx, stack)
	if err != nil {
		return wazeroError(err)
	}
	return nil
}

// wazeroError says what ended a call. wazero's own traps are of a type that cannot
// be named outside of it, so they are told by the text they are wrapped in; what
// host functions panic with never gets here, the runtime keeps it.
func wazeroError(err error) error {
	var exit *sys.ExitError
	if errors.As(err, &exit) {
		return &Exit{Code: exit.ExitCode()}
	}
	text := err.Error()
	if text == stackOverflow {
		return &Trap{Reason: stackOverflow, Stack: true}
	}
	var bug runtime.Error
	if errors.As(err, &bug) {
		return &Crash{Reason: firstLine(bug.Error()), Detail: text}
	}
	if i := strings.Index(text, trapPrefix); i >= 0 {
		reason, trace, _ := strings.Cut(text[i+len(trapPrefix):], tracePrefix)
		return &Trap{Reason: firstLine(reason), Frame: frameName(trace), Stack: reason == stackOverflow}
	}
	if i := strings.Index(text, "out of bounds memory access"); i >= 0 { // a data segment
		return &Trap{Reason: firstLine(text)}
	}
	return &Crash{Reason: firstLine(text), Detail: text}
}

const (
	stackOverflow = "stack overflow"
	trapPrefix    = "wasm error: "
	tracePrefix   = "\nwasm stack trace:\n\t"
)

// helperName is what metering calls the functions that it adds: the caller of one is meant.
const helperName = "vitrine:meter"

// frameName takes the function from the first line of a trace: ".name(i32,i32) i32".
func frameName(trace string) string {
	for strings.HasPrefix(trace, "."+helperName+"(") {
		_, trace, _ = strings.Cut(trace, "\n\t")
	}
	line := strings.TrimPrefix(firstLine(trace), ".")
	if i := strings.LastIndexByte(line, '('); i > 0 {
		line = line[:i]
		// Several results are in brackets as well: name(params) (results).
		if j := strings.LastIndexByte(line, '('); j > 0 && strings.HasSuffix(line, ") ") {
			line = line[:j]
		}
	}
	return line
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}
