package metering

import (
	"bytes"
	"encoding/json"
)

// line is one figure, in the form of `vitrine bench`.
type line struct {
	Case    string  `json:"case"`
	System  string  `json:"system"`
	Variant string  `json:"variant"`
	Metric  string  `json:"metric"`
	Value   float64 `json:"value"`
	Unit    string  `json:"unit"`
	N       int     `json:"n"`
	Spread  float64 `json:"spread"`
}

// Lines writes the ratios of all rows and their geometric means, one JSON object a line. The
// system is what Vitrine is compared with: the same engine and memory without metering
// ("unmetered"), wazero as it comes ("wazero") and with its own interruption ("wazero-ctx").
func Lines(rows []*Row) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	for _, c := range []struct {
		system string
		ratio  func(*Row) float64
	}{
		{"unmetered", func(r *Row) float64 { return r.Ratio }},
		{"wazero", func(r *Row) float64 { return r.Default }},
		{"wazero-ctx", func(r *Row) float64 { return r.Interrupt }},
	} {
		n := 0
		for _, r := range rows {
			if v := c.ratio(r); v > 0 {
				n++
				_ = enc.Encode(line{"metering", c.system, r.Kernel, "ratio", v, "x", r.Turns, r.Spread}) // numbers and strings
			}
		}
		if n > 0 {
			_ = enc.Encode(line{"metering", c.system, "geomean", "ratio", Geomean(rows, c.ratio), "x", n, 0})
		}
	}
	return b.Bytes()
}
