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

// othersMay tells whether a file is open to others than its owner.
func othersMay(st fs.FileInfo) bool { return st.Mode().Perm()&0o077 != 0 }
