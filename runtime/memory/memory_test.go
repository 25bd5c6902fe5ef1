package memory_test

import (
	"fmt"
	"runtime/debug"
	"testing"
	"unsafe"

	"github.com/vitrine-run/vitrine/runtime/memory"
)

const page = 65536

var kinds = []struct {
	name string
	make func(uint64) *memory.Memory
}{{"reserved", memory.New}, {"portable", memory.NewPortable}}

func TestGrowKeepsContents(t *testing.T) {
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			m := k.make(128 * page)
			defer m.Release()
			m.Reserve(1 << 32)
			b := m.Reallocate(page)
			b[0], b[page-1] = 1, 2
			for pages := uint64(2); pages <= 128; pages++ {
				b = m.Reallocate(pages * page)
				if uint64(len(b)) != pages*page {
					t.Fatalf("len %d after growing to %d pages", len(b), pages)
				}
				if b[0] != 1 || b[page-1] != 2 || b[len(b)-1] != 0 {
					t.Fatalf("contents lost at %d pages", pages)
				}
			}
			if m.Peak() != 128*page || m.Size() != 128*page {
				t.Errorf("size %d, peak %d", m.Size(), m.Peak())
			}
		})
	}
}

func TestLimit(t *testing.T) {
	for _, k := range kinds {
		for _, c := range []struct {
			name               string
			limit, max, size   uint64
			granted, remembers bool
		}{
			{"within", 4 * page, 4 * page, 4 * page, true, false},
			{"over the limit", 4 * page, 1 << 32, 5 * page, false, true},
			{"over the module's own maximum", 1 << 32, 4 * page, 5 * page, false, true},
			{"nothing allowed", 0, 4 * page, page, false, true},
			{"empty", 0, 0, 0, true, false},
		} {
			t.Run(k.name+"/"+c.name, func(t *testing.T) {
				m := k.make(c.limit)
				defer m.Release()
				m.Reserve(c.max)
				b := m.Reallocate(c.size)
				if c.granted != (uint64(len(b)) == c.size && (b != nil || c.size == 0)) {
					t.Errorf("Reallocate(%d) gave %d bytes", c.size, len(b))
				}
				if m.Refused() != c.remembers {
					t.Errorf("Refused() = %v", m.Refused())
				}
				m.Forgive()
				if m.Refused() {
					t.Error("still refused after Forgive")
				}
			})
		}
	}
}

func TestGuarded(t *testing.T) {
	m := memory.New(4 * page)
	defer m.Release()
	if !m.ReserveGuarded(2*page, 16*page, page) {
		t.Skip("this system cannot reserve")
	}
	for pages := uint64(0); pages <= 2; pages++ {
		b := m.Reallocate(pages * page)
		if b == nil || uint64(len(b)) != pages*page || len(m.Bytes()) != len(b) {
			t.Fatalf("%d bytes after growing to %d pages", len(b), pages)
		}
		for i := range b { // all of it can be touched
			b[i]++
		}
	}
	if m.Bytes()[0] != 2 || m.Reallocate(3*page) != nil || !m.Refused() || m.Size() != 2*page {
		t.Error("grew over its limit, or lost what was in it")
	}
	if faults := touch(m.Bytes()); !faults {
		t.Error("what is past the end can be read")
	}
	m.Release()
	if len(m.Bytes()) != 0 || m.Peak() != 2*page {
		t.Error("bytes are left after Release")
	}
}

// touch reads just past b and tells whether that faults.
func touch(b []byte) (faults bool) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() { faults = recover() != nil }()
	sink = *(*byte)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(b)), len(b)))
	return false
}

var sink byte

func TestReleaseTwiceAndPeakAfter(t *testing.T) {
	m := memory.New(2 * page)
	m.Reserve(2 * page)
	m.Reallocate(2 * page)
	m.Release()
	m.Release()
	if m.Peak() != 2*page || m.Reallocate(page) != nil {
		t.Error("a released memory must keep its peak and refuse to grow")
	}
}

func ExampleNew() {
	m := memory.New(2 * page)
	defer m.Release()
	m.Reserve(100 * page)
	fmt.Println(len(m.Reallocate(page)), m.Reallocate(3*page) == nil, m.Refused())
	// Output: 65536 true true
}

func ExampleNewPortable() {
	m := memory.NewPortable(2 * page)
	defer m.Release()
	m.Reserve(2 * page)
	fmt.Println(len(m.Reallocate(2*page)), m.Peak())
	// Output: 131072 131072
}

func TestYoung(t *testing.T) {
	m := memory.New(64 << 20)
	defer m.Release()
	m.Reserve(64 << 20)
	if m.Reallocate(4 << 20); m.Young() {
		t.Error("a small memory is young")
	}
	b := m.Reallocate(32 << 20)
	b[20<<20] = 7
	steps := 0
	for ; m.Young(); steps++ {
		m.Warm(false)
	}
	if b[20<<20] != 7 || b[31<<20] != 0 || steps > 14 {
		t.Errorf("%d steps; %d, %d", steps, b[20<<20], b[31<<20])
	}
	if m.Reallocate(32<<20 + page); m.Young() {
		t.Error("young by a page")
	}
	portable := memory.NewPortable(64 << 20)
	if portable.Reallocate(32 << 20); portable.Young() {
		t.Error("a plain slice is young")
	}
}
