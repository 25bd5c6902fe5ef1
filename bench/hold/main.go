// Command hold measures what a host keeps of itself while guests do their worst: how
// late each bomb of runtime/testdata/bombs ends after its deadline (kill), how long the
// host's garbage collector and its timers wait meanwhile (freeze), and what share of the
// processor one guest gets beside the many of another principal (fairness).
//
//	go run ./bench/hold -quick
//	go run ./bench/hold -only kill -json
//
// The answer is a table, or with -json the machine and then one object a line:
//
//	{"case":"kill","system":"vitrine","variant":"fib","metric":"late_p99","value":0.4,"unit":"ms","n":100,"spread":0.02}
//
// What the machine does to anybody is measured as well: system go is a loop in Go in the guest's place, in
// turns with the guests, and others is the part of the processors that other processes had meanwhile.
// On a machine that is shared, give the bench a scheduling group that outweighs the others:
//
//	go build ./bench/hold && sudo setsid -w sh -c 'echo -20 >/proc/self/autogroup; exec ./hold'
//
// wazero's own interruption, and wazero without one, are measured in processes of their
// own, which are ended after two seconds if the guest does not: value is then 2000.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/vitrine-run/vitrine/bench"
)

// A run is one of the program.
type run struct {
	dir   string
	only  string // bombs, comma-separated, "" is all
	runs  int
	watch time.Duration // how long a bomb is watched for freezes
	peers bool
	print func(bench.Row)
}

func main() {
	if err := measure(); err != nil {
		fmt.Fprintln(os.Stderr, "hold:", err)
		os.Exit(1)
	}
}

func measure() error {
	var (
		quick  = flag.Bool("quick", false, "fewer and shorter runs")
		asJSON = flag.Bool("json", false, "one object a line")
		only   = flag.String("only", "kill,freeze,fairness", "cases, comma-separated")
		bombs  = flag.String("bombs", "", "names of bombs, comma-separated; none is all")
		dir    = flag.String("dir", "runtime/testdata/bombs", "where the bombs are")
		peers  = flag.Bool("peers", true, "measure wazero beside it")
		child  = flag.String("child", "", "for the program itself: case, system and file of a peer")
	)
	flag.Parse()
	ctx := context.Background()
	if *child != "" {
		return runChild(ctx, *child, os.Stdout)
	}
	table := bench.NewTable(os.Stdout)
	b := &run{dir: *dir, only: *bombs, runs: 100, watch: time.Second / 2, peers: *peers, print: table.Add}
	if *quick {
		b.runs, b.watch = 5, 200*time.Millisecond
	}
	results := &bench.Results{Machine: bench.ThisMachine(os.Args)}
	if *asJSON {
		b.print = func(r bench.Row) { results.Rows = append(results.Rows, r) }
	}
	for _, c := range strings.Split(*only, ",") {
		f, ok := map[string]func(context.Context) error{"kill": b.kill, "freeze": b.freeze, "fairness": b.fairness}[c]
		if !ok {
			return fmt.Errorf("there is no case %q", c)
		}
		if err := f(ctx); err != nil {
			return fmt.Errorf("%s: %w", c, err)
		}
	}
	table.Close()
	if !*asJSON {
		return nil
	}
	return results.Write(os.Stdout)
}

// fig is one figure.
func fig(name, system, variant, metric string, value float64, unit string, n int, spread float64) bench.Row {
	return bench.Row{Case: name, System: system, Variant: variant, Metric: metric, Value: value, Unit: unit, N: n, Spread: spread}
}

// A bomb is a module and the fault it is to end in.
type bomb struct {
	name, file, fault string
	wasm              []byte
}

// load reads the bombs that run at all.
func (b *run) load() ([]bomb, error) {
	sources, err := filepath.Glob(filepath.Join(b.dir, "*.wat"))
	if err != nil || len(sources) == 0 {
		return nil, fmt.Errorf("no bombs in %s: %w", b.dir, err)
	}
	var list []bomb
	for _, src := range sources {
		name := strings.TrimSuffix(filepath.Base(src), ".wat")
		if b.only != "" && !slices.Contains(strings.Split(b.only, ","), name) {
			continue
		}
		text, err := os.ReadFile(src)
		if err != nil {
			return nil, err
		}
		head, _, _ := strings.Cut(string(text), "\n")
		bo := bomb{name: name, file: strings.TrimSuffix(src, ".wat") + ".wasm", fault: strings.TrimPrefix(head, ";; fault: ")}
		if bo.wasm, err = os.ReadFile(bo.file); err != nil {
			return nil, err
		}
		if bo.fault != "invalid" {
			list = append(list, bo)
		}
	}
	return list, nil
}

// A sample is a list of durations.
type sample []time.Duration

func (s sample) sort() sample { slices.Sort(s); return s }

// at is a quantile in milliseconds; s is sorted.
func (s sample) at(q float64) float64 {
	if len(s) == 0 {
		return 0
	}
	return float64(s[min(len(s)-1, int(q*float64(len(s))))]) / 1e6
}

// over is the share of those that are longer than d.
func (s sample) over(d time.Duration) float64 {
	n := 0
	for _, took := range s {
		if took > d {
			n++
		}
	}
	return float64(n) / float64(max(1, len(s)))
}

// spread is half of what lies between the quartiles, over the median.
func (s sample) spread() float64 {
	if m := s.at(0.5); m > 0 {
		return (s.at(0.75) - s.at(0.25)) / 2 / m
	}
	return 0
}
