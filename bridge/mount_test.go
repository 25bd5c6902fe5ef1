package bridge_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/bridge"
	"github.com/vitrine-run/vitrine/bridge/bridgetest"
)

// queued is a plugin that takes events up when the test says so.
type queued struct {
	still
	queue   []func() ([]byte, bool)
	visible []bool
	closed  int
}

func (q *queued) Event(take func() ([]byte, bool)) { q.queue = append(q.queue, take) }
func (q *queued) Visible(v bool)                   { q.visible = append(q.visible, v) }
func (q *queued) Close()                           { q.closed++ }

// take takes the next event up.
func (q *queued) take() (string, bool) {
	f := q.queue[0]
	q.queue = q.queue[1:]
	in, ok := f()
	return fmt.Sprintf("%x", in), ok
}

// next is the next frame, which must be of the type.
func next(t testing.TB, m *bridge.Mount, want abi.FrameType) []byte {
	t.Helper()
	frame := m.Next(nil)
	if abi.TypeOf(frame) != want {
		t.Fatalf("frame %.100x, want type %#02x", frame, byte(want))
	}
	return frame
}

func none(t testing.TB, m *bridge.Mount) {
	t.Helper()
	if frame := m.Next(nil); len(frame) > 0 {
		t.Fatalf("frame %.100x, want none", frame)
	}
}

func counted(n int) *abi.Tree {
	return button(fmt.Sprint("clicked ", n), func(w *abi.TreeWriter) { w.On(0, uint32(n)) })
}

// TestWindow: four frames may be unacknowledged; what happens meanwhile becomes one.
func TestWindow(t *testing.T) {
	m, page := mounted(t, still{}, nil)
	apply := func(frame []byte) {
		t.Helper()
		if err := page.Apply(frame); err != nil {
			t.Fatal(err)
		}
	}
	m.Tree(counted(0))
	apply(next(t, m, abi.FrameSnap))
	for n := range 3 {
		m.Tree(counted(n + 1))
		apply(next(t, m, abi.FramePatch))
	}
	for n := range 100 {
		m.Tree(counted(n + 10))
		none(t, m)
	}
	receive(t, m, page.Ack())
	apply(next(t, m, abi.FramePatch))
	none(t, m)
	if !says("clicked 109")(page) || page.Frames != 5 {
		t.Errorf("%d frames, %s", page.Frames, page.Find("button")[0].Text("text"))
	}
}

// TestHidden: a hidden mount is sent nothing, and the newest when it is seen again.
func TestHidden(t *testing.T) {
	q := &queued{}
	m := bridge.NewMount(q, nil)
	m.Tree(counted(0))
	m.Attach(func() {})
	none(t, m)
	receive(t, m, (&abi.Mount{Mount: 1}).Append(nil))
	none(t, m)
	m.Tree(counted(1))
	receive(t, m, (&abi.Visible{Mount: 1, Visible: true}).Append(nil))
	page := bridgetest.NewPage(1)
	pump(t, m, page)
	receive(t, m, (&abi.Visible{Mount: 1}).Append(nil))
	for n := range 10 {
		m.Tree(counted(n))
		none(t, m)
	}
	m.Attach(nil)
	m.Attach(func() {})
	receive(t, m, (&abi.Visible{Mount: 1, Visible: true}).Append(nil))
	pump(t, m, page)
	if !says("clicked 9")(page) || page.Frames != 2 {
		t.Errorf("%d frames", page.Frames)
	}
	if got := fmt.Sprint(q.visible); got != "[false true false false false true]" {
		t.Errorf("the plugin was told %v", got)
	}
}

// TestEventOrder: each event is handled once, a gap is a fault.
func TestEventOrder(t *testing.T) {
	q := &queued{}
	m, page := mounted(t, q, nil)
	m.Tree(counted(7))
	pump(t, m, page)
	one, two := page.Event(2, 0, nil), page.Event(2, 0, nil)
	for _, frame := range [][]byte{one, one, two, one, two} {
		receive(t, m, frame)
	}
	if len(q.queue) != 2 {
		t.Fatalf("%d events", len(q.queue))
	}
	none(t, m) // not answered yet
	if in, ok := q.take(); !ok || in != "820780" {
		t.Errorf("%s, %v", in, ok)
	}
	m.Idle()
	pump(t, m, page)
	if page.AckEv != 1 {
		t.Errorf("ackEv %d after the first of two", page.AckEv)
	}
	m.Tree(counted(9)) // the second is still to be taken up: it gets the new handler
	pump(t, m, page)
	if in, ok := q.take(); !ok || in != "820980" {
		t.Errorf("%s, %v", in, ok)
	}
	m.Idle()
	pump(t, m, page)
	if page.AckEv != 2 || len(page.Pending) != 0 {
		t.Errorf("ackEv %d, %d pending", page.AckEv, len(page.Pending))
	}
	page.Event(2, 0, nil)
	receive(t, m, page.Event(2, 0, nil))
	pumpFault(t, m, page, abi.FaultProtocol)
}

