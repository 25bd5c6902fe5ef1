package abi

import "encoding/binary"

// PaintFormat is how the pixels of a Paint are written.
type PaintFormat uint8

// The formats of pixels, row by row from the top left.
const (
	PaintRGBA PaintFormat = 0 // 4 bytes a pixel, alpha not premultiplied
	PaintRGB  PaintFormat = 1 // 3 bytes a pixel, opaque
)

// BytesPerPixel is the size of one pixel in format f, 0 for an unknown format.
func (f PaintFormat) BytesPerPixel() int {
	switch f {
	case PaintRGBA:
		return 4
	case PaintRGB:
		return 3
	}
	return 0
}

// MaxSurfaceSide is the largest width and height of a surface, in pixels.
const MaxSurfaceSide = 4096

// Paint is a rectangle of pixels for a surface, the backing store of a canvas. SurfaceWidth and
// SurfaceHeight are the size of the whole surface: a change of size empties it.
//
//	surface uvarint · surface width · surface height · x · y · width · height uvarint · format byte · pixels
type Paint struct {
	Surface                     uint8
	SurfaceWidth, SurfaceHeight int
	X, Y, Width, Height         int
	Format                      PaintFormat
	Pixels                      []byte // Width*Height*Format.BytesPerPixel()
}

// Append appends p as a guest hands it to the host.
func (p *Paint) Append(b []byte) []byte {
	for _, n := range [...]int{int(p.Surface), p.SurfaceWidth, p.SurfaceHeight, p.X, p.Y, p.Width, p.Height} {
		b = binary.AppendUvarint(b, uint64(n))
	}
	return append(append(b, byte(p.Format)), p.Pixels...)
}

// Parse is the reverse of Append. Pixels aliases b. The rectangle lies within the surface.
func (p *Paint) Parse(b []byte) error {
	r := reader{buf: b}
	q := Paint{Surface: uint8(r.number("surface", 255))}
	r.paint(&q)
	return store(p, q, &r)
}

// paint reads everything behind the number of the surface.
func (r *reader) paint(q *Paint) {
	q.SurfaceWidth = r.side("surface width")
	q.SurfaceHeight = r.side("surface height")
	q.X = int(r.number("x", MaxSurfaceSide))
	q.Y = int(r.number("y", MaxSurfaceSide))
	q.Width = r.side("width")
	q.Height = r.side("height")
	q.Format = PaintFormat(r.byte())
	size := q.Format.BytesPerPixel()
	switch {
	case r.err != nil:
	case size == 0:
		r.fail("there is no pixel format %d", q.Format)
	case q.X+q.Width > q.SurfaceWidth || q.Y+q.Height > q.SurfaceHeight:
		r.fail("the rectangle %d,%d %dx%d leaves the surface of %dx%d", q.X, q.Y, q.Width, q.Height, q.SurfaceWidth, q.SurfaceHeight)
	case r.left() != q.Width*q.Height*size:
		r.fail("%d bytes of pixels, %dx%d need %d", r.left(), q.Width, q.Height, q.Width*q.Height*size)
	}
	q.Pixels = r.rest()
}

func (r *reader) side(what string) int {
	n := int(r.number(what, MaxSurfaceSide))
	if r.err == nil && n == 0 {
		r.fail("%s is 0", what)
	}
	return n
}
