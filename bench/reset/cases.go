// Package reset measures what a clean instance costs: one out of the pool, used for one small call and put back
// (case reset), and what a sandbox costs that has nothing to do (case idle), which is measured in a process of its own and from
// the operating system. Package fresh has the systems.
package reset

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/vitrine-run/vitrine/bench"
	"github.com/vitrine-run/vitrine/bench/reset/fresh"
)

// A guest is a plugin with a function greet.
type guest struct {
	name         string
	wasm         func() ([]byte, error)
	boxes, quick int // how many sandboxes idle has of it
}

var guests = []guest{
	{"c", func() ([]byte, error) { return fresh.CGuest, nil }, 10_000, 100},
	{"go", fresh.GoGuest, 1_000, 20},
}

// Cases are the case reset of some systems, ours first, and idle.
func Cases(makers []fresh.Maker) []bench.Case {
	var names []string
	for _, m := range makers {
		names = append(names, m.Name)
	}
	return []bench.Case{
		{Name: "reset", Processes: true, Help: "one small call on a clean instance, which is put back or thrown away", Unit: "ns", Systems: names,
			Takes: 5 * time.Second * time.Duration(len(names)), TakesQuick: 2 * time.Second * time.Duration(len(names)),
			Measure: func(ctx context.Context, r *bench.Run) error { return reset(ctx, makers, r) }},
		{Name: "idle", Help: "resident memory of many parked sandboxes, and how long one needs to come back", Unit: "MB", Systems: []string{bench.Ours},
			Takes: 65 * time.Second, TakesQuick: 7 * time.Second, Measure: idle, Child: idleChild},
	}
}

// reset takes a clean instance for every call: vitrine's out of the pool, the others' is a new one.
func reset(ctx context.Context, makers []fresh.Maker, r *bench.Run) error {
	for _, g := range guests {
		if !r.Wanted(g.name) {
			continue
		}
		wasm, err := g.wasm()
		if err != nil {
			return err
		}
		systems, err := ready(ctx, makers, r, g.name, wasm)
		if err == nil {
			err = fresh.Measure(ctx, systems, g.name, r)
		}
		for _, s := range systems {
			err = errors.Join(err, s.Close(ctx))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func ready(ctx context.Context, makers []fresh.Maker, r *bench.Run, guest string, wasm []byte) (systems []fresh.System, err error) {
	for _, m := range makers {
		s, err := m.Make(ctx, guest, wasm)
		if err != nil {
			if err := r.Lose(m.Name, fmt.Errorf("%s: %w", m.Name, err)); err != nil {
				return systems, err
			}
			continue
		}
		if s != nil {
			systems = append(systems, s)
		}
	}
	return systems, nil
}
