package host_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/bridge/bridgetest"
	"github.com/vitrine-run/vitrine/host"
)

// What one stranger can do who throws his cookies away, and what is left for others.

const (
	stranger = "203.0.113.66"
	visitor1 = "198.51.100.1"
)

func TestStrangerCannotTakeAllTickets(t *testing.T) {
	s := newSite(t, behindProxy)
	now := time.Now()
	s.SetClock(func() time.Time { return now }) // no ticket ages, however long so many take
	early := s.visitorFrom(visitor1)
	ticket := early.ticket("desk")
	for range 4096 { // as many as there are, each with a fresh session
		s.visitorFrom(stranger).ticket("desk")
	}
	if tickets, _, _ := s.Outstanding(); tickets != 1024+1 {
		t.Errorf("%d tickets wait, want a quarter of all for the one address, and one", tickets)
	}
	s.visitorFrom("198.51.100.2").ticket("desk")
	p := early.tab()
	p.shows(p.mount(1, ticket), "0") // it has waited longest of all and is still good
	same := s.visitorFrom(stranger)  // somebody in the same house, whose page uses its ticket at once
	ticket = same.ticket("desk")
	p = same.tab()
	p.shows(p.mount(1, ticket), "0")
}

// Many addresses together fill the box; then the one that has most loses.
func TestFullBoxTakesFromTheLargestHolder(t *testing.T) {
	s := newSite(t, func(o *host.Options) {
		behindProxy(o)
		o.Limits = host.Limits{Tickets: 6, AddressShare: 0.5}
	})
	one := s.visitorFrom(visitor1)
	first := one.ticket("desk") // the oldest of all
	for i := range 3 {
		s.visitorFrom(stranger).ticket("desk")
		s.visitorFrom(fmt.Sprintf("198.51.100.%d", 10+i)).ticket("desk")
		if tickets, _, _ := s.Outstanding(); tickets > 6 {
			t.Fatalf("%d tickets wait", tickets)
		}
	}
	p := one.tab()
	p.shows(p.mount(1, first), "0")
}

func TestStrangerCannotTakeAllMounts(t *testing.T) {
	s := newSite(t, func(o *host.Options) {
		behindProxy(o)
		o.Limits = host.Limits{Mounts: 8, MountsPerPrincipal: 2}
	})
	show := func(addr string) (*tab, *bridgetest.Page) {
		v := s.visitorFrom(addr)
		ticket := v.ticket("desk")
		p := v.tab()
		return p, p.mount(1, ticket)
	}
	for range 2 {
		p, page := show(stranger)
		p.shows(page, "0")
	}
	for range 3 {
		p, page := show(stranger)
		if f := p.fault(page); f.Code != abi.FaultUnavailable {
			t.Errorf("more than an address may have: %+v", f)
		}
	}
	p, page := show(visitor1)
	p.shows(page, "0")
}

func TestStrangerCannotTakeAllUploads(t *testing.T) {
	s := newSite(t, func(o *host.Options) {
		behindProxy(o)
		o.Limits = host.Limits{Uploads: 4, UploadsPerPrincipal: 1}
	})
	show := func(addr string) (*tab, *bridgetest.Page) {
		v := s.visitorFrom(addr)
		ticket := v.ticket("desk")
		p := v.tab()
		page := p.mount(1, ticket)
		p.shows(page, "0")
		return p, page
	}
	p, page := show(stranger)
	p.announce(page, 3)
	for range 5 { // who has announced as many as he may gets no token, whatever his cookie
		p, page = show(stranger)
		p.write(page.Event(page.Find("filefield")[0].ID, 0, filePayload(3)))
		p.click(page, 0)
		p.until("the click", func() bool { return page.AckEv == page.Ev })
		if len(page.Uploads) != 0 {
			t.Error("a token more than an address may have")
		}
	}
	if _, uploads, _ := s.Outstanding(); uploads != 1 {
		t.Errorf("%d uploads wait", uploads)
	}
	p, page = show(visitor1)
	token := p.announce(page, 3)
	if resp, _ := p.send("POST", "/vitrine/upload", "abc", "Vitrine-Upload", token); resp.StatusCode != 204 {
		t.Errorf("the other address: %s", resp.Status)
	}
}

