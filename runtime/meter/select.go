package meter

import (
	"slices"

	"github.com/vitrine-run/vitrine/runtime/wasm"
)

// wazero 1.12 miscompiles a select of floats or vectors on amd64 when registers run out: it
// jumps over a move into a register which its allocator believes to be written either way
// (wazero#2534, mended after 1.12). So such a select becomes
//
//	(local.set $which) (local.set $second)
//	(if (param t) (result t) (local.get $which)
//	  (then)
//	  (else (drop) (local.get $second)))

// selectTypes are the types of such selects. Each has a local behind the others, and before
// them is one for the condition.
var selectTypes = [...]wasm.ValueType{wasm.F32, wasm.F64, wasm.V128}

// selectLocals returns the types of the locals that the function's selects need.
func (b *body) selectLocals() []wasm.ValueType {
	if len(b.w.m.Code[b.fn].Facts.Selects) == 0 {
		return nil
	}
	return append([]wasm.ValueType{wasm.I32}, selectTypes[:]...)
}

// selectAsIf writes a select of floats or vectors. Others are copied.
func (b *body) selectAsIf(i int) {
	selects := b.w.m.Code[b.fn].Facts.Selects
	at, found := slices.BinarySearchFunc(selects, b.code[i].Pos, func(s wasm.Select, pos uint32) int { return int(s.Pos) - int(pos) })
	if !found {
		return
	}
	e, t := &b.emit, selects[at].Type
	which := uint32(len(b.locals)) + 2
	second := which + 1 + uint32(slices.Index(selectTypes[:], t))
	same := []wasm.ValueType{t}
	b.replace(i)
	e.opU(wasm.OpLocalSet, which)
	e.opU(wasm.OpLocalSet, second)
	e.opU(wasm.OpLocalGet, which)
	e.open(wasm.OpIf, wasm.AppendS64(nil, int64(b.w.typeOf(wasm.FuncType{Params: same, Results: same}))))
	e.op(wasm.OpElse)
	e.op(wasm.OpDrop)
	e.opU(wasm.OpLocalGet, second)
	e.end()
}
