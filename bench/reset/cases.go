package main

import (
	"context"
	"errors"

	"github.com/vitrine-run/vitrine/bench"
	"github.com/vitrine-run/vitrine/bench/reset/fresh"
)

// reset takes a clean instance for every call: vitrine's out of the pool, wazero's is a new one.
func reset(ctx context.Context, g *guest, o *bench.Options, print func(bench.Row)) error {
	return race(ctx, "reset", g, func(v *fresh.Vitrine) fresh.System { return v }, o, print)
}

// start makes an instance anew for every call on both sides.
func start(ctx context.Context, g *guest, o *bench.Options, print func(bench.Row)) error {
	return race(ctx, "start", g, func(v *fresh.Vitrine) fresh.System { return fresh.Starting{Vitrine: v} }, o, print)
}

func race(ctx context.Context, name string, g *guest, ours func(*fresh.Vitrine) fresh.System, o *bench.Options, print func(bench.Row)) error {
	v, err := fresh.NewVitrine(ctx, g.wasm)
	if err != nil {
		return err
	}
	w, err := fresh.NewWazero(ctx, g.wasm)
	if err != nil {
		return errors.Join(err, v.Close(ctx))
	}
	err = fresh.Measure(ctx, []fresh.System{ours(v), w}, name, g.name, o, print)
	return errors.Join(err, v.Close(ctx), w.Close(ctx))
}
