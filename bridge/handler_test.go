package bridge_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/bridge"
	"github.com/vitrine-run/vitrine/bridge/bridgetest"
)

// counter is a plugin of one button that says how often it was clicked. It answers at once, in the
// goroutine that hands it the event.
type counter struct {
	mount  *bridge.Mount
	mu     sync.Mutex
	clicks int
	seen   []bool
	closed int
}

func newCounter() *counter {
	c := &counter{}
	c.mount = bridge.NewMount(c, nil)
	c.show()
	return c
}

func (c *counter) show() {
	c.mount.Tree(button(fmt.Sprint("clicked ", c.clicks), func(w *abi.TreeWriter) { w.On(0, uint32(c.clicks)) }))
}

func (c *counter) Event(take func() ([]byte, bool)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := take(); ok {
		c.clicks++
		c.show()
	}
	c.mount.Idle()
}

func (c *counter) Visible(v bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seen = append(c.seen, v)
}

func (c *counter) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed++
}

func (c *counter) ends() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.closed
}

// opener gives a new counter for the ticket "good", the next session of others otherwise.
type opener struct {
	mu       sync.Mutex
	counters []*counter
	others   map[string]func() (bridge.Session, error)
}

func (o *opener) Open(_ *http.Request, ticket string) (bridge.Session, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if f := o.others[ticket]; f != nil {
		return f()
	}
	if ticket != "good" {
		return nil, fmt.Errorf("ticket[%q]: %w", ticket, bridge.ErrTicket)
	}
	c := newCounter()
	o.counters = append(o.counters, c)
	return c.mount, nil
}

func (o *opener) last() *counter {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.counters[len(o.counters)-1]
}

const origin = "http://page.test"

// serve starts a server with a handler; the principal is the header Who, unless the options say otherwise.
func serve(t testing.TB, o *bridge.HandlerOptions) (url string, op *opener, h *bridge.Handler) {
	t.Helper()
	if o == nil {
		o = &bridge.HandlerOptions{}
	}
	o.Origins = []string{origin}
	if o.Principal == nil {
		o.Principal = func(r *http.Request) (string, error) {
			if r.Header.Get("Who") == "nobody" {
				return "", errors.New("nobody")
			}
			return r.Header.Get("Who"), nil
		}
	}
	op = &opener{others: map[string]func() (bridge.Session, error){}}
	h, err := bridge.NewHandler(op, o)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(h)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
		defer cancel()
		_ = h.Drain(ctx)
		server.Close()
	})
	return server.URL, op, h
}

func who(name string) http.Header { return http.Header{"Who": {name}} }

// browser is a page with its connection.
type browser struct {
	t      testing.TB
	url    string
	client *bridgetest.Client
	page   *bridgetest.Page
	secret [abi.SessionBytes]byte
}

func newBrowser(t testing.TB, url string) *browser {
	t.Helper()
	b := &browser{t: t, url: url}
	b.connect()
	return b
}

func (b *browser) connect() { b.t.Helper(); b.connectAs("ann") }

func (b *browser) connectAs(name string) {
	b.t.Helper()
	c, err := bridgetest.Dial(b.url, origin, who(name))
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(c.Cut)
	b.client, b.secret = c, c.Hello.Session
}

func (b *browser) send(frame []byte) {
	b.t.Helper()
	if err := b.client.Send(frame); err != nil {
		b.t.Fatal(err)
	}
}

func (b *browser) next() []byte {
	b.t.Helper()
	frame, err := b.client.Next(time.Minute)
	if err != nil {
		b.t.Fatal(err)
	}
	return frame
}

func (b *browser) mount(number uint32, ticket string) {
	b.t.Helper()
	b.page = bridgetest.NewPage(number)
	b.send((&abi.Mount{Mount: number, Visible: true, Ticket: ticket}).Append(nil))
}

// until takes frames, acknowledging them, until the page is as wanted.
func (b *browser) until(what string, ok func(p *bridgetest.Page) bool) {
	b.t.Helper()
	for !ok(b.page) {
		frame := b.next()
		if err := b.page.Apply(frame); err != nil {
			b.t.Fatalf("waiting for %s: %v", what, err)
		}
		if b.page.Seq > 0 {
			b.send(b.page.Ack())
		}
	}
}

func says(text string) func(p *bridgetest.Page) bool {
	return func(p *bridgetest.Page) bool {
		b := p.Find("button")
		return len(b) == 1 && b[0].Text("text") == text
	}
}

// fault takes frames until there is a FAULT, and returns it.
func (b *browser) fault() abi.Fault {
	b.t.Helper()
	for {
		frame := b.next()
		if abi.TypeOf(frame) != abi.FrameFault {
			continue
		}
		var f abi.Fault
		if err := f.Parse(frame); err != nil {
			b.t.Fatal(err)
		}
		return f
	}
}

