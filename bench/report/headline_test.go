package report_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vitrine-run/vitrine/bench"
	"github.com/vitrine-run/vitrine/bench/report"
)

func kept(t *testing.T) *bench.Results {
	t.Helper()
	files, err := filepath.Glob("../results/*.jsonl")
	if err != nil || len(files) < 8 {
		t.Fatalf("%d files of results, %v", len(files), err)
	}
	results, err := bench.ReadFiles(files...)
	if err != nil {
		t.Fatal(err)
	}
	return results
}

// The README says what the newest results say.
func TestReadmeIsNotStale(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	table, err := report.Headline(kept(t))
	if err != nil {
		t.Fatal(err)
	}
	want, err := report.Replace(text, table)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(text, want) {
		t.Error("the README's table is not that of bench/results: go generate ./bench/report")
	}
}

// Whoever is measured beside Vitrine is said how.
func TestSystemsAreExplained(t *testing.T) {
	for _, r := range kept(t).Rows {
		if report.Setup(r.System) == "" {
			t.Errorf("case[%s]: nothing says how %s was set up", r.Case, r.System)
		}
	}
}

func ExampleHeadline() {
	table, err := report.Headline(&bench.Results{Rows: []bench.Row{
		{Case: "call", System: "vitrine", Variant: "1KB", Metric: "time", Value: 420, Unit: "ns"},
		{Case: "call", System: "extism", Variant: "1KB", Metric: "time", Value: 52_000, Unit: "ns"},
	}})
	fmt.Println(table, err)
	// Output:
	// | | Vitrine | beside | case |
	// |---|---:|---|---|
	// | a call of a plugin, 1 KB in and 1 KB out | 420 ns | Extism 52 µs | `call` |
	//
	// Of 1 targets 1 are reached.
	//  <nil>
}

// A quick run speaks of as many as it had, is held against no target of more, and is not for the README.
func TestHeadlineOfAQuickRun(t *testing.T) {
	results := &bench.Results{Rows: []bench.Row{{Case: "idle", System: bench.Ours, Variant: "c", Metric: "rss", Value: 26, Unit: "MB", N: 100}}}
	table, err := report.Headline(results)
	if err != nil || !strings.Contains(table, "| 100 parked sandboxes of a C guest | 26 MB |") || strings.Contains(table, "10,000") || strings.Contains(table, "reached") {
		t.Errorf("%v\n%s", err, table)
	}
	results.Machine.Quick = true
	if table, err := report.Headline(results); err == nil || !strings.Contains(err.Error(), "idle") || table != "" {
		t.Errorf("%q, %v", table, err)
	}
}

// What had another priority than others is said under the table and on the page.
func TestHeadlineOfAPriority(t *testing.T) {
	results := &bench.Results{Machine: bench.Machine{Autogroup: -20}, Rows: []bench.Row{{Case: "kill", System: bench.Ours, Variant: "all", Metric: "late_p99", Value: 1, Unit: "ms", N: 100}}}
	table, err := report.Headline(results)
	if err != nil || !strings.Contains(table, "`kill` (a scheduling group of its own at nice -20)") {
		t.Errorf("%v\n%s", err, table)
	}
	if page := draw(t, results); !strings.Contains(page, "a scheduling group of its own at nice -20") {
		t.Error("the page does not say it")
	}
}

func ExampleReplace() {
	text := []byte("before\n<!-- bench: made by go generate ./bench/report -->\nold\n<!-- /bench -->\nafter\n")
	out, err := report.Replace(text, "new\n")
	fmt.Println(string(out), err)
	_, err = report.Replace([]byte("nothing"), "new\n")
	fmt.Println(err != nil)
	// Output:
	// before
	// <!-- bench: made by go generate ./bench/report -->
	//
	// new
	//
	// <!-- /bench -->
	// after
	//  <nil>
	// true
}
