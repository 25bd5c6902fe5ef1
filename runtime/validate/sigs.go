package validate

import "github.com/vitrine-run/vitrine/runtime/wasm"

// sig is the type of an instruction that has only one: at most three operands,
// the last one first, and at most one result.
type sig struct {
	pops [3]wasm.ValueType
	n    uint8
	push wasm.ValueType // 0 for none
	ok   bool
}

// sigs holds the types by the opcode's page (plain, 0xfc, 0xfd) and low byte.
var sigs = makeSigs()

func makeSigs() *[3][256]sig {
	var t [3][256]sig
	for page, prefix := range []wasm.Opcode{0, 0xfc00, 0xfd00} {
		for i := range 256 {
			if s := (prefix | wasm.Opcode(i)).Info().Sig; s != "" {
				t[page][i] = parseSig(s)
			}
		}
	}
	return &t
}

func parseSig(s string) sig {
	out := sig{ok: true}
	operands := true
	for _, c := range s {
		t := map[rune]wasm.ValueType{'i': wasm.I32, 'l': wasm.I64, 'f': wasm.F32, 'd': wasm.F64, 'v': wasm.V128}[c]
		switch {
		case c == '>':
			operands = false
		case operands:
			copy(out.pops[1:], out.pops[:2])
			out.pops[0] = t
			out.n++
		default:
			out.push = t
		}
	}
	return out
}

// sigOf returns the type of an instruction, and nil if it depends.
func sigOf(op wasm.Opcode) *sig {
	page := 0
	if op >= 0xfc00 {
		page = int(op>>8) - 0xfb
	}
	if s := &sigs[page][op&0xff]; s.ok {
		return s
	}
	return nil
}
