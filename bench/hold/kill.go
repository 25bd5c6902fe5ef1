package main

import (
	"context"
	"errors"
	"fmt"
	goruntime "runtime"
	"time"

	"github.com/vitrine-run/vitrine/runtime"
)

// deadline is what bombs get.
const deadline = 20 * time.Millisecond

// A guest is a bomb that can be set off again and again, each time in a fresh instance.
type guest struct {
	rt  *runtime.Runtime
	mod *runtime.Module
}

func newGuest(ctx context.Context, b *bomb, wall time.Duration) (*guest, error) {
	rt, err := runtime.New(nil)
	if err != nil {
		return nil, err
	}
	mod, err := rt.Compile(ctx, b.wasm, &runtime.Limits{WallTime: wall, Fuel: 1 << 60})
	return &guest{rt, mod}, err
}

// explode runs the bomb to its end.
func (g *guest) explode(ctx context.Context) error {
	in, err := g.mod.Instantiate(ctx, nil)
	if err != nil {
		return err
	}
	defer in.Close(ctx) // it is not running
	_, err = in.Invoke(ctx, "run")
	return err
}

// kill says how much later than its deadline each bomb ends.
func (b *bench) kill(ctx context.Context) error {
	list, err := b.load()
	if err != nil {
		return err
	}
	var all, none sample
	for i := range list {
		bo := &list[i]
		if bo.fault != "deadline" {
			continue
		}
		late, control, err := lateness(ctx, bo, b.runs)
		if err != nil {
			return err
		}
		all, none = append(all, late...), append(none, control...)
		b.printLate(bo.name, late)
		if b.peers {
			for _, system := range peerSystems {
				b.peer(ctx, "kill", system, bo)
			}
		}
	}
	b.printLate("all", all)
	b.printLate("none", none)
	return nil
}

func (b *bench) printLate(variant string, late sample) {
	late.sort()
	b.print(row{"kill", "vitrine", variant, "late_p50", late.at(0.5), "ms", len(late), late.spread()})
	b.print(row{"kill", "vitrine", variant, "late_p99", late.at(0.99), "ms", len(late), late.spread()})
}

// lateness runs a bomb again and again, in turns with a loop of the host's that looks at
// the time itself: that is how late this machine makes anybody.
func lateness(ctx context.Context, bo *bomb, runs int) (late, control sample, err error) {
	g, err := newGuest(ctx, bo, deadline)
	if err != nil {
		return nil, nil, err
	}
	defer g.rt.Close(ctx)
	for range runs {
		control = append(control, spin(deadline))
		began := time.Now()
		err := g.explode(ctx)
		late = append(late, time.Since(began)-deadline)
		var f *runtime.Fault
		if !errors.As(err, &f) || string(f.Kind) != bo.fault {
			return nil, nil, fmt.Errorf("bomb[%s]: ended in %v, not in %s", bo.name, err, bo.fault)
		}
	}
	return late, control, nil
}

func spin(d time.Duration) time.Duration {
	for began := time.Now(); ; {
		if took := time.Since(began); took >= d {
			return took - d
		}
	}
}

// freeze says how long the host's garbage collector and a ticker wait beside each bomb.
func (b *bench) freeze(ctx context.Context) error {
	list, err := b.load()
	if err != nil {
		return err
	}
	if b.only == "" {
		gc, ticks := watch(time.Now().Add(b.watch)) // beside nothing: what the machine does by itself
		b.printWatch("none", gc, ticks)
	}
	var gcs, gaps sample
	for i := range list {
		bo := &list[i]
		gc, ticks, err := beside(ctx, bo, b.watch)
		if err != nil {
			return err
		}
		b.printWatch(bo.name, gc, ticks)
		gcs, gaps = append(gcs, gc...), append(gaps, ticks...)
		if b.peers && bo.fault == "deadline" {
			for _, system := range peerSystems {
				b.peer(ctx, "freeze", system, bo)
			}
		}
	}
	b.printWatch("all", gcs, gaps)
	return nil
}

func (b *bench) printWatch(variant string, gc, ticks sample) {
	gc.sort()
	ticks.sort()
	b.print(row{"freeze", "vitrine", variant, "gc_p50", gc.at(0.5), "ms", len(gc), gc.spread()})
	b.print(row{"freeze", "vitrine", variant, "gc_p99", gc.at(0.99), "ms", len(gc), gc.spread()})
	b.print(row{"freeze", "vitrine", variant, "gc_max", gc.at(1), "ms", len(gc), gc.spread()})
	b.print(row{"freeze", "vitrine", variant, "tick_max", ticks.at(1), "ms", len(ticks), ticks.spread()})
}

// beside watches the host while a bomb goes off, again if it ends before.
func beside(ctx context.Context, bo *bomb, d time.Duration) (gc, ticks sample, err error) {
	g, err := newGuest(ctx, bo, d)
	if err != nil {
		return nil, nil, err
	}
	defer g.rt.Close(ctx)
	until := time.Now().Add(d)
	over := make(chan struct{})
	go func() {
		defer close(over)
		for time.Now().Before(until) {
			_ = g.explode(ctx) // what it ends in is kill's business
		}
	}()
	gc, ticks = watch(until)
	<-over
	return gc, ticks, nil
}

// watch collects garbage in a loop, and says what each time took, and what lay between
// the ticks of a millisecond.
func watch(until time.Time) (gc, ticks sample) {
	done := make(chan sample)
	go func() {
		var gaps sample
		t := time.NewTicker(time.Millisecond)
		defer t.Stop()
		for last := time.Now(); last.Before(until); {
			<-t.C
			now := time.Now()
			gaps = append(gaps, now.Sub(last))
			last = now
		}
		done <- gaps
	}()
	for time.Now().Before(until) {
		began := time.Now()
		goruntime.GC()
		gc = append(gc, time.Since(began))
	}
	return gc, <-done
}
