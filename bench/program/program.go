// Package program measures whole jobs (case program): kernels and programs in C, Rust and Go, each from a clean instance
// to its answer, beside the same work as a part of the host and in other systems. The case parallel has one of them done
// by several goroutines at once.
//
// The jobs are those of bench/metering; every system's answer is held against the one that is written down here, before it is timed and each time.
// Vitrine has a clean instance out of the pool for every job, with fuel, a deadline and limits on everything; the others make a new one:
//
//	go          the same work as a part of the host, without any isolation: Go's own source, or what is in C written in Go
//	wazero      as it comes: nothing stops a guest
//	wazero-ctx  with its own interruption
//
// bench/peers measures wasmtime beside them. The case engines compares the engines that Vitrine itself can run on.
package program

import (
	"context"
	"encoding/binary"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"github.com/vitrine-run/vitrine/bench"
	"github.com/vitrine-run/vitrine/bench/metering"
	"github.com/vitrine-run/vitrine/runtime/engine"
)

// A Job is an export of a module: it does something so many times, and answers a checksum.
type Job struct {
	Name   string
	Wasm   []byte
	Export string
	whole  bool // does a whole job each time
}

// A System does jobs. It is safe for concurrent use. Who made it closes it.
type System interface {
	// Load makes a job ready. It is nil if the system has nothing like it.
	Load(ctx context.Context, j *Job) (Do, error)
	Close() error
}

// Do does a job from a clean instance to its answer, n times within it.
type Do func(ctx context.Context, n uint32) (uint32, error)

// A Maker makes a system.
type Maker struct {
	Name string
	Make func(ctx context.Context) (System, error)
}

// Light are the systems that need no more than Vitrine's own module has, ours first.
func Light() []Maker {
	list := []Maker{
		{bench.Ours, func(context.Context) (System, error) { return newVitrine("") }},
		{"go", func(context.Context) (System, error) { return native(natives()), nil }},
		{"wazero", func(ctx context.Context) (System, error) { return newWazero(ctx, false) }},
		{"wazero-ctx", func(ctx context.Context) (System, error) { return newWazero(ctx, true) }},
	}
	if hasWasmtime() {
		list = slices.Insert(list, 1, Maker{"vitrine-wasmtime", func(context.Context) (System, error) { return newVitrine("wasmtime") }})
	}
	return list
}

// kernels are the loops that are measured; the programs all are.
var kernels = []string{"fib", "tak", "sieve", "matmul", "mandelbrot", "nbody", "spectral", "sha256", "crc32", "quicksort", "heapsort", "gimli",
	"hashmap", "json", "rsort", "rstring", "gojson", "gomap", "gosort"}

// quick are what a quick run measures.
var quick = []string{"fib", "matmul", "sha256", "quicksort", "cjson"}

// slow are what engines are compared by: the interpreter takes a hundred times as long as the others.
var slow = []string{"fib", "matmul", "sha256", "quicksort", "hashmap", "rstring"}

// engines are Vitrine on each engine of this build, the default first.
func engines() (list []Maker) {
	for _, name := range engine.Names() {
		m := Maker{bench.Ours + "-" + name, func(context.Context) (System, error) { return newVitrine(name) }}
		if len(list) == 0 {
			m.Name = bench.Ours
		}
		list = append(list, m)
	}
	return list
}

// Cases are the cases program and parallel of some systems, ours first, and the case engines.
func Cases(makers []Maker) []bench.Case {
	n := time.Duration(len(makers))
	return []bench.Case{
		{Name: "program", Help: "kernels and programs in C, Rust and Go, from a clean instance to the answer", Unit: "ns", Systems: names(makers),
			Rounds: 10, Quick: 3, Takes: 60 * time.Second * n, TakesQuick: time.Second * n,
			Measure: func(ctx context.Context, r *bench.Run) error { return with(ctx, makers, r, programs) }, Together: bench.Together},
		{Name: "engines", Help: "kernels on each engine that Vitrine runs on", Unit: "ns", Systems: names(engines()), Long: true,
			Rounds: 10, Quick: 3, Takes: 30 * time.Second, TakesQuick: 5 * time.Second,
			Measure: func(ctx context.Context, r *bench.Run) error { return with(ctx, engines(), r, onEngines) }, Together: bench.Together},
		{Name: "parallel", Help: "jobs a second by 1, 2, 4 and more goroutines at once", Unit: "jobs/s", Systems: names(makers),
			Rounds: 10, Quick: 3, Takes: 8 * time.Second * n, TakesQuick: time.Second * n,
			Measure: func(ctx context.Context, r *bench.Run) error { return with(ctx, makers, r, parallel) }},
	}
}

func names(makers []Maker) (list []string) {
	for _, m := range makers {
		list = append(list, m.Name)
	}
	return list
}

