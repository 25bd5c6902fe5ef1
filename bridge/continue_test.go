package bridge_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/bridge"
	"github.com/vitrine-run/vitrine/bridge/bridgetest"
)

// lines is a tree of a keyed box for each key, which holds a field and a button without one; pad makes it large.
func lines(pad int, keys ...string) *abi.Tree {
	return in(func(w *abi.TreeWriter) {
		for _, key := range keys {
			w.Open(abi.ComponentBox)
			w.Key(key)
			w.Open(abi.ComponentTextfield)
			w.Text(1, key)
			w.On(0, 1)
			w.Close()
			w.Open(abi.ComponentButton)
			w.Text(0, key+strings.Repeat("x", pad))
			w.On(0, handlerOfKey(key))
			w.Close()
			w.Close()
		}
	})
}

// handlerOfKey is a number that belongs to a key alone.
func handlerOfKey(key string) uint32 {
	var n uint32
	_, _ = fmt.Sscanf(key, "k%d", &n)
	return n + 1
}

func keysTo(n int) (keys []string) {
	for i := range n {
		keys = append(keys, fmt.Sprintf("k%d", i))
	}
	return keys
}

// labels are the labels of the fields that a page shows, by id.
func labels(page *bridgetest.Page) map[uint32]string {
	out := map[uint32]string{}
	for _, n := range page.Find("textfield") {
		out[n.ID] = n.Props["label"].(string)
	}
	return out
}

// TestSnapSaysWas: a page learns which of its nodes a snapshot goes on with, over as many snapshots as it may have missed.
func TestSnapSaysWas(t *testing.T) {
	for missed := range 10 {
		m, page := mounted(t, still{}, nil)
		m.Tree(lines(0, "k0", "k1", "k2", "k3"))
		pump(t, m, page)
		before := labels(page)
		var frames [][]byte
		for n := range missed + 1 {
			m.Attach(nil)
			m.Attach(func() {})
			m.Tree(lines(0, "k3", fmt.Sprintf("k%d", 10+n), "k1"))
			point := abi.ResumePoint{Mount: 1, Epoch: page.Epoch} // as if what followed seq 0 was too much to send again
			receive(t, m, (&abi.Resume{Mounts: []abi.ResumePoint{point}}).Append(nil))
			frames = [][]byte{next(t, m, abi.FrameResumed), next(t, m, abi.FrameSnap)}
		}
		for _, frame := range frames {
			if err := page.Apply(frame); err != nil {
				t.Fatal(err)
			}
		}
		for id, label := range labels(page) {
			was, goesOn := page.Was[id]
			if want := missed < 8 && (label == "k1" || label == "k3"); goesOn != want || want && before[was] != label {
				t.Errorf("missed %d: the field of %s was that of %q", missed, label, before[was])
			}
		}
	}
}

// nak asks for a snapshot.
func nak(t *testing.T, m *bridge.Mount, epoch, seq uint32) {
	t.Helper()
	receive(t, m, (&abi.Nak{Mount: 1, Epoch: epoch, Seq: seq}).Append(nil))
}

// TestLargeSnapLosesNothing: events that were on their way to later parts of a large tree, when it is sent anew, reach the
// node that they were made for, whichever parts are sent by then, if rows move meanwhile, and if it is sent anew again.
func TestLargeSnapLosesNothing(t *testing.T) {
	const n, pad = 1500, 600
	r := rand.New(rand.NewPCG(1, 2))
	for seed := range 12 {
		q := &queued{}
		m, page := mounted(t, q, nil)
		keys := keysTo(n)
		m.Tree(lines(pad, keys...))
		pump(t, m, page)
		if page.Frames < 4 {
			t.Fatalf("%d frames", page.Frames)
		}
		buttons := map[string]uint32{}
		for _, b := range page.Find("button") {
			buttons[strings.TrimRight(b.Props["text"].(string), "x")] = b.ID
		}
		var want []string
		var sent [][]byte
		for range 40 {
			label := keys[r.IntN(n)]
			sent = append(sent, page.Event(buttons[label], 0, nil))
			want = append(want, fmt.Sprintf("82%s80", cborNumber(handlerOfKey(label))))
		}
		for range 1 + seed%3 {
			nak(t, m, page.Epoch, page.Seq)
			page.Epoch++ // as the server thinks
			_ = m.Next(nil)
			if seed%2 == 1 {
				r.Shuffle(n, func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
				m.Tree(lines(pad, keys...))
			}
			for range r.IntN(3) {
				_ = m.Next(nil)
			}
		}
		for i, frame := range sent {
			receive(t, m, frame)
			if i == 20 && seed%4 == 3 {
				_ = m.Next(nil)
			}
		}
		var got []string
		for range q.queue {
			if in, ok := q.take(); ok {
				got = append(got, in)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("seed %d: %d events came of %d\n%v\n%v", seed, len(got), len(want), got, want)
		}
	}
}

// cborNumber is a number as CBOR has it, in hexadecimal digits.
func cborNumber(n uint32) string {
	switch {
	case n < 24:
		return fmt.Sprintf("%02x", n)
	case n < 256:
		return fmt.Sprintf("18%02x", n)
	}
	return fmt.Sprintf("19%04x", n)
}

// TestValueAcrossSnap: a value that was on its way when a snapshot was sent is put back if the plugin refuses it, though the page
// shows it where the snapshot does not.
func TestValueAcrossSnap(t *testing.T) {
	q := &queued{}
	m, page := mounted(t, q, nil)
	m.Tree(field("keep"))
	pump(t, m, page)
	typed := page.Event(2, 0, text("kept"))
	nak(t, m, page.Epoch, page.Seq)
	receive(t, m, (&abi.Ack{Mount: 1, Seq: page.Seq}).Append(nil))
	if err := page.Apply(m.Next(nil)); err != nil {
		t.Fatal(err)
	}
	receive(t, m, page.Ack())
	receive(t, m, typed)
	if _, ok := q.take(); !ok {
		t.Fatal("the event was lost")
	}
	m.Tree(field("keep"))
	frame := m.Next(nil)
	var f abi.Patch
	if err := f.Parse(frame); err != nil || f.AckEv != 1 || len(f.Body) == 0 {
		t.Errorf("%x, %v: nothing puts the value back", frame, err)
	}
}
