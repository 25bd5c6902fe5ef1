package bridge_test

import (
	"bytes"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/bridge"
)

// picture is what surface 1 should look like.
type picture struct {
	width, height int
	rgba          []byte
}

func (p *picture) paint(q *abi.Paint) {
	if p.width != q.SurfaceWidth || p.height != q.SurfaceHeight {
		*p = picture{q.SurfaceWidth, q.SurfaceHeight, make([]byte, 4*q.SurfaceWidth*q.SurfaceHeight)}
	}
	size := q.Format.BytesPerPixel()
	for i := range q.Width * q.Height {
		at := 4 * ((q.Y+i/q.Width)*p.width + q.X + i%q.Width)
		p.rgba[at+3] = 255
		copy(p.rgba[at:], q.Pixels[i*size:(i+1)*size])
	}
}

func randomPaint(r *rand.Rand, width, height int) *abi.Paint {
	x, y := r.IntN(width), r.IntN(height)
	p := &abi.Paint{
		Surface: 1, SurfaceWidth: width, SurfaceHeight: height, X: x, Y: y,
		Width: 1 + r.IntN(width-x), Height: 1 + r.IntN(height-y), Format: abi.PaintFormat(r.IntN(2)),
	}
	p.Pixels = make([]byte, p.Width*p.Height*p.Format.BytesPerPixel())
	for i := range p.Pixels {
		p.Pixels[i] = byte(r.Uint32())
	}
	return p
}

// TestPixelsRandom: whatever is painted, lost, hidden, resized or renewed, the page ends with the same picture.
func TestPixelsRandom(t *testing.T) {
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 2))
		m, page := mounted(t, still{}, nil)
		m.Tree(canvas("a", ""))
		want := &picture{}
		width, height := 300, 200
		for range 40 {
			switch r.IntN(13) {
			case 0:
				width, height = 1+r.IntN(400), 1+r.IntN(300)
			case 1:
				m.Tree(canvas([]string{"a", "b"}[r.IntN(2)], []string{"", "title"}[r.IntN(2)]))
			case 2: // a cut, with some frames lost
				for range r.IntN(3) {
					m.Next(nil)
				}
				point := page.Resume()
				if r.IntN(3) == 0 {
					point.Epoch = 99
				}
				m.Attach(nil)
				m.Attach(func() {})
				receive(t, m, (&abi.Resume{Mounts: []abi.ResumePoint{point}}).Append(nil))
				pump(t, m, page)
			case 3:
				pump(t, m, page)
			case 4: // another version takes over, and has painted nothing yet
				m.Renew()
				clear(want.rgba)
			default:
				p := randomPaint(r, width, height)
				if err := m.Paint(p); err != nil {
					t.Fatal(err)
				}
				want.paint(p)
			}
		}
		pump(t, m, page)
		if want.width == 0 {
			continue
		}
		id := page.Find("canvas")[0].ID
		got := page.Canvas[id]
		if got == nil && !bytes.ContainsFunc(want.rgba, func(r rune) bool { return r != 0 }) {
			continue // renewed, and nothing painted since
		}
		if got == nil || got.Width != want.width || !bytes.Equal(got.RGBA, want.rgba) {
			t.Fatalf("seed %d: the picture is another", seed)
		}
	}
}

// TestPixelsCoalesce: a plugin that paints faster than the page reads does not fill the memory, and
// patches go before pixels.
func TestPixelsCoalesce(t *testing.T) {
	m, page := mounted(t, still{}, nil)
	m.Tree(canvas("a", ""))
	pump(t, m, page)
	r := rand.New(rand.NewPCG(1, 1))
	whole := func() *abi.Paint {
		p := gradient(640, 480, 0, 0, 640, 480, abi.PaintRGB)
		p.Pixels[0] = byte(r.Uint32())
		return p
	}
	var last *abi.Paint
	for range 20 {
		last = whole()
		if err := m.Paint(last); err != nil {
			t.Fatal(err)
		}
	}
	var held [][]byte
	for frame := m.Next(nil); len(frame) > 0; frame = m.Next(nil) {
		if len(frame) > 130<<10 {
			t.Errorf("a frame of %d bytes", len(frame))
		}
		held = append(held, frame)
	}
	if len(held) != 3 {
		t.Fatalf("%d frames of pixels without an acknowledgement, want 3", len(held))
	}
	m.Tree(canvas("a", "a heading"))
	held = append(held, next(t, m, abi.FramePatch)) // the last credit is the patch's
	for _, frame := range held {
		if err := page.Apply(frame); err != nil {
			t.Fatal(err)
		}
	}
	receive(t, m, page.Ack())
	sent := pump(t, m, page)
	if most := 640*480*3 + 2000; sent > most {
		t.Errorf("%d bytes for %d pixels", sent, 640*480)
	}
	want := &picture{}
	want.paint(last)
	if !bytes.Equal(page.Canvas[page.Find("canvas")[0].ID].RGBA, want.rgba) {
		t.Error("the picture is another")
	}
}

func TestPixelsBound(t *testing.T) {
	m, _ := mounted(t, still{}, &bridge.MountOptions{MaxPixels: 100})
	if err := m.Paint(gradient(10, 10, 0, 0, 1, 1, abi.PaintRGB)); err != nil {
		t.Error(err)
	}
	p := gradient(1, 1, 0, 0, 1, 1, abi.PaintRGB)
	p.Surface = 2
	if err := m.Paint(p); err == nil {
		t.Error("101 pixels where 100 are allowed")
	}
	if err := m.Paint(gradient(9, 9, 0, 0, 1, 1, abi.PaintRGB)); err != nil { // a smaller one instead
		t.Error(err)
	}
	if err := m.Paint(p); err != nil {
		t.Error(err)
	}
}

// TestPixelsResized: a surface that changes its size all the time is not allocated anew, and one that has become small keeps
// no room for a large one.
func TestPixelsResized(t *testing.T) {
	m, _ := mounted(t, still{}, nil)
	resize := func(height int) {
		p := &abi.Paint{SurfaceWidth: 2048, SurfaceHeight: height, Width: 1, Height: 1, Format: abi.PaintRGB, Pixels: make([]byte, 3)}
		if err := m.Paint(p); err != nil {
			t.Fatal(err)
		}
	}
	var before, after runtime.MemStats
	resize(2048)
	runtime.ReadMemStats(&before)
	const times = 20
	for i := range times {
		resize(2047 + i%2)
	}
	runtime.ReadMemStats(&after)
	if each := (after.TotalAlloc - before.TotalAlloc) / times; each > 1<<20 {
		t.Errorf("%d bytes a change, the surface has %d", each, 4*2048*2048)
	}
	resize(1)
	runtime.GC()
	runtime.ReadMemStats(&after)
	if after.HeapAlloc+8<<20 > before.HeapAlloc {
		t.Errorf("%d bytes are in use, with the large surface %d", after.HeapAlloc, before.HeapAlloc)
	}
	runtime.KeepAlive(m)
}
