package meter

import (
	"testing"

	"github.com/vitrine-run/vitrine/runtime/validate"
	"github.com/vitrine-run/vitrine/runtime/wasm"
)

// TestJumpsThatSkipTheTable says which jumps become branches to where the table would lead, however the function is read.
func TestJumpsThatSkipTheTable(t *testing.T) {
	const (
		table = "\x20\x00\x0e\x03\x00\x01\x02\x02" // of local 0, to the ends of three blocks, and to the last
		by    = "\x21\x00"                         // local.set 0
		three = "\x41\x02" + by                    // the third piece is next
		br    = "\x0c\x02"
	)
	for _, c := range []struct {
		name, before, table, jump string
		to                        int // the label of the last branch
		turned                    bool
	}{
		{"forward", "", table, three + br, 1, true},
		{"to the default", "", table, "\x41\x7f" + by + br, 1, true},
		{"by numbers of more bytes", "", table, "\x41\x81\x00" + by + "\x0c\x82\x00", 0, true},
		{"out of blocks", "", table, "\x02\x40" + three + "\x03\x40\x41\x02" + by + "\x0c\x04\x0b\x0b", 3, true},
		{"backward", "", table, "\x41\x00" + by + br, 2, false},
		{"to the loop", "", "\x20\x00\x0e\x02\x00\x01\x03", three + br, 2, false},
		{"out of the loop", "", "\x20\x00\x0e\x02\x00\x01\x04", three + br, 2, false},
		{"with another local", "", table, "\x41\x02\x21\x01" + br, 2, false},
		{"by what is another local's", "", "\x20\x01\x0e\x03\x00\x01\x02\x02", three + br, 2, false},
		{"by what is left", "", table, "\x41\x02\x22\x00\x1a" + br, 2, false},
		{"by a sum", "", table, "\x41\x01\x41\x01\x6a" + by + br, 2, false},
		{"with something between", "", table, three + "\x01" + br, 2, false},
		{"with an end between", "", table, three + "\x0b" + "\x0c\x01\x02\x40", 1, false},
		{"perhaps", "", table, three + "\x41\x01\x0d\x02", 2, false},
		{"something in the blocks", "\x01", table, three + br, 2, false},
		{"no table but a number", "", "\x41\x00\x0e\x03\x00\x01\x02\x02", three + br, 2, false},
		{"an if around the table", "\x41\x01\x04\x40" + table + "\x0b", "", three + br, 2, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			code := "\x01\x02\x7f\x02\x40\x03\x40\x02\x40\x02\x40\x02\x40" + c.before + c.table + "\x0b" + c.jump + "\x0b\x0b\x0b\x0b\x0b"
			mod := &wasm.Module{Start: -1, DataCount: -1, Types: []wasm.FuncType{{}}, Funcs: []uint32{0}, Code: []wasm.Code{{Bytes: []byte(code)}}}
			m, err := validate.Module(mod.Encode(), nil)
			if err != nil {
				t.Fatal(err)
			}
			w := newRewriter(m, nil)
			for _, whole := range []bool{false, true} {
				w.scratch.load(w, 0, whole)
				label, turned := -1, false
				for _, in := range w.scratch.code {
					if in.Op == wasm.OpBr || in.Op == wasm.OpBrIf {
						label, turned = int(in.A), in.turned
					}
				}
				if label != c.to || turned != c.turned {
					t.Errorf("whole %v: goes to label %d, turned %v", whole, label, turned)
				}
			}
			w.close()
		})
	}
}
