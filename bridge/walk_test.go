package bridge_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/bridge"
	"github.com/vitrine-run/vitrine/bridge/bridgetest"
)

// walk is a mount and its page with frames on their way in both directions, that can be lost.
type walk struct {
	t     *testing.T
	r     *rand.Rand
	g     *bridgetest.Random
	tree  *bridgetest.Sketch
	q     *queued
	m     *bridge.Mount
	page  *bridgetest.Page
	down  [][]byte
	up    [][]byte
	taken int
	ready bool // RESUMED has come: events may be sent
}

func newWalk(t *testing.T, seed uint64) *walk {
	w := &walk{t: t, r: rand.New(rand.NewPCG(seed, 3)), g: bridgetest.NewRandom(seed), q: &queued{}, ready: true}
	w.tree = w.g.Tree(150)
	w.m = bridge.NewMount(w.q, &bridge.MountOptions{EventsPerSecond: 1e9})
	w.m.Attach(func() {})
	receive(t, w.m, (&abi.Mount{Mount: 1, Visible: true}).Append(nil))
	w.page = bridgetest.NewPage(1)
	return w
}

func (w *walk) render() {
	w.m.Tree(w.tree.Decoded(uint32(w.r.IntN(1000))))
}

// step does one thing at random.
func (w *walk) step() {
	switch w.r.IntN(16) {
	case 0, 1:
		w.g.Change(w.tree, 1+w.r.IntN(6))
		w.render()
	case 2:
		w.render()
	case 3:
		w.m.Idle()
	case 4, 5:
		w.takeUp()
	case 6, 7, 8:
		w.person()
	case 9, 10, 11:
		w.sendDown()
	case 12:
		w.arriveDown()
	case 13, 14:
		w.arriveUp()
	default:
		if w.r.IntN(8) == 0 {
			w.cut()
		}
	}
}

func (w *walk) takeUp() {
	if len(w.q.queue) == 0 {
		return
	}
	if _, ok := w.q.take(); ok {
		w.taken++
		if w.r.IntN(2) == 0 {
			w.g.Change(w.tree, 1)
			w.render()
		}
	}
	w.m.Idle()
}

// person changes a field or clicks, as far as what is bound allows.
func (w *walk) person() {
	if w.page.Root == nil || !w.ready || len(w.page.Pending) > 60 {
		return
	}
	var frame []byte
	kinds := []string{"textfield", "slider", "numberfield", "button"}
	kind := kinds[w.r.IntN(len(kinds))]
	nodes := w.page.Find(kind)
	if len(nodes) == 0 {
		return
	}
	id := nodes[w.r.IntN(len(nodes))].ID
	switch kind {
	case "textfield":
		frame = w.page.Event(id, 0, text(fmt.Sprint("typed ", w.r.IntN(5))))
	case "button":
		frame = w.page.Event(id, 0, nil)
	default:
		frame = w.page.Event(id, 0, number(float64(w.r.IntN(100))))
	}
	w.up = append(w.up, frame)
}

func (w *walk) sendDown() {
	if frame := w.m.Next(nil); len(frame) > 0 {
		w.down = append(w.down, frame)
	}
}

func (w *walk) arriveDown() {
	if len(w.down) == 0 {
		return
	}
	frame := w.down[0]
	w.down = w.down[1:]
	if err := w.page.Apply(frame); err != nil {
		w.t.Fatal(err)
	}
	if w.page.Fault != nil {
		w.t.Fatalf("%+v", w.page.Fault)
	}
	if abi.TypeOf(frame) == abi.FrameResumed {
		w.ready = true
		w.up = append(w.up, w.page.Again()...)
	}
	if w.page.Seq > 0 {
		w.up = append(w.up, w.page.Ack())
	}
}

func (w *walk) arriveUp() {
	if len(w.up) > 0 {
		receive(w.t, w.m, w.up[0])
		w.up = w.up[1:]
	}
}

func (w *walk) cut() {
	w.down, w.up, w.ready = nil, nil, false
	w.m.Attach(nil)
	if w.r.IntN(2) == 0 {
		w.render()
	}
	w.m.Attach(func() {})
	p := w.page.Resume()
	if w.r.IntN(4) == 0 {
		p.Epoch, p.Seq = 0, 0
	}
	receive(w.t, w.m, (&abi.Resume{Mounts: []abi.ResumePoint{p}}).Append(nil))
	w.arriveDownAll()
}

func (w *walk) arriveDownAll() {
	w.sendDown()
	for len(w.down) > 0 {
		w.arriveDown()
		w.sendDown()
	}
}

// settle lets everything arrive and be answered.
func (w *walk) settle() {
	for range 1000 {
		w.arriveDownAll()
		if len(w.up)+len(w.q.queue) == 0 {
			return
		}
		for len(w.up) > 0 {
			w.arriveUp()
		}
		for len(w.q.queue) > 0 {
			w.takeUp()
		}
	}
	w.t.Fatal("it does not settle")
}

// TestWalk: whatever happens in whatever order, in the end every event is answered and the page shows
// what the plugin wants, fields included.
func TestWalk(t *testing.T) {
	n, first := soak(t, 300)
	answered := 0
	for k := range uint64(n) {
		seed := first + k
		w := newWalk(t, seed)
		w.render()
		for range 400 {
			w.step()
		}
		w.settle()
		w.tree.Controlled()
		w.render()
		w.settle()
		checkPage(t, w.page, w.tree.Decoded(0))
		if len(w.page.Pending) > 0 || w.page.AckEv != w.page.Ev {
			t.Fatalf("seed %d: %d of %d events are not acknowledged", seed, len(w.page.Pending), w.page.Ev)
		}
		answered += w.taken
	}
	if answered < 4*n {
		t.Errorf("only %d events reached the plugins", answered)
	}
}
