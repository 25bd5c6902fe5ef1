package runtime_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/vitrine-run/vitrine/runtime"
)

// Opening a pipe waits for who writes to it, and nobody does: no deadline is looked at meanwhile.
func TestPipesAreNotOpened(t *testing.T) {
	eachEngine(t, func(t *testing.T, opts *runtime.Options) {
		dir := t.TempDir()
		if err := syscall.Mkfifo(filepath.Join(dir, "hello.txt"), 0o600); err != nil {
			t.Fatal(err)
		}
		in := wasi(t, opts, nil, &runtime.InstanceOptions{Dirs: []runtime.Dir{{Host: dir, Guest: "/"}}})
		began := time.Now()
		if errno := invoke(t, in, "open", 3, 528, 9, 0, 2); errno == 0 {
			t.Error("a pipe was opened")
		}
		if took := time.Since(began); took > 30*time.Second {
			t.Errorf("it took %v", took)
		}
	})
}

// Descriptors are the whole process's: a guest has a few, and others have theirs.
func TestOpenFilesAreBounded(t *testing.T) {
	eachEngine(t, func(t *testing.T, opts *runtime.Options) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "hello.txt"), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
		dirs := &runtime.InstanceOptions{Dirs: []runtime.Dir{{Host: dir, Guest: "/"}, {Host: dir, Guest: "/again"}}}
		in, other := wasi(t, opts, nil, dirs), wasi(t, opts, nil, dirs)
		opened := 0
		for range 1000 {
			if invoke(t, in, "open", 3, 528, 9, 0, 2) == 0 {
				opened++
			}
		}
		if opened < 64 || opened > 128 {
			t.Errorf("opened %d files, want some and at most 128", opened)
		}
		if errno := invoke(t, other, "open", 3, 528, 9, 0, 2); errno != 0 {
			t.Errorf("another instance: errno %d", errno)
		}
	})
}
