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

// Bytes of an update have no spread, so the protocol is held here to those that were kept, to the byte: who changes one of them sees what it
// costs, and keeps the new ones by `vitrine bench --only bytes --keep bench/results`.
func TestPayloads(t *testing.T) {
	kept, err := bench.ReadFiles("../results/bytes.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]float64{}
	for _, r := range kept.Rows {
		if r.System == bench.Ours && r.Metric == "payload" {
			want[r.Variant] = r.Value
		}
	}
	for _, r := range benchtest.Verifies(t, &bridge.Cases()[1], nil) {
		if r.System != bench.Ours || r.Metric != "payload" {
			continue
		}
		if was, ok := want[r.Variant]; !ok || r.Value != was {
			t.Errorf("%s takes %g bytes, and took %g", r.Variant, r.Value, was)
		}
		delete(want, r.Variant)
	}
	for variant := range want {
		t.Errorf("%s is not counted any more", variant)
	}
}
