package memory_test

import (
	"bytes"
	"math/rand"
	"sync"
	"testing"
	"time"

	"github.com/vitrine-run/vitrine/runtime/memory"
)

const limit = 1024 * page

// eventually waits until a cache has nothing left to zero and its statistics are as wanted.
func eventually(t *testing.T, c *memory.Cache, want func(memory.CacheStats) bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !want(c.Stats()); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%+v", c.Stats())
		}
	}
}

// used is a memory of some pages with a canary in each.
func used(t *testing.T, c *memory.Cache, pages uint64) *memory.Memory {
	t.Helper()
	m := c.New(limit, pages*page)
	m.Reserve(limit)
	b := m.Reallocate(pages * page)
	for at := 0; at < len(b); at += 4096 {
		b[at+at%4095] = 0xa5
	}
	return m
}

// keeps skips the test where the system cannot tell what was written to.
func keeps(t *testing.T) {
	t.Helper()
	c := memory.NewCache(64<<20, time.Hour)
	defer c.Close()
	used(t, c, 32).Release()
	eventually(t, c, func(s memory.CacheStats) bool { return s.Kept+s.Dropped == 1 })
	if c.Stats().Kept == 0 {
		t.Skip("this system does not say what was written to")
	}
}

func TestCacheGivesZeroedMemory(t *testing.T) {
	keeps(t)
	c := memory.NewCache(64<<20, time.Hour)
	defer c.Close()
	m := used(t, c, 512)
	m.Reallocate(600 * page)[599*page] = 1
	m.Release()
	eventually(t, c, func(s memory.CacheStats) bool { return s.Kept == 1 })
	if s := c.Stats(); s.Bytes < 512*page || s.Bytes > 513*page {
		t.Errorf("%d bytes kept of 512 pages and one of 4 KiB", s.Bytes)
	}
	next := c.New(limit, 512*page)
	defer next.Release()
	next.Reserve(700 * page)
	b := next.Reallocate(512 * page)
	if next.Young() {
		t.Error("memory that is there is young")
	}
	if at := bytes.IndexFunc(next.Reallocate(700*page), func(r rune) bool { return r != 0 }); at >= 0 || b[0] != 0 {
		t.Errorf("not zero at %d", at)
	}
	if s := c.Stats(); s.Taken != 1 || s.Bytes != 0 {
		t.Errorf("%+v", s)
	}
	if next.Reallocate(701*page) != nil {
		t.Error("it grew past its limit into the room of another")
	}
}

func TestCacheIsBounded(t *testing.T) {
	keeps(t)
	c := memory.NewCache(8<<20, time.Hour)
	defer c.Close()
	var all []*memory.Memory
	for range 8 {
		all = append(all, used(t, c, 48)) // 3 MiB
	}
	for _, m := range all {
		m.Release()
		if n := c.Stats().Bytes; n > 8<<20 {
			t.Fatalf("%d bytes kept", n)
		}
	}
	used(t, c, 200).Release() // 12.5 MiB
	eventually(t, c, func(s memory.CacheStats) bool { return s.Kept >= 1 && s.Bytes > 0 })
	if n := c.Stats().Bytes; n > 8<<20 {
		t.Errorf("%d bytes kept", n)
	}
	c.Close()
	if s := c.Stats(); s.Bytes != 0 {
		t.Errorf("%+v after Close", s)
	}
	used(t, c, 48).Release()
	if s := c.Stats(); s.Bytes != 0 {
		t.Errorf("%+v: a closed cache keeps", s)
	}
}

func TestCacheForgets(t *testing.T) {
	keeps(t)
	c := memory.NewCache(64<<20, 10*time.Millisecond)
	defer c.Close()
	used(t, c, 48).Release()
	eventually(t, c, func(s memory.CacheStats) bool { return s.Kept == 1 && s.Dropped == 1 && s.Bytes == 0 })
}

