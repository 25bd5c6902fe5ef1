// Package call measures what it costs to call a plugin that is there already: bytes in and bytes out
// (case call), and a host function called by the guest (case hostcall). Every answer is looked at.
//
// The systems here are those that Vitrine's own module has anyway. Package peers, which is a module of its own
// because its systems are heavy, measures the others beside them:
//
//	go -C bench/peers run . -only call,hostcall
package call

import (
	"bytes"
	"fmt"

	"github.com/vitrine-run/vitrine/bench"
)

// A System has a plugin ready to be called, by one goroutine.
type System interface {
	Name() string
	// Echo calls the plugin with bytes, which it answers; the answer is the caller's own.
	Echo(in []byte) ([]byte, error)
}

// A Ticker is a system whose plugins can call their host.
type Ticker interface {
	System
	// Ticks makes the plugin call a host function a thousand times.
	Ticks() error
}

// sizes are the payloads.
var sizes = []struct {
	name string
	n    int
}{{"0B", 0}, {"1KB", 1 << 10}, {"64KB", 64 << 10}, {"1MB", 1 << 20}}

// Measure measures calls of the systems against each other. The first error of one ends it.
func Measure(systems []System, o *bench.Options, print func(bench.Row)) error {
	for _, size := range sizes {
		in := make([]byte, size.n)
		for i := range in {
			in[i] = byte(i * 7)
		}
		var racers []bench.Racer
		for _, s := range systems {
			racers = append(racers, bench.Racer{System: s.Name(), Do: func() error { return echo(s, in) }})
		}
		results, err := o.Race(racers)
		if err != nil {
			return fmt.Errorf("call %s: %w", size.name, err)
		}
		bench.Report("call", size.name, results, print)
	}
	return nil
}

func echo(s System, in []byte) error {
	out, err := s.Echo(in)
	if err == nil && !bytes.Equal(out, in) {
		err = fmt.Errorf("answered %d other bytes", len(out))
	}
	return err
}

// MeasureHost measures calls of the host by the plugins of those systems that have them.
func MeasureHost(systems []System, o *bench.Options, print func(bench.Row)) error {
	var racers []bench.Racer
	for _, s := range systems {
		if t, ok := s.(Ticker); ok {
			racers = append(racers, bench.Racer{System: s.Name(), Do: t.Ticks, Per: 1000})
		}
	}
	results, err := o.Race(racers)
	if err != nil {
		return fmt.Errorf("hostcall: %w", err)
	}
	bench.Report("hostcall", "1000", results, print)
	return nil
}
