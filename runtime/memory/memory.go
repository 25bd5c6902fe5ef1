// Package memory gives a guest its linear memory out of a reserved mapping.
//
// The most that a guest may ever have is reserved as address space once, and
// growing hands out a longer prefix of it: nothing is copied, nothing is zeroed,
// and the garbage collector of the host never sees it. Where the system cannot
// reserve, a plain slice does the same work more slowly.
//
//	m := memory.New(64 << 20)   // at most 64 MiB
//	m.Reserve(1 << 30)          // the module says: at most 1 GiB; 64 MiB are reserved
//	b := m.Reallocate(65536)    // one page
//	b = m.Reallocate(128 << 20) // nil: past the limit, and m.Refused() says so
//	m.Release()                 // the address space goes back
package memory

// A Memory is the linear memory of one instance. It is for one goroutine at a
// time. Its owner calls Release once no guest runs in it any more; the engine
// calls Free whenever it believes to be done, which releases nothing: engines
// free too early, while the guest that called proc_exit is still on the stack.
type Memory struct {
	// Ask, unless it is nil, is asked whether the memory may have size bytes, before it gets as long.
	Ask func(size uint64) bool

	limit   uint64 // bytes; what policy allows
	most    uint64 // what the limit can be raised to: there is room for it
	room    []byte // the reservation, or the current slice of the fallback
	mapped  bool
	guarded bool // what is past size is inaccessible, and faults
	size    uint64
	peak    uint64
	warm    uint64 // see Warm
	refused bool
	plain   bool
	shrunk  bool   // see Shrunk
	image   *Image // what Reset puts it back to; nil if there is none
	remaps  bool   // its beginning is a private mapping of the image

	cache  *Cache // nil: the reservation comes from the system and goes back to it
	likely uint64 // how long it is expected to become
	kept   *room  // what the cache had; nil if it had nothing
}

// New returns a memory that never grows over limit bytes. It reserves nothing yet.
func New(limit uint64) *Memory { return &Memory{limit: limit, most: limit} }

// NewPortable is New without the reserved mapping: what systems without one use.
func NewPortable(limit uint64) *Memory { return &Memory{limit: limit, most: limit, plain: true} }

// Reserve sets aside room for at most max bytes, or for the limit of New if that is less.
// It is called once, before the first Reallocate.
func (m *Memory) Reserve(max uint64) {
	m.bound(max)
	if m.plain || m.most == 0 {
		return
	}
	if m.cache != nil {
		if r := m.cache.take(m.most, m.likely); r != nil {
			m.room, m.mapped, m.kept, m.warm = r.bytes, true, r, r.warm
			return
		}
	}
	if room, ok := reserve(m.most); ok {
		m.room, m.mapped = room, true
	}
}

// ReserveGuarded is Reserve for an engine that leaves bounds to the processor: of the
// reserved and guard bytes of address space, only the part handed out can be touched.
// It returns false where the system cannot reserve; there is no fallback.
func (m *Memory) ReserveGuarded(most, reserved, guard uint64) bool {
	m.bound(most)
	room, ok := reserveGuarded(max(m.most, reserved) + guard)
	if ok {
		m.room, m.mapped, m.guarded = room, true, true
	}
	return ok
}

// bound is told what the module's own maximum is.
func (m *Memory) bound(most uint64) {
	m.most = min(m.most, most)
	m.limit = min(m.limit, m.most)
}

// SetLimit changes the limit, which stays within that of New, and within what was reserved.
func (m *Memory) SetLimit(limit uint64) {
	m.limit = min(limit, m.most)
}

// Bytes is the memory as it is now: what the last Reallocate returned.
func (m *Memory) Bytes() []byte { return m.room[:m.size:m.size] }

// Reallocate makes the memory size bytes long and returns it, or returns nil and
// leaves it as it is when that is over the limit. The bytes that are new are zero.
// Only Reset makes a memory shorter.
func (m *Memory) Reallocate(size uint64) []byte {
	if m.shrunk {
		m.shrunk = false
		return m.Bytes()
	}
	if size > m.limit || size > m.size && (m.Ask != nil && !m.Ask(size) || m.guarded && !allow(m.room[m.size:size])) {
		m.refused = true
		return nil
	}
	if !m.mapped && size > uint64(cap(m.room)) {
		m.room = grown(m.room[:m.size], size, m.limit)
	}
	m.size = size
	m.peak = max(m.peak, size)
	return m.room[:size:size]
}

// grown copies old into a slice of at least size bytes, with room to double.
func grown(old []byte, size, limit uint64) []byte {
	room := make([]byte, min(limit, max(size, 2*uint64(len(old)))))
	copy(room, old)
	return room
}

const (
	smallMemory = 4 << 20   // up to this a memory is never young: there may be thousands
	warmStep    = 2 << 20   // 0.3 ms; 7 where the machine below has to find it
	briefStep   = 128 << 10 // 0.02 and 0.5
	fewPages    = 1 << 20   // are touched soon enough
)

// Young tells whether much of the memory may never have been touched, so that a guest that
// touches it now is far slower than it was.
func (m *Memory) Young() bool { return m.mapped && m.size > max(m.warm, smallMemory)+fewPages }

// Warm brings the next part of a young memory into being. It is one huge page where there are some, and a few small
// ones if it is to be brief. The collector of the host need not wait for it as it would for a guest that touches page
// after page.
func (m *Memory) Warm(brief bool) {
	from, step := max(m.warm, smallMemory), uint64(warmStep)
	if brief {
		step = briefStep
	}
	m.warm = min(m.size, from+step)
	if from < m.warm && !populate(m.room, from, m.warm, !brief) {
		m.warm = m.limit // it comes as it is touched
	}
}

// Free satisfies an engine's interface and does nothing: see Memory.
func (m *Memory) Free() {}

// Release gives the address space back, or to the cache that the memory is of. Every view of the memory is invalid
// afterwards: touching one ends the process. Releasing twice is harmless.
func (m *Memory) Release() {
	if m.mapped && !m.handOver() {
		unreserve(m.room)
	}
	m.room, m.mapped, m.guarded, m.size, m.warm, m.limit, m.most = nil, false, false, 0, 0, 0, 0
	m.image, m.remaps, m.kept = nil, false, nil
}

// handOver gives the reservation to the cache, if that is what it can keep: pages of an image are not zero, and in guarded ones
// every access faults.
func (m *Memory) handOver() bool {
	return m.cache != nil && m.image == nil && !m.guarded && m.cache.give(m)
}

// Size is the present length in bytes, Peak the greatest there was.
func (m *Memory) Size() uint64 { return m.size }

// Peak is the greatest length in bytes so far; it outlives Release.
func (m *Memory) Peak() uint64 { return m.peak }

// Refused tells whether growth was refused since the last call of Forgive.
func (m *Memory) Refused() bool { return m.refused }

// Forgive forgets a refusal: the next call of the guest starts clean.
func (m *Memory) Forgive() { m.refused = false }
