// Command peers measures Vitrine beside other ways to run plugins from Go, all in one run and in turn. Package
// bench says what the figures are, package bench/call how the cases call and host call are measured; reset is a clean
// instance for every call, as in bench/reset.
//
//	go -C bench/peers run .
//	go -C bench/peers run . -json -only call -systems vitrine,extism
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/vitrine-run/vitrine/bench"
	"github.com/vitrine-run/vitrine/bench/call"
)

func main() {
	if serveAsPlugin() {
		return
	}
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "peers:", err)
		os.Exit(1)
	}
}

func run() error {
	quick := flag.Bool("quick", false, "fewer and shorter turns")
	asJSON := flag.Bool("json", false, "one object a line")
	only := flag.String("only", "", "cases, comma-separated: call, hostcall, reset; none is all")
	names := flag.String("systems", "", "systems, comma-separated; none is all")
	src := flag.String("go", "../../runtime/testdata/goguest", "where the guest in Go of reset is")
	flag.Parse()
	print, done := bench.Printer(os.Stdout, *asJSON)
	defer done()
	ctx, o := context.Background(), &bench.Options{Quick: *quick}
	if listed(*only, "reset") {
		if err := measureReset(ctx, o, *src, *names, print); err != nil {
			return err
		}
	}
	if *only == "reset" {
		return nil
	}
	systems, end, err := start(ctx, *names)
	defer end()
	if err != nil {
		return err
	}
	for _, c := range []struct {
		name string
		run  func([]call.System, *bench.Options, func(bench.Row)) error
	}{{"call", call.Measure}, {"hostcall", call.MeasureHost}} {
		if !listed(*only, c.name) {
			continue
		}
		if err := c.run(systems, o, print); err != nil {
			return err
		}
	}
	return nil
}

// listed says whether a list has a name; an empty list has all.
func listed(list, name string) bool {
	return list == "" || slices.Contains(strings.Split(list, ","), name)
}

// constructors make the systems, ours first.
var constructors = []struct {
	name string
	make func(context.Context) (call.System, func(), error)
}{
	{bench.Ours, func(ctx context.Context) (call.System, func(), error) { return call.NewVitrine(ctx, "") }},
	{"go", func(context.Context) (call.System, func(), error) { return call.NewGo(), func() {}, nil }},
	{"wazero", call.NewWazero},
	{"wazero-ctx", call.NewWazeroCtx},
	{"wasmtime", wasmtimeMaker("wasmtime")},
	{"wasmtime-fuel", wasmtimeMaker("wasmtime-fuel")},
	{"wasmtime-epoch", wasmtimeMaker("wasmtime-epoch")},
	{"extism", newExtism},
	{"hashicorp", newHashicorp},
	{"process", newProcess},
	{"goja", newGoja},
	{"gopher-lua", newLua},
}

// start makes the systems of a list ready. end gives everything back, also after an error.
func start(ctx context.Context, names string) (systems []call.System, end func(), err error) {
	var ends []func()
	end = func() {
		for _, f := range slices.Backward(ends) {
			f()
		}
	}
	for _, c := range constructors {
		if !listed(names, c.name) {
			continue
		}
		s, f, err := c.make(ctx)
		if err != nil {
			return nil, end, fmt.Errorf("%s: %w", c.name, err)
		}
		systems, ends = append(systems, s), append(ends, f)
	}
	return systems, end, nil
}
