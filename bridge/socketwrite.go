package bridge

import (
	"time"

	"github.com/gorilla/websocket"

	"github.com/vitrine-run/vitrine/abi"
)

// A Rester is a Session that can give back what it does not need while nothing happens.
type Rester interface {
	// Rest is called from time to time when nothing was sent since.
	Rest()
}

var _ Rester = (*Mount)(nil)

// poke has what there is written: by the goroutine that writes, which is there only while there is something. So
// a page in which nothing happens has none.
func (s *socket) poke() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.woken = true; !s.busy && !s.over {
		s.busy = true
		go s.write()
	}
}

// write asks the mounts for their next frame in turn, one each, so that nothing piles up behind a slow page and
// no mount waits long for another. It ends when there is nothing to write, or with the socket.
func (s *socket) write() {
	for s.again() {
		if !s.flush() {
			s.mu.Lock()
			s.over = true
			s.mu.Unlock()
		}
	}
}

// again tells the writing goroutine whether to go on.
func (s *socket) again() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.woken && !s.over {
		s.woken = false
		return true
	}
	if s.busy = false; s.over {
		close(s.written)
	}
	return false
}

// finish waits until nothing is written any more, and nothing will be. With a last frame on its way that is when it
// was sent.
func (s *socket) finish(last bool) {
	s.mu.Lock()
	if !last && !s.over {
		if s.over = true; !s.busy {
			close(s.written)
		}
	}
	parting := s.parting
	s.mu.Unlock()
	<-s.written
	s.beat.Stop()
	if parting != nil {
		parting.Stop()
	}
}

// pulse sends a PING and lets mounts rest that have nothing to do.
func (s *socket) pulse() {
	s.mu.Lock()
	if s.over {
		s.mu.Unlock()
		return
	}
	s.ping = true
	rest := s.idle
	s.idle = true
	p := s.writing
	s.beat.Reset(s.h.options.Heartbeat)
	s.mu.Unlock()
	s.poke()
	s.recheck()
	if !rest {
		return
	}
	if p.empty() { // a page closes what it has no use for
		s.bye()
	}
	for _, o := range p.slots() {
		p.mu.Lock()
		session := o.session
		p.mu.Unlock()
		if r, ok := session.(Rester); ok {
			r.Rest()
		}
	}
}

// flush writes what there is to write. It is false when the socket has ended.
func (s *socket) flush() bool {
	buf, _ := s.h.buffers.Get().(*[]byte)
	if buf == nil {
		buf = new([]byte)
	}
	defer func() {
		if cap(*buf) <= smallBuffer {
			s.h.buffers.Put(buf)
		}
	}()
	for {
		control, p, last := s.take()
		for _, frame := range control {
			if !s.put(frame) {
				return false
			}
		}
		if last {
			s.goodbye()
			return false
		}
		select {
		case <-s.quit:
			return false
		default:
		}
		var o *slot
		var session Session
		if o, session, s.turn = p.ready(s.turn); o == nil {
			s.parted(p)
			return true
		}
		*buf = session.Next((*buf)[:0])
		if len(*buf) == 0 {
			continue
		}
		o.ready.Store(true) // there may be more
		if !s.put(*buf) {
			return false
		}
		if ends(*buf) {
			p.remove(o)
		}
	}
}

// take empties the queue of the connection's own frames.
func (s *socket) take() (control [][]byte, p *page, last bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	control, s.control = s.control, nil
	if s.ping {
		s.pings++
		control = append(control, abi.AppendSimple(nil, abi.FramePing))
	}
	s.idle = s.idle && s.ping
	s.ping = false
	return control, s.writing, s.last
}

// put writes one frame. If that fails the reading goroutine is made to end as well.
func (s *socket) put(frame []byte) bool {
	err := s.ws.SetWriteDeadline(time.Now().Add(s.h.options.WriteTimeout))
	if err == nil {
		err = s.ws.WriteMessage(websocket.BinaryMessage, frame)
	}
	if err != nil {
		_ = s.ws.Close()
		return false
	}
	return true
}

// goodbye closes the socket in order. The page's answer ends reading; one that does not answer is cut
// off.
func (s *socket) goodbye() {
	at := time.Now().Add(time.Second)
	_ = s.ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseGoingAway, ""), at)
	time.AfterFunc(time.Second, func() { _ = s.ws.Close() })
}
