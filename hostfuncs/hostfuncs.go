// Package hostfuncs is what a plugin can call: one file a capability, and one gate that every call
// passes.
//
// The functions know how to do a thing; whether a plugin may is asked of the [Gate] of its [Env]
// anew at every call. Nothing here keeps state between plugins: an Env belongs to one instance and
// travels as its state. What stands behind the capabilities is in [Services].
//
//	rt, err := runtime.New(&runtime.Options{HostFuncs: hostfuncs.Functions()})
//	env := hostfuncs.NewEnv(&hostfuncs.Options{Gate: gate, Props: props})
//	in, err := module.Instantiate(ctx, &runtime.InstanceOptions{State: env})
//
//	(import "vitrine:props" "read" (func $read (result i32)))
//	call $read        ;; 12: the props have 12 bytes, take fetches them
//	call $read        ;; -1 (abi.CodeDenied): the gate says no
//
// Conventions of all functions: an address and a length name bytes of guest memory; those that do
// not lie in it answer [abi.CodeInvalid] and do nothing. A result below zero is an [abi.Code]. A
// function that answers bytes parks them here and returns their length; core.take fetches them.
// abi/ABI.md says the same from the guest's side.
package hostfuncs

import (
	"crypto/rand"
	"io"
	"log/slog"
	"time"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/runtime"
)

// Gate decides what a plugin may do. It is asked at every call, so that a grant that is taken back
// ends at once. It answers abi.CodeOK or the code that the guest gets.
type Gate interface {
	// Check is whether the plugin may use c at all. It is asked before anything of a call is looked at.
	Check(c abi.Capability) abi.Code
	// Permit is whether it may do this one thing. A function of a capability that needs a permission
	// (abi.Capability.NeedsPermission) asks when it has checked its arguments, and again before each
	// further step that goes somewhere else, such as a redirect. The need is not kept.
	Permit(need *abi.Need) abi.Code
	// Holds is whether what was permitted still is; of a capability that needs no permission, whether it may be used. It takes
	// none of a budget: what was let begin may end.
	Holds(need *abi.Need) abi.Code
}

// UI is where what a plugin shows goes. The bytes are a view of guest memory, valid until the
// method returns, and come as the guest wrote them: the UI checks them.
type UI interface {
	Render(ops []byte) abi.Code
	Paint(pixels []byte) abi.Code
}

// An Effector is a UI that can have the page do something once; without it effect answers CodeUnsupported.
type Effector interface {
	Effect(request []byte) abi.Code
}

// Options say what one instance can reach. The zero value reaches nothing but core.
type Options struct {
	Gate     Gate             // nil refuses every capability
	UI       UI               // nil: nobody looks, render and paint answer CodeUnavailable
	Props    []byte           // a CBOR map; nil is the empty map. Not copied
	Settings []byte           // likewise, and without secrets
	Pending  func() bool      // whether events wait; nil: never
	Logger   *slog.Logger     // nil discards
	Plugin   string           // id for the log
	Now      func() time.Time // nil: time.Now
	Random   io.Reader        // nil: crypto/rand
	Limits   Limits           // zero fields mean the defaults

	Services  *Services // what stands behind the capabilities; nil: nothing does
	Subject   Subject   // for whom the plugin acts
	Secrets   *Secrets  // what requests can carry; nil: none
	Post      Post      // takes messages to the plugin; nil: nothing can be asked without waiting
	Ended     func()    // is called when a ticket has ended, from any goroutine; nil: nobody is told
	Callbacks Callback  // calls functions of the host among the props; nil: there are none

	Assets   func(name string) ([]byte, error) // the files that the manifest lists, not to be changed; others are fs.ErrNotExist
	Jobs     Jobs                              // runs the plugin's functions beside it; nil: there are no jobs
	Progress func([]byte)                      // in a job: hears how far it is. The bytes are valid during the call
}

// Limits bound what a plugin can make the host do besides running it.
type Limits struct {
	LogRecord   int // bytes of one log record, default 4 KiB
	LogBurst    int // records at once, default 100
	LogRate     int // records a second after that, default 20
	OutputLines int // lines of standard output and error in one call that are logged, default 8
	RandomBytes int // bytes of randomness in one call of the guest, default 1 MiB
	Tickets     int // what is asked without waiting and has not been answered, default 16

	KV Quota // of an install, and of each person's own part of it; default 10 MiB in 10,000 keys
}

func (l Limits) orDefaults() Limits {
	for _, f := range []struct {
		field *int
		value int
	}{{&l.LogRecord, 4 << 10}, {&l.LogBurst, 100}, {&l.LogRate, 20}, {&l.OutputLines, 8}, {&l.RandomBytes, 1 << 20}, {&l.Tickets, 16}} {
		if *f.field <= 0 {
			*f.field = f.value
		}
	}
	l.KV.Bytes, l.KV.Keys = positive(l.KV.Bytes, 10<<20), positive(l.KV.Keys, 10_000)
	return l
}

