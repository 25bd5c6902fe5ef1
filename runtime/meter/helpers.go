package meter

import (
	"fmt"
	"slices"

	"github.com/vitrine-run/vitrine/runtime/wasm"
)

// helpers are the functions that the rewriter adds behind those of the module.
type helpers struct {
	w       *rewriter
	index   map[string]uint32
	refills map[string]uint32 // by the types of what is handed back
	key     []byte            // of refills
	types   []uint32
	code    []wasm.Code
}

func (h *helpers) init(w *rewriter) {
	h.w, h.index, h.refills = w, map[string]uint32{}, map[string]uint32{}
}

// get returns the index of a helper in the rewritten module; write writes its
// body the first time it is asked for. locals are i32 and come after the parameters.
func (h *helpers) get(key string, t wasm.FuncType, write func(*emitter)) uint32 {
	if i, ok := h.index[key]; ok {
		return i
	}
	e := &emitter{}
	write(e)
	e.op(wasm.OpEnd)
	i := uint32(h.w.imported + 1 + len(h.w.m.Funcs) + len(h.code))
	h.index[key] = i
	h.types = append(h.types, h.w.typeOf(t))
	h.code = append(h.code, wasm.Code{Bytes: append([]byte{0}, e.out...)})
	return i
}

// reserve adds a function whose body fill writes later, and returns its index.
func (h *helpers) reserve(t wasm.FuncType) uint32 {
	h.types = append(h.types, h.w.typeOf(t))
	h.code = append(h.code, wasm.Code{})
	return uint32(h.w.imported + len(h.w.m.Funcs) + len(h.code))
}

func (h *helpers) fill(index uint32, code []byte) {
	h.code[int(index)-h.w.imported-1-len(h.w.m.Funcs)].Bytes = code
}

// refill returns the function that calls refuel where the fuel is in a local, and hands
// back its arguments: locals, which it sorts by type so that fewer such functions are
// needed, and the fuel, which is now what there is.
//
//	(i64.sub (global.get $g) (local.get $fuel))       ;; on the stack across the call
//	(global.set $g (local.get $fuel))
//	(call $refuel)
//	(global.set $g (i64.add (local.tee $fuel (global.get $g))))
//
// So the global goes up by what was handed out and down by nothing: as long as a
// function keeps its fuel in a local, the global says what had been used when it began to,
// and that is what a trap leaves behind, whatever the slices were.
func (h *helpers) refill(b *body, locals []uint32) uint32 {
	slices.SortStableFunc(locals, func(x, y uint32) int { return int(b.locals[y]) - int(b.locals[x]) })
	h.key = h.key[:0]
	for _, l := range locals {
		h.key = append(h.key, byte(b.locals[l]))
	}
	fn, ok := h.refills[string(h.key)]
	if !ok {
		fn = h.newRefill(len(h.key))
		h.refills[string(h.key)] = fn
	}
	return fn
}

// newRefill writes the one for the types in key.
func (h *helpers) newRefill(n int) uint32 {
	types := make([]wasm.ValueType, n, n+1)
	for i, t := range h.key {
		types[i] = wasm.ValueType(t)
	}
	types = append(types, wasm.I64)
	t, fuel := wasm.FuncType{Params: types, Results: types}, uint32(n)
	return h.get("refill "+t.Key(), t, func(e *emitter) {
		e.opU(wasm.OpGlobalGet, h.w.fuel)
		e.opU(wasm.OpLocalGet, fuel)
		e.op(wasm.OpI64Sub)
		e.opU(wasm.OpLocalGet, fuel)
		e.opU(wasm.OpGlobalSet, h.w.fuel)
		e.opU(wasm.OpCall, h.w.refuel())
		e.opU(wasm.OpGlobalGet, h.w.fuel)
		e.opU(wasm.OpLocalTee, fuel)
		e.op(wasm.OpI64Add)
		e.opU(wasm.OpGlobalSet, h.w.fuel)
		e.gets(fuel + 1)
	})
}

