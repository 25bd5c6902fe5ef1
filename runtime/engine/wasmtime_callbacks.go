//go:build wasmtime && cgo && (linux || darwin) && amd64

package engine

// #include "wasmtime_api.h"
import "C"

import (
	"fmt"
	"runtime/cgo"
	"runtime/debug"
	"unsafe"
)

// What C calls. Nothing may panic out of these functions: the frames below are not
// Go's, and would be skipped without being left.

func instanceOf(self C.uintptr_t) *wasmtimeInstance {
	return cgo.Handle(self).Value().(*wasmtimeInstance)
}

// vitrineHostCall calls an import and returns whether the guest goes on.
//
//export vitrineHostCall
func vitrineHostCall(self, index C.uintptr_t, vals *C.wasmtime_val_raw_t) (goesOn C.bool) {
	in := instanceOf(self)
	defer func() {
		if r := recover(); r != nil {
			in.ended = crashOf(r)
		}
		goesOn = in.ended == nil
	}()
	in.host(&in.mod.host[index], vals)
	return
}

// crashOf keeps a panic until the guest has been left. What the runtime panics with to
// end a call comes by here as well; it knows why without being told.
func crashOf(r any) error {
	return &Crash{Reason: firstLine(fmt.Sprint(r)), Detail: string(debug.Stack())}
}

// host calls f with numbers as the seam has them.
func (in *wasmtimeInstance) host(f *HostFunc, raw *C.wasmtime_val_raw_t) {
	n := max(len(f.Params), len(f.Results))
	vals := unsafe.Slice(raw, n)
	if n > len(in.stack) {
		in.stack = make([]uint64, max(n, 16))
	}
	stack := in.stack[:n]
	for i, t := range f.Params {
		stack[i] = clean(*bits(&vals[i]), t)
	}
	if f.Module == WASIModule {
		in.callWASI(f.Name, stack)
	} else {
		f.Call(in.ctx, in.mem, stack)
	}
	for i := range f.Results {
		*bits(&vals[i]) = stack[i]
	}
}

// vitrineRefuel is what metered code comes out to.
//
//export vitrineRefuel
func vitrineRefuel(self C.uintptr_t) (goesOn C.bool) {
	in := instanceOf(self)
	defer func() {
		if r := recover(); r != nil {
			in.ended = crashOf(r)
		}
		goesOn = in.ended == nil
	}()
	in.mod.refuel.Call(in.ctx, tankGlobal{in, 0}, tankGlobal{in, 1})
	return
}

//export vitrineMemoryNew
func vitrineMemoryNew(self C.uintptr_t, least, most, reserved, guard C.size_t) C.bool {
	m := instanceOf(self).sys.Memory
	return C.bool(m.ReserveGuarded(uint64(most), uint64(reserved), uint64(guard)) && m.Reallocate(uint64(least)) != nil)
}

// vitrineMemoryGet says that memory may grow in place as far as the address space goes:
// where it must not, vitrineMemoryGrow is asked and refuses, and so knows of it.
//
//export vitrineMemoryGet
func vitrineMemoryGet(self C.uintptr_t, size, capacity *C.size_t) unsafe.Pointer {
	b := instanceOf(self).sys.Memory.Bytes()
	*size, *capacity = C.size_t(len(b)), 1<<32
	return unsafe.Pointer(unsafe.SliceData(b))
}

//export vitrineMemoryGrow
func vitrineMemoryGrow(self C.uintptr_t, size C.size_t) C.bool {
	return instanceOf(self).sys.Memory.Reallocate(uint64(size)) != nil
}
