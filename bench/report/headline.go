package report

import (
	"fmt"
	"strings"

	"github.com/vitrine-run/vitrine/bench"
)

//go:generate go run ./readme ../../README.md ../results

// A headline is one line of the README's table: a figure of ours, and others that it is read beside.
type headline struct {
	words                 string
	name, variant, metric string // name is the case; of variant "*" it is the largest
	beside                []string
	system                string // if not ours: a ratio has the other's name
	over                  bool   // what is beside are ratios, ours over each
	counted               bool   // before the words stands how many there were, for a quick run has fewer
}

var headlines = []headline{
	{words: "a call of a plugin, 1 KB in and 1 KB out", name: "call", variant: "1KB", metric: "time", beside: []string{"go", "wazero", "wasmtime", "extism", "hashicorp", "process"}},
	{words: "a call of a plugin with nothing in and out", name: "call", variant: "0B", metric: "time", beside: []string{"go", "wazero", "wasmtime", "extism", "hashicorp", "process"}},
	{words: "a call of its host by a plugin", name: "hostcall", variant: "1000 in a loop", metric: "time", beside: []string{"go", "wazero", "wasmtime", "extism"}},
	{words: "what the policy adds to it at most, over wazero's", name: "policy", variant: "*", metric: "over", system: "wazero"},
	{words: "a clean instance for one call, C guest", name: "reset", variant: "c", metric: "time", beside: []string{"wazero", "wasmtime", "extism"}},
	{words: "a clean instance for one call, Go guest of 3 MB", name: "reset", variant: "go", metric: "time", beside: []string{"wazero", "wasmtime", "extism"}},
	{words: "that guest from the disk cache to its first answer", name: "start", variant: "cache", metric: "answer", beside: []string{"wazero", "wasmtime", "extism"}},
	{words: "that guest compiled, to its first answer", name: "start", variant: "cold", metric: "answer", beside: []string{"wazero", "wasmtime", "extism"}},
	{words: "that guest as a new instance, without a pool", name: "start", variant: "instance go", metric: "time", beside: []string{"wazero", "wasmtime", "extism"}},
	{words: "metering, over the same engine without it", name: "metering", variant: "geomean", metric: "ratio", system: "unmetered"},
	{words: "whole operations, over wazero that can be interrupted", name: "metering", variant: "geomean", metric: "ratio", system: "wazero-ctx"},
	{words: "whole operations, over wazero that nothing can stop", name: "metering", variant: "geomean", metric: "ratio", system: "wazero"},
	{words: "whole programs, ours over each, in the mean: over 1x we are slower", name: "program", variant: "geomean", metric: "ratio", over: true, beside: []string{"go", "wazero", "wazero-ctx", "wasmtime", "wasmtime-fuel", "wasmtime-epoch"}},
	{words: "parked sandboxes of a C guest", counted: true, name: "idle", variant: "c", metric: "rss"},
	{words: "parked sandboxes of a Go guest", counted: true, name: "idle", variant: "go", metric: "rss"},
	{words: "sandboxes of a C guest in 4 GB, extrapolated (ours parked, others live)", name: "density", variant: "c", metric: "extrapolated", beside: []string{"wazero", "extism"}},
	{words: "the same, of a Go guest", name: "density", variant: "go", metric: "extrapolated", beside: []string{"wazero", "extism", "process"}},
	{words: "a hostile guest is gone after its deadline, p99", name: "kill", variant: "all", metric: "late_p99", beside: []string{"go"}},
	{words: "a garbage collection beside hostile guests, median", name: "freeze", variant: "all", metric: "gc_p50", beside: []string{"go"}},
	{words: "the longest of them", name: "freeze", variant: "all", metric: "gc_max", beside: []string{"go"}},
	{words: "share of one guest beside twenty of another principal", name: "fairness", variant: "1_of_21", metric: "share", beside: []string{"unscheduled"}},
	{words: "from an event to its patch, 1,000 mounts, median", name: "event", variant: "1000 mounts, 5/s, page", metric: "p50"},
	{words: "the same, p99", name: "event", variant: "1000 mounts, 5/s, page", metric: "p99"},
	{words: "bytes on the wire when one of 1,000 rows goes", name: "bytes", variant: "remove a row", metric: "payload", beside: []string{"remote-dom"}},
	{words: "what a page with a plugin loads of the shell, gzip", name: "bytes", variant: "a page with a plugin", metric: "gzip"},
	{words: "script that makes 1,000 rows in Chromium, over Remote DOM's", name: "browser", variant: "create 1,000", metric: "ratio", system: "remote-dom"},
	{words: "script that changes every 10th of them, over Remote DOM's", name: "browser", variant: "every 10th", metric: "ratio", system: "remote-dom"},
	{words: "script that selects one of them, over Remote DOM's", name: "browser", variant: "select", metric: "ratio", system: "remote-dom"},
	{words: "requests through the host, of net/http's throughput", name: "http", variant: "1KB x1", metric: "throughput", system: "net/http"},
	{words: "a version replaced while it is called, p99 of the calls", name: "reload", variant: "c", metric: "call_p99"},
}

