package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"math"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/hostfuncs"
	"github.com/vitrine-run/vitrine/runtime"
	"github.com/vitrine-run/vitrine/sandbox"
)

type callCmd struct {
	Module string   `arg:"" help:"A .wasm file, or a plugin's folder."`
	Func   string   `arg:"" optional:"" help:"The export to call. Left out, a WASI command runs, whose arguments come after --, or the one function that there is."`
	Args   []string `arg:"" optional:"" help:"Numbers for a raw export."`

	Input   string        `placeholder:"FILE" help:"Bytes for a plugin's function, stdin for a command; - is stdin."`
	Fuel    *uint64       `placeholder:"N" help:"How much work a call may do, and as much again its start; a unit is about one simple instruction."`
	Timeout time.Duration `default:"30s" help:"How long it may take."`
	Memory  byteSize      `default:"256MiB" help:"How much memory it may have."`
	Engine  string        `default:"wazero" help:"wazero, interpreter, or extism for a plugin made for Extism; wasmtime if built with -tags wasmtime."`
	Dir     []string      `placeholder:"HOST:GUEST" sep:"none" help:"Let a command read a directory; may be repeated."`
	JSON    bool          `name:"json" help:"Print one JSON object."`
	worldFlags
	cacheFlag
}

func (callCmd) Help() string {
	return `Examples:
  vitrine call fib.wasm fib 20
  vitrine call examples/tablelens analyze --input orders.csv --json
  vitrine call plugin prices --input orders.json --grant kv --grant "GET https://api.example.com"
  vitrine call --engine extism count_vowels.wasm count_vowels --input text
  vitrine call cat.wasm --dir ./docs:/docs -- /docs/readme.txt

Exit codes: 0 ok, 1 usage or I/O, 2 trap or the plugin's own error, 3 a limit,
4 denied, 5 invalid module or manifest.`
}

// maxOutput is what a command line takes of one call: more than a page would.
const maxOutput = 64 << 20

// maxInput is how many bytes --input reads.
const maxInput = 1 << 30

func (c *callCmd) Run(e *env) error {
	c.Args = append(unmarked(c.Args), e.rest...)
	o := &outcome{engine: c.Engine}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	o.err = inWords(c.Module, c.call(ctx, e, o))
	status, code := judge(o.err)
	if c.JSON {
		if err := e.print(o.report()); err != nil {
			return err
		}
	} else if err := o.print(e.stdout); err != nil {
		return err
	}
	if o.err == nil {
		return nil
	}
	if status == "denied" {
		return &exitError{code: code, err: o.err, hint: o.deniedHint()}
	}
	return &exitError{code: code, err: o.err, hint: hintOf(o.err)}
}

func (c *callCmd) call(ctx context.Context, e *env, o *outcome) error {
	if c.Timeout <= 0 || c.Memory == 0 || c.Fuel != nil && *c.Fuel == 0 {
		return &exitError{code: exitUsage, err: errors.New("--fuel, --timeout and --memory must be more than nothing")}
	}
	if c.Engine == engineExtism {
		return c.callExtism(ctx, e, o)
	}
	grants, err := parseGrants(c.Grant)
	if err != nil {
		return err
	}
	compiler, err := c.compiler("", e.stderr)
	if err != nil {
		return err
	}
	rt, err := runtime.New(&runtime.Options{Engine: c.Engine, HostFuncs: hostfuncs.Functions(), Compiler: compiler})
	if err != nil {
		return err
	}
	defer rt.Close(context.WithoutCancel(ctx)) // nothing runs any more, nothing can fail
	src, err := openSource(c.Module)
	if err != nil {
		return err
	}
	if err := src.checkImports(); err != nil {
		return err
	}
	if err := c.onlyForFolders(src); err != nil {
		return err
	}
	if src.folder != "" {
		return c.callPlugin(ctx, e, rt, src, grants, o)
	}
	return c.callModule(ctx, e, rt, src, o)
}

