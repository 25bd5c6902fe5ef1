package call_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/vitrine-run/vitrine/bench"
	"github.com/vitrine-run/vitrine/bench/benchtest"
	"github.com/vitrine-run/vitrine/bench/call"
)

// Every case gives figures for every system, and ratios for those that are not ours.
func TestMeasure(t *testing.T) {
	got := map[string]int{}
	cases := call.Cases(call.Light())
	for i := range cases {
		for _, r := range benchtest.Verifies(t, &cases[i], &bench.Options{Rounds: 2, Turn: time.Millisecond}) {
			if got[r.Case+" "+r.Variant]++; r.Metric == "time" && r.Value <= 0 {
				t.Errorf("%+v", r)
			}
		}
	}
	for _, name := range []string{"call 0B", "call 1KB", "call 64KB", "call 1MB", "hostcall 1000 in a loop"} {
		if got[name] != 11 {
			t.Errorf("%s: %d rows, want 11", name, got[name])
		}
	}
}

type liar struct{}

func (liar) Name() string                { return "liar" }
func (liar) Echo([]byte) ([]byte, error) { return []byte("something"), nil }

// An answer that is wrong is no figure.
func ExampleCases() {
	made := func(context.Context) (call.System, func(), error) { return liar{}, func() {}, nil }
	cases := call.Cases([]call.Maker{{Name: "liar", Make: made}})
	fmt.Println(cases[0].Run(context.Background(), &bench.Options{Variants: []string{"0B"}}, func(bench.Row) {}))
	// Output: 0B: liar answered "something" and not ""
}
