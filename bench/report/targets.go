package report

import (
	"math"
	"slices"

	"github.com/vitrine-run/vitrine/bench"
)

// A target is what Vitrine set out to reach with one figure.
type target struct {
	name, system, variant, metric string // name is the case; variant "*" is each of them, and the worst counts
	unit                          string
	most                          float64
	least                         float64 // instead of most, where more is better
	words                         string
	n                             int // how many the words speak of: of another number it is not judged; 0 is any
}

// targets are in the order of the page.
var targets = []target{
	{name: "metering", system: "unmetered", variant: "geomean", metric: "ratio", unit: "x", most: 1.08, words: "metering, beside the same engine without it, in the mean"},
	{name: "metering", system: "unmetered", variant: "worst", metric: "ratio", unit: "x", most: 1.30, words: "metering, the kernel that it costs most"},
	{name: "metering", system: "unmetered", variant: "quickjs", metric: "ratio", unit: "x", most: 1.15, words: "metering a recursive function in QuickJS"},
	{name: "metering", system: "wazero-ctx", variant: "geomean", metric: "ratio", unit: "x", most: 1.0 / 3, words: "beside wazero with its own interruption, in the mean"},
	{name: "metering", system: "wazero", variant: "geomean", metric: "ratio", unit: "x", most: 1, words: "beside wazero that nothing can stop, in the mean"},
	{name: "metering", system: "vitrine", variant: "all", metric: "rewriting", unit: "MB/s", least: 50, words: "validating and rewriting modules"},
	{name: "metering", system: "vitrine", variant: "all", metric: "rewriting_of_compiling", unit: bench.Share, most: 0.10, words: "validating and rewriting, of the time that compiling takes"},
	{name: "refuse", system: "vitrine", variant: "*", metric: "time", unit: "ns", most: 1e6, words: "refusing a small module that declares far too much, the slower"},
	{name: "refuse", system: "vitrine", variant: "*", metric: "allocated", unit: "B", most: 1e6, words: "garbage of refusing it"},
	{name: "call", system: "vitrine", variant: "1KB", metric: "time", unit: "ns", most: 500, words: "a call with 1 KB in and out"},
	{name: "call", system: "vitrine", variant: "1KB", metric: "allocated", unit: "B", most: 1088, words: "garbage of that call: its result of 1,024 bytes, and nothing that counts"},
	{name: "call", system: "extism", variant: "1KB", metric: "ratio", unit: "x", most: 1.0 / 25, words: "a call with 1 KB in and out, beside Extism"},
	{name: "reset", system: "vitrine", variant: "c", metric: "time", unit: "ns", most: 5_000, words: "a clean instance of a C guest for one call"},
	{name: "reset", system: "vitrine", variant: "go", metric: "time", unit: "ns", most: 100_000, words: "a clean instance of a Go guest for one call"},
	{name: "reset", system: "wazero", variant: "*", metric: "ratio", unit: "x", most: 0.1, words: "each beside a fresh instance on wazero, the slower one"},
	{name: "start", system: "vitrine", variant: "cache", metric: "answer", unit: "ms", most: 30, words: "a 3 MB Go plugin from the disk cache to its first answer"},
	{name: "idle", system: "vitrine", variant: "c", metric: "rss", unit: "MB", most: 600, n: 10_000, words: "10,000 parked sandboxes of a C guest"},
	{name: "idle", system: "vitrine", variant: "go", metric: "rss", unit: "MB", most: 600, n: 1_000, words: "1,000 parked sandboxes of a Go guest"},
	{name: "idle", system: "vitrine", variant: "*", metric: "revive_p50", unit: "us", most: 300, words: "reviving a parked guest, the slower of C and Go, median"},
	{name: "kill", system: "vitrine", variant: "*", metric: "late_p99", unit: "ms", most: 5, words: "a bomb ends after its deadline by, p99 of the worst"},
	{name: "kill", system: "vitrine", variant: "all", metric: "late_p99", unit: "ms", most: 5, words: "a bomb ends after its deadline by, p99 of all"},
	{name: "freeze", system: "vitrine", variant: "all", metric: "gc_p50", unit: "ms", most: 1, words: "a garbage collection while bombs run, median"},
	{name: "freeze", system: "vitrine", variant: "all", metric: "gc_max", unit: "ms", most: 10, words: "the longest garbage collection while bombs run"},
	{name: "freeze", system: "vitrine", variant: "all", metric: "tick_max", unit: "ms", most: 20, words: "a 1 ms ticker while bombs run is late by, at most"},
	{name: "fairness", system: "vitrine", variant: "1_of_21", metric: "share", unit: bench.Share, least: 0.4, words: "the share of one guest beside twenty of another principal"},
	{name: "policy", system: "wazero", variant: "*", metric: "over", unit: "ns", most: 250, words: "an allowed host call, policy included, over wazero's own, the slowest"},
	{name: "policy", system: "vitrine", variant: "*", metric: "allowed", unit: "ns", most: 200, words: "a decision of the policy that allows, the slowest"},
	{name: "denied", system: "vitrine", variant: "*", metric: "kept", unit: "B", most: 1 << 20, n: 10_000_000, words: "what ten million denied calls leave in the host"},
	{name: "http", system: "net/http", variant: "*", metric: "throughput", unit: bench.Share, least: 0.85, words: "requests to a loopback server, of net/http's throughput, the slowest"},
	{name: "event", system: "vitrine", variant: "1000 mounts, 5/s, page", metric: "p50", unit: "ms", most: 1, words: "an event to the patch on the wire, 1,000 sessions, median"},
	{name: "event", system: "vitrine", variant: "1000 mounts, 5/s, page", metric: "p99", unit: "ms", most: 10, words: "an event to the patch on the wire, 1,000 sessions, p99"},
	{name: "mounts", system: "vitrine", variant: "10000 mounts", metric: "rss", unit: "KiB", most: 30, words: "an idle mount outside its sandbox, of 10,000"},
	{name: "slow", system: "vitrine", variant: "50 mounts, 4 slow readers", metric: "p99", unit: "ms", most: 10, words: "an event to its patch beside pages that read nothing, p99"},
	{name: "bytes", system: "vitrine", variant: "counter", metric: "payload", unit: "B", most: 10, words: "bytes of a counter's step"},
	{name: "bytes", system: "vitrine", variant: "every 10th row", metric: "payload", unit: "B", most: 1010, words: "bytes when every 10th of 1,000 rows changes"},
	{name: "bytes", system: "vitrine", variant: "swap", metric: "payload", unit: "B", most: 18, words: "bytes when two rows change places"},
	{name: "bytes", system: "vitrine", variant: "remove a row", metric: "payload", unit: "B", most: 7, words: "bytes when a row goes"},
	{name: "bytes", system: "vitrine", variant: "create 1,000", metric: "payload", unit: "B", most: 9850, words: "bytes of 1,000 new rows"},
	{name: "bytes", system: "vitrine", variant: "a click", metric: "payload", unit: "B", most: 8, words: "bytes of a click, to the server"},
	{name: "bytes", system: "vitrine", variant: "a page with a plugin", metric: "gzip", unit: "B", most: 3072, words: "what a page with a plugin loads of the shell, gzip"},
	{name: "bytes", system: "vitrine", variant: "every script", metric: "gzip", unit: "B", most: 6144, words: "all scripts of the shell, gzip"},
	{name: "browser", system: "remote-dom", variant: "*", metric: "ratio", unit: "x", most: 1, words: "script in Chromium beside Remote DOM, the slowest operation"},
	{name: "browser", system: "plain", variant: "*", metric: "ratio", unit: "x", most: 1.5, words: "script in Chromium beside plain JavaScript, the slowest operation"},
	{name: "reload", system: "vitrine", variant: "c", metric: "calls_failed", unit: "", most: 0, words: "calls that fail while versions are replaced"},
	{name: "reload", system: "vitrine", variant: "c", metric: "rss_grown", unit: "MiB", most: 32, words: "memory that replacements leave behind"},
}

