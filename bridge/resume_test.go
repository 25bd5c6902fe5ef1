package bridge_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/bridge"
	"github.com/vitrine-run/vitrine/bridge/bridgetest"
)

// cutter is a TCP proxy that cuts each connection after some bytes, in either direction.
type cutter struct {
	net.Listener
	to string
	mu sync.Mutex
	r  *rand.Rand
	wg sync.WaitGroup
}

func newCutter(t testing.TB, to string) *cutter {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &cutter{Listener: l, to: to, r: rand.New(rand.NewPCG(7, 7))}
	c.wg.Add(1)
	go c.accept()
	t.Cleanup(func() {
		_ = l.Close()
		c.wg.Wait()
	})
	return c
}

func (c *cutter) accept() {
	defer c.wg.Done()
	for {
		in, err := c.Accept()
		if err != nil {
			return
		}
		out, err := net.Dial("tcp", c.to)
		if err != nil {
			_ = in.Close()
			continue
		}
		c.mu.Lock()
		up, down := 240+c.r.IntN(400), 150+c.r.IntN(600) // also within the handshake and RESUME
		c.mu.Unlock()
		c.wg.Add(2)
		go c.copy(out, in, up)
		go c.copy(in, out, down)
	}
}

// copy copies at most n bytes, and then cuts both.
func (c *cutter) copy(to, from net.Conn, n int) {
	defer c.wg.Done()
	defer func() { _, _ = to.Close(), from.Close() }()
	buf := make([]byte, 64)
	for n > 0 {
		k, err := from.Read(buf[:min(n, len(buf))])
		if k > 0 {
			if _, err := to.Write(buf[:k]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
		n -= k
	}
}

// ledger is a plugin that writes down what is typed into its field and shows all of it.
type ledger struct {
	mount *bridge.Mount
	mu    sync.Mutex
	got   []string
}

func newLedger() *ledger {
	l := &ledger{}
	l.mount = bridge.NewMount(l, &bridge.MountOptions{EventsPerSecond: 1e6})
	l.show()
	return l
}

func (l *ledger) show() {
	l.mount.Tree(in(func(w *abi.TreeWriter) {
		w.Open(abi.ComponentTextfield)
		w.Text(1, "Name")
		w.On(0, 1)
		w.Close()
		for _, g := range l.got[max(0, len(l.got)-5):] {
			w.Open(abi.ComponentText)
			w.Key(g)
			w.Text(0, g)
			w.Close()
		}
	}))
}

func (l *ledger) Event(take func() ([]byte, bool)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if in, ok := take(); ok {
		l.got = append(l.got, string(in[4:]))
		if len(l.got)%3 > 0 { // the others lead to no new tree
			l.show()
		}
	}
	l.mount.Idle()
}
func (l *ledger) Visible(bool) {}
func (l *ledger) Close()       {}

// TestCuts: over hundreds of cuts at any byte, every event is handled once and in order, and the page
// shows what the plugin shows.
func TestCuts(t *testing.T) {
	cuts, early, most := 0, 0, 300
	if testing.Short() {
		most = 40
	}
	url, op, _ := serve(t, nil)
	l := newLedger()
	op.others["ledger"] = func() (bridge.Session, error) { return l.mount, nil }
	b := newBrowser(t, url)
	b.mount(1, "ledger")
	b.until("the snapshot", func(p *bridgetest.Page) bool { return p.Root != nil })
	b.client.Cut()

	b.url = "http://" + newCutter(t, strings.TrimPrefix(url, "http://")).Addr().String()
	typed := 0
	for ; cuts < most; cuts++ {
		if !b.resume() {
			early++
			continue
		}
		for b.exchange(&typed) {
		}
		b.client.Cut()
	}
	b.url = url
	if !b.resume() {
		t.Fatal("cannot resume")
	}
	b.until("all to be acknowledged", func(p *bridgetest.Page) bool { return len(p.Pending) == 0 })
	l.mu.Lock()
	l.show()
	want := l.got[len(l.got)-1]
	defer l.mu.Unlock()
	b.until("the last", func(p *bridgetest.Page) bool {
		texts := p.Find("text")
		return len(texts) == 5 && texts[4].Text("text") == want
	})
	if early < cuts/20 || early > cuts/2 {
		t.Errorf("%d of %d cuts came before the page was taken up", early, cuts)
	}
	if len(l.got) != typed || typed < cuts/2 {
		t.Errorf("%d events were made over %d cuts, the plugin had %d", typed, cuts, len(l.got))
	}
	for i, g := range l.got {
		if g != fmt.Sprintf("%06d", i+1) {
			t.Fatalf("event %d was %q", i+1, g)
		}
	}
}

// resume connects anew and takes the page up, sending again what was not handled. It is false if the
// connection is cut before that.
func (b *browser) resume() bool {
	b.t.Helper()
	c, err := bridgetest.Dial(b.url, origin, who("ann"))
	if err != nil {
		return false
	}
	b.t.Cleanup(c.Cut)
	b.client = c
	resume := abi.Resume{Session: b.secret, Mounts: []abi.ResumePoint{b.page.Resume()}}
	if c.Send(resume.Append(nil)) != nil {
		return false
	}
	frame, err := c.Next(time.Minute)
	if err != nil {
		c.Cut()
		return false
	}
	if err := b.page.Apply(frame); err != nil || b.page.Fault != nil {
		b.t.Fatalf("resumed: %v, %+v", err, b.page.Fault)
	}
	b.secret = c.Hello.Session // only now: the RESUME has arrived
	for _, e := range b.page.Again() {
		if c.Send(e) != nil {
			break // it comes again next time
		}
	}
	return true
}

// exchange types once and takes a frame; it is false when the connection is cut.
func (b *browser) exchange(typed *int) bool {
	b.t.Helper()
	*typed++
	field := b.page.Find("textfield")[0]
	if b.client.Send(b.page.Event(field.ID, 0, text(fmt.Sprintf("%06d", *typed)))) != nil {
		return false
	}
	frame, err := b.client.Next(time.Minute)
	if err != nil {
		return false
	}
	if err := b.page.Apply(frame); err != nil || b.page.Fault != nil {
		b.t.Fatalf("%v, %+v", err, b.page.Fault)
	}
	return b.client.Send(b.page.Ack()) == nil
}

// TestResumeRefused: a page is only taken up with its secret, by its principal, once, and in time.
func TestResumeRefused(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(b *browser) (secret [abi.SessionBytes]byte, who string)
		gone bool
		keep time.Duration
	}{
		{"before it has a secret", func(*browser) ([16]byte, string) { return [16]byte{}, "ann" }, true, 0},
		{"its own", func(b *browser) ([16]byte, string) { return b.secret, "ann" }, false, 0},
		{"another's", func(b *browser) ([16]byte, string) { return b.secret, "bob" }, true, 0},
		{"a wrong secret", func(b *browser) ([16]byte, string) { return [16]byte{1}, "ann" }, true, 0},
		{"too late", func(b *browser) ([16]byte, string) { return b.secret, "ann" }, true, 150 * time.Millisecond},
	} {
		t.Run(c.name, func(t *testing.T) {
			url, op, _ := serve(t, &bridge.HandlerOptions{Keep: c.keep})
			b := newBrowser(t, url)
			b.mount(1, "good")
			b.until("the snapshot", says("clicked 0"))
			b.client.Cut()
			if c.keep > 0 {
				wait(t, "the end of the page", func() bool { return op.last().ends() == 1 })
			}
			secret, name := c.do(b)
			client, err := bridgetest.Dial(url, origin, who(name))
			if err != nil {
				t.Fatal(err)
			}
			defer client.Cut()
			b.client = client
			b.send((&abi.Resume{Session: secret, Mounts: []abi.ResumePoint{b.page.Resume()}}).Append(nil))
			if c.gone {
				if f := b.fault(); f.Mount != 1 || f.Code != abi.FaultGone {
					t.Errorf("%+v", f)
				}
				b.mount(2, "good") // it goes on with another
				b.until("a new snapshot", says("clicked 0"))
				return
			}
			b.until("RESUMED", func(p *bridgetest.Page) bool { return true })
			b.send(b.page.Event(2, 0, nil))
			b.until("the answer", says("clicked 1"))
			if len(op.counters) != 1 {
				t.Errorf("%d plugins", len(op.counters))
			}
		})
	}
}

// TestTakeOver: a page that comes back before the server has noticed the drop is taken up as well, and
// the secret that its HELLO brought works next.
func TestTakeOver(t *testing.T) {
	url, op, _ := serve(t, nil)
	b := newBrowser(t, url)
	b.mount(1, "good")
	b.until("the snapshot", says("clicked 0"))
	for range 5 {
		if !b.resume() { // the old connection is still open
			t.Fatal("cut")
		}
		b.until("RESUMED", func(p *bridgetest.Page) bool { return true })
	}
	b.send(b.page.Event(2, 0, nil))
	b.until("the answer", says("clicked 1"))
	if len(op.counters) != 1 {
		t.Errorf("%d plugins", len(op.counters))
	}
}

// TestSecretTwice: a page that never saw the HELLO of its second connection shows the secret of the
// first again, and then the one of the third works as well.
func TestSecretTwice(t *testing.T) {
	url, op, _ := serve(t, nil)
	b := newBrowser(t, url)
	b.mount(1, "good")
	b.until("the snapshot", says("clicked 0"))
	first := b.secret
	for range 3 {
		b.client.Cut()
		b.secret = first
		if !b.resume() {
			t.Fatal("cut")
		}
	}
	b.client.Cut()
	if !b.resume() {
		t.Fatal("cut")
	}
	b.send(b.page.Event(2, 0, nil))
	b.until("the answer", says("clicked 1"))
	if len(op.counters) != 1 {
		t.Errorf("%d plugins", len(op.counters))
	}
}

// TestWindowIsFilled: what may be sent is sent without waiting for a page to acknowledge.
func TestWindowIsFilled(t *testing.T) {
	url, op, _ := serve(t, nil)
	m := bridge.NewMount(still{}, nil)
	m.Tree(canvas("a", ""))
	if err := m.Paint(gradient(1000, 1000, 0, 0, 1000, 1000, abi.PaintRGB)); err != nil {
		t.Fatal(err)
	}
	op.others["canvas"] = func() (bridge.Session, error) { return m, nil }
	b := newBrowser(t, url)
	b.mount(1, "canvas")
	for _, want := range []abi.FrameType{abi.FrameSnap, abi.FramePixels, abi.FramePixels} {
		if frame := b.next(); abi.TypeOf(frame) != want {
			t.Errorf("a frame of type %#02x, want %#02x", frame[0], byte(want))
		}
	}
}

// TestKeptBound: of many lost pages the oldest goes.
func TestKeptBound(t *testing.T) {
	url, op, _ := serve(t, &bridge.HandlerOptions{Kept: 2})
	for range 4 {
		b := newBrowser(t, url)
		b.mount(1, "good")
		b.until("the snapshot", says("clicked 0"))
		b.client.Cut()
		hidden := op.last()
		wait(t, "the drop to be noticed", func() bool {
			hidden.mu.Lock()
			defer hidden.mu.Unlock()
			return len(hidden.seen) > 0 && !hidden.seen[len(hidden.seen)-1]
		})
	}
	wait(t, "two to be closed", func() bool { return op.counters[0].ends() == 1 && op.counters[1].ends() == 1 })
	if op.counters[2].ends()+op.counters[3].ends() != 0 {
		t.Error("the newest were closed")
	}
}

func wait(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for range 6000 {
		if ok() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("waited in vain for %s", what)
}

// TestDrain: pages get BYE and a close, lost ones end, new ones are refused.
func TestDrain(t *testing.T) {
	url, op, h := serve(t, nil)
	lost := newBrowser(t, url)
	lost.mount(1, "good")
	lost.until("the snapshot", says("clicked 0"))
	lost.client.Cut()
	b := newBrowser(t, url)
	b.mount(1, "good")
	b.until("the snapshot", says("clicked 0"))
	done := make(chan error)
	go func() { done <- h.Drain(context.Background()) }()
	var bye abi.Bye
	if err := bye.Parse(b.next()); err != nil || bye.Retry < 500*time.Millisecond {
		t.Errorf("%v, %v", bye, err)
	}
	if _, err := b.client.Next(time.Minute); !websocket.IsCloseError(err, websocket.CloseGoingAway) {
		t.Error(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
	for i, c := range op.counters {
		if c.ends() != 1 {
			t.Errorf("plugin %d was closed %d times", i, c.ends())
		}
	}
	if _, err := bridgetest.Dial(url, origin, who("ann")); err == nil || !strings.Contains(err.Error(), "503") {
		t.Error(err)
	}
}

// TestDrainDeadline: a page that does not listen cannot hold the server up.
func TestDrainDeadline(t *testing.T) {
	url, _, h := serve(t, nil)
	b := newBrowser(t, url)
	b.mount(1, "good")
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if err := h.Drain(ctx); err == nil {
		t.Error("drained, though the page did not answer")
	}
}

// TestSlowReader: a page that reads nothing while its plugin renders flat out costs little memory, its
// neighbour gets everything, and when it reads again it sees the newest soon.
func TestSlowReader(t *testing.T) {
	url, op, _ := serve(t, &bridge.HandlerOptions{Heartbeat: time.Hour}) // who reads nothing hears no PING
	m := bridge.NewMount(still{}, nil)
	op.others["flat out"] = func() (bridge.Session, error) { return m, nil }
	picture := gradient(600, 400, 0, 0, 600, 400, abi.PaintRGB)
	render := func(n int) {
		m.Tree(canvas("a", fmt.Sprint("frame ", n)))
		if err := m.Paint(picture); err != nil {
			t.Error(err)
		}
	}
	render(0)
	slow, fast := newBrowser(t, url), newBrowser(t, url)
	slow.mount(1, "flat out")
	fast.mount(1, "good")
	fast.until("the snapshot", says("clicked 0"))
	var before, after runtime.MemStats
	runtime.GC()
	runtime.GC() // pools keep what they have over one
	runtime.ReadMemStats(&before)
	for n := range 100 {
		render(n + 1)
		fast.send(fast.page.Event(2, 0, nil))
		fast.until("the answer", says(fmt.Sprint("clicked ", n+1)))
	}
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 4<<20 {
		t.Errorf("the heap grew by %d bytes", grown)
	}
	slow.until("the newest", func(p *bridgetest.Page) bool {
		h := p.Find("heading")
		return len(h) == 1 && h[0].Text("text") == "frame 100"
	})
	if slow.page.Frames > 20 {
		t.Errorf("%d frames until the newest", slow.page.Frames)
	}
}

// TestManyMounts: the mounts of a page do not disturb each other, and there is a bound.
func TestManyMounts(t *testing.T) {
	url, _, _ := serve(t, &bridge.HandlerOptions{Mounts: 10})
	b := newBrowser(t, url)
	pages := map[uint32]*bridgetest.Page{}
	for n := range uint32(10) {
		b.mount(n+1, "good")
		pages[n+1] = b.page
	}
	clicks := 0
	for clicks < 100 {
		frame := b.next()
		n, _ := abi.MountOf(frame)
		p := pages[n]
		if err := p.Apply(frame); err != nil {
			t.Fatal(err)
		}
		b.send(p.Ack())
		if len(p.Pending) == 0 && p.Ev < 10 {
			b.send(p.Event(2, 0, nil))
			clicks++
		}
	}
	b.mount(11, "good")
	if f := b.fault(); f.Mount != 11 || f.Code != abi.FaultLimit {
		t.Errorf("%+v", f)
	}
	b.mount(11, "good") // a number that was used
	if f := b.fault(); f.Mount != 0 || f.Code != abi.FaultProtocol {
		t.Errorf("%+v", f)
	}
}
