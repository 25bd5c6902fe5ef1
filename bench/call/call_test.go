package call_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/vitrine-run/vitrine/bench"
	"github.com/vitrine-run/vitrine/bench/call"
)

// Every case gives figures for every system, and ratios for those that are not ours.
func TestMeasure(t *testing.T) {
	ctx := context.Background()
	ours, end, err := call.NewVitrine(ctx, "")
	if err != nil {
		t.Fatal(err)
	}
	defer end()
	peer, end, err := call.NewWazero(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer end()
	got := map[string]int{}
	opts := &bench.Options{Rounds: 2, Turn: time.Millisecond}
	systems := []call.System{ours, peer, call.NewGo()}
	print := func(r bench.Row) {
		got[r.Case+" "+r.Variant]++
		if r.Value < 0 || r.Metric != "allocated" && r.Value == 0 {
			t.Errorf("%+v", r)
		}
	}
	if err := errors.Join(call.Measure(systems, opts, print), call.MeasureHost(systems, opts, print)); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"call 0B", "call 1KB", "call 64KB", "call 1MB", "hostcall 1000"} {
		if got[name] != 8 {
			t.Errorf("%s: %d rows, want 8", name, got[name])
		}
	}
}

type liar struct{}

func (liar) Name() string                { return "liar" }
func (liar) Echo([]byte) ([]byte, error) { return []byte("something"), nil }

// An answer that is wrong is no figure.
func ExampleMeasure() {
	fmt.Println(call.Measure([]call.System{liar{}}, &bench.Options{}, func(bench.Row) {}))
	// Output: call 0B: liar: answered 9 other bytes
}
