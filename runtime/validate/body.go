package validate

import "github.com/vitrine-run/vitrine/runtime/wasm"

// any is the type of an operand in code that cannot be reached.
const anyType wasm.ValueType = 0

// frame is a block that is open.
type frame struct {
	op          wasm.Opcode
	params      []wasm.ValueType
	results     []wasm.ValueType
	height      int // of the operand stack below it
	unreachable bool
	calls       bool // something in it is a call for an engine
}

// labels are the operands of a branch to the frame.
func (f *frame) labels() []wasm.ValueType {
	if f.op == wasm.OpLoop {
		return f.params
	}
	return f.results
}

// body type-checks function bodies, one after the other.
type body struct {
	*checker
	r      wasm.Reader
	pos    int64 // offset of the instruction
	in     wasm.Instr
	fn     int // index of the function
	locals []wasm.ValueType
	stack  []wasm.ValueType
	frames []frame
	height int // of the operand stack below the innermost block
	most   int // the most operands at a time
	code   []byte

	facts wasm.Facts
	lists lists

	// what the caps count
	exits, blocks, moves, calls, loops, nested, loopLocals, backs, labels int
}

// lists hold what the facts of all functions are parts of.
type lists struct {
	calls, indirect, refs []uint32
	selects               []wasm.Select
}

// part returns what was appended to a list since it had from elements.
func part[T any](list []T, from int) []T { return list[from:len(list):len(list)] }

func (c *checker) bodies() {
	b := &body{checker: c}
	facts := make([]wasm.Facts, len(c.m.Code))
	imported := len(c.funcs) - len(c.m.Funcs)
	for i := range c.m.Code {
		from := b.lists
		if b.check(imported+i, &c.m.Code[i]); c.err != nil {
			return
		}
		b.facts.Calls, b.facts.Indirect = part(b.lists.calls, len(from.calls)), part(b.lists.indirect, len(from.indirect))
		b.facts.Refs, b.facts.Selects = part(b.lists.refs, len(from.refs)), part(b.lists.selects, len(from.selects))
		facts[i] = b.facts
		c.m.Code[i].Facts = &facts[i]
	}
}

func (b *body) fail(format string, args ...any) { b.checker.fail(b.pos, format, args...) }

func (b *body) check(fn int, code *wasm.Code) {
	b.fn, b.pos = fn, code.Offset
	b.facts = wasm.Facts{}
	b.blocks, b.moves, b.calls, b.loops, b.nested, b.loopLocals, b.backs, b.labels, b.exits = 1, 0, 0, 0, 0, 0, 0, 0, 0
	if len(code.Bytes) > b.caps.BodyBytes {
		b.fail("%d bytes in the body of func[%d], at most %d", len(code.Bytes), fn, b.caps.BodyBytes)
		return
	}
	b.r.Reset(code.Bytes, code.Offset)
	t := &b.m.Types[b.funcs[fn]]
	if b.readLocals(t); b.err != nil {
		return
	}
	b.stack, b.frames, b.height = b.stack[:0], b.frames[:0], 0
	b.open(wasm.OpBlock, nil, t.Results)
	b.most, b.code = 0, code.Bytes
	for len(b.frames) > 0 && b.err == nil {
		b.most = max(b.most, len(b.stack))
		if b.quick {
			b.fast()
		}
		b.pos = b.r.Offset()
		b.r.Instr(&b.in)
		if err := b.r.Err(); err != nil {
			b.err = err.(*wasm.Error)
			return
		}
		b.note(b.in.Op)
		b.instr()
	}
	if b.err == nil && b.r.Len() > 0 {
		b.fail("END opcode expected at the end of func[%d]: %d bytes come after it", fn, b.r.Len())
	}
	b.facts.Locals, b.facts.Stack = len(b.locals), b.most
	b.products()
}

// products checks what an engine pays for more than once.
func (b *body) products() {
	c := b.checker
	blockLocals, callGlobals, callLocals := b.blocks*len(b.locals), b.calls*c.mutable, b.calls*len(b.locals)
	c.blockLocals += blockLocals
	c.callGlobals += callGlobals
	c.callLocals += callLocals
	c.calls += b.calls
	c.labels += b.labels
	c.loopLocals += b.loopLocals
	c.blockSquare += b.blocks * b.blocks
	c.loopSquare += b.loops * b.loops
	b.facts.Work = b.work()
	c.work += b.facts.Work
	for _, p := range []struct {
		n, limit int
		what     string
	}{
		{b.facts.Stack, c.caps.Stack, "operands at a time in one function"},
		{b.blocks, c.caps.Blocks, "blocks in one function"},
		{b.labels, c.caps.LabelSum, "labels of the br_tables of one function"},
		{c.labels, c.caps.LabelTotal, "labels of all br_tables"},
		{c.blockSquare, c.caps.BlockSquare + c.caps.SquareByte*c.bytes, "blocks squared in all functions"},
		{b.loops, c.caps.Loops, "loops in one function"},
		{c.loopSquare, c.caps.LoopSquare, "loops squared in all functions"},
		{b.loopLocals, c.caps.LoopLocals, "locals times nested loops in one function"},
		{c.loopLocals, c.caps.LoopLocSum, "locals times nested loops in all functions"},
		{blockLocals, c.caps.BlockLocals, "blocks times locals in one function"},
		{c.blockLocals, c.caps.BlockLocSum, "blocks times locals in all functions"},
		{c.calls, c.caps.Calls, "calls in all functions"},
		{callLocals, c.caps.CallLocals, "calls times locals in one function"},
		{c.callLocals, c.caps.CallLocSum, "calls times locals in all functions"},
		{callGlobals, c.caps.CallGlobals, "calls times mutable globals in one function"},
		{c.callGlobals, c.caps.CallGlobSum, "calls times mutable globals in all functions"},
		{b.moves, c.caps.Moves, "values moved by calls and branches of one function"},
		{c.work / 1e6, c.caps.Work, "milliseconds for an engine to compile all functions, at worst"},
	} {
		c.atMost(b.pos, p.n, p.limit, p.what)
	}
}

