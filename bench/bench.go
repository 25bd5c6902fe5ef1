// Package bench holds what every case of the benchmark shares: how a case is declared, the form of a figure, systems
// that take turns, and the statistics. The cases are the packages below it, package report draws what they found.
//
// Each figure is a Row, one JSON object a line:
//
//	{"case":"call","system":"vitrine","variant":"1KB","metric":"time","value":420,"unit":"ns","n":15,"spread":0.02}
//
// A ratio is Vitrine's figure over another's, whose name is the system: under 1 is better for us.
//
// # To add a case
//
// A case is a value of type Case: its name, one sentence, its unit, the systems that it measures, and Measure, which is
// given a Run. A package that has cases has a function Cases that returns them; the commands that measure, cmd/vitrine
// and bench/peers, have a list of such functions. In Measure
//
//   - systems that do the same work in turns are Racers: Run.Race compares their answers with each other, times them
//     and prints time, garbage and ratio. That is all that most cases need;
//   - what is not a race compares each system's answer by Run.Verify before it prints a figure of it (Print, Samples,
//     Quantiles). A figure of a system and variant that nobody has verified ends the case with ErrUnverified;
//   - what needs a process of its own, for its memory or its start, is the case's Child: Run.Apart runs it in this
//     same program, started again, and prints what it prints;
//   - Run.RoundsOf says how many rounds there are to be and Run.Wanted which variants; Run.Note says what was left out.
//
// A test beside the case calls benchtest.Verifies, which has each system lie and demands that the case ends.
package bench

import (
	"io"
	"time"
)

// Ours is the system that the others are compared with.
const Ours = "vitrine"

// A Row is one figure.
type Row struct {
	Case    string  `json:"case"`
	System  string  `json:"system"`
	Variant string  `json:"variant"`
	Metric  string  `json:"metric"`
	Value   float64 `json:"value"` // the median, unless the metric's name says what else
	Unit    string  `json:"unit"`
	N       int     `json:"n"`      // how many rounds, or how many events, it is made of
	Spread  float64 `json:"spread"` // half of what lies between the quartiles, over the median, or what lies between processes; of a geomean see Together
	// Processes are those that the rounds were spread over, as many in each; half of what lies between the least and
	// the largest of their medians, over the median, is the spread where that is more.
	Processes int `json:"processes,omitempty"`
	// Samples are the figures of the rounds, in their order, where there were rounds; of many events they are the
	// medians of twenty stretches.
	Samples []float64 `json:"samples,omitempty"`
	// Quantiles are how many events are spread: their least, the 1st hundredth and so on up to the longest.
	Quantiles []float64 `json:"quantiles,omitempty"`
	// Notes say what was left out of the case, and why. They stand on the row of the other processes.
	Notes []string `json:"notes,omitempty"`
}

// Options say how to measure. They are the same for every case.
type Options struct {
	Rounds   int           // in place of what the case says; see RoundsOf
	Turn     time.Duration // how long a turn lasts, about; 20 ms if zero, of a quick run 5 ms
	Quick    bool          // few and short rounds: a first look, not a claim
	Variants []string      // none is all; see Wanted
	Tree     string        // the folder of Vitrine's sources, for what is built or read from it; "" is none
	Liar     string        // a system whose answers are changed before they are compared: for a test of the case
	Log      io.Writer     `json:"-"` // for who waits; nil is nobody
}

func (o *Options) turn() time.Duration {
	switch {
	case o.Turn > 0:
		return o.Turn
	case o.Quick:
		return 5 * time.Millisecond
	}
	return 20 * time.Millisecond
}
