package bench_test

import (
	"bytes"
	"context"
	"errors"
	"math"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vitrine-run/vitrine/bench"
)

func TestStatistics(t *testing.T) {
	for _, c := range []struct {
		values         []float64
		median, spread float64
	}{
		{nil, 0, 0},
		{[]float64{3}, 3, 0},
		{[]float64{4, 1, 3, 2, 5}, 3, 1.0 / 3},
		{[]float64{0, 0, 0}, 0, 0}, {[]float64{4, 1, 3, 2}, 2.5, 0.4},
		{[]float64{10, 1, 9, 2, 8, 3, 7, 4, 6, 5}, 5.5, 2.5 / 5.5}, {[]float64{math.MaxFloat64, math.MaxFloat64}, math.MaxFloat64, 0},
	} {
		if m, s := bench.Middle(c.values); m != c.median || math.Abs(s-c.spread) > 1e-12 {
			t.Errorf("Middle(%v) = %v, %v, want %v, %v", c.values, m, s, c.median, c.spread)
		}
	}
	values := []float64{9, 1, 5}
	if q := bench.Quantile(values, 1); q != 9 || values[0] != 9 {
		t.Errorf("Quantile gives %v and leaves %v", q, values)
	}
	hundred := make([]float64, 100)
	for i := range hundred {
		hundred[i] = float64(i + 1)
	}
	for _, part := range []float64{0.01, 0.07, 0.29, 0.5, 0.99, 1} {
		if q := bench.Quantile(hundred, part); q != math.Round(part*100) {
			t.Errorf("Quantile of 1 to 100 gives %v for %v", q, part)
		}
	}
	for _, c := range []struct {
		values []float64
		want   float64
	}{{[]float64{1, 4}, 2}, {nil, 0}, {[]float64{1, 0}, 0}} {
		if g := bench.Geomean(c.values); math.Abs(g-c.want) > 1e-12 {
			t.Errorf("Geomean(%v) = %v, want %v", c.values, g, c.want)
		}
	}
}

// measure runs a case of one race.
func measure(o *bench.Options, want []byte, racers []bench.Racer) (rows []bench.Row, err error) {
	c := bench.Case{Name: "call", Measure: func(_ context.Context, r *bench.Run) error { return r.Race("1KB", want, racers) }}
	err = c.Run(context.Background(), o, func(r bench.Row) {
		if r.System != "others" {
			rows = append(rows, r)
		}
	})
	return rows, err
}

func TestRaceTakesTurns(t *testing.T) {
	var order []string
	racer := func(name string) bench.Racer {
		return bench.Racer{System: name, Per: 2, Answer: func() ([]byte, error) {
			order = append(order, name)
			time.Sleep(2 * time.Millisecond)
			return nil, nil
		}}
	}
	rows, err := measure(&bench.Options{Rounds: 4, Turn: time.Millisecond}, nil, []bench.Racer{racer(bench.Ours), racer("other")})
	if err != nil {
		t.Fatal(err)
	}
	order = slices.Compact(order[4:]) // without the calls that verify and calibrate
	if want := []string{bench.Ours, "other", bench.Ours, "other", bench.Ours}; !slices.Equal(order, want) {
		t.Errorf("the turns were %v, want %v: every other round in the opposite order", order, want)
	}
	var metrics []string
	for _, r := range rows {
		metrics = append(metrics, r.System+" "+r.Metric)
		if r.Metric == "time" && (r.Value < 1e6 || len(r.Samples) != 4) {
			t.Errorf("%s: %v ns an operation from %d rounds, want at least 1 ms from 4", r.System, r.Value, len(r.Samples))
		}
	}
	if want := []string{"vitrine time", "vitrine allocated", "other time", "other allocated", "other ratio"}; !slices.Equal(metrics, want) {
		t.Errorf("reported %v, want %v", metrics, want)
	}
}

