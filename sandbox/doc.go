// Package sandbox runs one plugin for one principal, with the rights it has and no others. It is
// where an embedder starts who needs no page.
//
// A plugin asks for capabilities in its manifest; whoever makes a sandbox grants some. What holds is
// what is in both: everything else is denied, and the denials are counted and logged. A module that
// imports what its manifest does not ask for is refused before it is compiled.
//
//	rt, err := runtime.New(&runtime.Options{HostFuncs: hostfuncs.Functions()})
//	plugin, err := sandbox.Load(ctx, rt, os.DirFS("examples/fractal"), nil)
//	box, err := plugin.New(&sandbox.Options{Grants: []abi.Capability{abi.CapUI}})
//	png, err := box.Call(ctx, "render", []byte(`{"width":640}`))
//
// A Sandbox that shows something has a [View], which gets trees and pixels as the plugin makes them.
// It is an actor: Mount, Update and Event put work into a bounded queue and return, one goroutine
// does it in order, and there is none while there is nothing to do. A plugin in a long computation
// asks for turns; what waits in the queue goes first, and a plugin that nobody sees gets none.
//
// A plugin that fails at an event, or renders what is no tree, goes on as it was; a View that is a
// [Noticer] tells the person.
//
// When a plugin breaks or passes a limit its sandbox is dead: the View hears why, in words for the
// person, and every call answers the same fault until Restart. Other sandboxes do not notice.
package sandbox
