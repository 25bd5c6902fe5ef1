package reset

import (
	"context"
	"fmt"
	"testing/fstest"
	"time"

	"github.com/vitrine-run/vitrine/bench"
	"github.com/vitrine-run/vitrine/bench/reset/fresh"
	"github.com/vitrine-run/vitrine/hostfuncs"
	"github.com/vitrine-run/vitrine/runtime"
	"github.com/vitrine-run/vitrine/sandbox"
)

const manifest = `{"apiVersion": "v1", "id": "guest", "name": "Guest", "version": "1.0.0", "description": "Idle.",
	"runtime": {"wasm": "plugin.wasm"}, "capabilities": []}`

// idle measures idle sandboxes in a process that has done nothing else.
func idle(ctx context.Context, r *bench.Run) error {
	for _, g := range guests {
		if !r.Wanted(g.name) {
			continue
		}
		if err := r.Apart(ctx, g.name); err != nil {
			return err
		}
	}
	return nil
}

func idleChild(ctx context.Context, r *bench.Run, args []string) error {
	for i := range guests {
		if len(args) == 1 && guests[i].name == args[0] {
			return park(ctx, r, &guests[i])
		}
	}
	return fmt.Errorf("there is no guest %q", args)
}

// park has many sandboxes called once, waits until they are parked, and asks the system what the whole
// process takes. Then it wakes them.
func park(ctx context.Context, r *bench.Run, g *guest) error {
	pool, err := runtime.NewPool(&runtime.PoolOptions{Keep: time.Second})
	if err != nil {
		return err
	}
	rt, err := runtime.New(&runtime.Options{HostFuncs: hostfuncs.Functions(), Pool: pool})
	if err != nil {
		return err
	}
	defer rt.Close(ctx)
	wasm, err := g.wasm()
	if err != nil {
		return err
	}
	files := fstest.MapFS{"vitrine.json": {Data: []byte(manifest)}, "plugin.wasm": {Data: wasm}}
	plugin, err := sandbox.Load(ctx, rt, files, &sandbox.Policy{Idle: rest})
	if err != nil {
		return err
	}
	waking, err := sandbox.Load(ctx, rt, files, &sandbox.Policy{Idle: time.Hour})
	if err != nil {
		return err
	}
	n := g.boxes
	if r.Quick {
		n = g.quick
	}
	boxes, kept, err := boxesOf(ctx, r, g, plugin, n)
	if err != nil {
		return err
	}
	for pool.Stats().Idle > 0 {
		time.Sleep(10 * time.Millisecond)
	}
	rss, pss, err := bench.Resident()
	if err != nil {
		return err
	}
	for _, m := range []struct {
		name, unit string
		value      float64
	}{{"rss", "MB", rss / 1e6}, {"pss", "MB", pss / 1e6}, {"each", "KiB", rss / float64(n) / 1024}, {"kept", "KiB", float64(kept) / float64(n) / 1024}} {
		r.Print(bench.Row{System: bench.Ours, Variant: g.name, Metric: m.name, Value: m.value, Unit: m.unit, N: n})
	}
	return revive(ctx, r, g, boxes, waking)
}

// rest is how long a sandbox has nothing to do until it is parked.
const rest = 20 * time.Millisecond

// boxesOf makes sandboxes, each for a person of its own, and waits until they are parked. kept is what they keep, in bytes.
func boxesOf(ctx context.Context, r *bench.Run, g *guest, plugin *sandbox.Plugin, n int) (boxes []*sandbox.Sandbox, kept uint64, err error) {
	for i := range n {
		s, err := plugin.New(&sandbox.Options{Principal: fmt.Sprint("person ", i)})
		if err != nil {
			return nil, 0, err
		}
		boxes = append(boxes, s)
		if err := greet(ctx, r, g, s); err != nil {
			return nil, 0, err
		}
	}
	for _, s := range boxes {
		kept += parked(s)
	}
	return boxes, kept, nil
}

// greet calls a sandbox, and looks at what it says.
func greet(ctx context.Context, r *bench.Run, g *guest, s *sandbox.Sandbox) error {
	said, err := fresh.Said(s.Call(ctx, "greet", fresh.Input))
	if err != nil {
		return err
	}
	return r.Verify(bench.Ours, g.name, said, fresh.Input)
}

// parked waits until a sandbox is.
func parked(s *sandbox.Sandbox) uint64 {
	for {
		if n, ok := s.Parked(); ok {
			return n
		}
		time.Sleep(time.Millisecond)
	}
}

// revive wakes sandboxes, each for one call, in turns with some that have rested for longer than that and were not parked: what those take
// as well is the way to a goroutine, and a processor that has done something else meanwhile.
func revive(ctx context.Context, r *bench.Run, g *guest, boxes []*sandbox.Sandbox, waking *sandbox.Plugin) error {
	some := boxes[:min(len(boxes), 500)]
	resting, err := rested(ctx, r, g, waking, min(len(some), 100))
	if err != nil {
		return err
	}
	var revived, awake []float64
	for i, s := range some {
		of, err := timed(ctx, r, g, s)
		if err != nil {
			return err
		}
		began := time.Now()
		parked(s)
		paused := time.Since(began)
		control, err := timed(ctx, r, g, resting[i%len(resting)])
		if err != nil {
			return err
		}
		time.Sleep(paused)
		if i >= 50 || len(boxes) < 100 { // the first ones find no guests to become
			revived, awake = append(revived, of), append(awake, control)
		}
	}
	r.Quantiles(bench.Ours, g.name, "revive", "us", revived)
	r.Quantiles(bench.Ours, g.name, "awake", "us", awake)
	for _, s := range append(resting, boxes...) {
		s.Unmount()
	}
	return nil
}

// rested makes sandboxes that are not parked, and were called once.
func rested(ctx context.Context, r *bench.Run, g *guest, p *sandbox.Plugin, n int) (boxes []*sandbox.Sandbox, err error) {
	for i := range n {
		s, err := p.New(&sandbox.Options{Principal: fmt.Sprint("rested ", i)})
		if err != nil {
			return nil, err
		}
		boxes = append(boxes, s)
		if err := greet(ctx, r, g, s); err != nil {
			return nil, err
		}
	}
	return boxes, nil
}

// timed is how many microseconds a call takes.
func timed(ctx context.Context, r *bench.Run, g *guest, s *sandbox.Sandbox) (float64, error) {
	began := time.Now()
	err := greet(ctx, r, g, s)
	return float64(time.Since(began)) / 1e3, err
}
