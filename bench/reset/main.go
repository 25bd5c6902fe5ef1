// Command reset measures what a clean instance costs: one out of the pool, used for one small call and
// put back (reset), one that is made for it (start), and what a sandbox costs that has nothing to do
// (idle), which is measured in a process of its own and from the operating system.
//
//	go run ./bench/reset
//	go run ./bench/reset -json -only reset
//
// The answer is a table, or with -json one object a line:
//
//	{"case":"reset","system":"vitrine","variant":"c","metric":"time","value":3.1,"unit":"us","n":2000,"spread":0.05}
//
// system wazero is wazero as it comes, with a new instance for every call. spread is how far the
// quartiles are apart, as a part of the median, which is value.
package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// The guest in C is built by `make kernels`.
//
//go:embed testdata/guest.wasm
var cGuest []byte

// A row is one figure, in the form of `vitrine bench`.
type row struct {
	Case    string  `json:"case"`
	System  string  `json:"system"`
	Variant string  `json:"variant"`
	Metric  string  `json:"metric"`
	Value   float64 `json:"value"`
	Unit    string  `json:"unit"`
	N       int     `json:"n"`
	Spread  float64 `json:"spread"`
}

// A guest is a plugin with a function greet.
type guest struct {
	name  string
	wasm  []byte
	boxes int // how many sandboxes idle has of it
	calls int // how many calls are measured
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "reset:", err)
		os.Exit(1)
	}
}

func run() error {
	quick := flag.Bool("quick", false, "fewer runs")
	asJSON := flag.Bool("json", false, "one object a line")
	only := flag.String("only", "start,reset,idle", "cases, comma-separated")
	src := flag.String("go", "runtime/testdata/goguest", "where the guest in Go is")
	child := flag.String("child", "", "for the program itself: the guest whose sandboxes are to be idle")
	flag.Parse()
	print := printRow
	if *asJSON {
		enc := json.NewEncoder(os.Stdout)
		print = func(r row) { _ = enc.Encode(r) } // a number and strings
	}
	guests, err := guests(*src, *quick, *child)
	if err != nil {
		return err
	}
	ctx := context.Background()
	for i := range guests {
		g := &guests[i]
		if *child != "" {
			return idle(ctx, g, print)
		}
		if slices.Contains(strings.Split(*only, ","), "idle") {
			if err := inChild(g, *asJSON, *quick, *src); err != nil {
				return err
			}
		}
		for _, c := range []struct {
			name string
			f    func(context.Context, *guest, func(row)) error
		}{{"start", start}, {"reset", reset}} {
			if !slices.Contains(strings.Split(*only, ","), c.name) {
				continue
			}
			if err := c.f(ctx, g, print); err != nil {
				return fmt.Errorf("%s: %s: %w", c.name, g.name, err)
			}
		}
	}
	return nil
}

func printRow(r row) {
	fmt.Printf("%-6s %-10s %-4s %-10s %10.2f %-4s n=%d ±%.2f\n", r.Case, r.System, r.Variant, r.Metric, r.Value, r.Unit, r.N, r.Spread)
}

// guests builds the guest in Go. only is the name of the one that is wanted, "" for all.
func guests(src string, quick bool, only string) ([]guest, error) {
	list := []guest{{"c", cGuest, 10_000, 4000}, {"go", nil, 1_000, 400}}
	if quick {
		list[0].boxes, list[0].calls, list[1].boxes, list[1].calls = 100, 50, 20, 20
	}
	list = slices.DeleteFunc(list, func(g guest) bool { return only != "" && g.name != only })
	for i := range list {
		if list[i].wasm != nil {
			continue
		}
		b, err := buildGo(src)
		if err != nil {
			return nil, err
		}
		list[i].wasm = b
	}
	return list, nil
}

func buildGo(src string) ([]byte, error) {
	dir, err := os.MkdirTemp("", "reset")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	out := filepath.Join(dir, "guest.wasm")
	cmd := exec.Command("go", "build", "-buildmode=c-shared", "-trimpath", "-ldflags=-s -w", "-o", out, ".")
	cmd.Dir, cmd.Env = src, append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm")
	if msg, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%w\n%s", err, msg)
	}
	return os.ReadFile(out)
}

// inChild measures idle sandboxes in a process that has done nothing else.
func inChild(g *guest, asJSON, quick bool, src string) error {
	cmd := exec.Command(os.Args[0], "-child", g.name, fmt.Sprintf("-json=%v", asJSON), fmt.Sprintf("-quick=%v", quick), "-go", src)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	return cmd.Run()
}

// A sample is a list of durations.
type sample []time.Duration

// row makes a figure of it, in microseconds.
func (s sample) row(name, system, variant, metric string) row {
	slices.Sort(s)
	at := func(q float64) float64 { return float64(s[int(q*float64(len(s)-1))]) / 1e3 }
	return row{name, system, variant, metric, at(0.5), "us", len(s), (at(0.75) - at(0.25)) / at(0.5)}
}
