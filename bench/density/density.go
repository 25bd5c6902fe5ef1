// Package density measures how many sandboxes fit into a process (case density): each is made, has answered one call, and
// stays, until the process holds 4 GB.
//
// Each system and guest has a process of its own that has done nothing else. Sandboxes come in batches; after each the
// operating system is asked what the process has in memory. "sandboxes" is how many there were when it had 4 GB.
// Where that would take too long, or more than half of what memory the machine has, the figure is what the last half of those
// that were made comes to, has the name "extrapolated", and its n says how many were made.
//
//	vitrine  idle sandboxes, each for a person of its own, whose instances have been parked
//	wazero   instances that stay, for it cannot park them
package density

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing/fstest"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"

	"github.com/vitrine-run/vitrine/bench"
	"github.com/vitrine-run/vitrine/bench/reset/fresh"
	"github.com/vitrine-run/vitrine/hostfuncs"
	"github.com/vitrine-run/vitrine/runtime"
	"github.com/vitrine-run/vitrine/sandbox"
)

// A House has sandboxes. Who made it closes it.
type House interface {
	// Add makes one more and has it answer once; it stays.
	Add(ctx context.Context) ([]byte, error)
	// Settle returns when those that were added are idle as they will be. It answers the memory in bytes of what is not a
	// part of this process.
	Settle(ctx context.Context) (elsewhere float64, err error)
	Close(ctx context.Context) error
}

// A Maker makes a house for a guest, "c" or "go"; nil if the system has none like it.
type Maker struct {
	Name string
	Make func(ctx context.Context, guest string, wasm []byte) (House, error)
}

// Light are the systems that need no more than Vitrine's own module has, ours first.
func Light() []Maker {
	return []Maker{
		{bench.Ours, func(ctx context.Context, _ string, wasm []byte) (House, error) { return newVitrine(ctx, wasm) }},
		{"wazero", func(ctx context.Context, _ string, wasm []byte) (House, error) { return newWazero(ctx, wasm) }},
	}
}

// Cases is the case density of some systems, ours first.
func Cases(makers []Maker) []bench.Case {
	var names []string
	for _, m := range makers {
		names = append(names, m.Name)
	}
	return []bench.Case{{
		Name: "density", Help: "how many sandboxes that have answered once fit into 4 GB", Unit: "sandboxes", Systems: names,
		Takes: 25 * time.Second * time.Duration(len(names)), TakesQuick: 3 * time.Second * time.Duration(len(names)), Long: true,
		Measure: func(ctx context.Context, r *bench.Run) error { return measure(ctx, r, names) },
		Child:   func(ctx context.Context, r *bench.Run, args []string) error { return child(ctx, r, makers, args) },
	}}
}

// guests are what is in the sandboxes.
var guests = []string{"c", "go"}

