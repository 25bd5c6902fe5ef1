package main

import "math"

// formula is z -> z² + c and how long to follow it. For a Julia set c is fixed and z begins at the
// point; for the Mandelbrot set c is the point and z begins at 0.
type formula struct {
	julia      bool
	cre, cim   float64 // c of a Julia set
	iterations int
}

// inside is the value of a point that did not escape.
const inside float32 = -1

// bailout is the square of the radius at which a point counts as escaped: far beyond the 2 that would
// do, because the smooth count is the more exact the later it is taken.
const bailout = 1 << 16

// escape returns how many iterations the point takes to escape, as a number that is continuous in the
// point (so that colours have no bands), or inside; and the iterations that were really done.
func (f *formula) escape(re, im float64) (value float32, work int) {
	cre, cim, zre, zim := re, im, 0.0, 0.0
	if f.julia {
		cre, cim, zre, zim = f.cre, f.cim, re, im
	} else if inMainBulbs(re, im) {
		return inside, 1
	}
	// A point inside ends in a cycle: when z comes back to where it was at the last power of two, it
	// never escapes (Brent's method). Without this, points inside cost the most.
	atRe, atIm, next := zre, zim, 8
	re2, im2 := zre*zre, zim*zim
	for n := 0; n < f.iterations; n++ {
		zim = 2*zre*zim + cim
		zre = re2 - im2 + cre
		re2, im2 = zre*zre, zim*zim
		if re2+im2 > bailout {
			return smooth(n, re2+im2), n + 1
		}
		if zre == atRe && zim == atIm {
			return inside, n + 1
		}
		if n == next {
			atRe, atIm, next = zre, zim, 2*next
		}
	}
	return inside, f.iterations
}

// smooth is the count n made continuous: a point that is further out when it is caught escaped earlier.
func smooth(n int, abs2 float64) float32 {
	return float32(max(0, float64(n)+1-math.Log2(math.Log2(abs2)/2)+3))
}

// inMainBulbs reports whether a point is in the large cardioid or the disc left of it, which make up
// most of the Mandelbrot set's area.
func inMainBulbs(re, im float64) bool {
	q := (re-0.25)*(re-0.25) + im*im
	return q*(q+re-0.25) <= 0.25*im*im || (re+1)*(re+1)+im*im <= 1.0/16
}
