package bridge

import (
	"math/rand/v2"
	"time"

	"github.com/vitrine-run/vitrine/abi"
)

// partTime is how long a page and its plugins have, when the server goes, to answer each other.
const partTime = 2 * time.Second

// An Answerer is a Session that knows whether it has answered the events that it received. One that does not has.
type Answerer interface {
	// Answered says that the page has had the answer to each event, or would have it if it could see the mount. A session
	// that has answered one calls wake, also if there is nothing to send.
	Answered() bool
}

var _ Answerer = (*Mount)(nil)

// Answered implements Answerer.
func (m *Mount) Answered() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.gone() || len(m.waiting) == 0 && (m.acknowledged <= m.ackSent || !m.visible)
}

// part tells the page to come back when the server is there again (BYE), once what it has sent is answered: a last click
// counts, though the answer to it would not be there any more. The PONG to a PING comes behind everything that the page has sent before.
func (s *socket) part() {
	s.mu.Lock()
	s.parting, s.ping = time.AfterFunc(partTime, s.bye), true
	s.mu.Unlock()
	s.poke()
}

// pong notes that the page has answered a PING.
func (s *socket) pong() {
	s.mu.Lock()
	s.pings = max(0, s.pings-1)
	parting := s.parting != nil
	s.mu.Unlock()
	if parting {
		s.poke()
	}
}

// parted says BYE if the server goes and nothing is left to be answered.
func (s *socket) parted(p *page) {
	s.mu.Lock()
	ready := s.parting != nil && !s.ping && s.pings == 0
	s.mu.Unlock()
	if !ready {
		return
	}
	for _, o := range p.slots() {
		p.mu.Lock()
		session := o.session
		p.mu.Unlock()
		if a, ok := session.(Answerer); ok && !a.Answered() {
			return
		}
	}
	s.bye()
}

// bye tells the page to come back, once; pages do so at different times.
func (s *socket) bye() {
	s.mu.Lock()
	said := s.last
	s.mu.Unlock()
	if !said {
		s.end(&abi.Bye{Retry: 500*time.Millisecond + rand.N(2*time.Second)})
	}
}
