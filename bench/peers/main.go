// Command peers measures Vitrine beside other ways to run plugins from Go, all in one run and in turn. Package
// bench says what the figures are, packages bench/call and bench/reset how their cases are measured, here with more systems.
//
//	go -C bench/peers run .
//	go -C bench/peers run -tags wasmtime .    # Vitrine on wasmtime as well
//	go -C bench/peers run . -json -only call -variants 1KB
package main

import (
	"os"
	"slices"

	"github.com/vitrine-run/vitrine/bench"
	"github.com/vitrine-run/vitrine/bench/call"
	"github.com/vitrine-run/vitrine/bench/density"
	"github.com/vitrine-run/vitrine/bench/hold"
	"github.com/vitrine-run/vitrine/bench/program"
	"github.com/vitrine-run/vitrine/bench/reset"
	"github.com/vitrine-run/vitrine/bench/start"
)

func main() {
	os.Exit(withPlugins(func() int { return bench.Command(os.Args, cases, os.Stdout, os.Stderr) }))
}

func cases() []bench.Case {
	return slices.Concat(
		program.Cases(programSystems()),
		call.Cases(callSystems()),
		start.Cases(startSystems(), freshSystems()),
		reset.Cases(freshSystems())[:1], // idle has no peers
		density.Cases(densitySystems()),
		hold.Cases(killers())[:2], // fairness has no peers
	)
}

// callSystems are those of call and hostcall, ours first.
func callSystems() []call.Maker {
	return append(append(call.Light(), callOnWasmtime()...),
		call.Maker{Name: "wasmtime", Make: wasmtimeMaker("wasmtime")},
		call.Maker{Name: "wasmtime-fuel", Make: wasmtimeMaker("wasmtime-fuel")},
		call.Maker{Name: "wasmtime-epoch", Make: wasmtimeMaker("wasmtime-epoch")},
		call.Maker{Name: "extism", Make: newExtism},
		call.Maker{Name: goPluginName, Make: newGoPluginEcho},
		call.Maker{Name: "hashicorp", Make: newHashicorp},
		call.Maker{Name: processName, Make: newProcess},
		call.Maker{Name: "goja", Make: newGoja},
		call.Maker{Name: "gopher-lua", Make: newLua},
	)
}