// A file that is being sent takes room until it is there; one that never ends must not take all.
func TestStrangerCannotTakeAllRoomForFiles(t *testing.T) {
	s := newSite(t, func(o *host.Options) {
		behindProxy(o)
		o.Limits = host.Limits{UploadBytes: 100, UploadTotal: 400}
	})
	v := s.visitorFrom(stranger)
	first, second := v.ticket("desk"), v.ticket("desk")
	p := v.tab()
	p.shows(p.mount(1, first), "0")
	p.shows(p.mount(2, second), "0")
	token := p.announce(p.Pages[1], 100)
	stop := drip(t, v, token)
	waitFor(t, "the file begins to come", func() bool { return s.RoomForUploads() == 300 })
	token = p.announce(p.Pages[2], 1)
	if resp, _ := p.send("POST", "/vitrine/upload", "x", "Vitrine-Upload", token); resp.StatusCode != 503 {
		t.Errorf("more than an address may have: %s", resp.Status)
	}
	other := s.visitorFrom(visitor1)
	ticket := other.ticket("desk")
	q := other.tab()
	q.shows(q.mount(1, ticket), "0")
	token = q.announce(q.Pages[1], 100)
	if resp, _ := q.send("POST", "/vitrine/upload", strings.Repeat("x", 100), "Vitrine-Upload", token); resp.StatusCode != 204 {
		t.Errorf("the other address: %s", resp.Status)
	}
	stop()
	waitFor(t, "the room is given back", func() bool { return s.RoomForUploads() == 400 })
}

// drip begins to send a file and does not go on; the function that it returns hangs up.
func drip(t *testing.T, v *visitor, token string) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	r, err := http.NewRequestWithContext(ctx, "POST", v.server.URL+"/vitrine/upload", silence{ctx})
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Origin", v.origin())
	r.Header.Set("Cookie", v.cookie)
	r.Header.Set("X-Real-IP", v.from)
	r.Header.Set("Vitrine-Upload", token)
	done := make(chan struct{})
	go func() {
		defer close(done)
		if resp, err := v.server.Client().Transport.RoundTrip(r); err == nil {
			_ = resp.Body.Close()
		}
	}()
	return func() {
		cancel()
		<-done
	}
}

type silence struct{ ctx context.Context }

func (s silence) Read([]byte) (int, error) {
	<-s.ctx.Done()
	return 0, s.ctx.Err()
}

func TestStrangerCannotTakeAllSockets(t *testing.T) {
	s := newSite(t, func(o *host.Options) {
		behindProxy(o)
		o.Limits = host.Limits{Sockets: 32, SocketsPerPrincipal: 5}
	})
	v := s.visitorFrom(stranger)
	v.ticket("desk")
	var open []*websocket.Conn
	for range 5 {
		open = append(open, v.tab().WS)
	}
	for range 300 {
		if ws, status := v.dial(); ws != nil || status != http.StatusTooManyRequests {
			t.Fatalf("one more of the same visitor: %d", status)
		}
	}
	v = s.visitorFrom(stranger)
	v.ticket("desk")
	for range 3 {
		open = append(open, v.tab().WS)
	}
	if ws, status := v.dial(); ws != nil || status != http.StatusTooManyRequests {
		t.Errorf("one more at the same address: %d", status)
	}
	other := s.visitorFrom(visitor1)
	other.ticket("desk")
	other.tab()
	for _, ws := range open { // what is closed leaves its seat
		_ = ws.Close()
	}
	deadline := time.Now().Add(time.Minute)
	for ws, _ := v.dial(); ws == nil; ws, _ = v.dial() {
		if time.Now().After(deadline) {
			t.Fatal("no socket after all were closed")
		}
		time.Sleep(time.Millisecond)
	}
}

// Who is signed in stands for himself: an office, or a proxy that nobody told us of, is one address.
func TestSignedInPeopleShareAnAddress(t *testing.T) {
	s := newSite(t, func(o *host.Options) {
		o.Anonymous = false
		o.Identity = func(r *http.Request) (host.Principal, error) { return host.Principal{ID: r.Header.Get("X-User")}, nil }
		o.Limits = host.Limits{Tickets: 20, TicketsOfPrincipal: 2}
	})
	for i := range 20 {
		for range 2 {
			resp, _ := s.visitor().send("POST", "/vitrine/tickets", `{"place":"desk"}`, "X-User", fmt.Sprint(i))
			if resp.StatusCode != 200 {
				t.Fatalf("user %d: %s", i, resp.Status)
			}
		}
	}
	if tickets, _, _ := s.Outstanding(); tickets != 20 {
		t.Errorf("%d tickets wait, want all that there is room for", tickets)
	}
}

