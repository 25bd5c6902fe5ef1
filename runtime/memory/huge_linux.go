package memory

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// hugePage is what amd64 and most of arm64 have beside small ones.
const hugePage = 2 << 20

// largeMemory is where a memory is large enough for huge pages.
const largeMemory = 4 << 20

// coarsen asks for huge pages in what lies past largeMemory. They come into being four times as fast
// as small ones and go twenty times as fast, and one that a guest touches keeps a collector of the
// host's waiting for a fifth of a millisecond where 512 take one. Small memories have small pages,
// of which there may be thousands. Systems that have none, or are told to use none, go without.
func coarsen(room []byte) {
	at := uintptr(unsafe.Pointer(unsafe.SliceData(room)))
	from := (at + largeMemory + hugePage - 1) &^ (hugePage - 1)
	to := (at + uintptr(len(room))) &^ (hugePage - 1)
	if from < to {
		_ = unix.Madvise(room[from-at:to-at], unix.MADV_HUGEPAGE) // an advice
	}
}
