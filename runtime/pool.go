package runtime

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// PoolOptions bound a Pool; nil, and every zero field, is the default.
type PoolOptions struct {
	Instances int           // that there are at once, in use and waiting to be used, default 4096
	Bytes     uint64        // of memory that those waiting hold together, default 1 GiB
	Wait      time.Duration // for an instance, at most, default 10 s
	Keep      time.Duration // how long one waits to be used before it goes, default 1 min
}

// A Pool keeps instances that were used, put back to what they were before anybody used them, for
// whoever wants one next: that takes microseconds, where making one takes up to milliseconds. Share one among
// all Runtimes of a process, as a Scheduler. It is safe for concurrent use and need not be closed:
// what it keeps of a module goes when the module is closed.
//
// Module.Get takes an instance out, and the instance's Close brings it back. Nothing of what
// the last one did is left: memory, its length, globals. An instance in which there is more to put
// back, because the guest changed a table, dropped a segment or opened a file, or which
// exited, is thrown away, and so is one of which the engine says that it failed.
//
// When there are as many instances as there may be, the one that has waited longest for use goes, of
// whatever module; if all are in use, Get waits.
type Pool struct {
	instances int
	bytes     uint64
	wait      time.Duration
	keep      time.Duration

	mu      sync.Mutex
	shelves map[*shelf]struct{} // those with something on them
	queue   []*waiter           // who waits for a place, the first to come first
	turns   uint                // how many of them were called
	timer   *time.Timer         // nil while nothing waits to be used
	stats   PoolStats
}

// PoolStats say what is in a pool, and what has happened in it.
type PoolStats struct {
	InUse, Idle, Waiting int    // instances; who waits for one
	IdleBytes            uint64 // of memory that the idle ones hold
	Made, Reused         uint64 // instances that were made, and that were taken out of the pool
	Discarded            uint64 // that could not be put back, or had to go
}

// shelf is what a pool keeps of one module. The last one to come is the first to go out: its memory
// is still in the processor's cache.
type shelf struct {
	idle   []*guest
	since  []time.Time // when each came
	closed bool
}

// waiter waits for a place, or for a guest that has one.
type waiter struct {
	shelf *shelf
	got   chan *guest // nil is a place
}

// NewPool returns a Pool. It fails if an option is negative.
func NewPool(opts *PoolOptions) (*Pool, error) {
	o := PoolOptions{Instances: 4096, Bytes: 1 << 30, Wait: 10 * time.Second, Keep: time.Minute}
	if opts != nil {
		if opts.Instances < 0 || opts.Wait < 0 || opts.Keep < 0 {
			return nil, errors.New("runtime: pool: an option is negative")
		}
		if opts.Instances > 0 {
			o.Instances = opts.Instances
		}
		if opts.Bytes > 0 {
			o.Bytes = opts.Bytes
		}
		if opts.Wait > 0 {
			o.Wait = opts.Wait
		}
		if opts.Keep > 0 {
			o.Keep = opts.Keep
		}
	}
	return &Pool{instances: o.Instances, bytes: o.Bytes, wait: o.Wait, keep: o.Keep, shelves: map[*shelf]struct{}{}}, nil
}

// Stats are those of now.
func (p *Pool) Stats() PoolStats {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stats
}

// Get returns a clean instance: one that has started (_initialize, vitrine_prepare) and has served
// nobody, or cannot be told from that. Close gives it back. It is Instantiate for who wants many:
// the module starts once and every instance is a copy of what came of it. That it cannot be told
// has two ends: random numbers that a guest drew as it started, such as the seeds of Go's
// maps, are the same in all copies; and a module that asks the host for anything as it starts,
// or that changes its tables then, is started for each instance. So is one that is given
// arguments, variables, directories, an input, or more memory than the module's limit.
//
// Get waits while there are as many instances as the Pool allows and all are in use: until ctx ends, or
// for PoolOptions.Wait, after which the error is a *BusyError.
func (m *Module) Get(ctx context.Context, opts *InstanceOptions) (*Instance, error) {
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
	g, err := m.rt.pool.take(ctx, &m.shelf)
	switch {
	case err != nil:
	case g == nil || !in.fits(snap, opts):
		err = in.make(ctx, g, snap, opts)
	default:
		err = in.adopt(g, snap)
	}
	if err != nil {
		in.fail(ctx, opts)
		return nil, err
	}
	return in, nil
}

