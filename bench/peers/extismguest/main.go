//go:build wasip1

// The guest in Go of runtime/testdata/goguest, for Extism: the same function, with as much of the standard library,
// by Extism's conventions (extism.org/docs/concepts/pdk), of which it needs no more than stands here.
package main

import (
	"fmt"
	"os"
	"time"
)

func main() {}

//go:wasmimport extism:host/env input_length
func inputLength() uint64

//go:wasmimport extism:host/env input_load_u8
func inputByte(at uint64) uint32

//go:wasmimport extism:host/env alloc
func alloc(n uint64) uint64

//go:wasmimport extism:host/env store_u8
func store(at uint64, b uint32)

//go:wasmimport extism:host/env output_set
func output(at, n uint64)

func answer(b []byte) {
	at := alloc(uint64(len(b)))
	for i, c := range b {
		store(at+uint64(i), uint32(c))
	}
	output(at, uint64(len(b)))
}

//go:wasmexport greet
func greet() int32 {
	in := make([]byte, inputLength())
	for i := range in {
		in[i] = byte(inputByte(uint64(i)))
	}
	answer(fmt.Appendf(nil, "hello %s", in))
	return 0
}

//go:wasmexport look
func look() int32 {
	_, err := os.ReadFile("/etc/passwd")
	answer(fmt.Appendf(nil, "%d %d %v %v", len(os.Args), len(os.Environ()), err, time.Now()))
	return 0
}
