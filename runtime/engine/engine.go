// Package engine is the seam between the runtime and what executes WebAssembly.
//
// The runtime decides what may run and for how long; an engine compiles bytes that
// were already found to be good, and calls functions. Everything foreign stays in
// the files of this package: wazero.go and the WASI files are the only ones that import
// wazero, and another engine is another file and a line in Open. wasmtime is in builds
// with the tag of its name; RATIONALE.md says why not in every one.
//
//	e, err := engine.Open("wazero")
//	m, err := e.Compile(ctx, wasm, &engine.Config{Host: funcs})
//	in, err := m.Instantiate(ctx, &engine.System{Memory: memory.New(64 << 20)})
//	err = in.Function("fib").Call(ctx, stack)
//
// What ends a call early comes back as one of three errors: *Trap, *Exit or *Crash. An
// engine looks at no clock: metered code comes out to the host often enough, and the host
// ends a call by panicking in a host function.
package engine

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/vitrine-run/vitrine/runtime/memory"
	"github.com/vitrine-run/vitrine/runtime/wasm"
)

// The names of engines.
const (
	Wazero      = "wazero"      // compiles to machine code where it can (amd64, arm64)
	Interpreter = "interpreter" // wazero's interpreter: slower, on every system, at most 2,000 nested calls
	Wasmtime    = "wasmtime"    // only with the build tag of that name, and cgo
)

// Names lists the engines of this build, the default first.
func Names() []string { return append([]string{Wazero, Interpreter}, optional()...) }

// Open returns the engine of that name; "" is the default.
func Open(name string) (Engine, error) {
	switch name {
	case Wazero, "":
		return wazeroEngine{name: Wazero}, nil
	case Interpreter:
		return wazeroEngine{name: Interpreter}, nil
	case Wasmtime:
		return openWasmtime()
	}
	return nil, fmt.Errorf("engine: %q is not one of %q", name, Names())
}

// An Engine compiles modules. It is safe for concurrent use.
type Engine interface {
	Name() string
	// Version says what makes the machine code and for which processor: code that Config.Keep was
	// given is good for an engine of the same Version. It is "" if the engine keeps none.
	Version() string
	// Compile turns bytes into something that can be instantiated. The caller has
	// validated them and has checked that Config has every import. It is not ended by ctx.
	Compile(ctx context.Context, wasm []byte, cfg *Config) (Module, error)
}

// A Module is compiled code, shared by its instances and safe for concurrent use.
type Module interface {
	// Instantiate runs the data segments and the start section, under ctx.
	Instantiate(ctx context.Context, sys *System) (Instance, error)
	// Close frees the code. No instance may be running.
	Close(ctx context.Context) error
}

// An Instance is for one goroutine at a time.
type Instance interface {
	// Function returns the exported function of that name, nil if there is none.
	// Looking one up is not cheap: once an instance.
	Function(name string) Function
	// Global returns the exported mutable global of that name, nil if there is none.
	Global(name string) Global
	// Memory returns the linear memory; one of size 0 if the module has none.
	Memory() Memory
	// Resize makes the memory longer or shorter; bytes are whole pages. When it gets shorter,
	// System.Memory has become so already. It returns false if that cannot be: then the
	// instance may be closed and nothing else.
	Resize(bytes uint64) bool
	// Close frees all but System.Memory. It must not be running.
	Close(ctx context.Context) error
}

// A Function is an exported function of one instance.
type Function interface {
	// Call reads the parameters from stack and leaves the results there; it must
	// hold the more of the two. Host functions are given this very ctx.
	Call(ctx context.Context, stack []uint64) error
}

// A Memory is a guest's linear memory. What Read returns is valid until it grows.
type Memory interface {
	Read(ptr, n uint32) ([]byte, bool)
	Write(ptr uint32, b []byte) bool
}

// A HostFunc is a function that guests import. ctx is the one given to Call; during
// instantiation it is one that wraps it.
type HostFunc struct {
	Module, Name    string
	Params, Results []wasm.ValueType
	Call            func(ctx context.Context, mem Memory, stack []uint64)
}

