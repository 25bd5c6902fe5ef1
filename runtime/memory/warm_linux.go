package memory

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// hugePage is what amd64 and most of arm64 have beside small ones.
const hugePage = 2 << 20

// populate brings part of a room into being, if huge in huge pages where there is room for them: they come four times
// as fast as small ones and go twenty times as fast. Nothing but time is lost if the system cannot.
func populate(room []byte, from, to uint64, huge bool) bool {
	at := uint64(uintptr(unsafe.Pointer(unsafe.SliceData(room))))
	// Those that lie in the room and hold some of the part.
	first := max((at+from)&^(hugePage-1), (at+hugePage-1)&^(hugePage-1))
	last := min((at+to+hugePage-1)&^(hugePage-1), (at+uint64(len(room)))&^(hugePage-1))
	if huge && first < last {
		_ = unix.Madvise(room[first-at:last-at], unix.MADV_HUGEPAGE)
	}
	return unix.Madvise(room[from:to], unix.MADV_POPULATE_WRITE) == nil
}
