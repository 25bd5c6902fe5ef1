package validate

import "github.com/vitrine-run/vitrine/runtime/wasm"

func (b *body) instr() {
	switch op := b.in.Op; {
	case op <= wasm.OpReturn:
		b.control(op)
		return
	case op <= wasm.OpCallIndirect:
		b.call(op)
		return
	}
	info := b.in.Op.Info()
	if info.Shape != wasm.ShapeNone {
		b.immediates(info)
	}
	if b.in.Op>>8 == 0xfc || b.in.Op == wasm.OpMemoryGrow || b.in.Op == wasm.OpTableSet {
		b.bulk()
	}
	if s := sigOf(b.in.Op); s != nil {
		for i := range s.n {
			b.popType(s.pops[i])
		}
		if s.push != 0 {
			b.push(s.push)
		}
		return
	}
	switch op := b.in.Op; op {
	case wasm.OpLocalGet, wasm.OpLocalSet, wasm.OpLocalTee:
		b.local(op)
	case wasm.OpGlobalGet, wasm.OpGlobalSet:
		b.global(op)
	case wasm.OpDrop:
		b.pop()
	case wasm.OpSelect:
		b.popType(wasm.I32)
		b.selectAny()
	case wasm.OpSelectT:
		b.popType(wasm.I32)
		t := wasm.ValueType(b.in.B)
		if b.in.A != 1 {
			b.fail("invalid result arity: select has one result, not %d", b.in.A)
		}
		b.popType(t)
		b.popType(t)
		b.noteSelect(t)
		b.push(t)
	case wasm.OpTableGet, wasm.OpTableSet, wasm.OpTableGrow, wasm.OpTableFill:
		b.table(op)
	case wasm.OpRefNull:
		b.push(wasm.ValueType(b.in.A))
	case wasm.OpRefIsNull:
		if t := b.pop(); t != anyType && !t.IsRef() {
			b.fail("type mismatch: ref.is_null has an operand of type %s", t)
		}
		b.push(wasm.I32)
	case wasm.OpRefFunc:
		b.refFunc()
	default:
		b.control(op)
	}
}

func (b *body) refFunc() {
	if uint64(b.in.A) >= uint64(len(b.funcs)) {
		b.fail("unknown function %d", b.in.A)
	} else if !b.refs[b.in.A] {
		b.fail("undeclared function reference to func[%d]", b.in.A)
	}
	b.lists.refs = append(b.lists.refs, b.in.A)
	b.noteCall()
	b.push(wasm.FuncRef)
}

// What an engine makes of instructions that do not look like blocks.
const (
	bulkBlocks   = 4 // wazero fills and copies in a loop of its own
	selectBlocks = 2
)

// bulk notes the instructions that take long or change what is hard to put back.
func (b *body) bulk() {
	if b.in.Op == wasm.OpMemoryGrow || b.in.Op >= wasm.OpMemoryInit {
		b.noteCall()
	}
	switch b.in.Op {
	case wasm.OpTableSet, wasm.OpDataDrop, wasm.OpElemDrop:
		b.facts.Alters = true
	case wasm.OpTableInit, wasm.OpTableCopy, wasm.OpTableGrow, wasm.OpTableFill:
		b.facts.Alters = true
		b.facts.Bulk++
	case wasm.OpMemoryGrow:
		b.facts.Bulk++
	case wasm.OpMemoryFill, wasm.OpMemoryCopy, wasm.OpMemoryInit:
		b.facts.Bulk++
		b.blocks += bulkBlocks
	}
}

func (b *body) control(op wasm.Opcode) {
	switch op {
	case wasm.OpNop:
	case wasm.OpUnreachable:
		b.unreachable()
	case wasm.OpBlock, wasm.OpLoop, wasm.OpIf:
		if op == wasm.OpIf {
			b.popType(wasm.I32)
		}
		p, r := b.blockType()
		b.popAll(p)
		b.open(op, p, r)
	case wasm.OpElse:
		f := b.close()
		if f.op != wasm.OpIf {
			b.fail("else without if")
			f = frame{}
		}
		b.open(op, f.params, f.results)
	case wasm.OpEnd:
		b.end()
	case wasm.OpBr:
		b.popAll(b.label(b.in.A).labels())
		b.unreachable()
	case wasm.OpBrIf:
		b.blocks++
		b.popType(wasm.I32)
		t := b.label(b.in.A).labels()
		b.popAll(t)
		b.stack = append(b.stack, t...)
	case wasm.OpBrTable:
		b.brTable()
	case wasm.OpReturn:
		b.popAll(b.frames[0].results)
		b.moves += len(b.frames[0].results) + 1
		b.unreachable()
	default:
		b.fail("%s is not implemented", op)
	}
}

