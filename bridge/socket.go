package bridge

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/vitrine-run/vitrine/abi"
)

// Bounds of one socket.
const (
	maxBadTickets  = 8
	maxControl     = 2 * abi.MaxMounts // frames of the connection that wait
	lingerTime     = 500 * time.Millisecond
	keepAfterLeave = 10 * time.Second // of a page that the person left
	smallBuffer    = 16 << 10         // a larger one is given back when there is nothing to send
)

var (
	errFlood    = errors.New("bridge: too much came from the page")
	errProtocol = errors.New("bridge: not the protocol")
	errSevered  = errors.New("bridge: the socket was cut")
)

// socket is one websocket: a goroutine that reads, one that writes while there is something to write, and for
// each mount that is being opened one more.
type socket struct {
	h       *Handler
	ws      *websocket.Conn
	request *http.Request
	page    *page // of the reading goroutine alone
	secret  [abi.SessionBytes]byte
	beat    *time.Timer
	quit    chan struct{} // closed when reading has ended
	written chan struct{} // closed when writing has ended
	done    chan struct{} // closed when the page is let go
	cut     chan struct{} // closed by sever
	severed sync.Once
	bad     int // tickets that were not valid
	frames  bucket
	turn    int // of the writing goroutine alone

	mu      sync.Mutex
	control [][]byte    // frames of the connection that wait
	writing *page       // whose mounts are asked for frames
	last    bool        // close after control is sent
	woken   bool        // there may be something to write
	busy    bool        // somebody writes
	over    bool        // nothing more will be written
	ping    bool        // a PING is due
	pings   int         // that the page has not answered
	idle    bool        // nothing else was written since the last
	checked time.Time   // when it was known who this is
	parting *time.Timer // says BYE at the latest; nil until the server goes
}

func newSocket(h *Handler, ws *websocket.Conn, r *http.Request, principal string) *socket {
	s := &socket{
		h: h, ws: ws, request: r, checked: time.Now(), quit: make(chan struct{}),
		written: make(chan struct{}), done: make(chan struct{}), cut: make(chan struct{}),
		frames: newBucket(h.options.FramesPerSecond, time.Now()),
	}
	s.page, s.secret = h.newPage(principal)
	h.mu.Lock()
	s.page.socket = s
	h.mu.Unlock()
	s.page.reach(s)
	s.writing = s.page
	return s
}

// serve reads until the socket ends, and then lets its page go.
func (s *socket) serve() {
	s.mu.Lock()
	s.beat = time.AfterFunc(s.h.options.Heartbeat, s.pulse)
	s.mu.Unlock()
	err := s.read()
	refused := errors.Is(err, errProtocol) || errors.Is(err, errFlood) || errors.Is(err, abi.ErrMalformed)
	if refused {
		code := abi.FaultProtocol
		if errors.Is(err, errFlood) {
			code = abi.FaultLimit
		}
		s.h.log.Warn("page refused", slog.String("error", cut(err.Error(), 200)))
		s.end(&abi.Fault{Code: code, Text: "The connection was ended: " + refusal(code)})
	} else {
		close(s.quit)
		_ = s.ws.Close()
	}
	s.finish(refused)
	if refused {
		s.linger()
	}
	_ = s.ws.Close()
	s.page.detach()
	keep := s.h.options.Keep
	if websocket.IsCloseError(err, websocket.CloseGoingAway) {
		keep = min(keep, keepAfterLeave)
	}
	s.h.keep(s.page, !refused, keep)
	s.h.leave(s)
	close(s.done)
}

// linger reads what was on its way: closing before that would reset the connection, and the page might
// not see why.
func (s *socket) linger() {
	c := s.ws.NetConn()
	if m, ok := c.(*meteredConn); ok {
		c = m.Conn
	}
	if c.SetReadDeadline(time.Now().Add(lingerTime)) == nil {
		_, _ = io.CopyN(io.Discard, c, abi.MaxFrame)
	}
}

func refusal(code abi.FaultCode) string {
	if code == abi.FaultLimit {
		return "too much came from the page."
	}
	return "the page and the server do not understand each other. Load the page again."
}

// end sends a last frame and closes the socket.
func (s *socket) end(last interface{ Append([]byte) []byte }) {
	s.mu.Lock()
	s.control = append(s.control, last.Append(nil))
	s.last = true
	s.mu.Unlock()
	s.poke()
}

// sever ends a socket without a word. Its reading goroutine may be waiting for another socket to end, and hears of it too.
func (s *socket) sever() {
	s.severed.Do(func() { close(s.cut) })
	_ = s.ws.Close()
}

// send queues a frame of the connection or one that answers for a mount without a session. A page
// that causes many and reads none is cut off.
func (s *socket) send(f interface{ Append([]byte) []byte }) {
	s.mu.Lock()
	s.control = append(s.control, f.Append(nil))
	full := len(s.control) > maxControl
	s.mu.Unlock()
	if full {
		_ = s.ws.Close()
	}
	s.poke()
}