// parseGrants checks the names: a typing error must not look like a denial. It answers the capabilities
// among them; the others are permissions.
func parseGrants(names []string) ([]abi.Capability, error) {
	var grants []abi.Capability
	for _, g := range names {
		grant := abi.Capability(g)
		if _, err := abi.ParsePermission(g); err == nil && !grant.Known() {
			continue
		}
		if !grant.Known() {
			return nil, &exitError{code: exitUsage, err: fmt.Errorf("--grant %s: there is no such capability", g),
				hint: fmt.Sprintf("there are %q", abi.Capabilities())}
		}
		grants = append(grants, grant)
	}
	return grants, nil
}

// checkOffered refuses grants that no host can give.
func checkOffered(grants []abi.Capability) error {
	for _, g := range grants {
		if !hostfuncs.Offered(g) {
			return &exitError{code: exitUsage, err: fmt.Errorf("--grant %s: no host of this version offers it", g)}
		}
	}
	return nil
}

func (c *callCmd) limits() *runtime.Limits {
	var fuel uint64 = math.MaxInt64 // without the flag the timeout is the limit
	if c.Fuel != nil {
		fuel = *c.Fuel
	}
	return &runtime.Limits{Fuel: fuel, WallTime: c.Timeout, Memory: uint64(c.Memory), Output: maxOutput,
		LogBytes: maxOutput, ModuleSize: maxModule, HostCalls: 10_000_000}
}

// callPlugin calls a compute function of a plugin in a sandbox, as a host would.
func (c *callCmd) callPlugin(ctx context.Context, e *env, rt *runtime.Runtime, src *source, grants []abi.Capability, o *outcome) (err error) {
	if len(c.Dir) > 0 || len(c.Args) > 0 {
		return &exitError{code: exitUsage, err: fmt.Errorf("a plugin takes neither directories nor arguments"),
			hint: "its input comes from --input FILE"}
	}
	if c.Func == "" {
		return &exitError{code: exitUsage, err: fmt.Errorf("which function of %s?", src.manifest.ID),
			hint: itHas(computeFunctions(src.info))}
	}
	if !slices.Contains(computeFunctions(src.info), c.Func) {
		return &exitError{code: exitUsage, err: fmt.Errorf("%s has no function %q to call", src.manifest.ID, c.Func),
			hint: itHas(computeFunctions(src.info))}
	}
	if err := checkOffered(grants); err != nil {
		return err
	}
	input, err := c.input(e)
	if err != nil {
		return err
	}
	w, err := c.open(src.manifest)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	// What the host says of a plugin, and what a plugin logs, is talk: it goes to stderr.
	logger := slog.New(slog.NewTextHandler(e.stderr, nil))
	plugin, err := sandbox.Load(ctx, rt, os.DirFS(src.folder), &sandbox.Policy{Limits: c.limits(), Logger: logger, Services: &w.services})
	if err != nil {
		return err
	}
	o.compile = plugin.Module().CompileTime()
	_, permissions, err := grantedRights(c.Grant, src.manifest)
	if err != nil {
		return err
	}
	opts := &sandbox.Options{Principal: commandLine, Grants: grants, Permissions: permissions, Props: w.props}
	if c.JSON {
		opts.Stdout, opts.Stderr = &o.stdout, &o.stderr
	}
	box, err := plugin.New(opts)
	if err != nil {
		return &exitError{code: exitUsage, err: err}
	}
	defer box.Close(context.WithoutCancel(ctx)) // it is idle
	began := time.Now()
	o.output, err = box.Call(ctx, c.Func, input)
	o.wall = time.Since(began)
	o.stats = box.Stats()
	o.denied = slices.Sorted(maps.Keys(box.Denied()))
	return err
}

// callModule calls a module that needs nothing of a host.
func (c *callCmd) callModule(ctx context.Context, e *env, rt *runtime.Runtime, src *source, o *outcome) error {
	opts, err := c.instanceOptions(e, src, o)
	if err != nil {
		return err
	}
	mod, err := rt.Compile(ctx, src.code, c.limits())
	if err != nil {
		return err
	}
	o.compile = mod.CompileTime()
	call, err := c.plan(e, src.info, opts, o)
	if err != nil {
		return err
	}
	began := time.Now()
	in, err := mod.Instantiate(ctx, opts)
	if err == nil {
		err = call(ctx, in)
		o.stats = in.Stats()
	}
	o.wall = time.Since(began)
	if err == nil && o.stats.StdoutCut {
		err = fmt.Errorf("%w: %d bytes", errStdoutCut, maxOutput)
	}
	return err
}

