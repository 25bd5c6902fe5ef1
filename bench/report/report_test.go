package report_test

import (
	"bytes"
	"io"
	"os"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/vitrine-run/vitrine/bench"
	"github.com/vitrine-run/vitrine/bench/report"
)

func draw(t *testing.T, results *bench.Results) string {
	t.Helper()
	var b bytes.Buffer
	if err := report.Write(&b, results); err != nil {
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
		"In short", "4 of 15 reached", "not measured", "✓<i> reached", "✗<i> falls short", // targets
		`<rect class="ours"`, `class="line s0 ours"`, `<path class="dot s1"`, `<dl class="single">`, "logarithmic", // charts of each kind
		"What metering costs", "late distribution", "late median, p99 and longest", "How each was set up", "someone-elses", // cases known and unknown
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

func FuzzReport(f *testing.F) {
	f.Add("call", "1KB", "time", 420.0, 0.02, "ratio", -1.0)
	f.Add("kill", "all", "late_p99", 0.0, 1e300, "late_max", 1e-300)
	f.Fuzz(func(t *testing.T, name, variant, metric string, value, spread float64, metric2 string, value2 float64) {
		rows := []bench.Row{
			{Case: name, System: bench.Ours, Variant: variant, Metric: metric, Value: value, Unit: "ms", Spread: spread},
			{Case: name, System: "other", Variant: variant, Metric: metric2, Value: value2, Unit: "x", Spread: spread},
			{Case: name, System: "other", Variant: variant + "2", Metric: metric, Value: value2, Unit: "ns", Spread: -spread},
		}
		if err := report.Write(io.Discard, &bench.Results{Rows: rows}); err != nil {
			t.Fatal(err)
		}
	})
}
