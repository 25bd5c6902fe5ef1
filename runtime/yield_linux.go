package runtime

import (
	"syscall"
	"time"
	"unsafe"
)

// osYield lets the host's other threads have this processor. Linux often wakes a thread on the
// processor where it slept, though another is idle, and lets it wait for the one that computes there until
// the next tick of its clock: 4 ms, in which the collector cannot go on. It is a call for which
// Go's scheduler gives the processor away, so the collector does not wait for a guest that has given way.
func osYield() { _, _, _ = syscall.Syscall(syscall.SYS_SCHED_YIELD, 0, 0, 0) } // it cannot fail

// computed is how long the threads of this process have computed, all together.
func computed() time.Duration {
	const processTime = 2 // CLOCK_PROCESS_CPUTIME_ID, see clock_gettime(2)
	var t syscall.Timespec
	_, _, _ = syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, processTime, uintptr(unsafe.Pointer(&t)), 0) // every Linux has it
	return time.Duration(t.Nano())
}
