//go:build linux && (amd64 || arm64)

package memory

import (
	"iter"
	"os"
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"
)

// store keeps the contents in a sealed memfd, so that memories can map them privately: every page
// of it is there once for all of them, until it is written to.
func (img *Image) store(runs iter.Seq2[uint64, []byte]) error {
	if img.size == 0 {
		return nil
	}
	fd, err := unix.MemfdCreate("vitrine-image", unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	if err != nil {
		img.gather(runs) // memories are copied then
		return nil
	}
	if err := img.fill(fd, runs); err != nil {
		_ = unix.Close(fd)
		return err
	}
	img.file = fd
	return nil
}

func (img *Image) fill(fd int, runs iter.Seq2[uint64, []byte]) error {
	if err := unix.Ftruncate(fd, int64(img.size)); err != nil {
		return os.NewSyscallError("ftruncate", err)
	}
	for at, p := range runs {
		for len(p) > 0 {
			n, err := unix.Pwrite(fd, p, int64(at))
			if err != nil {
				return os.NewSyscallError("pwrite", err)
			}
			p, at = p[n:], at+uint64(n)
		}
	}
	const seals = unix.F_SEAL_SHRINK | unix.F_SEAL_GROW | unix.F_SEAL_WRITE | unix.F_SEAL_SEAL
	if _, err := unix.FcntlInt(uintptr(fd), unix.F_ADD_SEALS, seals); err != nil {
		return os.NewSyscallError("fcntl", err)
	}
	view, err := unix.Mmap(fd, 0, int(img.size), unix.PROT_READ, unix.MAP_SHARED)
	img.view = view
	return os.NewSyscallError("mmap", err)
}

// Close gives the image back. No memory has it any more.
func (img *Image) Close() {
	if img.file >= 0 {
		_ = unix.Munmap(img.view) // it was mapped
		_ = unix.Close(img.file)
	}
	img.view, img.file = nil, -1
}

// mapOver puts a private mapping of the image in the place of the beginning of a reservation.
func (img *Image) mapOver(room []byte) error {
	at := unsafe.Pointer(unsafe.SliceData(room))
	_, err := unix.MmapPtr(img.file, 0, at, uintptr(img.size), unix.PROT_READ|unix.PROT_WRITE,
		unix.MAP_PRIVATE|unix.MAP_FIXED|unix.MAP_NORESERVE)
	return os.NewSyscallError("mmap", err)
}

// undo puts back what was written to in a private mapping of the image: pages are copied as long as
// there are few of them, and all are dropped if they are more than keep bytes.
func (img *Image) undo(room []byte, keep uint64) (resident uint64, err error) {
	known := false
	if !img.blind {
		known, err = written(room, func(from, to uint64) {
			if resident += (to - from) * grain; resident <= keep {
				img.restore(room, from, to)
			}
		})
	}
	if err != nil {
		return 0, err
	}
	if !known && uint64(len(room)) <= copyAll {
		img.restore(room, 0, uint64(len(img.data)))
		return uint64(len(room)), nil
	}
	if known && resident <= keep {
		return resident, nil
	}
	return 0, os.NewSyscallError("madvise", unix.Madvise(room, unix.MADV_DONTNEED))
}

// copyAll is up to how many bytes a memory is copied rather than mapped anew where the system
// cannot say which pages were written to.
const copyAll = 128 << 10

func discard(part []byte, guarded bool) error {
	if guarded {
		if err := forbid(part); err != nil {
			return err
		}
	}
	return os.NewSyscallError("madvise", unix.Madvise(part, unix.MADV_DONTNEED))
}

// What ioctl(2) PAGEMAP_SCAN takes, from linux/fs.h. Linux has it from 6.7 on.
const (
	pagemapScan = 0xc0606610
	pageFile    = 1 << 2
	pagePresent = 1 << 3
	pageSwapped = 1 << 4
	pageZero    = 1 << 5
)

type pageRegion struct{ start, end, categories uint64 }

type scanArg struct {
	size, flags, start, end, walkEnd, vec, vecLen, maxPages uint64
	inverted, mask, anyof, returned                         uint64
}

// A scanner is what one scan needs. It is on the heap, where it does not move: the system is given
// addresses in it.
type scanner struct {
	arg     scanArg
	regions [64]pageRegion
}

var scanners = sync.Pool{New: func() any { return new(scanner) }}

// next scans for pages that are the process's own, from arg.start on.
func (s *scanner) next(fd int) ([]pageRegion, error) {
	s.arg.size, s.arg.vec, s.arg.vecLen = uint64(unsafe.Sizeof(s.arg)), uint64(uintptr(unsafe.Pointer(&s.regions))), uint64(len(s.regions))
	// Not of the file, not the zero page, and in memory or swapped out.
	s.arg.inverted, s.arg.mask, s.arg.anyof = pageFile|pageZero, pageFile|pageZero, pagePresent|pageSwapped
	for {
		n, _, e := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), pagemapScan, uintptr(unsafe.Pointer(&s.arg)))
		if e == 0 {
			s.arg.start = s.arg.walkEnd
			return s.regions[:n], nil
		}
		if e != unix.EINTR {
			return nil, os.NewSyscallError("ioctl", e)
		}
	}
}

// pagemap is this process's own, and -1 where it cannot be asked.
var pagemap = sync.OnceValue(func() int {
	fd, err := unix.Open("/proc/self/pagemap", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1
	}
	s := new(scanner)
	s.arg.start = uint64(uintptr(unsafe.Pointer(s))) &^ (grain - 1)
	s.arg.end = s.arg.start + grain
	if unix.Getpagesize() == grain {
		if _, err := s.next(fd); err == nil {
			return fd
		}
	}
	_ = unix.Close(fd)
	return -1
})

// written calls f with ranges of pages that are the process's own: those of a private mapping of a
// file that were written to, and those of other memory that were touched. It returns false if the
// system cannot tell.
func written(room []byte, f func(from, to uint64)) (known bool, err error) {
	fd := pagemap()
	if fd < 0 || len(room) == 0 {
		return len(room) == 0, nil
	}
	s := scanners.Get().(*scanner)
	defer scanners.Put(s)
	base := uint64(uintptr(unsafe.Pointer(unsafe.SliceData(room))))
	s.arg = scanArg{start: base, end: base + uint64(len(room))}
	for s.arg.start < s.arg.end {
		found, err := s.next(fd)
		if err != nil {
			return false, err
		}
		for _, r := range found {
			f((r.start-base)/grain, (r.end-base)/grain)
		}
	}
	return true, nil
}