// wake is how a session says that it has a frame.
func (s *socket) wake(o *slot) {
	o.ready.Store(true)
	s.poke()
}

// read takes frames until there are no more.
func (s *socket) read() error {
	s.ws.SetReadLimit(abi.MaxFrame)
	s.ws.SetPingHandler(func(data string) error {
		if !s.frames.take(1, time.Now()) {
			return errFlood
		}
		err := s.ws.WriteControl(websocket.PongMessage, []byte(data), time.Now().Add(time.Second))
		var timeout net.Error
		if errors.Is(err, websocket.ErrCloseSent) || errors.As(err, &timeout) && timeout.Timeout() {
			return nil
		}
		return err
	})
	frame, err := s.next(s.h.options.GreetTimeout)
	if err != nil {
		return err
	}
	if err := s.hello(frame); err != nil {
		return err
	}
	for first := true; ; first = false {
		frame, err := s.next(2*s.h.options.Heartbeat + s.h.options.Heartbeat/2)
		if err != nil {
			return err
		}
		if err := s.route(frame, first); err != nil {
			return err
		}
	}
}

// next reads one frame. The deadline is for all of it: fragments do not extend it.
func (s *socket) next(within time.Duration) ([]byte, error) {
	if err := s.ws.SetReadDeadline(time.Now().Add(within)); err != nil {
		return nil, err
	}
	kind, frame, err := s.ws.ReadMessage()
	switch {
	case errors.Is(err, websocket.ErrReadLimit):
		return nil, errFlood
	case err != nil:
		return nil, err
	case kind != websocket.BinaryMessage:
		return nil, errProtocol
	case !s.frames.take(1, time.Now()):
		return nil, errFlood
	}
	return frame, nil
}

// hello answers the page's first frame.
func (s *socket) hello(frame []byte) error {
	var f abi.ClientHello
	if err := f.Parse(frame); err != nil {
		return err
	}
	if f.Version != abi.ProtocolVersion || f.Catalog != abi.CatalogHash() {
		return errProtocol
	}
	s.send(&abi.Hello{
		Version: abi.ProtocolVersion, Session: s.secret, Catalog: abi.CatalogHash(),
		Heartbeat: s.h.options.Heartbeat, Window: window, MaxFrame: abi.MaxFrame,
	})
	return nil
}

// route gives a frame to whom it is for.
func (s *socket) route(frame []byte, first bool) error {
	switch abi.TypeOf(frame) {
	case abi.FramePong:
		s.pong()
		return abi.ParseSimple(frame, abi.FramePong)
	case abi.FrameMount:
		return s.mount(frame)
	case abi.FrameResume:
		if !first {
			return errProtocol
		}
		return s.resume(frame)
	case abi.FrameEvent, abi.FrameAck, abi.FrameVisible, abi.FrameUnmount, abi.FrameNak, abi.FrameCancel, abi.FrameProps, abi.FramePageAnswer:
	default:
		return errProtocol
	}
	number, ok := abi.MountOf(frame)
	if !ok {
		return errProtocol
	}
	o, known := s.page.find(number)
	switch {
	case o != nil:
		return s.deliver(o, frame)
	case known: // it ended meanwhile
		return nil
	}
	return errProtocol
}

// deliver gives a frame to the session of a slot.
func (s *socket) deliver(o *slot, frame []byte) error {
	o.mu.Lock()
	var err error
	if o.session == nil {
		err = o.early(frame)
	} else {
		err = o.session.Receive(frame)
	}
	o.mu.Unlock()
	if abi.TypeOf(frame) == abi.FrameUnmount {
		s.page.remove(o)
	}
	if err != nil && !errors.Is(err, abi.ErrMalformed) {
		err = errors.Join(errProtocol, err)
	}
	return err
}

// early takes a frame for a mount that is still being opened: there is little that can be said.
func (o *slot) early(frame []byte) error {
	switch abi.TypeOf(frame) {
	case abi.FrameVisible:
		var f abi.Visible
		if err := f.Parse(frame); err != nil {
			return err
		}
		o.visible = f.Visible
		return nil
	case abi.FrameUnmount:
		return new(abi.Unmount).Parse(frame)
	case abi.FrameProps:
		o.props = frame // the newest
		return new(abi.Props).Parse(frame)
	}
	return errProtocol
}

