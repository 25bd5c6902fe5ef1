package main

import (
	"os"
	"testing"
	"time"

	"github.com/vitrine-run/vitrine/bench"
	"github.com/vitrine-run/vitrine/bench/benchtest"
)

func TestMain(m *testing.M) {
	if serveAsPlugin() {
		return
	}
	if asked, code := bench.ServeChild(os.Args[1:], cases); asked {
		os.Exit(code)
	}
	os.Exit(m.Run())
}

// Each case, with every peer, finds out who lies before it has a figure of him.
func TestVerifies(t *testing.T) {
	variants := map[string][]string{"program": {"fib", "rsort"}, "engines": {"fib"}, "parallel": {"2"}, "call": {"1KB"}, "hostcall": nil,
		"start": {"instance c"}, "reset": {"c"}, "density": {"c"}}
	list := cases()
	for i := range list {
		c := &list[i]
		t.Run(c.Name, func(t *testing.T) {
			if testing.Short() && (c.Name == "density" || c.Name == "start") {
				t.Skip("builds a guest in Go, and has processes of their own")
			}
			v, ok := variants[c.Name]
			if !ok {
				t.Fatalf("no variant is chosen of %s", c.Name)
			}
			benchtest.Verifies(t, c, &bench.Options{Rounds: 1, Turn: time.Millisecond, Quick: true, Variants: v})
		})
	}
}