// The lengths of bulk instructions. Up to smallLength the static cost is enough.
// A longer one is charged for by a helper function; those on memory
// do at most chunkLength bytes at a time, so that the guest comes out in between: some 25 us.
const (
	smallLength = 1 << 10
	constLength = 1 << 16 // with a constant length up to this the instruction stays
	chunkLength = 1 << 18
)

// constLength returns the length of a bulk instruction on memory if it is a small constant.
func (b *body) constLength(i int) (n uint32, ok bool) {
	switch b.code[i].Op {
	case wasm.OpMemoryInit:
		if b.w.m.Data[b.code[i].A].Mode != wasm.Passive {
			return 0, false
		}
		fallthrough
	case wasm.OpMemoryFill, wasm.OpMemoryCopy:
		if i > 0 && b.code[i-1].Op == wasm.OpI32Const && b.code[i-1].A <= constLength {
			return b.code[i-1].A, true
		}
	}
	return 0, false
}

// bulk replaces a bulk instruction by the call of a helper that charges for its length.
func (b *body) bulk(i int) {
	if _, ok := b.constLength(i); ok {
		return
	}
	in := &b.code[i]
	if fn, ok := b.w.helpers.bulk(&in.Instr); ok {
		b.replace(i)
		b.call(func() { b.emit.opU(wasm.OpCall, fn) })
	}
}

func (h *helpers) bulk(in *wasm.Instr) (uint32, bool) {
	const i32 = wasm.I32
	key := fmt.Sprintf("%s %d %d", in.Op, in.A, in.B)
	three := wasm.FuncType{Params: []wasm.ValueType{i32, i32, i32}}
	switch in.Op {
	case wasm.OpMemoryGrow:
		return h.get(key, wasm.FuncType{Params: []wasm.ValueType{i32}, Results: []wasm.ValueType{i32}}, func(e *emitter) {
			h.chargeLength(e, 0, 1<<16+1, -pageShift)
			e.opU(wasm.OpLocalGet, 0)
			e.opU(wasm.OpMemoryGrow, 0)
		}), true
	case wasm.OpTableGrow:
		table := h.w.m.TableTypes()[in.A]
		return h.get(key, wasm.FuncType{Params: []wasm.ValueType{table.Elem, i32}, Results: []wasm.ValueType{i32}}, func(e *emitter) {
			h.chargeLength(e, 1, TableEnd, 0)
			e.gets(2)
			e.misc(wasm.OpTableGrow, in.A)
			if table.Limits.Lowered {
				h.noteRefusal(e, 1)
			}
		}), true
	case wasm.OpTableFill:
		ref := h.w.m.TableTypes()[in.A].Elem
		return h.get(key, wasm.FuncType{Params: []wasm.ValueType{i32, ref, i32}}, func(e *emitter) {
			h.chargeLength(e, 2, TableEnd, tableShift)
			e.gets(3)
			e.misc(wasm.OpTableFill, in.A)
		}), true
	case wasm.OpTableCopy, wasm.OpTableInit:
		return h.get(key, three, func(e *emitter) {
			h.chargeLength(e, 2, TableEnd, tableShift)
			e.gets(3)
			e.misc(in.Op, in.A, in.B)
		}), true
	case wasm.OpMemoryInit:
		return h.get(key, three, func(e *emitter) { h.chunked(e, in.Op, in.A) }), true
	case wasm.OpMemoryFill, wasm.OpMemoryCopy:
		return h.get(key, three, func(e *emitter) { h.chunked(e, in.Op, 0) }), true
	}
	return 0, false
}

// noteRefusal notes if what a table.grow answered, which is on the stack, is that it did
// not. The engine refuses by itself and tells nobody; a guest that breaks afterwards
// should hear why. local is free.
func (h *helpers) noteRefusal(e *emitter, local uint32) {
	const i32Eq, i64Or = 0x46, 0x84
	refused := h.w.refusedGlobal()
	e.opU(wasm.OpLocalSet, local)
	e.opU(wasm.OpGlobalGet, refused)
	e.opU(wasm.OpLocalGet, local)
	e.i32(^uint32(0))
	e.op(i32Eq)
	e.op(wasm.OpI64ExtendU)
	e.op(i64Or)
	e.opU(wasm.OpGlobalSet, refused)
	e.opU(wasm.OpLocalGet, local)
}

