package runtime

import (
	"context"
	"sync"
	"time"
)

// callContext is the context of the call under way in an instance. There is one an
// instance, used for every call, so that a call allocates none. Only the engine sees
// it; what a host function gets is a context of the standard library, made when it is
// asked for, because others keep contexts for longer than a call.
type callContext struct {
	in *Instance

	mu       sync.Mutex
	active   bool
	stopped  bool // the instance is being closed; never reset
	parent   context.Context
	deadline time.Time
	theirs   bool            // it is the parent's own
	inner    context.Context // made by the first std of a call
	cancel   context.CancelFunc
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

func (c *callContext) begin(parent context.Context, deadline time.Time) {
	d, theirs := parent.Deadline()
	if theirs = theirs && d.Before(deadline); theirs {
		deadline = d
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.active, c.parent, c.deadline, c.theirs = true, parent, deadline, theirs
}

func (c *callContext) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cancel != nil {
		c.cancel()
	}
	c.active, c.parent, c.inner, c.cancel = false, nil, nil, nil
}

// stop cancels the call under way and every later one.
func (c *callContext) stop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stopped = true
	if c.cancel != nil {
		c.cancel()
	}
}

// std returns the call's context as one that may be kept. Between calls it is one that
// is over.
func (c *callContext) std() context.Context {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.inner != nil {
		return c.inner
	}
	if !c.active {
		over, cancel := context.WithCancel(context.Background())
		cancel()
		return over
	}
	c.inner, c.cancel = context.WithDeadline(c.parent, c.deadline)
	if c.stopped {
		c.cancel()
	}
	return c.inner
}

// Deadline implements context.Context.
func (c *callContext) Deadline() (time.Time, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.deadline, c.active
}

// Done implements context.Context.
func (c *callContext) Done() <-chan struct{} { return c.std().Done() }

// Err implements context.Context. It is right even if nobody ever asked for Done.
func (c *callContext) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.inner != nil:
		return c.inner.Err()
	case c.stopped || !c.active:
		return context.Canceled
	case c.parent.Err() != nil:
		return c.parent.Err()
	case !time.Now().Before(c.deadline):
		return context.DeadlineExceeded
	}
	return nil
}

// Value implements context.Context.
func (c *callContext) Value(key any) any {
	if key == (instanceKey{}) {
		return c.in
	}
	c.mu.Lock()
	parent := c.parent
	c.mu.Unlock()
	if parent == nil {
		return nil
	}
	return parent.Value(key)
}

func (c *callContext) isStopped() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.stopped
}

// deadlineIsTheirs tells whether the deadline is the caller's own, and not the limit.
func (c *callContext) deadlineIsTheirs() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.theirs
}
