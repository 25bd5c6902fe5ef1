package meter

import "github.com/vitrine-run/vitrine/runtime/wasm"

// emitter writes the rewritten body.
type emitter struct {
	out    []byte
	copied int     // up to where the original's bytes are in out
	depth  int32   // how many blocks are open in what is written
	ctrl   int32   // the number of the next ctrl
	fuel   uint32  // the local with the fuel in leaf loops
	region *region // the leaf loop that is being written, nil outside of one
	spare  region
	saved  []uint32
}

// function returns the rewritten body of a function.
func (w *rewriter) function(fn int) []byte {
	b := w.scratch
	b.analyse(w, fn, true)
	e := &b.emit
	*e = emitter{out: b.text.room(2*len(b.bytes) + 128), copied: b.start, spare: e.spare, saved: e.saved, fuel: uint32(len(b.locals))}
	if b.thread != 0 {
		e.fuel = uint32(b.params)
	}
	b.declare()
	b.enter()
	b.stack = append(b.stack[:0], 0)
	e.ctrl = 1
	for i := range b.code {
		if b.thread != 0 || b.alters || b.charges[i] != 0 || special(b.code[i].Op) {
			b.instr(i)
		}
	}
	return b.text.keep(e.out)
}

// declare writes the declarations of locals: two more than there were for the fuel, and the depth that
// there was at the entry, and some for selects.
func (b *body) declare() {
	e := &b.emit
	more := b.selectLocals()
	n := b.ndecls + uint32(len(more))
	if b.thread == 0 {
		n++
	}
	e.out = append(wasm.AppendU32(e.out, n), b.decls...)
	if b.thread == 0 {
		e.out = append(e.out, 2, byte(wasm.I64))
	}
	for _, t := range more {
		e.out = append(e.out, 1, byte(t))
	}
}

// settle takes the leaf form from loops that would have to carry too much, and
// from the loops around them, which contain a call then.
func (b *body) settle() {
	known := b.liveness()
	for i := len(b.ctrls) - 1; i > 0; i-- {
		c := &b.ctrls[i]
		if !c.leaf || c.calls {
			continue
		}
		if known {
			if b.emit.saved = b.saved(b.emit.saved[:0], int32(i)); len(b.emit.saved) <= maxLive {
				continue
			}
		}
		for p := int32(i); p > 0; p = b.ctrls[p].parent {
			b.ctrls[p].calls = true
		}
	}
	b.regions()
}

// depthLocal is the local with the depth that there was at the function's entry.
func (b *body) depthLocal() uint32 { return b.emit.fuel + 1 }

func (e *emitter) op(op wasm.Opcode) { e.out = append(e.out, byte(op)) }

func (e *emitter) opU(op wasm.Opcode, v uint32) { e.out = wasm.AppendU32(append(e.out, byte(op)), v) }

func (e *emitter) i64(v uint32) {
	e.out = wasm.AppendS64(append(e.out, byte(wasm.OpI64Const)), int64(v))
}

func (e *emitter) open(op wasm.Opcode, typ []byte) {
	e.out = append(append(e.out, byte(op)), typ...)
	e.depth++
}

func (e *emitter) end() {
	e.op(wasm.OpEnd)
	e.depth--
}

// br writes a branch to the label around which depth blocks are open.
func (e *emitter) br(op wasm.Opcode, depth int32) { e.opU(op, uint32(e.depth-1-depth)) }

var noResult = []byte{0x40}

// subtract charges a global or, by the other opcodes, a local.
func (e *emitter) subtract(get, set wasm.Opcode, index, n uint32) {
	e.opU(get, index)
	e.i64(n)
	e.op(wasm.OpI64Sub)
	e.opU(set, index)
}

// spend charges without a check.
func (b *body) spend(n uint32) {
	e := &b.emit
	if e.region != nil || b.thread != 0 {
		e.subtract(wasm.OpLocalGet, wasm.OpLocalSet, e.fuel, n)
	} else {
		e.subtract(wasm.OpGlobalGet, wasm.OpGlobalSet, b.w.fuel, n)
	}
}

