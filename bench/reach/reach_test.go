package reach_test

import (
	"fmt"
	"testing"

	"github.com/vitrine-run/vitrine/bench"
	"github.com/vitrine-run/vitrine/bench/benchtest"
	"github.com/vitrine-run/vitrine/bench/reach"
)

// The cases report what they say, of calls that were answered; what they measure is not for a test.
func TestVerifies(t *testing.T) {
	seen := map[string]int{}
	for _, c := range reach.Cases() {
		for _, r := range benchtest.Verifies(t, &c, &bench.Options{Quick: true, Rounds: 1, Turn: 1}) {
			seen[r.Case]++
		}
	}
	if got := fmt.Sprint(seen); got != "map[denied:11 http:9 policy:10]" {
		t.Errorf("figures: %s", got)
	}
}
