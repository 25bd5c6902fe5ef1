package reload

import (
	"context"
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/vitrine-run/vitrine/bench"
	"github.com/vitrine-run/vitrine/bench/benchtest"
	"github.com/vitrine-run/vitrine/internal/leak"
)

func TestMain(m *testing.M) {
	if asked, code := bench.ServeChild(os.Args[1:], Cases); asked {
		os.Exit(code)
	}
	leak.Main(m)
}

// No call is lost while versions change, and they leave nothing behind. make soak does it 10,000 times.
func TestReplacements(t *testing.T) {
	benchtest.NeedsResident(t)
	n := 300
	if testing.Short() {
		n = 50
	}
	if soak, err := strconv.Atoi(os.Getenv("VITRINE_SOAK")); err == nil {
		n = soak
	}
	r, err := measure(context.Background(), n)
	if err != nil {
		t.Fatal(err)
	}
	if r.calls == 0 || r.failed > 0 || r.last != uint64(r.calls) {
		t.Errorf("%d calls, %d failed, counted to %d", r.calls, r.failed, r.last)
	}
	if len(r.waits) != min(r.calls, mostWaits) || slices.Min(r.waits) <= 0 {
		t.Errorf("of %d calls %d are remembered, and the quickest took %v us", r.calls, len(r.waits), slices.Min(r.waits))
	}
	// A version that stays takes some 70 KiB of heap, and its code.
	if grown := r.heap[1] - r.heap[0]; grown > n*16<<10 {
		t.Errorf("the heap grew by %d KiB in %d replacements", grown>>10, n)
	}
	if grown := int(r.grown()) >> 20; n >= 10_000 && grown > 32 {
		t.Errorf("the process grew by %d MiB in %d replacements", grown, n)
	}
}

func TestVerifies(t *testing.T) {
	benchtest.NeedsResident(t)
	// Ten replacements have no p99.
	if rows := benchtest.Verifies(t, &Cases()[0], &bench.Options{Rounds: 10}); len(rows) < 12 {
		t.Errorf("%d figures", len(rows))
	}
}
