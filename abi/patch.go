package abi

import "encoding/binary"

// PatchOp is an op of a PATCH. On the wire an op begins with uvarint(zigzag(node - previous)<<4 | op),
// where previous is the node of the op before it in the frame, 0 at first. REP begins with
// uvarint(count<<4 | 15).
type PatchOp uint8

// The ops of a PATCH, each with what follows its head.
const (
	PatchText   PatchOp = 1  // string: property 0, of wire form bytes
	PatchSet    PatchOp = 2  // tag, value
	PatchUnset  PatchOp = 3  // property
	PatchInsert PatchOp = 4  // place, node: a new child of the op's node
	PatchDelete PatchOp = 5  // nothing: the op's node and all in it go
	PatchMove   PatchOp = 6  // place: the op's node moves among its siblings
	PatchOn     PatchOp = 7  // event
	PatchOff    PatchOp = 8  // event
	PatchValue  PatchOp = 9  // tag, value: like SET, unless the person changed it after ackEv
	PatchSplice PatchOp = 10 // tail, drop, string: in property 0, a text
	PatchRows   PatchOp = 11 // place, run: new children of the op's node
	PatchRepeat PatchOp = 15 // column: the op before it, for more nodes
)

const patchOpBits = 4

// maxFrameNodes is how much one frame may stand for, since a few bytes can stand for a lot: nodes that it
// makes (or holes that it fills, if a row has more of them) and ops that it repeats, together.
const maxFrameNodes = 1 << 16

// PatchWriter writes the bodies of SNAP and PATCH frames of one mount, as short as it can: siblings of
// one shape as rows of a template, one op for many nodes as a repetition. Node ids are never written
// where they can be counted: a snapshot numbers its nodes from 1 in depth-first order, an insertion
// goes on where the epoch's last one stopped. Begin it for each frame. The trees and the texts that it is
// given must stay as they are until Bytes. A frame that was written and not sent leaves tables that the
// page does not have: Reset it and begin a new epoch.
type PatchWriter struct {
	Plain     bool // write neither rows, repetitions nor splices: larger, and easier to read
	strings   Strings
	templates templates
	buf       []byte
	prev      uint32
	made      int

	last    shape   // of the op that was written last
	delta   int64   // its distance from the one before
	waiting []value // of ops like it
	column  []value // scratch
}

// shape is what ops must have in common to be written as one repetition. The zero value is no op's.
type shape struct {
	op   PatchOp
	wire Wire // of the value, if there is one
	a, b uint64
}

// value is what an op or a hole is given; b is for WireBytes.
type value struct {
	bits uint64
	b    []byte
}

// Reset forgets what the page knows, as a SNAP does.
func (w *PatchWriter) Reset() {
	w.strings.Reset()
	w.templates.reset()
}

// Begin starts a frame whose head is in b.
func (w *PatchWriter) Begin(b []byte) {
	w.buf, w.prev, w.made, w.last = b, 0, 0, shape{}
	w.waiting, w.column = shrunk(w.waiting), shrunk(w.column)
}

// shrunk is s emptied; a large one is given back.
func shrunk(s []value) []value {
	if cap(s) > 4096 {
		return nil
	}
	return s[:0]
}

// Bytes is the frame so far.
func (w *PatchWriter) Bytes() []byte {
	w.flush()
	return w.buf
}

// TooLarge tells whether the frame stands for more than a page takes from one frame.
func (w *PatchWriter) TooLarge() bool { return w.made > maxFrameNodes }

// Node writes node i of t and all in it, as the body of a SNAP. A SNAP begins an epoch: Reset first.
func (w *PatchWriter) Node(t *Tree, i int) { w.node(t, i) }

// node returns the index behind the subtree of node i.
func (w *PatchWriter) node(t *Tree, i int) int {
	w.made++
	n := &t.Nodes[i]
	props := t.PropsOf(i)
	mask := t.mask(i)
	head := uint64(n.Component)<<3 | bit(n.Children > 0)<<2 | bit(mask != 0)<<1 | bit(len(props) > 0)
	w.buf = binary.AppendUvarint(w.buf, head)
	if len(props) > 0 {
		w.buf = binary.AppendUvarint(w.buf, uint64(len(props)))
		for _, p := range props {
			w.buf = binary.AppendUvarint(w.buf, propTag(p.Number, p.Wire))
			w.value(p.Wire, t.valueOf(p))
		}
	}
	if mask != 0 {
		w.buf = binary.AppendUvarint(w.buf, mask)
	}
	if n.Children == 0 {
		return i + 1
	}
	w.buf = binary.AppendUvarint(w.buf, uint64(n.Children))
	next := i + 1
	for left := int(n.Children); left > 0; {
		rows, number := w.templates.find(w, t, next, left, 0)
		if rows == 0 {
			next = w.node(t, next)
			left--
			continue
		}
		w.buf = binary.AppendUvarint(w.buf, runHead)
		next = w.run(t, next, rows, number)
		left -= rows
	}
	return next
}

// mask has a bit for each event that node i is bound to.
func (t *Tree) mask(i int) (mask uint64) {
	for _, h := range t.HandlersOf(i) {
		mask |= 1 << h.Event
	}
	return mask
}

func (t *Tree) valueOf(p Prop) value {
	if p.Wire == WireBytes {
		return value{b: t.Bytes(p)}
	}
	return value{bits: p.Bits}
}