// A brief is a headline with its figures.
type brief struct {
	Words, Case, Ours string
	Beside            []single
}

// A single is a figure with its name.
type single struct{ Name, Value string }

// shorts are the headlines that rows have figures for.
func shorts(rows []bench.Row) (list []brief) {
	for i := range headlines {
		h := &headlines[i]
		system := h.system
		if system == "" {
			system = bench.Ours
		}
		s := brief{Words: h.words, Case: h.name, Ours: "–"}
		for _, other := range h.beside {
			if r := find(rows, h, other); r != nil {
				name := SystemName(other)
				if h.name == "density" && other == "process" {
					name = "a process each"
				}
				s.Beside = append(s.Beside, single{name, withSpread(r)})
			}
		}
		if of := find(rows, h, system); of != nil {
			s.Ours = withSpread(of)
			if h.counted {
				s.Words = bench.Count(of.N) + " " + s.Words
			}
			if h.variant == "*" {
				s.Words += " (" + of.Variant + ")"
			}
		} else if !h.over || len(s.Beside) == 0 {
			continue
		}
		list = append(list, s)
	}
	return list
}

// withSpread is a figure and what is known of how sure it is: what was extrapolated says from how many.
func withSpread(r *bench.Row) string {
	if r.Metric == "extrapolated" { // what of, its words say
		return fmt.Sprintf("%s (n=%s)", bench.Figure(r.Value, ""), bench.Figure(float64(r.N), ""))
	}
	return strings.TrimSpace(bench.Figure(r.Value, r.Unit) + " " + r.Around())
}

// Headline is the README's table of what results have, in Markdown, each line with its case, and under it what became of the targets, and
// which cases were measured with a priority. Results of a quick run are an error: they are no claim.
func Headline(results *bench.Results) (string, error) {
	if quick := results.Quick(); len(quick) > 0 {
		return "", fmt.Errorf("what there is of %s is of a quick run, which is a first look and no claim: measure it in full", strings.Join(quick, ", "))
	}
	var b strings.Builder
	b.WriteString("| | Vitrine | beside | case |\n|---|---:|---|---|\n")
	for _, s := range shorts(results.Rows) {
		var beside []string
		for _, other := range s.Beside {
			beside = append(beside, other.Name+" "+other.Value)
		}
		fmt.Fprintf(&b, "| %s | %s | %s | `%s` |\n", s.Words, s.Ours, strings.Join(beside, "; "), s.Case)
	}
	if said := outcomes(judge(results.Rows)); said != "" {
		fmt.Fprintf(&b, "\n%s\n", said)
	}
	if list := results.Priorities(); len(list) > 0 {
		var said []string
		for _, of := range list {
			said = append(said, fmt.Sprintf("`%s` (%s)", of[0], of[1]))
		}
		fmt.Fprintf(&b, "\nMeasured with another priority than other processes have: %s.\n", strings.Join(said, ", "))
	}
	return b.String(), nil
}

// outcomes says how many targets were reached, and names the others with their cases.
func outcomes(list []verdict) string {
	measured := 0
	of := map[outcome][]string{}
	for _, v := range list {
		if v.Outcome == unmeasured {
			continue
		}
		measured++
		of[v.Outcome] = append(of[v.Outcome], fmt.Sprintf("%s (%s, %s; `%s`)", v.Words, v.seen(), v.Target, v.Case))
	}
	if measured == 0 {
		return ""
	}
	said := fmt.Sprintf("Of %d targets %d are reached.", measured, len(of[reached]))
	for _, o := range []struct {
		outcome
		words string
	}{{within, "Too near to tell, for the target lies in the 95 % interval of the median"}, {short, "Fallen short of"}} {
		if names := of[o.outcome]; len(names) > 0 {
			said += fmt.Sprintf(" %s: %s.", o.words, strings.Join(names, "; "))
		}
	}
	return said
}

// seen is the figure with its interval.
func (v *verdict) seen() string {
	if v.Interval == "" {
		return v.Seen
	}
	return v.Seen + " [" + v.Interval + "]"
}

func find(rows []bench.Row, h *headline, system string) (found *bench.Row) {
	for i := range rows {
		r := &rows[i]
		if r.Case != h.name || r.System != system || h.variant != "*" && r.Variant != h.variant || r.Metric != h.metric {
			continue
		}
		if found == nil || r.Value > found.Value {
			found = r
		}
	}
	return found
}

// The comments that the table stands between.
const (
	tableBegins = "<!-- bench: made by go generate ./bench/report -->\n"
	tableEnds   = "<!-- /bench -->"
)

// Replace puts a table into a text, between the two comments that mark its place.
func Replace(text []byte, table string) ([]byte, error) {
	before, rest, begins := strings.Cut(string(text), tableBegins)
	_, after, ends := strings.Cut(rest, tableEnds)
	if !begins || !ends {
		return nil, fmt.Errorf("there is no %q with a %q after it", strings.TrimSpace(tableBegins), tableEnds)
	}
	return []byte(before + tableBegins + "\n" + table + "\n" + tableEnds + after), nil
}
