package main

import (
	"encoding/json"
	"fmt"

	v "github.com/vitrine-run/vitrine/sdk/go"
)

// The years of a climate, as the World Meteorological Organization counts them.
const (
	firstYear = 1991
	years     = 30
)

//go:wasmexport climate
func climate(ptr, n uint32) uint64 { return v.Compute(ptr, n, means) }

// means is a job: the mean of each month over thirty years, a request a year.
func means(city []byte) ([]byte, error) {
	sums := make([]float64, 12)
	for i := range years {
		r, err := v.Fetch(&v.Request{URL: fmt.Sprintf("%s/v1/history?city=%s&year=%d", server, city, firstYear+i)})
		if err != nil {
			return nil, err
		}
		var answer struct{ Months []float64 }
		if err := json.Unmarshal(r.Body, &answer); err != nil || len(answer.Months) != len(sums) {
			return nil, v.Errorf(v.Invalid, "the server's answer for %d makes no sense", firstYear+i)
		}
		for m, t := range answer.Months {
			sums[m] += t / years
		}
		if err := v.Report([]byte{byte(i + 1)}); err != nil {
			return nil, err
		}
	}
	return json.Marshal(sums)
}
