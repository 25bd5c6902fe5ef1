//go:build wasmtime

package main

import (
	"context"

	"github.com/vitrine-run/vitrine/bench/call"
	"github.com/vitrine-run/vitrine/bench/reset/fresh"
)

// callOnWasmtime and freshOnWasmtime are Vitrine on its other engine.
func callOnWasmtime() []call.Maker {
	return []call.Maker{{Name: "vitrine-wasmtime", Make: func(ctx context.Context) (call.System, func(), error) { return call.NewVitrine(ctx, "wasmtime") }}}
}

func freshOnWasmtime() []fresh.Maker {
	return []fresh.Maker{{Name: "vitrine-wasmtime", Make: func(ctx context.Context, _ string, wasm []byte) (fresh.System, error) {
		return fresh.NewVitrineOn(ctx, "wasmtime", wasm)
	}}}
}
