package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/bench"
	"github.com/vitrine-run/vitrine/bench/plugin"
	"github.com/vitrine-run/vitrine/runtime"
)

// benchPlugin is what `vitrine bench` is given to measure somebody's own plugin.
type benchPlugin struct {
	Module string   `arg:"" optional:"" help:"Your own: a .wasm file, or a plugin's folder."`
	Func   string   `arg:"" optional:"" help:"Its function that is measured."`
	Args   []string `arg:"" optional:"" help:"Numbers for a raw export."`

	Input string `placeholder:"FILE" help:"Bytes for a plugin's function; - is stdin."`
	worldFlags
	Fuel    *uint64       `placeholder:"N" help:"How much work a call of it may do."`
	Timeout time.Duration `default:"30s" help:"How long a call of it may take."`
	Memory  byteSize      `default:"256MiB" help:"How much memory it may have."`
	Top     int           `default:"20" placeholder:"N" help:"How many of its functions are listed by their fuel; with --json all are."`
}

// check refuses what makes no sense together. other says that nothing is measured.
func (b *benchPlugin) check(other bool) error {
	switch {
	case b.Module == "" && b.Input != "":
		return &exitError{code: exitUsage, err: errors.New("--input is for a plugin of your own"), hint: "vitrine bench plugin.wasm func --input FILE"}
	case b.Module == "" && (len(b.Grant) > 0 || b.Props != "" || b.Data != "" || len(b.Config) > 0):
		return &exitError{code: exitUsage, err: errors.New("--grant, --props, --data and --config are for a plugin of your own"), hint: "vitrine bench plugin func --grant kv"}
	case b.Module != "" && other:
		return &exitError{code: exitUsage, err: fmt.Errorf("%s cannot be measured with --list", plain(b.Module))}
	case b.Timeout <= 0 || b.Memory == 0 || b.Top < 0 || b.Fuel != nil && *b.Fuel == 0:
		return &exitError{code: exitUsage, err: errors.New("--fuel, --timeout and --memory must be more than nothing, and --top not below it")}
	}
	return nil
}

// call is the command that calls the plugin once: what it knows of modules, inputs and limits holds here.
func (b *benchPlugin) call() *callCmd {
	return &callCmd{Module: b.Module, Func: b.Func, Input: b.Input, Fuel: b.Fuel, Timeout: b.Timeout, Memory: b.Memory, worldFlags: b.worldFlags}
}

// processMemory is what a process that measures a plugin may have beyond four times what the plugin may.
const processMemory = 4 << 30

// watched has the plugin measured in a process that can be ended, whatever the plugin does there.
func (c *benchCmd) watched(ctx context.Context, e *env) error {
	w := plugin.Watch{Timeout: c.Timeout, Memory: processMemory + 4*uint64(c.Memory), Stdin: strings.NewReader(""), Stdout: e.stdout, Stderr: e.stderr}
	if c.Input == "-" {
		w.Stdin = e.stdin
	}
	code, err := w.Run(ctx, os.Args[1:]...)
	if err == nil && code == exitOK {
		return nil
	}
	e.answered = true // by that process
	return &exitError{code: max(code, exitUsage), err: err}
}

// measurePlugin measures a plugin, and prints what it finds.
func (c *benchCmd) measurePlugin(ctx context.Context, e *env, o *bench.Options) (results *bench.Results, err error) {
	var profile *plugin.Profile
	p, host, err := c.openPlugin(e)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, host.close()) }()
	fuel := p.FuelCase(func(p *plugin.Profile) { profile = p })
	cases, err := bench.Choose([]bench.Case{*p.Case(), *fuel}, o, c.Only)
	if err != nil {
		return nil, &exitError{code: exitUsage, err: err, hint: "a plugin of your own has these two"}
	}
	results = &bench.Results{Machine: bench.ThisMachine(os.Args)}
	kept := c.keeper(results)
	err = bench.RunAll(ctx, cases, o, kept, func(b *bench.Case, rows []bench.Row) error {
		results.Rows = append(results.Rows, rows...)
		if b.Name != fuel.Name || profile == nil {
			return c.show(e, rows)
		}
		if profile.Nameless() {
			fmt.Fprintf(e.stderr, "note: %s does not name its functions: vitrine build --names keeps them in Go; other compilers have a debug build\n", plain(c.Module))
		}
		if c.JSON {
			return c.show(e, rows)
		}
		return writeProfile(e.stdout, p.Func, profile, c.Top)
	})
	return results, errors.Join(measuredError(c.Module, err, host), c.oneProcess(e, results), kept.Close())
}