// What does not suit is not taken: a reservation that is too small, one that is far too full, and none for a small guest.
func TestCacheChooses(t *testing.T) {
	keeps(t)
	c := memory.NewCache(64<<20, time.Hour)
	defer c.Close()
	big, mid := used(t, c, 400), used(t, c, 100)
	big.Release()
	mid.Release()
	eventually(t, c, func(s memory.CacheStats) bool { return s.Kept == 2 })
	for _, x := range []struct {
		name          string
		limit, likely uint64
		left          uint64 // pages that stay
	}{
		{"small guest", limit, 15 * page, 500},
		{"too small a reservation", limit + page, 100 * page, 500},
		{"the one that is enough", limit, 90 * page, 400},
		{"the largest if none is", limit, 450 * page, 100},
		{"not a full one for little", limit, 20 * page, 500},
	} {
		t.Run(x.name, func(t *testing.T) {
			m := c.New(x.limit, x.likely)
			m.Reserve(x.limit)
			if got := c.Stats().Bytes; got != x.left*page {
				t.Errorf("%d pages left, want %d", got/page, x.left)
			}
			kept := c.Stats().Kept
			m.Release()
			if x.left < 500 {
				eventually(t, c, func(s memory.CacheStats) bool { return s.Kept == kept+1 })
			}
		})
	}
}

// An image's pages and guarded ones are no memory for others.
func TestCacheKeepsNoImage(t *testing.T) {
	c := memory.NewCache(64<<20, time.Hour)
	defer c.Close()
	m := used(t, c, 32)
	if err := m.Load(image(t, contents(32))); err != nil {
		t.Fatal(err)
	}
	m.Release()
	g := c.New(limit, 32*page)
	if g.ReserveGuarded(limit, 2*limit, page) {
		g.Reallocate(32 * page)[5] = 1
	}
	g.Release()
	if s := c.Stats(); s.Bytes != 0 || s.Kept != 0 {
		t.Errorf("%+v", s)
	}
}

// Many guests at once, each of which must find zeros and leaves canaries everywhere.
func TestCacheHammer(t *testing.T) {
	c := memory.NewCache(16<<20, time.Millisecond)
	defer c.Close()
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			rnd := rand.New(rand.NewSource(int64(g)))
			for range 30 {
				life(t, c, rnd)
			}
		})
	}
	wg.Wait()
	if n := c.Stats().Bytes; n > 16<<20 {
		t.Errorf("%d bytes kept", n)
	}
}

// life is that of a guest that grows, checks that what is new is zero, and writes to it.
func life(t *testing.T, c *memory.Cache, rnd *rand.Rand) {
	m := c.New(128*page, uint64(rnd.Intn(128))*page)
	defer m.Release()
	m.Reserve(128 * page)
	for size := uint64(0); size < 100; {
		was := size
		size += 1 + uint64(rnd.Intn(40))
		b := m.Reallocate(min(size, 128) * page)
		for at := was * page; at < uint64(len(b)); at += 512 {
			if b[at] != 0 {
				t.Errorf("byte %d of another guest: %#x", at, b[at])
				return
			}
			if rnd.Intn(8) > 0 {
				b[at] = 0xa5
			}
		}
		if rnd.Intn(3) == 0 {
			m.Warm(rnd.Intn(2) == 0)
		}
	}
}

func FuzzCache(f *testing.F) {
	f.Add([]byte{1, 200, 2, 30, 0, 90, 3})
	f.Fuzz(func(t *testing.T, ops []byte) {
		c := memory.NewCache(4<<20, time.Hour)
		defer c.Close()
		m := c.New(64*page, 64*page)
		m.Reserve(64 * page)
		for _, op := range ops {
			switch op % 4 {
			case 0, 1:
				was := m.Size()
				b := m.Reallocate(min(64*page, was+uint64(op/4)*page/4&^(page-1)))
				if i := bytes.IndexByte(b[was:], 0xa5); i >= 0 {
					t.Fatalf("byte %d is of another guest", was+uint64(i))
				}
				for at := was; at < uint64(len(b)); at += uint64(op) + 1 {
					b[at] = 0xa5
				}
			case 2:
				m.Warm(op > 127)
			case 3:
				m.Release()
				if op > 127 {
					eventually(t, c, func(s memory.CacheStats) bool { return s.Kept+s.Dropped > 0 || s.Bytes == 0 })
				}
				m = c.New(64*page, uint64(op)*page)
				m.Reserve(64 * page)
			}
		}
		m.Release()
	})
}
