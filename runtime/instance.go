package runtime

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/runtime/engine"
)

// InstanceOptions are what one instance is given. The zero value is an instance
// without files, arguments, environment, input or output.
type InstanceOptions struct {
	State     any     // what Caller.State answers
	Principal string  // on whose account it computes; see Scheduler
	Limits    *Limits // tighter or wider than the module's; nil, and zero fields, are the module's
	Ration    *Ration // what it shares with others in the long run; nil does not bound

	Args           []string    // of a WASI command, the program's name first
	Env            [][2]string // names and values
	Stdin          io.Reader   // read on another goroutine, so that a deadline holds
	Stdout, Stderr io.Writer   // written to during calls, on their goroutine
	Dirs           []Dir

	Now       func() time.Time // nil is time.Now
	LiveClock bool             // the guest's clocks run during a call; else they stand still

	// Wanted is called when there is no room in the pool for somebody else, and the instance, which Get has made, is in no
	// call: its owner may park or close it. It is called on any goroutine, and must neither block nor use the instance.
	Wanted func()

	Spent *Stats // is told what was used if instantiating fails, where no Instance can be asked
}

// A Dir is a directory of the host that a guest may read, at the path Guest. Links do
// not lead out of it.
type Dir struct{ Host, Guest string }

// Stats are what an instance has used so far.
type Stats struct {
	Calls      uint64
	HostCalls  uint64
	Fuel       uint64 // the same on every engine, for the same work; without that of the innermost loop or recursion that a trap ended
	PeakMemory uint64 // bytes of linear memory
	StdoutCut  bool   // it wrote more to stdout in a call than it may
	StderrCut  bool   // likewise to stderr
}

// An Instance is one guest with memory of its own. It is for one goroutine at a time,
// but for Close. Whoever instantiated it closes it, or leaves that to the Module. After
// a *Fault or an *ExitError it refuses every call with the same error, and what it held
// has been given back.
type Instance struct {
	mod    *Module
	limits *Limits
	state  any
	*guest // nil when it was given back
	roots  []*os.Root
	ctx    callContext
	caller Caller
	clock  clock
	stdin  *stdinReader // nil reads nothing
	stdout cappedWriter
	stderr cappedWriter
	tank   tank
	seat   seat
	ration *Ration // or nil

	profile *profile // nil without Options.Profile

	// Of the call under way.
	name      string
	stack     []uint64
	hostCalls uint64
	work      int   // bytes that host functions went through and that are not paid for
	unseen    int   // likewise, since somebody looked at the time
	failure   error // why host code left the guest

	stats  Stats
	wanted func()

	dead error // why it never serves again; belongs to the call under way

	// phase tells whether there is a call, whether Close was called, and, in the other bits, when the last call
	// began, in ns. A call that comes and goes costs two compare-and-swaps; what Close does, and what is done for it, is done under mu.
	phase atomic.Uint64
	mu    sync.Mutex
	idle  chan struct{} // closed when the call under way is over; made by Close
}

// The bits of Instance.phase.
const (
	inCall = 1 << iota
	isClosed
	phaseBits = inCall | isClosed
)

// function is an export with its type.
type function struct {
	engine.Function
	*Export
}

// Instantiate makes an instance and runs its start section, its _initialize and its
// vitrine_prepare, within the limits of a call. If they fail, the error is what a call would
// have returned. Nobody else ever has the guest that it is; see Module.Get for many.
func (m *Module) Instantiate(ctx context.Context, opts *InstanceOptions) (*Instance, error) {
	if opts == nil {
		opts = &InstanceOptions{}
	}
	in, err := m.newInstance(opts)
	if err != nil {
		return nil, err
	}
	if err := in.start(ctx, m.newLoner(in), opts); err != nil {
		in.fail(ctx, opts)
		return nil, err
	}
	return in, nil
}

// fail is the end of an instance that never was one.
func (in *Instance) fail(ctx context.Context, opts *InstanceOptions) {
	if opts.Spent != nil {
		*opts.Spent = in.Stats()
	}
	_ = in.Close(ctx) // it is not running; the first error is the answer
}

