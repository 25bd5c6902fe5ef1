package runtime

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/vitrine-run/vitrine/runtime/cache"
	"github.com/vitrine-run/vitrine/runtime/engine"
	"github.com/vitrine-run/vitrine/runtime/meter"
	"github.com/vitrine-run/vitrine/runtime/wasm"
)

// Compile checks a module and compiles it, or takes what was compiled of the same bytes with the same
// limits: of a Module that is not closed, of a call of Compile under way, or of the Compiler's directory.
//
// A module that is not valid, imports what is not there, starts over a limit, or takes longer than
// CompilerOptions.Time is an *InvalidError. A *BusyError says that too many others are being compiled.
// When ctx is done Compile returns its error at once. What was begun is finished, and kept for the
// next one who asks.
//
// The limits hold for its instances; nil, and every zero field, is the default. code may be reused afterwards.
func (rt *Runtime) Compile(ctx context.Context, code []byte, limits *Limits) (*Module, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("runtime: compile: %w", err)
	}
	if rt.modules.isClosed() {
		return nil, ErrClosed
	}
	limits = limits.over(DefaultLimits())
	if uint64(len(code)) > limits.ModuleSize {
		return nil, overLimit(LimitModuleSize, "%d bytes, the limit is %d", len(code), limits.ModuleSize)
	}
	began := time.Now()
	c, begun, err := rt.codes.join(rt, code, limits)
	if err != nil {
		return nil, err
	}
	if begun {
		c.lend(ctx, code)
	}
	if err := c.await(ctx, rt.compiler.time); err != nil {
		_ = c.Close(ctx) // the first error is the answer
		return nil, err
	}
	m := newModule(rt, c, limits)
	m.compileTime = time.Since(began)
	if err := rt.modules.add(m); err != nil {
		_ = c.Close(ctx) // ErrClosed is the answer
		return nil, err
	}
	return m, nil
}

// codes are what a Runtime has compiled and somebody uses, and the last that nobody waited for. One
// plugin's Runtime compiles the same bytes for many who ask at once.
type codes struct {
	making sync.WaitGroup // goroutines

	mu     sync.Mutex
	of     map[codeKey]*sharedCode
	orphan *sharedCode
	closed bool
}

type codeKey struct {
	id     cache.ID
	memory uint64 // the limit, which the code does not depend on but whether it is refused does
}

// sharedCode is what one compiling makes. It is an engine.Module once done is closed, for everybody
// who has joined; each of them closes it once.
type sharedCode struct {
	engine.Module
	*prepared
	err error

	all     *codes
	key     codeKey
	digest  [sha256.Size]byte // of the bytes
	size    int               // likewise
	wants   chan struct{}     // closed when the bytes are needed
	own     chan []byte       // a copy of them
	users   int               // under all.mu
	cancel  func()            // ends waiting for a turn
	started chan struct{}     // closed when it has its turn
	done    chan struct{}     // closed when the above is known
}

// join finds what is compiled of these bytes, or begins to compile them: then the caller lends them.
func (cs *codes) join(rt *Runtime, code []byte, limits *Limits) (c *sharedCode, begun bool, err error) {
	digest := sha256.Sum256(code)
	key := codeKey{rt.codeID(digest, limits), limits.Memory}
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if cs.closed {
		return nil, false, ErrClosed
	}
	c = cs.of[key]
	if c == nil {
		ctx, cancel := context.WithCancel(context.Background())
		c = &sharedCode{all: cs, key: key, digest: digest, size: len(code), cancel: cancel,
			wants: make(chan struct{}), own: make(chan []byte, 1), started: make(chan struct{}), done: make(chan struct{})}
		if cs.of == nil {
			cs.of = map[codeKey]*sharedCode{}
		}
		cs.of[key] = c
		cs.making.Go(func() { rt.make(ctx, c, limits) })
		begun = true
	}
	c.users++
	if cs.orphan == c {
		cs.orphan = nil
	}
	return c, begun, nil
}

