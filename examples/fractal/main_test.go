package main

import (
	"image"
	"testing"

	"github.com/vitrine-run/vitrine/abi"
	v "github.com/vitrine-run/vitrine/sdk/go"
	"github.com/vitrine-run/vitrine/sdk/go/vitrinetest"
)

// mount mounts the plugin small, so that pictures are quick to draw.
func mount(t *testing.T, props map[string]any) *vitrinetest.Page {
	page := vitrinetest.Mount(t, start, &vitrinetest.Options{Props: props})
	canvas(page).Fire("resize", 320, 200)
	return page
}

func canvas(page *vitrinetest.Page) vitrinetest.Node { return page.FindAll("canvas", "")[0] }

// unlike counts the pixels in which two pictures differ visibly.
func unlike(a, b *image.NRGBA) (n int) {
	for i := 0; i < len(a.Pix); i += 4 {
		for ch := range 3 {
			if d := int(a.Pix[i+ch]) - int(b.Pix[i+ch]); d > 40 || d < -40 {
				n++
				break
			}
		}
	}
	return n
}

func TestDrawsInSteps(t *testing.T) {
	page := mount(t, nil)
	page.Find("text", "Drawing, 0 %")
	if turns := page.Run(); turns < 5 {
		t.Errorf("%d turns: the page would stand still", turns)
	}
	page.Find("text", "Drawn in")
	page.Find("text", "Centre −0.700 + 0.000 i · magnified 1×")
	img := page.Surface(surfaceMain)
	if got := img.Bounds().Size(); got != image.Pt(320, 200) {
		t.Fatalf("size %v", got)
	}
	p := palettes()[0]
	if c := img.NRGBAAt(160, 100); [3]byte{c.R, c.G, c.B} != p.inside {
		t.Errorf("the middle of the set is %v", c)
	}
	if page.Surface(surfacePreview) == nil {
		t.Error("no Julia set beside it")
	}
}

// However a window was reached, its picture is the one that is drawn from nothing.
func TestSameHoweverReached(t *testing.T) {
	for name, act := range map[string]func(page *vitrinetest.Page){
		"drag": func(page *vitrinetest.Page) {
			canvas(page).Fire("dragstart", 100, 100)
			canvas(page).Fire("drag", 130, 90)
			page.Turn()
			page.Turn()
			canvas(page).Fire("drag", 60, 120)
			canvas(page).Fire("dragend", 60, 120)
		},
		"wheel": func(page *vitrinetest.Page) {
			canvas(page).Fire("wheel", 200, 80, -3.0)
			page.Turn()
			canvas(page).Fire("wheel", 10, 150, 1.5)
		},
		"keys": func(page *vitrinetest.Page) {
			for _, key := range []string{"+", "ArrowLeft", "ArrowUp", "PageUp", "-", "ArrowRight", "ArrowDown"} {
				canvas(page).Fire("key", key)
				page.Turn()
			}
		},
		"iterations": func(page *vitrinetest.Page) {
			page.Run()
			page.Find("slider", "Iterations").Fire("input", 50.0)
			page.Run()
			page.Find("slider", "Iterations").Fire("input", 900.0)
		},
		"palette": func(page *vitrinetest.Page) {
			page.Run()
			page.Find("select", "Palette").Fire("change", "moss")
			page.Turn()
			page.Find("select", "Palette").Fire("change", "orchid")
		},
		"julia": func(page *vitrinetest.Page) {
			canvas(page).Fire("press", 40, 60)
			page.Find("button", "Explore this Julia set").Fire("click")
			page.Turn()
			page.Find("slider", "Real part").Fire("input", -0.8)
			page.Turn()
			page.Find("slider", "Imaginary part").Fire("input", 0.156)
		},
		"props": func(page *vitrinetest.Page) {
			page.Turn()
			page.Update(map[string]any{"set": "julia", "palette": "moss", "iterations": 900, "zoom": 3.0, "re": 0.1})
			page.Find("text", "Centre 0.100")
		},
		"there and back": func(page *vitrinetest.Page) {
			page.Find("button", "+").Fire("click")
			page.Find("select", "Set").Fire("change", "julia")
			page.Run()
			page.Find("select", "Set").Fire("change", "mandelbrot")
		},
		"resize": func(page *vitrinetest.Page) {
			page.Run()
			canvas(page).Fire("resize", 5000, 100)
			page.Turn()
			canvas(page).Fire("resize", 320, 100)
		},
	} {
		t.Run(name, func(t *testing.T) {
			var e *explorer
			page := vitrinetest.Mount(t, grab(&e), nil)
			canvas(page).Fire("resize", 320, 200)
			act(page)
			page.Run()
			got := page.Surface(surfaceMain)
			fresh := newPicture(e.main.window, e.formula(), e.colors[e.color], nil)
			for fresh.step(func() bool { return false }) {
			}
			want := image.NewNRGBA(got.Rect)
			for i := range len(fresh.pixels) / 3 {
				copy(want.Pix[4*i:], fresh.pixels[3*i:3*i+3])
			}
			if n := unlike(got, want); n > 320*200/100 {
				t.Errorf("%d pixels of %d differ", n, 320*200)
			}
		})
	}
}

