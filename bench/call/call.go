// Package call measures what it costs to call a plugin that is there already: bytes in and bytes out
// (case call), and a host function called by the guest (case hostcall). Every answer is looked at.
//
// The systems here are those that Vitrine's own module has anyway. Package peers, which is a module of its own
// because its systems are heavy, measures the others beside them:
//
//	go -C bench/peers run . -only call,hostcall
package call

import (
	"context"
	"fmt"
	"time"

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
	// Ticks makes the plugin call a host function a thousand times, and add up what it answers: ErrTicks where that is not 500,500.
	Ticks() error
}

// sizes are the payloads.
var sizes = []struct {
	name string
	n    int
}{{"0B", 0}, {"1KB", 1 << 10}, {"64KB", 64 << 10}, {"1MB", 1 << 20}}

// A Maker makes a system ready, and says what gives it back.
type Maker struct {
	Name string
	Make func(context.Context) (System, func(), error)
}

// Cases are the cases call and hostcall of some systems, ours first. Those that have no host calls are left out of the second.
func Cases(makers []Maker) []bench.Case {
	var names []string
	for _, m := range makers {
		names = append(names, m.Name)
	}
	return []bench.Case{
		{Name: "call", Processes: true, Help: "bytes in and out of a plugin that is there already", Unit: "ns", Systems: names,
			Takes: 8 * time.Second * time.Duration(len(names)), TakesQuick: time.Second / 2 * time.Duration(len(names)),
			Measure: func(ctx context.Context, r *bench.Run) error { return with(ctx, makers, r, calls) }},
		{Name: "hostcall", Processes: true, Help: "a call of the host by a plugin", Unit: "ns", Systems: names,
			Takes: time.Second * time.Duration(len(names)), TakesQuick: time.Second / 5 * time.Duration(len(names)),
			Measure: func(ctx context.Context, r *bench.Run) error { return with(ctx, makers, r, hostCalls) }},
	}
}

// with measures systems and gives them back, also those that were made before one could not be.
func with(ctx context.Context, makers []Maker, r *bench.Run, measure func([]System, *bench.Run) error) error {
	var systems []System
	for _, m := range makers {
		s, end, err := m.Make(ctx)
		if err != nil {
			if err := r.Lose(m.Name, fmt.Errorf("%s: %w", m.Name, err)); err != nil {
				return err
			}
			continue
		}
		defer end()
		systems = append(systems, s)
	}
	return measure(systems, r)
}

func calls(systems []System, r *bench.Run) error {
	for _, size := range sizes {
		if !r.Wanted(size.name) {
			continue
		}
		in := make([]byte, size.n)
		for i := range in {
			in[i] = byte(i * 7)
		}
		var racers []bench.Racer
		for _, s := range systems {
			racers = append(racers, bench.Racer{System: s.Name(), Answer: func() ([]byte, error) { return s.Echo(in) }})
		}
		if err := r.Race(size.name, in, racers); err != nil {
			return err
		}
	}
	return nil
}

// counted stands for what a guest answers that has added up what its host answered a thousand times, and found 500,500: a guest that finds another sum is
// ErrTicks of Ticks, and has no figure.
var counted = []byte("1000 calls")

func hostCalls(systems []System, r *bench.Run) error {
	var racers []bench.Racer
	for _, s := range systems {
		if t, ok := s.(Ticker); ok {
			racers = append(racers, bench.Racer{System: s.Name(), Answer: func() ([]byte, error) { return counted, t.Ticks() }, Per: 1000})
		}
	}
	return r.Race("1000 in a loop", counted, racers)
}
