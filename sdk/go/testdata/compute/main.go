// Compute is a plugin without a user interface: it imports nothing of the host's.
package main

import (
	"bytes"
	"errors"

	v "github.com/vitrine-run/vitrine/sdk/go"
)

var loaded []byte

var _ = v.Prepare(func() error {
	loaded = append(loaded, "loaded once"...)
	return nil
})

// prepared answers what Prepare has left, and spoils it.
//
//go:wasmexport prepared
func prepared(ptr, n uint32) uint64 {
	return v.Compute(ptr, n, func([]byte) ([]byte, error) {
		out := bytes.Clone(loaded)
		loaded = append(loaded, " and again"...)
		return out, nil
	})
}

//go:wasmexport upper
func upper(ptr, n uint32) uint64 {
	return v.Compute(ptr, n, func(in []byte) ([]byte, error) { return bytes.ToUpper(in), nil })
}

//go:wasmexport fail
func fail(ptr, n uint32) uint64 {
	return v.Compute(ptr, n, func(in []byte) ([]byte, error) {
		switch string(in) {
		case "panic":
			panic("gone wrong")
		case "code":
			return nil, v.Errorf(v.NotFound, "no %s", "luck")
		}
		return nil, errors.New("plain")
	})
}

func main() {}
