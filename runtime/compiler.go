package runtime

import (
	"cmp"
	"context"
	"errors"
	goruntime "runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/vitrine-run/vitrine/runtime/cache"
)

// CompilerOptions say how modules are compiled; nil, and every zero field, is the default.
type CompilerOptions struct {
	Compiles int           // at once; default GOMAXPROCS
	Queue    int           // modules that may wait for their turn, default 64
	Wait     time.Duration // for a turn, at most; default 30 s
	Time     time.Duration // that a caller waits for its module once it is being compiled; default 60 s

	CacheDir   string // where machine code is kept for the next start; "" keeps none. See package cache
	CacheKey   []byte // at least 32 secret bytes to authenticate it; nil: of a file beside the directory
	CacheBytes int64  // default 1 GiB
}

// A Compiler decides how many modules are compiled at once, and keeps what was compiled. Share one among
// all Runtimes of a process. It is safe for concurrent use, has no goroutine, and need not be closed.
//
// What waits beyond the queue, or longer than it may, is a *BusyError.
type Compiler struct {
	slots      chan struct{}
	queue      int64
	wait, time time.Duration
	store      *cache.Store // nil keeps nothing
	waiting    atomic.Int64

	mu   sync.Mutex
	busy map[cache.ID]chan struct{} // modules that are being compiled or read, by all Runtimes
}

// NewCompiler returns a Compiler. It fails if an option is negative, and if the directory is not its
// owner's alone.
func NewCompiler(opts *CompilerOptions) (*Compiler, error) {
	var o CompilerOptions
	if opts != nil {
		o = *opts
	}
	if o.Compiles < 0 || o.Queue < 0 || o.Wait < 0 || o.Time < 0 || o.CacheBytes < 0 {
		return nil, errors.New("runtime: compiler: an option is negative")
	}
	c := &Compiler{
		slots: make(chan struct{}, cmp.Or(o.Compiles, goruntime.GOMAXPROCS(0))), queue: int64(cmp.Or(o.Queue, 64)),
		wait: cmp.Or(o.Wait, 30*time.Second), time: cmp.Or(o.Time, time.Minute), busy: map[cache.ID]chan struct{}{},
	}
	if o.CacheDir == "" {
		return c, nil
	}
	var err error
	c.store, err = cache.Open(o.CacheDir, &cache.Options{Key: o.CacheKey, Bytes: o.CacheBytes})
	return c, err
}

// enter takes a slot for a module. Where results are kept, another Runtime that has the same module in
// hand is waited for: its result will do.
func (c *Compiler) enter(ctx context.Context, id cache.ID) (leave func(), err error) {
	done, err := c.claim(ctx, id)
	if err != nil {
		return nil, err
	}
	if err := c.turn(ctx); err != nil {
		done()
		return nil, err
	}
	return func() {
		<-c.slots
		done()
	}, nil
}

func (c *Compiler) claim(ctx context.Context, id cache.ID) (done func(), err error) {
	if c.store == nil {
		return func() {}, nil
	}
	for {
		c.mu.Lock()
		other := c.busy[id]
		if other == nil {
			mine := make(chan struct{})
			c.busy[id] = mine
			c.mu.Unlock()
			return func() {
				c.mu.Lock()
				defer c.mu.Unlock()
				delete(c.busy, id)
				close(mine)
			}, nil
		}
		c.mu.Unlock()
		if err := c.await(ctx, func(give <-chan time.Time) error {
			select {
			case <-other:
				return nil
			case <-give:
				return c.late()
			case <-ctx.Done():
				return ctx.Err()
			}
		}); err != nil {
			return nil, err
		}
	}
}

// turn takes a slot.
func (c *Compiler) turn(ctx context.Context) error {
	select {
	case c.slots <- struct{}{}:
		return nil
	default:
	}
	return c.await(ctx, func(give <-chan time.Time) error {
		select {
		case c.slots <- struct{}{}:
			return nil
		case <-give:
			return c.late()
		case <-ctx.Done():
			return ctx.Err()
		}
	})
}

func (c *Compiler) late() error { return &BusyError{Func: compiling, Waited: c.wait} }

// compiling stands for the name of a function in errors.
const compiling = "(compile)"

// await waits in the queue, if there is room.
func (c *Compiler) await(ctx context.Context, wait func(give <-chan time.Time) error) error {
	defer c.waiting.Add(-1)
	if c.waiting.Add(1) > c.queue {
		return &BusyError{Func: compiling}
	}
	timer := time.NewTimer(c.wait)
	defer timer.Stop()
	return wait(timer.C)
}
