package runtime

import (
	"cmp"
	"container/list"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/vitrine-run/vitrine/runtime/memory"
)

// PoolOptions bound a Pool; nil, and every zero field, is the default.
type PoolOptions struct {
	Instances int           // that there are at once, in use and waiting to be used, default 4096
	Bytes     uint64        // of memory for all of these, what is parked, and the modules' snapshots; default 4 GiB
	Queue     int           // who may wait for an instance at once, default 4096
	Wait      time.Duration // for an instance, at most, default 10 s
	Keep      time.Duration // how long one waits to be used before it goes, default 1 min
	Warm      uint64        // bytes, besides, of zeroed memory for Instantiate, of its guests that are gone; default 128 MiB
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
// An instance in use counts with all of its linear memory, which it may touch when it likes, and with more as it
// grows; one that waits to be used with the pages that are its own. When there is no room, those that have waited
// longest for use go, of whatever module. Then owners are asked to park what they do not use
// (InstanceOptions.Wanted), and Get waits, in a queue that is fair between principals; a guest that wants to grow is
// refused. What is parked is never thrown away, and to park is never refused: it makes room. For the same reason
// one instance can always be had, however much is parked.
type Pool struct {
	instances int
	bytes     uint64
	places    int // in the queue
	wait      time.Duration
	keep      time.Duration

	mu      sync.Mutex
	idle    *list.List // *guest, that has waited longest for use first
	lent    map[*place]struct{}
	holders map[string]*holder
	queue   fairQueue[*holder, *waiter]
	turns   int64       // how many guests were handed out
	timer   *time.Timer // nil while nothing waits to be used
	gone    []*guest    // see unlock
	stats   PoolStats

	together chan struct{} // holds one: who takes several instances

	memories *memory.Cache // of guests that have no place in it
}

// PoolStats say what is in a pool, and what has happened in it.
type PoolStats struct {
	InUse, Idle, Waiting int    // instances; who waits for one
	Bytes                uint64 // all that PoolOptions.Bytes bounds
	IdleBytes            uint64 // of it, what the idle ones hold
	KeptBytes            uint64 // of it, what is parked, and snapshots
	Made, Reused         uint64 // instances that were made, and that were taken out of the pool
	Discarded            uint64 // that could not be put back, or had to go
	WarmBytes            uint64 // what PoolOptions.Warm bounds
	Refused              uint64 // who came when the queue was full, or waited in vain
}

// shelf is what a pool keeps of one module. The last one to come is the first to go out: its memory
// is still in the processor's cache.
type shelf struct {
	idle   []*guest
	closed bool
}

// NewPool returns a Pool. It fails if an option is negative.
func NewPool(opts *PoolOptions) (*Pool, error) {
	var o PoolOptions
	if opts != nil {
		o = *opts
	}
	if o.Instances < 0 || o.Queue < 0 || o.Wait < 0 || o.Keep < 0 {
		return nil, errors.New("runtime: pool: an option is negative")
	}
	return &Pool{
		instances: cmp.Or(o.Instances, 4096), bytes: cmp.Or(o.Bytes, 4<<30), places: cmp.Or(o.Queue, 4096),
		wait: cmp.Or(o.Wait, 10*time.Second), keep: cmp.Or(o.Keep, time.Minute),
		together: make(chan struct{}, 1), idle: list.New(), lent: map[*place]struct{}{}, holders: map[string]*holder{},
		memories: memory.NewCache(cmp.Or(o.Warm, 128<<20), cmp.Or(o.Keep, time.Minute)),
	}, nil
}

// Stats are those of now.
func (p *Pool) Stats() PoolStats {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.stats
	s.WarmBytes = p.memories.Stats().Bytes
	return s
}

// unlock gives p.mu back, and then frees what had to go: that takes a while.
func (p *Pool) unlock() {
	gone := p.gone
	p.gone = nil
	p.mu.Unlock()
	for _, g := range gone {
		g.free()
	}
}

// growth is the part of the bytes that is left to guests in use, which grow, when others come: those who come
// can wait.
const growth = 8

// most is how many bytes there may be after somebody has come.
func (p *Pool) most() uint64 { return p.bytes - p.bytes/growth }

// put takes back a guest that is clean.
func (p *Pool) put(g *guest) {
	p.mu.Lock()
	defer p.unlock()
	p.vacate(g)
	s := &g.mod.shelf
	if s.closed {
		p.discard(g)
	} else {
		p.shelve(s, g)
	}
	p.serve()
}

// drop frees a guest that cannot be used again.
func (p *Pool) drop(g *guest) {
	p.mu.Lock()
	defer p.unlock()
	p.vacate(g)
	p.discard(g)
	p.serve()
}

// keepBytes counts memory that is not a guest's and cannot go for one. It cannot fail: who parks makes room.
func (p *Pool) keepBytes(n uint64) {
	p.mu.Lock()
	defer p.unlock()
	p.stats.Bytes += n
	p.stats.KeptBytes += n
	p.trim(p.bytes)
}

// loseBytes is for what keepBytes has counted.
func (p *Pool) loseBytes(n uint64) {
	p.mu.Lock()
	defer p.unlock()
	p.stats.Bytes -= n
	p.stats.KeptBytes -= n
	p.serve()
}

// What follows is called with p.mu held, and unlock after it.

func (p *Pool) discard(g *guest) {
	p.stats.Discarded++
	p.gone = append(p.gone, g)
}

// shelve keeps a guest for the next one.
func (p *Pool) shelve(s *shelf, g *guest) {
	g.since = time.Now()
	g.aged = p.idle.PushBack(g)
	s.idle = append(s.idle, g)
	p.stats.Idle++
	p.stats.IdleBytes += g.cost
	p.stats.Bytes += g.cost
	p.trim(p.most())
	if p.timer == nil {
		p.timer = time.AfterFunc(p.keep, p.sweep)
	}
}

// pop takes the i-th guest from a shelf.
func (p *Pool) pop(s *shelf, i int) *guest {
	g := s.idle[i]
	s.idle = slices.Delete(s.idle, i, i+1)
	p.idle.Remove(g.aged)
	g.aged = nil
	p.stats.Idle--
	p.stats.IdleBytes -= g.cost
	p.stats.Bytes -= g.cost
	return g
}

// oldest is the guest that has waited longest for use, nil if there is none.
func (p *Pool) oldest() *guest {
	e := p.idle.Front()
	if e == nil {
		return nil
	}
	return e.Value.(*guest)
}

// trim lets the oldest go until there is no more than most, or nothing is idle.
func (p *Pool) trim(most uint64) {
	for p.stats.Idle > 0 && (p.stats.Bytes > most || p.stats.InUse+p.stats.Idle > p.instances) {
		p.discard(p.pop(&p.oldest().mod.shelf, 0))
	}
}

// sweep lets guests go that nobody has used for a while.
func (p *Pool) sweep() {
	p.mu.Lock()
	defer p.unlock()
	p.timer = nil
	due := time.Now().Add(-p.keep)
	for g := p.oldest(); g != nil; g = p.oldest() {
		if left := g.since.Sub(due); left > 0 {
			p.timer = time.AfterFunc(left, p.sweep)
			return
		}
		p.discard(p.pop(&g.mod.shelf, 0))
	}
}

// forget frees what is on the shelf of a module that is closed. Nothing comes to it again.
func (p *Pool) forget(s *shelf) {
	p.mu.Lock()
	defer p.unlock()
	s.closed = true
	for len(s.idle) > 0 {
		p.discard(p.pop(s, len(s.idle)-1))
	}
	var late []*waiter
	for _, h := range p.queue {
		for _, w := range h.waiting {
			if w.shelf == s {
				late = append(late, w)
			}
		}
	}
	for _, w := range late {
		p.dismiss(w, ErrClosed)
	}
	if p.idle.Len() == 0 && p.timer != nil {
		p.timer.Stop()
		p.timer = nil
	}
	p.serve()
}
