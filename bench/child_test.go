package bench_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/vitrine-run/vitrine/bench"
	"github.com/vitrine-run/vitrine/bench/benchtest"
)

// apart measures in a process of its own, which is this test's program again.
var apart = bench.Case{
	Name: "apart", Measure: func(ctx context.Context, r *bench.Run) error { return r.Apart(ctx, "left", "right") },
	Child: func(_ context.Context, r *bench.Run, args []string) error {
		err := r.Verify(bench.Ours, "x", []byte(strings.Join(args[:2], " ")), []byte("left right"))
		rss, pss, known := bench.Resident()
		r.Print(bench.Row{System: bench.Ours, Variant: "x", Metric: "rss", Value: rss - pss, N: os.Getpid()})
		if len(args) > 2 {
			return errors.New("it has failed")
		}
		if err == nil {
			err = known
		}
		return err
	},
}

func TestMain(m *testing.M) {
	if asked, code := bench.ServeChild(os.Args[1:], func() []bench.Case { return []bench.Case{apart} }); asked {
		os.Exit(code)
	}
	os.Exit(m.Run())
}

// What a process has found before it failed is not lost, nor what it said.
func TestApartFailsAfterFigures(t *testing.T) {
	benchtest.NeedsResident(t)
	n := 0
	c := apart
	c.Measure = func(ctx context.Context, r *bench.Run) error { return r.Apart(ctx, "left", "right", "then fail") }
	err := c.Run(context.Background(), nil, func(bench.Row) { n++ })
	if err == nil || !strings.Contains(err.Error(), "it has failed") || n != 1 {
		t.Errorf("%d figures, and %v", n, err)
	}
}

func TestApart(t *testing.T) {
	benchtest.NeedsResident(t)
	var rows []bench.Row
	if err := apart.Run(context.Background(), nil, func(r bench.Row) { rows = append(rows, r) }); err != nil {
		t.Fatal(err)
	}
	if rows[0].Metric != "rss" || rows[0].Value < 0 || rows[0].N == os.Getpid() {
		t.Errorf("%+v", rows)
	}
	if err := apart.Run(context.Background(), &bench.Options{Liar: bench.Ours}, func(bench.Row) {}); err == nil {
		t.Error("a child that lies is believed")
	}
}
