package abi

import (
	"encoding/binary"
	"math"
)

// DrawOp is an op of a drawing, the display list that a canvas shows above its pixels. Coordinates
// are whole pixels of the canvas, from -32768 to 32767; colours are Ink numbers, so that a drawing
// fits light, dark and forced colours.
type DrawOp uint8

// The ops of a drawing; each is followed by an ink and by zigzag varints in the order given.
const (
	DrawRect DrawOp = 1 // ink, x, y, width, height: filled
	DrawLine DrawOp = 2 // ink, x1, y1, x2, y2: one pixel wide
	DrawText DrawOp = 3 // ink, x, y, anchor (0 start, 1 middle, 2 end), text: on its baseline
)

// Ink is a colour by meaning.
type Ink uint8

// The inks.
const (
	InkDefault Ink = iota // text
	InkMuted              // secondary text, axes
	InkAccent             // what the eye should find
	InkGood
	InkWarning
	InkDanger
	InkFaint // grid lines, backgrounds of bars
	inks
)

// Bounds of a drawing.
const (
	maxDrawOps  = 8192
	maxDrawText = 256
	maxAnchor   = 2
)

// AppendRect appends a filled rectangle to a drawing.
func AppendRect(b []byte, ink Ink, x, y, width, height int) []byte {
	return appendDraw(b, DrawRect, ink, x, y, width, height)
}

// AppendLine appends a line to a drawing.
func AppendLine(b []byte, ink Ink, x1, y1, x2, y2 int) []byte {
	return appendDraw(b, DrawLine, ink, x1, y1, x2, y2)
}

// AppendLabel appends text to a drawing; anchor is 0 for text that starts at x, 1 for text that is
// centred there, 2 for text that ends there.
func AppendLabel(b []byte, ink Ink, x, y, anchor int, text string) []byte {
	return appendText(appendDraw(b, DrawText, ink, x, y, anchor), text)
}

func appendDraw(b []byte, op DrawOp, ink Ink, numbers ...int) []byte {
	b = append(b, byte(op), byte(ink))
	for _, n := range numbers {
		b = binary.AppendUvarint(b, zigzag(int64(n)))
	}
	return b
}

// CheckDrawing reports what is wrong with a drawing, nil if nothing is. An empty one is right.
func CheckDrawing(b []byte) error {
	r := reader{buf: b}
	r.drawing()
	return r.err
}

// drawing reads ops to the end of the buffer.
func (r *reader) drawing() {
	for ops := 0; r.err == nil && r.left() > 0; ops++ {
		if ops == maxDrawOps {
			r.exceed("a drawing of more than %d ops", maxDrawOps)
		}
		op := DrawOp(r.byte())
		if ink := Ink(r.byte()); r.err == nil && ink >= inks {
			r.fail("there is no ink %d", ink)
		}
		switch op {
		case DrawRect, DrawLine:
			for range 4 {
				r.coordinate()
			}
		case DrawText:
			r.coordinate()
			r.coordinate()
			if n := r.varint(); r.err == nil && (n < 0 || n > maxAnchor) {
				r.fail("there is no anchor %d", n)
			}
			r.text("text", maxDrawText)
		default:
			r.fail("there is no drawing op %d", op)
		}
	}
}

func (r *reader) coordinate() {
	if n := r.varint(); r.err == nil && (n < math.MinInt16 || n > math.MaxInt16) {
		r.fail("coordinate %d is out of range", n)
	}
}
