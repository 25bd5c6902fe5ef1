package runtime

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/vitrine-run/vitrine/runtime/engine"
	"github.com/vitrine-run/vitrine/runtime/meter"
)

// A HostFunc is a function that guests may import. Call finds the parameters in stack
// and leaves the results there, from the first element on: an i32 as its unsigned 32
// bits, a float as its bits. It runs on the goroutine of the call, must not call into
// the guest, and must be done when the context is.
type HostFunc struct {
	Module, Name    string
	Params, Results []ValueType
	Call            func(c *Caller, stack []uint64)
}

func (f *HostFunc) check() error {
	name := funcName{f.Module, f.Name}
	if f.Module == "" || f.Name == "" || f.Call == nil {
		return fmt.Errorf("runtime: host function %s is incomplete", name)
	}
	if f.Module == engine.WASIModule || f.Module == meter.ImportModule {
		return fmt.Errorf("runtime: host function %s: the module is reserved", name)
	}
	for _, ts := range [][]ValueType{f.Params, f.Results} {
		for _, t := range ts {
			if t != I32 && t != I64 && t != F32 && t != F64 {
				return fmt.Errorf("runtime: host function %s: type %s is not a number", name, t)
			}
		}
	}
	return nil
}

// A Caller is the guest that calls a host function. It belongs to the instance, is the
// same for all its calls, and must not be kept: outside of a host function it reads and
// writes nothing.
type Caller struct {
	in  *Instance
	mem engine.Memory // nil outside of a host function
}

// Context is the context of the call under way: it carries the caller's values and is
// done at the deadline, on cancellation, and when the call is over.
func (c *Caller) Context() context.Context { return c.in.ctx.std() }

// State is InstanceOptions.State.
func (c *Caller) State() any { return c.in.state }

// Read returns n bytes of guest memory at ptr, and false if they are not all there. It
// is a view: the guest sees what is written to it, and it is valid until the host
// function returns. It is Work of n bytes.
func (c *Caller) Read(ptr, n uint32) ([]byte, bool) {
	if c.mem == nil {
		return nil, false
	}
	b, ok := c.mem.Read(ptr, n)
	c.Work(len(b))
	return b, ok
}

// Write copies b into guest memory at ptr, or does nothing and returns false if it does
// not fit. It is Work of as many bytes.
func (c *Caller) Write(ptr uint32, b []byte) bool {
	if c.mem == nil || !c.mem.Write(ptr, b) {
		return false
	}
	c.Work(len(b))
	return true
}

const (
	// smallWork is how many bytes of work are charged for at once: what most host functions do for a guest is paid with the call.
	smallWork = 4 << 10
	// longWork is how many there are between two looks at the time. It takes a tenth of a millisecond to copy them, and a few to check them.
	longWork = 1 << 20
)

// Work says that a host function goes through n bytes for the guest, beside those that it reads and writes: it costs the guest what copying
// them would, and ends the call, as Fail does, if its time is up and it was much.
func (c *Caller) Work(n int) {
	if c.in.work += n; c.in.work >= smallWork {
		c.in.worked()
	}
}

// worked charges for work. Where the guest cannot pay for it, it ends at its next refuel point.
func (in *Instance) worked() {
	in.tank.charge(meter.BulkCost(uint64(in.work)))
	in.unseen += in.work
	in.work = 0
	if in.unseen >= longWork {
		in.unseen = 0
		in.look()
	}
}

// MemoryLimit is how many bytes the guest's linear memory may grow to: Limits.Memory, or
// what the module itself declares if that is less.
func (c *Caller) MemoryLimit() uint64 {
	limit := c.in.limits.Memory
	if m := c.in.mod.info.Memory; m != nil {
		limit = min(limit, m.Max)
	}
	return limit
}

// Fail ends the whole guest call with err, and the instance with it. It does not return.
// A *Fault is passed on as it is; anything else becomes the Err of one.
func (c *Caller) Fail(err error) { c.in.abort(err) }

// endCall is what host code panics with to leave the guest; why is in Instance.failure.
type endCall struct{}

func (in *Instance) abort(err error) {
	in.failure = err
	panic(endCall{})
}

// bind makes a host function callable for the engine: it counts the call, hands over
// the instance's own Caller, and keeps panics of host code from becoming the guest's.
func (rt *Runtime) bind(f *HostFunc) engine.HostFunc {
	call := f.Call
	return engine.HostFunc{Module: f.Module, Name: f.Name, Params: f.Params, Results: f.Results,
		Call: func(ctx context.Context, mem engine.Memory, stack []uint64) {
			in := instanceOf(ctx)
			in.stats.HostCalls++
			if in.hostCalls++; in.hostCalls > in.limits.HostCalls {
				in.abort(&Fault{Kind: FaultFuel, Limit: LimitHostCalls,
					Message: fmt.Sprintf("more than %d calls of host functions", in.limits.HostCalls)})
			}
			in.caller.mem = mem
			defer in.guard(f)
			call(&in.caller, stack)
		}}
}

// guard ends a host function. A panic that is not Caller.Fail's is a bug of the host:
// the guest is told nothing, the log all of it.
func (in *Instance) guard(f *HostFunc) {
	in.caller.mem = nil
	r := recover()
	if r == nil {
		return
	}
	if _, ours := r.(endCall); !ours {
		name := funcName{f.Module, f.Name}
		reason := printable(fmt.Sprint(r), maxMessage/2)
		in.mod.rt.logger.Error("runtime: host function panicked", "func", name.String(), "panic", reason,
			"stack", printable(string(debug.Stack()), maxDetail))
		// What it said may name paths: that stays behind Err, out of the message.
		in.failure = &Fault{Kind: FaultError, Message: fmt.Sprintf("host function %s panicked", name), Err: errors.New(reason)}
	}
	panic(endCall{})
}

// maxDetail is how many bytes of a stack trace the host's log gets.
const maxDetail = 16 << 10
