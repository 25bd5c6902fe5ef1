package bench_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vitrine-run/vitrine/bench"
)

// inParts is a case of three variants, with a ratio each; before calls are made before the variant of that name.
func inParts(ratio float64, before map[string]func()) bench.Case {
	return bench.Case{Name: "parts", Together: bench.Together, Measure: func(ctx context.Context, r *bench.Run) error {
		var list []string
		for _, v := range []string{"a", "b", "c"} {
			if r.Wanted(v) {
				list = append(list, v)
			}
		}
		for _, v := range list {
			if do := before[v]; do != nil {
				do()
			}
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := r.Verify("wazero", v, nil, nil); err != nil {
				return err
			}
			r.Samples("wazero", v, "ratio", "x", []float64{ratio, ratio, ratio})
		}
		return nil
	}}
}

// kept is what a file has: the ratios, and whether a run was cut.
func kept(t *testing.T, name string) string {
	t.Helper()
	r, err := bench.ReadFiles(name)
	if err != nil {
		return "nothing"
	}
	var list []string
	for _, row := range r.Rows {
		if row.Metric == "ratio" {
			list = append(list, fmt.Sprintf("%s %.3g", row.Variant, row.Value))
		}
		for _, note := range row.Notes {
			list = append(list, strings.SplitAfter(note, ":")[0])
		}
	}
	slices.Sort(list)
	if r.Machine.Cut {
		list = append(list, "cut")
	}
	return strings.Join(list, ", ")
}

// A figure is in a file as soon as it is found, a run that is cut says so, and one that goes on measures the rest.
func TestKeeper(t *testing.T) {
	dir := t.TempDir()
	out, file := filepath.Join(dir, "out.jsonl"), filepath.Join(dir, "parts.jsonl")
	run := func(ratio float64, at string, do func(stop func()), variants ...string) {
		t.Helper()
		ctx, stop := context.WithCancel(context.Background())
		defer stop()
		c := inParts(ratio, map[string]func(){at: func() { do(stop) }})
		k := &bench.Keeper{Machine: bench.Machine{Date: time.Unix(1e9, 0), Load: -1}, Dir: dir, File: out}
		err := bench.RunAll(ctx, []bench.Case{c}, &bench.Options{Variants: variants}, k, func(*bench.Case, []bench.Row) error { return nil })
		if err := errors.Join(k.Close(), err); err != nil && !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
	}
	is := func(when, name, want string) {
		t.Helper()
		if got := kept(t, name); got != want {
			t.Errorf("%s: %s has %q, want %q", when, filepath.Base(name), got, want)
		}
	}
	run(2, "c", func(stop func()) {
		is("under way", file, "nothing")
		is("under way", file+".part", "a 2, b 2, cut")
		is("under way", out+".part", "a 2, b 2, cut")
		stop()
	})
	is("cut", file, "a 2, b 2, cut:, geomean 2, worst 2, cut")
	is("cut", out, "a 2, b 2, cut:, geomean 2, worst 2, cut")
	run(8, "", nil, "b")
	is("one again, and one still missing", file, "a 2, b 8, geomean 4, worst 8, cut")
	is("what was asked for alone", out, "b 8")
	run(4, "", nil, "c")
	is("all there", file, "a 2, b 8, c 4, geomean 4, worst 8")
	run(1, "b", func(stop func()) { stop() })
	is("cut again", file, "a 1, b 8, c 4, cut:, geomean 3.17, worst 8, cut")
	run(1, "", nil)
	is("anew", file, "a 1, b 1, c 1, geomean 1, worst 1")
	is("anew", out, "a 1, b 1, c 1, geomean 1, worst 1")
	if left, _ := filepath.Glob(filepath.Join(dir, "*.part")); len(left) > 0 {
		t.Errorf("%v are left", left)
	}
}

