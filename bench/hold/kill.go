package hold

import (
	"context"
	"errors"
	"time"

	"github.com/vitrine-run/vitrine/bench"
	"github.com/vitrine-run/vitrine/runtime"
	"github.com/vitrine-run/vitrine/runtime/testdata/bombs"
)

// deadline is what bombs get.
const deadline = Deadline

func ms(d time.Duration) float64 { return float64(d) / 1e6 }

// A guest is a bomb that can be set off again and again, each time in a fresh instance. One that is
// refused for what it declares never gets further than being compiled.
type guest struct {
	rt     *runtime.Runtime
	mod    *runtime.Module
	refuse func() error
}

func newGuest(ctx context.Context, b *bombs.Bomb, wall time.Duration) (*guest, error) {
	rt, err := runtime.New(nil)
	if err != nil {
		return nil, err
	}
	limits := &runtime.Limits{WallTime: wall, Fuel: 1 << 60}
	g := &guest{rt: rt}
	g.mod, err = rt.Compile(ctx, b.Wasm, limits)
	if over := (*runtime.InvalidError)(nil); errors.As(err, &over) && over.Limit == b.Fault {
		g.refuse = func() error { _, err := rt.Compile(ctx, b.Wasm, limits); return err }
		return g, nil
	}
	return g, err
}

// end is what a bomb has ended in: a fault, or the limit of what was refused.
func end(err error) []byte {
	var f *runtime.Fault
	var over *runtime.InvalidError
	switch {
	case errors.As(err, &f):
		return []byte(f.Kind)
	case errors.As(err, &over):
		return []byte(over.Limit)
	case errors.Is(err, context.DeadlineExceeded): // while it waited for a seat
		return []byte("deadline")
	case err != nil:
		return []byte(err.Error())
	}
	return nil
}

// explode runs the bomb to its end.
func (g *guest) explode(ctx context.Context) error {
	if g.refuse != nil {
		return g.refuse()
	}
	in, err := g.mod.Instantiate(ctx, nil)
	if err != nil {
		return err
	}
	defer in.Close(ctx) // it is not running
	_, err = in.Invoke(ctx, "run")
	return err
}

// kill says how much later than its deadline each bomb ends.
func kill(ctx context.Context, r *bench.Run, others []Peer) error {
	list, err := armed(r)
	if err != nil {
		return err
	}
	peers := &beside{Run: r, name: "kill", peers: others, of: map[string]*found{}}
	var all, none []float64
	for i := range list {
		b := &list[i]
		if b.Fault != "deadline" {
			continue
		}
		late, spun, err := lateness(ctx, r, b)
		if err != nil {
			return err
		}
		all, none = append(all, late...), append(none, spun...)
		printLate(r, bench.Ours, b.Name, late)
		if err := peers.measure(ctx, b); err != nil {
			return err
		}
	}
	printLate(r, bench.Ours, "all", all)
	printLate(r, control, "all", none)
	if len(all) > 0 {
		peers.printEnded(bench.Ours, "all", len(all), len(all)) // each was verified
	}
	peers.together()
	return nil
}

func printLate(r *bench.Run, system, variant string, late []float64) {
	r.Quantiles(system, variant, "late", "ms", late)
	r.Print(bench.Row{System: system, Variant: variant, Metric: "late_over_5ms", Value: bench.Above(late, 5), Unit: bench.Share, N: len(late)})
}

// lateness runs a bomb again and again, in turns with a loop of the host's that looks at
// the time itself: that is how late this machine makes anybody. In ms.
func lateness(ctx context.Context, r *bench.Run, b *bombs.Bomb) (late, spun []float64, err error) {
	g, err := newGuest(ctx, b, deadline)
	if err != nil {
		return nil, nil, err
	}
	defer g.rt.Close(ctx)
	for range r.RoundsOf() {
		over := spin(deadline)
		if err := r.Verify(control, b.Name, ended(over), []byte("deadline")); err != nil {
			return nil, nil, err
		}
		spun = append(spun, ms(over))
		began := time.Now()
		err := g.explode(ctx)
		late = append(late, ms(time.Since(began)-deadline))
		if err := r.Verify(bench.Ours, b.Name, end(err), []byte(b.Fault)); err != nil {
			return nil, nil, err
		}
	}
	return late, spun, nil
}

// ended is what the loop has ended in: its deadline, if that is over.
func ended(over time.Duration) []byte {
	if over < 0 {
		return []byte("too early")
	}
	return []byte("deadline")
}

func spin(d time.Duration) time.Duration {
	for began := time.Now(); ; {
		if took := time.Since(began); took >= d {
			return took - d
		}
	}
}