// Env is the world of one instance: pass it as InstanceOptions.State. Like the instance it is for
// one goroutine at a time. It needs no closing.
type Env struct {
	gate    Gate
	ui      UI
	props   []byte
	pending func() bool
	now     func() time.Time
	random  io.Reader
	limits  Limits
	log     recordLog
	started time.Time
	frozen  time.Time     // what clocks that stand still show in this call; zero until it asks
	elapsed time.Duration // what the monotonic clock has shown

	callbacks Callback
	services  *Services
	subject   Subject
	key       string    // of subject
	target    *target   // of the newest request; nil if there was none
	user      [4][]byte // what user.read has answered, by what of it was permitted
	secrets   *Secrets
	settings  []byte
	tickets   tickets
	standing  standing
	assets    func(string) ([]byte, error)
	jobs      Jobs
	progress  func([]byte)

	spans    map[uint32]span
	lastSpan uint32
	reported bucket
	channels bucket

	parked     []byte           // what take fetches
	lent       *[]byte          // the room that it is in, if that is to be given back
	again      bool             // the guest asked for another turn in this call
	randomUsed int              // bytes drawn in this call
	said       said             // what was written in this call
	refused    abi.Capability   // what the newest call of a function was refused for
	asking     abi.Capability   // of the newest call of a function
	need       abi.Need         // what is asked for just now, where it is not kept
	hop        func() *abi.Need // what that which the plugin waits for needs where it has got to; nil if it is needed
	needed     abi.Need         // what that was permitted last; the zero value if it needed no more than its capability
	rechecks   uint64           // how often rights had changed when it began
}

// NewEnv returns the Env that opts describe; nil is the zero Options.
func NewEnv(opts *Options) *Env {
	var o Options
	if opts != nil {
		o = *opts
	}
	e := &Env{gate: o.Gate, ui: o.UI, pending: o.Pending, now: o.Now, random: o.Random, limits: o.Limits.orDefaults()}
	if e.pending == nil {
		e.pending = func() bool { return false }
	}
	if e.now == nil {
		e.now = time.Now
	}
	if e.random == nil {
		e.random = rand.Reader
	}
	e.said.most, e.said.length = e.limits.OutputLines, e.limits.LogRecord
	e.SetProps(o.Props)
	e.SetSettings(o.Settings)
	e.callbacks = o.Callbacks
	e.started = e.now()
	e.assets, e.jobs, e.progress = o.Assets, o.Jobs, o.Progress
	e.reported = newBucket(telemetryRate, telemetryBursts, e.started)
	e.channels = newBucket(subscribeRate, subscribeBurst, e.started)
	e.subject, e.secrets, e.services = o.Subject, o.Secrets, o.Services
	e.key = e.subject.Key()
	if e.services == nil {
		e.services = &Services{}
	}
	e.tickets = tickets{post: o.Post, ended: o.Ended, most: e.limits.Tickets, open: map[uint32]*ticket{}}
	if e.tickets.ended == nil {
		e.tickets.ended = func() {}
	}
	e.log = newRecordLog(o.Logger, o.Plugin, e.limits, e.now)
	return e
}

// SetProps replaces the props, a CBOR map that is not copied. It must not run beside a call.
func (e *Env) SetProps(props []byte) {
	if props == nil {
		props = []byte{emptyMap}
	}
	e.props = props
}

// SetSettings replaces the settings, a CBOR map without secrets that is not copied. It must not run beside a call.
func (e *Env) SetSettings(settings []byte) {
	if settings == nil {
		settings = []byte{emptyMap}
	}
	e.settings = settings
}

const emptyMap = 0xa0

// Begin is to be called before each call of the guest: what the last call left behind is dropped,
// and the budgets of a call are whole again. After the call, call End or LastWords.
func (e *Env) Begin() {
	e.End() // of what began and was not a call, such as making the instance
	e.drop()
	e.again, e.randomUsed, e.refused, e.frozen = false, 0, "", time.Time{}
}

// Refused is the capability that the newest call of a function since Begin was refused for by the
// gate, "" if the newest was let through. What ends a guest right after that ends it for lack of a right.
func (e *Env) Refused() abi.Capability { return e.refused }

// Again reports whether the guest asked for another turn since Begin.
func (e *Env) Again() bool { return e.again }

// allowed asks the gate. The empty capability is core's, which everyone has.
func (e *Env) allowed(c abi.Capability) abi.Code {
	switch {
	case c == "":
		return abi.CodeOK
	case e.gate == nil:
		return abi.CodeDenied
	}
	return e.gate.Check(c)
}

