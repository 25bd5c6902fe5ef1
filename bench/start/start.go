// Package start measures how long it takes from nothing to the first answer of a Go plugin of some 3 MB (case start):
// cold, when it is compiled; from the cache, when its machine code lies on the disk; as a new instance of a module that is
// there, and out of the pool.
//
// Each start of the first two kinds has a process of its own. "answer" is what that process measures from its main
// function on: it reads the plugin, makes a runtime, takes or compiles the code, makes an instance and calls it. "process" is
// what its parent measures, from before it was started until its answer could be read, which has in it what the program
// needs to get ready at all.
package start

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"

	"github.com/vitrine-run/vitrine/bench"
	"github.com/vitrine-run/vitrine/bench/reset/fresh"
	"github.com/vitrine-run/vitrine/runtime"
)

// systems can start in a process of their own, ours first.
var systems = []struct {
	name  string
	start func(ctx context.Context, code []byte, dir string) ([]byte, error)
}{{bench.Ours, ours}, {"wazero", plain}}

// Cases is the case start.
func Cases() []bench.Case {
	return []bench.Case{{
		Name: "start", Help: "from a module's bytes to its first answer: cold, from the disk cache, a new instance, out of the pool", Unit: "ms",
		Systems: []string{bench.Ours, "wazero"}, Rounds: 20, Quick: 3, Takes: 90 * time.Second, TakesQuick: 12 * time.Second,
		Measure: measure, Child: child,
	}}
}

func measure(ctx context.Context, r *bench.Run) error {
	code, err := fresh.GoGuest()
	if err != nil {
		return err
	}
	if err := processes(ctx, r, code); err != nil {
		return err
	}
	for _, g := range []struct {
		name string
		wasm []byte
	}{{"c", fresh.CGuest}, {"go", code}} {
		for _, kind := range []string{"instance", "pool"} {
			if variant := kind + " " + g.name; r.Wanted(variant) {
				if err := instances(ctx, r, variant, kind == "pool", g.wasm); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// instances has both make an instance for every call; ours takes it out of the pool, or makes it anew.
func instances(ctx context.Context, r *bench.Run, variant string, pool bool, wasm []byte) error {
	v, err := fresh.NewVitrine(ctx, wasm)
	if err != nil {
		return err
	}
	w, err := fresh.NewWazero(ctx, wasm)
	if err != nil {
		return errors.Join(err, v.Close(ctx))
	}
	both := []fresh.System{fresh.Starting{Vitrine: v}, w}
	if pool {
		both[0] = v
	}
	return errors.Join(fresh.Measure(ctx, both, variant, r), v.Close(ctx), w.Close(ctx))
}

// times are those of one system's starts, in ms.
type times struct{ answer, process []float64 }

// processes has the systems start in turns, each time in a process of its own: cold in a folder that is empty, and from
// the cache in one that a first start has filled.
func processes(ctx context.Context, r *bench.Run, code []byte) error {
	dir, err := os.MkdirTemp("", "start")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	plugin := filepath.Join(dir, "plugin.wasm")
	if err := os.WriteFile(plugin, code, 0o600); err != nil {
		return err
	}
	for _, variant := range []string{"cold", "cache"} {
		if !r.Wanted(variant) {
			continue
		}
		found := map[string]*times{}
		for _, s := range systems {
			found[s.name] = &times{}
		}
		for round := range r.RoundsOf() + 1 {
			for i := range systems {
				if round%2 == 1 {
					i = len(systems) - 1 - i
				}
				name := systems[i].name
				cache := filepath.Join(dir, name)
				if variant == "cold" {
					cache = filepath.Join(dir, fmt.Sprint(name, round))
				}
				if err := found[name].start(ctx, r, variant, name, plugin, cache, round > 0); err != nil {
					return err
				}
			}
		}
		for _, s := range systems {
			report(r, variant, s.name, found[s.name], found[bench.Ours])
		}
	}
	return nil
}

func report(r *bench.Run, variant, name string, t, ours *times) {
	for _, m := range []struct {
		metric      string
		of, against []float64
	}{{"answer", t.answer, ours.answer}, {"process", t.process, ours.process}} {
		r.Samples(name, variant, m.metric, "ms", m.of)
		if name == bench.Ours {
			continue
		}
		ratios := make([]float64, len(m.of))
		for i := range m.of {
			ratios[i] = m.against[i] / m.of[i]
		}
		r.Samples(name, variant, m.metric+"_ratio", "x", ratios)
	}
}

// answered is what a child says.
type answered struct {
	Took time.Duration
	Said []byte
}

// start starts a system once, and counts it unless it warms up.
func (t *times) start(ctx context.Context, r *bench.Run, variant, system, plugin, cache string, count bool) error {
	cmd, err := r.Command(ctx, system, plugin, cache)
	if err != nil {
		return err
	}
	began := time.Now()
	out, err := cmd.Output()
	took := time.Since(began)
	if err != nil {
		return fmt.Errorf("%s: %w", system, err)
	}
	var a answered
	if err := json.Unmarshal(out, &a); err != nil {
		return fmt.Errorf("%s said %.100q", system, out)
	}
	if count {
		t.answer, t.process = append(t.answer, float64(a.Took)/1e6), append(t.process, float64(took)/1e6)
	}
	return r.Verify(system, variant, a.Said, fresh.Input)
}

// child is what a process does: it says how long it took to the plugin's first answer.
func child(ctx context.Context, r *bench.Run, args []string) error {
	if len(args) != 3 {
		return fmt.Errorf("start: %d arguments are not SYSTEM PLUGIN CACHE", len(args))
	}
	code, err := os.ReadFile(args[1])
	if err != nil {
		return err
	}
	for _, s := range systems {
		if s.name != args[0] {
			continue
		}
		out, err := s.start(ctx, code, args[2])
		took := time.Since(r.Began())
		said, err := fresh.Said(out, err)
		if err != nil {
			return err
		}
		return json.NewEncoder(os.Stdout).Encode(answered{took, said})
	}
	return fmt.Errorf("start: there is no system %q", args[0])
}

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
	return in.Call(ctx, "greet", fresh.Input)
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
	at, err := mod.ExportedFunction("vitrine_alloc").Call(ctx, uint64(len(fresh.Input)))
	if err != nil {
		return nil, err
	}
	if !mod.Memory().Write(uint32(at[0]), fresh.Input) {
		return nil, errors.New("no room")
	}
	res, err := mod.ExportedFunction("greet").Call(ctx, at[0], uint64(len(fresh.Input)))
	if err != nil {
		return nil, err
	}
	out, _ := mod.Memory().Read(uint32(res[0]>>32), uint32(res[0]))
	return out, nil
}
