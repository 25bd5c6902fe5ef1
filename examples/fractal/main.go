// Fractal explores the Mandelbrot set and its Julia sets. It computes every pixel in the guest and
// stays live meanwhile: a picture is drawn coarse first and then finer, in steps of some 10 ms
// between which the plugin answers what the person does.
//
//	main.go      the state and what the person can do to it
//	view.go      what is seen
//	picture.go   drawing in steps; change.go: keeping what is known when the window moves
//	window.go    the part of the plane that is seen
//	formula.go   how long a point takes to escape; palette.go: the colour of that
//	render.go    the function `render`, a picture without a page:
//
//	vitrine call examples/fractal render --input julia.json > julia.png
//
// The host may say where to begin with the props "set" (mandelbrot or julia), "re", "im", "zoom",
// "iterations" and "palette", and may lead elsewhere by changing them.
package main

import (
	"math"
	"time"

	v "github.com/vitrine-run/vitrine/sdk/go"
)

var _ = v.Register(start)

func main() {}

// explorer is the plugin's state.
type explorer struct {
	c          *v.Context
	colors     []*palette
	color      int
	julia      bool
	cre, cim   float64 // c of the Julia set
	iterations int

	main    *picture
	preview *picture // the Julia set that belongs to c, beside the Mandelbrot set
	other   window   // of the set that is not shown
	drawing *v.Task  // of main
	small   *v.Task  // of preview
	dragX   int      // where the pointer was
	dragY   int
	began   time.Duration
	took    time.Duration // of the last picture, 0 if the host tells no time
}

const (
	fewestIterations, mostIterations = 50, 5000
	smallestWidth, largestWidth      = 240, 1024
	previewWidth, previewHeight      = 240, 160
	surfaceMain, surfacePreview      = 0, 1
	wheelFactor, keyFactor           = 1.2, 1.6
)

func start(c *v.Context) v.View { return newExplorer(c).view }

func newExplorer(c *v.Context) *explorer {
	props := c.Props()
	e := &explorer{
		c: c, colors: palettes(),
		cre: -0.7269, cim: 0.1889,
		julia:      props.String("set", "mandelbrot") == "julia",
		iterations: min(max(props.Int("iterations", 400), fewestIterations), mostIterations),
	}
	for i, p := range e.colors {
		if p.id == props.String("palette", "dusk") {
			e.color = i
		}
	}
	w := asked(props, home(e.julia, 960, 600))
	e.other = home(!e.julia, 960, 600)
	e.main = newPicture(w, e.formula(), e.colors[e.color], c.Surface(surfaceMain, w.width, w.height))
	small := home(true, previewWidth, previewHeight)
	e.preview = newPicture(small, e.previewFormula(), e.colors[e.color], c.Surface(surfacePreview, previewWidth, previewHeight))
	e.draw()
	e.drawPreview()
	c.OnUpdate(e.follow)
	return e
}

// asked is a window that begins at w, as the props ask for it.
func asked(props v.Props, w window) window {
	if zoom := props.Number("zoom", 1); zoom > 0 {
		w.zoom(1/zoom, w.width/2, w.height/2)
	}
	w.re, w.im = props.Number("re", w.re), props.Number("im", w.im)
	return w
}

// follow goes where the host leads by changing the props.
func (e *explorer) follow() {
	props := e.c.Props()
	e.show(props.String("set", "mandelbrot") == "julia")
	e.setIterations(props.Number("iterations", 400))
	e.setPalette(props.String("palette", "dusk"))
	e.look(asked(props, home(e.julia, e.main.width, e.main.height)))
}

func (e *explorer) formula() formula {
	return formula{julia: e.julia, cre: e.cre, cim: e.cim, iterations: e.iterations}
}

func (e *explorer) previewFormula() formula {
	return formula{julia: true, cre: e.cre, cim: e.cim, iterations: 200}
}

