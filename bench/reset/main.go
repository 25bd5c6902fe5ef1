// Command reset measures what a clean instance costs: one out of the pool, used for one small call and
// put back (reset), one that is made for it (start), and what a sandbox costs that has nothing to do
// (idle), which is measured in a process of its own and from the operating system.
//
//	go run ./bench/reset
//	go run ./bench/reset -json -only reset
//
// The answer is a table, or with -json one object a line:
//
//	{"case":"reset","system":"vitrine","variant":"c","metric":"time","value":3100,"unit":"ns","n":15,"spread":0.05}
//
// Package bench says what the figures are. system wazero is wazero as it comes, with a new instance for every
// call. The command in bench/peers measures others beside the two.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"

	"github.com/vitrine-run/vitrine/bench"
	"github.com/vitrine-run/vitrine/bench/reset/fresh"
)

// A guest is a plugin with a function greet.
type guest struct {
	name  string
	wasm  []byte
	boxes int // how many sandboxes idle has of it
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
	print, done := bench.Printer(os.Stdout, *asJSON)
	defer done()
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
			f    func(context.Context, *guest, *bench.Options, func(bench.Row)) error
		}{{"start", start}, {"reset", reset}} {
			if !slices.Contains(strings.Split(*only, ","), c.name) {
				continue
			}
			if err := c.f(ctx, g, &bench.Options{Quick: *quick}, print); err != nil {
				return fmt.Errorf("%s: %s: %w", c.name, g.name, err)
			}
		}
	}
	return nil
}

// guests builds the guest in Go. only is the name of the one that is wanted, "" for all.
func guests(src string, quick bool, only string) ([]guest, error) {
	list := []guest{{"c", fresh.CGuest, 10_000}, {"go", nil, 1_000}}
	if quick {
		list[0].boxes, list[1].boxes = 100, 20
	}
	list = slices.DeleteFunc(list, func(g guest) bool { return only != "" && g.name != only })
	for i := range list {
		if list[i].wasm != nil {
			continue
		}
		b, err := fresh.GoGuest(src)
		if err != nil {
			return nil, err
		}
		list[i].wasm = b
	}
	return list, nil
}

// inChild measures idle sandboxes in a process that has done nothing else.
func inChild(g *guest, asJSON, quick bool, src string) error {
	cmd := exec.Command(os.Args[0], "-child", g.name, fmt.Sprintf("-json=%v", asJSON), fmt.Sprintf("-quick=%v", quick), "-go", src)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	return cmd.Run()
}
