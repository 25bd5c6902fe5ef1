// Package cache keeps bytes that took long to make in a directory, and gives back only what it wrote
// itself.
//
// What it keeps is machine code that the host will run. So who can write into the directory must
// not be able to put code there: every entry carries a MAC (HMAC-SHA256) with a key of the host's, over
// what the entry is for and tags (GMAC, with a key derived from that one) of all its parts. An entry that was altered in any byte, or that
// lies under another name, is not given back: it is removed.
//
//	s, err := cache.Open("/var/cache/vitrine", nil)
//	id := cache.Key([]byte("wazero 1.12"), code)
//	err = s.Put(id, hull, native)
//	parts, err := s.Get(id)
//
// Entries are written beside the directory's others and then renamed, so that a process that is killed
// at any time leaves whole entries and files that nobody reads; those are removed later. When there are more
// bytes than allowed, what was not used for longest goes.
package cache

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// ErrAltered is matched by the error for an entry that is not what this key's owner wrote. The entry
// has been removed.
var ErrAltered = errors.New("cache: entry was altered")

// Options say how a Store keeps its entries; nil, and every zero field, is the default.
type Options struct {
	Key   []byte // at least 32 secret bytes; nil: those in the file beside the directory with ".key" added, made if missing
	Bytes int64  // of all entries; default 1 GiB
}

// Store is a directory of entries. It is safe for concurrent use, by several processes as well. It
// holds nothing open.
type Store struct {
	dir   string
	key   []byte
	bytes int64
	mu    sync.Mutex // one of this process evicts
}

// ID names an entry. It is made of everything that its content depends on.
type ID [sha256.Size]byte

// Key is the ID for those parts: two lists give the same only if they are the same.
func Key(parts ...[]byte) ID {
	h := sha256.New()
	for _, p := range parts {
		var n [8]byte
		binary.LittleEndian.PutUint64(n[:], uint64(len(p)))
		h.Write(n[:])
		h.Write(p)
	}
	return ID(h.Sum(nil))
}

// Open makes the directory if it is missing. It is for its owner alone (0700, the key file 0600): one
// that belongs to somebody else or that others can write or read is refused.
func Open(dir string, opts *Options) (*Store, error) {
	var o Options
	if opts != nil {
		o = *opts
	}
	if o.Key != nil && len(o.Key) < 32 {
		return nil, fmt.Errorf("cache: a key of %d bytes, it needs 32", len(o.Key))
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("cache: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("cache: %w", err)
	}
	st, err := os.Lstat(dir)
	if err != nil {
		return nil, fmt.Errorf("cache: %w", err)
	}
	if err := private(dir, st, fs.ModeDir); err != nil {
		return nil, err
	}
	s := &Store{dir: dir, key: slices.Clone(o.Key), bytes: cmp.Or(max(o.Bytes, 0), 1<<30)}
	if s.key == nil {
		s.key, err = hostKey(dir + ".key")
	}
	return s, err
}

// private refuses what is not of that type, or not its owner's alone.
func private(path string, st fs.FileInfo, want fs.FileMode) error {
	switch {
	case st.Mode().Type() != want:
		return fmt.Errorf("cache: %s is a %v: it must be a plain one, no link", path, st.Mode())
	case !ours(st):
		return fmt.Errorf("cache: %s belongs to somebody else", path)
	case othersMay(st):
		return fmt.Errorf("cache: %s is open to others (%v): chmod go-rwx it, or name another place", path, st.Mode())
	}
	return nil
}

func (s *Store) path(id ID) string { return filepath.Join(s.dir, hex.EncodeToString(id[:])+suffix) }

const (
	suffix  = ".entry"
	pending = "new-" // what the names of unfinished files begin with
)

// Get returns the parts of an entry, in memory of their own. The errors are those of Open.
func (s *Store) Get(id ID) ([][]byte, error) {
	e, err := s.Open(id)
	if err != nil {
		return nil, err
	}
	defer e.Close() // was only read from
	parts := make([][]byte, e.Parts())
	for i := range parts {
		parts[i] = make([]byte, e.Size(i))
		if err := e.Read(i, parts[i]); err != nil {
			return nil, err
		}
	}
	return parts, nil
}

// use notes that an entry is used. What fails costs an early eviction.
func (s *Store) use(path string) {
	now := time.Now()
	_ = os.Chtimes(path, now, now)
}

// Put writes an entry, or replaces one. Parts are at most eight.
func (s *Store) Put(id ID, parts ...[]byte) error {
	h, err := newHeader(s.key, id, parts)
	if err != nil {
		return err
	}
	if h.total() > s.bytes {
		return fmt.Errorf("cache: an entry of %d bytes, all may have %d", h.total(), s.bytes)
	}
	if err := s.write(id, h.encode(s.key), parts); err != nil {
		return fmt.Errorf("cache: %w", err)
	}
	return s.evict()
}

// write makes an entry appear whole or not at all.
func (s *Store) write(id ID, head []byte, parts [][]byte) (err error) {
	f, err := os.CreateTemp(s.dir, pending+"*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = f.Close() // the first error is the one that says why
			_ = os.Remove(f.Name())
		}
	}()
	for _, b := range append([][]byte{head}, parts...) {
		if _, err := f.Write(b); err != nil {
			return err
		}
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), s.path(id))
}

// abandoned is how old an unfinished file is whose writer is gone.
const abandoned = time.Hour

// evict removes the entries that were not used for longest, until the others have room, and what
// processes that were killed have left.
func (s *Store) evict() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	files, err := os.ReadDir(s.dir)
	if err != nil {
		return fmt.Errorf("cache: %w", err)
	}
	var entries []fs.FileInfo
	var sum int64
	for _, f := range files {
		st, err := f.Info()
		if err != nil {
			continue // another process was faster
		}
		switch name := f.Name(); {
		case strings.HasPrefix(name, pending) && time.Since(st.ModTime()) > abandoned:
			_ = os.Remove(filepath.Join(s.dir, name)) // it stays until the next time
		case strings.HasSuffix(name, suffix):
			entries = append(entries, st)
			sum += st.Size()
		}
	}
	slices.SortFunc(entries, func(a, b fs.FileInfo) int { return a.ModTime().Compare(b.ModTime()) })
	for _, st := range entries {
		if sum <= s.bytes {
			break
		}
		if err := os.Remove(filepath.Join(s.dir, st.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("cache: %w", err)
		}
		sum -= st.Size()
	}
	return nil
}
