//go:build (linux || darwin) && (amd64 || arm64)

package memory

import (
	"os"

	"golang.org/x/sys/unix"
)

// reserve takes address space without committing memory to it: pages come into
// being, zeroed, as the guest touches them. It is for 64-bit systems only, where
// address space is plentiful.
func reserve(size uint64) ([]byte, bool) {
	room, err := unix.Mmap(-1, 0, int(size), unix.PROT_READ|unix.PROT_WRITE,
		unix.MAP_PRIVATE|unix.MAP_ANON|unix.MAP_NORESERVE)
	return room, err == nil
}

func unreserve(room []byte) {
	// The only error is a range that was not mapped, and this one was.
	_ = unix.Munmap(room)
}

// reserveGuarded takes address space in which every access faults.
func reserveGuarded(size uint64) ([]byte, bool) {
	room, err := unix.Mmap(-1, 0, int(size), unix.PROT_NONE, unix.MAP_PRIVATE|unix.MAP_ANON|unix.MAP_NORESERVE)
	return room, err == nil
}

// allow opens part of such space. It is whole pages: guest memory grows by 64 KiB.
func allow(part []byte) bool {
	return unix.Mprotect(part, unix.PROT_READ|unix.PROT_WRITE) == nil
}

// forbid closes part of such space again.
func forbid(part []byte) error {
	return os.NewSyscallError("mprotect", unix.Mprotect(part, unix.PROT_NONE))
}