// below tests whether the fuel, or with it the depth, is below zero.
func (b *body) below(depth bool) {
	e := &b.emit
	if b.thread != 0 {
		e.opU(wasm.OpLocalGet, e.fuel)
	} else {
		e.opU(wasm.OpGlobalGet, b.w.fuel)
	}
	if depth && b.thread != 0 {
		e.opU(wasm.OpLocalGet, b.depthLocal())
		e.op(wasm.OpI64Or)
	} else if depth {
		e.opU(wasm.OpGlobalGet, b.w.depth)
		e.op(wasm.OpI64Or)
	}
	e.i64(0)
	e.op(wasm.OpI64LtS)
}

// check calls refuel if the fuel is below zero.
func (b *body) check() {
	e := &b.emit
	b.below(false)
	e.open(wasm.OpIf, noResult)
	b.refuel(0)
	e.end()
}

// refuel writes the call of refuel, outside of leaf loops, and adds n to what there is then.
func (b *body) refuel(n uint32) {
	e := &b.emit
	if b.thread != 0 {
		e.opU(wasm.OpLocalGet, b.depthLocal())
		e.opU(wasm.OpGlobalSet, b.w.depth)
		b.carry(nil, n)
		return
	}
	e.opU(wasm.OpCall, b.w.refuel())
	if n > 0 {
		e.add64(b.w.fuel, n)
	}
}

// carry writes the call of refuel where the fuel is in a local, to which it adds n, with
// other locals as arguments and results.
func (b *body) carry(locals []uint32, n uint32) {
	e := &b.emit
	fn := b.w.helpers.refill(b, locals)
	for _, l := range locals {
		e.opU(wasm.OpLocalGet, b.slot(l))
	}
	e.opU(wasm.OpLocalGet, e.fuel)
	e.opU(wasm.OpCall, fn)
	if n > 0 {
		e.i64(n)
		e.op(wasm.OpI64Add)
	}
	e.opU(wasm.OpLocalSet, e.fuel)
	for i := len(locals) - 1; i >= 0; i-- {
		e.opU(wasm.OpLocalSet, b.slot(locals[i]))
	}
}

// results returns the encoded block type without parameters and with these results.
func (w *rewriter) results(types []wasm.ValueType) []byte {
	switch len(types) {
	case 0:
		return noResult
	case 1:
		return []byte{byte(types[0])}
	}
	return wasm.AppendS64(nil, int64(w.typeOf(wasm.FuncType{Results: types})))
}

// upTo copies the original's bytes that are still to be copied, up to pos.
func (b *body) upTo(pos uint32) {
	e := &b.emit
	if from := e.copied; int(pos) > from {
		e.out = append(e.out, b.bytes[from:pos]...)
		e.copied = int(pos)
	}
}

// after returns where the instruction after the i-th begins.
func (b *body) after(i int) uint32 { return b.code[i].end }

// replace copies what is before an instruction and leaves the instruction out.
func (b *body) replace(i int) {
	b.upTo(b.code[i].Pos)
	b.emit.copied = int(b.after(i))
}

// instr writes an instruction. Most are copied, many at a time.
func (b *body) instr(i int) {
	in, e := &b.code[i], &b.emit
	b.confess(&in.Instr)
	switch in.Op {
	case wasm.OpBlock, wasm.OpIf:
		c := b.opened()
		c.depth = e.depth
		e.depth++
	case wasm.OpLoop:
		b.loop(i, b.opened())
		return
	case wasm.OpEnd:
		b.end(i)
	case wasm.OpBr, wasm.OpBrIf:
		b.jump(i)
	case wasm.OpBrTable:
		b.replace(i)
		e.opU(in.Op, in.A)
		b.eachLabel(&in.Instr, func(l uint32) {
			e.out = wasm.AppendU32(e.out, uint32(e.depth-1-b.labelDepth(b.target(l))))
		})
	case wasm.OpReturn:
		b.replace(i)
		if f := &b.ctrls[0]; e.region != nil || f.depth >= 0 {
			e.br(wasm.OpBr, b.labelDepth(f))
		} else {
			e.op(wasm.OpReturn)
		}
	case wasm.OpCall:
		b.replace(i)
		b.direct(in.A)
	case wasm.OpRefFunc:
		b.replace(i)
		e.opU(wasm.OpGlobalGet, b.w.reference(in.A))
	case wasm.OpCallIndirect:
		if b.thread != 0 {
			b.upTo(in.Pos)
			b.call(func() { b.upTo(b.after(i)) })
		}
	case wasm.OpSelect, wasm.OpSelectT:
		b.selectAsIf(i)
	case wasm.OpLocalGet, wasm.OpLocalSet, wasm.OpLocalTee:
		if b.thread != 0 {
			b.replace(i)
			e.opU(in.Op, b.slot(in.A))
		}
	default:
		if isCall(in.Op) {
			b.bulk(i)
		}
	}
	if n := b.charges[i]; n > 0 {
		b.upTo(b.after(i))
		b.spend(n &^ checkedCharge)
		if n&checkedCharge != 0 {
			b.check()
		}
	}
}

