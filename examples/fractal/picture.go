package main

import (
	"time"

	v "github.com/vitrine-run/vitrine/sdk/go"
)

// picture is a window that is being drawn: coarse first, then finer. Each pixel is computed once,
// those at edges four times, and what moves or changes colour is not computed again.
type picture struct {
	window
	formula formula
	colors  *palette
	surface *v.Surface

	values  []float32 // of pixels of quality exact and fine
	pixels  []byte    // RGB, what is seen
	quality []uint8   // how right a pixel is: unknown to exact

	pass, row int  // where step goes on; done when pass is len(passes)
	work      int  // how many iterations a step does; see pace
	full      bool // whether the last step did that many
	band      []byte
}

// The qualities of a pixel.
const (
	unknown = iota
	rough   // from a block of 8 by 8, or from the picture before a zoom
	fair    // from a block of 2 by 2
	exact   // computed
	fine    // computed, and mean of four points where neighbours differ
)

// passes are gone through in this order.
var passes = [...]struct {
	size    int // one pixel in a block of this size is computed
	quality uint8
}{{8, rough}, {2, fair}, {1, exact}, {1, fine}}

// A step begins with stepWork iterations, and is to take between shortest and longest.
const (
	stepWork = 2_000_000
	shortest = 8 * time.Millisecond
	longest  = 24 * time.Millisecond
)

// pixelWork is what a pixel costs besides its iterations, in iterations.
const pixelWork = 12

func newPicture(w window, f formula, colors *palette, surface *v.Surface) *picture {
	p := &picture{window: w, formula: f, colors: colors, surface: surface, work: stepWork}
	p.allocate()
	return p
}

func (p *picture) allocate() {
	n := p.width * p.height
	p.values, p.pixels, p.quality = make([]float32, n), make([]byte, 3*n), make([]uint8, n)
	for i := range n {
		copy(p.pixels[3*i:], p.colors.inside[:])
	}
	p.restart()
}

func (p *picture) restart() { p.pass, p.row = 0, 0 }

func (p *picture) done() bool { return p.pass == len(passes) }

// progress is how much of the work is done, from 0 to 1, if all pixels cost the same.
func (p *picture) progress() float64 {
	ends := [...]float64{1.0 / 64, 1.0 / 4, 0.8, 1}
	if p.done() {
		return 1
	}
	before := 0.0
	if p.pass > 0 {
		before = ends[p.pass-1]
	}
	return before + (ends[p.pass]-before)*float64(p.row)/float64(p.height)
}

// step draws for a while and shows what it drew. It ends early when pending says that somebody waits,
// but never without having done something.
func (p *picture) step(pending func() bool) (more bool) {
	var dirty area
	work := 0
	for work < p.work && !p.done() {
		if passes[p.pass].quality == fine {
			work += p.refineRow(&dirty)
		} else {
			work += p.drawRow(&dirty)
		}
		p.row += passes[p.pass].size
		if p.row >= p.height {
			p.pass, p.row = p.pass+1, 0
			break
		}
		if work > p.work/8 && pending() {
			break
		}
	}
	p.full = work >= p.work
	p.show(dirty)
	return !p.done()
}

// pace fits the length of steps to the machine, from how long one took; 0 if nobody knows.
func (p *picture) pace(took time.Duration) {
	switch {
	case took == 0:
	case took > longest:
		p.work = max(p.work*3/4, stepWork/16)
	case p.full && took < shortest:
		p.work = min(p.work*5/4, stepWork*8)
	}
}

// drawRow draws a row of blocks and returns what it cost.
func (p *picture) drawRow(dirty *area) (work int) {
	pass := passes[p.pass]
	for x := 0; x < p.width; x += pass.size {
		i := p.row*p.width + x
		if pass.size == 1 && p.quality[i] >= exact {
			continue
		}
		if pass.size > 1 && !p.blockBelow(x, pass.size, pass.quality) {
			continue
		}
		if p.quality[i] < exact {
			var n int
			p.values[i], n = p.formula.escape(p.at(x, p.row))
			p.quality[i] = exact
			work += n + pixelWork
		}
		p.fill(x, pass.size, pass.quality, p.colors.color(p.values[i]))
		dirty.include(x, p.row, min(x+pass.size, p.width), min(p.row+pass.size, p.height))
	}
	return work + p.width/16
}