// lend gives the bytes to who makes c, if it comes to need them. They are copied: the caller may change them
// afterwards, and the engine and the decoded module keep pointing into theirs.
func (c *sharedCode) lend(ctx context.Context, code []byte) {
	select {
	case <-c.done:
		return
	case <-c.wants:
	case <-ctx.Done(): // others may wait for it
	}
	c.own <- slices.Clone(code)
}

// codeID names what machine code depends on.
func (rt *Runtime) codeID(digest [sha256.Size]byte, limits *Limits) cache.ID {
	caps := binary.LittleEndian.AppendUint64(nil, limits.ModuleSize)
	caps = binary.LittleEndian.AppendUint32(caps, limits.Table)
	return cache.Key([]byte("vitrine"), []byte(rt.engine.Name()), []byte(rt.engine.Version()), []byte(meter.Version), caps, digest[:])
}

// await waits until it is known what became of the code.
func (c *sharedCode) await(ctx context.Context, most time.Duration) error {
	started := c.started
	var late <-chan time.Time
	for {
		select {
		case <-c.done:
			return c.err
		case <-started:
			timer := time.NewTimer(most)
			defer timer.Stop()
			started, late = nil, timer.C
		case <-late:
			e := overLimit(LimitCompileTime, "takes longer than %v to compile", most)
			e.Err = context.DeadlineExceeded
			return e
		case <-ctx.Done():
			return fmt.Errorf("runtime: compile: %w", ctx.Err())
		}
	}
}

// Close implements engine.Module for one of those who use it.
func (c *sharedCode) Close(ctx context.Context) error {
	if !c.all.part(c) {
		return nil
	}
	return c.free(ctx)
}

// free closes the code. Nobody uses it any more, and nobody can find it.
func (c *sharedCode) free(ctx context.Context) error {
	if c.Module == nil {
		return nil
	}
	return c.Module.Close(ctx)
}

// part takes leave of c, and tells whether it is to be freed. What is still waiting for its turn is given
// up; what is being compiled goes on.
func (cs *codes) part(c *sharedCode) (free bool) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if c.users--; c.users > 0 {
		return false
	}
	switch {
	case isDone(c.done):
		cs.drop(c)
		return true
	case !isDone(c.started):
		c.cancel()
		cs.drop(c)
	}
	return false
}

func isDone(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// drop makes c one that nobody finds. cs.mu is held.
func (cs *codes) drop(c *sharedCode) {
	if cs.of[c.key] == c {
		delete(cs.of, c.key)
	}
	if cs.orphan == c {
		cs.orphan = nil
	}
}

// settle makes known what became of c, and returns what is to be freed: an error is nothing to keep, and
// of what nobody waits for any more the newest is kept.
func (cs *codes) settle(c *sharedCode) (free *sharedCode) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	close(c.done)
	switch {
	case c.err != nil:
		cs.drop(c)
	case c.users > 0:
	case cs.closed || cs.of[c.key] != c:
		cs.drop(c)
		free = c
	default:
		if free = cs.orphan; free != nil {
			cs.drop(free)
		}
		cs.orphan = c
	}
	return free
}

// close waits for what is being compiled, and frees what nobody has waited for.
func (cs *codes) close(ctx context.Context) error {
	cs.mu.Lock()
	cs.closed = true
	orphan := cs.orphan
	if orphan != nil {
		cs.drop(orphan)
	}
	cs.mu.Unlock()
	var err error
	if orphan != nil {
		err = orphan.free(ctx)
	}
	made := make(chan struct{})
	go func() {
		cs.making.Wait()
		close(made)
	}()
	select {
	case <-made:
		return err
	case <-ctx.Done():
		return errors.Join(err, fmt.Errorf("runtime: close: %w", ctx.Err()))
	}
}

