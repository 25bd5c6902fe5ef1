package engine

import (
	"io/fs"
	"os"
	"sync/atomic"
	"syscall"
)

// maxOpen is how many files an instance may have open: descriptors are the whole process's.
const maxOpen = 128

// files are what a guest may read below a directory: files and directories. A pipe, a socket or a device
// is refused, for opening or reading one may wait for ever, where no deadline is looked at.
type files struct {
	fs.StatFS
	root *os.Root
	open *atomic.Int32 // shared by the directories of an instance
}

func newFiles(root *os.Root, open *atomic.Int32) fs.FS {
	return &files{root.FS().(fs.StatFS), root, open}
}

// Open implements fs.FS.
func (f *files) Open(name string) (fs.File, error) {
	if f.open.Add(1) > maxOpen {
		f.open.Add(-1)
		return nil, &fs.PathError{Op: "open", Path: name, Err: syscall.EMFILE}
	}
	file, err := f.openFile(name)
	if err != nil {
		f.open.Add(-1)
		return nil, err
	}
	return &openFile{File: file, open: f.open}, nil
}

func (f *files) openFile(name string) (*os.File, error) {
	file, err := f.root.OpenFile(name, os.O_RDONLY|nonblock, 0)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		err = &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	if err != nil {
		_ = file.Close() // nothing was written
		return nil, err
	}
	return file, nil
}

// openFile is one of an instance's open files.
type openFile struct {
	*os.File
	open   *atomic.Int32
	closed atomic.Bool
}

// Close implements fs.File.
func (f *openFile) Close() error {
	if f.closed.CompareAndSwap(false, true) {
		f.open.Add(-1)
	}
	return f.File.Close()
}
