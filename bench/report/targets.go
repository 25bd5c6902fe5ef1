package report

import (
	"fmt"

	"github.com/vitrine-run/vitrine/bench"
)

// A target is what Vitrine set out to reach with one figure.
type target struct {
	name, system, variant, metric string // name is the case
	unit                          string
	most                          float64
	least                         float64 // instead of most, where more is better
	words                         string
}

// targets are in the order of the page.
var targets = []target{
	{name: "metering", system: "unmetered", variant: "geomean", metric: "ratio", unit: "x", most: 1.08, words: "metering, beside the same engine without it, in the mean"},
	{name: "metering", system: "unmetered", variant: "worst", metric: "ratio", unit: "x", most: 1.30, words: "metering, the kernel that it costs most"},
	{name: "metering", system: "unmetered", variant: "quickjs", metric: "ratio", unit: "x", most: 1.15, words: "metering a recursive function in QuickJS"},
	{name: "metering", system: "wazero-ctx", variant: "geomean", metric: "ratio", unit: "x", most: 1.0 / 3, words: "beside wazero with its own interruption, in the mean"},
	{name: "metering", system: "wazero", variant: "geomean", metric: "ratio", unit: "x", most: 1, words: "beside wazero that nothing can stop, in the mean"},
	{name: "call", system: "vitrine", variant: "1KB", metric: "time", unit: "ns", most: 500, words: "a call with 1 KB in and out"},
	{name: "call", system: "extism", variant: "1KB", metric: "ratio", unit: "x", most: 1.0 / 25, words: "the same beside Extism"},
	{name: "reset", system: "vitrine", variant: "c", metric: "time", unit: "ns", most: 5_000, words: "a clean instance of a C guest for one call"},
	{name: "reset", system: "vitrine", variant: "go", metric: "time", unit: "ns", most: 100_000, words: "a clean instance of a Go guest for one call"},
	{name: "start", system: "vitrine", variant: "second", metric: "answer", unit: "ms", most: 30, words: "a 3 MB Go plugin from the disk cache to its first answer"},
	{name: "idle", system: "vitrine", variant: "c", metric: "rss", unit: "MB", most: 600, words: "10,000 parked sandboxes of a C guest"},
	{name: "idle", system: "vitrine", variant: "go", metric: "rss", unit: "MB", most: 600, words: "1,000 parked sandboxes of a Go guest"},
	{name: "idle", system: "vitrine", variant: "c", metric: "revive", unit: "us", most: 300, words: "reviving a parked C guest"},
	{name: "idle", system: "vitrine", variant: "go", metric: "revive", unit: "us", most: 300, words: "reviving a parked Go guest"},
	{name: "kill", system: "vitrine", variant: "all", metric: "late_p99", unit: "ms", most: 5, words: "a bomb ends after its deadline by, p99"},
	{name: "freeze", system: "vitrine", variant: "all", metric: "gc_p50", unit: "ms", most: 1, words: "a garbage collection while bombs run, median"},
	{name: "freeze", system: "vitrine", variant: "all", metric: "gc_max", unit: "ms", most: 10, words: "the longest of them"},
	{name: "freeze", system: "vitrine", variant: "all", metric: "tick_max", unit: "ms", most: 20, words: "a 1 ms ticker while bombs run is late by, at most"},
	{name: "fairness", system: "vitrine", variant: "1_of_21", metric: "share", unit: "x", least: 0.4, words: "the share of one guest beside twenty of another principal"},
	{name: "hostcall", system: "wazero", variant: "clock", metric: "over", unit: "ns", most: 250, words: "an allowed host call, policy included, over wazero's own"},
	{name: "http", system: "net/http", variant: "1KB x1", metric: "throughput", unit: "x", least: 0.85, words: "requests to a loopback server, of net/http's own throughput"},
	{name: "http", system: "net/http", variant: "1KB x8", metric: "throughput", unit: "x", least: 0.85, words: "the same with eight plugins at once"},
	{name: "event", system: "vitrine", variant: "1000 mounts, 5/s, page", metric: "p50", unit: "ms", most: 1, words: "an event to the patch on the wire, 1,000 sessions, median"},
	{name: "event", system: "vitrine", variant: "1000 mounts, 5/s, page", metric: "p99", unit: "ms", most: 10, words: "the same, p99"},
}

// A verdict is a target beside what was seen.
type verdict struct {
	Case, Words, Target, Seen, Spread string
	Pass                              bool
}

// judge finds the targets that a run has figures for.
func judge(rows []bench.Row) (list []verdict) {
	for _, t := range targets {
		for i := range rows {
			r := &rows[i]
			if r.Case != t.name || r.System != t.system || r.Variant != t.variant || r.Metric != t.metric || r.Unit != t.unit {
				continue
			}
			v := verdict{Case: t.name, Words: t.words, Seen: bench.Figure(r.Value, r.Unit), Spread: fmt.Sprintf("±%.0f%%", r.Spread*100)}
			if t.least > 0 {
				v.Target, v.Pass = "≥ "+bench.Figure(t.least, r.Unit), r.Value >= t.least
			} else {
				v.Target, v.Pass = "≤ "+bench.Figure(t.most, r.Unit), r.Value <= t.most
			}
			list = append(list, v)
			break
		}
	}
	return list
}
