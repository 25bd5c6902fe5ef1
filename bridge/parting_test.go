package bridge_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/bridge"
)

// late is a plugin that takes events up when the test says so.
type late struct {
	still
	mount  *bridge.Mount
	events chan func() ([]byte, bool)
}

func (l *late) Event(take func() ([]byte, bool)) { l.events <- take }

// lately mounts a late plugin in a new page.
func lately(t *testing.T) (*browser, *late, *bridge.Handler) {
	t.Helper()
	url, op, h := serve(t, nil)
	l := &late{events: make(chan func() ([]byte, bool), 1)}
	l.mount = bridge.NewMount(l, nil)
	l.mount.Tree(counted(0))
	op.others["late"] = func() (bridge.Session, error) { return l.mount, nil }
	b := newBrowser(t, url)
	b.mount(1, "late")
	b.until("the snapshot", says("clicked 0"))
	return b, l, h
}

// drain lets a handler go.
func drain(h *bridge.Handler) <-chan error {
	drained := make(chan error, 1)
	go func() { drained <- h.Drain(context.Background()) }()
	return drained
}

// follows is the next frame, which must be of a type; a PING is not answered.
func (b *browser) follows(want abi.FrameType) []byte {
	b.t.Helper()
	_ = b.client.Conn().SetReadDeadline(time.Now().Add(time.Minute))
	_, frame, err := b.client.Conn().ReadMessage()
	if err != nil || abi.TypeOf(frame) != want {
		b.t.Fatalf("%x, %v, want a frame of type %#02x", frame, err, byte(want))
	}
	return frame
}

// TestDrainAnswersFirst: what a page has sent before it hears that the server goes is answered, and BYE comes after that.
func TestDrainAnswersFirst(t *testing.T) {
	b, l, h := lately(t)
	drained := drain(h)
	b.follows(abi.FramePing)
	b.send(b.page.Event(2, 0, nil))
	b.send(abi.AppendSimple(nil, abi.FramePong))
	take := <-l.events
	if _, ok := take(); !ok {
		t.Error("the event was refused")
	}
	l.mount.Tree(counted(1))
	var patch abi.Patch
	if err := patch.Parse(b.follows(abi.FramePatch)); err != nil || patch.AckEv != 1 {
		t.Errorf("%+v, %v", patch, err)
	}
	b.follows(abi.FrameBye)
	b.ended()
	if err := <-drained; err != nil {
		t.Error(err)
	}
}

// TestDrainDoesNotWaitForEver: a plugin that never answers keeps the server for two seconds.
func TestDrainDoesNotWaitForEver(t *testing.T) {
	b, _, h := lately(t)
	b.send(b.page.Event(2, 0, nil))
	drained := drain(h)
	var bye abi.Bye
	if err := bye.Parse(b.next()); err != nil || bye.Retry < 500*time.Millisecond {
		t.Errorf("%+v, %v", bye, err)
	}
	b.ended()
	if err := <-drained; err != nil {
		t.Error(err)
	}
}

// mob opens many sockets, which tell when they have ended.
func mob(t *testing.T, url string, many int, greets bool) (ended chan error) {
	t.Helper()
	ended = make(chan error, many)
	d := websocket.Dialer{Subprotocols: []string{abi.Subprotocol}, ReadBufferSize: 512, WriteBufferSize: 512}
	for range many {
		ws, _, err := d.Dial("ws"+url[len("http"):], http.Header{"Origin": {origin}, "Who": {"mob"}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = ws.Close() })
		if greets {
			_ = ws.WriteMessage(websocket.BinaryMessage, (&abi.ClientHello{Version: 1, Catalog: abi.CatalogHash()}).Append(nil))
		}
		go func() {
			_ = ws.SetReadDeadline(time.Now().Add(time.Minute))
			for {
				_, frame, err := ws.ReadMessage()
				if err != nil {
					ended <- err
					return
				}
				if abi.TypeOf(frame) == abi.FramePing {
					_ = ws.WriteMessage(websocket.BinaryMessage, abi.AppendSimple(nil, abi.FramePong))
				}
			}
		}()
	}
	return ended
}

// TestSilentSockets: a thousand that never say HELLO are let go, and hold nobody up meanwhile; so are those that greet, answer
// each PING and ask for nothing.
func TestSilentSockets(t *testing.T) {
	for _, c := range []struct {
		name    string
		many    int
		greets  bool
		options bridge.HandlerOptions
	}{
		{"without HELLO", 1000, false, bridge.HandlerOptions{GreetTimeout: time.Second, SocketsPerPrincipal: 1000}},
		{"without MOUNT", 20, true, bridge.HandlerOptions{Heartbeat: time.Second}},
	} {
		t.Run(c.name, func(t *testing.T) {
			url, _, _ := serve(t, &c.options)
			ended := mob(t, url, c.many, c.greets)
			if !c.greets {
				b := newBrowser(t, url)
				b.mount(1, "good")
				b.until("the snapshot", says("clicked 0"))
				b.send(b.page.Event(2, 0, nil))
				b.until("the answer", says("clicked 1"))
			}
			for range c.many {
				var timeout net.Error
				if err := <-ended; errors.As(err, &timeout) && timeout.Timeout() {
					t.Fatal("a socket stays open that nobody uses")
				}
			}
		})
	}
}
