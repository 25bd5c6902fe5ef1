package main

import (
	"os"
	"testing"
	"time"

	"github.com/vitrine-run/vitrine/bench"
	"github.com/vitrine-run/vitrine/bench/benchtest"
	"github.com/vitrine-run/vitrine/bench/hold"
)

func TestMain(m *testing.M) {
	os.Exit(withPlugins(func() int {
		if asked, code := bench.ServeChild(os.Args[1:], cases); asked {
			return code
		}
		return m.Run()
	}))
}

// Each case, with every peer, finds out who lies before it has a figure of him.
func TestVerifies(t *testing.T) {
	variants := map[string][]string{"program": {"fib", "rsort"}, "engines": {"fib"}, "parallel": {"2"}, "call": {"1KB"}, "hostcall": nil,
		"start": {"instance c"}, "reset": {"c"}, "density": {"c"}, "kill": {"fib"}, "freeze": {"fib"}}
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

// A plugin that is a program has nothing in it of what measures it: how large it is is a good part of how long it takes to begin.
func TestPluginsAreSmall(t *testing.T) {
	for name, most := range map[string]int64{"echo": 4 << 20, "hashicorp": 32 << 20} {
		file, err := pluginProgram(name)
		if err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s has %d bytes", name, info.Size())
		if info.Size() > most {
			t.Errorf("%s has %d bytes, not at most %d", name, info.Size(), most)
		}
	}
}

// Whatever claims to end a guest ends a plain loop, and no figure is made of one that goes on.
func TestKillers(t *testing.T) {
	if testing.Short() {
		t.Skip("one of them is waited for two seconds")
	}
	list := hold.Cases(killers())
	ended := map[string]float64{}
	figures := map[string]bool{}
	o := &bench.Options{Rounds: 2, Turn: 30 * time.Millisecond, Variants: []string{"loop"}}
	err := list[0].Run(t.Context(), o, func(r bench.Row) {
		if r.Metric == "ended" {
			ended[r.System] = r.Value
		} else {
			figures[r.System] = true
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range killers() {
		want := 1.0
		if p.Name == "wazero" {
			want = 0
		}
		if got, ok := ended[p.Name]; !ok || got != want || figures[p.Name] != (want == 1) {
			t.Errorf("%s ended %v of its runs, not %v", p.Name, got, want)
		}
	}
}
