package bridge

import (
	"fmt"
	"math/bits"
	"slices"

	"github.com/vitrine-run/vitrine/abi"
)

// tile is the side in pixels of the squares by which damage is counted.
const tile = 32

// pixelsChunk is how many bytes of pixels one frame carries at most, so that patches of other mounts
// need not wait long behind one.
const pixelsChunk = 128 << 10

// rect is a rectangle of tiles: left and top inside, right and bottom outside.
type rect struct{ x0, y0, x1, y1 int }

// tiles is a set of tiles of a surface, a bit each.
type tiles struct {
	words  []uint64
	stride int // words a row
	rows   int
	count  int
}

func newTiles(width, height int) tiles {
	columns, rows := (width+tile-1)/tile, (height+tile-1)/tile
	stride := (columns + 63) / 64
	return tiles{words: make([]uint64, stride*rows), stride: stride, rows: rows}
}

func (t *tiles) has(x, y int) bool { return t.words[y*t.stride+x/64]>>(x%64)&1 != 0 }

// fill puts the tiles of r in the set, or takes them out.
func (t *tiles) fill(r rect, in bool) {
	for y := r.y0; y < min(r.y1, t.rows); y++ {
		for x := r.x0; x < min(r.x1, t.stride*64); x++ {
			if t.has(x, y) != in {
				t.words[y*t.stride+x/64] ^= 1 << (x % 64)
				t.count += 2*int(t.words[y*t.stride+x/64]>>(x%64)&1) - 1
			}
		}
	}
}

// add puts all tiles of o, a set of the same surface, in t.
func (t *tiles) add(o *tiles) {
	t.count = 0
	for i := range t.words {
		t.words[i] |= o.words[i]
		t.count += bits.OnesCount64(t.words[i])
	}
}

// first is a rectangle of tiles that are all in the set: from the topmost one to the right for at
// most width tiles, then down as long as the rows below have them too and it stays below most tiles.
func (t *tiles) first(width, most int) rect {
	for y := range t.rows {
		for w, word := range t.words[y*t.stride : (y+1)*t.stride] {
			if word == 0 {
				continue
			}
			r := rect{x0: w*64 + bits.TrailingZeros64(word), y0: y, y1: y + 1}
			for r.x1 = r.x0 + 1; r.x1 < t.stride*64 && r.x1-r.x0 < width && t.has(r.x1, y); {
				r.x1++
			}
			for r.y1 < t.rows && (r.y1+1-r.y0)*(r.x1-r.x0) <= most && t.all(rect{r.x0, r.y1, r.x1, r.y1 + 1}) {
				r.y1++
			}
			return r
		}
	}
	return rect{}
}

func (t *tiles) all(r rect) bool {
	for x := r.x0; x < r.x1; x++ {
		if !t.has(x, r.y0) {
			return false
		}
	}
	return true
}

// surface is what paint has put on one surface so far.
type surface struct {
	width, height int
	pixels        []byte // RGBA
	painted       tiles
}

// view is a canvas in the page that shows a surface.
type view struct {
	node   uint32
	number uint8 // of the surface
	of     *surface
	dirty  tiles
}

// surfaces are the backing stores of a mount's canvases. However fast a plugin paints, what waits to
// be sent is which tiles are out of date; pixels are read when there is room for them.
type surfaces struct {
	of     map[uint8]*surface
	views  []view
	turn   int // the view that is sent from next
	pixels int // of all surfaces
	bytes  int // that these take
	most   int
}

// with is how many bytes all surfaces take when p is painted. It is an error if that were more pixels than a mount may have.
func (s *surfaces) with(p *abi.Paint) (bytes int, err error) {
	f := s.of[p.Surface]
	area, had := p.SurfaceWidth*p.SurfaceHeight, 0
	if f != nil {
		had = f.width * f.height
	}
	if s.pixels-had+area > s.most {
		return 0, fmt.Errorf("bridge: surfaces of %d pixels, %d are allowed", s.pixels-had+area, s.most)
	}
	return s.bytes - f.held() + f.needs(4*area), nil
}

// paint keeps p, which is within the bounds.
func (s *surfaces) paint(p *abi.Paint) {
	f := s.sized(p)
	size := p.Format.BytesPerPixel()
	for y := range p.Height {
		from := p.Pixels[y*p.Width*size : (y+1)*p.Width*size]
		to := f.pixels[4*((p.Y+y)*f.width+p.X):][:4*p.Width]
		if p.Format == abi.PaintRGBA {
			copy(to, from)
			continue
		}
		for x := range p.Width {
			to[4*x], to[4*x+1], to[4*x+2], to[4*x+3] = from[3*x], from[3*x+1], from[3*x+2], 255
		}
	}
	area := rect{p.X / tile, p.Y / tile, (p.X + p.Width + tile - 1) / tile, (p.Y + p.Height + tile - 1) / tile}
	f.painted.fill(area, true)
	for i := range s.views {
		if s.views[i].of == f {
			s.views[i].dirty.fill(area, true)
		}
	}
}

