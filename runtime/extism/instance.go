package extism

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"time"

	"github.com/vitrine-run/vitrine/runtime"
	"github.com/vitrine-run/vitrine/runtime/wasm"
)

// InstanceOptions are what one instance is given. The zero value is an instance without
// configuration, files, variables of before, or output.
type InstanceOptions struct {
	Principal string            // on whose account it computes; see runtime.Scheduler
	Ration    *runtime.Ration   // what it shares with others in the long run; nil does not bound
	Config    map[string]string // what the plugin may read by config_get
	Vars      map[string][]byte // what var_get finds at first
	MaxVars   int               // bytes that variables may have; 0 is 1 MiB, below 0 there are none

	Args           []string
	Env            [][2]string
	Stdout, Stderr io.Writer
	Dirs           []runtime.Dir
	LiveClock      bool
	Now            func() time.Time
}

// An Instance is one plugin with memory and variables of its own. It is for one goroutine at a time,
// but for Close. Whoever instantiated it closes it, or leaves that to the Plugin. After a
// *runtime.Fault or a *runtime.ExitError it refuses every call with the same error.
type Instance struct {
	plugin *Plugin
	main   *runtime.Instance
	linked map[string]*runtime.Instance
	stdout allowance
	stderr allowance

	config   map[string]string
	vars     map[string][]byte
	varsUsed int // bytes, with what it costs to know them
	maxVars  int // 0: none

	// Of the call under way.
	blocks  blocks
	input   span
	output  span
	failure uint64 // the block that says why the plugin failed, or 0
	logged  uint64
	spent   uint64 // the fuel of linked modules when it began
	answer  answer // of the newest HTTP request
}

// span is a place in the blocks.
type span struct{ at, n uint64 }

const defaultVars = 1 << 20

// Instantiate makes an instance: of the linked modules first, each with its _initialize, or what
// else the language of a plugin wants to be called before anything else.
func (p *Plugin) Instantiate(ctx context.Context, opts *InstanceOptions) (*Instance, error) {
	return p.instance(ctx, opts, (*runtime.Module).Instantiate)
}

// Get is Instantiate for who wants many, one a call: the plugin and its linked modules start once, and what it returns are
// copies, out of Options.Pool where somebody has given one back by Close. All that an instance knows is new but for what
// started: memories, globals, blocks, variables, what it was given in the options. See runtime's Module.Get for what cannot be copied,
// for the errors, and for how long it waits; a plugin with linked modules takes a place in the Pool for each.
func (p *Plugin) Get(ctx context.Context, opts *InstanceOptions) (in *Instance, err error) {
	if len(p.order) == 0 {
		return p.instance(ctx, opts, (*runtime.Module).Get)
	}
	together := p.rt.Together(ctx, func() { in, err = p.instance(ctx, opts, (*runtime.Module).Get) })
	if together != nil {
		return nil, fmt.Errorf("extism: %w", together)
	}
	return in, err
}

// making is how one module's instance is made.
type making func(*runtime.Module, context.Context, *runtime.InstanceOptions) (*runtime.Instance, error)

func (p *Plugin) instance(ctx context.Context, opts *InstanceOptions, make making) (*Instance, error) {
	var o InstanceOptions
	if opts != nil {
		o = *opts
	}
	in := &Instance{plugin: p, config: maps.Clone(o.Config), maxVars: max(o.MaxVars, 0), blocks: blocks{limit: p.limits.Memory}}
	if o.MaxVars == 0 {
		in.maxVars = defaultVars
	}
	for name, value := range o.Vars {
		if !in.keep(name, append([]byte{}, value...)) {
			return nil, fmt.Errorf("extism: the variables have more than %d bytes", in.maxVars)
		}
	}
	if err := in.start(ctx, in.system(&o), make); err != nil {
		_ = in.Close(ctx) // it is not running; the first error is the answer
		return nil, err
	}
	return in, nil
}

