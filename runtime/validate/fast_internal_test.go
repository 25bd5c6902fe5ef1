package validate

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/vitrine-run/vitrine/runtime/wasm"
	"github.com/vitrine-run/vitrine/runtime/wasm/wasmtest"
)

// verdict is all that the validator says of a module.
func verdict(b []byte, quick bool) string {
	m, err := module(b, nil, quick)
	if err != nil {
		return err.Error()
	}
	var facts []wasm.Facts
	for i := range m.Code {
		facts = append(facts, *m.Code[i].Facts)
	}
	return fmt.Sprintf("%+v", facts)
}

// TestFastSaysTheSame holds what takes the usual instructions together against what takes them one by
// one: on modules, and on what becomes of them when a byte is changed.
func TestFastSaysTheSame(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	modules, refused := 0, 0
	wasmtest.Modules(t, 7, func(name string, b []byte) {
		if len(b) > 50_000 {
			return
		}
		modules++
		for n := range 40 {
			changed := slices.Clone(b)
			if n > 0 {
				changed[random.IntN(len(b))] = byte(random.Uint32() >> random.IntN(8))
			}
			quick, slow := verdict(changed, true), verdict(changed, false)
			if quick != slow {
				t.Fatalf("%s: %.200s\none by one: %.200s", name, quick, slow)
			}
			if quick[0] != '[' {
				refused++
			}
		}
	})
	if refused < modules*5 {
		t.Errorf("only %d of the changed ones of %d modules were refused", refused, modules)
	}
}