// named is a system with its name.
type named struct {
	name string
	System
}

// with makes systems and gives them back, also those that were made before one could not be.
func with(ctx context.Context, makers []Maker, r *bench.Run, measure func(context.Context, []named, *bench.Run) error) (err error) {
	var systems []named
	defer func() {
		for _, s := range systems {
			if closed := s.Close(); err == nil {
				err = closed
			}
		}
	}()
	for _, m := range makers {
		s, err := m.Make(ctx)
		if err != nil {
			if err := r.Lose(m.Name, fmt.Errorf("%s: %w", m.Name, err)); err != nil {
				return err
			}
			continue
		}
		systems = append(systems, named{m.Name, s})
	}
	return measure(ctx, systems, r)
}

// programs measures every job.
func programs(ctx context.Context, systems []named, r *bench.Run) error {
	list, err := jobs(ctx, r)
	if err != nil {
		return err
	}
	return inTurns(ctx, systems, r, list)
}

// onEngines measures those that the slowest engine can do.
func onEngines(ctx context.Context, systems []named, r *bench.Run) error {
	var list []Job
	for _, name := range slow {
		if !r.Wanted(name) {
			continue
		}
		j, err := embedded(name)
		if err != nil {
			return err
		}
		list = append(list, *j)
	}
	return inTurns(ctx, systems, r, list)
}

// inTurns has the systems do jobs in turns.
func inTurns(ctx context.Context, systems []named, r *bench.Run, list []Job) error {
	for i := range list {
		j := &list[i]
		all, err := dos(ctx, systems, r, j)
		if err != nil {
			return err
		}
		n, sum, err := j.often(ctx, all[0].do)
		if err != nil {
			return fmt.Errorf("%s: %w", j.Name, err)
		}
		var racers []bench.Racer
		for _, d := range all {
			racers = append(racers, bench.Racer{System: d.name, Answer: d.answer(ctx, n)})
		}
		if err := r.Race(j.Name, binary.LittleEndian.AppendUint32(nil, sum), racers); err != nil {
			return err
		}
	}
	return nil
}

// doer is a system that is ready for a job.
type doer struct {
	name string
	do   Do
}

func (d doer) answer(ctx context.Context, n uint32) func() ([]byte, error) {
	var out [4]byte
	return func() ([]byte, error) {
		sum, err := d.do(ctx, n)
		binary.LittleEndian.PutUint32(out[:], sum)
		return out[:], err
	}
}

// dos makes those systems ready for a job that have it, ours first.
func dos(ctx context.Context, systems []named, r *bench.Run, j *Job) (all []doer, err error) {
	for _, s := range systems {
		do, err := s.Load(ctx, j)
		if err != nil {
			if err := r.Lose(s.name, fmt.Errorf("%s: %s: %w", j.Name, s.name, err)); err != nil {
				return nil, err
			}
			continue
		}
		if do != nil {
			all = append(all, doer{s.name, do})
		}
	}
	return all, nil
}

// enough is how long a job is to take, at least: what making an instance takes is small beside it.
const enough = 5 * time.Millisecond

// often is how many times a kernel is to do its loop, and what it answers then. A program does its job once.
func (j *Job) often(ctx context.Context, do Do) (n, sum uint32, err error) {
	if _, err := do(ctx, 1); err != nil { // the first makes what the others use, such as a snapshot
		return 0, 0, err
	}
	n = 1
	for _, sum = range answers[j.Name] {
		began := time.Now()
		if _, err := do(ctx, n); err != nil {
			return 0, 0, err
		}
		if j.whole || time.Since(began) >= enough || int(n) == 1<<(len(answers[j.Name])-1) {
			return n, sum, nil
		}
		n *= 2
	}
	return 0, 0, fmt.Errorf("bench/program: nobody has written down what %s answers", j.Name)
}

// jobs are those that are there to be done: what is written in Go is built from Vitrine's sources.
func jobs(ctx context.Context, r *bench.Run) (list []Job, err error) {
	all, err := metering.Embedded()
	if err != nil {
		return nil, err
	}
	switch _, missing := exec.LookPath("go"); {
	case r.Quick:
	case r.Tree == "" || missing != nil:
		r.Note("without what is written in Go: it is built from Vitrine's sources")
	default:
		more, err := metering.Go(ctx, filepath.Join(r.Tree, "bench", "metering"))
		if err != nil {
			return nil, err
		}
		all = append(all, more...)
	}
	few := r.Quick && len(r.Variants) == 0
	for _, k := range all {
		if few && slices.Contains(quick, k.Name) || !few && r.Wanted(k.Name) && (k.Program || slices.Contains(kernels, k.Name)) {
			list = append(list, Job{k.Name, k.Wasm, k.Export, k.Program})
		}
	}
	return list, nil
}