// jump writes a br or br_if, unless it is as it was.
func (b *body) jump(i int) {
	in, e := &b.code[i], &b.emit
	depth := b.labelDepth(b.target(in.A))
	if label := uint32(e.depth - 1 - depth); label != in.A || in.turned || in.end != in.Pos+2 {
		b.replace(i)
		e.br(in.Op, depth)
	}
}

// confess sets the global ExportAltered before an instruction that no snapshot can undo.
func (b *body) confess(in *wasm.Instr) {
	if b.alters && b.w.alters(in) {
		b.upTo(in.Pos)
		b.emit.i64(1)
		b.emit.opU(wasm.OpGlobalSet, b.w.altered)
	}
}

// alters is what wasm.Facts.Alters notes.
func (w *rewriter) alters(in *wasm.Instr) bool {
	switch in.Op {
	case wasm.OpTableSet, wasm.OpTableInit, wasm.OpTableCopy, wasm.OpTableGrow, wasm.OpTableFill, wasm.OpDataDrop, wasm.OpElemDrop:
		return true
	case wasm.OpGlobalSet:
		i := int(in.A) - w.m.Imported(wasm.KindGlobal)
		if i < 0 {
			return true // nobody knows who else sees it
		}
		t := w.m.Globals[i].Type.Type
		return t == wasm.V128 || t.IsRef()
	}
	return false
}

// direct writes a direct call.
func (b *body) direct(callee uint32) {
	f := callee - uint32(b.w.imported)
	if int(callee) >= b.w.imported && b.thread != 0 && b.w.threaded[f].group == b.thread {
		b.threadCall(f, true, nil)
		return
	}
	if int(callee) >= b.w.imported && b.thread == 0 && b.w.threaded[f].group != 0 {
		b.threadEntry(f)
		return
	}
	b.call(func() { b.emit.opU(wasm.OpCall, b.w.index(callee)) })
}

// call writes a call of something that knows fuel and depth by the globals.
func (b *body) call(write func()) {
	if b.thread != 0 {
		b.threadCall(0, false, write)
		return
	}
	write()
}

// opened returns the ctrl that begins.
func (b *body) opened() *ctrl {
	e := &b.emit
	b.stack = append(b.stack, e.ctrl)
	e.ctrl++
	return &b.ctrls[e.ctrl-1]
}

func (b *body) end(i int) {
	id := int32(b.code[i].A)
	switch c := &b.ctrls[id]; {
	case id == 0:
		b.replace(i)
		b.leave()
	case c.leaf:
		b.replace(i)
		b.leafEnd(id)
	case c.cold:
		b.replace(i)
		b.coldEnd(c)
	default:
		b.emit.depth--
	}
	b.stack = b.stack[:len(b.stack)-1]
}

// loop writes the head of a loop.
func (b *body) loop(i int, c *ctrl) {
	e := &b.emit
	if c.leaf {
		b.replace(i)
		b.leafHead(i)
		return
	}
	if in := &b.code[i]; b.charges[i] > 0 && (in.B != wasm.BlockIndex || len(b.w.m.Types[in.A].Params) == 0) {
		b.replace(i)
		b.coldHead(i, c)
		return
	}
	c.depth = e.depth
	e.depth++
	b.upTo(b.after(i))
	if n := b.charges[i]; n > 0 {
		b.spend(n)
		b.check()
	}
}

// labelDepth returns where a branch goes: to the label, or to the pad for it.
func (b *body) labelDepth(c *ctrl) int32 {
	if r := b.emit.region; r != nil && c.region != r.id {
		return r.pad(c)
	}
	return c.depth
}
