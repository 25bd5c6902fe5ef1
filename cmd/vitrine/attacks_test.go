package main

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/bridge/bridgetest"
)

// besieged is a server with two plugins, and a page of theirs that goes on working whatever others do.
func besieged(t *testing.T) (*server, func()) {
	t.Helper()
	locked := filepath.Join(t.TempDir(), "locked")
	wasm, err := os.ReadFile("testdata/guests/locked.wasm")
	if err = errors.Join(err, os.Mkdir(locked, 0o700), os.WriteFile(filepath.Join(locked, "plugin.wasm"), wasm, 0o600),
		os.WriteFile(filepath.Join(locked, "vitrine.json"), []byte(`{"apiVersion": "v1", "id": "locked", "name": "Locked", "version": "1.0.0",
			"runtime": {"wasm": "plugin.wasm"}, "capabilities": ["ui"]}`), 0o600)); err != nil {
		t.Fatal(err)
	}
	s := startServer(t, "vitrine", "../../host/testdata/desk", locked, "--grant", "ui", "--cache", "off")
	good := s.visitor()
	good.ticket("desk")
	p := good.rounds()
	page := p.shown(1, "desk")
	clicks := 0
	return s, func() {
		t.Helper()
		clicks++
		if got, want := p.click(page, 3), string(rune('0'+clicks)); got != want {
			t.Errorf("beside it %d clicks show %q, want %q", clicks, got, want)
		}
	}
}

// TestAttacks: what a stranger does to the socket of a server that is a process of its own. Each attack is answered as it should be, and
// somebody else's page works after it.
func TestAttacks(t *testing.T) {
	s, works := besieged(t)
	for _, a := range []struct {
		name string
		does func(s *server)
	}{
		{"origins", foreignOrigins}, {"tickets", tickets}, {"what is no frame", noFrames},
		{"events that nobody may send", forbiddenEvents}, {"a page of somebody else", resumeOfAnother},
		{"events of one mount", mountFlood}, {"events without end", pageFlood},
	} {
		t.Run(a.name, func(t *testing.T) {
			mine := *s
			mine.t = t
			a.does(&mine)
		})
		works()
	}
	s.drains("desk", "button")
}

func foreignOrigins(s *server) {
	v := s.visitor()
	v.ticket("desk")
	for _, origin := range []string{"", "null", "http://evil.example", "https://" + s.addr, "http://" + s.addr + ".evil.example"} {
		if ws, status := v.dial("Origin", origin); ws != nil || status != 403 {
			s.t.Errorf("a socket from %q: %d", origin, status)
		}
		if status, ticket := v.ask("desk", "Origin", origin); status != 403 || ticket != "" {
			s.t.Errorf("a ticket for %q: %d", origin, status)
		}
	}
}

func tickets(s *server) {
	owner, thief := s.visitor(), s.visitor()
	ticket := owner.ticket("desk")
	thief.ticket("desk") // it has a session of its own
	p := thief.rounds()
	stolen := p.mount(1, ticket)
	p.until("a refusal", func() bool { return stolen.Fault != nil })
	q := owner.rounds()
	own, twice := q.mount(1, ticket), q.mount(2, ticket)
	q.until("one of the two", func() bool { return own.Root != nil && twice.Fault != nil || own.Fault != nil && twice.Root != nil })
	for _, page := range []*bridgetest.Page{stolen, own, twice} {
		if page.Fault != nil && page.Fault.Code != abi.FaultTicket {
			s.t.Errorf("%+v", page.Fault)
		}
	}
}

func noFrames(s *server) {
	for name, c := range map[string]struct {
		kind  int
		frame []byte
		code  abi.FaultCode // 0: it is cut off
	}{
		"text":                        {websocket.TextMessage, abi.AppendSimple(nil, abi.FramePong), abi.FaultProtocol},
		"too large":                   {websocket.BinaryMessage, make([]byte, abi.MaxFrame+1), 0},
		"empty":                       {websocket.BinaryMessage, nil, abi.FaultProtocol},
		"a count that is not there":   {websocket.BinaryMessage, append([]byte{byte(abi.FrameResume)}, strings.Repeat("\xff", 16)+"\xff\xff\xff\xff\x0f"...), abi.FaultProtocol},
		"an event of no mount":        {websocket.BinaryMessage, (&abi.Event{Mount: 9, Ev: 1, Node: 3, Seen: 1}).Append(nil), abi.FaultProtocol},
		"an event of a mount to come": {websocket.BinaryMessage, (&abi.Event{Mount: 2, Ev: 1, Node: 3, Seen: 1}).Append(nil), abi.FaultProtocol},
	} {
		v := s.visitor()
		v.ticket("desk")
		p := v.rounds()
		p.shown(1, "desk")
		_ = p.WS.WriteMessage(c.kind, c.frame)
		if c.code == 0 {
			gone(s, p.WS)
			continue
		}
		p.until("the refusal of "+name, func() bool { return p.Fault != nil })
		if p.Fault.Code != c.code {
			s.t.Errorf("%s: %+v", name, p.Fault)
		}
	}
}

