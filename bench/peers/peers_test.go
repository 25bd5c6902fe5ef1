package main

import (
	"os"
	"testing"
	"time"

	"github.com/vitrine-run/vitrine/bench"
	"github.com/vitrine-run/vitrine/bench/benchtest"
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
