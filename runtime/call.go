package runtime

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/runtime/engine"
	"github.com/vitrine-run/vitrine/runtime/wasm"
)

// Call calls a function of the guest ABI: input goes into room that the guest allocates,
// and the answer is the caller's own copy. The error is a *GuestError if the plugin said
// no, a *Fault or an *ExitError if the instance is done for, and ErrNoFunction if there
// is no such export of that type.
func (in *Instance) Call(ctx context.Context, name string, input []byte) ([]byte, error) {
	if err := in.begin(ctx, name, in.limits.LogBytes); err != nil {
		return nil, err
	}
	defer in.end()
	f := in.last
	if f == nil || f.Name != name {
		var err error
		if f, err = in.exported(name, abiParams, abiResults); err != nil {
			return nil, err
		}
		in.last = f
	}
	ptr, err := in.pass(input)
	if err != nil {
		return nil, err
	}
	stack := in.stackOf(2)
	stack[0], stack[1] = uint64(ptr), uint64(len(input))
	if err := in.run(f, stack); err != nil {
		return nil, err
	}
	return in.output(abi.Result(stack[0]))
}

// The type of every function of the guest ABI, and that of its allocator.
var (
	abiParams   = []ValueType{I32, I32}
	abiResults  = []ValueType{I64}
	allocParams = []ValueType{I32}
	allocResult = []ValueType{I32}
)

// exported finds an export of exactly that type.
func (in *Instance) exported(name string, params, results []ValueType) (*function, error) {
	e := in.mod.exports[name]
	if e == nil {
		return nil, fmt.Errorf("%w: %s", ErrNoFunction, printable(name, maxName))
	}
	if !slices.Equal(e.Params, params) || !slices.Equal(e.Results, results) {
		return nil, fmt.Errorf("%w: %s has type %s, not %s", ErrNoFunction, printable(name, maxName),
			Signature(e.Params, e.Results), Signature(params, results))
	}
	return in.function(e), nil
}

// pass copies input into room that the guest has allocated for it.
func (in *Instance) pass(input []byte) (uint32, error) {
	if len(input) == 0 {
		return 0, nil
	}
	if uint64(len(input)) > in.limits.Memory {
		return 0, in.kill(&Fault{Kind: FaultMemory, Limit: LimitMemory,
			Message: fmt.Sprintf("%d bytes of input do not fit into %d of memory", len(input), in.limits.Memory)})
	}
	if in.alloc == nil {
		var err error
		if in.alloc, err = in.exported(abi.ExportAlloc, allocParams, allocResult); err != nil {
			return 0, err
		}
	}
	stack := in.stackOf(1)
	stack[0] = uint64(len(input))
	if err := in.run(in.alloc, stack); err != nil {
		return 0, err
	}
	ptr := uint32(stack[0])
	room, ok := in.view(ptr, uint32(len(input)))
	if !ok {
		return 0, in.kill(&Fault{Kind: FaultError,
			Message: fmt.Sprintf("%s answered 0x%x, where %d bytes do not fit", abi.ExportAlloc, ptr, len(input))})
	}
	copy(room, input)
	return ptr, nil
}

// view is a part of the guest's memory.
func (in *Instance) view(ptr, n uint32) ([]byte, bool) {
	mem, end := in.mem.Bytes(), uint64(ptr)+uint64(n)
	if end > uint64(len(mem)) {
		return nil, false
	}
	return mem[ptr:end:end], true
}

// maxGuestError is how many bytes of a failure are looked at.
const maxGuestError = 4096

// output copies the answer out of the guest. The length is the guest's claim: it is held
// against the limit and the memory before a byte is read.
func (in *Instance) output(r abi.Result) ([]byte, error) {
	n, limit := uint64(r.Len()), in.limits.Output
	if r.Failed() {
		limit = maxGuestError
	}
	if n > limit {
		return nil, in.kill(&Fault{Kind: FaultOutput, Limit: LimitOutput,
			Message: fmt.Sprintf("answer of %d bytes, the limit is %d", n, limit)})
	}
	if n == 0 && !r.Failed() {
		return nil, nil
	}
	view, ok := in.view(r.Pointer(), r.Len())
	if !ok {
		return nil, in.kill(&Fault{Kind: FaultOutput,
			Message: fmt.Sprintf("answer of %d bytes at 0x%x is not in memory", n, r.Pointer())})
	}
	if r.Failed() {
		return nil, in.guestError(view)
	}
	return append([]byte(nil), view...), nil // and so not cleared first
}

func (in *Instance) guestError(b []byte) error {
	f, err := abi.ParseGuestFailure(b)
	if err != nil {
		f = abi.GuestFailure{Code: abi.CodeInternal, Message: "failed without saying why"}
	}
	return &GuestError{Func: in.name, Code: f.Code, Message: printable(f.Message, maxGuestError)}
}

// Invoke calls any exported function with numbers: an i32 as its unsigned 32 bits, a
// float as its bits. Info says how many there are to be and of which types.
func (in *Instance) Invoke(ctx context.Context, name string, args ...uint64) ([]uint64, error) {
	if err := in.begin(ctx, name, in.limits.LogBytes); err != nil {
		return nil, err
	}
	defer in.end()
	e := in.mod.exports[name]
	if e == nil {
		return nil, fmt.Errorf("%w: %s", ErrNoFunction, printable(name, maxName))
	}
	if len(args) != len(e.Params) || !numeric(e.Params) || !numeric(e.Results) {
		return nil, fmt.Errorf("%w: %s has type %s, called with %d numbers", ErrNoFunction,
			printable(name, maxName), Signature(e.Params, e.Results), len(args))
	}
	stack := in.stackOf(max(len(e.Params), len(e.Results)))
	copy(stack, args)
	if err := in.run(in.function(e), stack); err != nil {
		return nil, err
	}
	results := slices.Clone(stack[:len(e.Results)])
	for i, t := range e.Results {
		if t == I32 || t == F32 { // engines may leave what was there in the upper half
			results[i] = uint64(uint32(results[i]))
		}
	}
	return results, nil
}

