package start

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/vitrine-run/vitrine/bench"
	"github.com/vitrine-run/vitrine/bench/benchtest"
	"github.com/vitrine-run/vitrine/bench/reset/fresh"
)

func cases() []bench.Case { return Cases(Light(), fresh.Light()) }

func TestMain(m *testing.M) {
	if asked, code := bench.ServeChild(os.Args[1:], cases); asked {
		os.Exit(code)
	}
	os.Exit(m.Run())
}

func TestVerifies(t *testing.T) {
	c := cases()[0]
	seen := map[string]int{}
	count := func(rows []bench.Row) {
		for _, r := range rows {
			seen[r.Variant]++
		}
	}
	count(benchtest.Verifies(t, &c, &bench.Options{Rounds: 1, Turn: 1, Variants: []string{"instance c", "pool c"}}))
	// Compiling the guest in Go takes seconds; that in C is started the same way.
	c.Measure = func(ctx context.Context, r *bench.Run) error {
		return (&systems{starts: Light()}).processes(ctx, r, fresh.CGuest)
	}
	count(benchtest.Verifies(t, &c, &bench.Options{Rounds: 2}))
	for variant, want := range map[string]int{"cold": 6, "cache": 6, "instance c": 5, "pool c": 5} {
		if seen[variant] != want {
			t.Errorf("%s: %d figures, want %d", variant, seen[variant], want)
		}
	}
}

// The second start of ours is made of what the first has kept.
func TestKept(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cache")
	for range 2 {
		if out, err := ours(context.Background(), fresh.CGuest, dir); err != nil || len(out) == 0 {
			t.Fatalf("%q, %v", out, err)
		}
	}
	if kept, err := os.ReadDir(dir); err != nil || len(kept) != 1 {
		t.Errorf("kept for the second start: %v, %v", kept, err)
	}
}
