package runtime

import (
	"context"
	"errors"
	goruntime "runtime"
	"time"
)

// A seat is an instance's right to compute, which it has during calls. It belongs to the
// goroutine of the call, but for what says otherwise.
type seat struct {
	s        *Scheduler
	account  *account
	ready    chan bool // true with a seat, false if it is woken without one
	held     bool
	began    time.Duration // the slice under way, or about that, as monotonic has it
	used     time.Duration // of the quantum
	owed     time.Duration // computed, and not on the account yet
	alone    time.Duration // computed since it gave way
	gave     uint8         // how often it did
	hogged   time.Duration // giveWay does nothing until then
	suspects bool          // it took long, and is to find out next time whose doing that is
	queued   bool          // under s.mu
}

func (s *Scheduler) newSeat(principal string) seat {
	return seat{s: s, account: s.join(principal), ready: make(chan bool, 1)}
}

// take takes a seat if there is one and nobody waits.
func (t *seat) take() bool {
	for {
		n := t.s.state.Load()
		if n >= t.s.limit {
			return false
		}
		if t.s.state.CompareAndSwap(n, n+1) {
			t.held = true
			return true
		}
	}
}

// enqueue takes a seat, or puts t into the queue and returns false.
func (t *seat) enqueue() bool {
	s := t.s
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		if t.take() {
			return true
		}
		// A guest that leaves does not look into the queue as long as the bit is not set.
		if n := s.state.Load(); n >= s.limit && s.state.CompareAndSwap(n, n|waiting) {
			if len(s.queue) == 0 && time.Since(s.emptied) > memories*s.quantum {
				s.period++
			}
			s.push(t)
			return false
		}
	}
}

// leave gives the seat back, to somebody who waits if there is one. ran is what the
// guest has computed and not been charged for.
func (t *seat) leave(ran time.Duration) {
	t.held, t.used = false, 0
	t.charge(ran)
	s := t.s
	for {
		n := s.state.Load()
		if n >= waiting {
			break
		}
		if s.state.CompareAndSwap(n, n-1) {
			return
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.queue) == 0 {
		s.state.Add(-1) // the last one to wait went while this one came here
		return
	}
	s.callUp()
	s.rest()
}

// charge puts what was computed on the account, many short calls at once.
func (t *seat) charge(ran time.Duration) {
	if t.owed += ran; t.owed > sliceTime/10 {
		t.account.fresh.Add(int64(t.owed))
		t.owed = 0
	}
}

// rest clears the bit when nobody waits any more. mu is held.
func (s *Scheduler) rest() {
	if len(s.queue) == 0 {
		s.state.Add(-waiting)
		s.emptied = time.Now()
	}
}

// pass charges for a slice, and gives the seat to somebody who has more right to it, if
// there is one: then t is in the queue in its place.
func (t *seat) pass(ran time.Duration) bool {
	t.used += ran
	t.charge(ran)
	s := t.s
	if s.state.Load() < waiting {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.queue) == 0 {
		return false
	}
	s.settle(t.account)
	first, mine := s.least().service, t.account.service
	if first > mine || t.used < s.quantum && first+int64(s.quantum) > mine {
		return false
	}
	t.held, t.used = false, 0
	s.callUp()
	s.push(t)
	return true
}

// abandon takes t out of the queue. It returns false if it is in none.
func (t *seat) abandon() bool {
	s := t.s
	s.mu.Lock()
	defer s.mu.Unlock()
	if !t.queued {
		return false
	}
	s.remove(t)
	s.rest()
	return true
}

// wake ends the wait of another goroutine, if there is one.
func (t *seat) wake() {
	if t.abandon() {
		t.ready <- false
	}
}

// sit takes a seat for the call under way, and waits until there is one. The error is
// that of the caller's context, ErrClosed, or a *BusyError; then there is no seat.
func (in *Instance) sit() error {
	if in.seat.take() || in.seat.enqueue() {
		return nil
	}
	return in.await()
}

// await waits in the queue. The wall time of the call stands still meanwhile.
func (in *Instance) await() error {
	t := &in.seat
	if in.ctx.isStopped() {
		t.wake() // Close was here before the seat was in the queue
	}
	began := monotonic()
	timer := time.NewTimer(t.s.wait)
	defer timer.Stop()
	parent := in.ctx.caller()
	var err error
	select {
	case t.held = <-t.ready:
		if !t.held {
			err = ErrClosed
		}
	case <-parent.Done():
		err = parent.Err()
	case <-timer.C:
		err = &BusyError{Func: in.name, Waited: t.s.wait}
	}
	if err != nil && err != ErrClosed && !t.abandon() && <-t.ready {
		t.leave(0) // called up in the same moment
	}
	t.began = monotonic()
	in.ctx.extend(t.began - began)
	return err
}

// yield is what a guest does at a refuel point: it lets others have the processor, and
// its seat if they have more right to it. What that takes is not the guest's computing.
func (in *Instance) yield(ran time.Duration) {
	t := &in.seat
	if t.pass(ran) {
		in.reseat(in.await())
		return
	}
	if t.alone += ran; t.alone < aside {
		return
	}
	t.alone = 0
	t.giveWay()
	if t.gave++; t.gave%oneGosched == 0 {
		goruntime.Gosched()
		t.began = monotonic()
	}
}

// giveWay lets the host's other threads have the processor. If that takes long, either they had much to do, or
// somebody else computes on this machine, who would take it each time.
func (t *seat) giveWay() {
	if t.began < t.hogged {
		return
	}
	var before time.Duration
	if t.suspects {
		before = computed()
	}
	osYield()
	now := monotonic()
	gone := now - t.began
	if t.suspects && gone > hogging && computed()-before < t.s.due(gone) {
		t.hogged = now + 10*gone
	}
	t.suspects = gone > hogging
	t.began = now
}

// due is how long the host's threads compute in a time in which they have the processor of one guest and the other guests theirs:
// half a processor less is somebody else's doing.
func (s *Scheduler) due(gone time.Duration) time.Duration {
	computing := min(s.state.Load()&^waiting, int64(goruntime.GOMAXPROCS(0)))
	return time.Duration(computing)*gone - gone/2
}

const (
	// aside is how long a guest keeps a processor when other threads of the host may wait for
	// it: giving way costs a microsecond.
	aside = 250 * time.Microsecond
	// Other goroutines may wait for it four times as long. Go itself would allow 10 ms. On a
	// busy machine, asking leads to switches between threads.
	oneGosched = 4
	// hogging is longer than the host's threads compute at a time beside a guest, but for a collector that runs.
	hogging = 2 * time.Millisecond
)

// reseat ends the call if waiting for a seat in the middle of it came to nothing.
func (in *Instance) reseat(err error) {
	var busy *BusyError
	switch {
	case err == nil:
		return
	case err == ErrClosed:
		err = context.Canceled
	case errors.As(err, &busy):
		err = &Fault{Kind: FaultDeadline, Limit: LimitQueue, Err: err, Message: busy.reason()}
	}
	in.abort(err)
}

// Blocking runs f, which may take a while without computing, such as a request to a
// server: meanwhile another guest may have the seat of this one. What f takes counts as
// wall time, waiting for a seat afterwards does not. A host function that calls another
// guest must do it in here, or guests that wait for each other may hold all seats.
func (c *Caller) Blocking(f func()) { c.in.blocking(f) }

func (in *Instance) blocking(f func()) {
	t := &in.seat
	t.leave(monotonic() - t.began)
	f() // if it panics the call is over, and needs no seat
	in.reseat(in.sit())
	t.began = monotonic()
}
