package meter

import "github.com/vitrine-run/vitrine/runtime/wasm"

// Where charge points are, besides function entries and loop heads (which also
// check): where ways part or meet, if one of them has much more code ahead than
// another. Charging there takes a few instructions and spares the others of
// paying for code that they do not run.
const (
	splitCost = 64 // at most this much too much is charged for a way not taken
	loopExit  = 8  // the same, where the way not taken leads out of a loop
)

// entryCost returns what a function's entry charges.
func (b *body) entryCost(w *rewriter, fn int) uint32 {
	b.load(w, fn)
	b.regions()
	b.mustCalls()
	b.charge()
	return b.entry
}

// charge walks the code backward. ahead is the most that any way from here to
// the next charge point costs.
func (b *body) charge() {
	var ahead uint64
	b.stack = b.stack[:0]
	for i := len(b.code) - 1; i >= 0; i-- {
		in := &b.code[i]
		if !special(in.Op) {
			ahead += uint64(Cost(in.Op))
			continue
		}
		switch in.Op {
		case wasm.OpEnd:
			ahead = b.chargeEnd(i, in.A, ahead)
			b.stack = append(b.stack, int32(in.A))
		case wasm.OpElse:
			c := &b.ctrls[in.A]
			c.other = sat(ahead)
			ahead = uint64(c.label)
		case wasm.OpBlock:
			b.pop()
		case wasm.OpLoop:
			c := b.pop()
			b.charges[i] = b.chargeLoop(c, max(sat(ahead), 1))
			ahead = 0
		case wasm.OpIf:
			ahead = b.chargeIf(i, b.pop(), ahead) + 1
		case wasm.OpBr:
			ahead = uint64(b.ahead(in.A)) + 1
		case wasm.OpBrIf:
			ahead = b.split(i, ahead, uint64(b.ahead(in.A))) + 1
		case wasm.OpBrTable:
			ahead = 0
			b.eachLabel(in, func(l uint32) { ahead = max(ahead, uint64(b.ahead(l))) })
			ahead += uint64(Cost(in.Op))
		case wasm.OpReturn, wasm.OpUnreachable:
			ahead = 1
		case wasm.OpCall:
			ahead += costCall
			if f := int(in.A) - b.w.imported; f >= 0 && !b.w.funcs[f].checked {
				ahead += uint64(b.w.funcs[f].cost)
			}
		default:
			ahead += uint64(Cost(in.Op))
			if n, ok := b.constLength(i); ok {
				ahead += uint64(n >> bulkShift)
			}
		}
	}
	b.entry = max(sat(ahead), 1) + b.w.funcs[b.fn].extra
	if f := &b.w.funcs[b.fn]; f.checked && f.extra == 0 && b.entry <= mergedEntry {
		b.mergeEntry()
	}
}

// mergedEntry is the most that the head of a loop charges for what comes before it.
const mergedEntry = 16

// mergeEntry lets the loop that a function begins with charge for its entry.
func (b *body) mergeEntry() {
	for i := range b.code {
		switch op := b.code[i].Op; op {
		case wasm.OpBlock:
		case wasm.OpLoop:
			if b.charges[i] > 0 {
				b.charges[i] += b.entry
				b.entry = 0
			}
			return
		case wasm.OpIf, wasm.OpElse, wasm.OpEnd, wasm.OpBr, wasm.OpBrIf, wasm.OpBrTable, wasm.OpReturn, wasm.OpUnreachable:
			return
		default:
			if isCall(op) {
				return
			}
		}
	}
}

// chargeLoop returns what the head of a loop charges for an iteration of a cost.
func (b *body) chargeLoop(c *ctrl, cost uint32) uint32 {
	switch {
	case c.leaf:
		return cost * c.copies
	case c.must > 0 && cost <= elidable:
		c.cost = cost
		return 0
	}
	c.must = 0
	return cost
}

func sat(n uint64) uint32 { return uint32(min(n, 1<<31)) }

func (b *body) pop() *ctrl {
	c := &b.ctrls[b.stack[len(b.stack)-1]]
	b.stack = b.stack[:len(b.stack)-1]
	return c
}

// chargeEnd makes the end of a block a charge point if too much comes after it.
func (b *body) chargeEnd(i int, id uint32, ahead uint64) uint64 {
	c := &b.ctrls[id]
	limit := uint64(splitCost)
	if c.crossed || c.op == wasm.OpLoop {
		limit = loopExit
	}
	if joins := c.targeted || c.op != wasm.OpBlock; id > 0 && joins && ahead > limit {
		b.charges[i], ahead = sat(ahead), 0
	}
	c.label = 0
	if c.op != wasm.OpLoop {
		c.label = sat(ahead)
	}
	return ahead
}

// ahead is the cost behind a branch. One out of a leaf loop goes by a pad that charges.
func (b *body) ahead(label uint32) uint32 {
	c := b.target(label)
	if from := b.ctrls[b.stack[len(b.stack)-1]].region; from != 0 && c.region != from {
		return 0
	}
	return c.label
}

// split is where a br_if falls through: the cost before it, with a charge point
// after it if falling through costs much more than branching.
func (b *body) split(i int, through, branch uint64) uint64 {
	if through > branch+splitCost {
		b.charges[i] = sat(through - branch)
		return branch
	}
	return max(through, branch)
}

// chargeIf is the same for the arms of an if. An if without else has an arm
// that goes to its end, and what follows that is never much.
func (b *body) chargeIf(i int, c *ctrl, then uint64) uint64 {
	other := uint64(c.label)
	if els := c.elseAt; els > 0 {
		other = uint64(c.other)
		if other > then+splitCost {
			b.charges[els] = sat(other - then)
			return then
		}
	}
	return b.split(i, then, other)
}
