package main

import (
	"slices"

	"github.com/vitrine-run/vitrine/bench"
	"github.com/vitrine-run/vitrine/bench/bridge"
	"github.com/vitrine-run/vitrine/bench/call"
	"github.com/vitrine-run/vitrine/bench/density"
	"github.com/vitrine-run/vitrine/bench/hold"
	"github.com/vitrine-run/vitrine/bench/metering"
	"github.com/vitrine-run/vitrine/bench/program"
	"github.com/vitrine-run/vitrine/bench/reach"
	"github.com/vitrine-run/vitrine/bench/reload"
	"github.com/vitrine-run/vitrine/bench/reset"
	"github.com/vitrine-run/vitrine/bench/reset/fresh"
	"github.com/vitrine-run/vitrine/bench/start"
)

// benchCases are what `vitrine bench` measures, in its order. bench/peers measures some of them beside
// systems that are too heavy for this program.
func benchCases() []bench.Case {
	return slices.Concat(
		metering.Cases(),
		program.Cases(program.Light()),
		call.Cases(call.Light()),
		start.Cases(start.Light(), fresh.Light()),
		reset.Cases(fresh.Light()),
		density.Cases(density.Light()),
		hold.Cases(hold.Peers()),
		reach.Cases(),
		bridge.Cases(),
		reload.Cases(),
	)
}
