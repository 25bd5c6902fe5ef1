package meter_test

import (
	"bytes"
	"context"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/vitrine-run/vitrine/runtime/meter"
	"github.com/vitrine-run/vitrine/runtime/validate"
)

// TestStopsAtTheSamePlace lets a guest that never ends use up budgets of all sizes, some that end
// in a leaf loop and some in a recursion. However often it has come out on its way, and on which
// engine, its memory, its globals, what it wrote and what it used are the same then.
func TestStopsAtTheSamePlace(t *testing.T) {
	code, err := os.ReadFile("../testdata/stops.wasm")
	if err != nil {
		t.Fatal(err)
	}
	r, err := rewriteWith(code, &validate.Caps{MemoryPages: 8})
	if err != nil {
		t.Fatal(err)
	}
	random, places := rand.New(rand.NewPCG(5, 13)), map[string]bool{}
	for range 10 {
		budget, first := 1_000+random.Int64N(200_000), ""
		for _, slice := range []int64{1 << 40, 100_000, 7_919, 1_000 + random.Int64N(50), 64, 0} {
			for _, compiler := range []bool{true, false} {
				got := stop(t, r, compiler, &bank{slice: slice, depth: 1_000, budget: budget})
				if first == "" {
					first = got
				}
				if got != first {
					t.Errorf("a budget of %d ended at %s, with slices of %d and compiler %v at %s", budget, first, slice, compiler, got)
				}
			}
		}
		places[first] = true
	}
	if len(places) < 10 {
		t.Errorf("10 budgets ended at %d places", len(places))
	}
}

// stop runs the guest until its budget is used up, and says where it was then.
func stop(t *testing.T, r *meter.Result, compiler bool, b *bank) string {
	t.Helper()
	ctx, h := context.Background(), newHost(t, compiler, b)
	var written int
	_, err := h.r.NewHostModuleBuilder("wasi_snapshot_preview1").NewFunctionBuilder().
		WithFunc(func(_, _, _, _ uint32) uint32 { written++; return 0 }).Export("fd_write").Instantiate(ctx)
	if err != nil {
		t.Fatal(err)
	}
	mod, err := h.load("", r.Wasm)
	if err != nil {
		t.Fatal(err)
	}
	if got := outcome(mod, "run", nil); got != "fuel" {
		t.Fatalf("it ended by %s", got)
	}
	memory, _ := mod.Memory().Read(0, mod.Memory().Size())
	sum := fnv.New64a()
	if _, err := sum.Write(memory); err != nil || bytes.Count(memory, []byte{0}) == len(memory) {
		t.Fatalf("its memory: %v", err)
	}
	at := fmt.Sprintf("%d bytes of memory %x, %d lines, stopped %d", len(memory), sum.Sum64(), written, b.stopped)
	for _, g := range r.Globals {
		at += fmt.Sprintf(", %s %x", g.Name, mod.ExportedGlobal(g.Name).Get())
	}
	return at
}
