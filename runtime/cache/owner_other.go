//go:build !unix

package cache

import (
	"io/fs"
	"os"
)

// Where there are no owners and modes, the directory of a user's cache is private by itself.
func ours(fs.FileInfo) bool      { return true }
func othersMay(fs.FileInfo) bool { return false }

func openPlain(path string) (*os.File, error) { return os.Open(path) }

func openEntry(path string) (*os.File, error) { return os.Open(path) }