// A run without a system leaves what was counted of it, says that what was timed is gone, and drops no figure of a system that it has.
func TestKeeperOfASystemThatIsGone(t *testing.T) {
	dir := t.TempDir()
	run := func(log *strings.Builder, systems ...string) {
		t.Helper()
		c := bench.Case{Name: "bytes", Measure: func(_ context.Context, r *bench.Run) error {
			for _, s := range systems {
				if err := r.Verify(s, "a", nil, nil); err != nil {
					return err
				}
				switch s {
				case "timed":
					r.Samples(s, "a", "time", "ns", []float64{1, 2, 3})
				case "timed once":
					r.Print(bench.Row{System: s, Variant: "a", Metric: "late", Value: 9, Unit: "ms", N: 1})
				default:
					r.Print(bench.Row{System: s, Variant: "a", Metric: "payload", Value: 9, Unit: "B", N: 1})
				}
			}
			return nil
		}}
		k := &bench.Keeper{Dir: dir}
		if err := bench.RunAll(context.Background(), []bench.Case{c}, &bench.Options{Log: log}, k, func(*bench.Case, []bench.Row) error { return nil }); err != nil {
			t.Fatal(err)
		}
	}
	var log strings.Builder
	run(&log, bench.Ours, "counted", "timed", "timed once")
	run(&log, bench.Ours)
	r, err := bench.ReadFiles(dir)
	if err != nil {
		t.Fatal(err)
	}
	var systems []string
	for _, row := range r.Rows {
		if row.System != "others" {
			systems = append(systems, row.System)
		}
	}
	if want := []string{bench.Ours, "counted"}; !slices.Equal(systems, want) || !strings.Contains(log.String(), "bytes: what was kept of timed, timed once is gone") {
		t.Errorf("%q, want %q; said:\n%s", systems, want, log.String())
	}
}

// The mean of all variants is that of their medians, also of an even number of rounds, and lies with the median of its rounds in the interval that it
// prints, which more rounds make smaller.
func TestTogetherOfTenRounds(t *testing.T) {
	var spreads []float64
	for _, n := range []int{10, 1000} {
		var rows []bench.Row
		var medians []float64
		for v := range 6 {
			r := bench.Row{Case: "c", System: "s", Variant: fmt.Sprint(v), Metric: "ratio", Unit: "x", N: n}
			for i := range n {
				r.Samples = append(r.Samples, 1+0.1*float64(v)+0.2*float64(i*7%n)/float64(n-1))
			}
			r.Value, r.Spread = bench.Middle(r.Samples)
			rows, medians = append(rows, r), append(medians, 1.1+0.1*float64(v))
		}
		mean := bench.Together(rows)[0]
		if math.Abs(mean.Value-bench.Geomean(medians)) > 1e-12 {
			t.Errorf("n=%d: the mean is %v, want %v", n, mean.Value, bench.Geomean(medians))
		}
		if m := bench.Median(mean.Samples); math.Abs(m-mean.Value) > mean.Spread*mean.Value {
			t.Errorf("n=%d: the median of the rounds is %v, and the mean %v ±%.1f %%", n, m, mean.Value, mean.Spread*100)
		}
		spreads = append(spreads, mean.Spread)
	}
	if spreads[0] <= 0 || spreads[1] >= spreads[0] {
		t.Errorf("the spreads are %v", spreads)
	}
}

// A quick run is not kept over what was measured in full, and says what to do; over another quick run it is, and a full one over it.
func TestKeeperOfAQuickRun(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "parts.jsonl")
	measured := 0
	run := func(ratio float64, quick bool) error {
		k := &bench.Keeper{Machine: bench.Machine{Date: time.Unix(1e9, 0), Load: -1}, Dir: dir}
		err := bench.RunAll(context.Background(), []bench.Case{inParts(ratio, map[string]func(){"a": func() { measured++ }})}, &bench.Options{Quick: quick}, k,
			func(*bench.Case, []bench.Row) error { return nil })
		return errors.Join(err, k.Close())
	}
	for i, c := range []struct {
		quick, refused bool
		ratio          float64
	}{{true, false, 1}, {true, false, 2}, {false, false, 4}, {true, true, 4}, {false, false, 8}} {
		before := measured
		err := run(c.ratio, c.quick)
		if errors.Is(err, bench.ErrQuickOverFull) != c.refused || !c.refused && err != nil || c.refused && (!strings.Contains(err.Error(), "--out") || measured > before) {
			t.Errorf("run %d: %v, %d measured", i, err, measured-before)
		}
		if got := kept(t, file); !strings.HasPrefix(got, fmt.Sprintf("a %v, ", c.ratio)) {
			t.Errorf("run %d: %s", i, got)
		}
		r, err := bench.ReadFiles(file)
		if err != nil || r.Machine.Quick != (c.quick && !c.refused) || (len(r.Quick()) > 0) != r.Machine.Quick {
			t.Errorf("run %d: quick %v, of %v; %v", i, r.Machine.Quick, r.Quick(), err)
		}
	}
	quick := &bench.Results{Machine: bench.Machine{Quick: true}, Rows: []bench.Row{{Case: "parts", System: "s", Metric: "m", Value: 1}}}
	if err := quick.Keep(dir); !errors.Is(err, bench.ErrQuickOverFull) {
		t.Errorf("kept from a file: %v", err)
	}
}

