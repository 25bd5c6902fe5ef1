package bridge_test

import (
	"testing"

	"github.com/vitrine-run/vitrine/abi"
)

// field is a text field with a value.
func field(value string) *abi.Tree {
	return in(func(w *abi.TreeWriter) {
		w.Open(abi.ComponentTextfield)
		w.Text(0, value)
		w.Text(1, "Name")
		w.On(0, 1)
		w.Close()
	})
}

func text(s string) []byte {
	var w abi.PayloadWriter
	w.Text(s)
	return w.Bytes()
}

func valueVectors(t *testing.T) []vectorCase {
	answered := newScript(t, "an answer that wants another value")
	answered.show(field(""))
	answered.person(2, 0, text("abc"), true)
	answered.show(field("ABC"))

	agrees := newScript(t, "an answer that agrees sends no value")
	agrees.show(field(""))
	agrees.person(2, 0, text("abc"), true)
	agrees.show(field("abc"))

	newer := newScript(t, "typed on before the answer came: the value is left alone, then corrected")
	newer.show(field(""))
	newer.person(2, 0, text("a"), true)
	newer.mount.Tree(field("A"))
	frame := newer.mount.Next(nil)
	sent := newer.page.Event(2, 0, text("ab")) // made before the frame arrives
	newer.step(vectorStep{Event: &vectorEvent{2, 0, "026162"}, Sends: hexOf(sent)})
	newer.frame(frame)
	receive(t, newer.mount, newer.page.Ack())
	receive(t, newer.mount, sent)
	newer.show(field("AB"))

	refused := newScript(t, "a plugin that ignores the event gets its value back on the page")
	refused.show(field("keep"))
	refused.person(2, 0, text("kept"), true)
	refused.mount.Idle()
	refused.pump()

	own := newScript(t, "a field without a value belongs to the person")
	tree := func(label string) *abi.Tree {
		return in(func(w *abi.TreeWriter) {
			w.Open(abi.ComponentTextfield)
			w.Text(1, label)
			w.On(0, 1)
			w.Close()
		})
	}
	own.show(tree("Name"))
	own.person(2, 0, text("abc"), true)
	own.show(tree("Your name"))

	late := newScript(t, "range and options come before the value")
	late.show(slider(50, 100), slider(150, 200), choice("a", "a", "b"), choice("c", "b", "c"))

	return []vectorCase{answered.c, agrees.c, newer.c, refused.c, own.c, late.c}
}

func slider(value, most float64) *abi.Tree {
	return in(func(w *abi.TreeWriter) {
		w.Open(abi.ComponentSlider)
		w.Number(0, value)
		w.Text(1, "Zoom")
		w.Number(2, 0)
		w.Number(3, most)
		w.On(0, 1)
		w.Close()
	})
}

func choice(value string, options ...string) *abi.Tree {
	return in(func(w *abi.TreeWriter) {
		w.Open(abi.ComponentSelect)
		w.Text(0, value)
		w.Text(1, "Palette")
		w.On(0, 1)
		for _, o := range options {
			w.Open(abi.ComponentOption)
			w.Key(o)
			w.Text(0, "Option "+o)
			w.Text(1, o)
			w.Close()
		}
		w.Close()
	})
}

// canvas is a canvas in a box, of surface 1; a heading comes before it if title is not empty.
func canvas(key, title string) *abi.Tree {
	return in(func(w *abi.TreeWriter) {
		if title != "" {
			w.Open(abi.ComponentHeading)
			w.Text(0, title)
			w.Close()
		}
		w.Open(abi.ComponentCanvas)
		w.Key(key)
		w.Text(1, "Picture")
		w.Int(2, 4)
		w.Int(3, 3)
		w.Int(4, 1)
		for e := range uint8(7) {
			w.On(e, uint32(e)+1)
		}
		w.Close()
	})
}