// make compiles, on a goroutine of its own: no engine can be told to stop. What bounds it are the caps
// of package validate.
func (rt *Runtime) make(ctx context.Context, c *sharedCode, limits *Limits) {
	defer func() {
		if r := recover(); r != nil {
			c.err = rt.compileError(&engine.Crash{Reason: fmt.Sprint(r), Detail: string(debug.Stack())})
		}
		c.cancel()
		if free := rt.codes.settle(c); free != nil {
			_ = free.free(context.Background()) // nobody is there to be told
		}
	}()
	leave, err := rt.compiler.enter(ctx, c.key.id)
	if err != nil {
		c.err = fmt.Errorf("runtime: compile: %w", err)
		return
	}
	defer leave()
	close(c.started)
	if c.err = rt.recall(c, limits); !errors.Is(c.err, errForgotten) {
		return
	}
	close(c.wants)
	code := <-c.own
	if c.prepared, c.err = rt.prepare(code, limits); c.err != nil {
		return
	}
	cfg := c.config()
	if rt.kept() {
		cfg.Keep = func(native ...[]byte) { rt.remember(c, code, native) }
	}
	if c.Module, err = rt.engine.Compile(context.Background(), c.code, cfg); err != nil {
		c.err = rt.compileError(err)
	}
}

func (p *prepared) config() *engine.Config {
	return &engine.Config{Host: p.host, WASI: p.wasi, HasMemory: p.info.Memory != nil, Refuel: refuelImport(), Touched: touch, Toil: toil, Trace: p.table.trace()}
}

// kept tells whether what is compiled is kept for the next start.
func (rt *Runtime) kept() bool {
	return !rt.profile && rt.compiler.store != nil && rt.engine.Version() != ""
}

// errForgotten says that a module must be compiled.
var errForgotten = errors.New("runtime: not kept")

// An entry of the cache is what the module declares, its hull after metering, and what the engine has kept.
const keptBefore = 2

// keptNative is what the engine has kept of an entry.
type keptNative struct{ *cache.Entry }

func (k keptNative) Parts() int                    { return k.Entry.Parts() - keptBefore }
func (k keptNative) Size(part int) int64           { return k.Entry.Size(part + keptBefore) }
func (k keptNative) Read(part int, b []byte) error { return k.Entry.Read(part+keptBefore, b) }

// recall takes what was compiled before. What depends on this host and not on the module alone, such as
// its imports and limits, is judged anew.
func (rt *Runtime) recall(c *sharedCode, limits *Limits) error {
	if !rt.kept() {
		return errForgotten
	}
	again := func(err error) error {
		if !errors.Is(err, fs.ErrNotExist) {
			rt.logger.Warn("runtime: compiles a module again", "error", printable(err.Error(), maxMessage))
		}
		return errForgotten
	}
	entry, err := rt.compiler.store.Open(c.key.id)
	if err != nil {
		return again(err)
	}
	defer entry.Close() // was only read from
	if entry.Parts() < keptBefore {
		return again(engine.ErrStale)
	}
	var before [keptBefore][]byte
	for i := range before {
		before[i] = make([]byte, entry.Size(i))
		if err := entry.Read(i, before[i]); err != nil {
			return again(err)
		}
	}
	m, err := wasm.Decode(before[0]) // authentic, so that it was valid once
	if err != nil {
		return again(err)
	}
	p, err := rt.judge(m, c.size, limits)
	if err != nil {
		return err
	}
	p.code = before[1]
	cfg := p.config()
	cfg.Native = keptNative{entry}
	compiled, err := rt.engine.Compile(context.Background(), p.code, cfg)
	if err != nil {
		return again(err)
	}
	c.prepared, c.Module = p, compiled
	return nil
}

// remember keeps what was compiled, and the module without what it was made of.
func (rt *Runtime) remember(c *sharedCode, code []byte, native [][]byte) {
	before, err := declared(code)
	if err == nil {
		var hull []byte
		if hull, err = hullOf(c.code); err == nil {
			err = rt.compiler.store.Put(c.key.id, append([][]byte{before, hull}, native...)...)
		}
	}
	if err != nil {
		rt.logger.Warn("runtime: cannot keep a compiled module", "error", err)
	}
}

func (rt *Runtime) compileError(err error) error {
	var crash *engine.Crash
	if errors.As(err, &crash) {
		rt.logger.Error("runtime: engine panicked while compiling",
			"reason", printable(crash.Reason, maxMessage), "detail", printable(crash.Detail, maxDetail))
		return &InvalidError{Offset: -1, Reason: "the engine cannot compile it"}
	}
	return invalid("%s", err)
}
