package runtime

import (
	"context"
	"fmt"
	"math"
	"time"
)

// clockStep is how coarse guests see time: too coarse to measure what other code does.
const clockStep = time.Millisecond

// clock is what a guest takes for time. It stands still during a call, unless it is
// live, and only sleeping moves it on: a sleep costs the guest its time but the host
// none.
type clock struct {
	now   func() time.Time // nil is time.Now
	live  bool
	born  time.Time
	began time.Duration // the call, as monotonic has it
	base  time.Time     // the same in the guest's time; zero until it asks
	slept time.Duration // in this call
	last  int64         // the monotonic clock never goes back
}

func newClock(now func() time.Time, live bool) clock {
	c := clock{now: now, live: live}
	c.born = c.read(time.Now()).Truncate(clockStep)
	return c
}

// resume lets the monotonic clock of a guest that is a copy go on from where it was when it was
// copied.
func (c *clock) resume(mono int64) {
	if mono > int64(clockStep) {
		c.born = c.born.Add(-time.Duration(mono) + clockStep)
		c.last = mono
	}
}

// read returns the time; now is what time.Now has just said.
func (c *clock) read(now time.Time) time.Time {
	if c.now != nil {
		return c.now()
	}
	return now
}

func (c *clock) begin(now time.Duration) {
	c.began, c.base, c.slept = now, time.Time{}, 0
}

func (c *clock) at() time.Time {
	t := c.base
	switch {
	case c.live:
		t = c.read(time.Now())
	case t.IsZero():
		now := time.Now()
		t = c.read(now.Add(c.began - now.Sub(start)))
		c.base = t
	}
	return t.Truncate(clockStep).Add(c.slept)
}

func (c *clock) wall() (sec int64, nsec int32) {
	t := c.at()
	return t.Unix(), int32(t.Nanosecond())
}

// mono begins at one step and not at zero, which Go guests take for a broken clock.
func (c *clock) mono() int64 {
	c.last = max(c.last, int64(c.at().Sub(c.born)+clockStep))
	return c.last
}

// SetLiveClock changes InstanceOptions.LiveClock for the calls that follow. It must not run beside a call.
func (in *Instance) SetLiveClock(live bool) { in.clock.live = live }

// sleep moves the guest's time on. Sleeping longer than a call may last is taking too
// long, however little of it really passes.
func (in *Instance) sleep(ns int64) {
	if ns <= 0 {
		return
	}
	if ns > int64(in.limits.WallTime-in.clock.slept) {
		in.abort(&Fault{Kind: FaultDeadline, Limit: LimitWallTime, Err: context.DeadlineExceeded,
			Message: fmt.Sprintf("slept past the limit of %v", in.limits.WallTime)})
	}
	in.clock.slept += time.Duration(ns)
}

// monotonic is the time since the process started, for what looks at differences only: it reads one clock of the
// system where time.Now reads two, and is one number.
func monotonic() time.Duration { return time.Since(start) }

var start = time.Now()

// later is t+d, or the end of time.
func later(t, d time.Duration) time.Duration {
	if sum := t + d; sum >= t {
		return sum
	}
	return math.MaxInt64
}
