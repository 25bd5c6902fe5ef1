package bridgetest

import (
	"fmt"
	"time"

	"github.com/gorilla/websocket"

	"github.com/vitrine-run/vitrine/abi"
)

// A Tab is the connection of a page with several mounts, as the shell keeps it. It must not be used from several goroutines.
type Tab struct {
	WS      *websocket.Conn // whose opener has said HELLO; the caller closes it
	Pages   map[uint32]*Page
	Hello   abi.Hello  // what the server said first
	Resumed bool       // a RESUMED came
	Bye     *abi.Bye   // nil before the server goes
	Fault   *abi.Fault // of the connection; nil before one comes
}

// NewTab is the tab of a connection.
func NewTab(ws *websocket.Conn) *Tab { return &Tab{WS: ws, Pages: map[uint32]*Page{}} }

// Mount asks for a mount.
func (t *Tab) Mount(number uint32, ticket string) *Page {
	t.Pages[number] = NewPage(number)
	_ = t.Send((&abi.Mount{Mount: number, Visible: true, Ticket: ticket}).Append(nil)) // whoever reads hears of it
	return t.Pages[number]
}

// Send sends a frame.
func (t *Tab) Send(frame []byte) error { return t.WS.WriteMessage(websocket.BinaryMessage, frame) }

// Until reads frames and does what a page does with them (Take) until ok says that it is enough. A frame may be a minute late. It is an
// error if the connection ends first, by a fault or otherwise.
func (t *Tab) Until(ok func() bool) error {
	for !ok() {
		if t.Fault != nil {
			return fmt.Errorf("the connection has a fault: %+v", *t.Fault)
		}
		_ = t.WS.SetReadDeadline(time.Now().Add(time.Minute))
		_, frame, err := t.WS.ReadMessage()
		if err == nil {
			err = t.Take(frame)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Take does with a frame what a page does: it is applied to the mount that it is for and acknowledged, a PING is answered.
func (t *Tab) Take(frame []byte) error {
	number, _ := abi.MountOf(frame)
	switch is := abi.TypeOf(frame); {
	case is == abi.FrameHello:
		return t.Hello.Parse(frame)
	case is == abi.FramePing:
		_ = t.Send(abi.AppendSimple(nil, abi.FramePong)) // the connection may be gone
		return nil
	case is == abi.FrameBye:
		t.Bye = new(abi.Bye)
		return t.Bye.Parse(frame)
	case is == abi.FrameFault && number == 0:
		t.Fault = new(abi.Fault)
		return t.Fault.Parse(frame)
	case is == abi.FrameResumed:
		t.Resumed = true
	}
	page := t.Pages[number]
	if page == nil {
		return fmt.Errorf("a frame for mount %d: %x", number, frame)
	}
	if err := page.Apply(frame); err != nil {
		return err
	}
	if page.Fault == nil && page.Seq > 0 {
		_ = t.Send(page.Ack())
	}
	return nil
}
