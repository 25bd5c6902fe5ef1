package meter

import "github.com/vitrine-run/vitrine/runtime/wasm"

// What of the stack a function takes, in units of depth: one a call, and one
// more for each so many values that it holds.
const frameValues = 16

// chainFrames is how many units of depth calls may take before one of them counts:
// functions that cannot recurse need not count, as long as no chain of them is long.
const chainFrames = 200

// callerPays is the most that may run in a function without a check, in whichever of its branches, for its
// callers to pay for it. A tree of calls that doubles exceeds it by itself and keeps its checks.
const callerPays = 200

// referencePays is the same for a function that is called through a reference: whoever makes such a call pays for the dearest that
// it may reach. They are what reads a field, compares two numbers or is a constant of an interpreter.
const referencePays = 24

// smallBody is how many bytes a function's body may have for price to look into it.
const smallBody = 600

// scan gathers what the validator has noted: who calls whom, and whose reference is taken.
func (w *rewriter) scan() {
	for i := range w.m.Code {
		f, facts := &w.funcs[i], w.m.Code[i].Facts
		f.frame = uint32(1 + (facts.Locals+facts.Stack)/frameValues)
		f.foreign = uint32(facts.Bulk)
		f.calls[0] = uint32(len(w.calls))
		for _, c := range facts.Calls {
			if int(c) < w.imported {
				f.foreign++
			} else {
				w.calls = append(w.calls, c-uint32(w.imported))
			}
		}
		f.calls[1] = uint32(len(w.calls))
		for _, t := range facts.Indirect {
			w.calls = append(w.calls, w.canonical(t))
		}
		f.indirect = [2]uint32{f.calls[1], uint32(len(w.calls))}
		for _, r := range facts.Refs {
			w.taken[r] = true
		}
		if facts.Alters && w.altered == 0 {
			w.altered = w.addCounter(ExportAltered)
		}
	}
	w.scanModule()
}

// canonical returns the first index of a type: equal types call each other's functions.
func (w *rewriter) canonical(t uint32) uint32 { return w.canon[t] }

// scanModule marks the functions that are called from outside of the code, or
// through a reference.
func (w *rewriter) scanModule() {
	m := w.m
	mark := func(e *wasm.Expr) {
		var in wasm.Instr
		r := wasm.NewReader(e.Bytes, 0)
		if r.Instr(&in); in.Op == wasm.OpRefFunc {
			w.taken[in.A] = true
		}
	}
	for i := range m.Exports {
		if m.Exports[i].Kind == wasm.KindFunc {
			w.taken[m.Exports[i].Index], w.outside[m.Exports[i].Index] = true, true
		}
	}
	if m.Start >= 0 {
		w.taken[m.Start], w.outside[m.Start] = true, true
	}
	for i := range m.Globals {
		mark(&m.Globals[i].Init)
	}
	for i := range m.Elems {
		for _, f := range m.Elems[i].Funcs {
			w.taken[f] = true
		}
		for j := range m.Elems[i].Exprs {
			mark(&m.Elems[i].Exprs[j])
		}
	}
}

// node is a place in the depth-first walk: a function, or, at the indices behind the
// functions, a type that stands for all functions that an indirect call
// of it may reach.
type node struct {
	succ  [2][]uint32 // what is left to visit: functions and types, or functions alone
	id    uint32
	chain uint32 // the longest chain of uncounted frames below it
}

// graph walks the call graph. A function that is met again while it is open
// closes a cycle: it counts depth, so every recursion meets a function that
// does. So does one below which too long a chain would be without.
func (w *rewriter) graph() {
	const (
		unseen = iota
		open
		done
	)
	n := uint32(len(w.funcs))
	state := make([]uint8, int(n)+len(w.m.Types))
	chains := make([]uint32, len(state))
	byType := w.takenByType()
	var stack []node
	enter := func(id uint32) {
		state[id] = open
		nd := node{id: id}
		if id < n {
			f := &w.funcs[id]
			nd.succ = [2][]uint32{w.calls[f.calls[0]:f.calls[1]], w.calls[f.indirect[0]:f.indirect[1]]}
		} else {
			nd.succ[0] = byType[id-n]
		}
		stack = append(stack, nd)
	}
	for root := range n {
		if state[root] != unseen {
			continue
		}
		for enter(root); len(stack) > 0; {
			top := &stack[len(stack)-1]
			var next uint32
			switch {
			case len(top.succ[0]) > 0:
				next, top.succ[0] = top.succ[0][0], top.succ[0][1:]
			case len(top.succ[1]) > 0:
				next, top.succ[1] = top.succ[1][0]+n, top.succ[1][1:]
			default:
				w.leave(top, chains)
				state[top.id] = done
				chain := chains[top.id]
				if stack = stack[:len(stack)-1]; len(stack) > 0 {
					top = &stack[len(stack)-1]
					top.chain = max(top.chain, chain)
				}
				continue
			}
			switch state[next] {
			case unseen:
				enter(next)
			case done:
				top.chain = max(top.chain, chains[next])
			case open:
				w.countCycle(stack, next)
			}
		}
	}
}