// A wrong answer ends a race: the first one, a later one, one that fails, and one of a liar.
func TestRaceEndsWithAWrongAnswer(t *testing.T) {
	broken := errors.New("broken")
	for name, c := range map[string]struct {
		wrong   int // the call with the wrong answer
		failure error
		liar    string
		want    string
	}{
		"first": {wrong: 1, want: `1KB: other answered "5" and not "4"`}, "later": {wrong: 9, want: `other answered "5" and not "4"`},
		"fails": {failure: broken, want: "1KB: other: broken"}, "lies": {liar: "other", want: `1KB: other answered "4 of a liar"`},
	} {
		calls := 0
		rows, err := measure(&bench.Options{Rounds: 50, Liar: c.liar}, []byte("4"), []bench.Racer{{System: "other", Answer: func() ([]byte, error) {
			if calls++; calls == c.wrong {
				return []byte("5"), nil
			}
			return []byte("4"), c.failure
		}}})
		if wrong := (*bench.WrongError)(nil); c.failure == nil && !errors.As(err, &wrong) || c.failure != nil && !errors.Is(err, c.failure) ||
			!strings.Contains(err.Error(), c.want) || len(rows) > 0 {
			t.Errorf("%s: the race ended with %v and %d figures", name, err, len(rows))
		}
	}
}

func TestRoundsOf(t *testing.T) {
	for _, c := range []struct {
		full, quick int
		o           bench.Options
		want        int
	}{
		{0, 0, bench.Options{}, 15}, {0, 0, bench.Options{Quick: true}, 5}, {100, 7, bench.Options{}, 100}, {3, 7, bench.Options{}, 10},
		{100, 7, bench.Options{Quick: true}, 7}, {100, 7, bench.Options{Quick: true, Rounds: 2}, 2},
	} {
		got := 0
		k := bench.Case{Rounds: c.full, Quick: c.quick, Measure: func(_ context.Context, r *bench.Run) error { got = r.RoundsOf(); return nil }}
		if err := k.Run(context.Background(), &c.o, func(bench.Row) {}); err != nil || got != c.want {
			t.Errorf("%+v: %d rounds, %v", c, got, err)
		}
	}
}

func TestChoose(t *testing.T) {
	all := []bench.Case{{Name: "a"}, {Name: "b", Long: true}, {Name: "c"}}
	for _, c := range []struct {
		quick bool
		names []string
		want  string
	}{{false, nil, "abc"}, {true, nil, "ac"}, {true, []string{"b"}, "b"}, {false, []string{"c", "a"}, "ac"}, {false, []string{"d"}, "there is no case"}} {
		list, err := bench.Choose(all, &bench.Options{Quick: c.quick}, c.names)
		got := ""
		for _, k := range list {
			got += k.Name
		}
		if err != nil {
			got = err.Error()
		}
		if !strings.HasPrefix(got, c.want) {
			t.Errorf("%+v: %s", c, got)
		}
	}
}

// One case that fails does not keep the others from being measured, and what it found is not lost.
func TestRunAll(t *testing.T) {
	good := func(_ context.Context, r *bench.Run) error {
		r.Note("without %s", "Node")
		err := r.Verify(bench.Ours, "x", nil, nil)
		r.Quantiles(bench.Ours, "x", "late", "ms", make([]float64, 1000))
		return err
	}
	bad := func(ctx context.Context, r *bench.Run) error { return errors.Join(good(ctx, r), errors.New("no room")) }
	var log strings.Builder
	found := ""
	err := bench.RunAll(context.Background(), []bench.Case{{Name: "bad", Measure: bad}, {Name: "good", Measure: good, Takes: time.Minute}}, &bench.Options{Log: &log}, nil,
		func(c *bench.Case, rows []bench.Row) error {
			for _, r := range rows {
				if r.System == bench.Ours {
					found += " " + c.Name + r.Metric
				}
			}
			return nil
		})
	if err == nil || err.Error() != "bad: no room" || found != " badlate_p50 badlate_p99 badlate_max goodlate_p50 goodlate_p99 goodlate_max" {
		t.Errorf("%v, found%s", err, found)
	}
	for _, want := range []string{"1 of 2", "2 of 2", "1m1s left", "bad: without Node\n"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log does not have %q:\n%s", want, log.String())
		}
	}
}

