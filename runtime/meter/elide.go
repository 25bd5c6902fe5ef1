package meter

import (
	"slices"

	"github.com/vitrine-run/vitrine/runtime/wasm"
)

// A loop that in every iteration calls a function that recurses need not check:
// that function does, at its entry. Nor need it charge, if the entry charges for
// an iteration as well. This is what recursion over lists and trees compiles
// to, one of the two calls having become a loop.
//
// It is looked for in small functions only. An entry pays for the dearest of the loops.

// elidable is the most that an iteration may cost for the callee to pay for it.
const elidable = 64

// elide finds the loops that do not charge, and lets the functions that they call charge.
func (w *rewriter) elide() {
	for i := range w.funcs {
		f := &w.funcs[i]
		if len(w.m.Code[i].Bytes) > smallBody || !w.m.Code[i].Facts.CallLoop || !w.callsCounted(f) {
			continue
		}
		b := w.scratch
		b.load(w, i, false)
		if b.mustCalls(); !b.hasElided() {
			continue
		}
		b.analyse(w, i, false)
		for j := range b.ctrls {
			if c := &b.ctrls[j]; c.must > 0 {
				callee := &w.funcs[c.must-1]
				callee.extra = max(callee.extra, c.cost)
			}
		}
	}
}

func (w *rewriter) callsCounted(f *funcInfo) bool {
	for _, c := range w.calls[f.calls[0]:f.calls[1]] {
		if w.funcs[c].counted {
			return true
		}
	}
	return false
}

func (b *body) hasElided() bool {
	for i := range b.ctrls {
		if b.ctrls[i].must > 0 {
			return true
		}
	}
	return false
}

// mustCalls finds, for each loop that is not a leaf, a counted function that every way
// from its head back to it calls. It is a backward walk: must is one
// more than the function that every way on from here calls before it comes to the
// head, anything for ways that do not come there.
func (b *body) mustCalls() {
	if !b.w.m.Code[b.fn].Facts.CallLoop || !b.w.callsCounted(&b.w.funcs[b.fn]) {
		return
	}
	for i := range b.ctrls {
		if c := &b.ctrls[i]; c.op == wasm.OpLoop && c.calls && !c.leaf {
			b.mustCall(int32(i))
		}
	}
}

const anything = 1<<32 - 1

// mustCall does so for one loop.
func (b *body) mustCall(id int32) {
	loop := &b.ctrls[id]
	b.stack = append(b.stack[:0], id)
	loop.mustLabel = 0
	for p := loop.parent; p >= 0; p = b.ctrls[p].parent {
		b.stack = append(b.stack, p)
		b.ctrls[p].mustLabel = anything
	}
	slices.Reverse(b.stack)
	must := uint32(anything) // the end of the loop leads out of it
	for i := loop.endAt - 1; i > loop.at; i-- {
		in := &b.code[i]
		switch in.Op {
		case wasm.OpEnd:
			b.stack = append(b.stack, int32(in.A))
			if c := &b.ctrls[in.A]; c.op == wasm.OpLoop {
				c.mustLabel = anything // what comes back there has come by here
			} else {
				c.mustLabel = must
			}
		case wasm.OpElse:
			c := &b.ctrls[in.A]
			must, c.mustElse = c.mustLabel, must
		case wasm.OpBlock, wasm.OpLoop:
			b.pop()
		case wasm.OpIf:
			if c := b.pop(); c.elseAt > 0 {
				must = both(must, c.mustElse)
			} else {
				must = both(must, c.mustLabel)
			}
		case wasm.OpBr:
			must = b.target(in.A).mustLabel
		case wasm.OpBrIf:
			must = both(must, b.target(in.A).mustLabel)
		case wasm.OpBrTable:
			must = anything
			b.eachLabel(&in.Instr, func(l uint32) { must = both(must, b.target(l).mustLabel) })
		case wasm.OpReturn, wasm.OpUnreachable:
			must = anything
		case wasm.OpCall:
			if f := int(in.A) - b.w.imported; f >= 0 && b.w.funcs[f].counted {
				must = uint32(f) + 1
			}
		}
	}
	if must != anything {
		loop.must = must
	}
}

// both joins two ways: they must call the same function.
func both(a, b uint32) uint32 {
	switch {
	case a == anything:
		return b
	case b == anything || a == b:
		return a
	}
	return 0
}
