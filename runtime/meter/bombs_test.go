package meter_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero/api"
	"github.com/vitrine-run/vitrine/runtime/meter"
	"github.com/vitrine-run/vitrine/runtime/validate"
)

//go:generate ../testdata/bombs/assemble.sh

// bombs calls f with each bomb, its source and the fault it must end in.
func bombs(t *testing.T, f func(t *testing.T, source, fault string, wasm []byte)) {
	t.Helper()
	sources, err := filepath.Glob("../testdata/bombs/*.wat")
	if err != nil || len(sources) < 40 {
		t.Fatalf("%d bombs, %v", len(sources), err)
	}
	for _, src := range sources {
		text, err := os.ReadFile(src)
		if err != nil {
			t.Fatal(err)
		}
		head, _, _ := strings.Cut(string(text), "\n")
		fault, ok := strings.CutPrefix(head, ";; fault: ")
		wasm, err := os.ReadFile(strings.TrimSuffix(src, ".wat") + ".wasm")
		if !ok || err != nil {
			t.Fatalf("%s: no fault in its first line, or not assembled: %v", src, err)
		}
		t.Run(strings.TrimSuffix(filepath.Base(src), ".wat"), func(t *testing.T) { f(t, src, fault, wasm) })
	}
}

// What a guest may be charged for beyond its slice before it comes out: one chunk of bytes; a long way without a check, or
// all of a table; asking for all of memory or for a huge table, which is charged before it is done.
const (
	mostCharged = 1<<13 + 100
	mostLong    = 1<<15 + 100
	mostGrown   = 1 << 24
)

// TestBombs gives each bomb a budget of fuel and a stack, and wants it to end
// as it says, on both engines and with the same fuel. The guest must come out often,
// whatever it does: a host collects garbage meanwhile.
func TestBombs(t *testing.T) {
	bombs(t, func(t *testing.T, source, fault string, wasm []byte) {
		r, err := rewriteWith(wasm, &validate.Caps{MemoryPages: 1024, TableSize: 1 << 17})
		refused := fault == "invalid" || strings.HasSuffix(strings.TrimSuffix(source, ".wat"), "_minimum")
		if (err != nil) != refused {
			t.Fatalf("got %v, it should end in %s", err, fault)
		}
		if err != nil {
			return
		}
		var used []int64
		for _, compiler := range []bool{true, false} {
			// wazero's interpreter itself allows no more than 2000 calls.
			b := &bank{slice: 20_000, budget: 3_000_000, depth: 1_500}
			got := explode(t, r, compiler, b)
			switch {
			case fault == "deadline" && got != "fuel", fault == "stack" && got != "stack",
				fault == "trap" && !strings.HasPrefix(got, "wasm error: "):
				t.Errorf("compiler %v: ended in %q, not in %s", compiler, got, fault)
			}
			used = append(used, b.spent)
			most := int64(mostCharged)
			if strings.Contains(source, "table") || strings.Contains(source, "returns") {
				most = mostLong
			}
			if strings.Contains(source, "grow") {
				most = mostGrown
			}
			if b.charged > b.slice+most {
				t.Errorf("was charged %d with slices of %d", b.charged, b.slice)
			}
		}
		if used[0] != used[1] {
			t.Errorf("the compiler used %d, the interpreter %d", used[0], used[1])
		}
	})
}

// TestFuelDoesNotDependOnSlices stops endless guests at the same place, however
// fuel is handed out and on whichever engine.
func TestFuelDoesNotDependOnSlices(t *testing.T) {
	bombs(t, func(t *testing.T, _, fault string, wasm []byte) {
		if fault != "deadline" {
			return
		}
		r, err := rewriteWith(wasm, &validate.Caps{MemoryPages: 1024, TableSize: 1 << 17})
		if err != nil {
			t.Fatal(err)
		}
		var first int64
		for i, slice := range []int64{0, 777, 1 << 40} {
			b := &bank{slice: slice, budget: 70_000, depth: 1_500}
			if got := explode(t, r, i != 1, b); got != "fuel" {
				t.Fatalf("slices of %d: ended in %s", slice, got)
			}
			if i == 0 {
				first = b.stopped
			}
			if b.stopped != first || first <= b.budget {
				t.Errorf("slices of %d: stopped at %d, not at %d", slice, b.stopped, first)
			}
		}
	})
}

// explode instantiates and calls a bomb.
func explode(t *testing.T, r *meter.Result, compiler bool, b *bank) string {
	h := newHost(t, compiler, b)
	mod, err := h.load("", r.Wasm)
	if err != nil {
		return failure(err)
	}
	got := outcome(mod, "run", nil)
	left := int64(mod.ExportedGlobal(meter.ExportFuel).(api.MutableGlobal).Get())
	b.spent -= left
	b.charged = max(b.charged, b.last-left)
	return got
}

func TestBombsAreAssembled(t *testing.T) {
	wat2wasm, err := exec.LookPath("wat2wasm")
	if err != nil {
		t.Skip("wat2wasm is not installed")
	}
	bombs(t, func(t *testing.T, source, _ string, wasm []byte) {
		out := filepath.Join(t.TempDir(), "out.wasm")
		if msg, err := exec.Command(wat2wasm, source, "-o", out).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, msg)
		}
		fresh, err := os.ReadFile(out)
		if err != nil || !bytes.Equal(fresh, wasm) {
			t.Errorf("%s is not what was assembled, %v: run go generate", source, err)
		}
	})
}