// newInstance returns an instance with a guest that has not been made yet.
func (m *Module) newInstance(opts *InstanceOptions) (*Instance, error) {
	in := &Instance{mod: m, state: opts.State, limits: m.rt.within(opts.Limits.over(m.limits)), profile: m.table.newProfile()}
	if mem := m.info.Memory; mem != nil && mem.Min > in.limits.Memory {
		return nil, overLimit(LimitMemory, "needs %d bytes of memory to start, the limit is %d", mem.Min, in.limits.Memory)
	}
	in.ctx.in, in.caller.in, in.wanted, in.ration = in, in, opts.Wanted, opts.Ration
	in.seat = m.rt.sched.newSeat(opts.Principal)
	in.seat.began = monotonic()
	in.clock = newClock(opts.Now, opts.LiveClock)
	if opts.Stdin != nil {
		in.stdin = &stdinReader{in: in, r: opts.Stdin}
	}
	in.stdout.in, in.stdout.w = in, opts.Stdout
	in.stderr.in, in.stderr.w = in, opts.Stderr
	if err := m.instances.add(in); err != nil {
		in.release()
		return nil, err
	}
	return in, nil
}

// hire makes a guest the instance's own.
func (in *Instance) hire(g *guest) error {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.phase.Load()&isClosed != 0 {
		g.leave(ErrClosed)
		return ErrClosed
	}
	in.guest, g.in = g, in
	in.tank.connect(g)
	return nil
}

// dismiss is the end of a guest whose place in the pool another one takes. It is ErrClosed if the
// instance was closed meanwhile: the guest, and its place, have gone with it.
func (in *Instance) dismiss(g *guest) error {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.guest != g {
		return ErrClosed
	}
	in.guest = nil
	g.free()
	return nil
}

// system is what a guest that is made for the instance alone sees of the world.
func (in *Instance) system(opts *InstanceOptions) (*engine.System, error) {
	sys := in.world()
	sys.Args, sys.Env = opts.Args, opts.Env
	for _, d := range opts.Dirs {
		root, err := os.OpenRoot(d.Host)
		if err != nil {
			return nil, fmt.Errorf("runtime: directory for the guest: %w", err)
		}
		in.roots = append(in.roots, root)
		sys.Dirs = append(sys.Dirs, engine.Dir{Root: root, Guest: d.Guest})
	}
	return sys, nil
}

// start brings the instance to life with a new guest.
func (in *Instance) start(ctx context.Context, g *guest, opts *InstanceOptions) error {
	if err := in.hire(g); err != nil {
		return err
	}
	if err := in.begin(ctx, "(start)", in.limits.LogBytes); err != nil {
		return err
	}
	defer in.end()
	sys, err := in.system(opts)
	if err != nil {
		return err
	}
	if err := in.instantiate(sys); err != nil {
		return err
	}
	if err := in.startup(abi.ExportInitialize, nil, nil); err != nil {
		return err
	}
	if err := in.startLanguage(); err != nil {
		return err
	}
	return in.startup(abi.ExportPrepare, abiParams, abiResults)
}

// instantiate makes what the engine runs.
func (in *Instance) instantiate(sys *engine.System) error {
	eng, err := in.mod.code.Instantiate(&in.ctx, sys)
	if err != nil {
		return in.kill(err)
	}
	in.connect(eng)
	in.tank.connect(in.guest)
	return nil
}

// startup calls a function with no input, if the module has one of that name.
func (in *Instance) startup(name string, params, results []ValueType) error {
	e := in.mod.exports[name]
	if e == nil {
		return nil
	}
	in.name = name
	f, err := in.exported(name, params, results)
	if err != nil {
		return in.kill(&Fault{Kind: FaultInvalid, Message: name + " has type " + Signature(e.Params, e.Results)})
	}
	stack := in.stackOf(2)
	clear(stack)
	if err := in.run(f, stack); err != nil || len(results) == 0 {
		return err
	}
	_, err = in.output(abi.Result(stack[0]))
	return err
}

// startLanguage calls what Options.Start has named.
func (in *Instance) startLanguage() error {
	e := in.mod.exports[in.mod.first]
	if e == nil {
		return nil
	}
	in.name = e.Name
	if len(e.Params) != len(in.mod.firstArgs) {
		return in.kill(&Fault{Kind: FaultInvalid, Message: e.Name + " has type " + Signature(e.Params, e.Results)})
	}
	stack := in.stackOf(max(len(e.Params), len(e.Results)))
	clear(stack)
	copy(stack, in.mod.firstArgs)
	return in.run(in.function(e), stack)
}

// function looks an export up, once an instance.
func (in *Instance) function(e *Export) *function {
	f := in.funcs[e.Name]
	if f == nil {
		f = &function{in.eng.Function(e.Name), e}
		in.funcs[e.Name] = f
	}
	return f
}

// Stats are for the goroutine that makes the calls.
func (in *Instance) Stats() Stats {
	s := in.stats
	s.StdoutCut, s.StderrCut = in.stdout.cut, in.stderr.cut
	return s
}

