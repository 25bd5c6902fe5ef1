package extism

import (
	"context"

	"github.com/vitrine-run/vitrine/runtime"
)

// UserModule is where plugins import a host's own functions from, unless they say otherwise.
const UserModule = "extism:host/user"

// A HostFunc is a function of the host's own that plugins may import. Blocks pass as their offsets,
// which are i64. It must be done when the context is, and must not call the plugin.
type HostFunc struct {
	Module          string // "" is UserModule
	Name            string
	Params, Results []runtime.ValueType
	Call            func(c *Caller, stack []uint64)
}

func (f HostFunc) bind() runtime.HostFunc {
	h := runtime.HostFunc{Module: f.Module, Name: f.Name, Params: f.Params, Results: f.Results}
	if h.Module == "" {
		h.Module = UserModule
	}
	if f.Call != nil {
		h.Call = func(c *runtime.Caller, stack []uint64) { f.Call(&Caller{c.State().(*Instance), c}, stack) }
	}
	return h
}

// A Caller is the plugin that calls a function of the host's. It must not be kept.
type Caller struct {
	in *Instance
	c  *runtime.Caller
}

// Context is done at the deadline, on cancellation, and when the call is over.
func (c *Caller) Context() context.Context { return c.c.Context() }

// Read returns the block at an offset: a view that is valid until the function returns or makes
// another block. Where there is none, the plugin's call ends.
func (c *Caller) Read(at uint64) []byte { return c.in.named(c.c, at) }

// Write makes a block of a copy of b and returns its offset, 0 if b is empty. If there is no room,
// the plugin's call ends.
func (c *Caller) Write(b []byte) uint64 { return c.in.put(c.c, b) }

// Free gives the block at an offset back.
func (c *Caller) Free(at uint64) { c.in.blocks.release(at) }

// Fail ends the plugin's call with err; see runtime.Caller.
func (c *Caller) Fail(err error) { c.c.Fail(err) }