func (b *body) end() {
	f := b.close()
	if f.op == wasm.OpIf && !sameTypes(f.params, f.results) {
		b.fail("type mismatch: an if without else must leave the types that it found")
	}
	b.stack = append(b.stack, f.results...)
}

func sameTypes(a, b []wasm.ValueType) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// brTable checks every label: same arity, and operands that fit each.
func (b *body) brTable() {
	b.popType(wasm.I32)
	if int(b.in.A) > b.caps.Labels {
		b.fail("%d labels of a br_table, at most %d", b.in.A, b.caps.Labels)
		return
	}
	b.labels += int(b.in.A) + 1
	end := b.r.Pos()
	b.r.Seek(int(b.in.Pos + b.in.B))
	arity := -1
	operands := len(b.stack)
	for range b.in.A + 1 {
		t := b.label(b.r.U32()).labels()
		if arity >= 0 && len(t) != arity {
			b.fail("type mismatch: the labels of a br_table have different numbers of operands")
		}
		arity = len(t)
		b.peek(t)
		if b.err != nil {
			return
		}
	}
	b.stack = b.stack[:operands]
	b.r.Seek(end)
	b.unreachable()
}

// peek checks that operands of these types are on the stack, and leaves them.
func (b *body) peek(types []wasm.ValueType) {
	for i := range types {
		want := types[len(types)-1-i]
		at := len(b.stack) - 1 - i
		if at < b.height {
			if !b.frames[len(b.frames)-1].unreachable {
				b.fail("type mismatch: %s has too few operands", b.in.Op)
			}
			return
		}
		if got := b.stack[at]; got != want && got != anyType {
			b.fail("type mismatch: %s has an operand of type %s, not %s", b.in.Op, got, want)
			return
		}
	}
}

func (b *body) local(op wasm.Opcode) {
	if uint64(b.in.A) >= uint64(len(b.locals)) {
		b.fail("unknown local %d: func[%d] has %d", b.in.A, b.fn, len(b.locals))
		return
	}
	t := b.locals[b.in.A]
	if op != wasm.OpLocalGet {
		b.popType(t)
	}
	if op != wasm.OpLocalSet {
		b.push(t)
	}
}

func (b *body) global(op wasm.Opcode) {
	if uint64(b.in.A) >= uint64(len(b.globs)) {
		b.fail("unknown global %d", b.in.A)
		return
	}
	g := b.globs[b.in.A]
	if op == wasm.OpGlobalGet {
		b.push(g.Type)
		return
	}
	if !g.Mutable {
		b.fail("global %d is immutable and cannot be set", b.in.A)
	}
	if g.Type == wasm.V128 || g.Type.IsRef() {
		b.facts.Alters = true
	}
	b.popType(g.Type)
}

func (b *body) call(op wasm.Opcode) {
	b.calls++
	b.noteCall()
	var t *wasm.FuncType
	switch {
	case op == wasm.OpCall && uint64(b.in.A) >= uint64(len(b.funcs)):
		b.fail("unknown function %d", b.in.A)
		return
	case op == wasm.OpCall:
		t = &b.m.Types[b.funcs[b.in.A]]
		b.lists.calls = append(b.lists.calls, b.in.A)
	case uint64(b.in.B) >= uint64(len(b.tabs)):
		b.fail("unknown table %d", b.in.B)
		return
	case b.tabs[b.in.B].Elem != wasm.FuncRef:
		b.fail("type mismatch: table %d holds %s, not functions", b.in.B, b.tabs[b.in.B].Elem)
		return
	case uint64(b.in.A) >= uint64(len(b.m.Types)):
		b.fail("unknown type %d", b.in.A)
		return
	default:
		b.popType(wasm.I32)
		t = &b.m.Types[b.in.A]
		b.lists.indirect = append(b.lists.indirect, b.in.A)
	}
	b.moves += len(t.Params) + len(t.Results) + 1
	b.popAll(t.Params)
	b.stack = append(b.stack, t.Results...)
}