// sized is the surface that p is for, emptied if p says another size.
func (s *surfaces) sized(p *abi.Paint) *surface {
	f := s.of[p.Surface]
	if f != nil && f.width == p.SurfaceWidth && f.height == p.SurfaceHeight {
		return f
	}
	area := p.SurfaceWidth * p.SurfaceHeight
	s.drop(f)
	f = &surface{
		width: p.SurfaceWidth, height: p.SurfaceHeight, pixels: f.room(4 * area),
		painted: newTiles(p.SurfaceWidth, p.SurfaceHeight),
	}
	s.pixels += area
	s.bytes += f.held()
	if s.of == nil {
		s.of = map[uint8]*surface{}
	}
	s.of[p.Surface] = f
	for i := range s.views {
		if v := &s.views[i]; v.number == p.Surface {
			v.of, v.dirty = f, newTiles(f.width, f.height)
		}
	}
	return f
}

// drop counts a surface as gone.
func (s *surfaces) drop(f *surface) {
	if f != nil {
		s.pixels -= f.width * f.height
		s.bytes -= f.held()
	}
}

// held is how many bytes a surface takes, nil for none.
func (f *surface) held() int {
	if f == nil {
		return 0
	}
	return cap(f.pixels)
}

// needs is how many bytes it would take with so many of pixels: those that it has, unless they are too few or twice what is needed.
func (f *surface) needs(n int) int {
	if had := f.held(); n <= had && n >= had/2 {
		return had
	}
	return n
}

// room is memory for so many bytes of pixels.
func (f *surface) room(n int) []byte {
	if f == nil || f.needs(n) != f.held() {
		return make([]byte, n)
	}
	clear(f.pixels[:n])
	return f.pixels[:n]
}

// show follows the tree that was sent: the canvases in it are the views. A canvas that is new or
// shows another surface needs all of it, as do all after a snapshot (fresh).
func (s *surfaces) show(t *abi.Tree, ids []uint32, fresh bool) {
	had := s.views
	s.views = nil
	for i, n := range t.Nodes {
		if n.Component != abi.ComponentCanvas {
			continue
		}
		p, ok := t.Prop(i, canvasSurface)
		if !ok {
			continue
		}
		number := uint8(p.Int())
		at := slices.IndexFunc(had, func(v view) bool { return v.node == ids[i] && v.number == number })
		if at >= 0 && !fresh {
			s.views = append(s.views, had[at])
			continue
		}
		v := view{node: ids[i], number: number, of: s.of[number]}
		if v.of != nil {
			v.dirty = newTiles(v.of.width, v.of.height)
			v.dirty.add(&v.of.painted)
		}
		s.views = append(s.views, v)
	}
}

// blank makes all surfaces as if nothing had been painted on them. Those that the page shows stay, to be
// sent as transparent where they were painted.
func (s *surfaces) blank() {
	for number, f := range s.of {
		if !slices.ContainsFunc(s.views, func(v view) bool { return v.of == f }) {
			s.drop(f)
			delete(s.of, number)
			continue
		}
		clear(f.pixels)
		for i := range s.views {
			if v := &s.views[i]; v.of == f {
				v.dirty.add(&f.painted)
			}
		}
	}
}

// damage says that a canvas lacks what was last sent for an area.
func (s *surfaces) damage(node uint32, area rect) {
	for i := range s.views {
		if v := &s.views[i]; v.node == node && v.of != nil {
			v.dirty.fill(area, true)
			for y := range v.dirty.rows { // the surface may have been emptied meanwhile
				for w := range v.dirty.stride {
					v.dirty.words[y*v.dirty.stride+w] &= v.of.painted.words[y*v.dirty.stride+w]
				}
			}
			v.dirty.add(&tiles{words: make([]uint64, len(v.dirty.words))})
		}
	}
}

func (s *surfaces) dirty() bool {
	return slices.ContainsFunc(s.views, func(v view) bool { return v.dirty.count > 0 })
}

// next appends a PIXELS frame with what a canvas lacks, one canvas after the other. head has the
// fields up to the node. area is what it covers; the frame is empty if no canvas lacks anything.
func (s *surfaces) next(b []byte, head abi.Pixels) (frame []byte, node uint32, area rect) {
	for range s.views {
		s.turn = (s.turn + 1) % len(s.views)
		v := &s.views[s.turn]
		if v.dirty.count == 0 {
			continue
		}
		const most = pixelsChunk / (4 * tile * tile)
		area = v.dirty.first(most, most)
		v.dirty.fill(area, false)
		head.Node = v.node
		head.Paint = v.of.cut(area)
		return head.Append(b), v.node, area
	}
	return b, 0, rect{}
}

// cut copies an area out of the surface, without alpha if all of it is opaque.
func (f *surface) cut(area rect) abi.Paint {
	x, y := area.x0*tile, area.y0*tile
	p := abi.Paint{
		SurfaceWidth: f.width, SurfaceHeight: f.height, X: x, Y: y,
		Width: min(area.x1*tile, f.width) - x, Height: min(area.y1*tile, f.height) - y,
	}
	opaque := true
	p.Pixels = make([]byte, 0, 4*p.Width*p.Height)
	for row := range p.Height {
		line := f.pixels[4*((y+row)*f.width+x):][:4*p.Width]
		p.Pixels = append(p.Pixels, line...)
		for i := 3; opaque && i < len(line); i += 4 {
			opaque = line[i] == 255
		}
	}
	if opaque {
		p.Format = abi.PaintRGB
		p.Pixels = withoutAlpha(p.Pixels)
	}
	return p
}

// withoutAlpha shortens RGBA to RGB in place.
func withoutAlpha(pixels []byte) []byte {
	to := pixels[:0]
	for i := 0; i+3 < len(pixels); i += 4 {
		to = append(to, pixels[i], pixels[i+1], pixels[i+2])
	}
	return to
}
