package memory

import (
	"slices"
	"sync"
	"time"
)

// A Cache keeps the memory of guests that are gone for guests to come. A page that nobody has had costs half a
// microsecond to touch, and on some machines thirty times that; one that somebody had costs 0.02 to
// be zeroed, which is done by a goroutine that is there only while there is something to zero.
//
// What is kept, zeroed and waiting to be, is bounded; what is more goes back to the system at once, and
// what nobody has wanted for a while goes as well. Where the system cannot tell what was touched, nothing
// is kept. It is safe for concurrent use. Whoever made it closes it, or leaves to time what it keeps.
type Cache struct {
	most uint64
	idle time.Duration

	mu     sync.Mutex
	dirty  []*room // to be zeroed, the first to come first
	clean  []*room // the one that has waited longest first
	held   uint64  // of both, and of the one that is being zeroed
	busy   sync.WaitGroup
	at     bool // work is under way
	closed bool
	timer  *time.Timer // nil while nothing is clean
	stats  CacheStats
}

// CacheStats say what is in a cache, and what has happened in it.
type CacheStats struct {
	Bytes   uint64 // that are kept, or to be zeroed
	Taken   uint64 // memories that began with kept pages
	Kept    uint64 // memories that were zeroed
	Dropped uint64 // that went back to the system instead, or later
}

// room is a reservation.
type room struct {
	bytes []byte
	held  uint64 // bytes that it may hold; once zeroed, about those it does
	warm  uint64 // up to here it holds all, from smallMemory on
	since time.Time
}

// leastKept is the smallest memory worth keeping: a page less than this comes as fast as it is zeroed.
const leastKept = 1 << 20

// NewCache returns a cache of at most that many bytes, each for at most about as long as idle.
func NewCache(bytes uint64, idle time.Duration) *Cache { return &Cache{most: bytes, idle: idle} }

// New is the function New for a memory that may begin with pages of the cache, which is told how long the memory is
// likely to become. What the memory has had goes to the cache with Release.
func (c *Cache) New(limit, likely uint64) *Memory {
	return &Memory{limit: limit, most: limit, cache: c, likely: likely}
}

// Stats are those of now.
func (c *Cache) Stats() CacheStats {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.stats
	s.Bytes = c.held
	return s
}

// Close gives back what is kept, and keeps nothing from then on.
func (c *Cache) Close() {
	c.mu.Lock()
	c.closed = true
	gone := c.drop(len(c.clean))
	if c.timer != nil {
		c.timer.Stop()
		c.timer = nil
	}
	c.mu.Unlock()
	unreserveAll(gone)
	c.busy.Wait()
}

// take finds a reservation of at least limit bytes that suits a memory of about likely bytes: the smallest that
// holds as much, or else the largest, but none that would waste more than there is use for.
func (c *Cache) take(limit, likely uint64) *room {
	if likely < leastKept {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	best := -1
	for i, r := range c.clean {
		if uint64(len(r.bytes)) < limit || r.held > 4*likely {
			continue
		}
		if best < 0 || c.clean[best].suitsLess(r, likely) {
			best = i
		}
	}
	if best < 0 {
		return nil
	}
	r := c.clean[best]
	c.clean = slices.Delete(c.clean, best, best+1)
	c.held -= r.held
	c.stats.Taken++
	return r
}

func (r *room) suitsLess(other *room, likely uint64) bool {
	if r.held >= likely {
		return other.held >= likely && other.held < r.held
	}
	return other.held > r.held
}

// give takes the reservation of a memory that is over, and returns false if there is no room for it.
func (c *Cache) give(m *Memory) bool {
	r := m.kept
	if r == nil {
		if m.peak < leastKept {
			return false
		}
		r = &room{bytes: m.room}
	}
	r.held = max(r.held, m.peak)
	c.mu.Lock()
	var gone []*room
	for c.held+r.held > c.most && len(c.clean) > 0 && r.held <= c.most {
		gone = append(gone, c.drop(1)...)
	}
	fits := !c.closed && c.held+r.held <= c.most
	if fits {
		c.held += r.held
		c.dirty = append(c.dirty, r)
		if !c.at {
			c.at = true
			c.busy.Go(c.work)
		}
	} else {
		c.stats.Dropped++
	}
	c.mu.Unlock()
	unreserveAll(gone)
	return fits
}

// work zeroes what there is to zero.
func (c *Cache) work() {
	for {
		c.mu.Lock()
		if len(c.dirty) == 0 {
			c.at, c.dirty = false, nil
			c.mu.Unlock()
			return
		}
		r, over := c.dirty[0], c.closed
		c.dirty = c.dirty[1:]
		c.mu.Unlock()
		held := r.held
		ok := !over && r.scrub()
		if !c.shelve(r, held, ok) {
			unreserve(r.bytes)
		}
	}
}

// shelve keeps a reservation that was zeroed if ok, in place of one that was counted with held bytes. If it returns false
// the reservation is to go.
func (c *Cache) shelve(r *room, held uint64, ok bool) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.held -= held
	if !ok || c.closed || r.held == 0 || c.held+r.held > c.most {
		c.stats.Dropped++
		return false
	}
	c.held += r.held
	c.stats.Kept++
	r.since = time.Now()
	c.clean = append(c.clean, r)
	if c.timer == nil {
		c.timer = time.AfterFunc(c.idle, c.sweep)
	}
	return true
}

// drop takes the first n of those that are clean out. c.mu is held; the caller unreserves them.
func (c *Cache) drop(n int) []*room {
	gone := slices.Clone(c.clean[:n])
	c.clean = slices.Delete(c.clean, 0, n)
	for _, r := range gone {
		c.held -= r.held
	}
	c.stats.Dropped += uint64(n)
	return gone
}

// sweep lets go what nobody has wanted for a while.
func (c *Cache) sweep() {
	c.mu.Lock()
	due := time.Now().Add(-c.idle)
	n := 0
	for n < len(c.clean) && !c.clean[n].since.After(due) {
		n++
	}
	gone := c.drop(n)
	c.timer = nil
	if len(c.clean) > 0 {
		c.timer = time.AfterFunc(c.clean[0].since.Sub(due), c.sweep)
	}
	c.mu.Unlock()
	unreserveAll(gone)
}

func unreserveAll(rooms []*room) {
	for _, r := range rooms {
		unreserve(r.bytes)
	}
}
