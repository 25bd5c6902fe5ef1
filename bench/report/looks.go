package report

import (
	"fmt"

	"github.com/vitrine-run/vitrine/bench"
)

// A look is how a series is told from others: by its colour, and by the shape of its dots for who does not see colours. Ways to
// do the same thing have one colour, and a system has the same look in every chart.
type look struct{ Colour, Shape int }

// shapes are paths about the point where they begin.
var shapes = []string{
	"m-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0-9 0", // a disc
	"m-4-4h8v8h-8z",
	"m0-5.5l5.5 5.5l-5.5 5.5l-5.5-5.5z",
	"m0-5l5 9h-10z",
	"m0 5l5-9h-10z",
	"m-5.5-3.5l2-2l3.5 3.5l3.5-3.5l2 2l-3.5 3.5l3.5 3.5l-2 2l-3.5-3.5l-3.5 3.5l-2-2l3.5-3.5z", // a cross
	"m-1.5-5.5h3v4h4v3h-4v4h-3v-4h-4v-3h4z",                                                   // a plus
}

// colours are as many as the style has.
const colours = 8

var looks = map[string]look{
	bench.Ours: {0, 0}, "vitrine-warm": {0, 1}, "vitrine-fresh": {0, 2}, "vitrine-wasmtime": {0, 3}, "vitrine-interpreter": {0, 4}, "vitrine-extism": {0, 5},
	"go": {7, 0}, "unscheduled": {7, 0}, "net/http": {7, 0}, "plain": {7, 0}, "unmetered": {5, 2},
	"wazero": {1, 0}, "wazero-ctx": {1, 1}, "wazero-fresh": {1, 2},
	"wasmtime": {2, 0}, "wasmtime-fuel": {2, 1}, "wasmtime-epoch": {2, 2},
	"extism": {3, 3}, "go-plugin": {3, 4}, "remote-dom": {3, 3}, "remote-dom, parsed": {3, 4},
	"hashicorp": {4, 5}, "process": {4, 6}, "goja": {6, 3}, "gopher-lua": {6, 4},
}

// lookOf is the look of a system, or of the series of that number.
func lookOf(id string, series int) look {
	if l, ok := looks[id]; ok {
		return l
	}
	return look{series % colours, series % len(shapes)}
}

// Mark is the path of a dot at a place.
func (l look) Mark(x, y float64) string { return fmt.Sprintf("M%.1f %.1f%s", x, y, shapes[l.Shape]) }

// Dash says whether lines of this look are dashed: two of one colour are not drawn alike.
func (l look) Dash() bool { return l.Shape != 0 && l.Shape != 3 && l.Shape != 5 }
