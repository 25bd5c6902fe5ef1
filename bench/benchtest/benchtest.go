// Package benchtest holds a case of the benchmark to its contract.
//
//	func TestVerifies(t *testing.T) { benchtest.Verifies(t, &cases[0], nil) }
package benchtest

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/vitrine-run/vitrine/bench"
)

// NeedsResident skips a test where the system does not say how much memory a process has.
func NeedsResident(t testing.TB) {
	t.Helper()
	if _, _, err := bench.Resident(); err != nil {
		t.Skip(err)
	}
}

// Verifies runs a case once, and then once for each of its systems, which lies: the case has to find that out before it
// has a figure of that system. opts may be nil; two rounds of a millisecond will do. It returns the figures of the
// first run.
//
// Every system that the case says it has must be among them, and no other.
func Verifies(t testing.TB, c *bench.Case, opts *bench.Options) []bench.Row {
	t.Helper()
	if c.Name == "" || c.Help == "" || c.Unit == "" || !slices.Contains(c.Systems, bench.Ours) {
		t.Errorf("case[%s]: it needs a name, a sentence, a unit and systems, %s among them", c.Name, bench.Ours)
	}
	o := bench.Options{Rounds: 2, Turn: time.Millisecond, Quick: true}
	if opts != nil {
		o = *opts
	}
	rows := measure(t, c, &o)
	for _, liar := range c.Systems {
		if !slices.ContainsFunc(rows, func(r bench.Row) bool { return r.System == liar }) {
			continue // what it needs is not here
		}
		o.Liar = liar
		err := c.Run(context.Background(), &o, func(r bench.Row) {
			if r.System == liar {
				t.Errorf("case[%s]: %s %s has a figure of answers that are wrong", c.Name, liar, r.Variant)
			}
		})
		if wrong := (*bench.WrongError)(nil); !errors.As(err, &wrong) || wrong.System != liar {
			t.Errorf("case[%s]: %s lies, and the case ends with %v", c.Name, liar, err)
		}
	}
	return rows
}

func measure(t testing.TB, c *bench.Case, o *bench.Options) (rows []bench.Row) {
	t.Helper()
	err := c.Run(context.Background(), o, func(r bench.Row) {
		if r.Case != c.Name || r.Unit == "" && r.Metric == "" || r.N < 1 {
			t.Errorf("case[%s]: %+v", c.Name, r)
		}
		rows = append(rows, r)
	})
	if err != nil {
		t.Fatalf("case[%s]: %v", c.Name, err)
	}
	for _, r := range rows {
		if !slices.Contains(c.Systems, r.System) && r.System != "others" {
			t.Errorf("case[%s]: it does not say that it has %s", c.Name, r.System)
		}
	}
	if len(rows) == 0 || !slices.ContainsFunc(rows, func(r bench.Row) bool { return r.System == bench.Ours }) {
		t.Errorf("case[%s]: there are %d figures, and none of %s", c.Name, len(rows), bench.Ours)
	}
	return rows
}
