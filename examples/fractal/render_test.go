package main

import (
	"bytes"
	"errors"
	"image/png"
	"strings"
	"testing"

	v "github.com/vitrine-run/vitrine/sdk/go"
)

func TestRender(t *testing.T) {
	out, err := render([]byte(`{"width": 96, "height": 60, "palette": "moss"}`))
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	if size := img.Bounds().Size(); size.X != 96 || size.Y != 60 {
		t.Errorf("size %v", size)
	}
	if r, g, b, _ := img.At(48, 30).RGBA(); r>>8 != 6 || g>>8 != 10 || b>>8 != 4 {
		t.Errorf("the middle of the set is %d %d %d", r>>8, g>>8, b>>8)
	}
	if r, g, b, _ := img.At(0, 0).RGBA(); r+g+b == 0 {
		t.Error("the corner is black")
	}
}

func TestRenderRefuses(t *testing.T) {
	for in, want := range map[string]string{
		``:                              "render wants a JSON object",
		`[]`:                            "render wants a JSON object",
		`{"zoom": 2`:                    "ends too early",
		`{"zoom": 2} x`:                 "there is something behind the object",
		`{"Zoom": 2}`:                   `there is no key "Zoom"; known are set,`,
		`{"zoom": 2, "zoom": 3}`:        `key "zoom" is there twice`,
		`{"zoom": "2"}`:                 `zoom is "2"; it can be a number from 0.1 to 2e+13`,
		`{"zoom": 1e999}`:               "zoom is 1e999",
		`{"zoom": NaN}`:                 "offset",
		`{"zoom": null}`:                "zoom is null",
		`{"zoom": [2]}`:                 "zoom is an object or a list",
		`{"zoom": -1}`:                  "zoom is -1",
		`{"width": 2.5}`:                "width is 2.5; it can be a whole number from 1 to 4096",
		`{"width": 4096,"height":4096}`: "at most 4194304 pixels",
		`{"set": "burning ship"}`:       `set is "burning ship"; it can be mandelbrot, julia`,
		`{"palette": 7}`:                "palette is 7; it can be dusk,",
		`{"iterations": 100001}`:        "iterations is 100001",
	} {
		_, err := render([]byte(in))
		if err == nil || !strings.Contains(err.Error(), want) || !errors.Is(err, v.Invalid) {
			t.Errorf("%s: %v, want %q", in, err, want)
		}
	}
}

func FuzzParseParams(f *testing.F) {
	f.Add([]byte(`{"set": "julia", "c_re": -0.8, "zoom": 1.5, "width": 1200, "palette": "lagoon"}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		p, err := parseParams(in)
		if (p == nil) == (err == nil) {
			t.Fatalf("%v and %v", p, err)
		}
		if p != nil && (p.width < 1 || p.width*p.height > maxPixels || !(p.zoom > 0)) {
			t.Errorf("%+v", p)
		}
	})
}
