package meter

import "github.com/vitrine-run/vitrine/runtime/wasm"

// Where charge points are, besides function entries and loop heads (which also
// check): where ways part or meet, if one of them has much more code ahead than
// another. Charging there takes a few instructions and spares the others of
// paying for code that they do not run.
const (
	splitCost = 64  // at most this much too much is charged for a way not taken
	loopExit  = 8   // the same, where the way not taken leads out of a loop
	pieceCost = 128 // the same, where pieces of a function meet (dispatch.go): more charges would follow each other too fast
)

// straightCost is the most that runs between two checks: where a way without loops is
// longer, there are charge points on it that check.
const straightCost = 20_000

// returnCost is the most that runs between the return of a function that checks and the next check: 10,000 calls that are
// open, one in the other, return within two milliseconds.
const returnCost = 400

// checkedCharge is set in what is charged where it is checked as well.
const checkedCharge = 1 << 31

// charge walks the code backward. ahead is the most that any way from here to
// the next charge point costs, far the most to the next one that checks. It says no if there is to be a
// check among instructions that were skimmed over.
func (b *body) charge() (far uint64, ok bool) {
	var ahead uint64
	b.stack = b.stack[:0]
	for i := len(b.code) - 1; i >= 0; i-- {
		in := &b.code[i]
		if far > straightCost && !b.whole {
			return far, false
		}
		if far > b.mostBehind(in) && b.mayCheck(in.Op) {
			b.charges[i] = max(sat(ahead), 1) | checkedCharge
			ahead, far = 0, 0
		}
		before := uint64(in.before)
		if !special(in.Op) {
			n := uint64(Cost(in.Op)) + before
			ahead += n
			far += n
			continue
		}
		ahead, far = b.chargeInstr(i, ahead, far)
		ahead += before
		far += before
	}
	b.entry = max(sat(ahead), 1) + b.w.funcs[b.fn].extra
	if f := &b.w.funcs[b.fn]; f.checked && f.extra == 0 && b.entry <= mergedEntry {
		b.mergeEntry()
	}
	return far, far <= straightCost || b.whole
}

// chargeInstr returns what ahead and far are before an instruction if they are this after it. Before it the
// blocks are those that are open behind it.
func (b *body) chargeInstr(i int, ahead, far uint64) (uint64, uint64) {
	in := &b.code[i]
	switch in.Op {
	case wasm.OpEnd:
		return b.chargeEnd(i, in.A, ahead, far)
	case wasm.OpElse:
		c := &b.ctrls[in.A]
		c.other, c.farElse = sat(ahead), far
		return uint64(c.label), c.far
	case wasm.OpBlock:
		b.pop()
		return ahead, far
	case wasm.OpLoop:
		c := b.pop()
		if b.charges[i] = b.chargeLoop(c, max(sat(ahead), 1)); b.charges[i] == 0 {
			return ahead, far // it may be left before it has called anything
		}
		return 0, 0
	case wasm.OpIf:
		c := b.pop()
		other := c.far
		if c.elseAt > 0 {
			other = c.farElse
		}
		return b.chargeIf(i, c, ahead) + 1, max(far, other) + 1
	case wasm.OpBr:
		cost, to := b.ahead(in.A)
		return uint64(cost) + 1, to.far + 1
	case wasm.OpBrIf:
		cost, to := b.ahead(in.A)
		return b.split(i, ahead, uint64(cost)) + 1, max(far, to.far) + 1
	case wasm.OpBrTable:
		ahead, far = 0, 0
		b.eachLabel(&in.Instr, func(l uint32) {
			cost, to := b.ahead(l)
			ahead, far = max(ahead, uint64(cost)), max(far, to.far)
		})
		cost := uint64(Cost(in.Op))
		return ahead + cost, far + cost
	case wasm.OpReturn, wasm.OpUnreachable:
		return 1, 1
	}
	cost, most := b.callCost(i)
	return ahead + cost, far + most
}

// callCost is what an instruction costs that may be a call, and the most that runs in it without a check.
func (b *body) callCost(i int) (cost, most uint64) {
	in := &b.code[i]
	cost = uint64(Cost(in.Op))
	if in.Op == wasm.OpCall {
		if f := int(in.A) - b.w.imported; f < 0 {
			cost = costHost
		} else if callee := &b.w.funcs[f]; !callee.checked {
			return cost + uint64(callee.cost), cost + uint64(callee.far)
		}
	} else if in.Op == wasm.OpCallIndirect {
		r := b.w.reached[b.w.canonical(in.A)]
		return cost + uint64(r.cost), cost + uint64(r.far)
	} else if length, ok := b.constLength(i); ok {
		cost += uint64(length >> bulkShift)
	}
	return cost, cost
}

// mostBehind is the most that may run behind an instruction without a check: less behind a call of what checks, since thousands
// of such calls may be open, and all return without one.
func (b *body) mostBehind(in *instr) uint64 {
	f := int(in.A) - b.w.imported
	if in.Op == wasm.OpCallIndirect || in.Op == wasm.OpCall && f >= 0 && b.w.funcs[f].checked {
		return returnCost
	}
	return straightCost
}

// mayCheck tells whether there may be a check after an instruction of the innermost block:
// not in leaf loops, which must not call, and not where ways part.
func (b *body) mayCheck(op wasm.Opcode) bool {
	return len(b.stack) > 0 && b.ctrls[b.stack[len(b.stack)-1]].region == 0 && (op > wasm.OpReturn || op == wasm.OpNop)
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

func sat(n uint64) uint32 { return uint32(min(n, checkedCharge-1)) }

func (b *body) pop() *ctrl {
	c := &b.ctrls[b.stack[len(b.stack)-1]]
	b.stack = b.stack[:len(b.stack)-1]
	return c
}

// chargeEnd makes the end of a block a charge point if too much comes after it.
func (b *body) chargeEnd(i int, id uint32, ahead, far uint64) (uint64, uint64) {
	c := &b.ctrls[id]
	limit := uint64(splitCost)
	if c.piece {
		limit = pieceCost
	} else if c.crossed || c.op == wasm.OpLoop {
		limit = loopExit
	}
	if joins := c.targeted || c.op != wasm.OpBlock; id > 0 && joins && ahead > limit {
		b.charges[i], ahead = sat(ahead), 0
	}
	c.label, c.far = 0, 0 // of a loop: its head charges and checks
	if c.op != wasm.OpLoop {
		c.label, c.far = sat(ahead), far
	}
	b.stack = append(b.stack, int32(id))
	return ahead, far
}

// ahead is the cost behind a branch, and where it goes. One out of a leaf loop goes by a pad that charges.
func (b *body) ahead(label uint32) (uint32, *ctrl) {
	c := b.target(label)
	if from := b.ctrls[b.stack[len(b.stack)-1]].region; from != 0 && c.region != from {
		return 0, c
	}
	return c.label, c
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