func pumpFault(t testing.TB, m *bridge.Mount, page *bridgetest.Page, code abi.FaultCode) {
	t.Helper()
	for page.Fault == nil {
		frame := m.Next(nil)
		if len(frame) == 0 {
			t.Fatal("no fault")
		}
		if err := page.Apply(frame); err != nil {
			t.Fatal(err)
		}
	}
	if page.Fault.Code != code {
		t.Errorf("%+v, want code %d", page.Fault, code)
	}
	none(t, m)
}

// TestHandlerOfMovedRow: an event that waited while its row moved reaches the row's handler of then.
func TestHandlerOfMovedRow(t *testing.T) {
	q := &queued{}
	m, page := mounted(t, q, nil)
	list := func(first uint32, keys ...string) *abi.Tree {
		return in(func(w *abi.TreeWriter) {
			for i, k := range keys {
				w.Open(abi.ComponentButton)
				w.Key(k)
				w.Text(0, "delete "+k)
				w.On(0, first+uint32(i))
				w.Close()
			}
		})
	}
	m.Tree(list(0, "a", "b", "c"))
	pump(t, m, page)
	for _, id := range []uint32{2, 3, 2, 4} { // a, b, a again, c
		receive(t, m, page.Event(id, 0, nil))
	}
	for i, want := range []string{"820080", "820080", "", "820080"} {
		in, ok := q.take()
		if in != want || ok != (want != "") {
			t.Errorf("event %d: %q, %v, want %q", i, in, ok, want)
		}
		m.Tree([]*abi.Tree{list(0, "b", "c"), list(0, "c"), list(0, "c"), list(0)}[i])
		m.Idle()
	}
	pump(t, m, page)
	if page.AckEv != 4 || m.Refused() != 0 {
		t.Errorf("ackEv %d, %d refused", page.AckEv, m.Refused())
	}
}

// TestNoAnswer: a plugin that takes no events up ends the mount, not the memory.
func TestNoAnswer(t *testing.T) {
	m, page := mounted(t, &queued{}, &bridge.MountOptions{EventsPerSecond: 1e6})
	m.Tree(counted(0))
	pump(t, m, page)
	for range 129 {
		receive(t, m, page.Event(2, 0, nil))
	}
	pumpFault(t, m, page, abi.FaultLimit)
}

func TestEventFlood(t *testing.T) {
	m, page := mounted(t, &echo{}, &bridge.MountOptions{EventsPerSecond: 10})
	m.Tree(counted(0))
	pump(t, m, page)
	for range 30 {
		receive(t, m, page.Event(2, 0, nil))
		m.Idle()
		if frame := m.Next(nil); abi.TypeOf(frame) == abi.FrameFault {
			return
		}
	}
	t.Error("30 events at once were taken where 10 a second are allowed")
}

// TestFault: text is cut on a character, only the first fault counts, and it comes again after a drop.
func TestFault(t *testing.T) {
	q := &queued{}
	m, page := mounted(t, q, nil)
	m.Tree(counted(0))
	pump(t, m, page)
	m.Fault(abi.Fault{Code: abi.FaultPlugin, Text: "x" + strings.Repeat("ü", 4000) + "\xff"})
	m.Fault(abi.Fault{Code: abi.FaultLimit})
	m.Tree(counted(1))
	lost := next(t, m, abi.FrameFault)
	m.Attach(nil)
	m.Attach(func() {})
	receive(t, m, (&abi.Resume{Mounts: []abi.ResumePoint{page.Resume()}}).Append(nil))
	pumpFault(t, m, page, abi.FaultPlugin)
	if want := "x" + strings.Repeat("ü", 1023); page.Fault.Text != want || len(lost) == 0 {
		t.Errorf("text of %d bytes", len(page.Fault.Text))
	}
	m.Close()
	m.Close()
	if q.closed != 1 {
		t.Errorf("closed %d times", q.closed)
	}
}

