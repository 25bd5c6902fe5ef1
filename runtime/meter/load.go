package meter

import "github.com/vitrine-run/vitrine/runtime/wasm"

// instr is an instruction of a function, and what of its surroundings the walks need.
type instr struct {
	wasm.Instr
	end    uint32 // where the next one begins
	uses   uint32 // how many of body.uses come before it
	before uint32 // cost of the instructions before it that were skimmed over
	nth    int32  // among all instructions of the function
	turned bool   // a branch that goes elsewhere than it did: see dispatch.go
}

// analyse takes apart a function and decides what is charged where. far is the most that runs
// after its entry before there is a check. Leaf loops that would have to carry too much are no leaf
// loops any more if they are to be settled, which takes time.
//
// It looks into straight code that is so long that it gets checks of its own a second time, and at
// each instruction: there may be a check behind any.
func (b *body) analyse(w *rewriter, fn int, settle bool) (far uint64) {
	for whole := false; ; whole = true {
		if leaf := b.load(w, fn, whole); leaf && settle {
			b.settle()
		}
		if len(b.bytes) <= smallBody {
			b.mustCalls()
		}
		if far, ok := b.charge(); ok {
			return far
		}
	}
}

// load takes apart a function: its locals, its blocks and its instructions, of which it
// skims over those that nothing is written for, unless the whole is asked for. The body is valid.
//
// Leaf loops need to know which locals are used where, and threads and what confess writes for need all.
func (b *body) load(w *rewriter, fn int, whole bool) (leaf bool) {
	b.begin(w, fn)
	facts := w.m.Code[fn].Facts
	locals := facts.LeafLoop && !w.plain
	b.alters = facts.Alters
	if b.whole = whole || b.alters || b.thread != 0; b.whole {
		b.decode()
	} else {
		b.skim(locals)
	}
	if leaf = b.regions(); leaf && !locals && !b.whole {
		b.skim(true)
		b.regions()
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
	b.code, b.uses, b.ctrls, b.stack, b.tables = b.code[:0], b.uses[:0], b.ctrls[:0], b.stack[:0], b.tables[:0]
	b.constAt, b.constEnd = -1, -1
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
	b.code = append(b.code, instr{before: before, nth: b.nth, uses: uint32(len(b.uses))})
	b.nth++
	in := &b.code[at]
	b.r.Instr(&in.Instr)
	if in.Op >= wasm.OpLocalGet && in.Op <= wasm.OpLocalTee {
		b.use(in.Op, in.A)
	}
	if in.end = uint32(b.r.Pos()); in.Op == wasm.OpI32Const {
		b.constAt, b.constEnd = int(in.Pos), int(in.end)
	} else if special(in.Op) {
		b.structure(in, int32(at))
	}
	return in
}

// What follows the opcode of an instruction that may be skimmed over.
const (
	immediatesNone = iota + 1
	immediateLocal
	immediateNumber
	immediateNumbers // two
	immediate4
	immediate8
	immediateByte
)

// skimming is what skim knows of an opcode of one byte.
type skimming struct {
	kind uint8 // 0 for those that are read
	cost uint8
}

var skimmed = makeSkimmed()

func makeSkimmed() *[256]skimming {
	var t [256]skimming
	for i := range t {
		op := wasm.Opcode(i)
		if info := op.Info(); info.Name != "" && !special(op) {
			t[i] = skimming{kind: map[wasm.Shape]uint8{
				wasm.ShapeNone: immediatesNone, wasm.ShapeLocal: immediateLocal, wasm.ShapeGlobal: immediateNumber,
				wasm.ShapeTable: immediateNumber, wasm.ShapeI32: immediateNumber, wasm.ShapeI64: immediateNumber,
				wasm.ShapeMem: immediateNumbers, wasm.ShapeF32: immediate4, wasm.ShapeF64: immediate8,
				wasm.ShapeRefType: immediateByte, wasm.ShapeMemory: immediateByte,
			}[info.Shape], cost: uint8(Cost(op))}
		}
	}
	return &t
}

// use notes the use of a local: its index, and whether it is written.
func (b *body) use(op wasm.Opcode, local uint32) {
	if local <<= 1; op != wasm.OpLocalGet {
		local |= 1
	}
	b.uses = append(b.uses, local)
}

// skim reads the instructions that something may be written for, notes the uses of locals if it is
// told to, and sums up what the others cost.
func (b *body) skim(locals bool) {
	b.restart()
	code := b.bytes
	nth := b.nth
	var before uint32
	constant, constEnd := -1, -1 // where the last i32.const begins and ends
	for pos := b.start; pos < len(code); {
		op := code[pos]
		at, s := pos, skimmed[op]
		switch s.kind {
		case immediatesNone:
			pos++
		case immediateLocal:
			if l := code[pos+1]; l < 0x80 {
				if pos += 2; locals {
					b.use(wasm.Opcode(op), uint32(l))
				}
			} else if pos = skipNumber(code, pos+1); locals {
				b.use(wasm.Opcode(op), number(code[at+1:pos]))
			}
		case immediateNumbers:
			if pos += 3; code[pos-2]|code[pos-1] >= 0x80 {
				pos = skipNumber(code, skipNumber(code, at+1))
			}
		case immediateNumber:
			pos = skipNumber(code, pos+1)
			if op == byte(wasm.OpI32Const) {
				constant, constEnd = at, pos
			}
		case 0:
			if op == 0xfc && constEnd == pos { // perhaps the length of a bulk instruction
				b.r.Seek(constant)
				b.nth = nth - 1
				b.take(before - 1)
				before = 0
			}
			b.nth, b.constAt, b.constEnd = nth, constant, constEnd
			pos, nth, before = b.takeSpecial(pos, before), nth+1, 0
			continue
		default:
			pos = skip(code, pos+1, s.kind)
		}
		before += uint32(s.cost)
		nth++
	}
}

// takeSpecial adds the instruction at pos, which is none to be skimmed over, and returns where it ends.
func (b *body) takeSpecial(pos int, before uint32) int {
	if end := b.takeShort(pos, before); end > 0 {
		return end
	}
	b.r.Seek(pos)
	return int(b.take(before).end)
}

// takeShort adds the instruction at pos if it is one of the usual ones that control, and returns where
// it ends; 0 if it is none.
func (b *body) takeShort(pos int, before uint32) int {
	code := b.bytes
	op := wasm.Opcode(code[pos])
	var x, y uint32
	next := pos + 1
	switch op {
	case wasm.OpEnd, wasm.OpElse, wasm.OpReturn, wasm.OpUnreachable, wasm.OpSelect:
	case wasm.OpBr, wasm.OpBrIf, wasm.OpCall:
		if x = uint32(code[next]); x < 0x80 {
			next++
			break
		}
		next = skipNumber(code, next)
		x = number(code[pos+1 : next])
	case wasm.OpBlock, wasm.OpLoop, wasm.OpIf:
		if t := wasm.ValueType(code[next]); t.Valid() {
			x, y = uint32(t), wasm.BlockValue
		} else if t != 0x40 {
			return 0
		}
		next++
	default:
		return 0
	}
	in := b.add(op, pos, next, before)
	in.A, in.B, in.nth = x, y, b.nth
	b.nth++
	if op != wasm.OpSelect && op != wasm.OpUnreachable {
		b.structure(in, int32(len(b.code)-1))
	}
	return next
}

// number is the unsigned LEB128 number that the bytes are.
func number(bytes []byte) (n uint32) {
	if len(bytes) == 1 {
		return uint32(bytes[0])
	}
	for i := len(bytes) - 1; i >= 0; i-- {
		n = n<<7 | uint32(bytes[i]&0x7f)
	}
	return n
}

// add adds an instruction, of which the caller sets A, B and nth: one field after the other, for
// this is done more often than anything else.
func (b *body) add(op wasm.Opcode, from, to int, before uint32) *instr {
	at := len(b.code)
	if at == cap(b.code) {
		b.code = append(b.code, instr{})
	}
	b.code = b.code[:at+1]
	in := &b.code[at]
	in.Op, in.Lane, in.Pos, in.end, in.before, in.uses, in.turned = op, 0, uint32(from), uint32(to), before, uint32(len(b.uses)), false
	return in
}

// skipNumber returns where the number ends that begins at pos.
func skipNumber(code []byte, pos int) int {
	for code[pos] >= 0x80 {
		pos++
	}
	return pos + 1
}

// skip returns where the immediates end that begin at pos.
func skip(code []byte, pos int, kind uint8) int {
	switch kind {
	case immediate4:
		return pos + 4
	case immediate8:
		return pos + 8
	case immediateByte:
		return pos + 1
	}
	return pos
}
