package main

import (
	"testing"

	"github.com/vitrine-run/vitrine/bench"
	benchreport "github.com/vitrine-run/vitrine/bench/report"
)

// A case has a name of its own, by which --only and the files of results know it.
func TestBenchCases(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range benchCases() {
		if seen[c.Name] || c.Name == "" {
			t.Errorf("there are two cases %q", c.Name)
		}
		seen[c.Name] = true
		if c.Help == "" || c.Unit == "" || c.Systems[0] != bench.Ours && c.Name != "metering" || c.Takes == 0 || c.TakesQuick == 0 || c.Measure == nil {
			t.Errorf("case[%s] does not say what it is: %+v", c.Name, c)
		}
		if _, ok := benchreport.WordsOf(c.Name); !ok {
			t.Errorf("case[%s]: the report does not explain it", c.Name)
		}
		for _, system := range c.Systems {
			if benchreport.Setup(system) == "" {
				t.Errorf("case[%s]: the report does not say how %s is set up", c.Name, system)
			}
		}
	}
	if len(seen) < 16 {
		t.Errorf("there are %d cases", len(seen))
	}
}
