package runtime

import (
	"context"
	"fmt"
	"time"
)

// A place is the right to have a guest in use, and what that counts for.
type place struct {
	holder *holder
	bytes  uint64
	in     *Instance // whose owner can be asked to park it, or nil
	asked  int       // how often that was
}

// A holder is a principal that has places or waits for some. Its service is its share of the pool.
type holder struct {
	name   string
	places int
	bytes  uint64
	last   int64 // the turn in which it was given something
	line[*waiter]
}

// A waiter waits for a place.
type waiter struct {
	shelf  *shelf
	need   uint64 // bytes that a guest of it counts for to begin with
	holder *holder

	done  chan struct{} // closed when the rest is known
	place *place
	guest *guest // one that is clean, or nil if there is none
	err   error
}

// rank puts a holder in the queue where it belongs: first comes the one whose share of the places or of
// the bytes, whichever is greater, is least, and of those that have as much the one that was given nothing for longest.
func (p *Pool) rank(h *holder) {
	const whole = 1 << 20
	share := max(float64(h.places)/float64(p.instances), float64(h.bytes)/float64(p.bytes))
	p.queue.serve(h, int64(share*whole)<<shareShift|h.last&(1<<shareShift-1))
}

const shareShift = 40

// hasAsMuch tells whether two holders have the same share.
func (h *holder) hasAsMuch(other *holder) bool {
	return h.service>>shareShift == other.service>>shareShift
}

// take waits for a place, and for a guest from the shelf if there is one. Who has a place gives it up by put or drop.
func (p *Pool) take(ctx context.Context, principal string, s *shelf, need uint64) (*waiter, error) {
	if need > p.bytes {
		return nil, overLimit(LimitPoolBytes, "needs %d bytes of memory, the pool has %d for all", need, p.bytes)
	}
	w := &waiter{shelf: s, need: need}
	p.mu.Lock()
	if s.closed {
		p.mu.Unlock()
		return nil, ErrClosed
	}
	if w.holder = p.holders[principal]; w.holder == nil {
		w.holder = &holder{name: principal}
		p.holders[principal] = w.holder
	}
	if p.stats.Waiting == 0 && p.admit(w) {
		p.unlock()
		return w, nil
	}
	w.done = make(chan struct{})
	p.enqueue(w)
	p.serve()
	p.unlock()
	return w, p.await(ctx, w)
}

// await waits until w is served.
func (p *Pool) await(ctx context.Context, w *waiter) error {
	deadline := time.NewTimer(p.wait)
	defer deadline.Stop()
	again := time.NewTicker(askAgain)
	defer again.Stop()
	for {
		select {
		case <-w.done:
			return w.err
		default:
		}
		p.ask()
		select {
		case <-w.done:
			return w.err
		case <-again.C: // what was in a call may not be now
		case <-ctx.Done():
			p.giveUp(w, fmt.Errorf("runtime: waiting for an instance: %w", ctx.Err()))
		case <-deadline.C:
			p.giveUp(w, &BusyError{Func: "(start)", Waited: p.wait, Limit: p.short()})
		}
	}
}

// askAgain is how often somebody who waits asks for instances to be parked.
const askAgain = 20 * time.Millisecond

// giveUp ends the wait of w, unless it was served in the same moment.
func (p *Pool) giveUp(w *waiter, err error) {
	p.mu.Lock()
	defer p.unlock()
	select {
	case <-w.done:
	default:
		p.dismiss(w, err)
		p.serve() // those behind it may fit
	}
}

// short says what there is not enough of.
func (p *Pool) short() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stats.InUse >= p.instances {
		return LimitPoolInstances
	}
	return LimitPoolBytes
}

// ask has the instance parked that has been in no call for longest, of those that were asked for least often.
func (p *Pool) ask() {
	p.mu.Lock()
	var first *place
	var since uint64
	for pl := range p.lent {
		rested, ok := pl.in.restsSince()
		if ok && (first == nil || pl.asked < first.asked || pl.asked == first.asked && rested < since) {
			first, since = pl, rested
		}
	}
	if first == nil {
		p.mu.Unlock()
		return
	}
	first.asked++
	in := first.in
	p.mu.Unlock()
	in.wanted()
}

