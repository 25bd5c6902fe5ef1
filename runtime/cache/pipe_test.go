//go:build unix

package cache_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/vitrine-run/vitrine/runtime/cache"
)

// What is no file is no entry: neither a pipe that nobody writes to, which to open takes for ever, nor a directory.
func TestWhatIsNoFileIsRefused(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cache")
	s := open(t, dir, nil)
	for what, put := range map[string]func(string) error{
		"a pipe":      func(path string) error { return syscall.Mkfifo(path, 0o600) },
		"a directory": func(path string) error { return os.Mkdir(path, 0o700) },
		"a device":    func(path string) error { return os.Symlink("/dev/zero", path) },
	} {
		if err := s.Put(id("a"), []byte("a")); err != nil {
			t.Fatal(err)
		}
		path := entries(t, dir)[0]
		if err := errors.Join(os.Remove(path), put(path)); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Get(id("a")); !errors.Is(err, cache.ErrAltered) {
			t.Errorf("%s: %v", what, err)
		}
		if n := len(entries(t, dir)); n != 0 {
			t.Errorf("%s: it is still there", what)
		}
	}
}

// A key that would never come is refused as well, and not waited for.
func TestKeyThatIsAPipeIsRefused(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cache")
	if err := syscall.Mkfifo(dir+".key", 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := cache.Open(dir, nil); err == nil || !strings.Contains(err.Error(), "must be a plain one") {
		t.Errorf("error %v", err)
	}
}