// begin starts a call, when it is its turn, or says why there can be none.
func (in *Instance) begin(ctx context.Context, name string, stdout uint64) error {
	now := monotonic()
	if err := in.claim(ctx, name, stdout, now); err != nil {
		return err
	}
	in.seat.began = now
	err := in.fetch(now)
	if err == nil {
		err = in.sit()
	}
	if err != nil {
		in.end()
		if busy := (*BusyError)(nil); err == ErrClosed || errors.As(err, &busy) {
			return err
		}
		return fmt.Errorf("runtime: func[%s]: waiting for a turn: %w", printable(name, maxName), err)
	}
	in.stats.Calls++
	in.profile.begin()
	in.clock.begin(in.seat.began)
	return nil
}

// claim makes the instance that of one call.
func (in *Instance) claim(ctx context.Context, name string, stdout uint64, now time.Duration) error {
	if err := in.acquire(); err != nil {
		return err
	}
	if err := in.refuses(ctx, name); err != nil {
		in.quit()
		return err
	}
	in.name, in.hostCalls, in.work, in.failure = name, 0, 0, nil
	in.stdout.left, in.stderr.left = stdout, in.limits.LogBytes
	in.mem.Forgive()
	in.crowded = false
	in.ctx.begin(ctx, later(now, in.limits.WallTime))
	in.tank.begin(in.limits, in.mem)
	return nil
}

// acquire makes the caller the only one to use the instance, until quit.
func (in *Instance) acquire() error {
	phase := in.phase.Load()
	if phase&phaseBits == 0 && in.phase.CompareAndSwap(phase, phase|inCall) {
		return nil
	}
	if in.phase.Load()&isClosed != 0 {
		return ErrClosed
	}
	return ErrBusy
}

// lastCall is the phase of an instance that nobody uses.
func (in *Instance) lastCall() uint64 {
	return uint64(in.seat.began) &^ phaseBits
}

// restsSince tells when the last call began; ok is false if it is under way, or the instance is closed.
func (in *Instance) restsSince() (ns uint64, ok bool) {
	phase := in.phase.Load()
	return phase, phase&phaseBits == 0
}

// refuses says why a call that has the instance is not to be.
func (in *Instance) refuses(ctx context.Context, name string) error {
	if in.dead != nil {
		return in.dead
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("runtime: func[%s]: %w", printable(name, maxName), err)
	}
	return nil
}

// end finishes a call.
func (in *Instance) end() {
	in.ctx.end()
	spent := in.tank.spent()
	in.stats.Fuel += spent
	if in.ration != nil {
		in.ration.use(max(0, int64(spent)-in.tank.paid)) // a trap may have lost what was paid for
	}
	in.profile.end(spent)
	in.stats.PeakMemory = in.mem.Peak()
	if in.tank.deep {
		in.shed(in.funcs[in.name])
	}
	if in.seat.held {
		in.seat.leave(in.unpaid())
	}
	in.quit()
}

// quit makes the instance free for the next call, and gives back what a dead or closed one held.
func (in *Instance) quit() {
	if phase := in.phase.Load(); in.dead == nil && phase&isClosed == 0 && in.phase.CompareAndSwap(phase, in.lastCall()) {
		return
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	in.release()
	in.phase.And(^uint64(inCall))
	if in.idle != nil {
		close(in.idle)
		in.idle = nil
	}
}

// Close gives everything back. A guest that is running is stopped first, and Close waits
// until it has: no memory goes while something runs in it. If ctx ends before that, its
// error is returned, and the rest happens when the guest stops. Close is safe from any
// goroutine but that of a host function, which would wait for itself.
func (in *Instance) Close(ctx context.Context) error {
	in.mu.Lock()
	if in.phase.Or(isClosed)&inCall == 0 {
		in.release()
		in.mu.Unlock()
		return nil
	}
	if in.idle == nil {
		in.idle = make(chan struct{})
	}
	idle := in.idle
	in.mu.Unlock()
	in.ctx.stop()
	in.seat.wake()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("runtime: close: %w", ctx.Err())
	}
}

// release frees what the instance holds. Nothing runs in it, and in.mu is held or
// nobody else knows the instance.
func (in *Instance) release() {
	if g := in.guest; g != nil {
		in.guest = nil
		g.leave(in.dead)
	}
	in.tank = tank{}
	if in.seat.account != nil {
		in.seat.s.part(in.seat.account)
		in.seat.account = nil
	}
	for _, r := range in.roots {
		_ = r.Close() // was only read from
	}
	in.roots = nil
	in.mod.instances.remove(in)
}
