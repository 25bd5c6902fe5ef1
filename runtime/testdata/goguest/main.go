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

var (
	hidden  = map[uint64][]uint64{}
	counted uint64
)

// canary takes a pattern, a principal's number, the length of memory, and 2 if it is to panic when all is done, 4 bytes
// each. It answers how often it found the pattern with another number behind it, and leaves both wherever a guest
// in Go can.
//
//go:wasmexport canary
func canary(ptr, n uint32) uint64 {
	pattern := *(*uint32)(unsafe.Pointer(&room[0]))
	who := *(*uint32)(unsafe.Pointer(&room[4]))
	end := uintptr(*(*uint32)(unsafe.Pointer(&room[8])))
	found := 0
	for at := uintptr(8); at+8 <= end; at += 4 {
		if *(*uint32)(unsafe.Add(nil, at)) != pattern {
			continue
		}
		// What is no principal's number is not a mark but the pattern in a variable.
		if w := *(*uint32)(unsafe.Add(nil, at+4)); w != who && w-1 < 100 {
			found++
		}
	}
	mark := uint64(who)<<32 | uint64(pattern)
	if counted != 0 && counted>>32 != uint64(who) {
		found++
	}
	counted = mark
	for i := range uint64(64) {
		hidden[i+1] = []uint64{mark, mark, mark}
	}
	big := make([]uint64, 1<<16)
	for i := range big {
		big[i] = mark
	}
	hidden[0] = big
	done := make(chan uint64)
	go func() { done <- mark }()
	<-done
	if room[12] == 2 {
		panic("thrown on purpose")
	}
	return answer([]byte{byte(found), byte(found >> 8), 0, 0})
}
