package abi_test

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/vitrine-run/vitrine/abi"
)

func ExamplePaint() {
	p := abi.Paint{Surface: 1, SurfaceWidth: 300, SurfaceHeight: 2, X: 299, Width: 1, Height: 2, Format: abi.PaintRGB, Pixels: []byte{1, 2, 3, 4, 5, 6}}
	b := p.Append(nil)
	fmt.Printf("% x\n", b)

	var q abi.Paint
	fmt.Println(q.Parse(b), q.X, q.Pixels)
	fmt.Println(q.Parse(b[:len(b)-1]))
	// Output:
	// 01 ac 02 02 ab 02 00 01 02 01 01 02 03 04 05 06
	// <nil> 299 [1 2 3 4 5 6]
	// abi: malformed: offset 10: 5 bytes of pixels, 1x2 need 6
}

func TestPaintParse(t *testing.T) {
	right := abi.Paint{Surface: 255, SurfaceWidth: 4096, SurfaceHeight: 4096, X: 4095, Y: 4094, Width: 1, Height: 2, Format: abi.PaintRGBA, Pixels: make([]byte, 8)}
	edit := func(change func(p *abi.Paint)) []byte {
		p := right
		change(&p)
		return p.Append(nil)
	}
	for _, c := range []struct {
		name string
		in   []byte
		want string
	}{
		{"right", right.Append(nil), ""},
		{"empty", nil, "no number here"},
		{"surface 256", append([]byte{0x80, 2}, right.Append(nil)[2:]...), "surface 256 is above 255"},
		{"no width", edit(func(p *abi.Paint) { p.Width = 0 }), "width is 0"},
		{"no height", edit(func(p *abi.Paint) { p.Height = 0 }), "height is 0"},
		{"no surface width", edit(func(p *abi.Paint) { p.SurfaceWidth = 0 }), "surface width is 0"},
		{"no surface height", edit(func(p *abi.Paint) { p.SurfaceHeight = 0 }), "surface height is 0"},
		{"surface too wide", edit(func(p *abi.Paint) { p.SurfaceWidth = 4097 }), "surface width 4097 is above 4096"},
		{"width that overflows", edit(func(p *abi.Paint) { p.Width = -1 }), "width 18446744073709551615 is above 4096"},
		{"x beyond", edit(func(p *abi.Paint) { p.X = 4096 }), "leaves the surface"},
		{"y beyond", edit(func(p *abi.Paint) { p.Y = 4095 }), "the rectangle 4095,4095 1x2 leaves the surface of 4096x4096"},
		{"x huge", edit(func(p *abi.Paint) { p.X = 1 << 40 }), "x 1099511627776 is above 4096"},
		{"format 2", edit(func(p *abi.Paint) { p.Format = 2 }), "there is no pixel format 2"},
		{"RGB with RGBA's pixels", edit(func(p *abi.Paint) { p.Format = abi.PaintRGB }), "8 bytes of pixels, 1x2 need 6"},
		{"a pixel too many", append(right.Append(nil), 0, 0, 0, 0), "12 bytes of pixels"},
		{"no pixels", edit(func(p *abi.Paint) { p.Pixels = nil }), "0 bytes of pixels"},
		{"all of 64 MiB announced", edit(func(p *abi.Paint) { p.X, p.Y, p.Width, p.Height = 0, 0, 4096, 4096 }), "4096x4096 need 67108864"},
		{"not shortest", append([]byte{0x81, 0}, edit(func(p *abi.Paint) { p.Surface = 1 })[1:]...), "not in its shortest form"},
	} {
		p := abi.Paint{Surface: 7}
		err := p.Parse(c.in)
		if c.want == "" {
			if err != nil || !reflect.DeepEqual(p, right) {
				t.Errorf("%s: %+v, %v", c.name, p, err)
			}
			continue
		}
		if !errors.Is(err, abi.ErrMalformed) || !strings.Contains(err.Error(), c.want) || !reflect.DeepEqual(p, abi.Paint{}) {
			t.Errorf("%s: got %+v, %v, want %q", c.name, p, err, c.want)
		}
	}
	for n := range right.Append(nil) {
		if new(abi.Paint).Parse(right.Append(nil)[:n]) == nil {
			t.Errorf("%d bytes were accepted", n)
		}
	}
}

func FuzzPaintParse(f *testing.F) {
	p := abi.Paint{Surface: 200, SurfaceWidth: 300, SurfaceHeight: 5, X: 298, Y: 1, Width: 2, Height: 2, Format: abi.PaintRGBA, Pixels: make([]byte, 16)}
	f.Add(p.Append(nil))
	f.Fuzz(func(t *testing.T, in []byte) {
		var p abi.Paint
		if err := p.Parse(in); err != nil {
			if !reflect.DeepEqual(p, abi.Paint{}) || !errors.Is(err, abi.ErrMalformed) {
				t.Fatalf("%+v, %v", p, err)
			}
			return
		}
		if out := p.Append(nil); !bytes.Equal(out, in) {
			t.Fatalf("%x came back as %x", in, out)
		}
	})
}