// What a case says of its being interrupted is not taken for its fault, and no other begins.
func TestRunAllInterrupted(t *testing.T) {
	ctx, interrupt := context.WithCancel(context.Background())
	begun := 0
	cut := func(context.Context, *bench.Run) error {
		begun++
		interrupt()
		return errors.New("a plugin answered wrongly")
	}
	err := bench.RunAll(ctx, []bench.Case{{Name: "one", Measure: cut}, {Name: "two", Measure: cut}}, &bench.Options{}, nil, func(*bench.Case, []bench.Row) error { return nil })
	if !errors.Is(err, context.Canceled) || strings.Contains(err.Error(), "wrongly") || !strings.Contains(err.Error(), "interrupted in one") || begun != 1 {
		t.Errorf("%v, %d begun", err, begun)
	}
}

// figure is a line of results with that in it.
func figure(fields string) string { return `{"case":"c","system":"s","metric":"m",` + fields + `}` }

func TestResults(t *testing.T) {
	want := &bench.Results{Machine: bench.ThisMachine([]string{"vitrine", "bench"}), Rows: []bench.Row{
		{Case: "call", System: "vitrine", Variant: "1KB", Metric: "time", Value: 420, Unit: "ns", N: 3, Spread: 0.02, Samples: []float64{1, 420, 999}},
		{Case: "call", System: "wazero", Variant: "1KB", Metric: "ratio", Value: 1.04, Unit: "x", N: 3},
	}}
	var b bytes.Buffer
	if err := want.Write(&b); err != nil {
		t.Fatal(err)
	}
	got, err := bench.Read(&b)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("read %+v, %v\nwant %+v", got, err, want)
	}
	for text, want := range map[string]string{
		"{}\n":                       "line 1: a figure needs",
		"\n{\"case\":\"call\"}":      "line 2: a figure needs",
		"[1]":                        "line 1: json",
		`{"case":"a","value":1e999}`: "line 1: json",
		`{"case":"` + strings.Repeat("a", 300) + `","system":"s","metric":"m","value":1}`: "longer than",
		figure(`"value":null`):                                        "line 1: a figure needs a value",
		figure(`"n":3`):                                               "needs a value",
		figure(`"value":1.7e308`):                                     "1.7e+308 is not a figure",
		figure(`"value":1,"spread":-1`):                               "-1 is not a spread",
		figure(`"value":1,"spread":1e300`):                            "1e+300 is not a spread",
		figure(`"value":-5,"unit":"ns"`):                              "m: a time is not below nothing",
		figure(`"value":5,"unit":"ms","samples":[5,-1]`):              "m: a time is not below nothing",
		figure(`"value":1,"n":-1`):                                    "fewer rounds than none",
		figure(`"value":1,"samples":[1,1e300]`):                       "1e+300 is not a figure of a round",
		figure(`"value":1,"quantiles":[1e300]`):                       "1e+300 is not a figure of a round",
		figure(`"value":1,"variant":"\u001b[2JEVIL\u0007"`):           "characters that are not printed",
		figure(`"value":1,"notes":["\u001b[2J"]`):                     "characters that are not printed",
		`{"machine":{"cpu":"\u001b[31m"}}`:                            "characters that are not printed",
		`{"machine":{"versions":{"go":"1\n2"}}}`:                      "characters that are not printed",
		`{"machine":{"nice":-21}}`:                                    "no priority",
		`{"machine":{"cores":-1}}`:                                    "no machine",
		`{"machine":{"command":"` + strings.Repeat("a", 2000) + `"}}`: "longer than",
		"\n" + strings.Repeat("a", 2<<20):                             "line 2 is longer than",
	} {
		if _, err := bench.Read(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: %v, want %q", text, err, want)
		}
	}
}

// What a run writes can be read back, whatever words it was started with and whatever an engine said.
func TestWhatIsWrittenIsRead(t *testing.T) {
	var log strings.Builder
	long := strings.Repeat("é", 700)
	c := bench.Case{Name: "call", Measure: func(_ context.Context, r *bench.Run) error {
		r.Note("wasm error:\tunreachable\n%s", long)
		if err := r.Verify(bench.Ours, long, nil, nil); err != nil {
			return err
		}
		r.Samples(bench.Ours, long, "time", "ns", []float64{1})
		return nil
	}}
	file := filepath.Join(t.TempDir(), "out.jsonl")
	k := &bench.Keeper{Machine: bench.ThisMachine([]string{"vitrine", "bench", "a\x1b[2J\tb", long}), File: file}
	err := errors.Join(bench.RunAll(context.Background(), []bench.Case{c}, &bench.Options{Log: &log}, k, func(*bench.Case, []bench.Row) error { return nil }), k.Close())
	if err != nil {
		t.Fatal(err)
	}
	r, err := bench.ReadFiles(file)
	if err != nil {
		t.Fatal(err)
	}
	if got := r.Machine.Command; !strings.HasPrefix(got, "vitrine bench a\uFFFD[2J b é") || !strings.HasSuffix(got, "é") || len(got) < 900 {
		t.Errorf("the command is %q", got)
	}
	if !strings.Contains(log.String(), "wasm error: unreachable é") {
		t.Errorf("the note is %q", log.String())
	}
}

