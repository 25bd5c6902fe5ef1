package bridge_test

import (
	"os"
	"testing"
	"time"

	"github.com/vitrine-run/vitrine/bench"
	"github.com/vitrine-run/vitrine/bench/benchtest"
	"github.com/vitrine-run/vitrine/bench/bridge"
)

func TestMain(m *testing.M) {
	if asked, code := bench.ServeChild(os.Args[1:], bridge.Cases); asked {
		os.Exit(code)
	}
	os.Exit(m.Run())
}

func TestVerifies(t *testing.T) {
	for _, c := range bridge.Cases() {
		t.Run(c.Name, func(t *testing.T) {
			benchtest.NeedsResident(t)
			benchtest.Verifies(t, &c, &bench.Options{Quick: true, Rounds: 20, Turn: 600 * time.Millisecond, Tree: bench.Tree(".")})
		})
	}
}

// Bytes of an update have no spread, so the protocol is held to them here.
func TestPayloads(t *testing.T) {
	most := map[string]float64{"counter": 10, "every 10th row": 1010, "swap": 18, "remove a row": 7, "create 1,000": 9850}
	for _, r := range benchtest.Verifies(t, &bridge.Cases()[1], nil) {
		if m, ok := most[r.Variant]; ok && r.System == bench.Ours && r.Value > m {
			t.Errorf("%s takes %g bytes, and may take %g", r.Variant, r.Value, m)
		}
	}
}
