package main

import v "github.com/vitrine-run/vitrine/sdk/go"

// move shifts the picture by whole pixels: what stays in sight keeps its quality, what comes into
// sight is unknown.
func (p *picture) move(dx, dy int) {
	old := *p
	p.window.shift(dx, dy)
	p.allocate()
	for y := range p.height {
		from := y + dy
		if from < 0 || from >= p.height {
			continue
		}
		x0, x1 := max(0, -dx), min(p.width, p.width-dx)
		if x0 >= x1 {
			continue
		}
		to, src := y*p.width+x0, from*p.width+x0+dx
		n := x1 - x0
		copy(p.values[to:to+n], old.values[src:])
		copy(p.quality[to:to+n], old.quality[src:])
		copy(p.pixels[3*to:3*(to+n)], old.pixels[3*src:])
	}
}

// look changes the window. Until it is computed, the new one shows what the old one knew, scaled.
func (p *picture) look(w window, surface *v.Surface) {
	old := *p
	p.window, p.surface = w, surface
	p.allocate()
	scale := p.unit() / old.unit()
	re, im := p.at(0, 0)
	left := (re-old.re)/old.unit() + float64(old.width)/2
	top := (old.im-im)/old.unit() + float64(old.height)/2
	for y := range p.height {
		fy := top + float64(y)*scale
		if fy < 0 || fy >= float64(old.height) {
			continue
		}
		for x := range p.width {
			fx := left + float64(x)*scale
			if fx < 0 || fx >= float64(old.width) {
				continue
			}
			from, to := int(fy)*old.width+int(fx), y*p.width+x
			if old.quality[from] != unknown {
				p.quality[to] = rough
				copy(p.pixels[3*to:3*to+3], old.pixels[3*from:])
			}
		}
	}
}

// paint changes the colours. Exact pixels are coloured anew; the rest waits for its pass.
func (p *picture) paint(colors *palette) {
	p.colors = colors
	for i, q := range p.quality {
		if q < exact {
			p.quality[i] = unknown
			continue
		}
		p.quality[i] = exact // a mean is made anew
		p.put(i, colors.color(p.values[i]))
	}
	p.restart()
}

// follow changes how many iterations are done. What escaped within both numbers stays as it is.
func (p *picture) follow(iterations int) {
	more := iterations > p.formula.iterations
	p.formula.iterations = iterations
	for i, q := range p.quality {
		switch {
		case q < exact:
		case more && p.values[i] == inside:
			p.quality[i] = rough
		case !more && p.values[i] > float32(iterations):
			p.values[i], p.quality[i] = inside, exact
			p.put(i, p.colors.inside)
		}
	}
	p.restart()
}

// become changes the formula: nothing that is known holds, but it is kept to be seen until the first
// pass is through.
func (p *picture) become(f formula) {
	p.formula = f
	clear(p.quality)
	p.restart()
}