// TestTooLarge: a tree that does not fit a frame is shown in parts, and comes back in parts; a node
// that does not fit ends the mount with a word.
func TestTooLarge(t *testing.T) {
	m, page := mounted(t, still{}, nil)
	tree := func(seed uint64, size int) *abi.Tree {
		g := bridgetest.NewRandom(seed)
		var w abi.TreeWriter
		w.Open(abi.ComponentBox)
		ops := w.Bytes()
		for len(ops) < size {
			s := g.Tree(100)
			s.Controlled()
			ops = append(ops, s.Ops(0)...)
		}
		return decode(append(ops, 0))
	}
	all := tree(1, 420<<10)
	m.Tree(all)
	pump(t, m, page)
	if page.Frames < 3 || page.Epoch != 1 {
		t.Errorf("%d nodes in %d frames, epoch %d", len(all.Nodes), page.Frames, page.Epoch)
	}
	checkPage(t, page, all)
	m.Tree(tree(2, 450<<10)) // all else: as patches it is too large as well
	pump(t, m, page)
	checkPage(t, page, tree(2, 450<<10))
	m.Tree(tree(1, 400<<10))
	if len(m.Next(nil)) == 0 { // lost
		t.Error("no frame")
	}
	m.Attach(nil)
	m.Attach(func() {})
	receive(t, m, (&abi.Resume{Mounts: []abi.ResumePoint{{Mount: 1}}}).Append(nil))
	pump(t, m, page)
	checkPage(t, page, tree(1, 400<<10))

	long := strings.Repeat("0123456789abcdef", 4000)
	wide := in(func(w *abi.TreeWriter) { // a node that is larger than a part, but not than a frame
		for range 2 {
			w.Open(abi.ComponentTextfield)
			w.Text(0, long)
			w.Text(1, long)
			w.Text(3, long)
			w.Text(4, long[:20000])
			w.Close()
		}
	})
	m.Tree(wide)
	pump(t, m, page)
	checkPage(t, page, wide)
	m, page = mounted(t, still{}, nil)
	m.Tree(in(func(w *abi.TreeWriter) {
		w.Open(abi.ComponentTextfield)
		for _, number := range []uint8{0, 1, 3, 4, 5} {
			w.Text(number, long)
		}
		w.Close()
	}))
	pumpFault(t, m, page, abi.FaultLimit)
}

// TestUnanswered: a tree that the plugin rendered before it took an event up says nothing about the
// field that the event changed, and the page must not be left with a value that nobody wants.
func TestUnanswered(t *testing.T) {
	q := &queued{}
	m, page := mounted(t, q, nil)
	m.Tree(field("x"))
	pump(t, m, page)
	receive(t, m, page.Event(2, 0, text("abc")))
	m.Tree(field("x")) // the event still waits
	pump(t, m, page)
	if got := page.Node(2).Text("value"); got != "abc" {
		t.Errorf("what was typed became %q", got)
	}
	q.take()
	m.Idle()
	pump(t, m, page)
	if got := page.Node(2).Text("value"); got != "x" {
		t.Errorf("the plugin wants x, the page shows %q", got)
	}
}

// TestFieldsOverSnapshots: what the person has in a field that the plugin leaves alone is in each
// snapshot, and so is what is not answered.
func TestFieldsOverSnapshots(t *testing.T) {
	q := &queued{}
	m, page := mounted(t, q, nil)
	tree := func(extra bool) *abi.Tree {
		return in(func(w *abi.TreeWriter) {
			if extra {
				w.Open(abi.ComponentText)
				w.Text(0, "more")
				w.Close()
			}
			w.Open(abi.ComponentTextfield)
			w.Text(1, "Name")
			w.On(0, 1)
			w.Close()
		})
	}
	m.Tree(tree(false))
	pump(t, m, page)
	receive(t, m, page.Event(2, 0, text("abc")))
	q.take()
	m.Idle()
	for i := range 4 {
		m.Tree(tree(i%2 == 0))
		m.Attach(nil)
		m.Attach(func() {})
		receive(t, m, (&abi.Resume{Mounts: []abi.ResumePoint{{Mount: 1}}}).Append(nil))
		pump(t, m, page)
		if got := page.Find("textfield")[0].Text("value"); got != "abc" || page.Epoch != uint32(i)+2 {
			t.Errorf("epoch %d shows %q", page.Epoch, got)
		}
	}
}