// permitted asks the gate whether the plugin may do what n needs.
func (e *Env) permitted(n *abi.Need) abi.Code {
	code := abi.CodeDenied
	if e.gate != nil {
		code = e.gate.Permit(n)
	}
	switch {
	case n.Optional:
	case code == abi.CodeDenied:
		e.refused = n.Capability
	case code == abi.CodeOK:
		e.needed = *n
	}
	return code
}

// park keeps the answer of a function for take and returns its length.
func (e *Env) park(b []byte) int64 {
	e.drop()
	e.parked = b
	return int64(len(b))
}

// drop forgets what is parked.
func (e *Env) drop() {
	e.parked = nil
	if e.lent != nil {
		rooms.Put(e.lent)
		e.lent = nil
	}
}

// function is a host function behind the gate. args holds its parameters; the result is a length, a
// value or a code.
type function func(e *Env, c *runtime.Caller, args []uint64) int64

// Functions returns every function of abi.Imports, each behind the gate. An instance whose state is
// not an *Env is refused everything.
func Functions() []runtime.HostFunc {
	table := map[string]function{
		"vitrine:core.take":       coreTake,
		"vitrine:core.again":      coreAgain,
		"vitrine:core.pending":    corePending,
		"vitrine:core.memory":     coreMemory,
		"vitrine:core.cancel":     coreCancel,
		"vitrine:props.read":      propsRead,
		"vitrine:props.settings":  settingsRead,
		"vitrine:props.call":      propsCall,
		"vitrine:props.start":     propsStart,
		"vitrine:ui.render":       uiRender,
		"vitrine:ui.paint":        uiPaint,
		"vitrine:ui.effect":       uiEffect,
		"vitrine:log.write":       logWrite,
		"vitrine:clock.now":       clockNow,
		"vitrine:clock.monotonic": clockMonotonic,
		"vitrine:random.fill":     randomFill,
		"vitrine:http.request":    httpRequest,
		"vitrine:http.start":      httpStart,
		"vitrine:api.request":     apiRequest,
		"vitrine:api.start":       apiStart,
		"vitrine:sse.subscribe":   sseSubscribe,
		"vitrine:data.request":    dataRequest,
		"vitrine:data.start":      dataStart,
		"vitrine:authz.evaluate":  authzEvaluate,
		"vitrine:kv.get":          kvGet,
		"vitrine:kv.put":          kvPut,
		"vitrine:kv.keys":         kvKeys,
		"vitrine:jobs.start":      jobsStart,
		"vitrine:jobs.progress":   jobsProgress,
		"vitrine:telemetry.count": telemetryCount,
		"vitrine:telemetry.begin": telemetryBegin,
		"vitrine:telemetry.end":   telemetryEnd,
		"vitrine:assets.read":     assetsRead,
		"vitrine:user.read":       userRead,
	}
	var funcs []runtime.HostFunc
	for _, imp := range abi.Imports() {
		if f := table[imp.Module+"."+imp.Name]; f != nil {
			funcs = append(funcs, guard(imp, f))
		}
	}
	return funcs
}

// guard puts f behind the gate.
func guard(imp abi.Import, f function) runtime.HostFunc {
	wide := imp.Results[0] == abi.I64
	call := func(c *runtime.Caller, stack []uint64) {
		result := int64(abi.CodeDenied)
		if e, ok := c.State().(*Env); ok {
			e.refused, e.asking, e.needed, e.rechecks = "", imp.Capability, abi.Need{}, e.tickets.rechecks.Load()
			if result = int64(e.allowed(imp.Capability)); result == int64(abi.CodeOK) {
				result = f(e, c, stack)
			} else if result == int64(abi.CodeDenied) {
				e.refused = imp.Capability
			}
		}
		if wide {
			stack[0] = uint64(result)
		} else {
			stack[0] = uint64(uint32(result))
		}
	}
	return runtime.HostFunc{
		Module: imp.Module, Name: imp.Name, Params: types(imp.Params), Results: types(imp.Results), Call: call,
	}
}

func types(in []abi.ValueType) []runtime.ValueType {
	out := make([]runtime.ValueType, len(in))
	for i, t := range in {
		out[i] = runtime.ValueType(t)
	}
	return out
}

// view is the bytes that a pair of arguments, address and length, names.
func view(c *runtime.Caller, args []uint64) ([]byte, bool) {
	return c.Read(uint32(args[0]), uint32(args[1]))
}

// Offered reports whether a host of this version can do what c names. One that is not offered can be
// declared, so that a plugin is ready for it, but not granted. Whether the host at hand has what stands
// behind it is another question (Services): where it has not, functions answer CodeUnsupported.
func Offered(c abi.Capability) bool { return c.Known() }