// ended waits until the server has closed the connection.
func (b *browser) ended() {
	b.t.Helper()
	for {
		if _, err := b.client.Next(time.Minute); err != nil {
			if strings.Contains(err.Error(), "timeout") {
				b.t.Fatal("the connection is still open")
			}
			return
		}
	}
}

func TestUpgradeRefused(t *testing.T) {
	url, _, _ := serve(t, nil)
	for _, c := range []struct {
		name   string
		set    func(h http.Header)
		status int
	}{
		{"no origin", func(h http.Header) { h.Del("Origin") }, 403},
		{"another origin", func(h http.Header) { h.Set("Origin", "http://evil.test") }, 403},
		{"origin null", func(h http.Header) { h.Set("Origin", "null") }, 403},
		{"an origin that begins alike", func(h http.Header) { h.Set("Origin", origin+".evil.test") }, 403},
		{"another scheme", func(h http.Header) { h.Set("Origin", "https://page.test") }, 403},
		{"another port", func(h http.Header) { h.Set("Origin", origin+":81") }, 403},
		{"another case", func(h http.Header) { h.Set("Origin", "http://PAGE.test") }, 403},
		{"a slash behind", func(h http.Header) { h.Set("Origin", origin+"/") }, 403},
		{"two origins", func(h http.Header) { h.Add("Origin", origin) }, 403},
		{"the server's own", func(h http.Header) { h.Set("Origin", url) }, 403},
		{"no subprotocol", func(h http.Header) { h.Del("Sec-Websocket-Protocol") }, 400},
		{"another subprotocol", func(h http.Header) { h.Set("Sec-Websocket-Protocol", "vitrine.v2") }, 400},
		{"no principal", func(h http.Header) { h.Set("Who", "nobody") }, 401},
		{"no upgrade", func(h http.Header) { h.Del("Upgrade") }, 400},
		{"all well", func(http.Header) {}, 101},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := http.NewRequest(http.MethodGet, url, nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Header = http.Header{
				"Origin": {origin}, "Upgrade": {"websocket"}, "Connection": {"Upgrade"}, "Sec-Websocket-Version": {"13"},
				"Sec-Websocket-Key": {"AAAAAAAAAAAAAAAAAAAAAA=="}, "Sec-Websocket-Protocol": {abi.Subprotocol},
			}
			c.set(r.Header)
			transport := &http.Transport{}
			defer transport.CloseIdleConnections()
			res, err := transport.RoundTrip(r)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = res.Body.Close() }()
			if res.StatusCode != c.status {
				t.Errorf("%s, want %d", res.Status, c.status)
			}
		})
	}
}

func TestNewHandlerOrigins(t *testing.T) {
	for _, o := range []string{"*", "null", "", "example.org", "http://", "http://a/", "ftp://a", "http://a?b", "http://u@a", "http://A", "http://a:80", "https://a:443"} {
		if _, err := bridge.NewHandler(&opener{}, &bridge.HandlerOptions{Origins: []string{o}}); err == nil {
			t.Errorf("origin %q was taken", o)
		}
	}
}

func TestMountAndClick(t *testing.T) {
	url, op, _ := serve(t, nil)
	b := newBrowser(t, url)
	b.mount(1, "good")
	b.until("the snapshot", says("clicked 0"))
	for n := 1; n <= 20; n++ {
		b.send(b.page.Event(2, 0, nil))
		b.until("the answer", says(fmt.Sprint("clicked ", n)))
	}
	b.send((&abi.Unmount{Mount: 1}).Append(nil))
	b.send(b.page.Event(2, 0, nil)) // on its way when the mount ended: nobody's fault
	b.mount(2, "good")
	b.until("another mount", says("clicked 0"))
	if n := op.counters[0].ends(); n != 1 {
		t.Errorf("the plugin was closed %d times", n)
	}
}

func TestTickets(t *testing.T) {
	url, op, _ := serve(t, nil)
	op.others["busy"] = func() (bridge.Session, error) { return nil, bridge.ErrUnavailable }
	op.others["secret"] = func() (bridge.Session, error) { return nil, errors.New("a secret of the host") }
	b := newBrowser(t, url)
	b.mount(1, "busy")
	if f := b.fault(); f.Mount != 1 || f.Code != abi.FaultUnavailable || f.Retry == 0 {
		t.Errorf("%+v", f)
	}
	b.mount(2, "secret")
	if f := b.fault(); f.Code != abi.FaultUnavailable || strings.Contains(f.Text, "secret") {
		t.Errorf("%+v", f)
	}
	for n := range uint32(8) {
		b.mount(3+n, "bad")
		if f := b.fault(); f.Mount != 3+n || f.Code != abi.FaultTicket {
			t.Errorf("%+v", f)
		}
	}
	b.mount(99, "good")
	if f := b.fault(); f.Mount != 0 || f.Code != abi.FaultLimit {
		t.Errorf("%+v", f)
	}
	b.ended()
}