func (c *callCmd) instanceOptions(e *env, src *source, o *outcome) (*runtime.InstanceOptions, error) {
	opts := &runtime.InstanceOptions{
		State:  hostfuncs.NewEnv(nil),
		Stdout: c.tee(e.stdout, &o.stdout), Stderr: c.tee(e.stderr, &o.stderr),
		LiveClock: true, Spent: &o.stats,
	}
	for _, d := range c.Dir {
		host, guest, ok := strings.Cut(d, ":")
		if !ok || host == "" || guest == "" {
			return nil, &exitError{code: exitUsage, err: fmt.Errorf("--dir %s is not HOST:GUEST", d)}
		}
		opts.Dirs = append(opts.Dirs, runtime.Dir{Host: host, Guest: guest})
	}
	if c.Func == "" {
		opts.Args = append([]string{filepath.Base(src.path)}, c.Args...)
	}
	return opts, nil
}

// plan decides what kind of call it is to be: a command, a function of the guest ABI, or
// a raw export.
func (c *callCmd) plan(e *env, info *runtime.Info, opts *runtime.InstanceOptions, o *outcome) (func(context.Context, *runtime.Instance) error, error) {
	name := c.Func
	if name == "" && findFunc(info, "_start") != nil {
		return c.planCommand(e, opts)
	}
	if name == "" {
		if name = onlyFunc(info); name == "" && info.Start && len(funcNames(info)) == 0 {
			return func(context.Context, *runtime.Instance) error { return nil }, nil // its start section is all that there is
		}
		if name == "" {
			return nil, &exitError{code: exitUsage, err: fmt.Errorf("%s is not a WASI command: which function?", c.Module),
				hint: itHas(funcNames(info))}
		}
	}
	f := findFunc(info, name)
	if f == nil {
		return nil, &exitError{code: exitUsage, err: fmt.Errorf("%s exports no function %q", c.Module, name),
			hint: itHas(funcNames(info))}
	}
	if len(c.Args) == 0 && slices.Contains(computeFunctions(info), name) {
		input, err := c.input(e)
		return func(ctx context.Context, in *runtime.Instance) (err error) {
			o.output, err = in.Call(ctx, name, input)
			return err
		}, err
	}
	args, err := parseNumbers(c.Args, f.Params)
	if err != nil {
		return nil, &exitError{code: exitUsage, err: fmt.Errorf("%s %s: %w", name, runtime.Signature(f.Params, f.Results), err)}
	}
	return func(ctx context.Context, in *runtime.Instance) error {
		results, err := in.Invoke(ctx, name, args...)
		if err == nil {
			o.results = formatNumbers(results, f.Results)
		}
		return err
	}, nil
}

func (c *callCmd) planCommand(e *env, opts *runtime.InstanceOptions) (func(context.Context, *runtime.Instance) error, error) {
	opts.Stdin = e.stdin
	if c.Input != "" {
		b, err := c.input(e)
		if err != nil {
			return nil, err
		}
		opts.Stdin = strings.NewReader(string(b))
	}
	return func(ctx context.Context, in *runtime.Instance) error { return in.Run(ctx) }, nil
}

// onlyFunc is the export that is meant where none is named: the only one, if it takes nothing.
func onlyFunc(info *runtime.Info) string {
	names := funcNames(info)
	if len(names) != 1 || len(findFunc(info, names[0]).Params) > 0 {
		return ""
	}
	return names[0]
}

func (c *callCmd) input(e *env) ([]byte, error) {
	switch c.Input {
	case "":
		return nil, nil
	case "-":
		b, err := io.ReadAll(io.LimitReader(e.stdin, maxInput))
		if err != nil {
			return nil, fmt.Errorf("reading stdin: %w", err)
		}
		return b, nil
	}
	return readFile(c.Input, maxInput)
}

// tee keeps what is written for --json, and else passes it on at once.
func (c *callCmd) tee(live, kept io.Writer) io.Writer {
	if c.JSON {
		return kept
	}
	return live
}

// hintOf finds the hint of an error that has one.
func hintOf(err error) string {
	if e, ok := err.(*exitError); ok {
		return e.hint
	}
	return ""
}