// Nothing beside a device is written.
func TestKeeperOfADevice(t *testing.T) {
	k := &bench.Keeper{File: os.DevNull}
	err := bench.RunAll(context.Background(), []bench.Case{inParts(1, map[string]func(){"c": func() {
		if _, err := os.Stat(os.DevNull + ".part"); err == nil {
			t.Error("a part beside a device")
		}
	}})}, &bench.Options{}, k, func(*bench.Case, []bench.Row) error { return nil })
	if err = errors.Join(err, k.Close()); err != nil {
		t.Error(err)
	}
}

// What cannot be kept is said, and does not keep the case from being measured.
func TestKeeperWithoutAFolder(t *testing.T) {
	rows := 0
	k := &bench.Keeper{Dir: filepath.Join(t.TempDir(), "gone")}
	err := bench.RunAll(context.Background(), []bench.Case{inParts(1, nil)}, &bench.Options{}, k, func(_ *bench.Case, list []bench.Row) error {
		rows = len(list)
		return nil
	})
	if !errors.Is(err, os.ErrNotExist) || rows < 5 {
		t.Errorf("%v, %d figures", err, rows)
	}
}

func TestTogether(t *testing.T) {
	row := func(system, variant string, samples ...float64) bench.Row {
		m, spread := bench.Middle(samples)
		return bench.Row{Case: "c", System: system, Variant: variant, Metric: "ratio", Value: m, Unit: "x", N: len(samples), Spread: spread, Samples: samples}
	}
	bare := row("bare", "b", 9)
	bare.Samples = nil
	for _, c := range []struct {
		name string
		rows []bench.Row
		want string
	}{
		{"one alone", []bench.Row{row("s", "a", 1, 2, 3)}, ""},
		{"rounds", []bench.Row{row("s", "a", 1, 1, 1), row("s", "b", 4, 4, 9)}, "geomean 2 ±50% [2 2 3] n=3, worst 4 ±62% [4 4 9] n=3"},
		{"fewer of one", []bench.Row{row("s", "a", 1, 1, 1), row("s", "b", 4, 16)}, "geomean 3.16 ±37% [2 4] n=2, worst 10 ±60% [4 16] n=2"},
		{"of each system", []bench.Row{row("s", "a", 1), row("z", "a", 2), row("s", "b", 4), row("z", "b", 8)},
			"geomean 2 ±0% [2] n=1, worst 4 ±0% [4] n=1, geomean 4 ±0% [4] n=1, worst 8 ±0% [8] n=1"},
		{"what is one already", []bench.Row{row("s", "geomean", 1), row("s", "worst", 4), row("s", "all", 4)}, ""},
		{"no rounds", []bench.Row{row("bare", "a", 1, 1), bare}, "geomean 3 ±0% [] n=1, worst 9 ±0% [] n=1"},
	} {
		var list []string
		for _, r := range bench.Together(c.rows) {
			list = append(list, fmt.Sprintf("%s %.3g ±%.0f%% %.3g n=%d", r.Variant, r.Value, r.Spread*100, r.Samples, r.N))
		}
		if got := strings.Join(list, ", "); got != c.want {
			t.Errorf("%s: %s\nwant %s", c.name, got, c.want)
		}
	}
}
