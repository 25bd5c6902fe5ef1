package host_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/bridge/bridgetest"
	"github.com/vitrine-run/vitrine/host"
)

// open shows the desk in a new tab of a new visitor.
func open(t *testing.T, change func(*host.Options)) (*tab, *site) {
	s := newSite(t, change)
	v := s.visitor()
	ticket := v.ticket("desk")
	p := v.tab()
	p.shows(p.mount(1, ticket), "0")
	return p, s
}

func TestShowsAndAnswers(t *testing.T) {
	p, s := open(t, nil)
	page := p.Pages[1]
	for _, want := range []string{"1", "2", "3"} {
		p.click(page, 0)
		p.shows(page, want)
	}
	p.until("the last click is acknowledged", func() bool { return page.AckEv == 3 })
	p.write((&abi.Unmount{Mount: 1}).Append(nil))
	waitFor(t, "the mount gives everything back", func() bool { _, _, mounts := s.Outstanding(); return mounts == 0 })
}

func TestSocketRefuses(t *testing.T) {
	s := newSite(t, nil)
	v := s.visitor()
	ticket := v.ticket("desk")
	for name, c := range map[string]struct {
		header []string
		status int
	}{
		"no origin":            {[]string{"Origin", ""}, 403},
		"origin null":          {[]string{"Origin", "null"}, 403},
		"other origin":         {[]string{"Origin", "http://evil.example"}, 403},
		"longer origin":        {[]string{"Origin", s.origin() + ".evil.example"}, 403},
		"https":                {[]string{"Origin", strings.Replace(s.origin(), "http", "https", 1)}, 403},
		"rebound":              {[]string{"Host", "evil.example"}, 421},
		"no session":           {[]string{"Cookie", ""}, 401},
		"forged session":       {[]string{"Cookie", "vitrine_session=admin"}, 401},
		"other protocol":       {[]string{"Protocol", "chat"}, 400},
		"token in the address": {[]string{"Cookie", "", "Path", "/vitrine/socket?ticket=" + ticket}, 401},
	} {
		t.Run(name, func(t *testing.T) {
			if ws, status := v.dial(c.header...); ws != nil || status != c.status {
				t.Errorf("got %d, want %d", status, c.status)
			}
		})
	}
	if tickets, _, _ := s.Outstanding(); tickets != 1 {
		t.Errorf("%d tickets are left, want the one", tickets)
	}
}

func TestTicketWorksOnce(t *testing.T) {
	s := newSite(t, nil)
	v := s.visitor()
	ticket := v.ticket("desk")
	p := v.tab()
	p.shows(p.mount(1, ticket), "0")
	if f := p.fault(p.mount(2, ticket)); f.Code != abi.FaultTicket {
		t.Errorf("the second time: %+v", f)
	}
	if f := p.fault(p.mount(3, "")); f.Code != abi.FaultTicket {
		t.Errorf("no ticket: %+v", f)
	}
	if f := p.fault(p.mount(4, strings.Repeat("A", 26))); f.Code != abi.FaultTicket {
		t.Errorf("a guessed ticket: %+v", f)
	}
	p.click(p.Pages[1], 0)
	p.shows(p.Pages[1], "1")
}

func TestTicketIsItsOwners(t *testing.T) {
	s := newSite(t, nil)
	owner, thief := s.visitor(), s.visitor()
	ticket := owner.ticket("desk")
	thief.ticket("desk") // it has a session of its own
	p := thief.tab()
	if f := p.fault(p.mount(1, ticket)); f.Code != abi.FaultTicket {
		t.Errorf("somebody else's ticket: %+v", f)
	}
	p = owner.tab()
	p.shows(p.mount(1, ticket), "0") // the thief has not used it up
}

func TestTicketAges(t *testing.T) {
	s := newSite(t, nil)
	now := time.Now()
	s.SetClock(func() time.Time { return now })
	v := s.visitor()
	old := v.ticket("desk")
	now = now.Add(61 * time.Second)
	fresh := v.ticket("desk")
	now = now.Add(59 * time.Second)
	p := v.tab()
	if f := p.fault(p.mount(1, old)); f.Code != abi.FaultTicket {
		t.Errorf("after a minute: %+v", f)
	}
	p.shows(p.mount(2, fresh), "0")
	if tickets, _, _ := s.Outstanding(); tickets != 0 {
		t.Errorf("%d tickets are kept", tickets)
	}
}

func TestFaultIsShown(t *testing.T) {
	p, s := open(t, nil)
	p.click(p.Pages[1], 1)
	f := p.fault(p.Pages[1])
	if f.Code != abi.FaultPlugin || f.Text != "The plugin crashed." {
		t.Errorf("the page hears %+v", f)
	}
	p.shows(p.mount(2, p.ticket("desk")), "0") // the page's retry
	waitFor(t, "the dead one gives everything back", func() bool { _, _, mounts := s.Outstanding(); return mounts == 1 })
	if n := strings.Count(s.log.String(), "plugin failed"); n != 1 {
		t.Errorf("%d lines about the fault:\n%s", n, s.log)
	}
}

