// Package bench holds what every case of the benchmark shares: the form of a figure, systems that take
// turns, and the statistics. The cases are the packages below it, package report draws what they found.
//
// Each figure is a Row, one JSON object a line:
//
//	{"case":"call","system":"vitrine","variant":"1KB","metric":"time","value":420,"unit":"ns","n":15,"spread":0.02}
//
// A ratio is Vitrine's figure over another's, whose name is the system: under 1 is better for us.
package bench

import (
	"context"
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
	Spread  float64 `json:"spread"` // half of what lies between the quartiles, over the median
	// Samples are the figures of the rounds, in their order, where there were rounds.
	Samples []float64 `json:"samples,omitempty"`
}

// Options say how to measure.
type Options struct {
	Rounds int           // in which every system takes its turn; 15 if zero, never fewer than 10 unless Quick
	Turn   time.Duration // how long a turn lasts, about; 20 ms if zero
	Quick  bool          // 5 short rounds: a first look, not a claim
	Only   []string      // variants; none is all
}

// A Case measures one thing for all systems that can do it.
type Case struct {
	Name string
	Help string // what is measured, in one line
	Run  func(ctx context.Context, o *Options, print func(Row)) error
}

func (o *Options) rounds() int {
	switch {
	case o.Rounds > 0:
		return o.Rounds
	case o.Quick:
		return 5
	}
	return 15
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