// refineRow makes edges smooth: a pixel that is unlike its neighbours becomes the mean of four points.
func (p *picture) refineRow(dirty *area) (work int) {
	for x := range p.width {
		i := p.row*p.width + x
		if p.quality[i] == fine {
			continue
		}
		p.quality[i] = fine
		if p.plain(x, p.row) {
			continue
		}
		c := p.colors.color(p.values[i])
		sum := [3]int{int(c[0]), int(c[1]), int(c[2])}
		re, im := p.at(x, p.row)
		half := p.unit() / 2
		for _, d := range [...][2]float64{{half, 0}, {0, half}, {half, half}} {
			value, n := p.formula.escape(re+d[0], im+d[1])
			work += n + pixelWork
			c := p.colors.color(value)
			for ch := range sum {
				sum[ch] += int(c[ch])
			}
		}
		p.put(i, [3]byte{byte(sum[0] / 4), byte(sum[1] / 4), byte(sum[2] / 4)})
		dirty.include(x, p.row, x+1, p.row+1)
	}
	return work + p.width/4
}

// plain reports whether a pixel looks like the four beside it.
func (p *picture) plain(x, y int) bool {
	i := 3 * (y*p.width + x)
	like := func(j int) bool {
		for ch := range 3 {
			if d := int(p.pixels[i+ch]) - int(p.pixels[j+ch]); d > 12 || d < -12 {
				return false
			}
		}
		return true
	}
	return (x == 0 || like(i-3)) && (x == p.width-1 || like(i+3)) &&
		(y == 0 || like(i-3*p.width)) && (y == p.height-1 || like(i+3*p.width))
}

// blockBelow reports whether a pixel of a block is of lower quality.
func (p *picture) blockBelow(x0, size int, quality uint8) bool {
	for y := p.row; y < min(p.row+size, p.height); y++ {
		for x := x0; x < min(x0+size, p.width); x++ {
			if p.quality[y*p.width+x] < quality {
				return true
			}
		}
	}
	return false
}

// fill gives a colour to the first pixel of a block and to those of lower quality.
func (p *picture) fill(x0, size int, quality uint8, c [3]byte) {
	p.put(p.row*p.width+x0, c)
	if size == 1 {
		return
	}
	for y := p.row; y < min(p.row+size, p.height); y++ {
		for x := x0; x < min(x0+size, p.width); x++ {
			if i := y*p.width + x; p.quality[i] < quality {
				p.quality[i] = quality
				p.put(i, c)
			}
		}
	}
}

func (p *picture) put(i int, c [3]byte) {
	p.pixels[3*i], p.pixels[3*i+1], p.pixels[3*i+2] = c[0], c[1], c[2]
}

// showAll shows the whole picture as it is.
func (p *picture) showAll() { p.show(area{0, 0, p.width, p.height}) }

// show shows a part of the picture. What the host refuses is missing from the page and no more.
func (p *picture) show(a area) {
	if a.empty() || p.surface == nil {
		return
	}
	width, height := a.x1-a.x0, a.y1-a.y0
	pixels := p.pixels[3*a.y0*p.width : 3*a.y1*p.width]
	if width < p.width {
		p.band = p.band[:0]
		for y := a.y0; y < a.y1; y++ {
			p.band = append(p.band, p.pixels[3*(y*p.width+a.x0):3*(y*p.width+a.x1)]...)
		}
		pixels = p.band
	}
	_ = p.surface.PaintRGB(a.x0, a.y0, width, height, pixels)
}

// area is a rectangle of pixels.
type area struct{ x0, y0, x1, y1 int }

func (a *area) empty() bool { return a.x0 >= a.x1 }

func (a *area) include(x0, y0, x1, y1 int) {
	if a.empty() {
		*a = area{x0, y0, x1, y1}
		return
	}
	a.x0, a.y0, a.x1, a.y1 = min(a.x0, x0), min(a.y0, y0), max(a.x1, x1), max(a.y1, y1)
}
