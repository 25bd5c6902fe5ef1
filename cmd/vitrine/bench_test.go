package main

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/vitrine-run/vitrine/bench"
	benchreport "github.com/vitrine-run/vitrine/bench/report"
)

// Every case that there is looks at what Vitrine answers before it has a figure of it. That it looks at the others' answers
// as well the tests beside the cases say, by benchtest.Verifies.
func TestEveryCaseVerifies(t *testing.T) {
	if testing.Short() {
		t.Skip("begins to measure everything")
	}
	for _, c := range benchCases() {
		t.Run(c.Name, func(t *testing.T) {
			liar := bench.Ours
			if c.Systems[0] != bench.Ours {
				liar = c.Systems[0]
			}
			o := &bench.Options{Quick: true, Rounds: 2, Turn: 20 * time.Millisecond, Liar: liar}
			err := c.Run(context.Background(), o, func(r bench.Row) {
				if r.System == liar {
					t.Errorf("a figure of answers that are wrong: %+v", r)
				}
			})
			if wrong := (*bench.WrongError)(nil); !errors.As(err, &wrong) || wrong.System != liar {
				t.Errorf("%s lies, and the case ends with %v", liar, err)
			}
		})
	}
}

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
