// Compute is a plugin without a user interface: it imports nothing of the host's.
package main

import (
	"bytes"
	"errors"

	v "github.com/vitrine-run/vitrine/sdk/go"
)

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
