package host_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/bridge/bridgetest"
)

// tab is a browser's tab: a visitor with a websocket and what its mounts show.
type tab struct {
	*visitor
	*bridgetest.Tab
}

// dial opens a websocket as a page of the site does; header pairs change what it sends.
func (v *visitor) dial(header ...string) (*websocket.Conn, int) {
	v.t.Helper()
	h := http.Header{"Origin": {v.origin()}}
	if v.cookie != "" {
		h.Set("Cookie", v.cookie)
	}
	if v.from != "" {
		h.Set("X-Real-IP", v.from)
	}
	d := websocket.Dialer{Subprotocols: []string{abi.Subprotocol}, HandshakeTimeout: time.Minute}
	path := "/vitrine/socket"
	for i := 0; i < len(header); i += 2 {
		switch {
		case header[i] == "Protocol":
			d.Subprotocols = []string{header[i+1]}
		case header[i] == "Path":
			path = header[i+1]
		case header[i+1] == "":
			h.Del(header[i])
		default:
			h.Set(header[i], header[i+1])
		}
	}
	ws, resp, err := d.Dial(strings.Replace(v.server.URL, "http", "ws", 1)+path, h)
	if resp == nil {
		v.t.Fatal(err)
	}
	if err != nil {
		return nil, resp.StatusCode
	}
	v.t.Cleanup(func() { _ = ws.Close() })
	return ws, resp.StatusCode
}

// tab opens a tab whose connection has been greeted; header pairs as for dial.
func (v *visitor) tab(header ...string) *tab {
	v.t.Helper()
	ws, status := v.dial(header...)
	if ws == nil {
		v.t.Fatalf("the socket was refused: %d", status)
	}
	p := &tab{v, bridgetest.NewTab(ws)}
	p.write((&abi.ClientHello{Version: abi.ProtocolVersion, Catalog: abi.CatalogHash()}).Append(nil))
	return p
}

func (p *tab) write(frame []byte) {
	p.t.Helper()
	if err := p.Send(frame); err != nil {
		p.t.Fatal(err)
	}
}

// comeBack opens a new connection for a tab whose old one is lost, and takes its page up.
func (v *visitor) comeBack(old *tab) *tab {
	v.t.Helper()
	p := v.tab()
	p.Pages = old.Pages
	resume := abi.Resume{Session: old.Hello.Session}
	for _, page := range p.Pages {
		resume.Mounts = append(resume.Mounts, page.Resume())
	}
	p.write(resume.Append(nil))
	return p
}

// mount asks for a mount.
func (p *tab) mount(number uint32, ticket string) *bridgetest.Page { return p.Mount(number, ticket) }

// until applies frames, and acknowledges them, until ok says that it is enough.
func (p *tab) until(what string, ok func() bool) {
	p.t.Helper()
	if err := p.Until(ok); err != nil {
		p.t.Fatalf("waiting for %s: %v", what, err)
	}
}

func (p *tab) apply(frame []byte) {
	p.t.Helper()
	if err := p.Take(frame); err != nil {
		p.t.Fatal(err)
	}
}

// shows waits until the desk's text is want.
func (p *tab) shows(page *bridgetest.Page, want string) {
	p.t.Helper()
	p.until("the text "+want, func() bool {
		if page.Fault != nil {
			p.t.Fatalf("a fault: %+v", page.Fault)
		}
		return page.Root != nil && page.Find("text")[0].Text("text") == want
	})
}

// fault waits until a mount has ended.
func (p *tab) fault(page *bridgetest.Page) *abi.Fault {
	p.t.Helper()
	p.until("a fault", func() bool { return page.Fault != nil })
	return page.Fault
}

// click clicks the nth button.
func (p *tab) click(page *bridgetest.Page, n int) {
	p.t.Helper()
	p.write(page.Event(page.Find("button")[n].ID, 0, nil))
}

// announce picks a file in the file field and waits for the token.
func (p *tab) announce(page *bridgetest.Page, size int64) string {
	p.t.Helper()
	n := len(page.Uploads)
	p.write(page.Event(page.Find("filefield")[0].ID, 0, filePayload(size)))
	p.until("a token", func() bool { return len(page.Uploads) > n })
	return page.Uploads[n].Token
}

// filePayload is the event of a file that was picked.
func filePayload(size int64) []byte {
	var payload abi.PayloadWriter
	payload.Text("a.csv")
	payload.Text("text/csv")
	payload.Int(size)
	return payload.Bytes()
}

func waitFor(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain: %s", what)
		}
	}
}
