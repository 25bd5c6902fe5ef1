// Package fresh has the systems that bench/reset and bench/peers measure: each makes a clean instance for every
// call of a guest's function greet, uses it and gives it back.
//
//	s, err := fresh.NewVitrine(ctx, fresh.CGuest)
//	err = s.Once(ctx)
//	err = s.Close(ctx)
package fresh

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"

	"github.com/vitrine-run/vitrine/bench"
	"github.com/vitrine-run/vitrine/runtime"
)

// A System makes a clean instance for each call. It is for one goroutine; who made it closes it.
type System interface {
	Name() string
	Once(ctx context.Context) error
	Close(ctx context.Context) error
}

// warmUp is how many calls make what the others use, such as a snapshot; how many fill a turn is found after them.
const warmUp = 20

// Measure lets the systems take turns and prints what they need.
func Measure(ctx context.Context, systems []System, name, guest string, o *bench.Options, print func(bench.Row)) error {
	var racers []bench.Racer
	for _, s := range systems {
		for range warmUp {
			if err := s.Once(ctx); err != nil {
				return fmt.Errorf("%s: %w", s.Name(), err)
			}
		}
		racers = append(racers, bench.Racer{System: s.Name(), Do: func() error { return s.Once(ctx) }})
	}
	results, err := o.Race(racers)
	if err != nil {
		return err
	}
	bench.Report(name, guest, results, print)
	return nil
}

// CGuest is a plugin in C. It is built by `make kernels`.
//
//go:embed testdata/guest.wasm
var CGuest []byte

// Input is what each call is given.
var Input = []byte("world")

// Check holds an answer against what it should be.
func Check(out []byte, err error) error {
	if err == nil && !bytes.Contains(bytes.ToLower(out), Input) {
		err = fmt.Errorf("answered %q", out)
	}
	return err
}

// GoGuest builds the plugin in Go whose source is in src.
func GoGuest(src string) ([]byte, error) {
	dir, err := os.MkdirTemp("", "reset")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	out := filepath.Join(dir, "guest.wasm")
	cmd := exec.Command("go", "build", "-buildmode=c-shared", "-trimpath", "-ldflags=-s -w", "-o", out, ".")
	cmd.Dir, cmd.Env = src, append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm")
	if msg, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%w\n%s", err, msg)
	}
	return os.ReadFile(out)
}

// Vitrine takes its instances out of a pool.
type Vitrine struct {
	rt *runtime.Runtime
	*runtime.Module
}

// NewVitrine returns a Vitrine for a module.
func NewVitrine(ctx context.Context, wasm []byte) (*Vitrine, error) {
	rt, err := runtime.New(nil)
	if err != nil {
		return nil, err
	}
	m, err := rt.Compile(ctx, wasm, nil)
	if err != nil {
		return nil, errors.Join(err, rt.Close(ctx))
	}
	return &Vitrine{rt, m}, nil
}

// Name implements System.
func (*Vitrine) Name() string { return "vitrine" }

// Once implements System.
func (v *Vitrine) Once(ctx context.Context) error {
	in, err := v.Get(ctx, nil)
	if err != nil {
		return err
	}
	return errors.Join(Check(in.Call(ctx, "greet", Input)), in.Close(ctx))
}

// Starting is a Vitrine whose instances start by themselves and are thrown away.
type Starting struct{ *Vitrine }

// Once implements System.
func (s Starting) Once(ctx context.Context) error {
	in, err := s.Instantiate(ctx, nil)
	if err != nil {
		return err
	}
	return errors.Join(Check(in.Call(ctx, "greet", Input)), in.Close(ctx))
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
func (w *Wazero) Once(ctx context.Context) error {
	mod, err := w.rt.InstantiateModule(ctx, w.code, wazero.NewModuleConfig().WithName("").WithStartFunctions("_initialize"))
	if err != nil {
		return err
	}
	defer mod.Close(ctx)
	at, err := mod.ExportedFunction("vitrine_alloc").Call(ctx, uint64(len(Input)))
	if err != nil {
		return err
	}
	if !mod.Memory().Write(uint32(at[0]), Input) {
		return fmt.Errorf("no room at %d", at[0])
	}
	res, err := mod.ExportedFunction("greet").Call(ctx, at[0], uint64(len(Input)))
	if err != nil {
		return err
	}
	out, _ := mod.Memory().Read(uint32(res[0]>>32), uint32(res[0]))
	return Check(bytes.Clone(out), nil)
}

// Close implements System.
func (w *Wazero) Close(ctx context.Context) error { return w.rt.Close(ctx) }
