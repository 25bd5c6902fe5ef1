//go:build unix

package cache

import (
	"io/fs"
	"os"
	"syscall"
)

// ours tells whether a file belongs to the user of this process.
func ours(st fs.FileInfo) bool {
	sys, ok := st.Sys().(*syscall.Stat_t)
	return ok && int(sys.Uid) == os.Geteuid()
}

// openPlain follows no link, and does not wait where somebody put a pipe.
func openPlain(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK|syscall.O_NOFOLLOW, 0)
}

// openEntry does not wait where somebody put a pipe in the place of an entry.
func openEntry(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
}

// othersMay tells whether a file is open to others than its owner.
func othersMay(st fs.FileInfo) bool { return st.Mode().Perm()&0o077 != 0 }
