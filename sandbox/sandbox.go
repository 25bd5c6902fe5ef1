package sandbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/hostfuncs"
	"github.com/vitrine-run/vitrine/runtime"
)

// View is where a sandbox shows itself. Its methods are called one at a time, from the goroutine
// that does the sandbox's work; they must not wait for that sandbox. One that is a Noticer hears more.
type View interface {
	// Tree shows the newest tree of a call, once the call is over. It is valid until Tree returns.
	Tree(t *abi.Tree)
	// Paint shows pixels while the plugin paints them. They are valid until Paint returns.
	Paint(p *abi.Paint)
	// Done says that a piece of work, such as an event, is over and that Tree and Paint have been
	// called with all that it led to.
	Done()
	// Fault says that the sandbox is dead.
	Fault(f *Fault)
}

// An Effector is a View that can do something once that is no part of a tree; without it such requests of a
// plugin are answered with abi.CodeUnsupported.
type Effector interface {
	// Effect does e once the call is over and its tree is shown. e and what it holds are valid until Effect returns.
	Effect(e *abi.EffectRequest) abi.Code
}

// Options say for whom a sandbox runs and with what. The zero value grants nothing and shows nothing.
type Options struct {
	Principal string           // an opaque handle of whom it runs for: for the log, and its share of the processor
	Grants    []abi.Capability // what is allowed; only what the manifest declares too has an effect
	// Permissions are the scopes that are granted, for the capabilities that need them; only what the
	// manifest declares too has an effect. With those below and Grants they are the Rights.
	Permissions []abi.Permission
	Instances   map[string]string // what the install resolved each dependency to
	// User, Org and Host are what this person may, the organisation allows, and the host allows to this install; nil
	// does not restrict.
	User, Org, Host *Rules

	Budgets map[abi.Capability]Budget // of the install: how often
	Limits  Ceiling                   // of the install: how much; the Policy's are the most

	Props     []byte              // a CBOR map (cbor.Marshal makes one); nil is an empty one. Not copied
	Settings  []byte              // likewise: what an admin has set, without secrets. The manifest's defaults are filled in
	Callbacks map[string]Callback // functions of the host that the manifest declares, by name
	View      View                // nil: nobody looks
	State     []byte              // what an earlier version has saved, restored before it is mounted for the first time; see Handover

	Subject hostfuncs.Subject  // for whom the plugin acts; Plugin and Version are filled in
	Secrets *hostfuncs.Secrets // what its requests can carry; nil: none

	// Stdout and Stderr get what the plugin writes there, as it is. Nil: the log gets it, line by line.
	Stdout, Stderr io.Writer
}

// The errors of a Sandbox besides those of package runtime.
var (
	ErrClosed = errors.New("sandbox: closed")
	ErrBusy   = errors.New("sandbox: too much work is waiting")
	ErrProps  = errors.New("sandbox: props are not a CBOR map that the manifest allows")
	// ErrSettings says likewise of settings.
	ErrSettings = errors.New("sandbox: settings are not a CBOR map that the manifest allows")
	ErrName     = errors.New("sandbox: not the name of a compute function")
)

