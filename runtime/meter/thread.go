package meter

import (
	"slices"

	"github.com/vitrine-run/vitrine/runtime/wasm"
)

// Small functions that call each other recursively pass fuel and depth along in
// registers instead of through the globals, which is where a
// recursive function with little else to do spends its time:
//
//	(func $fib (param i32) (result i32) ...)
//
// becomes, with its calls of itself passing on what they have left,
//
//	(func $fib' (param i32) (param $fuel i64) (param $depth i64) (result i32 i64)
//	  (local.set $fuel (i64.sub (local.get $fuel) (i64.const 30)))
//	  (if (i64.lt_s (i64.or (local.get $fuel) (local.get $depth)) (i64.const 0)) ...)
//	  ...
//	  (call $fib' (...) (local.get $fuel) (i64.sub (local.get $depth) (i64.const 1)))
//	  (local.set $fuel)
//	  ...
//	  (local.get $fuel))
//
// and $fib calls it with what is in the globals; so does whoever called $fib. Around a call of anything else
// the globals are brought up to date, so there must be few of those.
type thread struct {
	index uint32 // of the function that passes fuel along, in the rewritten module
	group uint32 // one more than a function of its group; 0 if it passes nothing along
}

// The functions of a group, and their parameters, are few.
const (
	maxGroup        = 8
	maxThreadParams = 6
)

// threads finds the groups and gives their functions their second index.
func (w *rewriter) threads() {
	w.threaded = make([]thread, len(w.funcs))
	if w.plain || w.profile {
		return
	}
	for i := range w.funcs {
		if !w.funcs[i].counted || w.threaded[i].group != 0 || !w.threadable(uint32(i)) {
			continue
		}
		group := w.cycle(uint32(i))
		if len(group) == 0 || !w.mostlyInside(group) {
			continue
		}
		for _, f := range group {
			w.threaded[f] = thread{index: w.helpers.reserve(w.threadType(f)), group: uint32(i) + 1}
		}
	}
}

func (w *rewriter) threadable(f uint32) bool {
	t := &w.m.Types[w.m.Funcs[f]]
	return len(w.m.Code[f].Bytes) <= smallBody && len(t.Params) <= maxThreadParams && len(t.Results) <= 1 &&
		w.m.Start != int64(f)+int64(w.imported) && w.threaded[f].group == 0
}

// cycle returns the functions that f calls, directly or not, and that call f,
// in order; nil if there are too many.
func (w *rewriter) cycle(f uint32) []uint32 {
	const far = 4 * maxGroup
	reached := []uint32{f}
	for i := 0; i < len(reached); i++ {
		for _, c := range w.direct(reached[i]) {
			if w.threadable(c) && !slices.Contains(reached, c) {
				if reached = append(reached, c); len(reached) > far {
					return nil
				}
			}
		}
	}
	back := map[uint32]bool{}
	for grew := true; grew; {
		grew = false
		for _, g := range reached {
			if !back[g] && slices.ContainsFunc(w.direct(g), func(c uint32) bool { return c == f || back[c] }) {
				back[g], grew = true, true
			}
		}
	}
	group := slices.DeleteFunc(reached, func(g uint32) bool { return !back[g] })
	if len(group) > maxGroup || !back[f] {
		return nil
	}
	slices.Sort(group)
	return group
}

func (w *rewriter) direct(f uint32) []uint32 {
	return w.calls[w.funcs[f].calls[0]:w.funcs[f].calls[1]]
}

// mostlyInside tells whether a group calls itself more than anything else.
func (w *rewriter) mostlyInside(group []uint32) bool {
	inside, outside := 0, 0
	for _, f := range group {
		for _, c := range w.direct(f) {
			if slices.Contains(group, c) {
				inside++
			} else {
				outside++
			}
		}
		i := w.funcs[f].indirect
		outside += int(i[1]-i[0]) + int(w.funcs[f].foreign)
	}
	return inside > outside
}

// threadType is the type of the function that passes fuel and depth along.
func (w *rewriter) threadType(f uint32) wasm.FuncType {
	t := &w.m.Types[w.m.Funcs[f]]
	return wasm.FuncType{
		Params:  append(slices.Clone(t.Params), wasm.I64, wasm.I64),
		Results: append(slices.Clone(t.Results), wasm.I64),
	}
}

// entrance writes the function that goes by the original's index: it takes fuel
// and depth from the globals and puts them back.
func (w *rewriter) entrance(fn int) []byte {
	e := &emitter{}
	t := &w.m.Types[w.m.Funcs[fn]]
	depth := uint32(len(t.Params))
	e.out = append(e.out, 1, 1, byte(wasm.I64))
	e.gets(depth)
	e.opU(wasm.OpGlobalGet, w.fuel)
	e.opU(wasm.OpGlobalGet, w.depth)
	e.opU(wasm.OpLocalTee, depth)
	w.deeper(e, uint32(fn))
	e.opU(wasm.OpCall, w.threaded[fn].index)
	e.opU(wasm.OpGlobalSet, w.fuel)
	e.opU(wasm.OpLocalGet, depth)
	e.opU(wasm.OpGlobalSet, w.depth)
	e.op(wasm.OpEnd)
	return e.out
}

// threadEntry writes a call of such a function from outside of all groups, as entrance does. What
// there was of the depth is in the local that a function which counts has for that, with its own in it.
func (b *body) threadEntry(fn uint32) {
	e, f := &b.emit, &b.w.funcs[b.fn]
	e.opU(wasm.OpGlobalGet, b.w.fuel)
	e.opU(wasm.OpGlobalGet, b.w.depth)
	if !f.counted {
		e.opU(wasm.OpLocalTee, b.depthLocal())
	}
	b.w.deeper(e, fn)
	e.opU(wasm.OpCall, b.w.threaded[fn].index)
	e.opU(wasm.OpGlobalSet, b.w.fuel)
	e.opU(wasm.OpLocalGet, b.depthLocal())
	b.w.deeper(e, uint32(b.fn))
	e.opU(wasm.OpGlobalSet, b.w.depth)
}

// deeper takes from the depth on the stack what a function takes.
func (w *rewriter) deeper(e *emitter, f uint32) {
	if w.funcs[f].counted {
		e.i64(w.funcs[f].frame << depthShift)
		e.op(wasm.OpI64Sub)
	}
}

// slot returns the index that a local of the original has in what is written:
// those that a function declares come behind the parameters fuel and depth.
func (b *body) slot(l uint32) uint32 {
	if b.thread != 0 && int(l) >= b.params {
		return l + 2
	}
	return l
}

// threadCall writes a call in a function that passes fuel along: one more
// instruction of the group's, or a call of anything else. write writes the latter.
func (b *body) threadCall(callee uint32, inside bool, write func()) {
	e := &b.emit
	e.opU(wasm.OpLocalGet, e.fuel)
	if inside {
		e.opU(wasm.OpLocalGet, b.depthLocal())
		b.w.deeper(e, callee)
		e.opU(wasm.OpCall, b.w.threaded[callee].index)
		e.opU(wasm.OpLocalSet, e.fuel)
		return
	}
	e.opU(wasm.OpGlobalSet, b.w.fuel)
	e.opU(wasm.OpLocalGet, b.depthLocal())
	e.opU(wasm.OpGlobalSet, b.w.depth)
	write()
	e.opU(wasm.OpGlobalGet, b.w.fuel)
	e.opU(wasm.OpLocalSet, e.fuel)
}