// readLocals reads the declarations. The numbers in them are not believed: the
// sum is checked before anything is made of it.
func (b *body) readLocals(t *wasm.FuncType) {
	b.locals = append(b.locals[:0], t.Params...)
	for range b.r.Count("declarations of locals", 2) {
		b.pos = b.r.Offset()
		n, typ := b.r.U32(), b.r.ValueType()
		if b.r.Err() != nil {
			break
		}
		if uint64(len(b.locals))+uint64(n) > uint64(b.caps.Locals) {
			b.fail("%d locals in func[%d], at most %d (too many locals)", uint64(len(b.locals))+uint64(n), b.fn, b.caps.Locals)
			return
		}
		for range n {
			b.locals = append(b.locals, typ)
		}
	}
	if err := b.r.Err(); err != nil {
		b.err = err.(*wasm.Error)
		return
	}
	b.checker.locals += len(b.locals)
	b.atMost(b.pos, b.checker.locals, b.caps.LocalsSum, "locals in all functions")
}

func (b *body) open(op wasm.Opcode, params, results []wasm.ValueType) {
	if len(b.frames) >= b.caps.Nesting {
		b.fail("blocks nested more than %d deep in func[%d]", b.caps.Nesting, b.fn)
		return
	}
	if op == wasm.OpLoop {
		b.openLoop()
	}
	b.blocks++
	b.height = len(b.stack)
	b.frames = append(b.frames, frame{op: op, params: params, results: results, height: b.height})
	b.stack = append(b.stack, params...)
}

func (b *body) openLoop() {
	b.loops++
	b.nested++
	b.loopLocals += b.nested * len(b.locals)
	b.atMost(b.pos, b.nested, b.caps.LoopNesting, "loops in each other")
}

// close ends the innermost block and leaves its results off the stack.
func (b *body) close() frame {
	f := b.frames[len(b.frames)-1]
	b.popAll(f.results)
	if len(b.stack) != f.height {
		b.fail("type mismatch: %d values too many at the end of a block", len(b.stack)-f.height)
	}
	b.stack = b.stack[:f.height]
	b.frames = b.frames[:len(b.frames)-1]
	if f.op == wasm.OpLoop {
		b.nested--
		b.facts.LeafLoop, b.facts.CallLoop = b.facts.LeafLoop || !f.calls, b.facts.CallLoop || f.calls
	}
	if f.calls {
		b.noteCall()
	}
	b.height = 0
	if n := len(b.frames); n > 0 {
		b.height = b.frames[n-1].height
	}
	return f
}

// noteCall notes that the innermost block contains a call.
func (b *body) noteCall() {
	if n := len(b.frames); n > 0 {
		b.frames[n-1].calls = true
	}
}

func (b *body) push(t wasm.ValueType) { b.stack = append(b.stack, t) }

func (b *body) pop() wasm.ValueType {
	n := len(b.stack)
	if n > b.height {
		b.stack = b.stack[:n-1]
		return b.stack[:n][n-1]
	}
	if f := &b.frames[len(b.frames)-1]; !f.unreachable {
		b.fail("type mismatch: %s has too few operands", b.in.Op)
	}
	return anyType
}

func (b *body) popType(want wasm.ValueType) {
	if n := len(b.stack); n > b.height && b.stack[n-1] == want {
		b.stack = b.stack[:n-1]
		return
	}
	if got := b.pop(); got != want && got != anyType {
		b.fail("type mismatch: %s has an operand of type %s, not %s", b.in.Op, got, want)
	}
}

func (b *body) popAll(types []wasm.ValueType) {
	for i := len(types) - 1; i >= 0; i-- {
		b.popType(types[i])
	}
}

func (b *body) unreachable() {
	b.stack = b.stack[:b.height]
	b.frames[len(b.frames)-1].unreachable = true
}

// label returns the frame that a branch goes to.
func (b *body) label(n uint32) *frame {
	if uint64(n) >= uint64(len(b.frames)) {
		b.fail("unknown label %d: %d blocks are open", n, len(b.frames))
		return &b.frames[0]
	}
	f := &b.frames[len(b.frames)-1-int(n)]
	b.moves += len(f.labels()) + 1
	if f.op == wasm.OpLoop {
		b.backs++
	}
	return f
}

func (b *body) blockType() (params, results []wasm.ValueType) {
	switch b.in.B {
	case wasm.BlockEmpty:
		return nil, nil
	case wasm.BlockValue:
		return nil, single(wasm.ValueType(b.in.A))
	}
	if uint64(b.in.A) >= uint64(len(b.m.Types)) {
		b.fail("unknown type %d of a block", b.in.A)
		return nil, nil
	}
	t := &b.m.Types[b.in.A]
	return t.Params, t.Results
}

// singles are the lists of one type, so that a block needs none of its own.
var singles = [...]wasm.ValueType{wasm.I32, wasm.I64, wasm.F32, wasm.F64, wasm.V128, wasm.FuncRef, wasm.ExternRef}

func single(t wasm.ValueType) []wasm.ValueType {
	for i := range singles {
		if singles[i] == t {
			return singles[i : i+1 : i+1]
		}
	}
	return nil
}
