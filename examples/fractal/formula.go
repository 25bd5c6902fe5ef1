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
	return f.follow(cre, cim, zre, zim)
}

// stride is how many iterations are done without looking. What escapes on the way stays out, so that
// one look at the end is enough; and a host that counts or checks at every turn of a loop, as ours
// does, makes turns dearer than iterations.
const stride = 8

// follow iterates. A point inside ends in a cycle: when z comes back to where it was at the last
// power of two, it never escapes (Brent's method). Without this, points inside cost the most.
func (f *formula) follow(cre, cim, zre, zim float64) (value float32, work int) {
	atRe, atIm, next := zre, zim, stride
	re2, im2 := zre*zre, zim*zim
	for n := 0; n < f.iterations; n += stride {
		zim = 2*zre*zim + cim
		zre = re2 - im2 + cre
		re2, im2 = zre*zre, zim*zim
		r0 := re2 + im2
		zim = 2*zre*zim + cim
		zre = re2 - im2 + cre
		re2, im2 = zre*zre, zim*zim
		r1 := re2 + im2
		zim = 2*zre*zim + cim
		zre = re2 - im2 + cre
		re2, im2 = zre*zre, zim*zim
		r2 := re2 + im2
		zim = 2*zre*zim + cim
		zre = re2 - im2 + cre
		re2, im2 = zre*zre, zim*zim
		r3 := re2 + im2
		zim = 2*zre*zim + cim
		zre = re2 - im2 + cre
		re2, im2 = zre*zre, zim*zim
		r4 := re2 + im2
		zim = 2*zre*zim + cim
		zre = re2 - im2 + cre
		re2, im2 = zre*zre, zim*zim
		r5 := re2 + im2
		zim = 2*zre*zim + cim
		zre = re2 - im2 + cre
		re2, im2 = zre*zre, zim*zim
		r6 := re2 + im2
		zim = 2*zre*zim + cim
		zre = re2 - im2 + cre
		re2, im2 = zre*zre, zim*zim
		r7 := re2 + im2
		if !(r7 <= bailout) { // beyond, or beyond all numbers
			value = escaped(n, [stride]float64{r0, r1, r2, r3, r4, r5, r6, r7})
			if value > float32(f.iterations) {
				value = inside
			}
			return value, n + stride
		}
		if zre == atRe && zim == atIm {
			return inside, n + stride
		}
		if n == next {
			atRe, atIm, next = zre, zim, 2*next
		}
	}
	return inside, f.iterations
}

// escaped finds the first of the squares that is beyond the bailout, and makes its count continuous:
// a point that is further out when it is caught escaped earlier.
func escaped(n int, abs2 [stride]float64) float32 {
	i := 0
	if abs2[3] <= bailout {
		i = 4
	}
	if abs2[i+1] <= bailout {
		i += 2
	}
	if abs2[i] <= bailout {
		i++
	}
	return float32(float64(n+i) + 4 - log2(log2(abs2[i])/2))
}

// log2 is the binary logarithm to three digits, which colours need and which costs a tenth: the
// exponent is in the bits, the rest is a polynomial (least squares, right at 1 and 2).
func log2(f float64) float64 {
	bits := math.Float64bits(f)
	m := math.Float64frombits(bits&(1<<52-1) | 1023<<52)
	return float64(int(bits>>52)-1023) + (m-1)*(1+(m-2)*(0.1563861*m-0.5772507))
}

// inMainBulbs reports whether a point is in the large cardioid or the disc left of it, which make up
// most of the Mandelbrot set's area.
func inMainBulbs(re, im float64) bool {
	q := (re-0.25)*(re-0.25) + im*im
	return q*(q+re-0.25) <= 0.25*im*im || (re+1)*(re+1)+im*im <= 1.0/16
}