// What costs more than another may cost less.
func TestReadOfADifference(t *testing.T) {
	if _, err := bench.Read(strings.NewReader(`{"case":"policy","system":"wazero","metric":"over","value":-5,"unit":"ns"}`)); err != nil {
		t.Error(err)
	}
}

func TestCompare(t *testing.T) {
	around := func(v float64) (samples []float64) {
		for i := range 12 {
			samples = append(samples, v*(1+float64(i%5)/100))
		}
		return samples
	}
	row := func(variant string, samples []float64) bench.Row {
		m, _ := bench.Middle(samples)
		return bench.Row{Case: "call", System: "vitrine", Variant: variant, Metric: "time", Unit: "ns", Value: m, N: 12, Samples: samples}
	}
	bare := row("bare", around(5))
	bare.Samples = nil
	old := &bench.Results{Rows: []bench.Row{row("same", around(100)), row("slower", around(100)), bare, row("gone", around(1))}}
	now := &bench.Results{Rows: []bench.Row{row("same", around(100)), row("slower", around(150)), bare, row("new", around(1))}}
	deltas := bench.Compare(old, now)
	if len(deltas) != 3 {
		t.Fatalf("compared %d figures, want the 3 that both have", len(deltas))
	}
	if deltas[0].Differs() || !deltas[1].Differs() || deltas[2].Differs() || deltas[2].P != -1 {
		t.Errorf("differs: %v %v %v", deltas[0], deltas[1], deltas[2])
	}
	var b strings.Builder
	if err := bench.WriteDeltas(&b, deltas); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"~  1.000  12+12\n", "+50%  0.000  12+12  outside\n", "1 figures that have no rounds are the same", "\n0 of 0 ratios agree within their spreads, and 1 of 2 figures in all\n"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the table does not say %q:\n%s", want, b.String())
		}
	}
	if strings.Contains(b.String(), "bare") {
		t.Errorf("the table has what is exact and the same:\n%s", b.String())
	}
}

// Two runs in files say in one line how many of their ratios agree; what is exact is told where it has changed alone.
func TestCompareFiles(t *testing.T) {
	write := func(name string, ratio, bytes float64) *bench.Results {
		t.Helper()
		file := filepath.Join(t.TempDir(), name)
		r := &bench.Results{Rows: []bench.Row{
			{Case: "call", System: "wazero", Variant: "0B", Metric: "ratio", Value: ratio, Unit: "x", N: 10, Spread: 0.05, Samples: []float64{ratio * 0.95, ratio, ratio * 1.05}},
			{Case: "call", System: "wazero", Variant: "1KB", Metric: "ratio", Value: 2, Unit: "x", N: 10, Spread: 0.01, Samples: []float64{1.98, 2, 2.02}},
			{Case: "bytes", System: "vitrine", Variant: "swap", Metric: "payload", Value: bytes, Unit: "B", N: 1},
		}}
		if err := bench.WriteFile(file, r.Write); err != nil {
			t.Fatal(err)
		}
		back, err := bench.ReadFiles(file)
		if err != nil {
			t.Fatal(err)
		}
		return back
	}
	old := write("old.jsonl", 1, 18)
	for _, c := range []struct {
		name         string
		ratio, bytes float64
		want, not    string
	}{
		{"again", 1, 18, "2 of 2 ratios agree within their spreads", "payload"},
		{"near", 1.09, 18, "2 of 2 ratios agree within their spreads", "outside"},
		{"far", 1.2, 18, "1 of 2 ratios agree within their spreads", "payload"},
		{"bytes", 1, 19, "19 B  +5.56%\n", "left out"},
	} {
		var b strings.Builder
		if err := bench.WriteDeltas(&b, bench.Compare(old, write("new.jsonl", c.ratio, c.bytes))); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(b.String(), c.want) || strings.Contains(b.String(), c.not) {
			t.Errorf("%s: want %q and not %q:\n%s", c.name, c.want, c.not, b.String())
		}
	}
}

