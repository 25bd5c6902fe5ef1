package meter

import "github.com/vitrine-run/vitrine/runtime/wasm"

// enter writes what a function does first. What it does when the fuel is below
// zero comes after its end, where it costs the least: it calls refuel and then itself.
//
//	(block $cold
//	  (br_if $cold (fuel < 0))
//	  ... (return))
//	(call $refuel)
//	(call $itself (the parameters))
func (b *body) enter() {
	e, f := &b.emit, &b.w.funcs[b.fn]
	b.ctrls[0].depth = -1
	if f.checked && b.entry > 0 {
		b.spend(b.entry)
	}
	if f.counted && b.thread == 0 {
		e.opU(wasm.OpGlobalGet, b.w.depth)
		e.opU(wasm.OpLocalTee, b.depthLocal())
		e.i64(f.frame << depthShift)
		e.op(wasm.OpI64Sub)
		e.opU(wasm.OpGlobalSet, b.w.depth)
	}
	if b.checksEntry() {
		e.open(wasm.OpBlock, noResult)
		b.below(f.counted)
		e.opU(wasm.OpBrIf, 0)
	}
	if f.counted || b.thread != 0 {
		// A block around the body, so that every way out comes by its end.
		b.ctrls[0].depth = e.depth
		e.open(wasm.OpBlock, b.w.results(b.w.m.Types[b.w.m.Funcs[b.fn]].Results))
	}
}

func (b *body) checksEntry() bool {
	f := &b.w.funcs[b.fn]
	return f.checked && b.entry > 0 || f.counted
}

// leave writes what a function does last: a counted one puts the depth back.
func (b *body) leave() {
	e, f := &b.emit, &b.w.funcs[b.fn]
	if f.counted || b.thread != 0 {
		e.end()
	}
	if b.thread != 0 {
		e.opU(wasm.OpLocalGet, e.fuel)
	} else if f.counted {
		e.opU(wasm.OpLocalGet, b.depthLocal())
		e.opU(wasm.OpGlobalSet, b.w.depth)
	}
	if b.checksEntry() {
		e.op(wasm.OpReturn)
		e.end()
		b.coldEntry()
	}
	e.op(wasm.OpEnd)
}

// coldEntry calls refuel and the function again, which charges again.
func (b *body) coldEntry() {
	e, f := &b.emit, &b.w.funcs[b.fn]
	b.refuel(b.entry)
	if b.thread != 0 {
		e.gets(uint32(b.params))
		e.opU(wasm.OpLocalGet, e.fuel)
		e.opU(wasm.OpGlobalGet, b.w.depth)
		e.opU(wasm.OpCall, b.w.threaded[b.fn].index)
		return
	}
	if f.counted {
		e.add64(b.w.depth, f.frame<<depthShift)
	}
	e.gets(uint32(b.params))
	e.opU(wasm.OpCall, b.w.index(uint32(b.fn+b.w.imported)))
}

// add64 adds to a global.
func (e *emitter) add64(global, n uint32) {
	e.opU(wasm.OpGlobalGet, global)
	e.i64(n)
	e.op(wasm.OpI64Add)
	e.opU(wasm.OpGlobalSet, global)
}