func forbiddenEvents(s *server) {
	v := s.visitor()
	v.ticket("desk")
	p := v.rounds()
	page := p.shown(1, "locked")
	for name, e := range map[string]struct {
		node    uint32
		event   uint8
		payload []byte
	}{
		"disabled":       {3, 0, nil},
		"not bound":      {2, 0, nil},
		"no such event":  {4, 7, nil},
		"no such node":   {1 << 20, 0, nil},
		"the root":       {1, 0, nil},
		"with a payload": {4, 0, []byte("x")},
	} {
		p.write(page.Event(e.node, e.event, e.payload))
		p.until("it is dropped", func() bool { return page.AckEv == page.Ev })
		if got := page.Find("text")[0].Text("text"); got != "0" {
			s.t.Fatalf("%s: the plugin heard of it and shows %q", name, got)
		}
	}
	if got := p.click(page, 4); got != "1" {
		s.t.Errorf("the button that may be clicked shows %q", got)
	}
}

func resumeOfAnother(s *server) {
	owner, thief := s.visitor(), s.visitor()
	owner.ticket("desk")
	thief.ticket("desk")
	p := owner.rounds()
	p.shown(1, "desk")
	q := thief.rounds()
	stolen := bridgetest.NewPage(1)
	q.Pages[1] = stolen
	q.write((&abi.Resume{Session: p.Hello.Session, Mounts: []abi.ResumePoint{{Mount: 1}}}).Append(nil))
	q.until("the refusal", func() bool { return stolen.Fault != nil })
	if stolen.Fault.Code != abi.FaultGone || stolen.Root != nil {
		s.t.Errorf("the thief got %+v", stolen.Fault)
	}
	if got := p.click(p.Pages[1], 3); got != "1" {
		s.t.Errorf("the owner's page shows %q", got)
	}
}

// mountFlood sends more events than a mount may: that mount ends, the one beside it in the same page goes on.
func mountFlood(s *server) {
	v := s.visitor()
	v.ticket("desk")
	p := v.rounds()
	page, beside := p.shown(1, "desk"), p.shown(2, "desk")
	for range 1000 {
		p.write(page.Event(3, 0, nil))
	}
	p.until("the fault", func() bool { return page.Fault != nil })
	if page.Fault.Code != abi.FaultLimit {
		s.t.Errorf("%+v", page.Fault)
	}
	if got := p.click(beside, 3); got != "1" {
		s.t.Errorf("the mount beside it shows %q", got)
	}
}

// pageFlood sends without end: the connection is refused.
func pageFlood(s *server) {
	v := s.visitor()
	v.ticket("desk")
	p := v.rounds()
	page := p.shown(1, "desk")
	_ = p.WS.SetReadDeadline(time.Now().Add(time.Minute))
	go func() {
		for {
			if p.WS.WriteMessage(websocket.BinaryMessage, (&abi.Event{Mount: 1, Ev: 1, Node: 3, Seen: 1}).Append(nil)) != nil {
				return
			}
		}
	}()
	for p.Fault == nil {
		_, frame, err := p.WS.ReadMessage()
		if err != nil {
			return // cut off in the middle of what it sends
		}
		if number, _ := abi.MountOf(frame); abi.TypeOf(frame) == abi.FrameFault && number == 0 {
			p.Fault = new(abi.Fault)
			_ = p.Fault.Parse(frame)
		}
	}
	if p.Fault.Code != abi.FaultLimit || page.Fault != nil {
		s.t.Errorf("%+v, %+v", p.Fault, page.Fault)
	}
}

// TestCrowd: more sockets than one address may have are refused, those that say nothing are let go, and a page that was there works.
func TestCrowd(t *testing.T) {
	if testing.Short() {
		t.Skip("waits until the server is out of patience")
	}
	t.Parallel()
	s, works := besieged(t)
	var open []*websocket.Conn
	refused := 0
	for range 20 {
		v := s.visitor()
		v.ticket("desk")
		for range 50 {
			ws, status := v.dial()
			switch {
			case ws != nil:
				open = append(open, ws)
			case status == 429:
				refused++
			default:
				t.Fatalf("refused with %d", status)
			}
		}
		works()
	}
	if len(open) > 511 || len(open) < 400 || refused != 1000-len(open) {
		t.Errorf("%d sockets of one address, %d refused", len(open), refused)
	}
	for _, ws := range open {
		gone(s, ws)
	}
	works()
}

// gone waits until the server has ended a connection.
func gone(s *server, ws *websocket.Conn) {
	s.t.Helper()
	_ = ws.SetReadDeadline(time.Now().Add(time.Minute))
	var timeout net.Error
	for {
		if _, _, err := ws.ReadMessage(); errors.As(err, &timeout) && timeout.Timeout() {
			s.t.Fatal("a connection stays open")
		} else if err != nil {
			return
		}
	}
}