// What chance makes of runs that have nothing in common can be counted: of all ways to deal 2n rounds to two runs, two
// are as far apart. benchstat says the same of such samples: p=0.008 n=5.
func TestCompareIsExact(t *testing.T) {
	for _, c := range []struct {
		n    int
		p    float64
		same bool
	}{{3, 2. / 20, true}, {4, 2. / 70, false}, {5, 2. / 252, false}, {10, 2. / 184756, false}} {
		run := func(from float64) *bench.Results {
			r := bench.Row{Case: "call", System: "vitrine", Variant: "1KB", Metric: "time", N: c.n}
			for i := range c.n {
				r.Samples = append(r.Samples, from+float64(i))
			}
			r.Value, r.Spread = bench.Middle(r.Samples)
			return &bench.Results{Rows: []bench.Row{r}}
		}
		d := bench.Compare(run(1000), run(2000))[0]
		if d.Few != c.same {
			t.Errorf("n=%d: too few %v", c.n, d.Few)
		}
		var b strings.Builder
		if err := bench.WriteDeltas(&b, []bench.Delta{d}); err != nil || strings.Contains(b.String(), "  need >= 4  ") != c.same || strings.Contains(b.String(), "~") {
			t.Errorf("n=%d: %v\n%s", c.n, err, b.String())
		}
		if math.Abs(d.P-c.p) > 1e-6 || d.Differs() == c.same {
			t.Errorf("n=%d: p=%g, differs %v; want p=%g", c.n, d.P, d.Differs(), c.p)
		}
	}
}

func TestFigure(t *testing.T) {
	for _, c := range []struct {
		v    float64
		unit string
		want string
	}{
		{420, "ns", "420 ns"}, {1234, "ns", "1.23 µs"}, {999.9, "us", "1.00 ms"}, {12.34, "ms", "12.3 ms"}, {2, "s", "2 s"},
		{1.0449, "x", "1.04x"}, {0.0312, "x", "0.031x"}, {1.8e-5, "x", "0.000018x"}, {1e-4, "x", "0.0001x"}, {0.099, "x", "0.099x"}, {-0.05, "x", "-0.05x"}, {14, "B", "14 B"}, {600, "MB", "600 MB"}, {1 << 20, "B", "1.05 MB"}, {0, "ns", "0 ns"},
		{3, "", "3"}, {1e300, "B", "1e+291 GB"}, {5, "\x1b[2J", "5 \uFFFD[2J"}, {250, "frames", "250 frames"},
	} {
		if got := bench.Figure(c.v, c.unit); got != c.want {
			t.Errorf("Figure(%v, %q) = %q, want %q", c.v, c.unit, got, c.want)
		}
	}
}

func TestBinaryAndCount(t *testing.T) {
	for v, want := range map[float64]string{0: "0 B", 8: "8 B", 1024: "1 KiB", 13926: "13.6 KiB", 32 << 20: "32 MiB", 3 << 40: "3072 GiB"} {
		if got := bench.Binary(v); got != want {
			t.Errorf("Binary(%v) = %q, want %q", v, got, want)
		}
	}
	for n, want := range map[int]string{0: "0", 100: "100", 1000: "1,000", 10_000_000: "10,000,000", -999: "-999", -1234: "-1,234"} {
		if got := bench.Count(n); got != want {
			t.Errorf("Count(%d) = %q, want %q", n, got, want)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"machine":{"cpu":"x"}}` + "\n" + `{"case":"call","system":"vitrine","metric":"time","value":1,"samples":[1,2]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := bench.Read(bytes.NewReader(b))
		if err != nil {
			return
		}
		if err := bench.WriteTable(new(strings.Builder), r.Rows, len(b)%2 == 0); err != nil {
			t.Fatal(err)
		}
		bench.Compare(r, r)
	})
}
