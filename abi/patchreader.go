package abi

import (
	"encoding/binary"
	"math"
)

// NodeVisitor is what a page does with the nodes of a SNAP or an INS: Open and Close come in
// depth-first order, so that it can count ids.
type NodeVisitor interface {
	Open(component uint16)
	Prop(p Prop, data []byte) // data for a WireBytes property
	On(event uint8)
	Close()
}

// PatchVisitor is what a page does with the ops of a PATCH, each of a repetition by itself. Insert is
// followed by the calls of a NodeVisitor for the new nodes; each of rows is inserted by itself. Splice is
// of property 0, a text (see Splice).
type PatchVisitor interface {
	NodeVisitor
	Set(node uint32, p Prop, data []byte, guarded bool)
	Splice(node uint32, tail, drop uint32, insert []byte)
	Unset(node uint32, number uint8)
	Insert(parent, before uint32)
	Delete(node uint32)
	Move(node, before uint32)
	Bind(node uint32, event uint8, on bool)
}

// PatchReader reads the bodies that a PatchWriter wrote, as a page does: it keeps the same tables of
// strings and templates. It checks form alone; the page knows which nodes and components there are. The
// zero value is ready for a new mount. An error means that the frame must not be applied, not even in part:
// read into a list first. The tables are then as they were before the frame, and the visitor has heard
// nothing of the op that was wrong, unless that is a repetition or rows.
type PatchReader struct {
	strings   [][]byte
	templates []templateShape
	made      int // nodes of this frame
	last      readOp
}

// readOp is the op that a REP repeats; op is 0 if there is none.
type readOp struct {
	op     PatchOp
	node   int64
	delta  int64
	prop   Prop
	number uint8
	tail   uint32
	drop   uint32
}

// A WasVisitor is a NodeVisitor that wants to know which nodes a SNAP continues. It hears so behind the nodes, in their
// order: the next count nodes had the ids from was on in the epoch shown; with was 0 they are new.
type WasVisitor interface {
	Was(shown, was, count uint32)
}

// Snap reads the body of a SNAP and begins a new epoch. v may be a WasVisitor.
func (p *PatchReader) Snap(body []byte, v NodeVisitor) error {
	p.strings, p.templates = p.strings[:0], p.templates[:0]
	r := reader{buf: body}
	p.made = 0
	p.node(&r, v, 0)
	if r.err == nil && r.left() > 0 {
		p.was(&r, v)
	}
	return p.end(&r, 0, 0)
}

// was reads the end of a SNAP.
func (p *PatchReader) was(r *reader, v NodeVisitor) {
	shown := r.some("epoch", math.MaxUint32)
	w, _ := v.(WasVisitor)
	for nodes := uint64(0); r.err == nil && r.left() > 0; {
		was := r.uint32("node")
		count := r.some("nodes", maxFrameNodes-nodes)
		if nodes += count; r.err == nil && w != nil {
			w.Was(uint32(shown), was, uint32(count))
		}
	}
}

// end completes a frame; one that was wrong left nothing in the tables.
func (p *PatchReader) end(r *reader, strings, templates int) error {
	err := r.end()
	if err != nil {
		p.strings, p.templates = p.strings[:strings], p.templates[:templates]
	}
	return err
}

// Patch reads the body of a PATCH.
func (p *PatchReader) Patch(body []byte, v PatchVisitor) error {
	r := reader{buf: body}
	strings, templates := len(p.strings), len(p.templates)
	p.made, p.last = 0, readOp{}
	var prev int64
	for r.err == nil && r.left() > 0 {
		head := r.uvarint()
		if PatchOp(head&(1<<patchOpBits-1)) == PatchRepeat {
			prev = p.repeat(&r, v, head>>patchOpBits)
			continue
		}
		delta := unzigzag(head >> patchOpBits)
		prev += delta
		if r.err == nil && (prev <= 0 || prev > math.MaxUint32) {
			r.fail("there is no node %d", prev)
			break
		}
		p.last = readOp{op: PatchOp(head & (1<<patchOpBits - 1)), node: prev, delta: delta}
		p.op(&r, v, &p.last)
	}
	return p.end(&r, strings, templates)
}

// op reads the rest of an op and tells it.
func (p *PatchReader) op(r *reader, v PatchVisitor, o *readOp) {
	var data []byte
	var before uint32
	switch o.op {
	case PatchText:
		o.prop.Wire = WireBytes
		data = p.string(r)
	case PatchSplice:
		o.tail, o.drop = r.uint32("tail"), r.uint32("drop")
		o.prop.Wire = WireBytes
		data = p.string(r)
	case PatchSet, PatchValue:
		o.prop, data = p.value(r)
	case PatchUnset, PatchOn, PatchOff:
		o.number = uint8(r.number("property or event", math.MaxUint8))
	case PatchInsert, PatchMove, PatchRows:
		before = place(r, uint32(o.node))
	case PatchDelete:
	default:
		r.fail("there is no patch op %d", o.op)
	}
	if r.err != nil {
		return
	}
	switch o.op {
	case PatchInsert:
		v.Insert(uint32(o.node), before)
		p.node(r, v, 0)
	case PatchRows:
		p.run(r, v, 0, maxFrameNodes, func() { v.Insert(uint32(o.node), before) })
	case PatchMove:
		v.Move(uint32(o.node), before)
	default:
		o.tell(v, data)
		return
	}
	o.op = 0 // cannot be repeated
}

