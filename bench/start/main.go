// Command start measures how long it takes from nothing to the first answer of a Go plugin of some 3 MB: the
// first time, when it is compiled, and the second, when its machine code lies on the disk.
//
//	go run ./bench/start
//	go run ./bench/start -json
//
// Each start has a process of its own. "answer" is what that process measures from its main function on: it
// reads the plugin, makes a runtime, takes or compiles the code, makes an instance and calls it.
// "process" is what its parent measures, from before it was started until its answer could be read. The
// systems take turns. Package bench says what a row is.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"

	"github.com/vitrine-run/vitrine/bench"
	"github.com/vitrine-run/vitrine/bench/reset/fresh"
	"github.com/vitrine-run/vitrine/runtime"
)

func main() {
	began := time.Now()
	if err := run(began); err != nil {
		fmt.Fprintln(os.Stderr, "start:", err)
		os.Exit(1)
	}
}

func run(began time.Time) error {
	rounds := flag.Int("n", 20, "starts of each system from the disk, at least 2")
	asJSON := flag.Bool("json", false, "one object a line")
	child := flag.String("child", "", "for the program itself: the system to start")
	flag.Parse()
	if *child != "" {
		return answer(began, *child, flag.Arg(0), flag.Arg(1))
	}
	print, done := bench.Printer(os.Stdout, *asJSON)
	defer done()
	dir, err := os.MkdirTemp("", "start")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	plugin := filepath.Join(dir, "plugin.wasm")
	code, err := fresh.GoGuest()
	if err != nil {
		return err
	}
	if err := os.WriteFile(plugin, code, 0o600); err != nil {
		return err
	}
	return measure(dir, plugin, max(*rounds, 2), print)
}

// A system starts in a process of its own.
var systems = map[string]func(ctx context.Context, code []byte, dir string) ([]byte, error){
	bench.Ours: ours, "wazero": plain,
}

// times are those of one system's starts, in ns.
type times struct{ answer, process []float64 }

func measure(dir, plugin string, rounds int, print func(bench.Row)) error {
	names := []string{bench.Ours, "wazero"}
	first, second := map[string]*times{}, map[string]*times{}
	for _, name := range names {
		first[name], second[name] = &times{}, &times{}
	}
	for round := range rounds {
		for _, name := range names {
			to := second[name]
			if round == 0 {
				to = first[name]
			}
			if err := to.start(name, plugin, filepath.Join(dir, name)); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	for _, name := range names {
		report(name, "first", first[name], first[bench.Ours], print)
	}
	for _, name := range names {
		report(name, "second", second[name], second[bench.Ours], print)
	}
	return nil
}

func report(name, variant string, t, ours *times, print func(bench.Row)) {
	for _, m := range []struct {
		metric      string
		of, against []float64
	}{{"answer", t.answer, ours.answer}, {"process", t.process, ours.process}} {
		median, spread := bench.Middle(m.of)
		print(bench.Row{Case: "start", System: name, Variant: variant, Metric: m.metric, Value: median / 1e6, Unit: "ms", N: len(m.of), Spread: spread})
		if name == bench.Ours {
			print(bench.Row{Case: "start", System: name, Variant: variant, Metric: m.metric + "_p90", Value: bench.Quantile(m.of, 0.9) / 1e6, Unit: "ms", N: len(m.of)})
			continue
		}
		best, _ := bench.Middle(m.against)
		print(bench.Row{Case: "start", System: name, Variant: variant, Metric: m.metric + "_ratio", Value: best / median, Unit: "x", N: len(m.of), Spread: spread})
	}
}

// start starts a system once.
func (t *times) start(system, plugin, cache string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	cmd := exec.Command(self, "-child", system, plugin, cache)
	cmd.Stderr = os.Stderr
	began := time.Now()
	out, err := cmd.Output()
	took := time.Since(began)
	if err != nil {
		return err
	}
	var ns int64
	if _, err := fmt.Sscanf(string(out), "%d", &ns); err != nil {
		return fmt.Errorf("it said %.100q", out)
	}
	t.answer, t.process = append(t.answer, float64(ns)), append(t.process, float64(took))
	return nil
}

// answer is what a process does: it prints how long it took to the plugin's first answer.
func answer(began time.Time, system, plugin, cache string) error {
	code, err := os.ReadFile(plugin)
	if err != nil {
		return err
	}
	f := systems[system]
	if f == nil {
		return fmt.Errorf("there is no system %q", system)
	}
	out, err := f(context.Background(), code, cache)
	took := time.Since(began)
	if err == nil && !bytes.Contains(bytes.ToLower(out), input) {
		err = fmt.Errorf("answered %.100q", out)
	}
	if err == nil {
		fmt.Println(took.Nanoseconds())
	}
	return err
}

// input is what the plugin is to say something about.
var input = []byte("world")

// ours starts with the default limits, and a cache that is authenticated.
func ours(ctx context.Context, code []byte, dir string) ([]byte, error) {
	compiler, err := runtime.NewCompiler(&runtime.CompilerOptions{CacheDir: dir})
	if err != nil {
		return nil, err
	}
	rt, err := runtime.New(&runtime.Options{Compiler: compiler})
	if err != nil {
		return nil, err
	}
	m, err := rt.Compile(ctx, code, nil)
	if err != nil {
		return nil, err
	}
	in, err := m.Instantiate(ctx, nil)
	if err != nil {
		return nil, err
	}
	return in.Call(ctx, "greet", input)
}

// plain is wazero as it comes, with its own cache: no limit, no deadline, no authentication.
func plain(ctx context.Context, code []byte, dir string) ([]byte, error) {
	cache, err := wazero.NewCompilationCacheWithDir(dir)
	if err != nil {
		return nil, err
	}
	rt := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfig().WithCompilationCache(cache))
	if _, err := wasi_snapshot_preview1.Instantiate(ctx, rt); err != nil {
		return nil, err
	}
	compiled, err := rt.CompileModule(ctx, code)
	if err != nil {
		return nil, err
	}
	mod, err := rt.InstantiateModule(ctx, compiled, wazero.NewModuleConfig().WithStartFunctions("_initialize"))
	if err != nil {
		return nil, err
	}
	at, err := mod.ExportedFunction("vitrine_alloc").Call(ctx, uint64(len(input)))
	if err != nil {
		return nil, err
	}
	if !mod.Memory().Write(uint32(at[0]), input) {
		return nil, errors.New("no room")
	}
	res, err := mod.ExportedFunction("greet").Call(ctx, at[0], uint64(len(input)))
	if err != nil {
		return nil, err
	}
	out, _ := mod.Memory().Read(uint32(res[0]>>32), uint32(res[0]))
	return out, nil
}
