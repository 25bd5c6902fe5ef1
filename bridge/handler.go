package bridge

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/vitrine-run/vitrine/abi"
)

// Opener gives a session for a ticket. A host implements it.
type Opener interface {
	// Open redeems a ticket. r is the request that opened the socket; its context lives for the
	// time that opening may take, not longer. An error that matches ErrTicket or ErrUnavailable tells
	// the page so; the text of any other goes to the log alone.
	Open(r *http.Request, ticket string) (Session, error)
}

// What an Opener may answer.
var (
	ErrTicket      = errors.New("bridge: the ticket is not valid")
	ErrUnavailable = errors.New("bridge: the plugin cannot be run now")
)

// HandlerOptions are what a handler may be told. A zero field means its default.
type HandlerOptions struct {
	// Origins are the pages that may connect, exactly as browsers write them, such as
	// "https://example.org" or "http://127.0.0.1:8080". None: nobody may.
	Origins []string

	// Principal says who a request is from; an error refuses it. A lost page can only be taken up by the
	// principal that had it. nil: lost pages cannot be taken up.
	Principal func(r *http.Request) (string, error)

	// Address says where a request counts as coming from. nil: SocketsPerAddress is not held.
	Address func(r *http.Request) string

	Logger              *slog.Logger  // nil discards
	Recheck             time.Duration // when Principal is asked again who a socket's request is from, at a heartbeat, default a minute
	Heartbeat           time.Duration // default 15 s; a page without a mount is let go after two
	GreetTimeout        time.Duration // until a page's HELLO, default 10 s
	Keep                time.Duration // how long a lost page is kept, default 60 s
	WriteTimeout        time.Duration // of one frame, default 30 s
	OpenTimeout         time.Duration // of Opener.Open, default 30 s
	Sockets             int           // open at once, default 10,000
	SocketsPerPrincipal int           // default 64, where Principal says who
	SocketsPerAddress   int           // default 512, where Address says whence
	Kept                int           // lost pages kept at once, the oldest goes, default 1,000
	Mounts              int           // of one page, default 64, at most abi.MaxMounts
	FramesPerSecond     float64       // from one page, default 1,000, and twice that at once
	BytesPerSecond      float64       // from one page, default 4 MiB, and twice that at once
}

// Handler serves the websocket of pages. It is an http.Handler and safe for concurrent use. Drain or
// Close it when the server goes.
type Handler struct {
	opener   Opener
	options  HandlerOptions
	upgrader websocket.Upgrader
	log      *slog.Logger

	mu       sync.Mutex
	draining bool
	sockets  map[*socket]struct{}
	opening  int          // sockets that are being upgraded
	seats    map[seat]int // sockets of each
	pages    map[[sha256.Size]byte]*page
	kept     []*page // lost, oldest first
	running  sync.WaitGroup
	buffers  sync.Pool       // *[]byte, of frames that are being written
	stop     context.Context // ends what is being opened
	stopNow  context.CancelFunc
}

// NewHandler makes a handler. options may be nil, but then no page may connect. It is an error if there
// is no opener, or if an origin is not written as a browser writes it.
func NewHandler(opener Opener, options *HandlerOptions) (*Handler, error) {
	h := &Handler{
		opener: opener, sockets: map[*socket]struct{}{}, seats: map[seat]int{}, pages: map[[sha256.Size]byte]*page{},
	}
	if options != nil {
		h.options = *options
	}
	if opener == nil {
		return nil, errors.New("bridge: no opener")
	}
	h.options.Origins = slices.Clone(h.options.Origins)
	for _, o := range h.options.Origins {
		if err := checkOrigin(o); err != nil {
			return nil, err
		}
	}
	h.options.defaults()
	h.log = h.options.Logger
	h.upgrader = websocket.Upgrader{
		HandshakeTimeout: 10 * time.Second,
		ReadBufferSize:   1 << 10,
		WriteBufferSize:  4 << 10,
		WriteBufferPool:  new(sync.Pool),
		Subprotocols:     []string{abi.Subprotocol},
		CheckOrigin:      h.allowed,
		Error:            func(w http.ResponseWriter, _ *http.Request, status int, _ error) { refuse(w, status) },
	}
	h.stop, h.stopNow = context.WithCancel(context.Background())
	return h, nil
}

