package main

import (
	"context"

	"github.com/vitrine-run/vitrine/bench"
	"github.com/vitrine-run/vitrine/bench/call"
)

// benchCases are what `vitrine bench` measures, in its order. bench/peers measures some of them beside
// systems that are too heavy for this program.
var benchCases = []bench.Case{
	{Name: "call", Help: "bytes in and out of a plugin that is there already", Run: withCallSystems(call.Measure)},
	{Name: "hostcall", Help: "a call of the host by a plugin", Run: withCallSystems(call.MeasureHost)},
}

type callCase func([]call.System, *bench.Options, func(bench.Row)) error

func withCallSystems(measure callCase) func(context.Context, *bench.Options, func(bench.Row)) error {
	return func(ctx context.Context, o *bench.Options, print func(bench.Row)) error {
		systems, end, err := call.Light(ctx)
		if err != nil {
			return err
		}
		defer end()
		return measure(systems, o, print)
	}
}