func numeric(ts []ValueType) bool {
	for _, t := range ts {
		if t == wasm.V128 || t.IsRef() {
			return false
		}
	}
	return true
}

// startFunction is what a WASI command exports.
const startFunction = "_start"

// Run runs a WASI command to its end, once: it does not serve again. An exit code other
// than 0 is an *ExitError. Its stdout is its output: Limits.Output bounds it.
func (in *Instance) Run(ctx context.Context) error {
	if err := in.begin(ctx, startFunction, in.limits.Output); err != nil {
		return err
	}
	defer in.end()
	f, err := in.exported(startFunction, nil, nil)
	if err != nil {
		return err
	}
	err = in.run(f, nil)
	var exit *ExitError
	if err == nil {
		in.dead = &ExitError{Func: startFunction}
	} else if errors.As(err, &exit) && exit.Code == 0 {
		return nil
	}
	return err
}

// stackOf returns the parameter stack, n long.
func (in *Instance) stackOf(n int) []uint64 {
	if n > cap(in.stack) {
		in.stack = make([]uint64, n, max(n, 8))
	}
	return in.stack[:n]
}

// run calls into the guest. Every error is the end of the instance.
func (in *Instance) run(f *function, stack []uint64) error {
	if err := f.Function.Call(&in.ctx, stack); err != nil {
		return in.kill(err)
	}
	return nil
}

// kill turns what ended a call into the error for its caller, which is the answer to
// every later call as well.
func (in *Instance) kill(err error) error {
	if in.failure != nil {
		err = in.failure
	}
	in.dead = in.explain(err)
	return in.dead
}

// explain makes a *Fault or an *ExitError of what ended a call.
func (in *Instance) explain(err error) error {
	var (
		fault *Fault
		trap  *engine.Trap
		exit  *engine.Exit
		crash *engine.Crash
	)
	switch {
	case errors.As(err, &fault):
		f := *fault
		f.Func = in.name
		f.Message = printable(f.Message, maxMessage)
		return &f
	case errors.As(err, &trap):
		return in.trapFault(trap)
	case errors.As(err, &exit):
		if f := in.refusal(fmt.Sprintf("exit code %d", exit.Code)); f != nil && exit.Code != 0 {
			return f
		}
		return &ExitError{Func: in.name, Code: exit.Code}
	case errors.As(err, &crash):
		in.mod.rt.logger.Error("runtime: panic below a guest", "func", printable(in.name, maxName),
			"reason", printable(crash.Reason, maxMessage), "detail", printable(crash.Detail, maxDetail))
		return &Fault{Kind: FaultError, Func: in.name, Message: "the engine failed"}
	case errors.Is(err, context.DeadlineExceeded):
		return in.deadlineFault(err)
	case errors.Is(err, context.Canceled):
		return in.canceledFault(err)
	}
	return &Fault{Kind: FaultError, Func: in.name, Message: printable(err.Error(), maxMessage), Err: err}
}

func (in *Instance) trapFault(t *engine.Trap) *Fault {
	msg := t.Reason
	if t.Frame != "" {
		msg += " in " + printable(in.mod.funcName(t.Frame), maxName)
	}
	if t.Stack {
		return &Fault{Kind: FaultStack, Limit: LimitStack, Func: in.name, Message: printable(msg, maxMessage)}
	}
	if f := in.refusal(msg); f != nil {
		return f
	}
	return &Fault{Kind: FaultTrap, Func: in.name, Message: printable(msg, maxMessage)}
}

// refusal is for a guest that broke after it was refused memory, or a larger table, in
// the same call; nil if it was not. What its own maximum refuses is its own affair.
func (in *Instance) refusal(how string) *Fault {
	f := &Fault{Func: in.name}
	switch {
	case in.crowded:
		f.Kind, f.Limit = FaultMemory, LimitPoolBytes
		how = "wanted more memory than the pool has for all: " + how
	case in.mem.Refused():
		f.Kind, f.Limit = FaultMemory, LimitMemory
		how = fmt.Sprintf("wanted more than %d bytes of memory: %s", in.limits.Memory, how)
	case in.tank.tableRefused():
		f.Kind, f.Limit = FaultTable, LimitTable
		how = fmt.Sprintf("wanted a table of more than %d elements: %s", in.mod.limits.Table, how)
	default:
		return nil
	}
	f.Message = printable(how, maxMessage)
	return f
}

func (in *Instance) deadlineFault(err error) *Fault {
	f := &Fault{Kind: FaultDeadline, Limit: LimitWallTime, Func: in.name, Err: err,
		Message: fmt.Sprintf("took longer than %v", in.limits.WallTime)}
	if in.ctx.deadlineIsTheirs() {
		f.Limit, f.Message = LimitContext, "the caller's deadline passed"
	}
	return f
}

func (in *Instance) canceledFault(err error) *Fault {
	f := &Fault{Kind: FaultCanceled, Func: in.name, Err: err, Message: "called off"}
	if in.ctx.isStopped() {
		f.Message, f.Err = "the instance was closed", errors.Join(err, ErrClosed)
	}
	return f
}
