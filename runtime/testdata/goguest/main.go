//go:build wasip1

// A guest in Go, for the runtime's tests. It has nothing of the SDK: only the ABI.
package main

import (
	"fmt"
	"os"
	"time"
	"unsafe"
)

func main() {}

var room, kept []byte

//go:wasmexport vitrine_alloc
func alloc(n uint32) uint32 {
	room = make([]byte, n)
	return uint32(uintptr(unsafe.Pointer(unsafe.SliceData(room))))
}

func answer(b []byte) uint64 {
	kept = b
	return uint64(uintptr(unsafe.Pointer(unsafe.SliceData(b))))<<32 | uint64(len(b))
}

//go:wasmexport greet
func greet(ptr, n uint32) uint64 {
	return answer(fmt.Appendf(nil, "hello %s", room[:n]))
}

// nap sleeps an hour, which is too long; with input it sleeps as many milliseconds as
// there are bytes.
//
//go:wasmexport nap
func nap(ptr, n uint32) uint64 {
	d := time.Hour
	if n > 0 {
		d = time.Duration(n) * time.Millisecond
	}
	began := time.Now()
	time.Sleep(d)
	return answer([]byte(time.Since(began).String()))
}

//go:wasmexport hoard
func hoard(ptr, n uint32) uint64 {
	var all [][]byte
	for {
		b := make([]byte, 1<<20)
		for i := range b {
			b[i] = 1
		}
		all = append(all, b)
		if len(all) > 1<<20 {
			return answer(all[0])
		}
	}
}

//go:wasmexport throw
func throw(ptr, n uint32) uint64 { panic("thrown on purpose") }

//go:wasmexport look
func look(ptr, n uint32) uint64 {
	_, err := os.ReadFile("/etc/passwd")
	return answer(fmt.Appendf(nil, "%d %d %v", len(os.Args), len(os.Environ()), err))
}
