package meter

import "github.com/vitrine-run/vitrine/runtime/wasm"

// body is a function that is being rewritten. One is used for all functions of
// a module, one after the other.
type body struct {
	w      *rewriter
	fn     int // index among the functions that the module defines
	bytes  []byte
	start  int // where the instructions begin
	locals []wasm.ValueType
	params int    // how many of the locals are parameters
	thread uint32 // the group with which it passes fuel along; 0 if it does not
	decls  []byte // the declarations of locals without their number
	ndecls uint32
	r      wasm.Reader
	whole  bool // code has every instruction
	alters bool // it changes what no snapshot can put back
	code   []instr
	uses   []uint32 // of locals, in order: the local's index, and in bit 0 whether it is written
	nth    int32    // how many instructions were read or skimmed over
	ctrls  []ctrl   // by the order in which they open; the first is the function
	stack  []int32  // the ctrls that are open
	tables []uint32 // of ctrl.table

	constAt, constEnd int // where the last i32.const begins and ends; -1 if there was none

	charges []uint32 // what is charged after each instruction
	entry   uint32   // what is charged at the entry

	live liveness
	emit emitter
	text text // of all functions
}

// ctrl is a block, a loop or an if.
type ctrl struct {
	op                  wasm.Opcode
	at                  int32 // instruction
	nth                 int32 // the same, of all instructions of the function
	size                int32 // how many instructions it has
	elseAt              int32 // instruction; 0 if there is no else
	endAt               int32 // instruction
	parent              int32
	calls               bool   // contains something that an engine makes a call for
	leaf                bool   // a loop without calls: in the form of leaf.go
	cold                bool   // a loop that is not a leaf, with the call of refuel behind its end
	targeted            bool   // a branch goes to it
	crossed             bool   // a branch from inside of a loop in it goes to it
	loop                int32  // the innermost loop that it is in, itself included; 0 if none
	copies              uint32 // of a leaf loop: how many times its body is written
	region              int32  // the outermost leaf loop that it is in; 0 if none
	must                uint32 // of a loop: one more than a counted function that each iteration calls
	mustLabel, mustElse uint32 // see mustCall: behind a branch to it, and in the arm behind an else
	cost                uint32 // of a loop that does not charge: what an iteration costs
	label               uint32 // cost of what follows a branch to it, up to a charge point
	other               uint32 // cost of the arm behind an else
	far                 uint64 // what label is, up to a charge point that checks
	farElse             uint64 // likewise other

	// Of a loop that begins with a table of pieces, see dispatch.go:
	piece  bool     // of one of its blocks
	pieces int32    // how many blocks it begins with; 0 if it is no such loop
	by     byte     // the local that says which is next
	table  [2]int32 // from, to: its labels in body.tables

	depth int32 // how many blocks are open around its label in what is written
}

func (b *body) open(op wasm.Opcode, at, nth int32) *ctrl {
	id := int32(len(b.ctrls))
	c := ctrl{op: op, at: at, nth: nth, parent: -1}
	if id > 0 {
		c.parent = b.stack[len(b.stack)-1]
		c.loop = b.ctrls[c.parent].loop
	}
	if op == wasm.OpLoop {
		c.loop = id
	}
	b.ctrls = append(b.ctrls, c)
	b.stack = append(b.stack, id)
	return &b.ctrls[id]
}

// target returns the ctrl that a branch goes to; the function for a return.
func (b *body) target(label uint32) *ctrl { return &b.ctrls[b.stack[len(b.stack)-1-int(label)]] }

// structure follows the blocks. An else and an end get the number of their ctrl as A.
func (b *body) structure(in *instr, at int32) {
	switch in.Op {
	case wasm.OpBlock, wasm.OpIf:
		b.open(in.Op, at, in.nth)
	case wasm.OpLoop:
		c := b.open(in.Op, at, in.nth)
		// Operands that a loop takes would have to be saved, too. They are rare.
		c.calls = in.B == wasm.BlockIndex && len(b.w.m.Types[in.A].Params) > 0
	case wasm.OpElse:
		in.A = uint32(b.stack[len(b.stack)-1])
		b.ctrls[in.A].elseAt = at
	case wasm.OpEnd:
		id := b.stack[len(b.stack)-1]
		in.A = uint32(id)
		b.ctrls[id].endAt = at
		b.stack = b.stack[:len(b.stack)-1]
		c := &b.ctrls[id]
		c.size = in.nth - c.nth
		c.calls = c.calls || c.op == wasm.OpLoop && c.size > longLoop
		if c.calls && id > 0 {
			b.ctrls[c.parent].calls = true
		}
	case wasm.OpBr:
		b.shorten(in)
		b.branch(in.A)
	case wasm.OpBrIf:
		b.branch(in.A)
	case wasm.OpBrTable:
		b.table(in)
		b.eachLabel(&in.Instr, b.branch)
	case wasm.OpReturn:
		b.branch(uint32(len(b.stack) - 1))
	default:
		if isCall(in.Op) {
			b.ctrls[b.stack[len(b.stack)-1]].calls = true
		}
	}
}

// longLoop is how many instructions a leaf loop may have: in one there is no check but at its head.
const longLoop = 4_000

// special tells whether an instruction is more than an operation on the stack,
// the locals or memory: most are not, and the walks over the code pass them quickly.
func special(op wasm.Opcode) bool {
	return op <= wasm.OpCallIndirect || op == wasm.OpSelect || op == wasm.OpSelectT || op == wasm.OpMemoryGrow || op == wasm.OpRefFunc || op>>8 == 0xfc
}

// isCall tells whether an engine makes a call for an instruction.
func isCall(op wasm.Opcode) bool {
	switch op {
	case wasm.OpCall, wasm.OpCallIndirect, wasm.OpMemoryGrow, wasm.OpRefFunc, wasm.OpMemoryInit, wasm.OpMemoryCopy,
		wasm.OpMemoryFill, wasm.OpTableInit, wasm.OpTableCopy, wasm.OpTableGrow, wasm.OpTableFill, wasm.OpDataDrop, wasm.OpElemDrop:
		return true
	}
	return false
}

func (b *body) branch(label uint32) {
	c := b.target(label)
	c.targeted = true
	if c.op != wasm.OpLoop && b.ctrls[b.stack[len(b.stack)-1]].loop != c.loop {
		c.crossed = true
	}
}

// eachLabel calls f with the labels of a br_table, the default one last.
func (b *body) eachLabel(in *wasm.Instr, f func(label uint32)) {
	r := wasm.NewReader(b.bytes, 0)
	r.Seek(int(in.Pos + in.B))
	for range in.A + 1 {
		f(r.U32())
	}
}

// regions finds the leaf loops, and for each ctrl the outermost that it is in.
func (b *body) regions() (any bool) {
	for i := range b.ctrls {
		c := &b.ctrls[i]
		if i > 0 {
			c.region = b.ctrls[c.parent].region
		}
		if c.leaf = c.op == wasm.OpLoop && !c.calls && !b.w.plain; c.leaf {
			any = true
			if c.copies = copies(c.size); len(b.ctrls) > manyBlocks {
				c.copies = 1
			}
			if c.region == 0 {
				c.region = int32(i)
			}
			for p := c.parent; p > 0 && b.ctrls[p].loop != 0; p = b.ctrls[p].parent {
				b.ctrls[p].copies = 1
			}
		}
	}
	return any
}
