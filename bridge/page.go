package bridge

import (
	"crypto/sha256"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// page is one page of a person, over all its sockets: its mounts stay when the socket is lost.
type page struct {
	principal string

	// Guarded by Handler.mu.
	keys   [][sha256.Size]byte // hashes of the secrets that take it up
	socket *socket             // nil while lost
	timer  *time.Timer         // while it is kept

	mu      sync.Mutex
	live    *socket // whose wake sessions get; nil while lost
	mounts  map[uint32]*slot
	order   []*slot // the same
	highest uint32  // number that was mounted
	closed  bool
}

// slot is one mount of a page. Its lock comes before the page's.
type slot struct {
	number uint32
	ready  atomic.Bool // Next may have something

	mu      sync.Mutex // held while the session is told something
	session Session    // nil while it is being opened; written with both locks held
	visible bool       // what the page said last while it was being opened
	resume  []byte     // a RESUME that came while it was being opened
	props   []byte     // the last PROPS that came while it was being opened
}

// unkeep takes a page out of the lost ones; Handler.mu is held.
func (p *page) unkeep(h *Handler) {
	if p.timer != nil {
		p.timer.Stop()
		p.timer = nil
	}
	if at := slices.Index(h.kept, p); at >= 0 {
		h.kept = slices.Delete(h.kept, at, at+1)
	}
}

// add makes a slot for a new mount; nil if its number is not higher than all before.
func (p *page) add(number uint32, visible bool) *slot {
	p.mu.Lock()
	defer p.mu.Unlock()
	if number <= p.highest {
		return nil
	}
	p.highest = number
	s := &slot{number: number, visible: visible}
	p.mounts[number] = s
	p.order = append(p.order, s)
	return s
}

// find is the slot of a mount, nil if there is none; known tells whether there has been one.
func (p *page) find(number uint32) (s *slot, known bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.mounts[number], number <= p.highest
}

func (p *page) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.order)
}

func (p *page) empty() bool { return p.count() == 0 }

// slots is a copy of what is mounted.
func (p *page) slots() []*slot {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.order)
}

// remove ends a mount.
func (p *page) remove(s *slot) {
	p.mu.Lock()
	session := s.session
	if p.mounts[s.number] == s {
		delete(p.mounts, s.number)
		p.order = slices.DeleteFunc(p.order, func(o *slot) bool { return o == s })
	}
	p.mu.Unlock()
	if session != nil {
		session.Close()
	}
}

// opened gives a slot its session, and says which socket the page has now. It is false if nobody wants
// the session any more. The slot's lock is held.
func (p *page) opened(o *slot, session Session) (live *socket, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || p.mounts[o.number] != o {
		return nil, false
	}
	o.session = session
	return p.live, true
}

// reach says for whom sessions have frames from now on, nil for nobody.
func (p *page) reach(live *socket) {
	p.mu.Lock()
	p.live = live
	p.mu.Unlock()
}

func (p *page) reached() *socket {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.live
}

// ready is the next slot from place turn on that may have a frame, nil if there is none; next is where
// to go on.
func (p *page) ready(turn int) (s *slot, session Session, next int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range p.order {
		at := (turn + i) % len(p.order)
		if o := p.order[at]; o.session != nil && o.ready.Swap(false) {
			return o, o.session, at + 1
		}
	}
	return nil, nil, turn
}

// detach tells all sessions that there is no socket.
func (p *page) detach() {
	p.reach(nil)
	for _, o := range p.slots() {
		o.mu.Lock()
		if o.session != nil {
			o.session.Attach(nil)
		}
		o.mu.Unlock()
	}
}

// saw counts a number as used.
func (p *page) saw(number uint32) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.highest = max(p.highest, number)
}

// close ends all mounts.
func (p *page) close() {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	for _, s := range p.slots() {
		p.remove(s)
	}
}
