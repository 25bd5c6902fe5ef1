package vitrine

import (
	"unicode/utf8"

	"github.com/vitrine-run/vitrine/abi"
)

// Ink is a colour by meaning, so that a drawing fits light, dark and forced colours.
type Ink = abi.Ink

// The inks.
const (
	InkDefault = abi.InkDefault // text
	InkMuted   = abi.InkMuted   // secondary text, axes
	InkAccent  = abi.InkAccent  // what the eye should find
	InkGood    = abi.InkGood
	InkWarning = abi.InkWarning
	InkDanger  = abi.InkDanger
	InkFaint   = abi.InkFaint // grid lines, backgrounds of bars
)

// Anchor is the point of a label that its x says.
type Anchor int

// The anchors.
const (
	AnchorStart Anchor = iota
	AnchorMiddle
	AnchorEnd
)

// Drawing is a list of rectangles, lines and labels that a canvas shows above its pixels, in the
// page's own colours. Coordinates are whole pixels of the canvas. The zero value is empty; it may
// be given to a canvas only once it is complete.
type Drawing struct{ ops []byte }

// Rect adds a filled rectangle.
func (d *Drawing) Rect(ink Ink, x, y, width, height int) *Drawing {
	d.ops = abi.AppendRect(d.ops, ink, x, y, width, height)
	return d
}

// Line adds a line one pixel wide.
func (d *Drawing) Line(ink Ink, x1, y1, x2, y2 int) *Drawing {
	d.ops = abi.AppendLine(d.ops, ink, x1, y1, x2, y2)
	return d
}

// labelBytes is the longest label that a host accepts.
const labelBytes = 256

// Label adds text on a baseline at y. What is beyond 256 bytes is cut off.
func (d *Drawing) Label(ink Ink, x, y int, anchor Anchor, text string) *Drawing {
	if text = valid(text); len(text) > labelBytes {
		cut := labelBytes
		for !utf8.RuneStart(text[cut]) {
			cut--
		}
		text = text[:cut]
	}
	d.ops = abi.AppendLabel(d.ops, ink, x, y, int(anchor), text)
	return d
}

// paintBytes is how many bytes of pixels go into one call, so that each fits a frame of its own.
const paintBytes = 192 << 10

// Surface is pixels that a canvas shows: give the canvas its number with Surface and paint. What
// was painted stays until it is painted over or the size changes.
type Surface struct {
	c      *Context
	number uint8
	width  int
	height int
	buf    []byte
}

// Surface returns the surface with a number, 0 to 255, for pixels of the given size, at most 4096
// by 4096. It begins empty, and is empty again when its size is not what it was.
func (c *Context) Surface(number uint8, width, height int) *Surface {
	return &Surface{c: c, number: number, width: width, height: height}
}

// PaintRGB shows opaque pixels, three bytes each, row by row, in the rectangle at x, y; there must
// be width*height*3 bytes. Pixels are copied. An error is a Code of the host.
func (s *Surface) PaintRGB(x, y, width, height int, pixels []byte) error {
	return s.paint(abi.PaintRGB, x, y, width, height, pixels)
}

// PaintRGBA is PaintRGB for pixels of four bytes with alpha, not premultiplied.
func (s *Surface) PaintRGBA(x, y, width, height int, pixels []byte) error {
	return s.paint(abi.PaintRGBA, x, y, width, height, pixels)
}

func (s *Surface) paint(format abi.PaintFormat, x, y, width, height int, pixels []byte) error {
	stride := width * format.BytesPerPixel()
	if stride <= 0 || len(pixels) != stride*height {
		return abi.CodeInvalid
	}
	band := max(1, paintBytes/stride)
	for top := 0; top < height; top += band {
		rows := min(band, height-top)
		p := abi.Paint{
			Surface: s.number, SurfaceWidth: s.width, SurfaceHeight: s.height,
			X: x, Y: y + top, Width: width, Height: rows,
			Format: format, Pixels: pixels[top*stride : (top+rows)*stride],
		}
		s.buf = p.Append(s.buf[:0])
		if code := s.c.host.paint(s.buf); code < 0 {
			return code
		}
	}
	return nil
}
