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

// PatchVisitor is what a page does with the ops of a PATCH. Insert is followed by the calls of a
// NodeVisitor for the new nodes.
type PatchVisitor interface {
	NodeVisitor
	Set(node uint32, p Prop, data []byte, guarded bool)
	Unset(node uint32, number uint8)
	Insert(parent, before uint32)
	Delete(node uint32)
	Move(node, before uint32)
	Bind(node uint32, event uint8, on bool)
}

// PatchReader reads the bodies that a PatchWriter wrote, as a page does: it keeps the same table of
// strings. It checks form alone; the page knows which nodes and components there are. The zero value
// is ready for a new mount. An error means that the frame must not be applied, not even in part:
// read into a list first. The table is then as it was before the frame, and the visitor has heard
// nothing of the op that was wrong.
type PatchReader struct{ strings [][]byte }

// Snap reads the body of a SNAP and begins a new epoch.
func (p *PatchReader) Snap(body []byte, v NodeVisitor) error {
	p.strings = p.strings[:0]
	r := reader{buf: body}
	p.node(&r, v, 0)
	return p.end(&r, 0)
}

// end completes a frame; one that was wrong interned nothing.
func (p *PatchReader) end(r *reader, before int) error {
	err := r.end()
	if err != nil {
		p.strings = p.strings[:before]
	}
	return err
}

// Patch reads the body of a PATCH.
func (p *PatchReader) Patch(body []byte, v PatchVisitor) error {
	r := reader{buf: body}
	before := len(p.strings)
	var prev int64
	for r.err == nil && r.left() > 0 {
		head := r.uvarint()
		prev += unzigzag(head >> patchOpBits)
		if r.err == nil && (prev <= 0 || prev > math.MaxUint32) {
			r.fail("there is no node %d", prev)
			break
		}
		p.op(&r, v, PatchOp(head&(1<<patchOpBits-1)), uint32(prev))
	}
	return p.end(&r, before)
}

func (p *PatchReader) op(r *reader, v PatchVisitor, op PatchOp, node uint32) {
	var prop Prop
	var data []byte
	var number uint8
	var before uint32
	switch op {
	case PatchText:
		prop.Wire, data = WireBytes, p.string(r)
	case PatchSet, PatchValue:
		prop, data = p.value(r)
	case PatchUnset, PatchOn, PatchOff:
		number = uint8(r.number("property or event", math.MaxUint8))
	case PatchInsert, PatchMove:
		before = place(r, node)
	case PatchDelete:
	default:
		r.fail("there is no patch op %d", op)
	}
	if r.err != nil {
		return
	}
	switch op {
	case PatchText, PatchSet, PatchValue:
		v.Set(node, prop, data, op == PatchValue)
	case PatchUnset:
		v.Unset(node, number)
	case PatchInsert:
		v.Insert(node, before)
		p.node(r, v, 0)
	case PatchDelete:
		v.Delete(node)
	case PatchMove:
		v.Move(node, before)
	case PatchOn, PatchOff:
		v.Bind(node, number, op == PatchOn)
	}
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
	if r.err == nil && depth == DefaultTreeDepth {
		r.fail("nodes nest deeper than %d", depth)
	}
	if r.err != nil {
		return
	}
	v.Open(uint16(head >> 3))
	if head&1 != 0 {
		for n := r.some("properties", math.MaxUint8+1); n > 0 && r.err == nil; n-- {
			if prop, data := p.value(r); r.err == nil {
				v.Prop(prop, data)
			}
		}
	}
	if head&2 != 0 {
		mask := r.some("events", math.MaxUint64)
		for e := range uint8(64) {
			if mask>>e&1 != 0 {
				v.On(e)
			}
		}
	}
	if head&4 != 0 {
		n := r.some("children", math.MaxUint32)
		if n > uint64(r.left()) {
			r.fail("children %d is above %d", n, r.left())
		}
		for ; n > 0 && r.err == nil; n-- {
			p.node(r, v, depth+1)
		}
	}
	if r.err == nil {
		v.Close()
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
	switch prop.Wire {
	case WireBytes:
		data = p.string(r)
	case WireFloat:
		prop.Bits = math.Float64bits(r.float())
	case WireVarint:
		prop.Bits = r.uvarint()
	default:
		r.fail("there is no wire form %d", prop.Wire)
	}
	return prop, data
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
	b := append([]byte(nil), r.bytes(n>>1)...)
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
