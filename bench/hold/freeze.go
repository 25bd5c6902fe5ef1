package hold

import (
	"context"
	goruntime "runtime"
	"time"

	"github.com/vitrine-run/vitrine/bench"
	"github.com/vitrine-run/vitrine/runtime/testdata/bombs"
)

// freeze says how long the host's garbage collector and a ticker wait beside each bomb, in turns
// with a loop in Go in its place.
func freeze(ctx context.Context, r *bench.Run, others []Peer) error {
	list, err := armed(r)
	if err != nil {
		return err
	}
	peers := &beside{Run: r, name: "freeze", peers: others, of: map[string]*found{}}
	var all, none watched
	for i := range list {
		b := &list[i]
		w, err := besideBomb(ctx, r, b)
		if err != nil {
			return err
		}
		printWatch(r, bench.Ours, b.Name, w)
		all.add(w)
		control, err := besideGo(r, b)
		if err != nil {
			return err
		}
		none.add(control)
		if err := peers.measure(ctx, b); err != nil {
			return err
		}
	}
	printWatch(r, bench.Ours, "all", all)
	printWatch(r, control, "all", none)
	peers.together()
	return nil
}

func printWatch(r *bench.Run, system, variant string, w watched) {
	r.Quantiles(system, variant, "gc", "ms", w.gc)
	r.Quantiles(system, variant, "tick", "ms", w.ticks)
	r.Print(bench.Row{System: system, Variant: variant, Metric: "gc_over_10ms", Value: bench.Above(w.gc, 10), Unit: bench.Share, N: len(w.gc)})
	r.Print(bench.Row{System: system, Variant: variant, Metric: "tick_over_20ms", Value: bench.Above(w.ticks, 20), Unit: bench.Share, N: len(w.ticks)})
}

// besideBomb watches the host while a bomb goes off, again if it ends before.
func besideBomb(ctx context.Context, r *bench.Run, b *bombs.Bomb) (watched, error) {
	deadline := watchFor(r)
	if b.Fault != "deadline" {
		deadline = time.Minute // it ends by itself, on a busy machine later
	}
	g, err := newGuest(ctx, b, deadline)
	if err != nil {
		return watched{}, err
	}
	defer g.rt.Close(ctx)
	var last error
	w := watch(watchFor(r), func() { last = g.explode(ctx) })
	return w, r.Verify(bench.Ours, b.Name, end(last), []byte(b.Fault))
}

// besideGo watches the host while a loop in Go computes.
func besideGo(r *bench.Run, b *bombs.Bomb) (watched, error) {
	over := time.Duration(-1)
	w := watch(watchFor(r), func() { over = spin(deadline) })
	return w, r.Verify(control, b.Name, ended(over), []byte("deadline"))
}

// watched is what was seen beside something, in ms: what each collection of garbage took, and what lay
// between the ticks of a millisecond.
type watched struct{ gc, ticks []float64 }

func (w *watched) add(more watched) {
	w.gc, w.ticks = append(w.gc, more.gc...), append(w.ticks, more.ticks...)
}

// watch collects garbage in a loop while another goroutine does f again and again; once at least, however late each comes.
func watch(d time.Duration, f func()) watched {
	until := time.Now().Add(d)
	over, ticked := make(chan struct{}), make(chan []float64)
	go func() {
		defer close(over)
		for first := true; first || time.Now().Before(until); first = false {
			f()
		}
	}()
	go func() {
		var gaps []float64
		t := time.NewTicker(time.Millisecond)
		defer t.Stop()
		for first, last := true, time.Now(); first || last.Before(until); first = false {
			<-t.C
			now := time.Now()
			gaps = append(gaps, ms(now.Sub(last)))
			last = now
		}
		ticked <- gaps
	}()
	var w watched
	for first := true; first || time.Now().Before(until); first = false {
		began := time.Now()
		goruntime.GC()
		w.gc = append(w.gc, ms(time.Since(began)))
	}
	w.ticks = <-ticked
	<-over
	return w
}
