package bridge

import (
	"time"

	"github.com/gorilla/websocket"

	"github.com/vitrine-run/vitrine/abi"
)

// write is the one goroutine that writes frames. It asks the mounts for their next frame in turn, one
// each, so that nothing piles up behind a slow page and no mount waits long for another.
func (s *socket) write() {
	defer close(s.written)
	ticker := time.NewTicker(s.h.options.Heartbeat)
	defer ticker.Stop()
	var buf []byte
	turn := 0
	for {
		select {
		case <-s.quit:
			return
		case <-ticker.C:
			if !s.put(abi.AppendSimple(nil, abi.FramePing)) {
				return
			}
		case <-s.wake:
			var ok bool
			if buf, turn, ok = s.flush(buf, turn); !ok {
				return
			}
			if cap(buf) > smallBuffer {
				buf = nil
			}
		}
	}
}

// flush writes what there is to write. It is false when the socket has ended.
func (s *socket) flush(buf []byte, turn int) ([]byte, int, bool) {
	for {
		control, p, last := s.take()
		for _, frame := range control {
			if !s.put(frame) {
				return buf, turn, false
			}
		}
		if last {
			s.goodbye()
			return buf, turn, false
		}
		select {
		case <-s.quit:
			return buf, turn, false
		default:
		}
		var o *slot
		var session Session
		if o, session, turn = p.ready(turn); o == nil {
			return buf, turn, true
		}
		buf = session.Next(buf[:0])
		if len(buf) == 0 {
			continue
		}
		o.ready.Store(true) // there may be more
		if !s.put(buf) {
			return buf, turn, false
		}
		if ends(buf) {
			p.remove(o)
		}
	}
}

// take empties the queue of the connection's own frames.
func (s *socket) take() (control [][]byte, p *page, last bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	control, s.control = s.control, nil
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