// measuredError is the error of a plugin in plain words, with the exit code that `vitrine call` has for it.
func measuredError(module string, err error, host *benchHost) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, bench.ErrQuickOverFull) {
		return keptOver(err)
	}
	err = inWords(module, err)
	status, code := judge(err)
	hint := hintOf(err)
	if status == "denied" {
		hint = host.refused()
	}
	return &exitError{code: code, err: err, hint: hint}
}

// openPlugin finds out how the function is to be called.
func (c *benchCmd) openPlugin(e *env) (*plugin.Plugin, *benchHost, error) {
	src, err := openSource(c.Module)
	if hintOf(err) == "" && errors.Is(err, fs.ErrNotExist) {
		return nil, nil, &exitError{code: exitUsage, err: err, hint: "a plugin of your own is a file or a folder; --only " + plain(c.Module) + " would choose a case"}
	}
	if err != nil {
		return nil, nil, err
	}
	f := findFunc(src.info, c.Func)
	if f == nil {
		return nil, nil, whichFunction(c.Module, src.info)
	}
	p := &plugin.Plugin{Wasm: src.code, Func: c.Func, Limits: c.call().limits()}
	if slices.ContainsFunc(src.info.Imports, func(im runtime.Import) bool { return im.Module == plugin.ExtismModule }) {
		p.Kind = plugin.Extism
	} else if err := src.checkImports(); err != nil {
		return nil, nil, err
	}
	if err := c.arguments(e, src, f, p); err != nil {
		return nil, nil, err
	}
	host, err := c.host(src, p)
	return p, host, err
}

// whichFunction asks for one of those that can be measured: of a plugin those that are its own.
func whichFunction(module string, info *runtime.Info) error {
	names := funcNames(info)
	if findFunc(info, abi.ExportAlloc) != nil {
		names = computeFunctions(info)
	}
	if len(names) == 0 && findFunc(info, abi.ExportMount) != nil {
		return &exitError{code: exitUsage, err: fmt.Errorf("%s has no function that takes bytes: it is shown in a page", plain(module)),
			hint: "vitrine bench --only event,mounts,slow measures what that costs"}
	}
	return &exitError{code: exitUsage, err: fmt.Errorf("which function of %s is to be measured?", plain(module)), hint: itHas(names)}
}

// arguments finds out what the function is called with.
func (c *benchCmd) arguments(e *env, src *source, f *runtime.Export, p *plugin.Plugin) (err error) {
	args := append(unmarked(c.Args), e.rest...)
	if len(args) == 0 && (p.Kind == plugin.Extism || slices.Contains(computeFunctions(src.info), c.Func)) {
		p.Input, err = c.call().input(e)
		return err
	}
	p.Kind = plugin.Raw
	if c.Input != "" {
		return &exitError{code: exitUsage, err: fmt.Errorf("%s takes numbers, not bytes: %s", plain(c.Func), runtime.Signature(f.Params, f.Results))}
	}
	if p.Args, err = parseNumbers(args, f.Params); err != nil {
		return &exitError{code: exitUsage, err: fmt.Errorf("%s %s: %w", plain(c.Func), runtime.Signature(f.Params, f.Results), err)}
	}
	return nil
}

// barWidth is how long the bar of all fuel would be.
const barWidth = 30

// writeProfile writes the functions that used most fuel, with bars.
func writeProfile(w io.Writer, name string, p *plugin.Profile, top int) error {
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintf(t, "\nfuel of %s: %d units\n\nself\t\t\ttotal\tcalls\tfunction\n", plain(name), p.Fuel)
	shown := min(top, len(p.Funcs))
	for i := range p.Funcs[:shown] {
		f := &p.Funcs[i]
		fmt.Fprintf(t, "%d\t%s\t%s\t%s\t%d\t%s\n", f.Self, share(f.Self, p.Fuel), bar(f.Self, p.Fuel), share(f.Total, p.Fuel), f.Calls, plain(f.Name))
	}
	var rest uint64
	for i := range p.Funcs[shown:] {
		rest += p.Funcs[shown+i].Self
	}
	if n := len(p.Funcs) - shown; n > 0 {
		fmt.Fprintf(t, "%d\t%s\t%s\t\t\t%d others\n", rest, share(rest, p.Fuel), bar(rest, p.Fuel), n)
	}
	return t.Flush()
}

func share(part, all uint64) string {
	return fmt.Sprintf("%.1f%%", 100*float64(part)/float64(max(all, 1)))
}

// bar is drawn in eighths of a character.
func bar(part, all uint64) string {
	eighths := int(math.Round(8 * barWidth * float64(part) / float64(max(all, 1))))
	s := strings.Repeat("█", eighths/8)
	if eighths%8 > 0 {
		s += string([]rune("▏▎▍▌▋▊▉")[eighths%8-1])
	}
	return s
}
