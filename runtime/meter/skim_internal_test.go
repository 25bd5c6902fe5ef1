package meter

import (
	"maps"
	"testing"

	"github.com/vitrine-run/vitrine/runtime/validate"
	"github.com/vitrine-run/vitrine/runtime/wasm/wasmtest"
)

// TestSkimmedIsChargedAlike holds what is decided about a function that was skimmed over against
// what is decided when each of its instructions is looked at.
func TestSkimmedIsChargedAlike(t *testing.T) {
	skimmed := 0
	wasmtest.Modules(t, 7, func(name string, code []byte) {
		m, err := validate.Module(code, nil)
		if err != nil {
			return
		}
		w := newRewriter(m, nil)
		w.scan()
		w.graph()
		w.price()
		w.elide()
		w.threads()
		for fn := range m.Code {
			b := w.scratch
			far := b.analyse(w, fn, true)
			if b.whole {
				continue
			}
			skimmed++
			entry, charges := b.entry, chargesByPlace(b)
			if b.load(w, fn, true) {
				b.settle()
			}
			if len(b.bytes) <= smallBody {
				b.mustCalls()
			}
			wantFar, _ := b.charge()
			if want := chargesByPlace(b); far != wantFar || entry != b.entry || !maps.Equal(charges, want) {
				t.Errorf("%s: function %d: entry %d, far %d, %v; looked at whole: %d, %d, %v", name, fn, entry, far, charges, b.entry, wantFar, want)
			}
		}
		w.close()
	})
	if skimmed < 1000 {
		t.Errorf("only %d functions were skimmed over", skimmed)
	}
}

func chargesByPlace(b *body) map[uint32]uint32 {
	at := map[uint32]uint32{}
	for i, n := range b.charges {
		if n != 0 {
			at[b.code[i].Pos] = n
		}
	}
	return at
}