// TestRingAge: after 30 s a lost frame is not sent again; there is a snapshot.
func TestRingAge(t *testing.T) {
	for _, c := range []struct {
		after time.Duration
		epoch uint32
	}{{29 * time.Second, 1}, {31 * time.Second, 2}} {
		synctest.Test(t, func(t *testing.T) {
			m, page := mounted(t, still{}, nil)
			m.Tree(counted(0))
			pump(t, m, page)
			m.Tree(counted(1))
			next(t, m, abi.FramePatch)
			m.Attach(nil)
			time.Sleep(c.after)
			m.Attach(func() {})
			receive(t, m, (&abi.Resume{Mounts: []abi.ResumePoint{page.Resume()}}).Append(nil))
			pump(t, m, page)
			if page.Epoch != c.epoch || !says("clicked 1")(page) {
				t.Errorf("after %v: epoch %d", c.after, page.Epoch)
			}
		})
	}
}

// TestEventsOverEpochs: events of before a snapshot find their nodes after it.
func TestEventsOverEpochs(t *testing.T) {
	q := &queued{}
	m, page := mounted(t, q, nil)
	list := func(keys ...string) *abi.Tree {
		return in(func(w *abi.TreeWriter) {
			for _, k := range keys {
				w.Open(abi.ComponentButton)
				w.Key(k)
				w.Text(0, k)
				w.On(0, uint32(k[0]))
				w.Close()
			}
		})
	}
	m.Tree(list("a", "b", "c"))
	pump(t, m, page)
	made := [][]byte{page.Event(3, 0, nil), page.Event(2, 0, nil), page.Event(4, 0, nil)} // b, a, c
	for _, keys := range [][]string{{"x", "b", "a", "c"}, {"c", "b", "y"}} {
		m.Tree(list(keys...))
		m.Attach(nil)
		m.Attach(func() {})
		receive(t, m, (&abi.Resume{Mounts: []abi.ResumePoint{{Mount: 1}}}).Append(nil))
		next(t, m, abi.FrameResumed)
		next(t, m, abi.FrameSnap)
	}
	for _, frame := range made {
		receive(t, m, frame)
	}
	for _, want := range []string{"82186280", "82186380"} { // b and c; a is gone
		if in, ok := q.take(); !ok || in != want {
			t.Errorf("%s, %v, want %s", in, ok, want)
		}
	}
	if len(q.queue) != 0 || m.Refused() != 0 {
		t.Errorf("%d more, %d refused", len(q.queue), m.Refused())
	}
}

// TestReceiveErrors: what is no frame of the protocol is an error.
func TestReceiveErrors(t *testing.T) {
	m := bridge.NewMount(still{}, nil)
	if err := m.Receive((&abi.Ack{Mount: 1}).Append(nil)); err == nil {
		t.Error("an ACK before MOUNT was taken")
	}
	m, page := mounted(t, still{}, nil)
	for _, frame := range [][]byte{nil, {0x42, 1, 1, 0}, {0x43, 1}, {0x44, 1}, {0x46, 1, 2}, {0x47, 0}, {0x08}, {0xff, 1}} {
		if err := m.Receive(frame); err == nil {
			t.Errorf("%x was taken", frame)
		}
	}
	m.Tree(counted(0))
	pump(t, m, page)
	receive(t, m, (&abi.Ack{Mount: 1, Seq: 2}).Append(nil))
	pumpFault(t, m, page, abi.FaultProtocol)
}

func FuzzReceive(f *testing.F) {
	page := bridgetest.NewPage(1)
	for _, b := range [][]byte{
		page.Event(2, 0, nil), page.Event(2, 0, text("abc")), (&abi.Ack{Mount: 1, Seq: 1}).Append(nil),
		(&abi.Visible{Mount: 1}).Append(nil), (&abi.Unmount{Mount: 1}).Append(nil),
		(&abi.Resume{Mounts: []abi.ResumePoint{{Mount: 1, Epoch: 1, Seq: 1}}}).Append(nil),
	} {
		f.Add(b, []byte{})
	}
	all := func(w *abi.TreeWriter) {
		for n := range abi.Components() {
			everything(w, uint16(n))
		}
	}
	f.Fuzz(func(t *testing.T, one, two []byte) {
		e := &echo{}
		m, page := mounted(t, e, nil)
		m.Tree(in(all))
		pump(t, m, page)
		for _, frame := range [][]byte{one, two} {
			if m.Receive(frame) != nil {
				return
			}
			m.Idle()
			m.Tree(in(all))
			for len(m.Next(nil)) > 0 {
			}
		}
		for _, in := range e.got {
			if len(in) < 3 || in[0] != 0x82 {
				t.Errorf("the guest got %x", in)
			}
		}
	})
}
