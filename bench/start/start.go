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
	"slices"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"

	"github.com/vitrine-run/vitrine/bench"
	"github.com/vitrine-run/vitrine/bench/reset/fresh"
	"github.com/vitrine-run/vitrine/runtime"
)

// A Maker is a system that can start in a process of its own.
type Maker struct {
	Name string
	// Wasm is its plugin; nil is fresh.GoGuest, for those that can run it. It is asked for in the parent's process.
	Wasm func() ([]byte, error)
	// Start takes or compiles the code, makes an instance and calls it with fresh.Input. dir is where it may keep what it
	// has compiled; it is empty, or what the last start has left there.
	Start func(ctx context.Context, code []byte, dir string) ([]byte, error)
	// Forgetful systems keep nothing: they have no start from the cache.
	Forgetful bool
}

// Light are the systems that need no more than Vitrine's own module has, ours first.
func Light() []Maker {
	return []Maker{{Name: bench.Ours, Start: ours}, {Name: "wazero", Start: plain}}
}

// systems are those of one case: of starts in a process of their own, and of new instances, ours first.
type systems struct {
	starts    []Maker
	instances []fresh.Maker
}

// Cases is the case start of systems that start, and of systems that make an instance, ours first.
func Cases(starts []Maker, instances []fresh.Maker) []bench.Case {
	var names []string
	for _, s := range starts {
		names = append(names, s.Name)
	}
	for _, s := range instances {
		if !slices.Contains(names, s.Name) {
			names = append(names, s.Name)
		}
	}
	s := &systems{starts, instances}
	return []bench.Case{{
		Name: "start", Help: "from a module's bytes to its first answer: cold, from the disk cache, a new instance, out of the pool", Unit: "ms",
		Systems: names, Rounds: 20, Quick: 3, Takes: 45 * time.Second * time.Duration(len(names)), TakesQuick: 6 * time.Second * time.Duration(len(names)),
		Measure: s.measure, Child: s.child,
	}}
}

func (s *systems) measure(ctx context.Context, r *bench.Run) error {
	code, err := fresh.GoGuest()
	if err != nil {
		return err
	}
	if err := s.processes(ctx, r, code); err != nil {
		return err
	}
	for _, g := range []struct {
		name string
		wasm []byte
	}{{"c", fresh.CGuest}, {"go", code}} {
		for _, kind := range []string{"instance", "pool"} {
			if r.Quick && len(r.Variants) == 0 && g.name == "go" {
				continue // each compiles it again for every system; reset has it
			}
			if variant := kind + " " + g.name; r.Wanted(variant) {
				if err := s.made(ctx, r, variant, kind == "pool", g.name, g.wasm); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// made has all make an instance for every call; ours takes it out of the pool, or makes it anew.
func (s *systems) made(ctx context.Context, r *bench.Run, variant string, pool bool, guest string, wasm []byte) error {
	var all []fresh.System
	err := func() error {
		for _, m := range s.instances {
			system, err := m.Make(ctx, guest, wasm)
			if err != nil {
				if err := r.Lose(m.Name, fmt.Errorf("%s: %w", m.Name, err)); err != nil {
					return err
				}
				continue
			}
			if system == nil {
				continue
			}
			if v, ok := system.(*fresh.Vitrine); ok && !pool {
				system = fresh.Starting{Vitrine: v}
			}
			all = append(all, system)
		}
		return fresh.Measure(ctx, all, variant, r)
	}()
	for _, system := range all {
		err = errors.Join(err, system.Close(ctx))
	}
	return err
}

// times are those of one system's starts, in ms.
type times struct{ answer, process []float64 }

// processes has the systems start in turns, each time in a process of its own: cold in a folder that is empty, and from
// the cache in one that a first start has filled. code is the plugin of those that have none of their own.
func (s *systems) processes(ctx context.Context, r *bench.Run, code []byte) error {
	dir, err := os.MkdirTemp("", "start")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if !r.Wanted("cold") && !r.Wanted("cache") {
		return nil
	}
	var ready []Maker
	for _, m := range s.starts {
		if err := m.put(dir, code); err == nil {
			ready = append(ready, m)
		} else if err := r.Lose(m.Name, fmt.Errorf("%s: %w", m.Name, err)); err != nil {
			return err
		}
	}
	for _, variant := range []string{"cold", "cache"} {
		if !r.Wanted(variant) || variant == "cold" && r.Quick && len(r.Variants) == 0 { // it takes seconds
			continue
		}
		if err := rounds(ctx, r, ready, variant, dir); err != nil {
			return err
		}
	}
	return nil
}

// put writes the system's plugin into a folder.
func (m *Maker) put(dir string, code []byte) (err error) {
	if m.Wasm != nil {
		if code, err = m.Wasm(); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(dir, m.Name+".wasm"), code, 0o600)
}

// rounds are those of one variant. Who fails in one has no figure.
func rounds(ctx context.Context, r *bench.Run, all []Maker, variant, dir string) error {
	var list []string
	found := map[string]*times{}
	for _, m := range all {
		if variant == "cold" || !m.Forgetful {
			list, found[m.Name] = append(list, m.Name), &times{}
		}
	}
	for round := range r.RoundsOf() + 1 {
		for _, name := range slices.Clone(list) {
			cache := filepath.Join(dir, name)
			if variant == "cold" {
				cache = filepath.Join(dir, fmt.Sprint(name, round))
			}
			err := found[name].start(ctx, r, variant, name, filepath.Join(dir, name+".wasm"), cache, round > 0)
			if err == nil {
				continue
			}
			if err := r.Lose(name, err); err != nil {
				return err
			}
			list = slices.DeleteFunc(list, func(n string) bool { return n == name })
		}
		slices.Reverse(list)
	}
	for _, m := range all {
		if slices.Contains(list, m.Name) {
			report(r, variant, m.Name, found[m.Name], found[bench.Ours])
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
	out, err := r.Output(cmd)
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
func (s *systems) child(ctx context.Context, r *bench.Run, args []string) error {
	if len(args) != 3 {
		return fmt.Errorf("start: %d arguments are not SYSTEM PLUGIN CACHE", len(args))
	}
	code, err := os.ReadFile(args[1])
	if err != nil {
		return err
	}
	for _, m := range s.starts {
		if m.Name != args[0] {
			continue
		}
		out, err := m.Start(ctx, code, args[2])
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
