package meter

import (
	"slices"

	"github.com/vitrine-run/vitrine/runtime/wasm"
)

// A leaf loop is one that makes no calls. wazero keeps its variables in
// registers, unless a call, on however cold a path, lies in the loop: then each
// is spilled wherever it is written. So the call to refuel is moved out of the
// loop, and nothing but what goes through the call as arguments and results
// lives across it. The fuel is in a local for as long as the outermost leaf loop lasts.
//
//	(local.set $fuel (global.get $g))
//	(block $after (result t)
//	  (block $exit                           ;; one for each label that the loop is left for
//	    (block $done (result t)
//	      (loop $yield
//	        (block $out
//	          (loop $l (result t)            ;; the original
//	            (local.set $fuel (i64.sub (local.get $fuel) (i64.const 12)))
//	            (br_if $out (i64.lt_s (local.get $fuel) (i64.const 0)))
//	            ... (br $exit) ...)
//	          (br $done))
//	        (call $refill_i32 (local.get $a) (local.get $fuel))
//	        (local.set $fuel)                ;; what there is now
//	        (local.set $a)                   ;; as it was
//	        (br $yield))
//	      (unreachable))
//	    (global.set $g (local.get $fuel))
//	    (br $after))
//	  (global.set $g (local.get $fuel))
//	  (br $original_label))
//
// The body of a short loop is written two or four times, each but the last in a
// block whose end is what its branches to $l go to, and charged for as often.
//
// A leaf loop inside of another is only what is between $done and its end. A
// trap in a leaf loop loses what the local has counted, and no more or less
// however often it has come to refuel: see helpers.refill.

// region is the outermost leaf loop that is being written.
type region struct {
	id    int32
	typ   []byte
	exits []*ctrl // the labels it is left for, in the order of their pads, the innermost first
	pads  []int32 // the depths of these pads
	after int32   // depth of $after
}

func (r *region) pad(c *ctrl) int32 {
	for i, x := range r.exits {
		if x == c {
			return r.pads[i]
		}
	}
	return 0 // not reached: exits has every label that is left for
}

// leafHead writes what comes before the body of a leaf loop, the i-th instruction.
func (b *body) leafHead(i int) {
	e := &b.emit
	id := b.stack[len(b.stack)-1]
	typ := b.blockType(i)
	if e.region == nil {
		b.enterRegion(i, id, typ)
	}
	c, done := &b.ctrls[id], e.depth
	e.open(wasm.OpBlock, typ)
	e.open(wasm.OpLoop, noResult)
	e.open(wasm.OpBlock, noResult)
	head := e.depth
	e.open(wasm.OpLoop, typ)
	b.spend(b.charges[i])
	e.opU(wasm.OpLocalGet, e.fuel)
	e.i64(0)
	e.op(wasm.OpI64LtS)
	e.opU(wasm.OpBrIf, 1)
	for range c.copies - 1 {
		b.copyBody(c, done)
	}
	c.depth = head
}

// manyBlocks is how many blocks a function may have for its short loops to be
// written several times. Engines take more than in proportion to them.
const manyBlocks = 400

// copies says how many times the body of a leaf loop of n instructions is
// written, so that one check does for several iterations.
func copies(n int32) uint32 {
	switch {
	case n <= 32:
		return 4
	case n <= 64:
		return 2
	}
	return 1
}

// copyBody writes the body of a loop as a block. What went on to the next
// iteration goes on to its end, and what left the loop at its end, to $done.
func (b *body) copyBody(c *ctrl, done int32) {
	e := &b.emit
	copied, ctrl := e.copied, e.ctrl
	c.depth = e.depth
	e.open(wasm.OpBlock, noResult)
	for i := c.at + 1; i < c.endAt; i++ {
		b.instr(int(i))
	}
	b.upTo(b.code[c.endAt].Pos)
	e.br(wasm.OpBr, done)
	e.end()
	e.copied, e.ctrl = copied, ctrl
}

// leafEnd writes what comes after it.
func (b *body) leafEnd(id int32) {
	e := &b.emit
	e.end()
	e.opU(wasm.OpBr, 2)
	e.end()
	b.cold(id)
	e.opU(wasm.OpBr, 0)
	e.end()
	e.op(wasm.OpUnreachable)
	e.end()
	if e.region.id == id {
		b.leaveRegion()
	}
}

// cold writes the call of refuel, with the locals that are live as arguments.
// The head charges again when the loop goes on, so what it charges is added.
func (b *body) cold(id int32) {
	e := &b.emit
	e.saved = b.saved(e.saved[:0], id)
	b.carry(e.saved, b.charges[b.ctrls[id].at])
}

