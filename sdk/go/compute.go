package vitrine

import (
	"unsafe"

	"github.com/vitrine-run/vitrine/abi"
)

// Compute makes a function that the host or a person at a terminal can call by name, bytes in and
// bytes out, of do:
//
//	//go:wasmexport render
//	func render(ptr, n uint32) uint64 {
//		return vitrine.Compute(ptr, n, func(in []byte) ([]byte, error) { ... })
//	}
//
// do owns the input. An error goes to the caller with its code if it has one (see Errorf), else with
// Invalid; a panic goes with Internal. Tests call do itself: Compute is for the host, which has put
// the input in place.
func Compute(ptr, n uint32, do func(in []byte) ([]byte, error)) uint64 {
	return uint64(boundary.call(ptr, n, do))
}

// crossing holds what lies between host and guest: the room for the input of the next call, and the
// output of the last, which must not be collected before the host has read it.
type crossing struct {
	in    []byte
	out   []byte
	small [smallInput]byte
}

// smallInput is the size of input that goes into the same room again and again. A larger one gets
// room of its own, which the plugin may keep, as it does the bytes of a file.
const smallInput = 4 << 10

// boundary is state of the process because the host knows nothing but addresses of it.
var boundary crossing

// room makes room for n bytes of input.
func (c *crossing) room(n uint32) uint32 {
	if n <= smallInput {
		c.in = c.small[:n]
	} else {
		c.in = make([]byte, n)
	}
	return address(c.in)
}

// call runs one exported function.
func (c *crossing) call(ptr, n uint32, do func(in []byte) ([]byte, error)) abi.Result {
	in := c.in
	c.in = nil
	failed := false
	switch {
	case n == 0:
		in = nil
	case len(in) < int(n) || address(in) != ptr:
		do = func([]byte) ([]byte, error) {
			return nil, Errorf(Invalid, "the input is not where vitrine_alloc made room")
		}
	default:
		in = in[:n:n]
	}
	out, err := attempt(func() ([]byte, error) { return do(in) })
	if err != nil {
		out, failed = failure(err).Append(nil), true
	}
	c.out = out
	return abi.NewResult(address(out), uint32(len(out)), failed)
}

// address is where b lies in the 32-bit memory of a guest.
func address(b []byte) uint32 { return uint32(uintptr(unsafe.Pointer(unsafe.SliceData(b)))) }
