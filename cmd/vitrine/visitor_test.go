package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"syscall"
	"time"

	"github.com/gorilla/websocket"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/bridge/bridgetest"
)

// visitor is a browser at a server: it says where it comes from and keeps its session.
type visitor struct {
	*server
	header http.Header
}

func (s *server) visitor() *visitor {
	return &visitor{s, http.Header{"Origin": {"http://" + s.addr}, "Content-Type": {"application/json"}}}
}

// ask asks for a ticket; header pairs change what it sends.
func (v *visitor) ask(place string, header ...string) (status int, ticket string) {
	v.t.Helper()
	r, err := http.NewRequest("POST", "http://"+v.addr+"/vitrine/tickets", strings.NewReader(`{"place":"`+place+`"}`))
	if err != nil {
		v.t.Fatal(err)
	}
	r.Header = v.changed(header)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		v.t.Fatal(err)
	}
	defer resp.Body.Close()
	for _, c := range resp.Cookies() {
		v.header.Set("Cookie", c.Name+"="+c.Value)
	}
	var got struct{ Ticket string }
	_ = json.NewDecoder(resp.Body).Decode(&got) // a refusal has none
	return resp.StatusCode, got.Ticket
}

func (v *visitor) changed(header []string) http.Header {
	h := v.header.Clone()
	for i := 0; i < len(header); i += 2 {
		if h.Del(header[i]); header[i+1] != "" {
			h.Set(header[i], header[i+1])
		}
	}
	return h
}

func (v *visitor) ticket(place string) string {
	v.t.Helper()
	status, ticket := v.ask(place)
	if ticket == "" {
		v.t.Fatalf("ticket for %s: %d", place, status)
	}
	return ticket
}

// dial opens a socket, nil if that is refused; header pairs change what it sends.
func (v *visitor) dial(header ...string) (ws *websocket.Conn, status int) {
	v.t.Helper()
	h := v.changed(header)
	h.Del("Content-Type")
	d := websocket.Dialer{Subprotocols: []string{abi.Subprotocol}, ReadBufferSize: 512, WriteBufferSize: 512}
	ws, resp, err := d.Dial("ws://"+v.addr+"/vitrine/socket", h)
	if resp == nil {
		v.t.Fatal(err)
	}
	if err != nil {
		return nil, resp.StatusCode
	}
	v.t.Cleanup(func() { _ = ws.Close() })
	return ws, resp.StatusCode
}

// greeted opens a socket that says HELLO.
func (v *visitor) greeted() *websocket.Conn {
	v.t.Helper()
	ws, status := v.dial()
	if ws == nil {
		v.t.Fatalf("the socket was refused: %d", status)
	}
	hello := abi.ClientHello{Version: abi.ProtocolVersion, Catalog: abi.CatalogHash()}
	if err := ws.WriteMessage(websocket.BinaryMessage, hello.Append(nil)); err != nil {
		v.t.Fatal(err)
	}
	return ws
}

// drains ends the server while two pages have sent something that is not answered yet: both get the answer and a BYE, and the
// server ends well.
func (s *server) drains(place, component string) {
	s.t.Helper()
	tabs := []*tab{s.open(place), s.open(place)}
	for _, p := range tabs {
		p.until("a "+component, p.shows(component))
	}
	for _, p := range tabs {
		p.write(p.page.Event(p.page.Find(component)[0].ID, 0, nil))
	}
	at := time.Now()
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		s.t.Fatal(err)
	}
	for _, p := range tabs {
		bye := p.bye()
		if bye.Retry < 500*time.Millisecond || bye.Retry > 10*time.Second {
			s.t.Errorf("come back after %v", bye.Retry)
		}
		if p.page.AckEv != 1 && time.Since(at) < 2*time.Second { // a plugin is not waited for any longer
			s.t.Error("what the page had sent was not answered")
		}
	}
	for s.stderr.Scan() { // what is in the pipe must be read before Wait
	}
	if err := s.cmd.Wait(); err != nil {
		s.t.Errorf("after SIGTERM: %v", err)
	}
}

// bye reads until the server goes.
func (p *tab) bye() (f abi.Bye) {
	p.t.Helper()
	for {
		frame := read(p.server, p.ws)
		switch abi.TypeOf(frame) {
		case abi.FramePing:
			p.write(abi.AppendSimple(nil, abi.FramePong))
		case abi.FrameBye:
			if err := f.Parse(frame); err != nil {
				p.t.Fatal(err)
			}
			return f
		default:
			if err := p.page.Apply(frame); err != nil {
				p.t.Fatal(err)
			}
		}
	}
}

// read is the next frame that comes.
func read(s *server, ws *websocket.Conn) []byte {
	s.t.Helper()
	_ = ws.SetReadDeadline(time.Now().Add(time.Minute))
	_, frame, err := ws.ReadMessage()
	if err != nil {
		s.t.Fatal(err)
	}
	return frame
}

// rounds is a socket with several mounts.
type rounds struct {
	*visitor
	*bridgetest.Tab
}

func (v *visitor) rounds() *rounds {
	v.t.Helper()
	return &rounds{v, bridgetest.NewTab(v.greeted())}
}

func (p *rounds) write(frame []byte) { _ = p.Send(frame) } // it may be refused meanwhile

func (p *rounds) mount(number uint32, ticket string) *bridgetest.Page { return p.Mount(number, ticket) }

// until applies and acknowledges frames until ok says that it is enough, or the connection is refused.
func (p *rounds) until(what string, ok func() bool) {
	p.t.Helper()
	if err := p.Until(ok); err != nil {
		p.t.Fatalf("waiting for %s: %v", what, err)
	}
}

// shown mounts what is at a place.
func (p *rounds) shown(number uint32, place string) *bridgetest.Page {
	p.t.Helper()
	page := p.mount(number, p.ticket(place))
	p.until(place, func() bool { return page.Root != nil })
	return page
}

// click clicks a node and waits for the answer, which is what the text says then.
func (p *rounds) click(page *bridgetest.Page, node uint32) string {
	p.t.Helper()
	p.write(page.Event(node, 0, nil))
	p.until("an answer", func() bool { return page.AckEv == page.Ev })
	return page.Find("text")[0].Text("text")
}