// blockType returns the encoded type of a block.
func (b *body) blockType(i int) []byte {
	from := b.code[i].Pos + 1
	return b.bytes[from:b.after(i)]
}

// enterRegion loads the fuel and opens a block for each pad.
func (b *body) enterRegion(i int, id int32, typ []byte) {
	e := &b.emit
	r := &e.spare
	*r = region{id: id, typ: typ, exits: r.exits[:0], pads: r.pads[:0]}
	b.findExits(i, r)
	if b.thread == 0 {
		e.opU(wasm.OpGlobalGet, b.w.fuel)
		e.opU(wasm.OpLocalSet, e.fuel)
	}
	if len(r.exits) > 0 {
		r.after = e.depth
		e.open(wasm.OpBlock, typ)
	}
	r.pads = resize(r.pads, len(r.exits))
	for k := len(r.exits) - 1; k >= 0; k-- {
		r.pads[k] = e.depth
		e.open(wasm.OpBlock, b.labelType(r.exits[k]))
	}
	e.region = r
}

// leaveRegion stores the fuel on every way out.
func (b *body) leaveRegion() {
	e, r := &b.emit, b.emit.region
	e.region = nil
	b.store(0)
	for i, x := range r.exits {
		if i == 0 {
			e.br(wasm.OpBr, r.after)
		}
		e.end()
		b.store(x.label)
		e.br(wasm.OpBr, x.depth)
	}
	if len(r.exits) > 0 {
		e.end()
	}
}

// store puts the fuel back into the global, n less than there is.
func (b *body) store(n uint32) {
	e := &b.emit
	if b.thread != 0 {
		if n > 0 {
			b.spend(n)
		}
		return
	}
	e.opU(wasm.OpLocalGet, e.fuel)
	if n > 0 {
		e.i64(n)
		e.op(wasm.OpI64Sub)
	}
	e.opU(wasm.OpGlobalSet, b.w.fuel)
}

// findExits finds the labels that the loop, the i-th instruction, is left for.
func (b *body) findExits(i int, r *region) {
	open, next := len(b.stack), b.emit.ctrl
	exit := func(label uint32) {
		if c := b.target(label); c.region != r.id && !slices.Contains(r.exits, c) {
			r.exits = append(r.exits, c)
		}
	}
	for i++; len(b.stack) >= open; i++ {
		switch in := &b.code[i]; in.Op {
		case wasm.OpBlock, wasm.OpLoop, wasm.OpIf:
			b.stack = append(b.stack, next)
			next++
		case wasm.OpEnd:
			b.stack = b.stack[:len(b.stack)-1]
		case wasm.OpBr, wasm.OpBrIf:
			exit(in.A)
		case wasm.OpBrTable:
			b.eachLabel(&in.Instr, exit)
		case wasm.OpReturn:
			exit(uint32(len(b.stack) - 1))
		}
	}
	b.stack = append(b.stack, r.id)
}

// labelType returns the block type of a pad: the operands of a branch to the label.
func (b *body) labelType(c *ctrl) []byte {
	if c.at < 0 {
		return b.w.results(b.w.m.Types[b.w.m.Funcs[b.fn]].Results)
	}
	in := &b.code[c.at]
	switch {
	case in.B == wasm.BlockIndex && c.op == wasm.OpLoop:
		return b.w.results(b.w.m.Types[in.A].Params)
	case in.B == wasm.BlockIndex:
		return b.w.results(b.w.m.Types[in.A].Results)
	case c.op == wasm.OpLoop:
		return noResult
	}
	return b.blockType(int(c.at))
}

// coldHead writes the head of a loop that makes calls. Like that of a leaf loop
// it has the call of refuel behind the end, where it costs the least; but
// nothing is carried, for what lives across one call may live across another.
func (b *body) coldHead(i int, c *ctrl) {
	e := &b.emit
	c.cold = true
	typ := b.blockType(i)
	e.open(wasm.OpBlock, typ)
	e.open(wasm.OpLoop, noResult)
	e.open(wasm.OpBlock, noResult)
	c.depth = e.depth
	e.open(wasm.OpLoop, typ)
	b.spend(b.charges[i])
	b.below(false)
	e.opU(wasm.OpBrIf, 1)
}

// coldEnd writes what comes after it.
func (b *body) coldEnd(c *ctrl) {
	e := &b.emit
	n := b.charges[c.at]
	e.end()
	e.opU(wasm.OpBr, 2)
	e.end()
	b.refuel(n)
	e.opU(wasm.OpBr, 0)
	e.end()
	e.op(wasm.OpUnreachable)
	e.end()
}
