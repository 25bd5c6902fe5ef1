package main

import (
	"slices"

	"github.com/vitrine-run/vitrine/bench"
	"github.com/vitrine-run/vitrine/bench/call"
	"github.com/vitrine-run/vitrine/bench/reset"
	"github.com/vitrine-run/vitrine/bench/reset/fresh"
)

// benchCases are what `vitrine bench` measures, in its order. bench/peers measures some of them beside
// systems that are too heavy for this program.
func benchCases() []bench.Case {
	return slices.Concat(
		call.Cases(call.Light()),
		reset.Cases(fresh.Light()),
	)
}