func TestMountsAreBounded(t *testing.T) {
	p, _ := open(t, func(o *host.Options) { o.Limits = host.Limits{MountsPerPrincipal: 1} })
	if f := p.fault(p.mount(2, p.ticket("desk"))); f.Code != abi.FaultUnavailable {
		t.Errorf("the second mount: %+v", f)
	}
	p.write((&abi.Unmount{Mount: 1}).Append(nil))
	waitFor(t, "a seat is free", func() bool { _, _, mounts := p.Outstanding(); return mounts == 0 })
	p.shows(p.mount(3, p.ticket("desk")), "0")
}

func TestDrain(t *testing.T) {
	p, s := open(t, nil)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	drained := make(chan error, 1)
	go func() { drained <- s.Drain(ctx) }()
	p.until("a BYE", func() bool { return p.Bye != nil })
	if err := <-drained; err != nil {
		t.Errorf("Drain: %v", err)
	}
	if _, _, mounts := s.Outstanding(); mounts != 0 {
		t.Errorf("%d mounts after Drain", mounts)
	}
	if ws, status := p.dial(); ws != nil || status != 503 {
		t.Errorf("a socket after Drain: %d", status)
	}
}

func TestComesBackWithNothingLost(t *testing.T) {
	p, s := open(t, nil)
	page := p.Pages[1]
	for n := range 10 {
		p.click(page, 0)
		if n%3 == 0 {
			p.until("an answer", func() bool { return page.AckEv == page.Ev })
		}
		_ = p.WS.Close() // the click may have been heard or not
		p = p.comeBack(p)
		p.until("the page is taken up", func() bool { return p.Resumed })
		for _, frame := range page.Again() {
			p.write(frame)
		}
	}
	p.shows(page, ":") // 10 clicks after "0", each counted once
	if _, _, mounts := s.Outstanding(); mounts != 1 {
		t.Errorf("%d mounts run, want the one", mounts)
	}
}

func TestPageIsItsOwners(t *testing.T) {
	p, s := open(t, nil)
	thief := s.visitor()
	thief.ticket("desk")
	_ = p.WS.Close()
	stolen := &tab{Tab: &bridgetest.Tab{Hello: p.Hello, Pages: map[uint32]*bridgetest.Page{1: bridgetest.NewPage(1)}}}
	q := thief.comeBack(stolen)
	for {
		_ = q.WS.SetReadDeadline(time.Now().Add(time.Minute))
		_, frame, err := q.WS.ReadMessage()
		if err != nil {
			break // the connection is ended after the fault
		}
		if abi.TypeOf(frame) == abi.FrameSnap || abi.TypeOf(frame) == abi.FrameResumed {
			t.Fatalf("the thief got %x", frame)
		}
		var f abi.Fault
		if f.Parse(frame) == nil && f.Code == abi.FaultGone {
			return
		}
	}
	t.Error("the thief was not told that the page is gone")
}

// Everything at once, for the race detector and for what may be left behind.
func TestHammer(t *testing.T) {
	s := newSite(t, nil)
	var wg sync.WaitGroup
	for i := range 6 {
		v := s.visitor()
		first := v.ticket("desk")
		wg.Go(func() {
			p := v.tab()
			page := p.mount(1, first)
			for n := uint32(2); n < 8; n++ {
				p.shows(page, "0")
				p.click(page, 0)
				switch (uint32(i) + n) % 3 {
				case 0:
					p.shows(page, "1")
				case 1:
					p.click(page, 1)
					p.fault(page)
				case 2:
					p.write((&abi.Unmount{Mount: n - 1}).Append(nil))
				}
				page = p.mount(n, v.ticket("desk"))
			}
		})
	}
	wg.Wait()
}

func TestSecretsAreNotLogged(t *testing.T) {
	p, s := open(t, nil)
	ticket := p.ticket("desk")
	token := p.announce(p.Pages[1], 3)
	p.fault(p.mount(2, "canary-ticket"))
	p.send("POST", "/vitrine/upload", "abcd", "Vitrine-Upload", token)
	p.click(p.Pages[1], 1)
	p.fault(p.Pages[1])
	for name, secret := range map[string]string{
		"session": strings.TrimPrefix(p.cookie, "vitrine_session="), "ticket": ticket, "token": token, "wrong ticket": "canary-ticket",
	} {
		if strings.Contains(s.log.String(), secret) {
			t.Errorf("the %s is in the log:\n%s", name, s.log)
		}
	}
}
