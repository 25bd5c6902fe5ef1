package runtime

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// callContext is the context of the call under way in an instance. There is one an
// instance, used for every call, so that a call allocates none. Only the engine sees
// it; what a host function gets is a context of the standard library, made when it is
// asked for, because others keep contexts for longer than a call.
//
// It belongs to the goroutine of the call, but for stop.
type callContext struct {
	in      *Instance
	stopped atomic.Bool // the instance is being closed; never reset

	active   bool
	parent   context.Context
	limit    time.Duration // what Limits.WallTime makes of it, as monotonic has it
	deadline time.Duration // the earlier of that and the parent's own
	theirs   bool          // it is the parent's own

	mu      sync.Mutex      // of what stop ends; taken only by calls that have asked for std
	inner   context.Context // made by the first std of a call, and by the next after extend
	cancels []context.CancelFunc
}

// instanceKey is what Value answers with the instance.
type instanceKey struct{}

// instanceOf finds the instance in what the engine passed to a host function. During
// instantiation the engine wraps the context.
func instanceOf(ctx context.Context) *Instance {
	if c, ok := ctx.(*callContext); ok {
		return c.in
	}
	return ctx.Value(instanceKey{}).(*Instance)
}

func (c *callContext) begin(parent context.Context, limit time.Duration) {
	c.active, c.parent = true, parent
	c.until(limit)
}

// until sets the deadline.
func (c *callContext) until(limit time.Duration) {
	c.limit, c.deadline, c.theirs = limit, limit, false
	d, ok := c.parent.Deadline()
	if !ok {
		return
	}
	from, now := start, time.Duration(0)
	if d == d.Round(0) { // of the calendar alone, which may have been set since the start
		from = time.Now()
		now = from.Sub(start)
	}
	if left := d.Sub(from); left < limit-now {
		c.deadline, c.theirs = now+left, true
	}
}

// extend gives the call more time, but not more than its caller has. A context that a
// host function was given before keeps its deadline: that function has returned.
func (c *callContext) extend(d time.Duration) {
	c.until(later(c.limit, d))
	c.inner = nil
}

// caller is the context that the call was made with.
func (c *callContext) caller() context.Context { return c.parent }

func (c *callContext) end() {
	if len(c.cancels) > 0 {
		c.mu.Lock()
		c.cancel()
		c.inner, c.cancels = nil, nil
		c.mu.Unlock()
	}
	c.active, c.parent = false, nil
}

// cancel ends what std has returned. c.mu is held.
func (c *callContext) cancel() {
	for _, cancel := range c.cancels {
		cancel()
	}
}

// stop cancels the call under way and every later one. It may be called from any goroutine.
func (c *callContext) stop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stopped.Store(true)
	c.cancel()
}

// std returns the call's context as one that may be kept. Between calls it is one that
// is over.
func (c *callContext) std() context.Context {
	if c.inner != nil {
		return c.inner
	}
	if !c.active {
		over, cancel := context.WithCancel(context.Background())
		cancel()
		return over
	}
	inner, cancel := context.WithDeadline(c.parent, start.Add(c.deadline))
	c.inner = inner
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cancels = append(c.cancels, cancel)
	if c.stopped.Load() {
		cancel()
	}
	return inner
}

// Deadline implements context.Context.
func (c *callContext) Deadline() (time.Time, bool) { return start.Add(c.deadline), c.active }

// Done implements context.Context.
func (c *callContext) Done() <-chan struct{} { return c.std().Done() }

// Err implements context.Context.
func (c *callContext) Err() error { return c.errAt(monotonic()) }

// errAt is Err for who knows the time. It is right even if nobody ever asked for Done,
// and does not wait for a timer to be noticed.
func (c *callContext) errAt(now time.Duration) error {
	switch {
	case c.stopped.Load() || !c.active:
		return context.Canceled
	case c.parent.Err() != nil:
		return c.parent.Err()
	case now >= c.deadline:
		return context.DeadlineExceeded
	}
	return nil
}

// Value implements context.Context. It knows the instance and nothing else: an engine asks at each
// call whether a context switches on what it holds to be experimental, which is not its caller's to say.
// Host functions find the caller's values in std.
func (c *callContext) Value(key any) any {
	if key == (instanceKey{}) {
		return c.in
	}
	return nil
}

func (c *callContext) isStopped() bool { return c.stopped.Load() }

// deadlineIsTheirs tells whether the deadline is the caller's own, and not the limit.
func (c *callContext) deadlineIsTheirs() bool { return c.theirs }
