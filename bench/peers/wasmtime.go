package main

import (
	"context"
	"fmt"
	"time"

	"github.com/bytecodealliance/wasmtime-go/v39"

	"github.com/vitrine-run/vitrine/bench/call"
)

// wasmtimePeer calls through wasmtime's Go API.
type wasmtimePeer struct {
	name             string
	store            *wasmtime.Store
	mem              *wasmtime.Memory
	alloc, echo, run *wasmtime.Func
	bound            func() error // sets the limit of the next call
}

// The limits of a call: fuel for a hundred million units, or a second by a clock of 10 ms. A machine that stands still for
// two ticks is no reason for a call to end, and what a call costs does not depend on it.
const (
	fuel   = 100_000_000
	epochs = 100
	epoch  = 10 * time.Millisecond
)

// wasmtimeMaker makes wasmtime as it comes, which nothing stops, or one that counts fuel, or one that looks at epochs
// (docs.wasmtime.dev/examples-interrupting-wasm.html).
func wasmtimeMaker(name string) func(context.Context) (call.System, func(), error) {
	return func(ctx context.Context) (call.System, func(), error) {
		config := wasmtime.NewConfig()
		config.SetConsumeFuel(name == "wasmtime-fuel")
		config.SetEpochInterruption(name == "wasmtime-epoch")
		engine := wasmtime.NewEngineWithConfig(config)
		p := &wasmtimePeer{name: name, store: wasmtime.NewStore(engine), bound: func() error { return nil }}
		ctx, stop := context.WithCancel(ctx)
		done := make(chan struct{})
		go func() { defer close(done); tickEpochs(ctx, engine, name) }()
		end := func() { stop(); <-done; p.store.Close(); engine.Close() }
		switch name {
		case "wasmtime-fuel":
			p.bound = func() error { return p.store.SetFuel(fuel) }
		case "wasmtime-epoch":
			p.bound = func() error { p.store.SetEpochDeadline(epochs); return nil }
		}
		if err := p.load(engine); err != nil {
			end()
			return nil, nil, err
		}
		return p, end, nil
	}
}

func (p *wasmtimePeer) load(engine *wasmtime.Engine) error {
	if err := p.bound(); err != nil {
		return err
	}
	module, err := wasmtime.NewModule(engine, call.EchoGuest)
	if err != nil {
		return err
	}
	tick := wasmtime.WrapFunc(p.store, func(i int32) int32 { return int32(call.Tick(uint32(i))) })
	in, err := wasmtime.NewInstance(p.store, module, []wasmtime.AsExtern{tick})
	if err != nil {
		return err
	}
	p.mem, p.alloc = in.GetExport(p.store, "memory").Memory(), in.GetFunc(p.store, "vitrine_alloc")
	p.echo, p.run = in.GetFunc(p.store, "echo"), in.GetFunc(p.store, "run")
	return nil
}

func (p *wasmtimePeer) Name() string { return p.name }

func (p *wasmtimePeer) Echo(in []byte) ([]byte, error) {
	if err := p.bound(); err != nil {
		return nil, err
	}
	var ptr int32
	if len(in) > 0 {
		v, err := p.alloc.Call(p.store, int32(len(in)))
		if err != nil {
			return nil, err
		}
		ptr = v.(int32)
		copy(p.mem.UnsafeData(p.store)[ptr:], in)
	}
	v, err := p.echo.Call(p.store, ptr, int32(len(in)))
	if err != nil {
		return nil, err
	}
	at, n := uint32(uint64(v.(int64))>>32), uint32(v.(int64))
	data := p.mem.UnsafeData(p.store)
	if uint64(at)+uint64(n) > uint64(len(data)) {
		return nil, fmt.Errorf("no answer at %d", at)
	}
	return append([]byte(nil), data[at:at+n]...), nil
}

func (p *wasmtimePeer) Ticks() error {
	if err := p.bound(); err != nil {
		return err
	}
	v, err := p.run.Call(p.store)
	if err == nil && v.(int32) != 0 {
		err = call.ErrTicks
	}
	return err
}
