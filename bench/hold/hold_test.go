package main

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/vitrine-run/vitrine/bench"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// Each bomb ends in the fault that it says; how fast is for the program to measure.
func TestBombsEndAsTheySay(t *testing.T) {
	ctx := context.Background()
	b := &run{dir: "../../runtime/testdata/bombs"}
	list, err := b.load()
	if err != nil || len(list) < 40 {
		t.Fatalf("%d bombs, %v", len(list), err)
	}
	for i := range list {
		bo := &list[i]
		if testing.Short() && i%5 != 0 {
			continue
		}
		t.Run(bo.name, func(t *testing.T) {
			wall := deadline
			if bo.fault != "deadline" {
				wall = 10 * time.Second
			}
			g, err := newGuest(ctx, bo, wall)
			if err != nil {
				t.Fatal(err)
			}
			defer g.rt.Close(ctx)
			if err := g.explode(ctx); !endsIn(err, bo.fault) {
				t.Errorf("ended in %v, not in %s", err, bo.fault)
			}
		})
	}
}

func TestCases(t *testing.T) {
	var rows []bench.Row
	b := &run{dir: "../../runtime/testdata/bombs", only: "fib", runs: 2, watch: 20 * time.Millisecond,
		print: func(r bench.Row) { rows = append(rows, r) }}
	for _, f := range []func(context.Context) error{b.kill, b.freeze, b.fairness} {
		if err := f(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	seen := map[string]int{}
	for _, r := range rows {
		seen[r.Case]++
	}
	if got := fmt.Sprint(seen); got != "map[fairness:2 freeze:21 kill:12]" {
		t.Errorf("rows: %s", got)
	}
}
