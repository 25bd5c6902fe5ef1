package main

import (
	"context"
	"errors"

	"github.com/vitrine-run/vitrine/bench/call"
	"github.com/vitrine-run/vitrine/bench/reset/fresh"
	"github.com/vitrine-run/vitrine/runtime"
	vitrine "github.com/vitrine-run/vitrine/runtime/extism"
)

// pooledName is what runs the guests that Extism has, out of Vitrine's pool.
const pooledName = "vitrine-extism"

// pooled takes an instance of an Extism plugin out of the pool for every call.
type pooled struct {
	plugin *vitrine.Plugin
	name   string // of the function
}

func newPooled(ctx context.Context, guest string) (fresh.System, error) {
	name, wasm, err := "echo", call.ExtismGuest, error(nil)
	if guest != "c" {
		name = "greet"
		wasm, err = extismGoGuest()
	}
	if err != nil {
		return nil, err
	}
	i32 := []runtime.ValueType{runtime.I32}
	plugin, err := vitrine.Compile(ctx, wasm, &vitrine.Options{
		HostFuncs: []vitrine.HostFunc{{Name: "tick", Params: i32, Results: i32, Call: func(*vitrine.Caller, []uint64) {}}}})
	if err != nil {
		return nil, err
	}
	return &pooled{plugin, name}, nil
}

func (*pooled) Name() string { return pooledName }

func (p *pooled) Once(ctx context.Context) ([]byte, error) {
	in, err := p.plugin.Get(ctx, nil)
	if err != nil {
		return nil, err
	}
	out, err := in.Call(ctx, p.name, fresh.Input)
	return fresh.Said(out, errors.Join(err, in.Close(ctx)))
}

func (p *pooled) Close(ctx context.Context) error { return p.plugin.Close(ctx) }