// gradient paints a rectangle of a surface of the given size.
func gradient(width, height, x, y, w, h int, format abi.PaintFormat) *abi.Paint {
	p := &abi.Paint{Surface: 1, SurfaceWidth: width, SurfaceHeight: height, X: x, Y: y, Width: w, Height: h, Format: format}
	for i := range w * h {
		p.Pixels = append(p.Pixels, byte(10*i), byte(255-i), 7)
		if format == abi.PaintRGBA {
			p.Pixels = append(p.Pixels, byte(100+i))
		}
	}
	return p
}

func (s *script) paint(p *abi.Paint) {
	s.t.Helper()
	if err := s.mount.Paint(p); err != nil {
		s.t.Fatal(err)
	}
	s.pump()
}

func pixelVectors(t *testing.T) []vectorCase {
	s := newScript(t, "both formats, in part, resized, anew")
	s.show(canvas("a", ""))
	s.paint(gradient(4, 3, 0, 0, 4, 3, abi.PaintRGB))
	s.paint(gradient(4, 3, 1, 1, 2, 2, abi.PaintRGBA))
	s.paint(gradient(3, 2, 0, 0, 2, 1, abi.PaintRGBA))
	s.show(canvas("a", "moved down"), canvas("b", "made anew"))

	tiles := newScript(t, "only what changed, 32 by 32 pixels")
	tiles.show(canvas("a", ""))
	tiles.paint(gradient(40, 34, 0, 0, 40, 34, abi.PaintRGB))
	tiles.paint(gradient(40, 34, 33, 32, 1, 1, abi.PaintRGB))
	return []vectorCase{s.c, tiles.c}
}

// cut loses the connection and resumes; frames that the mount had sent and lost are not given.
func (s *script) cut() {
	s.t.Helper()
	s.mount.Attach(nil)
	p := s.page.Resume()
	s.step(vectorStep{Resume: []uint32{p.Mount, p.Epoch, p.Seq}})
	s.mount.Attach(func() {})
	receive(s.t, s.mount, (&abi.Resume{Mounts: []abi.ResumePoint{p}}).Append(nil))
	s.frame(s.mount.Next(nil))
	for _, e := range s.page.Again() {
		receive(s.t, s.mount, e)
	}
	s.pump()
}

func resumeVectors(t *testing.T) []vectorCase {
	nothing := newScript(t, "nothing was lost")
	nothing.show(texts("one"))
	nothing.cut()
	nothing.show(texts("one", "two"))

	lost := newScript(t, "patches were lost: they come again")
	lost.show(texts("one"))
	for _, tree := range []*abi.Tree{texts("one", "two"), texts("two")} {
		lost.mount.Tree(tree)
		lost.mount.Next(nil)
	}
	lost.cut()

	events := newScript(t, "events were lost: the page sends them again")
	events.show(button("go", func(w *abi.TreeWriter) { w.On(0, 1) }))
	events.person(2, 0, nil, true)
	events.person(2, 0, nil, false)
	events.person(2, 0, nil, false)
	events.cut()
	events.mount.Idle()
	events.pump()

	pixels := newScript(t, "pixels were lost: an empty PATCH in their place, then pixels")
	pixels.show(canvas("a", ""))
	if err := pixels.mount.Paint(gradient(4, 3, 0, 0, 4, 3, abi.PaintRGB)); err != nil {
		t.Fatal(err)
	}
	pixels.mount.Next(nil)
	pixels.cut()

	snap := newScript(t, "a snapshot was lost: another one, of a later epoch")
	snap.show(texts("one", "two"))
	snap.mount.Tree(rows("1"))
	snap.mount.Next(nil)
	snap.cut()
	snap.show(rows("1", "2"))

	broken := newScript(t, "a frame was refused: resume at epoch 0 for a snapshot")
	broken.show(texts("one"))
	broken.refused("a PATCH for node 9, which is not there", patchOf(2, 0, func(w *abi.PatchWriter) { w.Delete(9) }))
	broken.cut()

	fault := newScript(t, "FAULT ends the mount")
	fault.show(texts("one"))
	fault.mount.Fault(abi.Fault{Code: abi.FaultPlugin, Text: "plugin: unreachable"})
	fault.pump()
	return []vectorCase{nothing.c, lost.c, events.c, pixels.c, snap.c, broken.c, fault.c}
}