// Sandbox is one running plugin. It is safe for concurrent use: methods that do not return a result
// put work into a queue and do not wait for it. Whoever made it closes it.
type Sandbox struct {
	plugin    *Plugin
	principal string
	view      View
	logger    *slog.Logger
	gate      *gate
	rights    Rights // under plugin.mu
	env       *hostfuncs.Env
	ration    *runtime.Ration
	working   sync.Map          // the *hostfuncs.Env of each of its jobs
	options   hostfuncs.Options // what env was made of, with the props and settings of now. Under mu
	screen    *screen
	stdout    io.Writer
	stderr    io.Writer

	// life is done when the sandbox must stop at once; Close cancels it when it may not wait longer.
	life context.Context
	kill context.CancelFunc

	mu      sync.Mutex
	queue   []job
	running bool // a goroutine is doing the work
	closing bool
	hidden  bool
	again   bool          // the plugin asked for a turn
	wake    chan struct{} // ends the pause between two turns
	done    chan struct{} // closed when everything has been given back
	quiet   chan struct{} // closed when nothing is under way; nil if nobody waits for that
	news    news          // that the plugin is still to be told of
	stats   runtime.Stats
	timer   *time.Timer // runs while the sandbox has nothing to do; see rests
	idle    bool        // it has had nothing to do for long enough
	awake   bool        // there is an instance that could be parked
	kept    uint64      // bytes that are kept of a parked instance

	// These belong to the goroutine that does the work.
	in      *runtime.Instance
	parked  *runtime.Parked // what is left of in while nobody needs it
	mounted bool
	state   []byte // that an earlier version has saved, until it is restored
	noticed bool   // the View has a notice
	stale   bool   // the notice is about what was to be shown
	context abi.MountContext
	dead    error
	pause   pacer
}

// New makes a sandbox. The plugin starts when there is work for it. A nil opts is the zero Options.
// A grant that no host offers is an error that matches ErrGrant.
func (p *Plugin) New(opts *Options) (*Sandbox, error) {
	var o Options
	if opts != nil {
		o = *opts
	}
	if err := p.Check(&o); err != nil {
		return nil, err
	}
	s := &Sandbox{
		plugin: p, principal: o.Principal, view: o.View, logger: p.logger,
		wake: make(chan struct{}, 1), done: make(chan struct{}),
	}
	if o.Principal != "" {
		s.logger = s.logger.With("principal", o.Principal)
	}
	s.rights = o.rights()
	ruling, err := p.rule(&s.rights)
	if err != nil {
		return nil, fmt.Errorf("sandbox: plugin[%s]: %w", p.manifest.ID, err)
	}
	s.gate = newGate(ruling, p.policy.Audit, whose{p.manifest.ID, p.manifest.Version, o.Principal}, s.logger)
	s.ration = runtime.NewRation(&runtime.RationOptions{PerSecond: p.fuelRate(&ruling.limits), Waited: p.tally.throttled})
	settings, err := p.fillSettings(o.Settings)
	if err != nil {
		return nil, err
	}
	env := hostfuncs.Options{
		Gate: s.gate, Props: o.Props, Settings: settings, Pending: s.pending, Logger: s.logger, Limits: p.policy.HostFuncs,
		Services: p.policy.Services, Subject: o.Subject, Secrets: o.Secrets, Post: s.post, Ended: s.ended,
		Assets: p.Asset, Jobs: jobRunner{s}, Callbacks: s.caller(o.Callbacks),
	}
	env.Subject.Plugin, env.Subject.Version = p.manifest.ID, p.manifest.Version
	if s.view != nil {
		s.screen = newScreen(s.view, &p.policy)
		env.UI = s.screen
	}
	s.options = env
	s.env = hostfuncs.NewEnv(&env)
	if s.screen != nil {
		s.screen.report = s.env.Report
	}
	s.stdout, s.stderr = o.Stdout, o.Stderr
	if s.stdout == nil {
		s.stdout = s.env.Output("stdout")
	}
	if s.stderr == nil {
		s.stderr = s.env.Output("stderr")
	}
	s.state = o.State
	s.life, s.kill = context.WithCancel(context.Background())
	p.enter(s)
	return s, nil
}

// Check reports whether New would succeed.
func (p *Plugin) Check(opts *Options) error {
	rights := opts.rights()
	err := rights.check()
	if err == nil {
		_, wrong := p.fillSettings(opts.Settings)
		err = errors.Join(p.checkProps(opts.Props), wrong, p.checkCallbacks(opts.Callbacks))
	}
	if err != nil {
		return fmt.Errorf("sandbox: plugin[%s]: %w", p.manifest.ID, err)
	}
	return nil
}