// countCycle lets a function of the cycle that ends in id count. A type is no
// function: the one after it on the stack is.
func (w *rewriter) countCycle(stack []node, id uint32) {
	n := uint32(len(w.funcs))
	if id < n {
		w.funcs[id].counted = true
		return
	}
	for i := len(stack) - 1; i >= 0; i-- {
		if stack[i].id == id {
			w.funcs[stack[i+1].id].counted = true
			return
		}
	}
}

// leave is called when all below a function is known.
func (w *rewriter) leave(nd *node, chains []uint32) {
	if int(nd.id) >= len(w.funcs) {
		chains[nd.id] = nd.chain
		return
	}
	f := &w.funcs[nd.id]
	f.frame += nd.chain
	if f.frame > chainFrames {
		f.counted = true
	}
	if !f.counted {
		chains[nd.id] = f.frame
	}
}

// takenByType lists, for each type, the functions that an indirect call may reach.
func (w *rewriter) takenByType() [][]uint32 {
	lists := make([][]uint32, len(w.m.Types))
	for i, t := range w.m.Funcs {
		if w.taken[w.imported+i] {
			c := w.canonical(t)
			lists[c] = append(lists[c], uint32(i))
		}
	}
	return lists
}

// price decides which functions are charged by their callers, those that are
// called before those that call, and what each function's entry costs.
func (w *rewriter) price() {
	state := make([]bool, len(w.funcs)) // done, or given up
	for i := range w.funcs {
		f := &w.funcs[i]
		f.checked = f.counted || w.taken[w.imported+i] || len(w.m.Code[i].Bytes) > smallBody
		state[i] = f.checked
	}
	w.priceReferences()
	for i := range w.funcs {
		w.priceOne(uint32(i), state, 0)
	}
}

// priceReferences decides which functions are charged by those that call them through a reference, and what such a call
// costs, by its type. They call nothing, so what they cost is known before what such a call costs.
func (w *rewriter) priceReferences() {
	w.reached = make([]reach, len(w.m.Types))
	for i := range w.funcs {
		f := &w.funcs[i]
		if id := w.imported + i; f.counted || !w.taken[id] || w.outside[id] || f.calls[0] < f.indirect[1] || f.foreign > 0 || len(w.m.Code[i].Bytes) > smallBody {
			continue
		}
		f.checked = false
		if w.analyseOne(i); f.far > referencePays {
			f.checked = true
			continue
		}
		r := &w.reached[w.canonical(w.m.Funcs[i])]
		r.cost, r.far = max(r.cost, f.cost), max(r.far, f.far)
	}
}

// reach is what a call through a reference costs more than the call, and the most that runs in what it calls
// up to a check, unless that begins with one.
type reach struct{ cost, far uint32 }

func (w *rewriter) analyseOne(i int) {
	far := w.scratch.analyse(w, i, false)
	f := &w.funcs[i]
	f.cost, f.far = w.scratch.entry, max(w.scratch.entry, sat(far))
}

// priceOne prices what a function calls and then the function. The functions
// that it follows are in no cycle, since one of each cycle is counted.
func (w *rewriter) priceOne(i uint32, state []bool, level int) {
	if state[i] {
		return
	}
	f := &w.funcs[i]
	state[i] = true
	if level > 30 {
		f.checked = true
		return
	}
	for _, c := range w.calls[f.calls[0]:f.calls[1]] {
		w.priceOne(c, state, level+1)
	}
	w.analyseOne(int(i))
	f.checked = f.far > callerPays
}
