package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vitrine-run/vitrine/runtime/engine"
)

// called is what `vitrine call --json` says.
type called struct {
	Status     string
	Results    []string
	Stdout     string
	Fuel       uint64
	PeakMemory uint64 `json:"peak_memory"`
	Error      *string
}

func callJSON(t *testing.T, want int, args ...string) called {
	t.Helper()
	var out, talk bytes.Buffer
	code := run(append([]string{"call", "--json"}, args...), strings.NewReader(""), &out, &talk)
	var c called
	if err := json.Unmarshal(out.Bytes(), &c); err != nil {
		t.Fatalf("%v: %v\n%s%s", args, err, &out, &talk)
	}
	if code != want {
		t.Errorf("%v: exit code %d, want %d: %s", args, code, want, &out)
	}
	return c
}

// Every bomb ends with the status in its first line, and the exit code of that.
func TestBombs(t *testing.T) {
	sources, err := filepath.Glob("../../runtime/testdata/bombs/*.wat")
	if err != nil || len(sources) < 40 {
		t.Fatalf("%d bombs, %v", len(sources), err)
	}
	codes := map[string]int{"deadline": exitLimit, "fuel": exitLimit, "memory": exitLimit, "table": exitLimit,
		"stack": exitLimit, "trap": exitGuest, "invalid": exitInvalid}
	for i, src := range sources {
		text, err := os.ReadFile(src)
		if err != nil {
			t.Fatal(err)
		}
		head, _, _ := strings.Cut(string(text), "\n")
		fault := strings.TrimPrefix(head, ";; fault: ")
		bomb := strings.TrimSuffix(src, ".wat") + ".wasm"
		if testing.Short() && i%6 != 0 {
			continue
		}
		t.Run(strings.TrimSuffix(filepath.Base(src), ".wat"), func(t *testing.T) {
			timeout := "100ms"
			if fault != "deadline" {
				timeout = "20s" // it ends by itself, however slow the machine
			}
			if c := callJSON(t, codes[fault], bomb, "run", "--timeout", timeout); c.Status != fault || c.Error == nil {
				t.Errorf("status %q, want %q: %v", c.Status, fault, c.Error)
			}
			if fault == "deadline" {
				first := callJSON(t, exitLimit, bomb, "run", "--timeout", "20s", "--fuel", "1000000")
				again := callJSON(t, exitLimit, bomb, "run", "--timeout", "20s", "--fuel", "1000000")
				if first.Status != "fuel" || first.Fuel != again.Fuel || first.Fuel < 1_000_000 {
					t.Errorf("with fuel it ended in %q after %d, then in %q after %d", first.Status, first.Fuel, again.Status, again.Fuel)
				}
			}
		})
	}
}

func TestFuelIsTheSameOnEachEngine(t *testing.T) {
	var first called
	for i, name := range engine.Names() {
		c := callJSON(t, exitOK, "../../runtime/testdata/numbers.wasm", "fib", "24", "--engine", name)
		if i == 0 {
			first = c
		}
		if c.Fuel != first.Fuel || c.Fuel == 0 || c.Results[0] != "46368" {
			t.Errorf("%s: fib(24) is %v for fuel %d, %s took %d", name, c.Results, c.Fuel, engine.Names()[0], first.Fuel)
		}
	}
}

// A budget ends a call at one place: what it had said, used and taken of memory by then is the same
// each time, on each engine.
func TestFuelStopsAtTheSamePlace(t *testing.T) {
	runs := 20
	if testing.Short() {
		runs = 4
	}
	for _, fuel := range []string{"150000", "987654"} {
		var first called
		for i := range runs {
			for _, name := range engine.Names() {
				c := callJSON(t, exitLimit, "../../runtime/testdata/stops.wasm", "run", "--fuel", fuel, "--timeout", "1m", "--engine", name)
				if i == 0 && first.Error == nil {
					first = c
				}
				if c.Status != "fuel" || c.Stdout != first.Stdout || c.Fuel != first.Fuel || c.PeakMemory != first.PeakMemory || *c.Error != *first.Error {
					t.Fatalf("%s, run %d: %+v, the first was %+v", name, i, c, first)
				}
			}
		}
		if lines := strings.Count(first.Stdout, "\n"); lines < 5 || first.PeakMemory <= 1<<16 {
			t.Errorf("fuel %s: only %d lines and %d bytes of memory", fuel, lines, first.PeakMemory)
		}
	}
}