// Config is what a module is compiled with.
type Config struct {
	Host      []HostFunc // those that the module imports, each once
	WASI      bool       // it imports functions of wasi_snapshot_preview1
	HasMemory bool       // it defines a memory
	Refuel    *Refuel    // what metered code comes out to; nil if the code is not metered
	// Touched hears, before it happens, of each call of WASI that leaves something behind in the
	// instance, such as an open file; ctx is as for host functions. Nil: nobody asks.
	Touched func(ctx context.Context)
	// Toil hears, before it happens, how much a call of WASI has to do, and may end the call by a panic, as a host function
	// does. Nil: nobody asks.
	Toil func(ctx context.Context, t *Toil)

	// Trace, if there is one, is told of the functions that guests enter and leave. Not every engine can.
	Trace *Trace

	// Keep, if there is one, is given the machine code when the module has been compiled, in no more than four
	// parts. It must not change them.
	Keep func(parts ...[]byte)
	// Native is what Keep was once given for this module: it is not compiled again, and the bodies of
	// its functions are not looked at, so that they may be any. ErrStale says that it is not this engine's.
	Native Native
}

// Toil is what a call of WASI has to do for the guest: so many things, of which there should be no more than Most.
type Toil struct {
	Func         string
	Things, Most uint32
	Fuel         uint64 // what that is worth, besides the call itself
}

// Trace is told of each call, from the guest or from outside, of a function whose index is below Functions. ctx is
// as for host functions. What a trap ends is not left.
type Trace struct {
	Functions    uint32
	Enter, Leave func(ctx context.Context, index uint32)
}

// Native is machine code that was kept. An engine runs what stands there: Read authenticates it.
type Native interface {
	Parts() int
	Size(part int) int64
	// Read fills b, which is as long as the part. What is in b is worth nothing if there is an error.
	Read(part int, b []byte) error
}

// Refuel is the host function that a metered module calls when its fuel or its depth is
// below zero. It is given the two globals because it may be called before there is an
// instance, from the start section. If that fails, they can still be read.
type Refuel struct {
	Module, Name string // of the import
	Fuel, Depth  string // the exports that are the globals
	// Call is first called without them where finding them takes as long as the rest, and again with them if it
	// answers false: it has none of its own yet, and has done nothing.
	Call func(ctx context.Context, fuel, depth Global) bool
}

// A Global is an exported mutable global of an instance.
type Global interface {
	Get() uint64
	Set(v uint64)
}

// System is what one instance sees of the world.
type System struct {
	Memory         *memory.Memory // where linear memory comes from; the caller releases it
	Grown          func()         // called after memory grew, by engines whose guests Go cannot preempt
	Args           []string
	Env            [][2]string
	Stdin          io.Reader // nil reads nothing
	Stdout, Stderr io.Writer // nil discards
	Random         io.Reader // nil is crypto/rand
	Dirs           []Dir
	Wall           func() (sec int64, nsec int32)
	Mono           func() int64 // in nanoseconds
	Sleep          func(ns int64)
	Resolution     uint32 // of the clocks, in nanoseconds
}

// A Dir is a directory that a WASI command may read below Guest. The Root keeps
// links and dots from leading out of it.
type Dir struct {
	Root  *os.Root
	Guest string
}

// A Trap is an instruction that could not be executed: the guest's own fault.
type Trap struct {
	Reason string // such as "unreachable"; of WebAssembly, not of the guest
	Frame  string // the guest's function, in the guest's words, "" if unknown
	Stack  bool   // it was the call stack that overflowed
}

func (t *Trap) Error() string { return "engine: trap: " + t.Reason }

// An Exit is a call of proc_exit.
type Exit struct{ Code uint32 }

func (e *Exit) Error() string { return fmt.Sprintf("engine: exit code %d", e.Code) }

// A Crash is a panic in host code below the guest: a fault of the engine, of WASI, or
// of a host function that did not recover.
type Crash struct {
	Reason string // one line
	Detail string // with stack traces; for logs of the host only
}

func (c *Crash) Error() string { return "engine: panic: " + c.Reason }