// fits tells whether a copy of the snapshot would do for what the instance is to have.
func (in *Instance) fits(snap *snapshot, opts *InstanceOptions) bool {
	if snap.image != nil && snap.image.Size() > in.limits.Memory {
		return false
	}
	return len(opts.Args)+len(opts.Env)+len(opts.Dirs) == 0 && opts.Stdin == nil && in.limits.Memory <= in.mod.limits.Memory
}

// adopt makes the instance that of a guest that is as the snapshot says.
func (in *Instance) adopt(g *guest, snap *snapshot) error {
	g.mem.SetLimit(in.limits.Memory)
	in.clock.resume(snap.mono)
	in.stats.PeakMemory = g.mem.Size()
	return in.hire(g)
}

// make makes a new guest for the instance, in the place of old if there is one: a copy of the
// snapshot, or, where that would not do, one that starts by itself.
func (in *Instance) make(ctx context.Context, old *guest, snap *snapshot, opts *InstanceOptions) error {
	if old != nil {
		old.free()
	}
	g := in.mod.newGuest(in)
	g.placed = true
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
	fresh.placed = true
	return in.start(ctx, fresh, opts)
}

// copy instantiates the module and puts the snapshot over what came of it.
func (in *Instance) copy(ctx context.Context, g *guest, snap *snapshot) error {
	if err := in.hire(g); err != nil {
		return err
	}
	limits := in.limits
	in.seal()
	defer func() { in.limits = limits }()
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

// take finds a guest on the shelf, or a place for a new one, which is nil. Who has a place gives it
// up by put or drop.
func (p *Pool) take(ctx context.Context, s *shelf) (*guest, error) {
	p.mu.Lock()
	if s.closed {
		p.mu.Unlock()
		return nil, ErrClosed
	}
	if g := p.pop(s, len(s.idle)-1); g != nil {
		p.stats.InUse++
		p.stats.Reused++
		p.mu.Unlock()
		return g, nil
	}
	if p.stats.InUse+p.stats.Idle < p.instances {
		p.stats.InUse++
		p.stats.Made++
		p.mu.Unlock()
		return nil, nil
	}
	if old := p.oldest(); old != nil {
		g := p.pop(old, 0)
		p.stats.InUse++
		p.stats.Made++
		p.stats.Discarded++
		p.mu.Unlock()
		g.free()
		return nil, nil
	}
	w := &waiter{shelf: s, got: make(chan *guest, 1)}
	p.queue = append(p.queue, w)
	p.stats.Waiting++
	p.mu.Unlock()
	return p.await(ctx, w)
}

// await waits until somebody gives back what w waits for.
func (p *Pool) await(ctx context.Context, w *waiter) (*guest, error) {
	timer := time.NewTimer(p.wait)
	defer timer.Stop()
	var err error
	select {
	case g, ok := <-w.got:
		if !ok {
			return nil, ErrClosed
		}
		return g, nil
	case <-ctx.Done():
		err = fmt.Errorf("runtime: waiting for an instance: %w", ctx.Err())
	case <-timer.C:
		err = &BusyError{Func: "(start)", Waited: p.wait}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if i := slices.Index(p.queue, w); i >= 0 {
		p.queue = slices.Delete(p.queue, i, i+1)
		p.stats.Waiting--
		return nil, err
	}
	g, ok := <-w.got // it came in the same moment
	if !ok {
		return nil, ErrClosed
	}
	return g, nil
}

// put takes back a guest that is clean.
func (p *Pool) put(g *guest) {
	s := &g.mod.shelf
	g.in = nil
	p.mu.Lock()
	if w := p.call(s); w != nil {
		p.stats.Waiting--
		if w.shelf == s {
			p.stats.Reused++
			w.got <- g
			p.mu.Unlock()
			return
		}
		p.stats.Made++
		p.stats.Discarded++
		w.got <- nil
		p.mu.Unlock()
		g.free()
		return
	}
	p.stats.InUse--
	free := p.shelve(s, g)
	p.mu.Unlock()
	for _, g := range free {
		g.free()
	}
}

// call takes the one out of the queue that is to have what came back on a shelf. Who waits for
// that very module costs least; but every fourth time it is who came first, so that nobody waits in vain.
func (p *Pool) call(s *shelf) *waiter {
	if len(p.queue) == 0 {
		return nil
	}
	i := max(0, slices.IndexFunc(p.queue, func(w *waiter) bool { return w.shelf == s }))
	if p.turns++; p.turns%4 == 0 {
		i = 0
	}
	w := p.queue[i]
	p.queue = slices.Delete(p.queue, i, i+1)
	return w
}

// drop frees a guest that cannot be used again, and gives its place to who waits for one. A nil
// guest is a place that nobody came to use.
func (p *Pool) drop(g *guest) {
	p.mu.Lock()
	p.stats.Discarded++
	if len(p.queue) > 0 {
		w := p.queue[0]
		p.queue = slices.Delete(p.queue, 0, 1)
		p.stats.Waiting--
		p.stats.Made++
		w.got <- nil
	} else {
		p.stats.InUse--
	}
	p.mu.Unlock()
	g.free()
}

// shelve keeps a guest, and returns those that have to go for it. p.mu is held.
func (p *Pool) shelve(s *shelf, g *guest) (gone []*guest) {
	if s.closed || g.cost > p.bytes {
		p.stats.Discarded++
		return []*guest{g}
	}
	s.idle, s.since = append(s.idle, g), append(s.since, time.Now())
	p.shelves[s] = struct{}{}
	p.stats.Idle++
	p.stats.IdleBytes += g.cost
	for p.stats.IdleBytes > p.bytes {
		p.stats.Discarded++
		gone = append(gone, p.pop(p.oldest(), 0))
	}
	if p.timer == nil {
		p.timer = time.AfterFunc(p.keep, p.sweep)
	}
	return gone
}

// pop takes a guest from the shelf; nil if it is not there. p.mu is held.
func (p *Pool) pop(s *shelf, i int) *guest {
	if i < 0 {
		return nil
	}
	g := s.idle[i]
	s.idle, s.since = slices.Delete(s.idle, i, i+1), slices.Delete(s.since, i, i+1)
	if len(s.idle) == 0 {
		delete(p.shelves, s)
	}
	p.stats.Idle--
	p.stats.IdleBytes -= g.cost
	return g
}

// oldest is the shelf whose first guest has waited longest; nil if all are empty. p.mu is held.
func (p *Pool) oldest() *shelf {
	var old *shelf
	for s := range p.shelves {
		if old == nil || s.since[0].Before(old.since[0]) {
			old = s
		}
	}
	return old
}

// sweep lets guests go that nobody has used for a while.
func (p *Pool) sweep() {
	p.mu.Lock()
	var gone []*guest
	due := time.Now().Add(-p.keep)
	for old := p.oldest(); old != nil && !old.since[0].After(due); old = p.oldest() {
		p.stats.Discarded++
		gone = append(gone, p.pop(old, 0))
	}
	p.timer = nil
	if old := p.oldest(); old != nil {
		p.timer = time.AfterFunc(old.since[0].Sub(due), p.sweep)
	}
	p.mu.Unlock()
	for _, g := range gone {
		g.free()
	}
}

// forget frees what is on the shelf of a module that is closed. Nothing comes to it again.
func (p *Pool) forget(s *shelf) {
	p.mu.Lock()
	s.closed = true
	gone := slices.Clone(s.idle)
	for len(s.idle) > 0 {
		p.pop(s, len(s.idle)-1)
	}
	p.stats.Discarded += uint64(len(gone))
	p.queue = slices.DeleteFunc(p.queue, func(w *waiter) bool {
		if w.shelf == s {
			p.stats.Waiting--
			close(w.got)
		}
		return w.shelf == s
	})
	if len(p.shelves) == 0 && p.timer != nil {
		p.timer.Stop()
		p.timer = nil
	}
	p.mu.Unlock()
	for _, g := range gone {
		g.free()
	}
}