// tell tells an op that can be repeated.
func (o *readOp) tell(v PatchVisitor, data []byte) {
	node := uint32(o.node)
	switch o.op {
	case PatchText, PatchSet, PatchValue:
		v.Set(node, o.prop, data, o.op == PatchValue)
	case PatchSplice:
		v.Splice(node, o.tail, o.drop, data)
	case PatchUnset:
		v.Unset(node, o.number)
	case PatchDelete:
		v.Delete(node)
	case PatchOn, PatchOff:
		v.Bind(node, o.number, o.op == PatchOn)
	}
}

// repeat reads a REP and tells the ops that it stands for. It returns the node of the last.
func (p *PatchReader) repeat(r *reader, v PatchVisitor, count uint64) int64 {
	o := &p.last
	last := o.node + int64(min(count, maxFrameNodes))*o.delta
	switch {
	case r.err != nil:
	case o.op == 0:
		r.fail("there is no op that can be repeated")
	case count == 0 || count > maxFrameNodes:
		r.fail("an op is repeated %d times", count)
	case last <= 0 || last > math.MaxUint32:
		r.fail("there is no node %d", last)
	}
	if r.err != nil {
		return 0
	}
	if p.makes(r, int(count)); r.err != nil {
		return 0
	}
	var values []value
	if (shape{op: o.op}).hasValue() {
		values = p.column(r, o.prop.Wire, int(count))
	}
	for k := range int(count) {
		if r.err != nil {
			break
		}
		o.node += o.delta
		var data []byte
		if values != nil {
			o.prop.Bits, data = values[k].bits, values[k].b
		}
		o.tell(v, data)
	}
	o.op = 0
	return last
}

func place(r *reader, node uint32) uint32 {
	delta := r.varint()
	if delta == 0 {
		return 0
	}
	before := int64(node) + delta
	if r.err == nil && (before <= 0 || before > math.MaxUint32) {
		r.fail("there is no node %d", before)
		return 0
	}
	return uint32(before)
}

func (p *PatchReader) node(r *reader, v NodeVisitor, depth int) {
	head := r.number("component", math.MaxUint16<<3|7)
	if r.err == nil && depth >= DefaultTreeDepth {
		r.fail("nodes nest deeper than %d", depth)
	}
	if r.err == nil && head >= runHead {
		r.fail("rows that stand in no node")
	}
	if r.err != nil {
		return
	}
	p.makes(r, 1)
	v.Open(uint16(head >> 3))
	if head&1 != 0 {
		for n := r.some("properties", math.MaxUint8+1); n > 0 && r.err == nil; n-- {
			if prop, data := p.value(r); r.err == nil {
				v.Prop(prop, data)
			}
		}
	}
	if head&2 != 0 {
		tellMask(v, r.some("events", math.MaxUint64))
	}
	if head&4 != 0 {
		p.children(r, v, depth+1)
	}
	if r.err == nil {
		v.Close()
	}
}

func tellMask(v NodeVisitor, mask uint64) {
	for e := range uint8(64) {
		if mask>>e&1 != 0 {
			v.On(e)
		}
	}
}

// children reads nodes and rows, as many as are announced.
func (p *PatchReader) children(r *reader, v NodeVisitor, depth int) {
	left := int(r.some("children", maxFrameNodes))
	for left > 0 && r.err == nil {
		before := *r
		if r.uvarint() == runHead {
			left -= p.run(r, v, depth, left, func() {})
			continue
		}
		if r.err == nil {
			*r = before
			p.node(r, v, depth)
			left--
		}
	}
}

// some reads how many of what the head of a node has announced: never none.
func (r *reader) some(what string, most uint64) uint64 {
	n := r.number(what, most)
	if r.err == nil && n == 0 {
		r.fail("%s are announced and there are none", what)
	}
	return n
}

func (p *PatchReader) value(r *reader) (prop Prop, data []byte) {
	tag := r.number("property", math.MaxUint8<<2|3)
	prop = Prop{Number: uint8(tag >> 2), Wire: Wire(tag & 3)}
	v := p.form(r, prop.Wire)
	prop.Bits = v.bits
	return prop, v.b
}

// form reads a value of a form.
func (p *PatchReader) form(r *reader, form Wire) (v value) {
	switch form {
	case WireBytes:
		v.b = p.string(r)
	case WireFloat:
		v.bits = math.Float64bits(r.float())
	case WireVarint:
		v.bits = r.uvarint()
	default:
		r.fail("there is no wire form %d", form)
	}
	return v
}

// string reads a string, written out or by its number. It is a copy or in the table, and so outlives
// the frame.
func (p *PatchReader) string(r *reader) []byte {
	n := r.uvarint()
	if n&1 != 0 {
		if n>>1 >= uint64(len(p.strings)) {
			r.fail("there is no string %d", n>>1)
			return nil
		}
		return p.strings[n>>1]
	}
	b := append([]byte{}, r.bytes(n>>1)...)
	if r.err == nil && len(b) >= internMin && len(b) <= internMax && len(p.strings) < internCount {
		p.strings = append(p.strings, b)
	}
	return b
}

// NodeBuilder makes the op stream of a tree from what a NodeVisitor hears. Handlers are 0: a page
// does not know them.
type NodeBuilder struct{ TreeWriter }

var _ NodeVisitor = (*NodeBuilder)(nil)

// Prop writes a property.
func (b *NodeBuilder) Prop(p Prop, data []byte) {
	b.tag(p.Number, p.Wire)
	switch p.Wire {
	case WireBytes:
		b.buf = appendText(b.buf, data)
	case WireFloat:
		b.buf = binary.LittleEndian.AppendUint64(b.buf, p.Bits)
	default:
		b.buf = binary.AppendUvarint(b.buf, p.Bits)
	}
}

// On writes an event.
func (b *NodeBuilder) On(event uint8) { b.TreeWriter.On(event, 0) }