// A verdict is a target beside what was seen. Seen is empty if the run has no such figure.
type verdict struct {
	Case, Words, Target, Seen string
	Interval                  string // where the median lies with 95 in a hundred; "" where nothing is known of it
	Outcome                   outcome
}

// An outcome is what became of a target.
type outcome string

// A target within the interval of its figure is neither reached nor missed: the next run may say the other.
const (
	unmeasured outcome = ""
	reached    outcome = "reached"
	within     outcome = "too near to tell"
	short      outcome = "falls short"
)

// outcomeOf holds a figure against the target, by the interval that the median lies in: the spread is that of single rounds or events, and a target that
// lies far from the median may well lie in it.
func (t *target) outcomeOf(r *bench.Row) outcome {
	bound, pass := t.most, r.Value <= t.most
	if t.least > 0 {
		bound, pass = t.least, r.Value >= t.least
	}
	switch low, high := r.Interval(); {
	case low < high && low <= bound && bound <= high:
		return within
	case pass:
		return reached
	}
	return short
}

// judge holds a run against the targets. Of a run of some cases it leaves out those of the others.
func judge(rows []bench.Row) (list []verdict) {
	for i := range targets {
		t := &targets[i]
		if !slices.ContainsFunc(rows, func(r bench.Row) bool { return r.Case == t.name }) {
			continue
		}
		v := verdict{Case: t.name, Words: t.words, Target: "≤ " + t.figure(t.most)}
		if t.least > 0 {
			v.Target = "≥ " + t.figure(t.least)
		}
		if r := t.worst(rows); r != nil {
			v.Seen = t.figure(r.Value)
			if low, high := r.Interval(); low < high {
				v.Interval = t.figure(low) + " to " + t.figure(high)
			}
			v.Outcome = t.outcomeOf(r)
			if t.variant == "*" {
				v.Words += " (" + r.Variant + ")"
			}
		}
		list = append(list, v)
	}
	return list
}

// figure is a value in the unit of the target: a target of whole KiB or MiB is said in those, and so is what is held against it.
func (t *target) figure(v float64) string {
	const kib = 1 << 10
	switch {
	case t.unit == "KiB":
		return bench.Binary(v * kib)
	case t.unit == "MiB":
		return bench.Binary(v * kib * kib)
	case t.unit == "B" && t.most >= kib && math.Mod(t.most, kib) == 0:
		return bench.Binary(v)
	case t.unit == "B" && v >= 1000 && v == math.Trunc(v) && v < 1e5: // 1,024 and 1,088 are the same in kB
		return bench.Count(int(v)) + " B"
	}
	return bench.Figure(v, t.unit)
}

// worst is the figure that a target is held against.
func (t *target) worst(rows []bench.Row) (found *bench.Row) {
	for i := range rows {
		r := &rows[i]
		if r.Case != t.name || r.System != t.system || r.Metric != t.metric || r.Unit != t.unit || t.variant != "*" && r.Variant != t.variant || t.n > 0 && r.N != t.n {
			continue
		}
		if found == nil || t.least > 0 && r.Value < found.Value || t.least == 0 && r.Value > found.Value {
			found = r
		}
	}
	return found
}
