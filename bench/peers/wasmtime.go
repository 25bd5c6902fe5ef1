package main

import (
	"context"
	"fmt"

	"github.com/bytecodealliance/wasmtime-go/v39"

	"github.com/vitrine-run/vitrine/bench/call"
)

// wasmtimePeer calls through wasmtime's Go API, with its defaults.
type wasmtimePeer struct {
	store            *wasmtime.Store
	mem              *wasmtime.Memory
	alloc, echo, run *wasmtime.Func
}

func newWasmtime(context.Context) (call.System, func(), error) {
	engine := wasmtime.NewEngine()
	store := wasmtime.NewStore(engine)
	end := func() {
		store.Close()
		engine.Close()
	}
	module, err := wasmtime.NewModule(engine, call.EchoGuest)
	if err != nil {
		end()
		return nil, nil, err
	}
	tick := wasmtime.WrapFunc(store, func(i int32) int32 { return int32(call.Tick(uint32(i))) })
	in, err := wasmtime.NewInstance(store, module, []wasmtime.AsExtern{tick})
	if err != nil {
		end()
		return nil, nil, err
	}
	return &wasmtimePeer{store: store, mem: in.GetExport(store, "memory").Memory(), alloc: in.GetFunc(store, "vitrine_alloc"),
		echo: in.GetFunc(store, "echo"), run: in.GetFunc(store, "run")}, end, nil
}

func (p *wasmtimePeer) Name() string { return "wasmtime" }

func (p *wasmtimePeer) Echo(in []byte) ([]byte, error) {
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
	v, err := p.run.Call(p.store)
	if err == nil && v.(int32) != 0 {
		err = call.ErrTicks
	}
	return err
}
