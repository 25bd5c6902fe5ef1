package main

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/vitrine-run/vitrine/bench"
)

// The cases run and report what they say; what they measure is not for a test.
func TestCases(t *testing.T) {
	var out bytes.Buffer
	b := &suite{out: &out, rounds: 1, calls: 1000}
	for _, run := range []func() error{b.hostcall, b.policy, b.denied, b.http} {
		if err := run(); err != nil {
			t.Fatal(err)
		}
	}
	rows := 0
	for d := json.NewDecoder(&out); d.More(); rows++ {
		var r bench.Row
		if err := d.Decode(&r); err != nil || r.Case == "" || r.Metric == "" || r.N < 1 {
			t.Errorf("row %+v, %v", r, err)
		}
	}
	if rows != 27 {
		t.Errorf("%d rows", rows)
	}
}
