// Command peers measures calls of Vitrine beside wazero as it comes, wasmtime through its Go API (with cgo) and
// Extism's Go SDK, all in one run and in turn. Package bench/call says what the figures are.
//
//	go -C bench/peers run .
//	go -C bench/peers run . -json -only vitrine,extism
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/vitrine-run/vitrine/bench/call"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "peers:", err)
		os.Exit(1)
	}
}

func run() error {
	quick := flag.Bool("quick", false, "fewer and shorter turns")
	asJSON := flag.Bool("json", false, "one object a line")
	only := flag.String("only", "", "systems, comma-separated; none is all")
	flag.Parse()
	opts := &call.Options{}
	if *quick {
		opts.Turns, opts.Turn = 5, 5*time.Millisecond
	}
	print := printRow
	if *asJSON {
		enc := json.NewEncoder(os.Stdout)
		print = func(r call.Row) { _ = enc.Encode(r) } // a number and strings
	}
	ctx := context.Background()
	var systems []call.System
	for _, c := range constructors {
		if *only != "" && !slices.Contains(strings.Split(*only, ","), c.name) {
			continue
		}
		s, end, err := c.make(ctx)
		if err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		defer end()
		systems = append(systems, s)
	}
	return call.Measure(systems, opts, print)
}

// constructors make the systems, ours first.
var constructors = []struct {
	name string
	make func(context.Context) (call.System, func(), error)
}{
	{call.Ours, func(ctx context.Context) (call.System, func(), error) { return call.NewVitrine(ctx, "") }},
	{"wazero", call.NewWazero},
	{"wasmtime", newWasmtime},
	{"extism", newExtism},
}

func printRow(r call.Row) {
	fmt.Printf("%-9s %-10s %-6s %-10s %12.3f %-3s n=%d ±%.2f\n", r.Case, r.System, r.Variant, r.Metric, r.Value, r.Unit, r.N, r.Spread)
}
