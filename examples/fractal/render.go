package main

import (
	"bytes"
	"image"
	"image/png"

	v "github.com/vitrine-run/vitrine/sdk/go"
)

// exportRender draws one picture: parameters as JSON in, a PNG out.
//
//go:wasmexport render
func exportRender(ptr, n uint32) uint64 { return v.Compute(ptr, n, render) }

func render(in []byte) ([]byte, error) {
	p, err := parseParams(in)
	if err != nil {
		return nil, err
	}
	w := home(p.julia, p.width, p.height)
	w.zoom(1/p.zoom, w.width/2, w.height/2)
	if p.centred {
		w.re, w.im = p.re, p.im
	}
	pic := newPicture(w, formula{p.julia, p.cre, p.cim, p.iterations}, p.colors, nil)
	for pic.step(func() bool { return false }) {
	}
	img := image.NewNRGBA(image.Rect(0, 0, p.width, p.height))
	for i := range p.width * p.height {
		copy(img.Pix[4*i:], pic.pixels[3*i:3*i+3])
		img.Pix[4*i+3] = 0xff
	}
	var out bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := encoder.Encode(&out, img); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
