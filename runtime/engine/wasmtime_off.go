//go:build !(wasmtime && cgo && (linux || darwin) && amd64)

package engine

import "errors"

// optional lists the engines that a build tag has added.
func optional() []string { return nil }

func openWasmtime() (Engine, error) {
	return nil, errors.New("engine: wasmtime is not in this build: it takes -tags wasmtime and cgo, on Linux or macOS, amd64")
}