func (e *emitter) gets(n uint32) {
	for i := range n {
		e.opU(wasm.OpLocalGet, i)
	}
}

func (e *emitter) misc(op wasm.Opcode, immediates ...uint32) {
	e.out = wasm.AppendU32(append(e.out, byte(op>>8)), uint32(op&0xff))
	for _, v := range immediates {
		e.out = wasm.AppendU32(e.out, v)
	}
}

func (e *emitter) i32(v uint32) {
	e.out = wasm.AppendS64(append(e.out, byte(wasm.OpI32Const)), int64(int32(v)))
}

// chargeLength charges for a length in a local and checks. A length of limit or
// more makes the instruction fail, which costs nothing. A negative shift multiplies.
func (h *helpers) chargeLength(e *emitter, local, limit uint32, shift int) {
	e.opU(wasm.OpGlobalGet, h.w.fuel)
	e.opU(wasm.OpLocalGet, local)
	e.i32(0)
	e.opU(wasm.OpLocalGet, local)
	e.i32(limit)
	e.op(wasm.OpI32LtU)
	e.op(wasm.OpSelect)
	e.op(wasm.OpI64ExtendU)
	if shift > 0 {
		e.i64(uint32(shift))
		e.op(wasm.OpI64ShrU)
	} else if shift < 0 {
		e.i64(uint32(-shift))
		e.op(wasm.OpI64Shl)
	}
	e.op(wasm.OpI64Sub)
	e.opU(wasm.OpGlobalSet, h.w.fuel)
	h.check(e)
}

// check calls refuel if the fuel is below zero.
func (h *helpers) check(e *emitter) {
	e.opU(wasm.OpGlobalGet, h.w.fuel)
	e.i64(0)
	e.op(wasm.OpI64LtS)
	e.open(wasm.OpIf, noResult)
	e.opU(wasm.OpCall, h.w.refuel())
	e.end()
}

// chunked writes memory.fill, memory.copy or memory.init (to, from, n) in chunks:
//
//	(block $last
//	  (br_if $last (n < smallLength))
//	  (br_if $last (to + n > memory.size))       ;; it traps before it writes
//	  (br_if $last (from + n > memory.size))     ;; of a copy; of an init, > the data's size
//	  (loop $chunk
//	    (charge min(n, chunkLength) bytes)
//	    (br_if $last (n <= chunkLength))
//	    (copy a chunk)                           ;; from the end if to > from
//	    (br $chunk)))
//	(memory.copy to from n)
//
// If data have been dropped the first chunk traps, and nothing has been written.
func (h *helpers) chunked(e *emitter, op wasm.Opcode, data uint32) {
	const to, from, n = 0, 1, 2
	e.open(wasm.OpBlock, noResult)
	e.opU(wasm.OpLocalGet, n)
	e.i32(smallLength)
	e.op(wasm.OpI32LtU)
	e.opU(wasm.OpBrIf, 0)
	e.beyondMemory(to, n)
	switch op {
	case wasm.OpMemoryCopy:
		e.beyondMemory(from, n)
	case wasm.OpMemoryInit:
		e.beyond(from, n, func() { e.i64(h.dataSize(data)) })
	}
	e.open(wasm.OpLoop, noResult)
	h.chargeChunk(e, n)
	e.opU(wasm.OpLocalGet, n)
	e.i32(chunkLength + 1)
	e.op(wasm.OpI32LtU)
	e.opU(wasm.OpBrIf, 1)
	switch op {
	case wasm.OpMemoryFill:
		e.fillChunk(to, from, n)
	case wasm.OpMemoryCopy:
		e.copyChunk(to, from, n)
	case wasm.OpMemoryInit:
		e.plus(to, n)
		e.plus(from, n)
		e.i32(chunkLength)
		e.misc(op, data, 0)
	}
	e.add(n, ^uint32(chunkLength-1))
	e.opU(wasm.OpBr, 0)
	e.end()
	e.end()
	e.gets(3)
	switch op {
	case wasm.OpMemoryFill:
		e.misc(op, 0)
	case wasm.OpMemoryCopy:
		e.misc(op, 0, 0)
	case wasm.OpMemoryInit:
		if h.w.m.Data[data].Mode != wasm.Passive {
			e.misc(wasm.OpDataDrop, data)
		}
		e.misc(op, data, 0)
	}
}

