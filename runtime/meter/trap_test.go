package meter_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/vitrine-run/vitrine/runtime/validate"
)

// TestTrapsLoseTheSame traps guests after many and few rounds where their fuel is in a local,
// with slices of all sizes and on both engines: what they have used is always the same.
func TestTrapsLoseTheSame(t *testing.T) {
	code, err := os.ReadFile("../testdata/trap_anywhere.wasm")
	if err != nil {
		t.Fatal(err)
	}
	r, err := rewriteWith(code, &validate.Caps{MemoryPages: 1})
	if err != nil {
		t.Fatal(err)
	}
	random, slices := rand.New(rand.NewPCG(7, 11)), []int64{1 << 40, 100_000, 7_919, 1_000, 64, 0}
	for _, fn := range []string{"loop", "wide", "nested", "again", "recursive", "walks"} {
		var used []int64
		for range 8 {
			n, first := 1+random.Uint64N(1<<random.IntN(15)), int64(-1)
			for i, slice := range slices {
				compiler := (uint64(i)+n)%2 == 0
				b := &bank{slice: slice, depth: 1_000}
				mod, err := newHost(t, compiler, b).load("", r.Wasm)
				if err != nil {
					t.Fatal(err)
				}
				if got := outcome(mod, fn, []uint64{n}); !strings.Contains(got, "divide by zero") {
					t.Fatalf("%s(%d): %s", fn, n, got)
				}
				if first < 0 {
					first = b.used(mod)
				}
				if got := b.used(mod); got != first {
					t.Errorf("%s(%d): used %d, with slices of %d and compiler %v %d", fn, n, first, slice, compiler, got)
				}
				if slice == 64 && n > 1_000 && b.calls < 10 {
					t.Errorf("%s(%d): came out %d times only", fn, n, b.calls)
				}
			}
			used = append(used, first)
		}
		t.Log(fn, fmt.Sprint(used))
	}
}
