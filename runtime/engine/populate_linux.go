package engine

import (
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// hugePage is what amd64 and most of arm64 have beside small ones.
const hugePage = 2 << 20

// populate prepares a mapping that is about to be written to: where huge pages fit it gets those, as it is written,
// which come in a quarter of the time, and code in them is found sooner. The small ones around them come at once. It is for
// what begins on a page; nothing but time is lost elsewhere.
func populate(b []byte) {
	at := uintptr(unsafe.Pointer(unsafe.SliceData(b)))
	first, last := (at+hugePage-1)&^(hugePage-1)-at, (at+uintptr(len(b)))&^(hugePage-1)-at
	if len(b) < 2*hugePage {
		first, last = 0, 0
	} else {
		_ = unix.Madvise(b[first:last], unix.MADV_HUGEPAGE) // costs time, as below
	}
	if first > 0 {
		_ = unix.Madvise(b[:first], unix.MADV_POPULATE_WRITE)
	}
	if last < uintptr(len(b)) {
		_ = unix.Madvise(b[last:], unix.MADV_POPULATE_WRITE)
	}
}

// discard gives back the whole pages in b, of which nobody uses a byte any more.
func discard(b []byte) {
	at, page := uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(os.Getpagesize())
	first, last := (at+page-1)&^(page-1)-at, (at+uintptr(len(b)))&^(page-1)-at
	if int(first) < int(last) {
		_ = unix.Madvise(b[first:last], unix.MADV_DONTNEED) // costs memory
	}
}
