package meter

import (
	"math/bits"

	"github.com/vitrine-run/vitrine/runtime/wasm"
)

// maxLiveness bounds the work: blocks times words of a set of locals. Beyond,
// and that is far beyond what compilers write, leaf loops get the simple form.
const maxLiveness = 1 << 20

// maxLive is how many locals a leaf loop may carry. wazero passes about that
// many values in registers and a few more cheaply.
const maxLive = 48

// liveness finds the locals that are live at the head of each loop: those that are
// read before they are written on some way from there.
//
// It is the usual backward pass over structured code. A branch back to a loop
// needs what is live at its head, which is known only afterwards; so the pass goes over each
// loop that is in no other until that does not change, as many times as loops are nested.
type liveness struct {
	words  int
	cur    []uint64
	labels []uint64 // by the depth of the block: live behind its label
	arms   []uint64 // by the depth of the block: live at the start of the arm behind an else
	heads  []uint64 // by the number of the loop among the loops: live at its head
	loops  []int32  // by ctrl: the number of the loop

	written   []uint64 // by the loop that is last asked for
	writtenIn int32
}

// live computes liveness. It says no if that would be too much work.
func (b *body) liveness() bool {
	l := &b.live
	l.writtenIn = -1
	l.words = (len(b.locals) + 63) / 64
	if l.words*len(b.ctrls) > maxLiveness {
		return false
	}
	l.loops = resize(l.loops, len(b.ctrls))
	n, depth, deepest := 0, 1, 1
	for i := range b.code {
		switch b.code[i].Op {
		case wasm.OpBlock, wasm.OpLoop, wasm.OpIf:
			depth++
			deepest = max(deepest, depth)
		case wasm.OpEnd:
			depth--
		}
	}
	for i := range b.ctrls {
		if b.ctrls[i].op == wasm.OpLoop {
			l.loops[i] = int32(n)
			n++
		}
	}
	l.cur = resize(l.cur, l.words)
	l.labels = resize(l.labels, l.words*deepest)
	l.arms = resize(l.arms, l.words*deepest)
	l.heads = resize(l.heads, l.words*n)
	clear(l.heads)
	b.livePass()
	return true
}

func resize[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n, 2*n)
	}
	return s[:n]
}

func (l *liveness) head(c int32) []uint64 {
	n := int(l.loops[c]) * l.words
	return l.heads[n : n+l.words]
}

func (l *liveness) at(sets []uint64, depth int) []uint64 {
	return sets[depth*l.words : (depth+1)*l.words]
}

// livePass walks the code backward.
func (b *body) livePass() {
	l := &b.live
	cur := l.cur
	grew := false // the set of some head, in the outermost loop
	uses := len(b.uses)
	b.stack = b.stack[:0]
	for i := len(b.code) - 1; i >= 0; i-- {
		in := &b.code[i]
		liveUses(cur, b.uses[in.uses:uses])
		uses = int(in.uses)
		switch in.Op {
		case wasm.OpEnd:
			if len(b.stack) == 0 {
				none(cur)
			}
			assign(l.at(l.labels, len(b.stack)), cur)
			b.stack = append(b.stack, int32(in.A))
		case wasm.OpElse:
			assign(l.at(l.arms, len(b.stack)-1), cur)
			assign(cur, l.at(l.labels, len(b.stack)-1))
		case wasm.OpBlock:
			b.pop()
		case wasm.OpLoop:
			id := b.stack[len(b.stack)-1]
			c := b.pop()
			if grew = union(l.head(id), cur) || grew; grew && b.ctrls[c.parent].loop == 0 {
				grew, i = false, int(c.endAt)+1
				uses = int(b.code[c.endAt].uses)
				assign(cur, l.at(l.labels, len(b.stack)))
			}
		case wasm.OpIf:
			if c := b.pop(); c.elseAt > 0 {
				union(cur, l.at(l.arms, len(b.stack)))
			} else {
				union(cur, l.at(l.labels, len(b.stack)))
			}
		case wasm.OpBr:
			assign(cur, b.liveAt(in.A))
		case wasm.OpBrIf:
			union(cur, b.liveAt(in.A))
		case wasm.OpBrTable:
			none(cur)
			b.eachLabel(&in.Instr, func(n uint32) { union(cur, b.liveAt(n)) })
		case wasm.OpReturn, wasm.OpUnreachable:
			none(cur)
		}
	}
}

// liveUses goes backward over uses of locals.
func liveUses(cur []uint64, uses []uint32) {
	for i := len(uses) - 1; i >= 0; i-- {
		if u := uses[i]; u&1 == 0 {
			cur[u>>7] |= 1 << (u >> 1 & 63)
		} else {
			cur[u>>7] &^= 1 << (u >> 1 & 63)
		}
	}
}

// liveAt returns what is live where a branch goes.
func (b *body) liveAt(label uint32) []uint64 {
	at := len(b.stack) - 1 - int(label)
	if id := b.stack[at]; b.ctrls[id].op == wasm.OpLoop {
		return b.live.head(id)
	}
	return b.live.at(b.live.labels, at)
}

// assign makes a what b is. Most sets are one word, for which it is faster than copy; so is none than clear.
func assign(a, b []uint64) {
	for i := range a {
		a[i] = b[i]
	}
}

func none(a []uint64) {
	if len(a) == 1 {
		a[0] = 0
		return
	}
	clear(a)
}

// union adds b to a and tells whether a grew.
func union(a, b []uint64) (grew bool) {
	for i := range a {
		if b[i]&^a[i] != 0 {
			a[i] |= b[i]
			grew = true
		}
	}
	return grew
}

// saved appends the locals that the cold path of a leaf loop must carry: those
// that are live at its head and that the outermost leaf loop around it writes.
// One that is not written there has one value all along. Carrying it would make it
// two, which meet in every loop around: in an interpreter's main loop that
// turns constants into variables that are spilled (QuickJS ran 3.5 times slower).
func (b *body) saved(list []uint32, c int32) []uint32 {
	written := b.written(b.ctrls[c].region)
	for i, w := range b.live.head(c) {
		for w &= written[i]; w != 0; w &= w - 1 {
			list = append(list, uint32(i*64+bits.TrailingZeros64(w)))
		}
	}
	return list
}

// written returns the locals that a loop writes.
func (b *body) written(id int32) []uint64 {
	l := &b.live
	if l.writtenIn != id {
		l.writtenIn = id
		l.written = resize(l.written, l.words)
		clear(l.written)
		c := &b.ctrls[id]
		for _, u := range b.uses[b.code[c.at].uses:b.code[c.endAt].uses] {
			if u&1 != 0 {
				l.written[u>>7] |= 1 << (u >> 1 & 63)
			}
		}
	}
	return l.written
}
