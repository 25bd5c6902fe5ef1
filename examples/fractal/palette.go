package main

import "math"

// palette is a closed ring of colours.
type palette struct {
	id, name string
	ring     [ringSize][3]byte
	inside   [3]byte
}

const ringSize = 2048

// stop is a colour at a place of the ring, from 0 to 1.
type stop struct {
	at  float64
	rgb [3]float64
}

// palettes returns the palettes in the order of the menu.
func palettes() []*palette {
	return []*palette{
		newPalette("dusk", "Dusk", [3]byte{4, 6, 18},
			stop{0, [3]float64{6, 10, 40}}, stop{0.16, [3]float64{24, 68, 150}}, stop{0.36, [3]float64{150, 210, 240}},
			stop{0.47, [3]float64{250, 248, 230}}, stop{0.60, [3]float64{250, 176, 40}}, stop{0.76, [3]float64{150, 44, 30}},
			stop{0.90, [3]float64{40, 8, 44}}),
		newPalette("lagoon", "Lagoon", [3]byte{2, 12, 16},
			stop{0, [3]float64{3, 22, 34}}, stop{0.25, [3]float64{0, 96, 110}}, stop{0.5, [3]float64{120, 220, 190}},
			stop{0.62, [3]float64{245, 250, 220}}, stop{0.8, [3]float64{40, 130, 150}}),
		newPalette("orchid", "Orchid", [3]byte{10, 2, 16},
			stop{0, [3]float64{22, 6, 44}}, stop{0.25, [3]float64{110, 30, 130}}, stop{0.5, [3]float64{240, 130, 170}},
			stop{0.62, [3]float64{255, 236, 220}}, stop{0.82, [3]float64{90, 60, 170}}),
		newPalette("moss", "Moss", [3]byte{6, 10, 4},
			stop{0, [3]float64{12, 20, 10}}, stop{0.3, [3]float64{60, 110, 40}}, stop{0.52, [3]float64{210, 220, 110}},
			stop{0.65, [3]float64{250, 246, 220}}, stop{0.84, [3]float64{120, 80, 40}}),
		newPalette("graphite", "Graphite", [3]byte{0, 0, 0},
			stop{0, [3]float64{16, 17, 20}}, stop{0.5, [3]float64{244, 244, 242}}),
	}
}

func newPalette(id, name string, inside [3]byte, stops ...stop) *palette {
	p := &palette{id: id, name: name, inside: inside}
	last := len(stops) - 1
	for i := range p.ring {
		at := float64(i) / ringSize
		k := last
		for k > 0 && stops[k].at > at {
			k--
		}
		from, to, end := stops[k], stops[0], 1.0
		if k < last {
			to, end = stops[k+1], stops[k+1].at
		}
		t := (at - from.at) / (end - from.at)
		t = t * t * (3 - 2*t) // no edges where two stretches meet
		for ch := range 3 {
			p.ring[i][ch] = byte(from.rgb[ch] + t*(to.rgb[ch]-from.rgb[ch]) + 0.5)
		}
	}
	return p
}

// color is the colour of a value of formula.escape. Counts near the set grow without bound, so the
// ring is walked slower and slower.
func (p *palette) color(value float32) [3]byte {
	if value == inside {
		return p.inside
	}
	at := 0.1 * math.Sqrt(max(0, float64(value)-1))
	return p.ring[int(at*ringSize)%ringSize]
}
