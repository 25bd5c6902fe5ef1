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

// A guest is a bomb that can be set off again and again, each time in a fresh instance. One that is
// refused for what it declares never gets further than being compiled.
type guest struct {
	rt     *runtime.Runtime
	mod    *runtime.Module
	refuse func() error
}

func newGuest(ctx context.Context, b *bomb, wall time.Duration) (*guest, error) {
	rt, err := runtime.New(nil)
	if err != nil {
		return nil, err
	}
	limits := &runtime.Limits{WallTime: wall, Fuel: 1 << 60}
	g := &guest{rt: rt}
	g.mod, err = rt.Compile(ctx, b.wasm, limits)
	if over := (*runtime.InvalidError)(nil); errors.As(err, &over) && over.Limit == b.fault {
		g.refuse = func() error { _, err := rt.Compile(ctx, b.wasm, limits); return err }
		return g, nil
	}
	return g, err
}

// endsIn tells whether an error is what a bomb is to end in.
func endsIn(err error, fault string) bool {
	var f *runtime.Fault
	var over *runtime.InvalidError
	return errors.As(err, &f) && string(f.Kind) == fault || errors.As(err, &over) && over.Limit == fault
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
func (b *run) kill(ctx context.Context) error {
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
		late, spun, err := lateness(ctx, bo, b.runs)
		if err != nil {
			return err
		}
		all, none = append(all, late...), append(none, spun...)
		b.printLate("vitrine", bo.name, late)
		if b.peers {
			for _, system := range peerSystems {
				b.peer(ctx, "kill", system, bo)
			}
		}
	}
	b.printLate("vitrine", "all", all)
	b.printLate(control, "all", none)
	return nil
}

// control is the system of what this machine does to anybody: a loop in Go in the guest's place,
// in turns with the guests.
const control = "go"

func (b *run) printLate(system, variant string, late sample) {
	late.sort()
	b.print(fig("kill", system, variant, "late_p50", late.at(0.5), "ms", len(late), late.spread()))
	b.print(fig("kill", system, variant, "late_p99", late.at(0.99), "ms", len(late), late.spread()))
	b.print(fig("kill", system, variant, "late_max", late.at(1), "ms", len(late), late.spread()))
	b.print(fig("kill", system, variant, "late_over_5ms", late.over(5*time.Millisecond), "x", len(late), 0))
}

// lateness runs a bomb again and again, in turns with a loop of the host's that looks at
// the time itself: that is how late this machine makes anybody.
func lateness(ctx context.Context, bo *bomb, runs int) (late, spun sample, err error) {
	g, err := newGuest(ctx, bo, deadline)
	if err != nil {
		return nil, nil, err
	}
	defer g.rt.Close(ctx)
	for range runs {
		spun = append(spun, spin(deadline))
		began := time.Now()
		err := g.explode(ctx)
		late = append(late, time.Since(began)-deadline)
		if !endsIn(err, bo.fault) {
			return nil, nil, fmt.Errorf("bomb[%s]: ended in %v, not in %s", bo.name, err, bo.fault)
		}
	}
	return late, spun, nil
}

func spin(d time.Duration) time.Duration {
	for began := time.Now(); ; {
		if took := time.Since(began); took >= d {
			return took - d
		}
	}
}

// freeze says how long the host's garbage collector and a ticker wait beside each bomb, in turns
// with a loop in Go in its place.
func (b *run) freeze(ctx context.Context) error {
	list, err := b.load()
	if err != nil {
		return err
	}
	var all, none watched
	for i := range list {
		bo := &list[i]
		w, err := beside(ctx, bo, b.watch)
		if err != nil {
			return err
		}
		b.printWatch("vitrine", bo.name, w)
		all.add(w)
		none.add(besideGo(b.watch))
		if b.peers && bo.fault == "deadline" {
			for _, system := range peerSystems {
				b.peer(ctx, "freeze", system, bo)
			}
		}
	}
	b.printWatch("vitrine", "all", all)
	b.printWatch(control, "all", none)
	return nil
}

func (b *run) printWatch(system, variant string, w watched) {
	gc, ticks := w.gc.sort(), w.ticks.sort()
	for _, m := range []struct {
		name string
		of   sample
		q    float64
	}{{"gc_p50", gc, 0.5}, {"gc_p99", gc, 0.99}, {"gc_max", gc, 1}, {"tick_p99", ticks, 0.99}, {"tick_max", ticks, 1}} {
		b.print(fig("freeze", system, variant, m.name, m.of.at(m.q), "ms", len(m.of), m.of.spread()))
	}
	b.print(fig("freeze", system, variant, "gc_over_10ms", gc.over(10*time.Millisecond), "x", len(gc), 0))
	b.print(fig("freeze", system, variant, "tick_over_20ms", ticks.over(20*time.Millisecond), "x", len(ticks), 0))
}

// beside watches the host while a bomb goes off, again if it ends before.
func beside(ctx context.Context, bo *bomb, d time.Duration) (watched, error) {
	g, err := newGuest(ctx, bo, d)
	if err != nil {
		return watched{}, err
	}
	defer g.rt.Close(ctx)
	return watch(d, func() { _ = g.explode(ctx) }), nil // what it ends in is kill's business
}

// besideGo watches the host while a loop in Go computes.
func besideGo(d time.Duration) watched { return watch(d, func() { spin(deadline) }) }

// watched is what was seen beside something: what each collection of garbage took, and what lay
// between the ticks of a millisecond.
type watched struct{ gc, ticks sample }

func (w *watched) add(more watched) {
	w.gc, w.ticks = append(w.gc, more.gc...), append(w.ticks, more.ticks...)
}

// watch collects garbage in a loop while another goroutine does f again and again.
func watch(d time.Duration, f func()) watched {
	until := time.Now().Add(d)
	over, ticked := make(chan struct{}), make(chan sample)
	go func() {
		defer close(over)
		for time.Now().Before(until) {
			f()
		}
	}()
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
		ticked <- gaps
	}()
	var w watched
	for time.Now().Before(until) {
		began := time.Now()
		goruntime.GC()
		w.gc = append(w.gc, time.Since(began))
	}
	w.ticks = <-ticked
	<-over
	return w
}