// checkOrigin tells whether o is written as browsers write origins; another would never match.
func checkOrigin(o string) error {
	u, err := url.Parse(o)
	port := map[string]string{"http": "80", "https": "443"}
	switch {
	case err != nil, port[u.Scheme] == "", u.Host == "", o != strings.ToLower(u.Scheme+"://"+u.Host):
		return fmt.Errorf("bridge: origin[%s] is not scheme://host", o)
	case u.Port() == port[u.Scheme]:
		return fmt.Errorf("bridge: origin[%s] has the port that browsers leave out", o)
	}
	return nil
}

func (o *HandlerOptions) defaults() {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	for _, d := range []struct {
		field *time.Duration
		value time.Duration
	}{
		{&o.Heartbeat, 15 * time.Second}, {&o.Recheck, time.Minute}, {&o.GreetTimeout, 10 * time.Second}, {&o.Keep, time.Minute},
		{&o.WriteTimeout, 30 * time.Second}, {&o.OpenTimeout, 30 * time.Second},
	} {
		if *d.field <= 0 {
			*d.field = d.value
		}
	}
	for _, d := range []struct {
		field *int
		value int
	}{
		{&o.Sockets, 10_000}, {&o.SocketsPerPrincipal, 64}, {&o.SocketsPerAddress, 512}, {&o.Kept, 1_000}, {&o.Mounts, 64},
	} {
		if *d.field <= 0 {
			*d.field = d.value
		}
	}
	o.Mounts = min(o.Mounts, abi.MaxMounts)
	if o.FramesPerSecond <= 0 {
		o.FramesPerSecond = 1000
	}
	if o.BytesPerSecond <= 0 {
		o.BytesPerSecond = 4 << 20
	}
}

// allowed tells whether a request comes from a page that may connect.
func (h *Handler) allowed(r *http.Request) bool {
	origin := r.Header["Origin"]
	return len(origin) == 1 && slices.Contains(h.options.Origins, origin[0])
}

func refuse(w http.ResponseWriter, status int) { http.Error(w, http.StatusText(status), status) }

// ServeHTTP upgrades the request to a websocket, which is served until it ends, or the handler does; ServeHTTP returns
// before that. What does not come from an allowed page is refused.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !h.allowed(r) {
		refuse(w, http.StatusForbidden)
		return
	}
	if !slices.Contains(websocket.Subprotocols(r), abi.Subprotocol) {
		refuse(w, http.StatusBadRequest)
		return
	}
	principal := ""
	if h.options.Principal != nil {
		var err error
		if principal, err = h.options.Principal(r); err != nil {
			refuse(w, http.StatusUnauthorized)
			return
		}
	}
	seats := h.seatsOf(r, principal)
	if !h.sit(seats) {
		w.Header().Set("Retry-After", "5")
		refuse(w, http.StatusTooManyRequests)
		return
	}
	if !h.enter() {
		h.rise(seats)
		w.Header().Set("Retry-After", "5")
		refuse(w, http.StatusServiceUnavailable)
		return
	}
	in := newBucket(h.options.BytesPerSecond, time.Now())
	ws, err := h.upgrader.Upgrade(&metered{w, &in}, r, nil)
	if err != nil {
		h.leave(nil)
		h.rise(seats)
		h.running.Done()
		return
	}
	s := newSocket(h, ws, r, principal)
	go func() { // so that what the server keeps for a request goes
		defer h.running.Done()
		defer h.rise(seats)
		if !h.register(s) {
			_ = ws.Close()
			return
		}
		s.serve()
	}()
}

// enter counts a socket that is about to be opened, unless there are too many.
func (h *Handler) enter() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.draining || len(h.sockets)+h.opening >= h.options.Sockets {
		return false
	}
	h.opening++
	h.running.Add(1)
	return true
}

func (h *Handler) register(s *socket) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.opening--
	if h.draining {
		return false
	}
	h.sockets[s] = struct{}{}
	return true
}

// leave forgets a socket; nil is one that did not come about.
func (h *Handler) leave(s *socket) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if s == nil {
		h.opening--
		return
	}
	delete(h.sockets, s)
}

// newPage makes the page of a new socket, and the secret by which it can be taken up.
func (h *Handler) newPage(principal string) (*page, [abi.SessionBytes]byte) {
	var secret [abi.SessionBytes]byte
	_, _ = rand.Read(secret[:]) // never fails
	p := &page{principal: principal, mounts: map[uint32]*slot{}, keys: [][sha256.Size]byte{sha256.Sum256(secret[:])}}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.pages[p.keys[0]] = p
	return p, secret
}