// lend makes known that the owner of an instance can be asked to park it.
func (p *Pool) lend(pl *place, in *Instance) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if pl.holder != nil { // it was not closed meanwhile
		pl.in = in
		p.lent[pl] = struct{}{}
	}
}

// extend lets a guest in use have more memory, if there is so much.
func (p *Pool) extend(pl *place, bytes uint64) bool {
	p.mu.Lock()
	if bytes <= pl.bytes {
		p.mu.Unlock()
		return true
	}
	more := bytes - pl.bytes
	if p.stats.Bytes-p.stats.IdleBytes+more > p.bytes {
		p.mu.Unlock()
		p.ask() // for the next one
		return false
	}
	p.stats.Bytes += more
	pl.bytes = bytes
	pl.holder.bytes += more
	p.rank(pl.holder)
	p.trim(p.bytes)
	p.unlock()
	return true
}

// What follows is called with p.mu held, and unlock after it.

// admit gives w what it waits for if there is room.
func (p *Pool) admit(w *waiter) bool {
	used := p.stats.Bytes - p.stats.IdleBytes // the rest can go
	if p.stats.InUse >= p.instances || p.stats.InUse > 0 && used+w.need > p.most() {
		return false
	}
	if n := len(w.shelf.idle); n > 0 {
		w.guest = p.pop(w.shelf, n-1)
		p.stats.Reused++
	} else {
		p.stats.Made++
	}
	h := w.holder
	w.place = &place{holder: h, bytes: w.need}
	p.turns++
	h.last = p.turns
	h.places++
	h.bytes += w.need
	p.rank(h)
	p.stats.InUse++
	p.stats.Bytes += w.need
	p.trim(p.most())
	return true
}

// vacate takes its place from a guest.
func (p *Pool) vacate(g *guest) {
	pl := g.place
	g.place, g.in = nil, nil
	delete(p.lent, pl)
	h := pl.holder
	pl.holder = nil
	h.places--
	h.bytes -= pl.bytes
	p.rank(h)
	p.release(h)
	p.stats.InUse--
	p.stats.Bytes -= pl.bytes
}

// release forgets a holder that has nothing and wants nothing.
func (p *Pool) release(h *holder) {
	if h.places == 0 && !h.queued() {
		delete(p.holders, h.name)
	}
}

// serve admits who waits, in turn, as long as there is room. Nobody passes by the one that is next because it
// would fit: what is large would wait in vain.
func (p *Pool) serve() {
	for len(p.queue) > 0 {
		w := p.nearest()
		if w == nil || !p.admit(w) {
			if w = p.queue[0].waiting[0]; !p.admit(w) {
				return
			}
		}
		p.dismiss(w, nil)
	}
}

// nearest is a waiter for which there is a guest on the shelf, of a principal that has no more than the
// one that is next: that costs least. Every fourth time there is none, so that no module's turn never comes.
func (p *Pool) nearest() *waiter {
	if p.stats.Idle == 0 || p.turns%4 == 0 {
		return nil
	}
	for _, h := range p.queue {
		if !h.hasAsMuch(p.queue[0]) {
			continue
		}
		for _, w := range h.waiting {
			if len(w.shelf.idle) > 0 {
				return w
			}
		}
	}
	return nil
}

// enqueue puts w into the queue. If that is full somebody is refused: the last one of the principal that has
// most waiting there.
func (p *Pool) enqueue(w *waiter) {
	p.queue.push(w.holder, w)
	p.stats.Waiting++
	if p.stats.Waiting <= p.places {
		return
	}
	longest := w.holder
	for _, h := range p.queue {
		if len(h.waiting) > len(longest.waiting) {
			longest = h
		}
	}
	p.dismiss(longest.waiting[len(longest.waiting)-1], &BusyError{Func: "(start)", Limit: LimitPoolQueue})
}

// dismiss ends the wait of w.
func (p *Pool) dismiss(w *waiter, err error) {
	p.queue.remove(w.holder, w)
	p.stats.Waiting--
	if w.err = err; err != nil && err != ErrClosed {
		p.stats.Refused++
	}
	p.release(w.holder)
	close(w.done)
}
