package meter

import "github.com/vitrine-run/vitrine/runtime/wasm"

// instr is an instruction of a function, and what of its surroundings the walks need.
type instr struct {
	wasm.Instr
	end    uint32 // where the next one begins
	before uint32 // cost of the instructions before it that were skimmed over
	nth    int32  // among all instructions of the function
}

// load takes apart a function: its locals, its blocks and its instructions, of which it
// skims over those that nothing is written for if it can. The body is valid.
//
// Leaf loops and threads need those that use locals as well. Straight code that is so long that
// it gets checks of its own needs all, and so does what confess writes for.
func (b *body) load(w *rewriter, fn int) (leaf bool) {
	b.begin(w, fn)
	facts := w.m.Code[fn].Facts
	locals := b.thread != 0 || facts.LeafLoop && !w.plain
	all := facts.Alters || !b.skim(locals)
	if all {
		b.decode()
	}
	if leaf = b.regions(); leaf && !locals && !all && !b.skim(true) {
		b.decode()
	}
	b.resetCharges()
	return leaf
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
	b.nth = 0
	b.code, b.ctrls, b.stack = b.code[:0], b.ctrls[:0], b.stack[:0]
	b.open(wasm.OpBlock, -1, -1)
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
	b.code = append(b.code, instr{before: before, nth: b.nth})
	b.nth++
	in := &b.code[at]
	b.r.Instr(&in.Instr)
	if in.end = uint32(b.r.Pos()); special(in.Op) {
		b.structure(in, int32(at))
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

// skim reads the instructions that something may be written for, and if it is told to those that
// use locals, and sums up the others. It says no if the function is so dear that there may be a check
// behind any of them.
func (b *body) skim(locals bool) bool {
	b.restart()
	code := b.bytes
	var before, dear uint32
	constant, constEnd := -1, -1 // where the last i32.const begins and ends
	for pos := b.start; pos < len(code); {
		op := code[pos]
		kind := skimmed[op]
		if kind == 0 {
			if op == 0xfc && constEnd == pos { // perhaps the length of a bulk instruction
				b.r.Seek(constant)
				b.nth--
				b.take(before - 1)
				before = 0
			}
			in := b.takeShort(pos, before)
			if in == nil {
				b.r.Seek(pos)
				in = b.take(before)
			}
			pos = int(in.end)
			dear += before + Cost(in.Op) + dearest(in.Op)
			if before = 0; dear > straightCost {
				return false
			}
			continue
		}
		at := pos
		pos = skip(code, pos+1, kind)
		if locals && op <= byte(wasm.OpLocalTee) && op >= byte(wasm.OpLocalGet) {
			b.takeLocal(at, pos, before)
			dear += before + 1
			before = 0
			continue
		}
		before += uint32(costs[0][op])
		b.nth++
		if op == byte(wasm.OpI32Const) {
			constant, constEnd = at, pos
		}
	}
	return true
}

// takeShort adds the instruction at pos if it is one of the usual ones that control; nil if not.
func (b *body) takeShort(pos int, before uint32) *instr {
	code := b.bytes
	in := instr{Instr: wasm.Instr{Op: wasm.Opcode(code[pos]), Pos: uint32(pos)}, before: before, nth: b.nth}
	next := pos + 1
	switch in.Op {
	case wasm.OpEnd, wasm.OpElse, wasm.OpReturn, wasm.OpUnreachable, wasm.OpSelect:
	case wasm.OpBr, wasm.OpBrIf, wasm.OpCall:
		next = skip(code, next, immediateNumber)
		in.A = number(code[pos+1 : next])
	case wasm.OpBlock, wasm.OpLoop, wasm.OpIf:
		if t := wasm.ValueType(code[next]); t.Valid() {
			in.A, in.B = uint32(t), wasm.BlockValue
		} else if t != 0x40 {
			return nil
		}
		next++
	default:
		return nil
	}
	in.end = uint32(next)
	b.nth++
	b.code = append(b.code, in)
	b.structure(&b.code[len(b.code)-1], int32(len(b.code)-1))
	return &b.code[len(b.code)-1]
}

// number is the unsigned LEB128 number that the bytes are.
func number(bytes []byte) (n uint32) {
	for i := len(bytes) - 1; i >= 0; i-- {
		n = n<<7 | uint32(bytes[i]&0x7f)
	}
	return n
}

// takeLocal adds the instruction from at to end, which uses a local.
func (b *body) takeLocal(at, end int, before uint32) {
	b.code = append(b.code, instr{
		Instr: wasm.Instr{Op: wasm.Opcode(b.bytes[at]), Pos: uint32(at), A: number(b.bytes[at+1 : end])},
		end:   uint32(end), before: before, nth: b.nth,
	})
	b.nth++
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
