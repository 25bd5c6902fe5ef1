package cache_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/vitrine-run/vitrine/internal/leak"
	"github.com/vitrine-run/vitrine/runtime/cache"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv("CACHE_TEST_WRITE"); dir != "" {
		writeForEver(dir)
	}
	leak.Main(m)
}

func open(t testing.TB, dir string, opts *cache.Options) *cache.Store {
	t.Helper()
	s, err := cache.Open(dir, opts)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func id(name string) cache.ID { return cache.Key([]byte(name)) }

// entries are the files that a directory has.
func entries(t testing.TB, dir string) (names []string) {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		names = append(names, filepath.Join(dir, f.Name()))
	}
	return names
}

func TestGetReturnsWhatWasPut(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cache")
	s := open(t, dir, nil)
	big := bytes.Repeat([]byte("0123456789"), 300_000) // three pieces
	for _, parts := range [][][]byte{{}, {{}}, {[]byte("one")}, {big, {}, []byte("tail")}, {{1}, {2}, {3}, {4}, {5}, {6}, {7}, {8}}} {
		if err := s.Put(id("a"), parts...); err != nil {
			t.Fatal(err)
		}
		for _, s := range []*cache.Store{s, open(t, dir, nil)} { // of this process and of the next one
			got, err := s.Get(id("a"))
			if err != nil || len(got) != len(parts) {
				t.Fatalf("%d parts of %d: %v", len(got), len(parts), err)
			}
			for i := range parts {
				if !bytes.Equal(got[i], parts[i]) {
					t.Errorf("part %d of %d differs", i, len(parts))
				}
			}
		}
	}
	if _, err := s.Get(id("b")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an entry that is not there: %v", err)
	}
	if err := s.Put(id("c"), make([][]byte, 9)...); err == nil {
		t.Error("nine parts were taken")
	}
}

func TestAlteredEntriesAreRefused(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cache")
	s := open(t, dir, nil)
	put := func() (string, []byte) {
		t.Helper()
		if err := s.Put(id("a"), []byte("facts"), []byte("machine code"), nil); err != nil {
			t.Fatal(err)
		}
		path := entries(t, dir)[0]
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return path, b
	}
	_, whole := put()
	try := func(what string, b []byte) {
		t.Helper()
		path, _ := put()
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		if parts, err := s.Get(id("a")); !errors.Is(err, cache.ErrAltered) || parts != nil {
			t.Errorf("%s: %q, %v", what, parts, err)
		}
		if _, err := s.Get(id("a")); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: the entry is still there: %v", what, err)
		}
	}
	for i := range whole {
		b := bytes.Clone(whole)
		b[i] ^= 1 << (i % 8)
		try(fmt.Sprintf("byte %d", i), b)
	}
	for n := range whole {
		try(fmt.Sprintf("%d bytes", n), whole[:n])
	}
	try("one byte more", append(bytes.Clone(whole), 0))

	// Under another name, and of another key.
	path, _ := put()
	if err := s.Put(id("b"), []byte("b")); err != nil {
		t.Fatal(err)
	}
	for _, other := range entries(t, dir) {
		if other != path {
			if err := os.Rename(path, other); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := s.Get(id("b")); !errors.Is(err, cache.ErrAltered) {
		t.Errorf("an entry under another name: %v", err)
	}
	put()
	if _, err := open(t, dir, &cache.Options{Key: bytes.Repeat([]byte{7}, 32)}).Get(id("a")); !errors.Is(err, cache.ErrAltered) {
		t.Errorf("an entry of another key: %v", err)
	}
}

// A part is authenticated when it is read, whatever became of the others.
func TestEntryReadsPartByPart(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cache")
	s := open(t, dir, nil)
	parts := [][]byte{[]byte("facts"), bytes.Repeat([]byte("0123456789"), 500_000), []byte("tail")}
	if err := s.Put(id("a"), parts...); err != nil {
		t.Fatal(err)
	}
	e, err := s.Open(id("a"))
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	path := entries(t, dir)[0]
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)-10] ^= 1 // in the second part, under the open file
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if e.Parts() != 3 {
		t.Errorf("%d parts", e.Parts())
	}
	for i, want := range []error{nil, cache.ErrAltered, nil} {
		got := make([]byte, e.Size(i))
		if err := e.Read(i, got); !errors.Is(err, want) || want == nil && !bytes.Equal(got, parts[i]) {
			t.Errorf("part %d: %.20q, %v", i, got, err)
		}
		if err := e.Read(i, make([]byte, e.Size(i)+1)); err == nil {
			t.Errorf("part %d was read into more than it has", i)
		}
	}
	if _, err := s.Open(id("a")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the altered entry is still there: %v", err)
	}
}