// system is what the modules of the plugin see of the world.
func (in *Instance) system(o *InstanceOptions) *runtime.InstanceOptions {
	in.stdout, in.stderr = allowance{w: o.Stdout}, allowance{w: o.Stderr}
	in.allow()
	return &runtime.InstanceOptions{State: in, Principal: o.Principal, Ration: o.Ration, Args: o.Args, Env: o.Env, Dirs: o.Dirs,
		Stdout: &in.stdout, Stderr: &in.stderr, LiveClock: o.LiveClock, Now: o.Now}
}

func (in *Instance) start(ctx context.Context, opts *runtime.InstanceOptions, make making) (err error) {
	for _, name := range in.plugin.order {
		linked, err := make(in.plugin.linked[name], ctx, opts)
		if err != nil {
			return fmt.Errorf("extism: module[%.64q]: %w", name, err)
		}
		if in.linked == nil {
			in.linked = map[string]*runtime.Instance{}
		}
		in.linked[name] = linked
	}
	in.main, err = make(in.plugin.main, ctx, opts)
	return err
}

// language is what starts the language that a module was written in. _initialize is called in any case.
func language(info *runtime.Info) (name string, args []uint64) {
	reactor := function(info, "_initialize") != nil
	switch init, ctors := function(info, "hs_init"), function(info, "__wasm_call_ctors"); {
	case init != nil && len(init.Params) == 2 && numbers(init.Params) && numbers(init.Results): // Haskell: argc and argv are null
		return "hs_init", []uint64{0, 0}
	case !reactor && ctors != nil && len(ctors.Params)+len(ctors.Results) == 0:
		return "__wasm_call_ctors", nil
	}
	return "", nil
}

func function(info *runtime.Info, name string) *runtime.Export {
	for i, e := range info.Exports {
		if e.Kind == wasm.KindFunc && e.Name == name {
			return &info.Exports[i]
		}
	}
	return nil
}

// An Error is a plugin's own answer that it could not do what was asked: a code other than 0, or a
// message, or both. The instance goes on.
type Error struct {
	Func    string
	Code    uint32
	Message string // at most 4 KB, in the plugin's words; may hold anything
}

func (e *Error) Error() string {
	if e.Message == "" {
		return fmt.Sprintf("extism: func[%.128q]: plugin: code %d", e.Func, e.Code)
	}
	return fmt.Sprintf("extism: func[%.128q]: plugin: %+q (code %d)", e.Func, e.Message, e.Code)
}

const maxMessage = 4096

// Call calls an export without parameters. The plugin finds input among its blocks, and the answer
// is the caller's own copy of what it named as its output. The error is an *Error if the plugin said
// no, a *runtime.Fault or *runtime.ExitError if the instance is done for, and
// runtime.ErrNoFunction if there is no such export of that type. An exit with code 0 is success;
// the instance does not serve again.
func (in *Instance) Call(ctx context.Context, name string, input []byte) ([]byte, error) {
	in.clear()
	at, ok := in.blocks.put(input)
	if !ok {
		return nil, &runtime.Fault{Kind: runtime.FaultMemory, Limit: runtime.LimitMemory, Func: name,
			Message: fmt.Sprintf("%d bytes of input do not fit into %d of blocks", len(input), in.blocks.limit)}
	}
	in.input = span{at, uint64(len(input))}
	results, err := in.main.Invoke(ctx, name)
	var exit *runtime.ExitError
	if errors.As(err, &exit) && exit.Code == 0 {
		err = nil
	}
	if err != nil {
		return nil, err
	}
	if err := in.refusal(name, results); err != nil {
		return nil, err
	}
	return in.take(name)
}

// clear forgets what the call before left.
func (in *Instance) clear() {
	in.blocks.reset()
	in.input, in.output, in.failure, in.logged, in.answer = span{}, span{}, 0, 0, answer{}
	in.spent = in.linkedFuel()
	in.allow()
}

