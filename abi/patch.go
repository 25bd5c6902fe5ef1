package abi

import "encoding/binary"

// PatchOp is an op of a PATCH. On the wire an op begins with uvarint(zigzag(node - previous)<<4 | op),
// where previous is the node of the op before it in the frame, 0 at first.
type PatchOp uint8

// The ops of a PATCH, each with what follows its head.
const (
	PatchText   PatchOp = 1 // string: property 0, of wire form bytes
	PatchSet    PatchOp = 2 // tag, value
	PatchUnset  PatchOp = 3 // property
	PatchInsert PatchOp = 4 // place, node: a new child of the op's node
	PatchDelete PatchOp = 5 // nothing: the op's node and all in it go
	PatchMove   PatchOp = 6 // place: the op's node moves among its siblings
	PatchOn     PatchOp = 7 // event
	PatchOff    PatchOp = 8 // event
	PatchValue  PatchOp = 9 // tag, value: like SET, unless the person changed it after ackEv
)

const patchOpBits = 4

// Bounds of the strings that are interned: of this many bytes, and so many in an epoch.
const (
	internMin   = 3
	internMax   = 64
	internCount = 1024
)

// Strings interns the strings of one mount in one epoch, so that a repeated one costs a byte or two.
// Both sides keep the same table: a string of 3 to 64 bytes that is written out takes the next
// number, until there are 1,024. The zero value is an empty table. A frame that was written and not
// sent leaves the two tables different: begin a new epoch.
type Strings struct{ numbers map[string]uint32 }

// Reset empties the table, as a new epoch does.
func (s *Strings) Reset() { clear(s.numbers) }

// append appends a string: uvarint(number<<1 | 1), or uvarint(length<<1) and the bytes.
func (s *Strings) append(b, text []byte) []byte {
	if n, ok := s.numbers[string(text)]; ok {
		return binary.AppendUvarint(b, uint64(n)<<1|1)
	}
	if len(text) >= internMin && len(text) <= internMax && len(s.numbers) < internCount {
		if s.numbers == nil {
			s.numbers = map[string]uint32{}
		}
		s.numbers[string(text)] = uint32(len(s.numbers))
	}
	return append(binary.AppendUvarint(b, uint64(len(text))<<1), text...)
}

// PatchWriter writes the bodies of SNAP and PATCH frames of one mount. Node ids are never written
// where they can be counted: a snapshot numbers its nodes from 1 in depth-first order, an insertion
// goes on where the epoch's last one stopped. Begin it for each frame.
type PatchWriter struct {
	Strings Strings
	buf     []byte
	prev    uint32
}

// Begin starts a frame whose head is in b.
func (w *PatchWriter) Begin(b []byte) { w.buf, w.prev = b, 0 }

// Bytes is the frame so far.
func (w *PatchWriter) Bytes() []byte { return w.buf }

// Node writes node i of t and all in it, as the body of a SNAP. A SNAP begins an epoch: reset Strings
// first.
func (w *PatchWriter) Node(t *Tree, i int) { w.node(t, i) }

// node returns the index behind the subtree of node i.
func (w *PatchWriter) node(t *Tree, i int) int {
	n := &t.Nodes[i]
	props, on := t.PropsOf(i), t.HandlersOf(i)
	head := uint64(n.Component)<<3 | bit(n.Children > 0)<<2 | bit(len(on) > 0)<<1 | bit(len(props) > 0)
	w.buf = binary.AppendUvarint(w.buf, head)
	if len(props) > 0 {
		w.buf = binary.AppendUvarint(w.buf, uint64(len(props)))
		for _, p := range props {
			w.value(t, p)
		}
	}
	if len(on) > 0 {
		var mask uint64
		for _, h := range on {
			mask |= 1 << h.Event
		}
		w.buf = binary.AppendUvarint(w.buf, mask)
	}
	next := i + 1
	if n.Children > 0 {
		w.buf = binary.AppendUvarint(w.buf, uint64(n.Children))
		for range n.Children {
			next = w.node(t, next)
		}
	}
	return next
}

// value writes a tag and a value.
func (w *PatchWriter) value(t *Tree, p Prop) {
	w.buf = binary.AppendUvarint(w.buf, propTag(p.Number, p.Wire))
	if p.Wire == WireBytes {
		w.buf = w.Strings.append(w.buf, t.Bytes(p))
		return
	}
	w.buf = t.appendValue(w.buf, p)
}

func (w *PatchWriter) op(op PatchOp, node uint32) {
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
		w.op(PatchText, node)
		w.buf = w.Strings.append(w.buf, t.Bytes(p))
		return
	}
	w.op(PatchSet, node)
	w.value(t, p)
}

// Value is Set for a value that the person can change: the page keeps what was typed since.
func (w *PatchWriter) Value(node uint32, t *Tree, p Prop) {
	w.op(PatchValue, node)
	w.value(t, p)
}

// Unset writes that a node's property is left out now.
func (w *PatchWriter) Unset(node uint32, number uint8) {
	w.op(PatchUnset, node)
	w.buf = binary.AppendUvarint(w.buf, uint64(number))
}

// Insert writes a new child of parent, node i of t with all in it, before a sibling (0: at the end).
func (w *PatchWriter) Insert(parent, before uint32, t *Tree, i int) {
	w.op(PatchInsert, parent)
	w.place(before)
	w.node(t, i)
}

// Delete writes that a node goes, with all in it.
func (w *PatchWriter) Delete(node uint32) { w.op(PatchDelete, node) }

// Move writes that a node moves before a sibling (0: to the end).
func (w *PatchWriter) Move(node, before uint32) {
	w.op(PatchMove, node)
	w.place(before)
}

// On writes that a node sends an event from now on.
func (w *PatchWriter) On(node uint32, event uint8) {
	w.op(PatchOn, node)
	w.buf = binary.AppendUvarint(w.buf, uint64(event))
}

// Off writes that a node no longer sends an event.
func (w *PatchWriter) Off(node uint32, event uint8) {
	w.op(PatchOff, node)
	w.buf = binary.AppendUvarint(w.buf, uint64(event))
}