// draw makes sure that main is being drawn, and measures how long that takes.
func (e *explorer) draw() {
	e.main.restart()
	e.began, e.took = e.c.Monotonic(), 0
	if e.drawing.Running() {
		return
	}
	e.drawing = e.c.Later(func() bool {
		start := e.c.Monotonic()
		more := e.main.step(e.c.Pending)
		now := e.c.Monotonic()
		e.main.pace(now - start)
		if !more {
			e.took = now - e.began
		}
		return more
	})
}

func (e *explorer) drawPreview() {
	e.preview.restart()
	if !e.julia && !e.small.Running() {
		e.small = e.c.Later(func() bool { return !e.julia && e.preview.step(e.c.Pending) })
	}
}

// look goes to another window.
func (e *explorer) look(w window) {
	e.main.look(w, e.c.Surface(surfaceMain, w.width, w.height))
	e.main.showAll()
	e.draw()
}

func (e *explorer) zoom(factor float64, x, y int) {
	w := e.main.window
	w.zoom(factor, x, y)
	e.look(w)
}

func (e *explorer) zoomMiddle(factor float64) { e.zoom(factor, e.main.width/2, e.main.height/2) }

func (e *explorer) wheel(x, y int, steps float64) {
	steps = min(max(steps, -20), 20)
	e.zoom(math.Pow(wheelFactor, steps), x, y)
}

// pan moves by whole pixels, so that what has been computed stays right.
func (e *explorer) pan(dx, dy int) {
	if dx == 0 && dy == 0 {
		return
	}
	e.main.move(dx, dy)
	e.main.showAll()
	e.draw()
}

func (e *explorer) dragStart(x, y int) { e.dragX, e.dragY = x, y }

func (e *explorer) drag(x, y int) {
	dx, dy := e.dragX-x, e.dragY-y
	e.dragX, e.dragY = x, y
	e.pan(dx, dy)
}

func (e *explorer) reset() {
	w := home(e.julia, e.main.width, e.main.height)
	e.look(w)
}

func (e *explorer) key(key string) {
	step := e.main.width / 12
	switch key {
	case "ArrowLeft":
		e.pan(-step, 0)
	case "ArrowRight":
		e.pan(step, 0)
	case "ArrowUp":
		e.pan(0, -step)
	case "ArrowDown":
		e.pan(0, step)
	case "+", "PageUp":
		e.zoomMiddle(1 / keyFactor)
	case "-", "PageDown":
		e.zoomMiddle(keyFactor)
	case "Home":
		e.reset()
	}
}

// resize fits the picture to the room there is. Its height follows, so that its form stays.
func (e *explorer) resize(width, _ int) {
	width = min(max(width, smallestWidth), largestWidth)
	if width == e.main.width {
		return
	}
	w := e.main.window
	w.width, w.height = width, width*5/8
	e.look(w)
}

// pick takes the Julia set of a point of the Mandelbrot set.
func (e *explorer) pick(x, y int) {
	if !e.julia {
		e.setC(e.main.at(x, y))
	}
}

func (e *explorer) setC(re, im float64) {
	e.cre, e.cim = min(max(re, -2), 2), min(max(im, -2), 2)
	e.preview.become(e.previewFormula())
	e.drawPreview()
	if e.julia {
		e.main.become(e.formula())
		e.draw()
	}
}

// show changes the set that is explored; each has a window of its own.
func (e *explorer) show(julia bool) {
	if julia == e.julia {
		return
	}
	e.julia = julia
	w := e.other
	e.other = e.main.window
	w.width, w.height = e.main.width, e.main.height
	e.main.window = w
	e.main.become(e.formula())
	e.draw()
	e.drawPreview()
}

func (e *explorer) setIterations(n float64) {
	e.iterations = min(max(int(n), fewestIterations), mostIterations)
	e.main.follow(e.iterations)
	e.main.showAll()
	e.draw()
}

func (e *explorer) setPalette(id string) {
	for i, p := range e.colors {
		if p.id != id {
			continue
		}
		e.color = i
		for _, pic := range []*picture{e.main, e.preview} {
			pic.paint(p)
			pic.showAll()
		}
		e.draw()
		e.drawPreview()
	}
}
