package runtime

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Get returns a clean instance: one that has started (_initialize, vitrine_prepare) and has served
// nobody, or cannot be told from that. Close gives it back. It is Instantiate for who wants many:
// the module starts once and every instance is a copy of what came of it. That it cannot be told
// has two ends: random numbers that a guest drew as it started, such as the seeds of Go's
// maps, are the same in all copies; and a module that asks the host for anything as it starts,
// or that changes its tables then, is started for each instance. So is one that is given
// arguments, variables, directories, an input, or more memory than the module's limit.
//
// Get waits while the Pool has no room: until ctx ends, or for PoolOptions.Wait, after which the error is a *BusyError.
// So it is, at once, when too many wait already. A module that needs more memory than the Pool has at all is an *InvalidError.
func (m *Module) Get(ctx context.Context, opts *InstanceOptions) (*Instance, error) {
	return m.get(ctx, opts, 0)
}

// Together runs f, which takes several instances by Get, once nobody else does so in the Runtime's Pool: of those who
// hold one and wait for another, each could wait for what the next one holds. It waits as Get does, and if that is in vain its error is
// Get's, and f has not run. Whoever takes one instance at a time needs none of this.
func (rt *Runtime) Together(ctx context.Context, f func()) error {
	p := rt.pool
	timer := time.NewTimer(p.wait)
	defer timer.Stop()
	select {
	case p.together <- struct{}{}:
	case <-ctx.Done():
		return fmt.Errorf("runtime: waiting for others to take their instances: %w", ctx.Err())
	case <-timer.C:
		return &BusyError{Waited: p.wait, Limit: LimitPoolInstances}
	}
	defer func() { <-p.together }()
	f()
	return nil
}

// get is Get for an instance that will have at least size bytes of memory.
func (m *Module) get(ctx context.Context, opts *InstanceOptions, size uint64) (*Instance, error) {
	if opts == nil {
		opts = &InstanceOptions{}
	}
	snap, err := m.snapshot(ctx, opts.Principal)
	if err != nil {
		return nil, err
	}
	in, err := m.newInstance(opts)
	if err != nil {
		return nil, err
	}
	if err := in.occupy(ctx, snap, opts, size); err != nil {
		in.fail(ctx, opts)
		return nil, err
	}
	return in, nil
}

// occupy waits for a place in the pool, and has a guest in it.
func (in *Instance) occupy(ctx context.Context, snap *snapshot, opts *InstanceOptions, size uint64) error {
	m := in.mod
	w, err := m.rt.pool.take(ctx, opts.Principal, &m.shelf, m.overhead+max(size, m.startSize(snap)))
	if err != nil {
		return err
	}
	if w.guest == nil || !in.fits(snap, opts) {
		err = in.make(ctx, w, snap, opts)
	} else {
		err = in.adopt(w, snap)
	}
	if err == nil && opts.Wanted != nil {
		m.rt.pool.lend(w.place, in)
	}
	return err
}

// startSize is how many bytes of memory a guest has to begin with.
func (m *Module) startSize(snap *snapshot) uint64 {
	switch {
	case m.info.Memory == nil:
		return 0
	case snap != nil:
		return snap.image.Size()
	}
	return m.info.Memory.Min
}

// fits tells whether a copy of the snapshot would do for what the instance is to have.
func (in *Instance) fits(snap *snapshot, opts *InstanceOptions) bool {
	if snap.image != nil && snap.image.Size() > in.limits.Memory {
		return false
	}
	return len(opts.Args)+len(opts.Env)+len(opts.Dirs) == 0 && opts.Stdin == nil && in.limits.Memory <= in.mod.limits.Memory
}

// adopt makes the instance that of a guest that is as the snapshot says.
func (in *Instance) adopt(w *waiter, snap *snapshot) error {
	g := w.guest
	g.place = w.place
	g.mem.SetLimit(in.limits.Memory)
	in.clock.resume(snap.mono)
	in.stats.PeakMemory = g.mem.Size()
	return in.hire(g)
}

// make makes a new guest for the instance in its place: a copy of the snapshot, or, where that would
// not do, one that starts by itself.
func (in *Instance) make(ctx context.Context, w *waiter, snap *snapshot, opts *InstanceOptions) error {
	if w.guest != nil {
		w.guest.free()
	}
	g := in.mod.newGuest(in)
	g.place = w.place
	if snap == nil || !in.fits(snap, opts) {
		return in.start(ctx, g, opts)
	}
	err := in.copy(ctx, g, snap)
	in.stats = Stats{PeakMemory: in.stats.PeakMemory} // what a copy takes is the host's affair
	if !errors.Is(err, errUnlike) {
		return err
	}
	if err := in.dismiss(g); err != nil {
		return err
	}
	fresh := in.mod.newGuest(in)
	fresh.place = w.place
	return in.start(ctx, fresh, opts)
}

// copy instantiates the module and puts the snapshot over what came of it.
func (in *Instance) copy(ctx context.Context, g *guest, snap *snapshot) error {
	if err := in.hire(g); err != nil {
		return err
	}
	defer in.seal()()
	if err := in.begin(ctx, "(start)", in.limits.LogBytes); err != nil {
		return err
	}
	defer in.end()
	if err := in.instantiate(g.world()); err != nil {
		return err
	}
	if err := g.revive(snap); err != nil {
		return err
	}
	in.clock.resume(snap.mono)
	return nil
}