// dataSize is how many bytes memory.init may find. Instantiating drops active segments, says the
// specification; wazero 1.12 keeps those of data. So what reads them drops them first.
func (h *helpers) dataSize(i uint32) uint32 {
	if h.w.m.Data[i].Mode != wasm.Passive {
		return 0
	}
	return uint32(len(h.w.m.Data[i].Bytes))
}

// beyondMemory branches to the block if what begins at a local and is n long ends beyond memory.
func (e *emitter) beyondMemory(local, n uint32) {
	e.beyond(local, n, func() {
		e.opU(wasm.OpMemorySize, 0)
		e.op(wasm.OpI64ExtendU)
		e.i64(16)
		e.op(wasm.OpI64Shl)
	})
}

// beyond does so if it ends beyond what size pushes.
func (e *emitter) beyond(local, n uint32, size func()) {
	e.opU(wasm.OpLocalGet, local)
	e.op(wasm.OpI64ExtendU)
	e.opU(wasm.OpLocalGet, n)
	e.op(wasm.OpI64ExtendU)
	e.op(wasm.OpI64Add)
	size()
	e.op(wasm.OpI64GtU)
	e.opU(wasm.OpBrIf, 0)
}

// chargeChunk charges for min(n, chunkLength) bytes and checks.
func (h *helpers) chargeChunk(e *emitter, n uint32) {
	e.opU(wasm.OpGlobalGet, h.w.fuel)
	e.opU(wasm.OpLocalGet, n)
	e.i32(chunkLength)
	e.opU(wasm.OpLocalGet, n)
	e.i32(chunkLength)
	e.op(wasm.OpI32LtU)
	e.op(wasm.OpSelect)
	e.op(wasm.OpI64ExtendU)
	e.i64(bulkShift)
	e.op(wasm.OpI64ShrU)
	e.op(wasm.OpI64Sub)
	e.opU(wasm.OpGlobalSet, h.w.fuel)
	h.check(e)
}

// add adds a constant to a local.
func (e *emitter) add(local, v uint32) {
	e.opU(wasm.OpLocalGet, local)
	e.i32(v)
	e.op(wasm.OpI32Add)
	e.opU(wasm.OpLocalSet, local)
}

// plus pushes local + n - chunkLength: where the last chunk begins.
func (e *emitter) plus(local, n uint32) {
	e.opU(wasm.OpLocalGet, local)
	e.opU(wasm.OpLocalGet, n)
	e.op(wasm.OpI32Add)
	e.i32(chunkLength)
	e.op(wasm.OpI32Sub)
}

// fillChunk fills the last chunk.
func (e *emitter) fillChunk(to, value, n uint32) {
	e.plus(to, n)
	e.opU(wasm.OpLocalGet, value)
	e.i32(chunkLength)
	e.misc(wasm.OpMemoryFill, 0)
}

// copyChunk copies the last chunk if that cannot overwrite what is still to be
// copied, and otherwise the first.
func (e *emitter) copyChunk(to, from, n uint32) {
	e.opU(wasm.OpLocalGet, to)
	e.opU(wasm.OpLocalGet, from)
	e.op(wasm.OpI32GtU)
	e.open(wasm.OpIf, noResult)
	e.plus(to, n)
	e.plus(from, n)
	e.i32(chunkLength)
	e.misc(wasm.OpMemoryCopy, 0, 0)
	e.op(wasm.OpElse)
	e.gets(2)
	e.i32(chunkLength)
	e.misc(wasm.OpMemoryCopy, 0, 0)
	e.add(to, chunkLength)
	e.add(from, chunkLength)
	e.end()
}
