package main

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"

	"github.com/vitrine-run/vitrine/runtime"
)

// input is what each call is given.
var input = []byte("world")

// reset takes a clean instance for every call: vitrine's out of the pool, wazero's is a new one. The two
// take turns.
func reset(ctx context.Context, g *guest, print func(row)) error {
	rt, m, err := load(ctx, g)
	if err != nil {
		return err
	}
	defer rt.Close(ctx)
	peer, err := newPeer(ctx, g)
	if err != nil {
		return err
	}
	defer peer.rt.Close(ctx)
	var ours, theirs, call sample
	for i := range g.calls + 10 {
		t0 := time.Now()
		in, err := m.Get(ctx, nil)
		if err != nil {
			return err
		}
		t1 := time.Now()
		if err := greet(in.Call(ctx, "greet", input)); err != nil {
			return err
		}
		t2 := time.Now()
		if err := in.Close(ctx); err != nil {
			return err
		}
		t3 := time.Now()
		if i < 10 {
			continue // the first ones make what the others use
		}
		ours, call = append(ours, t3.Sub(t0)), append(call, t2.Sub(t1))
		if i%4 == 0 {
			began := time.Now()
			if err := peer.once(ctx); err != nil {
				return err
			}
			theirs = append(theirs, time.Since(began))
		}
	}
	a, b := ours.row("reset", "vitrine", g.name, "time"), theirs.row("reset", "wazero", g.name, "time")
	print(a)
	print(call.row("reset", "vitrine", g.name, "call"))
	print(b)
	print(row{"reset", "wazero", g.name, "ratio", a.Value / b.Value, "x", len(theirs), a.Spread + b.Spread})
	return nil
}

// start makes an instance anew for every call on both sides.
func start(ctx context.Context, g *guest, print func(row)) error {
	rt, m, err := load(ctx, g)
	if err != nil {
		return err
	}
	defer rt.Close(ctx)
	peer, err := newPeer(ctx, g)
	if err != nil {
		return err
	}
	defer peer.rt.Close(ctx)
	var ours, theirs sample
	for range g.calls / 4 {
		began := time.Now()
		in, err := m.Instantiate(ctx, nil)
		if err != nil {
			return err
		}
		if err := greet(in.Call(ctx, "greet", input)); err != nil {
			return err
		}
		if err := in.Close(ctx); err != nil {
			return err
		}
		ours = append(ours, time.Since(began))
		began = time.Now()
		if err := peer.once(ctx); err != nil {
			return err
		}
		theirs = append(theirs, time.Since(began))
	}
	print(ours.row("start", "vitrine", g.name, "time"))
	print(theirs.row("start", "wazero", g.name, "time"))
	return nil
}

func load(ctx context.Context, g *guest) (*runtime.Runtime, *runtime.Module, error) {
	rt, err := runtime.New(nil)
	if err != nil {
		return nil, nil, err
	}
	m, err := rt.Compile(ctx, g.wasm, nil)
	return rt, m, err
}

// greet holds an answer against what it should be.
func greet(out []byte, err error) error {
	if err == nil && !bytes.Contains(bytes.ToLower(out), input) {
		err = fmt.Errorf("answered %q", out)
	}
	return err
}

// A peer is wazero as it comes.
type peer struct {
	rt   wazero.Runtime
	code wazero.CompiledModule
}

func newPeer(ctx context.Context, g *guest) (*peer, error) {
	p := &peer{rt: wazero.NewRuntime(ctx)}
	if _, err := wasi_snapshot_preview1.Instantiate(ctx, p.rt); err != nil {
		return nil, err
	}
	var err error
	p.code, err = p.rt.CompileModule(ctx, g.wasm)
	return p, err
}

// once makes an instance, calls it and closes it.
func (p *peer) once(ctx context.Context) error {
	mod, err := p.rt.InstantiateModule(ctx, p.code, wazero.NewModuleConfig().WithName("").WithStartFunctions("_initialize"))
	if err != nil {
		return err
	}
	defer mod.Close(ctx)
	at, err := mod.ExportedFunction("vitrine_alloc").Call(ctx, uint64(len(input)))
	if err != nil {
		return err
	}
	if !mod.Memory().Write(uint32(at[0]), input) {
		return fmt.Errorf("no room at %d", at[0])
	}
	res, err := mod.ExportedFunction("greet").Call(ctx, at[0], uint64(len(input)))
	if err != nil {
		return err
	}
	out, _ := mod.Memory().Read(uint32(res[0]>>32), uint32(res[0]))
	return greet(append([]byte(nil), out...), nil)
}