// TestFloods: what is too much or not the protocol ends the connection.
func TestFloods(t *testing.T) {
	hello := (&abi.ClientHello{Version: 1, Catalog: abi.CatalogHash()}).Append(nil)
	pong := abi.AppendSimple(nil, abi.FramePong)
	for _, c := range []struct {
		name string
		code abi.FaultCode
		do   func(ws *websocket.Conn)
	}{
		{"frames", abi.FaultLimit, func(ws *websocket.Conn) {
			for range 500 {
				_ = ws.WriteMessage(websocket.BinaryMessage, pong)
			}
		}},
		{"pings", abi.FaultLimit, func(ws *websocket.Conn) {
			for range 500 {
				_ = ws.WriteControl(websocket.PingMessage, nil, time.Now().Add(time.Second))
			}
		}},
		{"bytes in empty fragments", abi.FaultLimit, func(ws *websocket.Conn) {
			_, _ = ws.NetConn().Write([]byte{0x02, 0x80, 0, 0, 0, 0})
			empty := []byte(strings.Repeat("\x00\x80\x00\x00\x00\x00", 1000))
			for range 1000 {
				if _, err := ws.NetConn().Write(empty); err != nil {
					return
				}
			}
		}},
		{"a frame that is too large", 0, func(ws *websocket.Conn) {
			_ = ws.WriteMessage(websocket.BinaryMessage, make([]byte, abi.MaxFrame+1))
		}},
		{"text", abi.FaultProtocol, func(ws *websocket.Conn) { _ = ws.WriteMessage(websocket.TextMessage, pong) }},
		{"an empty frame", abi.FaultProtocol, func(ws *websocket.Conn) { _ = ws.WriteMessage(websocket.BinaryMessage, nil) }},
		{"a frame of the server", abi.FaultProtocol, func(ws *websocket.Conn) { _ = ws.WriteMessage(websocket.BinaryMessage, []byte{0x08}) }},
		{"HELLO twice", abi.FaultProtocol, func(ws *websocket.Conn) { _ = ws.WriteMessage(websocket.BinaryMessage, hello) }},
		{"a mount it has no ticket for", abi.FaultProtocol, func(ws *websocket.Conn) {
			_ = ws.WriteMessage(websocket.BinaryMessage, (&abi.Ack{Mount: 7, Seq: 1}).Append(nil))
		}},
		{"RESUME late", abi.FaultProtocol, func(ws *websocket.Conn) {
			_ = ws.WriteMessage(websocket.BinaryMessage, pong)
			_ = ws.WriteMessage(websocket.BinaryMessage, (&abi.Resume{}).Append(nil))
		}},
		{"malformed", abi.FaultProtocol, func(ws *websocket.Conn) { _ = ws.WriteMessage(websocket.BinaryMessage, []byte{0x42, 1}) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			url, _, _ := serve(t, &bridge.HandlerOptions{FramesPerSecond: 10, BytesPerSecond: 64 << 10})
			b := newBrowser(t, url)
			go c.do(b.client.Conn())
			if c.code != 0 {
				if f := b.fault(); f.Mount != 0 || f.Code != c.code {
					t.Errorf("%+v", f)
				}
			}
			b.ended()
		})
	}
}

// TestSilence: who says nothing, or never finishes, is let go.
func TestSilence(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(ws *websocket.Conn)
	}{
		{"no PONG", func(*websocket.Conn) {}},
		{"a fragment that is never finished", func(ws *websocket.Conn) {
			_, _ = ws.NetConn().Write([]byte{0x02, 0x81, 0, 0, 0, 0, 0x42})
			for range 20 { // more of it does not buy time
				time.Sleep(100 * time.Millisecond)
				_, _ = ws.NetConn().Write([]byte{0x00, 0x81, 0, 0, 0, 0, 0x01})
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			url, _, _ := serve(t, &bridge.HandlerOptions{Heartbeat: 300 * time.Millisecond})
			b := newBrowser(t, url)
			b.mount(1, "good")
			start := time.Now()
			done := make(chan struct{})
			go func() { c.do(b.client.Conn()); close(done) }()
			pings := 0
			for {
				kind, frame, err := b.client.Conn().ReadMessage()
				if err != nil {
					break
				}
				if kind == websocket.BinaryMessage && abi.TypeOf(frame) == abi.FramePing {
					pings++
				}
			}
			if d := time.Since(start); d < 600*time.Millisecond || d > time.Minute || pings == 0 {
				t.Errorf("ended after %v and %d pings", d, pings)
			}
			<-done
		})
	}
}
