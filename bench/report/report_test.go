package report_test

import (
	"bytes"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/vitrine-run/vitrine/bench"
	"github.com/vitrine-run/vitrine/bench/report"
)

func draw(t *testing.T, results *bench.Results) string {
	t.Helper()
	var b bytes.Buffer
	if err := report.Write(&b, results, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := html.Parse(bytes.NewReader(b.Bytes())); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestReport(t *testing.T) {
	f, err := os.Open("testdata/results.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	results, err := bench.Read(f)
	if err != nil {
		t.Fatal(err)
	}
	got := draw(t, results)
	for _, want := range []string{
		"In short", "3 of 15 reached, 2 too near to tell", "not measured", "✓<i> reached", "≈<i> too near to tell", "✗<i> falls short", // targets
		`<rect class="ours"`, `class="line s0 ours"`, `<path class="dot s1"`, `<dl class="single">`, "logarithmic", // charts of each kind
		"What metering costs", "how late it is gone: distribution", "how late it is gone: median, p99 and longest", "How each was set up", "someone-elses", // cases known and unknown
		"<td class=\"n\">420 ns</td>", // the figures
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the page does not have %q", want)
		}
	}
	for _, not := range []string{"http://", "https://", "<script", "NaN", "Inf"} {
		if strings.Contains(got, not) {
			t.Errorf("the page has %q", not)
		}
	}
	if i, j := strings.Index(got, `<section id="metering"`), strings.Index(got, `<section id="call"`); i < 0 || j < i {
		t.Errorf("metering is at %d, call at %d", i, j)
	}
}

// What has changed since an earlier run is in the page: what differs by more than chance, the most first, and what is exact.
func TestReportChanges(t *testing.T) {
	run := func(call, same, bytes float64) *bench.Results {
		samples := func(v float64) (list []float64) {
			for i := range 12 {
				list = append(list, v*(1+float64(i)/1000))
			}
			return list
		}
		row := func(variant string, v float64) bench.Row {
			return bench.Row{Case: "call", System: "<b>", Variant: variant, Metric: "time", Value: v, Unit: "ns", N: 12, Spread: 0.01, Samples: samples(v)}
		}
		return &bench.Results{Rows: []bench.Row{row("0B", 10*call), row("1KB", call), row("1MB", same),
			{Case: "bytes", System: "vitrine", Variant: "step", Metric: "payload", Value: bytes, Unit: "B", N: 1}}}
	}
	var b bytes.Buffer
	if err := report.Write(&b, run(90, 70, 7), run(100, 70, 9)); err != nil {
		t.Fatal(err)
	}
	got := b.String()
	_, rest, ok := strings.Cut(got, `<h2 id="changes">`)
	rest, _, _ = strings.Cut(rest, "</section>")
	if !ok || strings.Count(rest, "<tr>") != 4 || strings.Contains(rest, "1MB") || strings.Contains(got, "<td><b></td>") {
		t.Fatal(rest)
	}
	for _, want := range []string{"0 of 0 ratios and 1 of 3 figures", "&lt;b&gt;", "<b>-10.0%</b>", "<b>-22.2%</b>", "&lt; 0.001"} {
		if !strings.Contains(rest, want) {
			t.Errorf("no %q in %s", want, rest)
		}
	}
	if strings.Index(rest, "payload") > strings.Index(rest, "1KB") {
		t.Error("the largest change is not the first")
	}
	if got := draw(t, run(1, 2, 3)); strings.Contains(got, `id="changes"`) {
		t.Error("there is no earlier run, and something has changed")
	}
}

func TestReportEscapes(t *testing.T) {
	const evil = `"><script>alert(1)</script>`
	var rows []bench.Row
	for _, metric := range []string{"time", "ratio", "x_p50", evil} {
		for _, variant := range []string{evil, "1" + evil, "2", "3"} {
			rows = append(rows, bench.Row{Case: evil, System: evil, Variant: variant, Metric: metric, Value: 1, Unit: evil, Spread: -3})
		}
	}
	got := draw(t, &bench.Results{Machine: bench.Machine{CPU: evil, System: evil, Command: evil, Versions: map[string]string{evil: evil}}, Rows: rows})
	if strings.Contains(got, "<script") {
		t.Error("a name became a script")
	}
}

// Scales of what is immense, or minute, or the same but for a bit, have few lines and an end.
func TestReportOfExtremes(t *testing.T) {
	row := func(system, metric string, value, spread float64) bench.Row {
		return bench.Row{Case: "kill", System: system, Variant: "all", Metric: metric, Value: value, Spread: spread, Unit: "x"}
	}
	for _, rows := range [][]bench.Row{
		{row("wazero", "ratio", 1.7e308, 0.1), row("go", "ratio", 1, 0.1)},
		{row("wazero", "ratio", 1.7e308, 1.7e308), row("go", "ratio", 5e-324, 0.1)},
		{row("vitrine", "late_p50", 1e17, 0), row("vitrine", "late_p99", 1e17+16, 0)},
		{row("wazero", "time", 5e-324, 0), row("go", "time", 5e-324, 0)},
	} {
		got := draw(t, &bench.Results{Rows: rows})
		if n := strings.Count(got, `class="tick"`); n > 20 || strings.Contains(got, "NaN") {
			t.Errorf("%v: %d lines", rows, n)
		}
	}
}

// Runs that were put together say of each case when and how it was measured, and what was left out of it.
func TestReportSaysHowEachWasMeasured(t *testing.T) {
	machine := bench.Machine{Date: time.Date(2026, 1, 2, 3, 4, 0, 0, time.UTC), Load: 1.5, Command: "vitrine bench --only call"}
	got := draw(t, &bench.Results{Machine: machine, Machines: map[string]bench.Machine{"call": machine}, Rows: []bench.Row{
		{Case: "call", System: "vitrine", Variant: "1KB", Metric: "time", Value: 420, Unit: "ns"},
		{Case: "call", System: "others", Variant: "all", Metric: "processors", Unit: bench.Share, Notes: []string{"wazero is left out: it fails <without> its host"}},
		{Case: "fuel", System: "vitrine", Variant: "f", Metric: "total", Value: 1, Unit: "units"},
		{Case: "fuel", System: "vitrine", Variant: "g", Metric: "total", Value: 1, Unit: "units"},
	}})
	for _, want := range []string{"2 January 2026, 03:04", "load 1.5", "vitrine bench --only call", "wazero is left out: it fails &lt;without&gt; its host", "fuel with what they called"} {
		if !strings.Contains(got, want) {
			t.Errorf("the page does not have %q", want)
		}
	}
	if strings.Contains(got, "end of layout") {
		t.Error("fuel has the title of a time")
	}
}

func FuzzReport(f *testing.F) {
	f.Add("call", "1KB", "time", 420.0, 0.02, "ratio", -1.0)
	f.Add("kill", "all", "late_p99", 0.0, 1e300, "late_max", 1e-300)
	f.Fuzz(func(t *testing.T, name, variant, metric string, value, spread float64, metric2 string, value2 float64) {
		rows := []bench.Row{
			{Case: name, System: bench.Ours, Variant: variant, Metric: metric, Value: value, Unit: "ms", Spread: spread},
			{Case: name, System: "other", Variant: variant, Metric: metric2, Value: value2, Unit: "x", Spread: spread},
			{Case: name, System: "other", Variant: variant + "2", Metric: metric, Value: value2, Unit: "ns", Spread: -spread},
		}
		if err := report.Write(io.Discard, &bench.Results{Rows: rows}, nil); err != nil {
			t.Fatal(err)
		}
	})
}

// Variants that have the names of systems, "go" for one, are told from each other by what they are called, and a long name has room.
func TestDistributionOfVariants(t *testing.T) {
	row := func(variant string) bench.Row {
		q := make([]float64, 101)
		for i := range q {
			q[i] = float64(i + 1)
		}
		return bench.Row{Case: "idle", System: "vitrine", Variant: variant, Metric: "revive_p50", Value: 50, Unit: "us", N: 1000, Quantiles: q}
	}
	got := draw(t, &bench.Results{Rows: []bench.Row{row("c"), row("go"), row("a thousand mounts, 5/s, server")}})
	if strings.Contains(got, "native Go</text>") || !strings.Contains(got, ">go</text>") {
		t.Error("a guest in Go is called native Go")
	}
	at := regexp.MustCompile(`<text class="name s\d" x="([\d.]+)" y="[\d.]+">a thousand mounts, 5/s, server`).FindStringSubmatch(got)
	if at == nil {
		t.Fatal("no name at its curve")
	}
	if x, err := strconv.ParseFloat(at[1], 64); err != nil || x > 760-8*30 {
		t.Errorf("it begins at %v, and would be cut", at[1])
	}
}
