// Package vitrine is what a plugin written in Go links: props in, a tree of components out,
// handlers that are closures, state that is plain variables.
//
//	package main
//
//	import (
//		"fmt"
//
//		v "github.com/vitrine-run/vitrine/sdk/go"
//	)
//
//	var _ = v.Register(counter)
//
//	func counter(*v.Context) v.View {
//		clicks := 0
//		return func() v.Node {
//			return v.Button(fmt.Sprintf("Clicks: %d", clicks)).Primary().
//				OnClick(func() { clicks++ })
//		}
//	}
//
//	func main() {}
//
// Beside it lies vitrine.json, which says what the plugin is and asks for what it needs:
//
//	{
//	  "apiVersion": "v1",
//	  "id": "counter",
//	  "name": "Counter",
//	  "version": "0.1.0",
//	  "description": "One button that counts.",
//	  "runtime": {"wasm": "plugin.wasm"},
//	  "capabilities": ["ui"]
//	}
//
// and in a module of its own (the replace is needed until a release is tagged)
//
//	go mod init example.com/counter
//	go mod edit -replace github.com/vitrine-run/vitrine=/path/to/your/clone
//	go mod tidy
//	vitrine build .
//
// makes the plugin; what compiles it is
//
//	GOOS=wasip1 GOARCH=wasm go build -buildmode=c-shared -trimpath -ldflags="-s -w" -o plugin.wasm
//
// # How a plugin lives
//
// It starts once for many: package-level variables get their values, and what [Prepare] was given runs. Each
// sandbox begins with a copy of what has become of its memory then. So the functions of math/rand, which Go seeds as
// it starts, give everybody the same numbers: draw with crypto/rand what must differ, or seed a generator of your own with it.
//
// The host calls the [App] once, when the plugin is mounted, and the [View] that it returned after
// every event and whenever the props have changed; what the View returns is compared with what the
// page shows, and the difference is sent. Nothing runs between calls and nothing runs twice at once,
// so that state needs no locks. A handler must not wait: it does its work and returns. Work that
// takes longer than some 20 ms goes to [Context.Later], which does it in steps and lets events in
// between.
//
// A handler that panics fails, and so does a View whose tree the host refuses, such as one with two
// siblings of one key. The plugin goes on, what it showed stays, and the person reads beside it what
// happened, with the message of the panic, until an event succeeds. An App that panics when it is mounted, or
// whose first tree is refused, has nothing to show: the person sees that instead.
//
// # What a plugin can reach
//
// Each capability is an import module of the WebAssembly module, and only what a plugin uses is
// linked into it: the View asks for "ui", [Context.Props] for "props", [Context.Log] for "log",
// [Context.Now] and [Context.Monotonic] for "clock", [Context.Random] for "random". A plugin that
// registers no App and only has functions for [Compute] imports none. vitrine.json must declare
// them, and the host must grant them; a host function that is declared and not granted answers
// [Denied].
//
// # Testing
//
// The package builds on every system. Package vitrinetest mounts an App in a Go test, clicks and
// types, and reads what is shown, without WebAssembly.
package vitrine
