package meter

import "github.com/vitrine-run/vitrine/runtime/wasm"

// instr is an instruction of a function, and what of its surroundings the walks need.
type instr struct {
	wasm.Instr
	end    uint32 // where the next one begins
	before uint32 // cost of the instructions before it that were skimmed over
}

// load takes apart a function: its locals, its blocks and its instructions, of which it
// skims over those that nothing is written for if it can. The body is valid.
//
// Only leaf loops and threads need the others, to know where locals live, and straight
// code that is so long that it gets checks of its own, and what confess writes for.
func (b *body) load(w *rewriter, fn int) (leaf bool) {
	b.begin(w, fn)
	if b.thread == 0 && !w.m.Code[fn].Facts.Alters && b.skim() {
		if leaf = b.regions(); !leaf {
			b.resetCharges()
			return false
		}
	}
	b.decode()
	b.resetCharges()
	return b.regions()
}

func (b *body) resetCharges() {
	if n := len(b.code); cap(b.charges) < n {
		b.charges = make([]uint32, n, 2*n)
	} else {
		b.charges = b.charges[:n]
		clear(b.charges)
	}
}

// begin reads the declarations of locals.
func (b *body) begin(w *rewriter, fn int) {
	b.w, b.fn = w, fn
	c := &w.m.Code[fn]
	b.bytes = c.Bytes
	b.r.Reset(c.Bytes, c.Offset)
	r := &b.r
	b.locals = append(b.locals[:0], w.m.Types[w.m.Funcs[fn]].Params...)
	b.params = len(b.locals)
	b.thread = 0
	if w.threaded != nil {
		b.thread = w.threaded[fn].group
	}
	b.ndecls = r.U32()
	from := r.Pos()
	for range b.ndecls {
		n, t := r.U32(), wasm.ValueType(r.Byte())
		for range n {
			b.locals = append(b.locals, t)
		}
	}
	b.start = r.Pos()
	b.decls = c.Bytes[from:b.start]
}

// restart goes back to the first instruction.
func (b *body) restart() {
	b.r.Seek(b.start)
	b.code, b.ctrls, b.stack = b.code[:0], b.ctrls[:0], b.stack[:0]
	b.open(wasm.OpBlock, -1)
}

// decode reads every instruction.
func (b *body) decode() {
	b.restart()
	for b.r.Len() > 0 {
		b.take(0)
	}
}

// take reads the next instruction.
func (b *body) take(before uint32) *instr {
	at := len(b.code)
	b.code = append(b.code, instr{before: before})
	in := &b.code[at]
	b.r.Instr(&in.Instr)
	if in.end = uint32(b.r.Pos()); special(in.Op) {
		b.structure(&in.Instr, int32(at))
	}
	return in
}

// What follows the opcode of an instruction that may be skimmed over.
const (
	immediatesNone = iota + 1
	immediateNumber
	immediateNumbers // two
	immediate4
	immediate8
	immediateByte
)

// skimmed says so for each opcode of one byte, 0 for those that are read.
var skimmed = makeSkimmed()

func makeSkimmed() (t [256]uint8) {
	for i := range t {
		op := wasm.Opcode(i)
		if info := op.Info(); info.Name != "" && !special(op) {
			t[i] = map[wasm.Shape]uint8{
				wasm.ShapeNone: immediatesNone, wasm.ShapeLocal: immediateNumber, wasm.ShapeGlobal: immediateNumber,
				wasm.ShapeTable: immediateNumber, wasm.ShapeI32: immediateNumber, wasm.ShapeI64: immediateNumber,
				wasm.ShapeMem: immediateNumbers, wasm.ShapeF32: immediate4, wasm.ShapeF64: immediate8,
				wasm.ShapeRefType: immediateByte, wasm.ShapeMemory: immediateByte,
			}[info.Shape]
		}
	}
	return t
}

// skim reads the instructions that something may be written for, and sums up the others.
// It says no if the function is so dear that there may be a check behind any of them.
func (b *body) skim() bool {
	b.restart()
	code := b.bytes
	var before, dear uint32
	constant := -1 // where the last i32.const begins
	constEnd := -1
	for pos := b.start; pos < len(code); {
		op := code[pos]
		kind := skimmed[op]
		if kind == 0 {
			if op == 0xfc && constEnd == pos { // perhaps the length of a bulk instruction
				b.r.Seek(constant)
				b.take(before - 1)
				before = 0
			}
			b.r.Seek(pos)
			in := b.take(before)
			pos = b.r.Pos()
			dear += before + Cost(in.Op) + dearest(in.Op)
			if before = 0; dear > straightCost {
				return false
			}
			continue
		}
		before += uint32(costs[0][op])
		at := pos
		pos = skip(code, pos+1, kind)
		if op == byte(wasm.OpI32Const) {
			constant, constEnd = at, pos
		}
	}
	return true
}

// skip returns where the immediates end that begin at pos.
func skip(code []byte, pos int, kind uint8) int {
	switch kind {
	case immediateNumbers:
		for code[pos] >= 0x80 {
			pos++
		}
		pos++
		fallthrough
	case immediateNumber:
		for code[pos] >= 0x80 {
			pos++
		}
		return pos + 1
	case immediate4:
		return pos + 4
	case immediate8:
		return pos + 8
	case immediateByte:
		return pos + 1
	}
	return pos
}

// dearest is the most that callCost adds to the cost of an instruction.
func dearest(op wasm.Opcode) uint32 {
	switch op {
	case wasm.OpCall:
		return callerPays
	case wasm.OpMemoryInit, wasm.OpMemoryCopy, wasm.OpMemoryFill:
		return constLength >> bulkShift
	}
	return 1
}
