// Package call measures what it costs to call a plugin that is there already: bytes in and bytes out
// (case call), and a host function called by the guest (case hostcall).
//
// The systems take turns in one run, a few milliseconds each, so that what else the machine does meets all of
// them. Every answer is looked at. Package peers, which is a module of its own because its systems are
// heavy, measures Vitrine beside them:
//
//	go -C bench/peers run . -json
//
// Each figure is one object a line:
//
//	{"case":"call","system":"vitrine","variant":"1KB","metric":"time","value":420,"unit":"ns","n":15,"spread":0.02}
//
// A ratio is Vitrine's time over the other's, whose name is the system.
package call

import (
	"bytes"
	"fmt"
	"runtime"
	"slices"
	"time"
)

// A Row is one figure.
type Row struct {
	Case    string  `json:"case"`
	System  string  `json:"system"`
	Variant string  `json:"variant"`
	Metric  string  `json:"metric"`
	Value   float64 `json:"value"`
	Unit    string  `json:"unit"`
	N       int     `json:"n"`
	Spread  float64 `json:"spread"`
}

// A System has a plugin ready to be called, by one goroutine.
type System interface {
	Name() string
	// Echo calls the plugin with bytes, which it answers; the answer is the caller's own.
	Echo(in []byte) ([]byte, error)
	// Ticks makes the plugin call a host function a thousand times.
	Ticks() error
}

// Ours is what others are compared with.
const Ours = "vitrine"

// Options say how long to measure; nil, and every zero field, is the default.
type Options struct {
	Turns int           // of each system, default 15
	Turn  time.Duration // default 20 ms
}

// Sizes are the payloads.
var sizes = []struct {
	name string
	n    int
}{{"0B", 0}, {"1KB", 1 << 10}, {"64KB", 64 << 10}, {"1MB", 1 << 20}}

// Measure measures the systems against each other. The first error of one ends it.
func Measure(systems []System, opts *Options, print func(Row)) error {
	o := Options{Turns: 15, Turn: 20 * time.Millisecond}
	if opts != nil && opts.Turns > 0 {
		o.Turns = opts.Turns
	}
	if opts != nil && opts.Turn > 0 {
		o.Turn = opts.Turn
	}
	for _, size := range sizes {
		in := make([]byte, size.n)
		for i := range in {
			in[i] = byte(i * 7)
		}
		err := o.compare(systems, "call", size.name, 1, print, func(s System) error {
			out, err := s.Echo(in)
			if err == nil && !bytes.Equal(out, in) {
				err = fmt.Errorf("answered %d other bytes", len(out))
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return o.compare(systems, "hostcall", "1000", 1000, print, System.Ticks)
}

// result is what one system needed, by turn.
type result struct {
	system string
	ns     []float64 // an operation
	bytes  float64   // that an operation allocates in Go
}

// compare lets the systems take turns. An operation is the per-th part of a call of f.
func (o *Options) compare(systems []System, name, variant string, per float64, print func(Row), f func(System) error) error {
	results := make([]result, len(systems))
	calls := make([]int, len(systems))
	for i, s := range systems {
		results[i].system = s.Name()
		n, err := o.calibrate(func() error { return f(s) })
		if err != nil {
			return fmt.Errorf("%s %s: %s: %w", name, variant, s.Name(), err)
		}
		calls[i] = n
	}
	for range o.Turns {
		for i, s := range systems {
			ns, allocated, err := turn(calls[i], func() error { return f(s) })
			if err != nil {
				return fmt.Errorf("%s %s: %s: %w", name, variant, s.Name(), err)
			}
			results[i].ns = append(results[i].ns, ns/per)
			results[i].bytes = allocated / per
		}
	}
	report(results, name, variant, print)
	return nil
}

// calibrate finds how many calls a turn lasts.
func (o *Options) calibrate(f func() error) (int, error) {
	for n := 1; ; n *= 4 {
		ns, _, err := turn(n, f)
		if err != nil {
			return 0, err
		}
		if took := time.Duration(ns * float64(n)); took > o.Turn/8 {
			return max(1, int(float64(n)*float64(o.Turn)/float64(took))), nil
		}
	}
}

// turn is how long one of n calls takes, and what it allocates.
func turn(n int, f func() error) (ns, allocated float64, err error) {
	var before, after runtime.MemStats
	runtime.GC() // nobody pays for what others have left
	runtime.ReadMemStats(&before)
	began := time.Now()
	for range n {
		if err := f(); err != nil {
			return 0, 0, err
		}
	}
	took := time.Since(began)
	runtime.ReadMemStats(&after)
	return float64(took) / float64(n), float64(after.TotalAlloc-before.TotalAlloc) / float64(n), nil
}

func report(results []result, name, variant string, print func(Row)) {
	var ours float64
	for _, r := range results {
		if r.system == Ours {
			ours, _ = middle(r.ns)
		}
	}
	for _, r := range results {
		t, spread := middle(r.ns)
		row := Row{name, r.system, variant, "time", t, "ns", len(r.ns), spread}
		print(row)
		row.Metric, row.Value, row.Unit, row.Spread = "allocated", r.bytes, "B", 0
		print(row)
		if r.system != Ours && ours > 0 {
			row.Metric, row.Value, row.Unit, row.Spread = "ratio", ours/t, "x", spread
			print(row)
		}
	}
}

// middle is the median, and half of what lies between the quartiles over it.
func middle(v []float64) (median, spread float64) {
	slices.Sort(v)
	median = v[len(v)/2]
	return median, (v[len(v)*3/4] - v[len(v)/4]) / 2 / median
}