// resume gives the page back what it had.
func (s *socket) resume(frame []byte) error {
	var f abi.Resume
	if err := f.Parse(frame); err != nil {
		return err
	}
	p, err := s.h.takeUp(f.Session, s.page, s)
	if err != nil {
		return err
	}
	if p == nil {
		for _, m := range f.Mounts {
			s.page.saw(m.Mount)
			s.send(&abi.Fault{Mount: m.Mount, Code: abi.FaultGone})
		}
		return nil
	}
	s.page = p
	p.reach(s)
	s.mu.Lock()
	s.writing = p
	s.mu.Unlock()
	points := map[uint32]abi.ResumePoint{}
	for _, m := range f.Mounts {
		points[m.Mount] = m
		if o, _ := p.find(m.Mount); o == nil {
			p.saw(m.Mount)
			s.send(&abi.Fault{Mount: m.Mount, Code: abi.FaultGone})
		}
	}
	for _, o := range p.slots() {
		m, wanted := points[o.number]
		if !wanted {
			p.remove(o)
			continue
		}
		one := abi.Resume{Mounts: []abi.ResumePoint{m}}
		if err := s.resumeSlot(o, one.Append(nil)); err != nil {
			return err
		}
	}
	return nil
}

func (s *socket) resumeSlot(o *slot, frame []byte) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.session == nil {
		o.resume = frame
		return nil
	}
	err := o.session.Receive(frame) // first, so that nothing goes out before the session knows what the page has
	o.session.Attach(func() { s.wake(o) })
	s.wake(o)
	return err
}

// mount opens a session for a ticket, beside everything else.
func (s *socket) mount(frame []byte) error {
	var f abi.Mount
	if err := f.Parse(frame); err != nil {
		return err
	}
	full := s.page.count() >= s.h.options.Mounts
	o := s.page.add(f.Mount, f.Visible)
	if o == nil {
		return errProtocol
	}
	if full {
		s.page.remove(o)
		s.send(&abi.Fault{Mount: f.Mount, Code: abi.FaultLimit, Text: "There are too many plugins in this page."})
		return nil
	}
	s.mu.Lock()
	bad := s.bad
	s.mu.Unlock()
	if bad >= maxBadTickets {
		return errFlood
	}
	s.h.running.Add(1)
	go s.h.open(s.page, s, o, f)
	return nil
}

// open asks the opener for a session and gives it to the page, wherever that is by then.
func (h *Handler) open(p *page, s *socket, o *slot, f abi.Mount) {
	defer h.running.Done()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.request.Context()), h.options.OpenTimeout)
	defer cancel()
	defer context.AfterFunc(h.stop, cancel)()
	session, err := h.session(s.request.WithContext(ctx), &f)
	if err != nil {
		h.notOpened(p, s, o, err)
		return
	}
	if err := session.Receive(f.Append(nil)); err != nil {
		session.Close()
		h.notOpened(p, s, o, err)
		return
	}
	if !join(p, o, session, f.Visible) {
		session.Close()
	}
}

// session redeems a ticket. What the opener takes of the page's props is out of the frame then.
func (h *Handler) session(r *http.Request, f *abi.Mount) (Session, error) {
	o, ok := h.opener.(PropsOpener)
	if !ok || f.Props == nil {
		return h.opener.Open(r, f.Ticket)
	}
	props := f.Props
	f.Props = nil
	return o.OpenProps(r, f.Ticket, props)
}

// join makes a session part of its page, wherever that is by now.
func join(p *page, o *slot, session Session, visible bool) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	live, ok := p.opened(o, session)
	if !ok {
		return false
	}
	if o.visible != visible {
		_ = session.Receive((&abi.Visible{Mount: o.number, Visible: o.visible}).Append(nil))
	}
	if o.resume != nil {
		_ = session.Receive(o.resume)
		o.resume = nil
	}
	if o.props != nil {
		_ = session.Receive(o.props)
		o.props = nil
	}
	if live != nil {
		session.Attach(func() { live.wake(o) })
		live.wake(o)
	}
	return true
}

// notOpened tells the page why there is no session.
func (h *Handler) notOpened(p *page, s *socket, o *slot, err error) {
	p.remove(o)
	f := abi.Fault{Mount: o.number, Code: abi.FaultUnavailable, Retry: 5 * time.Second, Text: "The plugin cannot be shown now."}
	if errors.Is(err, ErrTicket) {
		f = abi.Fault{Mount: o.number, Code: abi.FaultTicket, Text: "The ticket is not valid any more."}
		s.mu.Lock()
		s.bad++
		s.mu.Unlock()
	}
	h.log.Info("mount refused", slog.String("error", cut(err.Error(), 200)))
	if live := p.reached(); live != nil {
		live.send(&f)
	}
}

// metered counts the bytes that come in on the connection that is hijacked from it, framing included:
// a flood of empty fragments is one too.
type metered struct {
	http.ResponseWriter
	in *bucket
}

func (m *metered) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	c, b, err := http.NewResponseController(m.ResponseWriter).Hijack()
	return &meteredConn{c, m.in}, b, err
}

type meteredConn struct {
	net.Conn
	in *bucket
}

func (c *meteredConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if n > 0 && !c.in.take(float64(n), time.Now()) {
		return 0, errFlood
	}
	return n, err
}
