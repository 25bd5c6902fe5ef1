package memory

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// hugePage is what amd64 and most of arm64 have beside small ones.
const hugePage = 2 << 20

// populate brings memory into being, in huge pages where there is room for them: they come four times
// as fast as small ones and go twenty times as fast. Nothing but time is lost if the system cannot.
func populate(b []byte) bool {
	at := uintptr(unsafe.Pointer(unsafe.SliceData(b)))
	from := (at + hugePage - 1) &^ (hugePage - 1)
	to := (at + uintptr(len(b))) &^ (hugePage - 1)
	if from < to {
		_ = unix.Madvise(b[from-at:to-at], unix.MADV_HUGEPAGE)
	}
	return unix.Madvise(b, unix.MADV_POPULATE_WRITE) == nil
}
