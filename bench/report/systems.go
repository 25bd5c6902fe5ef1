package report

import (
	"slices"

	"github.com/vitrine-run/vitrine/bench"
)

// A system is what is measured beside Vitrine, how people call it, and how it was set up.
type system struct{ ID, Name, Setup string }

var systems = []system{
	{"vitrine", "Vitrine", "On wazero, with the limits that hold when nobody has set any."},
	{"vitrine-wasmtime", "Vitrine on wasmtime", "The same limits and the same rewritten module, built with -tags wasmtime."},
	{"vitrine-interpreter", "Vitrine, interpreted", "The same on wazero's interpreter, which needs no machine code of its own."},
	{"vitrine-warm", "Vitrine, warm", "One instance that is called again and again."},
	{"vitrine-fresh", "Vitrine, fresh", "A new instance for each call, with no pool."},
	{"vitrine-extism", "Vitrine, Extism's plugin", "The guest that Extism has, in an instance out of the pool for each call."},
	{"go", "native Go", "A function of the host, called as it is. Nothing isolates it: it is what isolation is paid from, and no plugin can be as fast."},
	{"unmetered", "unmetered", "The engine and memory that Vitrine's guests have, with the module as its compiler left it."},
	{"wazero", "wazero", "As it comes: its compiler and its defaults. Nothing can stop a guest."},
	{"wazero-fresh", "wazero, fresh", "A new instance for each call."},
	{"wazero-ctx", "wazero, interruptible", "WithCloseOnContextDone, its own interruption, and a context that can end."},
	{"wasmtime", "wasmtime-go", "Its defaults: no fuel, no epochs, one store for all calls; for reset and start one store a call, with the default allocator, for wasmtime-go has no binding for the one that pools. Nothing can stop a guest."},
	{"wasmtime-fuel", "wasmtime-go, fuel", "SetConsumeFuel, and the store's fuel set before each call; for kill and freeze as much as an empty loop uses by the deadline."},
	{"wasmtime-epoch", "wasmtime-go, epochs", "SetEpochInterruption, a deadline for each call, and a goroutine that counts the epoch up; for kill and freeze a timer that does so at the deadline."},
	{"extism", "Extism", "Its Go SDK as its documentation begins: a plugin that is called again and again; for reset and kill one plugin a call, compiled once; for kill the manifest's timeout_ms. Its echo answers its input where it lies, as every other guest's does."},
	{"go-plugin", "knqyf263/go-plugin", "Its example of a greeting, built by the standard Go compiler; compiled once where that is not what is measured."},
	{"hashicorp", "hashicorp/go-plugin", "A process that stays, spoken to through gRPC, as its examples are: a program with go-plugin and one service in it, and nothing else."},
	{"process", "a process a call", "The plugin is a program that is started for every call, and reads and writes its standard streams: some lines of Go with nothing in them but that, and no limit; in density it stays."},
	{"goja", "goja", "JavaScript, one runtime for all calls, which nothing limits. Its echo is given the host's bytes as an ArrayBuffer, which is no copy, and returns that object without a look into it; the one copy is that of the answer."},
	{"gopher-lua", "gopher-lua", "Lua, one state for all calls, with a context that can end it and no other limit. Its echo is given a string, a copy of the host's bytes, and returns it without a look into it; the answer is another copy."},
	{"net/http", "net/http", "Go's own client in the same process, with as many kept connections as there are goroutines."},
	{"remote-dom", "Remote DOM", "npm @remote-dom/core, batched, its mutations as JSON, which the page parses, as they arrive over a socket."},
	{"plain", "plain JavaScript", "The same changes to the document by hand, without a server: the upper bound of any user interface in a page."},
	{"remote-dom, parsed", "Remote DOM, parsed", "The same, with its messages given to the page as objects: nothing is left to parse."},
	{"unscheduled", "unscheduled", "Vitrine with a seat for every guest, so that the operating system shares the processor."},
	{"others", "other processes", "What part of the processors they had while a case was measured."},
}

// SystemName is what people call a system.
func SystemName(id string) string {
	for _, s := range systems {
		if s.ID == id {
			return s.Name
		}
	}
	return id
}

// Setup says how a system was set up, or nothing if it is not known.
func Setup(id string) string {
	for _, s := range systems {
		if s.ID == id {
			return s.Setup
		}
	}
	return ""
}

// measured are the systems that a run has figures of.
func measured(rows []bench.Row) (list []system) {
	have := systemsOf(rows)
	for _, s := range systems {
		if slices.Contains(have, s.ID) {
			list = append(list, s)
		}
	}
	return list
}