// selectAny is the select without a type: both operands of one type that is no reference.
func (b *body) selectAny() {
	x, y := b.pop(), b.pop()
	if x.IsRef() || y.IsRef() {
		b.fail("type mismatch: select of references needs a type")
	}
	if x != y && x != anyType && y != anyType {
		b.fail("type mismatch: select of %s and %s", y, x)
	}
	if x == anyType {
		x = y
	}
	b.noteSelect(x)
	b.push(x)
}

// noteSelect notes what the meter writes as an if.
func (b *body) noteSelect(t wasm.ValueType) {
	if t == wasm.F32 || t == wasm.F64 || t == wasm.V128 {
		b.lists.selects = append(b.lists.selects, wasm.Select{Pos: b.in.Pos, Type: t})
		b.blocks += selectBlocks
	}
}

func (b *body) table(op wasm.Opcode) {
	t := b.tabs[b.in.A].Elem // immediates checked the index
	switch op {
	case wasm.OpTableGet:
		b.popType(wasm.I32)
		b.push(t)
	case wasm.OpTableSet:
		b.popType(t)
		b.popType(wasm.I32)
	case wasm.OpTableGrow:
		b.popType(wasm.I32)
		b.popType(t)
		b.push(wasm.I32)
	case wasm.OpTableFill:
		b.popType(wasm.I32)
		b.popType(t)
		b.popType(wasm.I32)
	}
}

// immediates checks the immediates that do not decide the type.
func (b *body) immediates(info *wasm.OpInfo) {
	in := &b.in
	switch info.Shape {
	case wasm.ShapeMem, wasm.ShapeMemLane:
		b.memory()
		if in.A > uint32(info.Align) {
			b.fail("alignment must not be larger than natural: %s", in.Op)
		}
		if info.Shape == wasm.ShapeMemLane && in.Lane >= info.Lanes {
			b.fail("invalid lane index %d of %s", in.Lane, in.Op)
		}
	case wasm.ShapeMemory, wasm.ShapeMemoryMemory:
		b.memory()
	case wasm.ShapeLane:
		if in.Lane >= info.Lanes {
			b.fail("invalid lane index %d of %s", in.Lane, in.Op)
		}
	case wasm.ShapeShuffle:
		if in.A >= 32 {
			b.fail("invalid lane index %d of %s", in.A, in.Op)
		}
	case wasm.ShapeTable:
		b.known(in.A, len(b.tabs), "table")
	case wasm.ShapeTableTable:
		b.known(in.A, len(b.tabs), "table")
		b.known(in.B, len(b.tabs), "table")
		if b.err == nil && b.tabs[in.A].Elem != b.tabs[in.B].Elem {
			b.fail("type mismatch: table.copy from %s to %s", b.tabs[in.B].Elem, b.tabs[in.A].Elem)
		}
	case wasm.ShapeElem:
		b.known(in.A, len(b.m.Elems), "elem segment")
	case wasm.ShapeElemTable:
		b.known(in.B, len(b.tabs), "table")
		b.known(in.A, len(b.m.Elems), "elem segment")
		if b.err == nil && b.m.Elems[in.A].Type != b.tabs[in.B].Elem {
			b.fail("type mismatch: table.init from %s to %s", b.m.Elems[in.A].Type, b.tabs[in.B].Elem)
		}
	case wasm.ShapeData, wasm.ShapeDataMemory:
		b.data(info.Shape)
	}
	if b.err != nil { // what follows may use the index
		b.in = wasm.Instr{Op: wasm.OpNop}
	}
}

func (b *body) data(s wasm.Shape) {
	if s == wasm.ShapeDataMemory {
		b.memory()
	}
	if b.m.DataCount < 0 {
		b.fail("data count section required by %s", b.in.Op)
	}
	b.known(b.in.A, len(b.m.Data), "data segment")
}

func (b *body) memory() {
	if len(b.mems) == 0 {
		b.fail("unknown memory 0: %s in a module without a memory", b.in.Op)
	}
}

func (b *body) known(index uint32, n int, what string) {
	if uint64(index) >= uint64(n) {
		b.fail("unknown %s %d", what, index)
	}
}
