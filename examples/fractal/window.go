package main

import "math"

// window is the part of the plane that is seen: its middle, its width, and how many pixels that is.
type window struct {
	re, im, span  float64
	width, height int
}

// The widest and the narrowest window. Below the narrowest, neighbouring pixels would be the same
// number.
const (
	widest    = 16
	narrowest = 2e-13
)

// home is the window that shows a whole set.
func home(julia bool, width, height int) window {
	w := window{re: -0.7, span: 3.9, width: width, height: height}
	if julia {
		w.re, w.span = 0, 4.2
	}
	return w
}

// unit is the distance of two pixels.
func (w *window) unit() float64 { return w.span / float64(w.width) }

// at is the number at the middle of a pixel.
func (w *window) at(x, y int) (re, im float64) {
	u := w.unit()
	return w.re + (float64(x)+0.5-float64(w.width)/2)*u, w.im - (float64(y)+0.5-float64(w.height)/2)*u
}

// shift moves the window by whole pixels.
func (w *window) shift(dx, dy int) {
	w.re += float64(dx) * w.unit()
	w.im -= float64(dy) * w.unit()
}

// zoom makes the span factor times as wide and keeps the number at a pixel where it is.
func (w *window) zoom(factor float64, x, y int) {
	re, im := w.at(x, y)
	span := min(max(w.span*factor, narrowest), widest)
	factor = span / w.span
	w.re, w.im, w.span = re+(w.re-re)*factor, im+(w.im-im)*factor, span
}

// magnification is how much narrower the window is than the one at home.
func (w *window) magnification(julia bool) float64 {
	h := home(julia, 1, 1)
	return h.span / w.span
}

// digits is how many decimals of a coordinate tell two pixels apart.
func (w *window) digits() int {
	return min(16, max(3, int(math.Ceil(-math.Log10(w.unit())))))
}