// allow begins what the plugin may write anew.
func (in *Instance) allow() {
	in.stdout.left, in.stderr.left = in.plugin.limits.LogBytes, in.plugin.limits.LogBytes
}

// allowance passes on what all modules of a plugin write during one call: each call of a linked one is, to the runtime, a
// call with an allowance of its own, and there may be many.
type allowance struct {
	w    io.Writer // nil discards
	left uint64
	cut  bool
}

// Write never fails, as the runtime's own does not.
func (a *allowance) Write(p []byte) (int, error) {
	n := min(uint64(len(p)), a.left)
	a.cut = a.cut || a.w != nil && n < uint64(len(p))
	if a.left -= n; a.w != nil && n > 0 {
		_, _ = a.w.Write(p[:n])
	}
	return len(p), nil
}

// refusal is the plugin's own error, if it had one.
func (in *Instance) refusal(name string, results []uint64) error {
	var code uint32
	if len(results) > 0 {
		code = uint32(results[0])
	}
	message, _ := in.blocks.block(in.failure)
	if code == 0 && len(message) == 0 {
		return nil
	}
	return &Error{Func: name, Code: code, Message: string(message[:min(len(message), maxMessage)])}
}

// take copies the output. Where it lies is the plugin's claim.
func (in *Instance) take(name string) ([]byte, error) {
	limit := in.plugin.limits.Output
	if in.output.n > limit {
		return nil, &runtime.Fault{Kind: runtime.FaultOutput, Limit: runtime.LimitOutput, Func: name,
			Message: fmt.Sprintf("answer of %d bytes, the limit is %d", in.output.n, limit)}
	}
	view, ok := in.blocks.view(in.output.at, in.output.n)
	if !ok {
		return nil, &runtime.Fault{Kind: runtime.FaultOutput, Func: name,
			Message: fmt.Sprintf("answer of %d bytes at 0x%x is not in the blocks", in.output.n, in.output.at)}
	}
	return append([]byte(nil), view...), nil
}

// checkFuel ends a call whose linked modules used more than the plugin's own budget. Each of their
// calls is metered by itself, and there may be many.
func (in *Instance) checkFuel(c *runtime.Caller) {
	if limit := in.plugin.limits.Fuel; in.linkedFuel()-in.spent > limit {
		c.Fail(&runtime.Fault{Kind: runtime.FaultFuel, Limit: runtime.LimitFuel,
			Message: fmt.Sprintf("the modules it is linked with used more than %d units", limit)})
	}
}

// Vars is a copy of the plugin's variables.
func (in *Instance) Vars() map[string][]byte {
	vars := maps.Clone(in.vars)
	for name, value := range vars {
		vars[name] = append([]byte(nil), value...)
	}
	return vars
}

// Stats are those of the plugin's module, with the fuel of those that it is linked with.
func (in *Instance) Stats() runtime.Stats {
	var s runtime.Stats
	if in.main != nil {
		s = in.main.Stats()
	}
	s.Fuel += in.linkedFuel()
	s.StdoutCut, s.StderrCut = s.StdoutCut || in.stdout.cut, s.StderrCut || in.stderr.cut
	return s
}

// Profile says which functions of the plugin's module have used its fuel; see runtime.Instance.Profile.
func (in *Instance) Profile() []runtime.FuncFuel { return in.main.Profile() }

func (in *Instance) linkedFuel() (fuel uint64) {
	for _, l := range in.linked {
		fuel += l.Stats().Fuel
	}
	return fuel
}

// Close gives everything back; a call that is under way is stopped first. If ctx ends before that,
// its error is returned, and the rest happens when the guest stops.
func (in *Instance) Close(ctx context.Context) error {
	var errs []error
	if in.main != nil {
		errs = append(errs, in.main.Close(ctx))
	}
	for _, l := range in.linked {
		errs = append(errs, l.Close(ctx))
	}
	return errors.Join(errs...)
}
