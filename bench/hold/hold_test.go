package hold

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/vitrine-run/vitrine/bench"
	"github.com/vitrine-run/vitrine/bench/benchtest"
	"github.com/vitrine-run/vitrine/internal/leak"
)

func cases() []bench.Case { return Cases(Peers()) }

func TestMain(m *testing.M) {
	if asked, code := bench.ServeChild(os.Args[1:], cases); asked {
		os.Exit(code)
	}
	leak.Main(m)
}

// Each bomb ends in the fault that it says; how fast is for the cases to measure.
func TestBombsEndAsTheySay(t *testing.T) {
	ctx := context.Background()
	list, err := armed(&bench.Run{})
	if err != nil || len(list) < 40 {
		t.Fatalf("%d bombs, %v", len(list), err)
	}
	for i := range list {
		b := &list[i]
		if testing.Short() && i%5 != 0 {
			continue
		}
		t.Run(b.Name, func(t *testing.T) {
			wall := deadline
			if b.Fault != "deadline" {
				wall = 2 * time.Minute
			}
			g, err := newGuest(ctx, b, wall)
			if err != nil {
				t.Fatal(err)
			}
			defer g.rt.Close(ctx)
			if err := g.explode(ctx); string(end(err)) != b.Fault {
				t.Errorf("ended in %v, not in %s", err, b.Fault)
			}
		})
	}
}

// The peers are measured as well, but for wazero as it comes, which takes two seconds to be ended.
func TestVerifies(t *testing.T) {
	seen := map[string]int{}
	for _, c := range cases() {
		o := &bench.Options{Quick: true, Rounds: 2, Turn: 30 * time.Millisecond, Variants: []string{"fib"}}
		for _, r := range benchtest.Verifies(t, &c, o) {
			seen[r.Case]++
		}
	}
	// One that is too small to be measured, such as a freeze of nothing, is left out, and so is its ratio.
	for name, least := range map[string]int{"fairness": 3, "freeze": 12, "kill": 8} {
		if seen[name] < least {
			t.Errorf("figures: %v", seen)
		}
	}
}

func TestPeers(t *testing.T) {
	if testing.Short() {
		t.Skip("one of them is waited for two seconds")
	}
	for _, c := range cases()[:2] {
		found := map[string]float64{}
		err := c.Run(context.Background(), &bench.Options{Rounds: 1, Turn: 30 * time.Millisecond, Variants: []string{"loop"}},
			func(r bench.Row) { found[r.System+" "+r.Metric] = r.Value })
		metric := map[string]string{"kill": "late_p50", "freeze": "gc_max"}[c.Name]
		_, measured := found["wazero-ctx "+metric]
		ended, asked := found["wazero ended"]
		if _, figure := found["wazero "+metric]; err != nil || !measured || found["wazero-ctx ended"] != 1 || figure || !asked || ended != 0 {
			t.Errorf("%s: %v, %v", c.Name, found, err)
		}
	}
}
