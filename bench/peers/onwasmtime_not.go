//go:build !wasmtime

package main

import (
	"github.com/vitrine-run/vitrine/bench/call"
	"github.com/vitrine-run/vitrine/bench/reset/fresh"
)

func callOnWasmtime() []call.Maker   { return nil }
func freshOnWasmtime() []fresh.Maker { return nil }
