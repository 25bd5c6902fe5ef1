// Package fresh has the systems that bench/reset and bench/peers measure, and their guests: each makes a clean instance for every
// call of a guest's function greet, uses it and gives it back.
//
//	s, err := fresh.NewVitrine(ctx, fresh.CGuest)
//	answer, err := s.Once(ctx)
//	err = s.Close(ctx)
package fresh

import (
	"bytes"
	"compress/gzip"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"

	"github.com/vitrine-run/vitrine/bench"
	"github.com/vitrine-run/vitrine/runtime"
)

// A System makes a clean instance for each call. It is for one goroutine; who made it closes it.
type System interface {
	Name() string
	// Once answers what the guest said, as Said has it.
	Once(ctx context.Context) ([]byte, error)
	Close(ctx context.Context) error
}

// warmUp is how many calls make what the others use, such as a snapshot; how many fill a turn is found after them.
const warmUp = 20

// Measure lets the systems take turns and prints what they need.
func Measure(ctx context.Context, systems []System, variant string, r *bench.Run) error {
	var racers []bench.Racer
	for _, s := range systems {
		if err := warm(ctx, s); err != nil {
			if err := r.Lose(s.Name(), fmt.Errorf("%s: %w", s.Name(), err)); err != nil {
				return err
			}
			continue
		}
		racers = append(racers, bench.Racer{System: s.Name(), Answer: func() ([]byte, error) { return s.Once(ctx) }})
	}
	return r.Race(variant, Input, racers)
}

func warm(ctx context.Context, s System) error {
	for range warmUp {
		if _, err := s.Once(ctx); err != nil {
			return err
		}
	}
	return nil
}

// CGuest is a plugin in C. It is built by `make kernels`.
//
//go:embed testdata/guest.wasm
var CGuest []byte

// Input is what each call is given.
var Input = []byte("world")

// answers are what guests say to Input, to the letter: the one in C, the one in Go, and one that only answers it.
var answers = []string{"WORLD", "hello world", string(Input)}

// Said is what an answer says, in whichever of the guests' words: Input, if it is exactly one of them.
func Said(out []byte, err error) ([]byte, error) {
	if err == nil && slices.Contains(answers, string(out)) {
		return Input, nil
	}
	return out, err
}

//go:embed testdata/goguest.wasm.gz
var goGuest []byte

// GoGuest is a plugin of 3 MB in Go, that of runtime/testdata/goguest. It is built by `make kernels`.
func GoGuest() ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(goGuest))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

// A Maker makes a system for a guest, "c" or "go", or none where it has no counterpart for it.
type Maker struct {
	Name string
	Make func(ctx context.Context, guest string, wasm []byte) (System, error)
}

// Light are the systems that need no more than Vitrine's own module has, ours first.
func Light() []Maker {
	return []Maker{
		{bench.Ours, func(ctx context.Context, _ string, wasm []byte) (System, error) { return NewVitrine(ctx, wasm) }},
		{"wazero", func(ctx context.Context, _ string, wasm []byte) (System, error) { return NewWazero(ctx, wasm) }},
	}
}

// Vitrine takes its instances out of a pool.
type Vitrine struct {
	name string
	rt   *runtime.Runtime
	*runtime.Module
}

// NewVitrine returns a Vitrine for a module.
func NewVitrine(ctx context.Context, wasm []byte) (*Vitrine, error) {
	return NewVitrineOn(ctx, "", wasm)
}

// NewVitrineOn returns one on an engine of this build; "" is wazero.
func NewVitrineOn(ctx context.Context, engine string, wasm []byte) (*Vitrine, error) {
	rt, err := runtime.New(&runtime.Options{Engine: engine})
	if err != nil {
		return nil, err
	}
	name := bench.Ours
	if engine != "" {
		name += "-" + engine
	}
	m, err := rt.Compile(ctx, wasm, nil)
	if err != nil {
		return nil, errors.Join(err, rt.Close(ctx))
	}
	return &Vitrine{name, rt, m}, nil
}

// Name implements System.
func (v *Vitrine) Name() string { return v.name }

// Once implements System.
func (v *Vitrine) Once(ctx context.Context) ([]byte, error) {
	in, err := v.Get(ctx, nil)
	if err != nil {
		return nil, err
	}
	return onceIn(ctx, in)
}

// onceIn calls an instance and gives it back.
func onceIn(ctx context.Context, in *runtime.Instance) ([]byte, error) {
	out, err := Said(in.Call(ctx, "greet", Input))
	if closed := in.Close(ctx); err == nil {
		err = closed
	}
	return out, err
}

// Starting is a Vitrine whose instances start by themselves and are thrown away.
type Starting struct{ *Vitrine }

// Once implements System.
func (s Starting) Once(ctx context.Context) ([]byte, error) {
	in, err := s.Instantiate(ctx, nil)
	if err != nil {
		return nil, err
	}
	return onceIn(ctx, in)
}

// Close implements System.
func (v *Vitrine) Close(ctx context.Context) error { return v.rt.Close(ctx) }

// Wazero is wazero as it comes, with a new instance for every call.
type Wazero struct {
	rt   wazero.Runtime
	code wazero.CompiledModule
}

// NewWazero returns a Wazero for a module.
func NewWazero(ctx context.Context, wasm []byte) (*Wazero, error) {
	w := &Wazero{rt: wazero.NewRuntime(ctx)}
	_, err := wasi_snapshot_preview1.Instantiate(ctx, w.rt)
	if err == nil {
		w.code, err = w.rt.CompileModule(ctx, wasm)
	}
	if err != nil {
		return nil, errors.Join(err, w.rt.Close(ctx))
	}
	return w, nil
}

// Name implements System.
func (*Wazero) Name() string { return "wazero" }

// Once implements System.
func (w *Wazero) Once(ctx context.Context) ([]byte, error) {
	mod, err := w.rt.InstantiateModule(ctx, w.code, wazero.NewModuleConfig().WithName("").WithStartFunctions("_initialize"))
	if err != nil {
		return nil, err
	}
	defer mod.Close(ctx)
	at, err := mod.ExportedFunction("vitrine_alloc").Call(ctx, uint64(len(Input)))
	if err != nil {
		return nil, err
	}
	if !mod.Memory().Write(uint32(at[0]), Input) {
		return nil, fmt.Errorf("no room at %d", at[0])
	}
	res, err := mod.ExportedFunction("greet").Call(ctx, at[0], uint64(len(Input)))
	if err != nil {
		return nil, err
	}
	out, _ := mod.Memory().Read(uint32(res[0]>>32), uint32(res[0]))
	return Said(bytes.Clone(out), nil)
}

// Close implements System.
func (w *Wazero) Close(ctx context.Context) error { return w.rt.Close(ctx) }
