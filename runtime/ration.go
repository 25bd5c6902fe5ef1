package runtime

import (
	"cmp"
	"errors"
	"math"
	"sync"
	"sync/atomic"
	"time"
)

// RationOptions say how much a Ration is.
type RationOptions struct {
	PerSecond uint64              // units of fuel, in the long run; 0 does not bound
	Burst     uint64              // that may be used at once after a rest; 0 is what ten seconds bring
	Waited    func(time.Duration) // is told of each wait when it is over, on the goroutine of the call; nil: nobody is
}

// A Ration bounds what the instances that share it compute in the long run, which no limit of a call does: who is
// called again and again could have a processor for ever. It is a bucket of fuel. What a call uses comes out of it, and so much
// a second comes in, until it is full. When there is nothing in it, a guest waits at its next refuel point, without a
// seat, and a call before it begins: for a hundredth of a second or a few. That time is no wall time of the call.
//
// Nobody waits longer than SchedulerOptions.Wait at a time. A call that has not begun then ends with a *BusyError, one under way
// with a *Fault; both name LimitFuelRate. That comes only to those who owe more than comes in meanwhile, or share it
// with too many.
//
// It is safe for concurrent use and need not be closed.
type Ration struct {
	waited func(time.Duration)
	left   atomic.Int64 // below zero is what was used and not there
	filled atomic.Int64 // when what comes in was last put in, as monotonic has it

	mu          sync.Mutex
	rate, burst int64
}

// NewRation returns a Ration that is full.
func NewRation(opts *RationOptions) *Ration {
	r := &Ration{waited: opts.Waited}
	r.filled.Store(int64(monotonic()))
	r.Set(opts.PerSecond, opts.Burst)
	r.left.Store(r.burst)
	return r
}

const (
	burstSeconds = 10
	// portion of a second is what a guest waits for at least: to wait for every slice by itself costs as much as the slice.
	portion = 100
	// stale is how old what a call finds in the bucket may be.
	stale = int64(time.Second)
)

// Set changes how much it is, as RationOptions has it. What is in it stays, up to the new burst.
func (r *Ration) Set(perSecond, burst uint64) {
	const most = math.MaxInt64 / 4
	r.mu.Lock()
	defer r.mu.Unlock()
	r.rate = int64(min(cmp.Or(perSecond, most), most/burstSeconds))
	r.burst = int64(min(cmp.Or(burst, uint64(r.rate)*burstSeconds), most))
	if over := r.left.Load() - r.burst; over > 0 {
		r.left.Add(-over)
	}
}

// use takes n units out, and tells whether they were there.
func (r *Ration) use(n int64) bool { return r.left.Add(-n) >= 0 }

// wants tells, as a call begins, whether it has to wait or somebody has to look.
func (r *Ration) wants(now time.Duration) bool {
	return r.left.Load() < 0 || int64(now)-r.filled.Load() > stale
}

// fill puts in what has come in, and returns how long to wait until there is something again.
func (r *Ration) fill(now time.Duration) time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	since := int64(now) - r.filled.Load()
	room := r.burst - r.left.Load()
	gained := float64(r.rate) * (float64(since) / float64(time.Second))
	switch {
	case gained >= float64(room):
		r.left.Add(max(room, 0))
		r.filled.Store(int64(now))
	case gained >= 1: // what is less than a unit comes in the next time
		whole := int64(gained)
		r.left.Add(whole)
		r.filled.Add(int64(float64(whole) / float64(r.rate) * float64(time.Second)))
	}
	left := r.left.Load()
	if left >= 0 {
		return 0
	}
	seconds := float64(-left)/float64(r.rate) + 1.0/portion
	return time.Duration(min(seconds, 3600) * float64(time.Second))
}

// fetch waits for fuel before a call begins.
func (in *Instance) fetch(now time.Duration) error {
	r := in.ration
	if r == nil || !r.wants(now) || r.fill(now) == 0 {
		return nil
	}
	return in.starve()
}

// pay is for what a guest has used until it came to refuel. It waits there while the ration has nothing left.
func (in *Instance) pay(spent int64, now time.Duration) {
	t := &in.tank
	n := spent - t.paid
	t.paid = spent
	if in.ration.use(n) || in.ration.fill(now) == 0 {
		return
	}
	in.seat.leave(monotonic() - in.seat.began)
	err := in.starve()
	if busy := (*BusyError)(nil); errors.As(err, &busy) {
		in.abort(&Fault{Kind: FaultFuel, Limit: LimitFuelRate, Err: err, Message: busy.reason()})
	}
	if err == nil {
		err = in.sit()
	}
	in.reseat(err)
}

// lookUp is how often who waits for fuel looks whether the instance is being closed.
const lookUp = 20 * time.Millisecond

// starve waits until the ration has something again. The wall time of the call stands still meanwhile. The errors are those of await.
func (in *Instance) starve() (err error) {
	began, most := monotonic(), in.seat.s.wait
	defer func() {
		gone := monotonic() - began
		in.ctx.extend(gone)
		in.seat.began = began + gone
		if in.ration.waited != nil {
			in.ration.waited(gone)
		}
	}()
	parent := in.ctx.caller()
	for {
		now := monotonic()
		d := in.ration.fill(now)
		switch {
		case in.ctx.isStopped():
			return ErrClosed
		case d == 0:
			return nil
		case parent.Err() != nil:
			return parent.Err()
		case now-began >= most:
			return &BusyError{Func: in.name, Waited: most, Limit: LimitFuelRate}
		}
		timer := time.NewTimer(min(d, lookUp, most-(now-began)))
		select {
		case <-timer.C:
		case <-parent.Done():
			timer.Stop()
		}
	}
}