func measure(ctx context.Context, r *bench.Run, names []string) error {
	for _, guest := range guests {
		if !r.Wanted(guest) {
			continue
		}
		for _, name := range names {
			if err := r.Apart(ctx, name, guest); err != nil {
				if err := r.Lose(name, err); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func child(ctx context.Context, r *bench.Run, makers []Maker, args []string) error {
	i := -1
	if len(args) == 2 {
		i = slices.IndexFunc(makers, func(m Maker) bool { return m.Name == args[0] })
	}
	if i < 0 {
		return fmt.Errorf("density: %q are not SYSTEM GUEST", args)
	}
	wasm := fresh.CGuest
	if args[1] == "go" {
		var err error
		if wasm, err = fresh.GoGuest(); err != nil {
			return err
		}
	}
	h, err := makers[i].Make(ctx, args[1], wasm)
	if err != nil || h == nil {
		return err
	}
	return errors.Join(fill(ctx, r, h, args[0], args[1]), h.Close(ctx))
}

// full is how much memory there is to be filled, and patience how long one may take for it.
const (
	full          = 4e9
	patience      = 40 * time.Second
	quickPatience = time.Second
	batch         = 25 // in the first; each has half as many again as there are
)

// point is how much memory some sandboxes have together.
type point struct{ n, bytes float64 }

// fill adds sandboxes until they have 4 GB, or it has taken too long.
func fill(ctx context.Context, r *bench.Run, h House, name, guest string) error {
	began, wait, room := time.Now(), patience, full
	if r.Quick {
		wait = quickPatience
	}
	if half := float64(bench.ThisMachine(nil).Memory) / 2; half > 0 {
		room = min(room, half)
	}
	var points []point
	for n := 0; ; {
		for range max(batch, n/2) {
			answer, err := h.Add(ctx)
			if err == nil {
				err = r.Verify(name, guest, answer, fresh.Input)
			}
			if err != nil {
				return err
			}
			if n++; n%batch == 0 && time.Since(began) > wait {
				break
			}
		}
		elsewhere, err := h.Settle(ctx)
		if err != nil {
			return err
		}
		rss, _, err := bench.Resident()
		if err != nil {
			return err
		}
		points = append(points, point{float64(n), rss + elsewhere})
		if rss+elsewhere > room || time.Since(began) > wait {
			break
		}
	}
	return report(r, name, guest, points)
}

// report says how many there would be at 4 GB: between the last two batches, or from how much the last half has added.
func report(r *bench.Run, name, guest string, points []point) error {
	last := points[len(points)-1]
	from := point{}
	for _, p := range points[:len(points)-1] {
		if from.n == 0 || p.n <= last.n/2 || last.bytes >= full && p.bytes < full {
			from = p
		}
	}
	each := (last.bytes - from.bytes) / (last.n - from.n)
	metric := "sandboxes"
	if last.bytes < full {
		metric = "extrapolated"
	}
	if each <= 0 {
		return fmt.Errorf("density: %s: %d sandboxes take no memory that can be told from noise", name, int(last.n))
	}
	r.Print(bench.Row{System: name, Variant: guest, Metric: metric, Value: from.n + (full-from.bytes)/each, Unit: "sandboxes", N: int(last.n)})
	r.Print(bench.Row{System: name, Variant: guest, Metric: "each", Value: each / 1024, Unit: "KiB", N: int(last.n)})
	return curve(r, name, guest, points)
}

// curve is the memory of so many, in round numbers: between the batches before and after.
func curve(r *bench.Run, name, guest string, points []point) error {
	for _, n := range []float64{50, 100, 300, 1000, 3000, 10_000, 30_000, 100_000} {
		i := slices.IndexFunc(points, func(p point) bool { return p.n >= n })
		if i < 1 {
			continue
		}
		from, to := points[i-1], points[i]
		variant := fmt.Sprint(n)
		if err := r.Verify(name, variant, fresh.Input, fresh.Input); err != nil { // each of them has been, when it answered
			return err
		}
		bytes := from.bytes + (to.bytes-from.bytes)*(n-from.n)/(to.n-from.n)
		r.Print(bench.Row{System: name, Variant: variant, Metric: "memory_" + guest, Value: bytes / 1e6, Unit: "MB", N: int(n)})
	}
	return nil
}

const manifest = `{"apiVersion": "v1", "id": "guest", "name": "Guest", "version": "1.0.0", "description": "Idle.",
	"runtime": {"wasm": "plugin.wasm"}, "capabilities": []}`

// vitrine has idle sandboxes, whose instances go back to the pool and what they changed into memory of their own.
type vitrine struct {
	rt     *runtime.Runtime
	pool   *runtime.Pool
	plugin *sandbox.Plugin
	boxes  []*sandbox.Sandbox
	idle   int // of them are known to be parked
}

func newVitrine(ctx context.Context, wasm []byte) (*vitrine, error) {
	v := &vitrine{}
	var err error
	if v.pool, err = runtime.NewPool(&runtime.PoolOptions{Keep: 100 * time.Millisecond}); err != nil {
		return nil, err
	}
	if v.rt, err = runtime.New(&runtime.Options{HostFuncs: hostfuncs.Functions(), Pool: v.pool}); err != nil {
		return nil, err
	}
	files := fstest.MapFS{"vitrine.json": {Data: []byte(manifest)}, "plugin.wasm": {Data: wasm}}
	if v.plugin, err = sandbox.Load(ctx, v.rt, files, &sandbox.Policy{Idle: 20 * time.Millisecond}); err != nil {
		return nil, errors.Join(err, v.rt.Close(ctx))
	}
	return v, nil
}

// Add implements House.
func (v *vitrine) Add(ctx context.Context) ([]byte, error) {
	box, err := v.plugin.New(&sandbox.Options{Principal: fmt.Sprint("person ", len(v.boxes))})
	if err != nil {
		return nil, err
	}
	v.boxes = append(v.boxes, box)
	return fresh.Said(box.Call(ctx, "greet", fresh.Input))
}

// Settle implements House.
func (v *vitrine) Settle(ctx context.Context) (float64, error) {
	for ; v.idle < len(v.boxes); v.idle++ {
		for _, parked := v.boxes[v.idle].Parked(); !parked; _, parked = v.boxes[v.idle].Parked() {
			if err := pause(ctx, time.Millisecond); err != nil {
				return 0, err
			}
		}
	}
	for v.pool.Stats().Idle > 0 {
		if err := pause(ctx, 10*time.Millisecond); err != nil {
			return 0, err
		}
	}
	return 0, nil
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// Close implements House.
func (v *vitrine) Close(ctx context.Context) error {
	for _, box := range v.boxes {
		box.Unmount()
	}
	return v.rt.Close(ctx)
}

// plain has instances on wazero as it comes.
type plain struct {
	rt   wazero.Runtime
	code wazero.CompiledModule
	all  []api.Module
}

func newWazero(ctx context.Context, wasm []byte) (*plain, error) {
	p := &plain{rt: wazero.NewRuntime(ctx)}
	_, err := wasi_snapshot_preview1.Instantiate(ctx, p.rt)
	if err == nil {
		p.code, err = p.rt.CompileModule(ctx, wasm)
	}
	if err != nil {
		return nil, errors.Join(err, p.rt.Close(ctx))
	}
	return p, nil
}

// Add implements House.
func (p *plain) Add(ctx context.Context) ([]byte, error) {
	mod, err := p.rt.InstantiateModule(ctx, p.code, wazero.NewModuleConfig().WithName("").WithStartFunctions("_initialize"))
	if err != nil {
		return nil, err
	}
	p.all = append(p.all, mod)
	at, err := mod.ExportedFunction("vitrine_alloc").Call(ctx, uint64(len(fresh.Input)))
	if err != nil {
		return nil, err
	}
	if !mod.Memory().Write(uint32(at[0]), fresh.Input) {
		return nil, fmt.Errorf("no room at %d", at[0])
	}
	res, err := mod.ExportedFunction("greet").Call(ctx, at[0], uint64(len(fresh.Input)))
	if err != nil {
		return nil, err
	}
	out, _ := mod.Memory().Read(uint32(res[0]>>32), uint32(res[0]))
	return fresh.Said(slices.Clone(out), nil)
}

// Settle implements House.
func (p *plain) Settle(context.Context) (float64, error) { return 0, nil }

// Close implements House.
func (p *plain) Close(ctx context.Context) error { return p.rt.Close(ctx) }