func (w *PatchWriter) value(form Wire, v value) {
	switch form {
	case WireBytes:
		w.buf = w.strings.append(w.buf, v.b)
	case WireFloat:
		w.buf = binary.LittleEndian.AppendUint64(w.buf, v.bits)
	default:
		w.buf = binary.AppendUvarint(w.buf, v.bits)
	}
}

// emit writes an op, or keeps its value for a repetition of the one before.
func (w *PatchWriter) emit(s shape, node uint32, v value) {
	delta := int64(node) - int64(w.prev)
	if !w.Plain && s == w.last && delta == w.delta && len(w.waiting) < maxFrameNodes {
		w.waiting = append(w.waiting, v)
		w.prev = node
		return
	}
	w.op(s.op, node)
	w.last, w.delta = s, delta
	switch s.op {
	case PatchSet, PatchValue, PatchUnset, PatchOn, PatchOff:
		w.buf = binary.AppendUvarint(w.buf, s.a)
	case PatchSplice:
		w.buf = appendNumbers(w.buf, s.a, s.b)
	}
	if s.hasValue() {
		w.value(s.wire, v)
	}
}

func (s shape) hasValue() bool {
	switch s.op {
	case PatchText, PatchSet, PatchValue, PatchSplice:
		return true
	}
	return false
}

// flush writes the repetition that is waiting.
func (w *PatchWriter) flush() {
	if len(w.waiting) == 0 {
		return
	}
	w.buf = binary.AppendUvarint(w.buf, uint64(len(w.waiting))<<patchOpBits|uint64(PatchRepeat))
	w.made += len(w.waiting)
	if w.last.hasValue() {
		w.writeColumn(w.last.wire, w.waiting)
	}
	w.waiting, w.last = w.waiting[:0], shape{}
}

// op begins an op.
func (w *PatchWriter) op(op PatchOp, node uint32) {
	w.flush()
	w.last = shape{}
	delta := zigzag(int64(node) - int64(w.prev))
	w.buf = binary.AppendUvarint(w.buf, delta<<patchOpBits|uint64(op))
	w.prev = node
}

// place writes where a node goes among its siblings: before the node with id before, at the end if
// that is 0. It is relative to the op's node, which is never the sibling itself.
func (w *PatchWriter) place(before uint32) {
	if before == 0 {
		w.buf = append(w.buf, 0)
		return
	}
	w.buf = binary.AppendUvarint(w.buf, zigzag(int64(before)-int64(w.prev)))
}

// Set writes that a node's property has the value p of t.
func (w *PatchWriter) Set(node uint32, t *Tree, p Prop) {
	if p.Number == 0 && p.Wire == WireBytes {
		w.emit(shape{op: PatchText, wire: WireBytes}, node, t.valueOf(p))
		return
	}
	w.emit(shape{op: PatchSet, wire: p.Wire, a: propTag(p.Number, p.Wire)}, node, t.valueOf(p))
}

// Value is Set for a value that the person can change: the page keeps what was typed since.
func (w *PatchWriter) Value(node uint32, t *Tree, p Prop) {
	w.emit(shape{op: PatchValue, wire: p.Wire, a: propTag(p.Number, p.Wire)}, node, t.valueOf(p))
}

// Text is Set for property 0 of kind text, whose value was old: what they have in common is not sent
// where that saves something.
func (w *PatchWriter) Text(node uint32, t *Tree, p Prop, old []byte) {
	text := t.Bytes(p)
	tail, drop, insert := splice(old, text)
	saved := w.strings.cost(text) - w.strings.cost(insert) - uvarintLen(tail) - uvarintLen(drop)
	if w.Plain || saved < 2 {
		w.Set(node, t, p)
		return
	}
	w.emit(shape{op: PatchSplice, wire: WireBytes, a: tail, b: drop}, node, value{b: insert})
}

// Unset writes that a node's property is left out now.
func (w *PatchWriter) Unset(node uint32, number uint8) {
	w.emit(shape{op: PatchUnset, a: uint64(number)}, node, value{})
}

// Insert writes count new children of parent before a sibling (0: at the end): node i of t with all in it and
// the siblings that follow it.
func (w *PatchWriter) Insert(parent, before uint32, t *Tree, i, count int) {
	for count > 0 {
		rows, number := w.templates.find(w, t, i, count, 2)
		if rows == 0 {
			w.op(PatchInsert, parent)
			w.place(before)
			i = w.node(t, i)
			count--
			continue
		}
		w.op(PatchRows, parent)
		w.place(before)
		i = w.run(t, i, rows, number)
		count -= rows
	}
}

// Delete writes that a node goes, with all in it.
func (w *PatchWriter) Delete(node uint32) { w.emit(shape{op: PatchDelete}, node, value{}) }

// Move writes that a node moves before a sibling (0: to the end).
func (w *PatchWriter) Move(node, before uint32) {
	w.op(PatchMove, node)
	w.place(before)
}

// On writes that a node sends an event from now on.
func (w *PatchWriter) On(node uint32, event uint8) {
	w.emit(shape{op: PatchOn, a: uint64(event)}, node, value{})
}

// Off writes that a node no longer sends an event.
func (w *PatchWriter) Off(node uint32, event uint8) {
	w.emit(shape{op: PatchOff, a: uint64(event)}, node, value{})
}
