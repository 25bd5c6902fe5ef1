package hostfuncs

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/vitrine-run/vitrine/abi"
)

// MemoryStore is a Store that ends with the process. The zero value is empty.
type MemoryStore struct {
	mu     sync.Mutex
	spaces map[string]*memorySpace
}

type memorySpace struct {
	values map[string][]byte
	bytes  int64
}

var _ Store = (*MemoryStore)(nil)

// Get implements Store.
func (m *MemoryStore) Get(_ context.Context, space, key string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.spaces[space]
	if s == nil || s.values[key] == nil {
		return nil, abi.CodeNotFound
	}
	return append([]byte{}, s.values[key]...), nil
}

// Put implements Store.
func (m *MemoryStore) Put(_ context.Context, space, key string, c *Change) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.spaces[space]
	if s == nil {
		s = &memorySpace{values: map[string][]byte{}}
	}
	old := s.values[key]
	if c.Compare && ((old == nil) != (c.Was == nil) || !bytes.Equal(old, c.Was)) {
		return abi.CodeConflict
	}
	size, count := s.bytes, int64(len(s.values))
	if old != nil {
		size, count = size-int64(len(key)+len(old)), count-1
	}
	if c.Value != nil {
		size, count = size+int64(len(key)+len(c.Value)), count+1
		if c.Quota.Exceeded(size, count, s.bytes, int64(len(s.values))) {
			return abi.CodeLimit
		}
		s.values[key] = append([]byte{}, c.Value...)
	} else {
		delete(s.values, key)
	}
	s.bytes = size
	if m.spaces == nil {
		m.spaces = map[string]*memorySpace{}
	}
	if m.spaces[space] = s; count == 0 {
		delete(m.spaces, space)
	}
	return nil
}

// Exceeded reports whether a space that holds keysBefore keys of bytesBefore bytes must not come to hold
// keys of bytes. A Store asks before it keeps a value. One that is over a quota, which has been lowered, may
// shrink.
func (q Quota) Exceeded(bytes, keys, bytesBefore, keysBefore int64) bool {
	return bytes > q.Bytes && bytes > bytesBefore || keys > q.Keys && keys > keysBefore
}

// Keys implements Store.
func (m *MemoryStore) Keys(_ context.Context, space, prefix, after string, most int) ([]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []string
	if s := m.spaces[space]; s != nil {
		for k := range s.values {
			if strings.HasPrefix(k, prefix) && k > after {
				out = append(out, k)
			}
		}
	}
	slices.Sort(out)
	return out[:min(len(out), most)], nil
}
