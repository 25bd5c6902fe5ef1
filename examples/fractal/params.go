package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	v "github.com/vitrine-run/vitrine/sdk/go"
)

// params is what render draws. The JSON has the same names; all may be left out:
//
//	{"set": "julia", "c_re": -0.8, "c_im": 0.156, "re": 0, "im": 0, "zoom": 1.5,
//	 "iterations": 500, "palette": "lagoon", "width": 1200, "height": 750}
type params struct {
	julia         bool
	cre, cim      float64
	re, im        float64 // of the middle
	centred       bool    // whether re or im is given; else the set's own middle
	zoom          float64
	iterations    int
	colors        *palette
	width, height int
}

const (
	maxSide       = 4096
	maxPixels     = 4 << 20
	maxIterations = 100_000
)

// parseParams reads params strictly: what is unknown, doubled, of the wrong type or out of range is
// refused, and the message says which key and what would be right.
func parseParams(in []byte) (*params, error) {
	p := &params{cre: -0.7269, cim: 0.1889, zoom: 1, iterations: 400, colors: palettes()[0], width: 960, height: 600}
	d := json.NewDecoder(bytes.NewReader(in))
	d.UseNumber()
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, v.Errorf(v.Invalid, `render wants a JSON object such as {"set": "julia", "zoom": 2}`)
	}
	var seen []string
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, syntax(d, err)
		}
		name := key.(string) // More and the decoder see to that
		if slices.Contains(seen, name) {
			return nil, v.Errorf(v.Invalid, "key %q is there twice", name)
		}
		seen = append(seen, name)
		value, err := d.Token()
		if err != nil {
			return nil, syntax(d, err)
		}
		if err := p.set(name, value); err != nil {
			return nil, err
		}
	}
	if _, err := d.Token(); err != nil {
		return nil, syntax(d, err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, v.Errorf(v.Invalid, "offset %d: there is something behind the object", d.InputOffset())
	}
	if p.width*p.height > maxPixels {
		return nil, v.Errorf(v.Invalid, "width times height is %d, at most %d pixels are drawn", p.width*p.height, maxPixels)
	}
	return p, nil
}

func syntax(d *json.Decoder, err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return v.Errorf(v.Invalid, "offset %d: the JSON ends too early", d.InputOffset())
	}
	return v.Errorf(v.Invalid, "offset %d: %s", d.InputOffset(), err)
}

func (p *params) set(name string, value json.Token) (err error) {
	switch name {
	case "set":
		var set string
		set, err = choice(name, value, "mandelbrot", "julia")
		p.julia = set == "julia"
	case "palette":
		err = p.setPalette(name, value)
	case "c_re":
		p.cre, err = number(name, value, -4, 4)
	case "c_im":
		p.cim, err = number(name, value, -4, 4)
	case "re":
		p.centred = true
		p.re, err = number(name, value, -4, 4)
	case "im":
		p.centred = true
		p.im, err = number(name, value, -4, 4)
	case "zoom":
		p.zoom, err = number(name, value, 0.1, 2e13)
	case "iterations":
		p.iterations, err = whole(name, value, 1, maxIterations)
	case "width":
		p.width, err = whole(name, value, 1, maxSide)
	case "height":
		p.height, err = whole(name, value, 1, maxSide)
	default:
		err = v.Errorf(v.Invalid, "there is no key %.40q; known are set, c_re, c_im, re, im, zoom, iterations, palette, width, height", name)
	}
	return err
}

func (p *params) setPalette(name string, value json.Token) error {
	all := palettes()
	ids := make([]string, len(all))
	for i := range all {
		ids[i] = all[i].id
	}
	id, err := choice(name, value, ids...)
	if err != nil {
		return err
	}
	p.colors = all[slices.Index(ids, id)]
	return nil
}

func choice(name string, value json.Token, known ...string) (string, error) {
	if s, ok := value.(string); ok && slices.Contains(known, s) {
		return s, nil
	}
	return "", v.Errorf(v.Invalid, "%s is %s; it can be %s", name, shown(value), strings.Join(known, ", "))
}

func number(name string, value json.Token, least, most float64) (float64, error) {
	if n, ok := value.(json.Number); ok {
		f, err := strconv.ParseFloat(string(n), 64)
		if err == nil && f >= least && f <= most && !math.IsNaN(f) {
			return f, nil
		}
	}
	return 0, v.Errorf(v.Invalid, "%s is %s; it can be a number from %g to %g", name, shown(value), least, most)
}

func whole(name string, value json.Token, least, most int) (int, error) {
	if n, ok := value.(json.Number); ok {
		i, err := strconv.Atoi(string(n))
		if err == nil && i >= least && i <= most {
			return i, nil
		}
	}
	return 0, v.Errorf(v.Invalid, "%s is %s; it can be a whole number from %d to %d", name, shown(value), least, most)
}

func shown(value json.Token) string {
	switch value := value.(type) {
	case nil:
		return "null"
	case json.Delim:
		return "an object or a list"
	case string:
		return fmt.Sprintf("%.40q", value)
	}
	return fmt.Sprintf("%.40s", fmt.Sprint(value))
}
