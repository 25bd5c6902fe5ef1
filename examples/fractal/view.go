package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	v "github.com/vitrine-run/vitrine/sdk/go"
)

func (e *explorer) view() v.Node {
	return v.Box(
		e.controls(),
		v.Canvas(e.title(), e.main.width, e.main.height).Surface(surfaceMain).Fluid(true).
			Cursor(v.CanvasCursorGrab).
			OnPress(e.pick).OnDragStart(e.dragStart).OnDrag(e.drag).OnDragEnd(e.drag).
			OnWheel(e.wheel).OnKey(e.key).OnResize(e.resize),
		e.status(),
		v.Text("Drag to move. Turn the wheel, or press + and −, to zoom; arrow keys move, Home shows the whole set.").
			Tone(v.ToneMuted).Size(v.SizeS),
		e.juliaPanel(),
	).Gap(v.SpaceM)
}

func (e *explorer) title() string {
	if e.julia {
		return "Julia set of c = " + complexText(e.cre, e.cim, 4)
	}
	return "Mandelbrot set"
}

func (e *explorer) controls() v.Node {
	set := "mandelbrot"
	if e.julia {
		set = "julia"
	}
	colors := v.Select("Palette").Value(e.colors[e.color].id).OnChange(e.setPalette)
	for _, p := range e.colors {
		colors.Add(v.Option(p.name, p.id))
	}
	return v.Box(
		v.Select("Set", v.Option("Mandelbrot", "mandelbrot"), v.Option("Julia", "julia")).Value(set).
			OnChange(func(set string) { e.show(set == "julia") }),
		colors,
		v.Slider("Iterations", float64(e.iterations), fewestIterations, mostIterations).Step(50).OnInput(e.setIterations),
		v.Box(
			v.Button("+").Label("Zoom in").OnClick(func() { e.zoomMiddle(1 / keyFactor) }),
			v.Button("−").Label("Zoom out").OnClick(func() { e.zoomMiddle(keyFactor) }),
			v.Button("Reset").OnClick(e.reset),
		).Row().Gap(v.SpaceXS),
	).Row().Gap(v.SpaceS).Align(v.BoxAlignEnd).Wrap(true)
}

// status tells where the window is, and how far the picture.
func (e *explorer) status() v.Node {
	w := &e.main.window
	where := fmt.Sprintf("Centre %s · magnified %s×", complexText(w.re, w.im, w.digits()), magnitude(w.magnification(e.julia)))
	return v.Box(
		v.Text(where).Mono(true).Size(v.SizeS),
		v.Text(e.progressText()).Tone(v.ToneMuted).Size(v.SizeS),
	).Row().Gap(v.SpaceM).Justify(v.BoxJustifyBetween).Wrap(true)
}

// progressText changes in steps of ten, so that telling it costs little.
func (e *explorer) progressText() string {
	switch {
	case !e.main.done():
		return fmt.Sprintf("Drawing, %d %%", int(e.main.progress()*10)*10)
	case e.took >= time.Second:
		return fmt.Sprintf("Drawn in %.1f s", e.took.Seconds())
	case e.took > 0:
		return fmt.Sprintf("Drawn in %d ms", e.took.Milliseconds())
	}
	return "Drawn"
}

// juliaPanel has the constant of the Julia set: beside the Mandelbrot set as what a press picks, with
// a small picture; beside the Julia set as two sliders.
func (e *explorer) juliaPanel() v.Node {
	if e.julia {
		return v.Box(
			v.Slider("Real part of c", e.cre, -2, 2).Step(0.0005).OnInput(func(re float64) { e.setC(re, e.cim) }),
			v.Slider("Imaginary part of c", e.cim, -2, 2).Step(0.0005).OnInput(func(im float64) { e.setC(e.cre, im) }),
		).Row().Gap(v.SpaceM).Wrap(true).Label("Constant of the Julia set")
	}
	return v.Box(
		v.Canvas("Julia set of the picked point", previewWidth, previewHeight).Surface(surfacePreview),
		v.Box(
			v.Text("Every point of the Mandelbrot set has a Julia set. Press on one to pick it.").Tone(v.ToneMuted),
			v.Text("c = "+complexText(e.cre, e.cim, 6)).Mono(true),
			v.Box(v.Button("Explore this Julia set").OnClick(func() { e.show(true) })).Row(),
		).Gap(v.SpaceS).Grow(true),
	).Row().Gap(v.SpaceM).Padding(v.SpaceM).Panel().Wrap(true).Align(v.BoxAlignCenter).Label("Julia set of a point")
}

// complexText writes a complex number, with the minus sign of people.
func complexText(re, im float64, digits int) string {
	sign := "+"
	if im < 0 {
		sign = "−"
	}
	return decimal(re, digits) + " " + sign + " " + decimal(math.Abs(im), digits) + " i"
}

func decimal(f float64, digits int) string {
	if f == 0 {
		f = 0 // not the negative zero
	}
	return strings.Replace(strconv.FormatFloat(f, 'f', digits, 64), "-", "−", 1)
}

// magnitude writes a factor for people: 0.5, 7.3, 1,234 or 3.2 × 10⁹ as 3.2e9.
func magnitude(f float64) string {
	switch {
	case f >= 1e7:
		s := strconv.FormatFloat(f, 'e', 1, 64)
		mantissa, exp, _ := strings.Cut(s, "e+")
		return mantissa + "e" + strings.TrimLeft(exp, "0")
	case f >= 100:
		return grouped(int(f + 0.5))
	}
	return strconv.FormatFloat(f, 'g', 2, 64)
}

func grouped(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