func TestDragKeepsThePointUnderThePointer(t *testing.T) {
	var e *explorer
	page := vitrinetest.Mount(t, grab(&e), nil)
	re, im := e.main.at(300, 200)
	canvas(page).Fire("dragstart", 300, 200)
	canvas(page).Fire("drag", 350, 180)
	if gotRe, gotIm := e.main.at(350, 180); abs(gotRe-re)+abs(gotIm-im) > 1e-12 {
		t.Errorf("%g %g, want %g %g", gotRe, gotIm, re, im)
	}
	canvas(page).Fire("wheel", 350, 180, -10.0)
	if gotRe, gotIm := e.main.at(350, 180); abs(gotRe-re)+abs(gotIm-im) > 1e-12 {
		t.Errorf("%g %g, want %g %g", gotRe, gotIm, re, im)
	}
	page.Find("button", "Reset").Fire("click")
	page.Find("text", "magnified 1×")
}

func TestZoomEnds(t *testing.T) {
	var e *explorer
	page := vitrinetest.Mount(t, grab(&e), nil)
	for range 40 {
		canvas(page).Fire("wheel", 1, 1, -20.0)
	}
	if e.main.span != narrowest {
		t.Errorf("span %g", e.main.span)
	}
	page.Find("text", "e13×")
	for range 40 {
		canvas(page).Fire("wheel", 1, 1, 20.0)
	}
	if e.main.span != widest {
		t.Errorf("span %g", e.main.span)
	}
}

// A waiting event ends a step early.
func TestStepYields(t *testing.T) {
	pic := newPicture(home(false, 640, 400), formula{iterations: 5000}, palettes()[0], nil)
	count := func(pending bool) (steps int) {
		pic.become(pic.formula)
		for pic.step(func() bool { return pending }) {
			steps++
		}
		return steps
	}
	if free, pressed := count(false), count(true); pressed < 2*free {
		t.Errorf("%d steps when nobody waits, %d when somebody does", free, pressed)
	}
}

func TestPropsSayWhereToBegin(t *testing.T) {
	page := mount(t, map[string]any{"set": "julia", "re": 0.25, "im": -0.5, "zoom": 10, "palette": "moss", "iterations": 100000})
	page.Find("text", "Centre 0.250 − 0.500 i · magnified 10×")
	if got := page.Find("select", "Palette").Prop("value"); got != "moss" {
		t.Errorf("palette %q", got)
	}
	if got := page.Find("slider", "Iterations").Prop("value"); got != "5000" {
		t.Errorf("iterations %q", got)
	}
}

func TestWithoutClock(t *testing.T) {
	page := vitrinetest.Mount(t, start, &vitrinetest.Options{Denied: []abi.Capability{abi.CapClock, abi.CapProps}})
	page.Run()
	if text := page.Find("text", "Drawn").Prop("text"); text != "Drawn" {
		t.Errorf("%q", text)
	}
}

func TestMagnitude(t *testing.T) {
	for f, want := range map[float64]string{0.244: "0.24", 1: "1", 7.34: "7.3", 99.4: "99", 1234: "1,234", 7654321: "7,654,321", 1.95e13: "2.0e13"} {
		if got := magnitude(f); got != want {
			t.Errorf("%g: %q, want %q", f, got, want)
		}
	}
}

func BenchmarkPicture(b *testing.B) {
	for b.Loop() {
		pic := newPicture(home(false, 960, 600), formula{iterations: 400}, palettes()[0], nil)
		for pic.step(func() bool { return false }) {
		}
	}
}

func abs(f float64) float64 { return max(f, -f) }

// grab is start that lets a test see the state.
func grab(to **explorer) v.App {
	return func(c *v.Context) v.View {
		*to = newExplorer(c)
		return (*to).view
	}
}