func TestSessionsAreOfThisProcess(t *testing.T) {
	a, b := newSite(t, nil), newSite(t, nil)
	v := a.visitor()
	v.ticket("desk")
	own := v.cookie
	name, value, _ := strings.Cut(own, "=")
	if !strings.HasPrefix(name, "vitrine_session_") || strings.HasPrefix(b.server.URL, a.server.URL) {
		t.Errorf("the cookie of a host with a port is %s", name)
	}
	swapped := []byte(value)
	swapped[0] ^= 'A' ^ 'B' // another letter or digit of base32, or none
	for what, cookie := range map[string]string{
		"changed": name + "=" + string(swapped), "unsigned": name + "=" + value[:26], "of another host": name + "=" + cookieOf(b),
	} {
		v.cookie = cookie
		resp, _ := v.send("POST", "/vitrine/tickets", `{"place":"desk"}`)
		if c := resp.Cookies(); len(c) != 1 || c[0].Value == strings.TrimPrefix(cookie, name+"=") {
			t.Errorf("%s: the session was not replaced: %v", what, c)
		}
	}
	v.cookie = name + "=" + string(swapped) + "; " + own // a forged one before it does not hide the right one
	if resp, _ := v.send("POST", "/vitrine/tickets", `{"place":"desk"}`); len(resp.Cookies()) != 0 {
		t.Error("the right session behind a forged one was replaced")
	}
}

func cookieOf(s *site) string {
	v := s.visitor()
	v.ticket("desk")
	_, value, _ := strings.Cut(v.cookie, "=")
	return value
}

// A page that outlives the server comes with a session of the old one. Its socket is refused, and
// carries a new session back; another site's page gets none.
func TestSocketRenewsTheSession(t *testing.T) {
	s := newSite(t, nil)
	v := s.visitor()
	v.cookie = "vitrine_session=" + strings.Repeat("A", 52)
	resp, _ := v.send("GET", "/vitrine/socket", "", "Origin", "http://evil.example")
	if len(resp.Cookies()) != 0 || resp.StatusCode != 403 {
		t.Errorf("another site: %s, %v", resp.Status, resp.Cookies())
	}
	resp, _ = v.send("GET", "/vitrine/socket", "", "Origin", v.origin(), "Sec-WebSocket-Protocol", abi.Subprotocol)
	if len(resp.Cookies()) != 1 || resp.StatusCode != 401 {
		t.Fatalf("got %s, %v", resp.Status, resp.Cookies())
	}
	ticket := v.ticket("desk")
	p := v.tab()
	p.shows(p.mount(1, ticket), "0")
}

func TestNetwork(t *testing.T) {
	for addr, want := range map[string]string{
		"192.0.2.1:80":                    "192.0.2.1",
		"192.0.2.1":                       "192.0.2.1",
		"[2001:db8:1:2:3:4:5:6]:80":       "2001:db8:1:2::/64",
		"[2001:db8:1:2::1]":               "2001:db8:1:2::/64",
		"2001:db8:1:2:ffff:ffff:ffff:0":   "2001:db8:1:2::/64",
		"2001:db8:1:3::":                  "2001:db8:1:3::/64",
		"[::ffff:192.0.2.1]:80":           "192.0.2.1",
		"[fe80::1%eth0]:80":               "fe80::/64",
		"::1":                             "::/64",
		"":                                "unknown",
		"@":                               "unknown",
		"192.0.2.1, 192.0.2.2":            "unknown",
		"192.0.2.1:x":                     "unknown",
		strings.Repeat("9", 1<<16) + ":1": "unknown",
	} {
		if got := host.Network(addr); got != want {
			t.Errorf("%.40q counts as %s, want %s", addr, got, want)
		}
	}
}

// Whatever the address is said to be: no panic, and a short name.
func FuzzNetwork(f *testing.F) {
	for _, addr := range []string{"192.0.2.1:80", "[2001:db8::1%eth0]:80", "[::ffff:1.2.3.4]", "::1", ":", "[", "%"} {
		f.Add(addr)
	}
	f.Fuzz(func(t *testing.T, addr string) {
		got := host.Network(addr)
		if got == "" || len(got) > 60 || host.Network(addr) != got {
			t.Fatalf("%q counts as %q", addr, got)
		}
	})
}
