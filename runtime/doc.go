// Package runtime runs WebAssembly that nobody here has written, within limits.
//
// It knows how to compile a module, make instances of it, call them and stop them.
// What a guest can reach is decided by whoever builds the Runtime: the host functions
// in Options are all there is, and a module that imports anything else is refused
// before it is compiled. Who may call which of them is not decided here but in
// package sandbox.
//
//	rt, err := runtime.New(&runtime.Options{HostFuncs: funcs})
//	mod, err := rt.Compile(ctx, wasm, nil) // nil: the default limits
//	in, err := mod.Instantiate(ctx, nil)   // start section and _initialize have run
//	out, err := in.Call(ctx, "vitrine_event", []byte{0x80})
//
// A call ends in one of four ways. It returns bytes; or a *GuestError, which is the
// plugin's own "no", and the instance goes on; or a *Fault, which says which limit was
// hit or how the guest broke, and the instance never serves again; or an *ExitError,
// if the guest called proc_exit. A module that is no good is an *InvalidError.
//
// Every limit has a default that holds when nobody has set it (see Limits). The
// guest's words in errors are escaped and bounded; they hold no Go stack and no path
// of the host.
package runtime