// Two entries of the same parts have no tag in common: each has a key of its own.
func TestEntriesHaveTheirOwnKeys(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cache")
	s := open(t, dir, nil)
	part := []byte("machine code")
	var files [][]byte
	for range 2 {
		if err := s.Put(id("a"), part); err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(entries(t, dir)[0])
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, b)
	}
	const tags = 8 + 32 + 4 + 32 + 8
	if bytes.Equal(files[0][tags:tags+16], files[1][tags:tags+16]) {
		t.Error("the same tag twice")
	}
	mixed := append(bytes.Clone(files[0][:len(files[0])-len(part)]), files[1][len(files[1])-len(part):]...)
	copy(mixed[tags:], files[1][tags:tags+16])
	if err := os.WriteFile(entries(t, dir)[0], mixed, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Get(id("a")); !errors.Is(err, cache.ErrAltered) {
		t.Errorf("an entry with the tag of another: %v", err)
	}
}

func TestOpenRefusesWhatOthersMayReach(t *testing.T) {
	for _, tt := range []struct {
		name, want string
		spoil      func(dir string) error
	}{
		{"directory open to the group", "open to others", func(dir string) error { return os.Chmod(dir, 0o770) }},
		{"directory open to all", "open to others", func(dir string) error { return os.Chmod(dir, 0o701) }},
		{"link", "no link", func(dir string) error {
			return errors.Join(os.Rename(dir, dir+"2"), os.Symlink(dir+"2", dir))
		}},
		{"key open to others", "open to others", func(dir string) error { return os.Chmod(dir+".key", 0o640) }},
		{"key is a link", "no link", func(dir string) error {
			return errors.Join(os.Rename(dir+".key", dir+".2"), os.Symlink(dir+".2", dir+".key"))
		}},
		{"key is a folder", "must be a plain one", func(dir string) error { return errors.Join(os.Remove(dir+".key"), os.Mkdir(dir+".key", 0o700)) }},
		{"key is too long", "remove it", func(dir string) error { return os.WriteFile(dir+".key", make([]byte, 1<<20), 0o600) }},
		{"key cut short", "remove it", func(dir string) error { return os.Truncate(dir+".key", 16) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "cache")
			open(t, dir, nil)
			if err := tt.spoil(dir); err != nil {
				t.Fatal(err)
			}
			if _, err := cache.Open(dir, nil); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
		})
	}
	if _, err := cache.Open(t.TempDir(), &cache.Options{Key: []byte("short")}); err == nil {
		t.Error("a short key was taken")
	}
}