// Mount shows the plugin. It is asked for once; after a fault, Restart shows it again.
func (s *Sandbox) Mount(c abi.MountContext) error {
	return s.put(job{do: func() {
		s.context = c
		s.mount()
	}})
}

// Event gives the plugin an event. take is called from the sandbox's goroutine when the event's turn
// has come, so that it can be judged by what the plugin shows then; it answers CBOR as
// abi.EventToGuest makes it, or false if the event is to be skipped. It is called also if the plugin
// is dead or not mounted, and not at all if Event returns an error or the sandbox closes before.
func (s *Sandbox) Event(take func() (in []byte, ok bool)) error {
	return s.put(job{do: func() {
		if in, ok := take(); ok && s.mounted {
			s.tell(abi.ExportEvent, in)
		}
	}, move: func(to *Sandbox) { _ = to.Event(take) }}) // one that is closing takes no events
}

// Visible says whether somebody can see the plugin. One that is hidden gets no turns. A new sandbox
// is visible.
func (s *Sandbox) Visible(visible bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hidden = !visible
	s.start()
	s.doze()
}

// Call calls a compute function with bytes and returns its answer. Errors are those of
// runtime.Instance.Call, a *runtime.BusyError among them, or ErrName for a name of the ABI. When ctx ends while the call waits for its
// turn nothing has happened; when it ends during the call, the sandbox is dead.
func (s *Sandbox) Call(ctx context.Context, fn string, in []byte) ([]byte, error) {
	if strings.HasPrefix(fn, abi.ReservedPrefix) || fn == abi.ExportInitialize || fn == "" {
		return nil, fmt.Errorf("%w: %s", ErrName, quoted(fn))
	}
	type answer struct {
		out []byte
		err error
	}
	got := make(chan answer, 1)
	var work func(s *Sandbox) job
	work = func(s *Sandbox) job {
		return job{
			do: func() {
				a := answer{nil, errPanic}
				defer func() { got <- a }()
				a.out, a.err = s.compute(ctx, fn, in)
			},
			drop: func() { got <- answer{nil, ErrClosed} },
			move: func(to *Sandbox) {
				if err := to.put(work(to)); err != nil {
					got <- answer{nil, err}
				}
			},
		}
	}
	if err := s.put(work(s)); err != nil {
		return nil, err
	}
	select {
	case a := <-got:
		return a.out, a.err
	case <-ctx.Done():
		// Either it still waits and will be skipped, or the runtime is stopping it.
		return nil, fmt.Errorf("sandbox: func[%s]: %w", quoted(fn), ctx.Err())
	}
}

// Restart makes the plugin anew, as the person at a dead one asks for, and mounts it if it was
// mounted before.
func (s *Sandbox) Restart() error {
	return s.put(job{do: func() {
		again := s.context
		shown := s.mounted || s.dead != nil
		s.release()
		s.dead = nil
		if shown {
			s.context = again
			s.mount()
		}
	}})
}

// Unmount tells the plugin that it is no longer shown and then gives everything back. It does not
// wait; work that waits is dropped.
func (s *Sandbox) Unmount() {
	s.mu.Lock()
	dropped := s.queue
	if !s.closing {
		s.closing, s.again = true, false
		s.doze()
		s.queue = nil
		s.start()
	} else {
		dropped = nil
	}
	s.mu.Unlock()
	for _, j := range dropped {
		if j.drop != nil {
			j.drop()
		}
	}
}

// Close is Unmount, and waits until it is done. When ctx ends first, the plugin is stopped where it
// is, and ctx's error is returned.
func (s *Sandbox) Close(ctx context.Context) error {
	s.Unmount()
	select {
	case <-s.done:
		return nil
	case <-ctx.Done():
		s.kill()
		return fmt.Errorf("sandbox: close: %w", ctx.Err())
	}
}

// Denied is how often each capability was refused.
func (s *Sandbox) Denied() map[abi.Capability]uint64 { return s.gate.counts() }

// Stats are what the running instance had used when its last call ended.
func (s *Sandbox) Stats() runtime.Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stats
}
