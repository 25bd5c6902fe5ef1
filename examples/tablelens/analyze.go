package main

import (
	"encoding/json"
	"errors"
	"math"

	v "github.com/vitrine-run/vitrine/sdk/go"
)

// exportAnalyze sums up a table: CSV in, JSON out.
//
//go:wasmexport analyze
func exportAnalyze(ptr, n uint32) uint64 { return v.Compute(ptr, n, analyze) }

// The JSON of analyze. Dates and times are written as in the table; what a column's kind does not
// have is left out.
type (
	report struct {
		Rows      int            `json:"rows"`
		Separator string         `json:"separator"`
		Columns   []columnReport `json:"columns"`
	}
	columnReport struct {
		Name     string       `json:"name"`
		Type     string       `json:"type"`
		Count    int          `json:"count"`
		Missing  int          `json:"missing"`
		Distinct int          `json:"distinct"`
		Min      any          `json:"min,omitempty"`
		Max      any          `json:"max,omitempty"`
		Mean     any          `json:"mean,omitempty"`
		Median   any          `json:"median,omitempty"`
		StdDev   any          `json:"stddev,omitempty"` // in seconds for dates and times
		Top      []wordReport `json:"top,omitempty"`
	}
	wordReport struct {
		Value string `json:"value"`
		Count int    `json:"count"`
	}
)

func analyze(in []byte) ([]byte, error) {
	limit := v.MemoryLimit()
	setCollector(limit)
	err := checkSize(len(in), limit, aloneFactor)
	var t *table
	if err == nil {
		t, err = load("", in)
	}
	var large *tooLarge
	if errors.As(err, &large) {
		return nil, v.Errorf(v.Limit, "%s (vitrine call --memory)", err)
	}
	if err != nil {
		return nil, err
	}
	all := make([]uint32, t.rows)
	for i := range all {
		all[i] = uint32(i)
	}
	r := report{Rows: t.rows, Separator: string(t.sep), Columns: []columnReport{}}
	for _, c := range t.columns {
		r.Columns = append(r.Columns, summarize(t, c, all).report())
	}
	return json.MarshalIndent(r, "", "  ")
}

func (s *summary) report() columnReport {
	c := s.column
	r := columnReport{Name: c.name, Type: c.kind.String(), Count: s.count, Missing: s.missing, Distinct: s.distinct}
	if c.kind.measured() && s.count > 0 {
		value := func(x float64) any {
			if c.kind.numeric() {
				return x
			}
			return c.format(x)
		}
		r.Min, r.Max, r.Mean, r.Median = value(s.min), value(s.max), value(rounded(s.mean)), value(s.median)
		r.StdDev = rounded(s.stddev)
	}
	if len(s.top) > 0 && s.top[0].count > 1 {
		for _, w := range s.top {
			r.Top = append(r.Top, wordReport{w.word, w.count})
		}
	}
	return r
}

// rounded keeps nine digits: the rest is noise of the order of summation.
func rounded(x float64) float64 {
	if x == 0 {
		return 0
	}
	scale := math.Pow(10, 8-math.Floor(math.Log10(math.Abs(x))))
	if math.IsInf(scale, 0) {
		return x
	}
	return math.Round(x*scale) / scale
}