func TestLeastRecentlyUsedGoes(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cache")
	s := open(t, dir, &cache.Options{Bytes: 40_000})
	part := make([]byte, 10_000)
	old := time.Now().Add(-2 * time.Hour)
	for i, name := range []string{"a", "b", "c"} {
		if err := s.Put(id(name), part); err != nil {
			t.Fatal(err)
		}
		for _, e := range entries(t, dir) { // all as if put long ago, in this order
			if st, err := os.Stat(e); err == nil && time.Since(st.ModTime()) < time.Hour {
				if err := os.Chtimes(e, old, old.Add(time.Duration(i)*time.Minute)); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	left := filepath.Join(dir, "new-123")
	if err := os.WriteFile(left, part, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(left, old, old); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Get(id("a")); err != nil {
		t.Fatal(err)
	}
	if err := s.Put(id("d"), part); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{"a": true, "b": false, "c": true, "d": true} {
		if _, err := s.Get(id(name)); (err == nil) != want {
			t.Errorf("%s is there: %v, want %v (%v)", name, err == nil, want, err)
		}
	}
	if _, err := os.Stat(left); err == nil {
		t.Error("what a killed process left is still there")
	}
	if err := s.Put(id("e"), make([]byte, 50_000)); err == nil {
		t.Error("an entry larger than the cache was taken")
	}
}

// versions are what writeForEver writes under one name, again and again.
func version(i int) []byte { return bytes.Repeat([]byte{byte(i)}, 3<<20+i%7) }

func writeForEver(dir string) {
	s, err := cache.Open(dir, nil)
	if err != nil {
		panic(err)
	}
	fmt.Println("ready")
	for i := 0; ; i++ {
		if err := s.Put(id("a"), []byte{byte(i)}, version(i%256)); err != nil {
			panic(err)
		}
		if i == 0 {
			fmt.Println("written")
		}
	}
}

// A process that is killed while it writes leaves the last whole entry, and a cache that works.
func TestKilledWhileWriting(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cache")
	rounds := 12
	if testing.Short() {
		rounds = 3
	}
	var seen int
	for i := range rounds {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "CACHE_TEST_WRITE="+dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		if !lines.Scan() || i == rounds-1 && !lines.Scan() { // ready; the last one has written
			t.Fatal("it says nothing", lines.Err())
		}
		time.Sleep(time.Duration(i*7) * time.Millisecond)
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait() // killed
		parts, err := open(t, dir, nil).Get(id("a"))
		if errors.Is(err, fs.ErrNotExist) && seen == 0 {
			continue // killed before it had written one
		}
		if err != nil {
			t.Fatalf("after kill %d: %v", i, err)
		}
		seen++
		if !bytes.Equal(parts[1], version(int(parts[0][0]))) {
			t.Fatalf("after kill %d: an entry of two writes", i)
		}
	}
	if err := open(t, dir, nil).Put(id("b"), nil); err != nil {
		t.Errorf("the next start: %v", err)
	}
	if seen == 0 {
		t.Error("no process lived long enough to write: nothing was tested")
	}
}

// Nothing is given back but what was put, whatever stands in the file.
func FuzzEntry(f *testing.F) {
	dir := filepath.Join(f.TempDir(), "cache")
	s := open(f, dir, &cache.Options{Key: bytes.Repeat([]byte{1}, 32)})
	parts := [][]byte{[]byte("facts"), bytes.Repeat([]byte{3}, 70), {}}
	if err := s.Put(id("a"), parts...); err != nil {
		f.Fatal(err)
	}
	path := entries(f, dir)[0]
	whole, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add(whole[:60])
	f.Add([]byte("vtcache1"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := s.Get(id("a"))
		if bytes.Equal(b, whole) != (err == nil) || err != nil && got != nil {
			t.Fatalf("%d bytes: %v", len(b), err)
		}
	})
}

func Example() {
	dir, err := os.MkdirTemp("", "cache")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	s, err := cache.Open(dir, &cache.Options{Key: []byte("a secret of the host, 32 bytes....")})
	if err != nil {
		panic(err)
	}
	id := cache.Key([]byte("engine 1"), []byte("module"))
	if err := s.Put(id, []byte("machine code")); err != nil {
		panic(err)
	}
	parts, err := s.Get(id)
	fmt.Printf("%s %v\n", parts[0], err)
	_, err = s.Get(cache.Key([]byte("engine 2"), []byte("module")))
	fmt.Println(errors.Is(err, fs.ErrNotExist))
	// Output:
	// machine code <nil>
	// true
}