// takeUp finds the page that a RESUME with the secret is for, and makes s its socket. fresh is the page
// that s has had so far; the secret of its HELLO is from now on the page's, beside the one shown:
// the page has not necessarily seen the new one. Secrets are looked up by their hash, so that the time
// it takes says nothing about them. There is no such page if it is nil; an error says that s itself was cut meanwhile: of
// sockets that take each other's pages up, each waits for the next.
func (h *Handler) takeUp(secret [abi.SessionBytes]byte, fresh *page, s *socket) (*page, error) {
	key := sha256.Sum256(secret[:])
	for {
		h.mu.Lock()
		p := h.pages[key]
		if p == nil || p == fresh || h.options.Principal == nil || p.principal != fresh.principal || h.draining {
			h.mu.Unlock()
			return nil, nil
		}
		if other := p.socket; other != nil { // the server has not noticed the drop
			h.mu.Unlock()
			other.sever()
			select {
			case <-other.done:
				continue
			case <-s.cut:
				return nil, errSevered
			}
		}
		p.unkeep(h)
		for _, k := range p.keys {
			delete(h.pages, k)
		}
		p.keys = [][sha256.Size]byte{key, fresh.keys[0]}
		for _, k := range p.keys {
			h.pages[k] = p
		}
		p.socket = s
		h.mu.Unlock()
		return p, nil
	}
}

// keep holds a page that lost its socket for a while, or ends it if there is nothing to keep.
func (h *Handler) keep(p *page, wanted bool, d time.Duration) {
	h.mu.Lock()
	p.socket = nil
	if !wanted || h.draining || h.options.Principal == nil || p.empty() {
		h.forget(p)
		h.mu.Unlock()
		p.close()
		return
	}
	var oldest *page
	if len(h.kept) >= h.options.Kept {
		oldest = h.kept[0]
		oldest.unkeep(h)
		h.forget(oldest)
	}
	h.kept = append(h.kept, p)
	p.timer = time.AfterFunc(d, func() { h.expire(p) })
	h.mu.Unlock()
	if oldest != nil {
		oldest.close()
	}
}

// forget drops a page's secrets; h.mu is held.
func (h *Handler) forget(p *page) {
	for _, k := range p.keys {
		if h.pages[k] == p {
			delete(h.pages, k)
		}
	}
}

func (h *Handler) expire(p *page) {
	h.mu.Lock()
	if p.timer == nil { // taken up just now
		h.mu.Unlock()
		return
	}
	p.unkeep(h)
	h.forget(p)
	h.mu.Unlock()
	p.close()
}

// Drain tells all pages to come back later (BYE), closes their sockets and ends all sessions, lost
// pages' too. New ones are refused from now on. What a page has sent before is answered first, if that takes no longer
// than two seconds. Drain returns when everything has ended. When ctx is done first sockets are cut, and its error is returned:
// when they have ended, or a second later if something does not, such as an Opener that does not heed its context.
func (h *Handler) Drain(ctx context.Context) error {
	return h.shut(ctx, func(s *socket) { s.part() })
}

// Close is Drain without a farewell.
func (h *Handler) Close() error {
	return h.shut(context.Background(), func(s *socket) { s.sever() })
}

func (h *Handler) shut(ctx context.Context, end func(*socket)) error {
	h.mu.Lock()
	h.draining = true
	sockets := make([]*socket, 0, len(h.sockets))
	for s := range h.sockets {
		sockets = append(sockets, s)
	}
	kept := h.kept
	h.kept = nil
	for _, p := range kept {
		p.timer.Stop()
		p.timer = nil
		h.forget(p)
	}
	h.mu.Unlock()
	h.stopNow()
	for _, s := range sockets {
		end(s)
	}
	for _, p := range kept {
		p.close()
	}
	return h.wait(ctx, sockets)
}

// cutTime is how long what was cut may take to end before nobody waits for it any more.
const cutTime = time.Second

func (h *Handler) wait(ctx context.Context, sockets []*socket) error {
	done := make(chan struct{})
	go func() {
		h.running.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		for _, s := range sockets {
			s.sever()
		}
		select {
		case <-done:
		case <-time.After(cutTime):
		}
		return ctx.Err()
	}
}
