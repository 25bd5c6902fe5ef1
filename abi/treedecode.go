package abi

import (
	"encoding/binary"
	"hash/maphash"
	"math"
	"slices"
)

// Decode checks an op stream against the catalog and the limits (nil: the defaults) and makes t what
// it says. It copies ops once and keeps no reference to it. On an error, which says at which offset
// what is wrong and matches ErrMalformed (and ErrLimit where that holds), t is empty.
func (t *Tree) Decode(ops []byte, limits *TreeLimits) error { return t.DecodeOver(nil, ops, limits) }

// DecodeOver is Decode of ops that may keep nodes of the tree before (TreeWriter.Keep). What is kept is not checked again: it
// costs no more than its copy. before is another tree than t, as it was decoded, or nil if none is shown.
func (t *Tree) DecodeOver(before *Tree, ops []byte, limits *TreeLimits) error {
	t.Reset()
	l := limits.OrDefaults()
	d := treeDecoder{t: t, limits: l, reader: reader{buf: ops}, open: t.open[:0], keeps: keeps{before: before}}
	if len(ops) > l.Bytes || uint64(len(ops)) > math.MaxUint32 {
		d.exceed("the tree has %d bytes, %d are allowed", len(ops), l.Bytes)
		return d.err
	}
	t.buf, t.most = append(t.buf, ops...), l.Bytes
	d.buf = t.buf
	for d.err == nil && (len(d.open) > 0 || len(t.Nodes) == 0) {
		d.op()
	}
	t.open = d.open[:0]
	d.whole()
	err := d.end()
	if err == nil {
		err = t.checkKeys()
	}
	if err != nil {
		t.Reset()
	}
	return err
}

// treeDecoder is the state of one Decode: a reader and the path of open nodes.
type treeDecoder struct {
	reader
	t      *Tree
	limits TreeLimits
	open   []int // indices of the nodes that are open, outermost first
	keeps  keeps
}

func (d *treeDecoder) op() {
	switch op := d.byte(); {
	case d.err != nil:
	case op == opOpen:
		d.openNode()
	case len(d.open) == 0:
		d.fail("op %#02x before the root is open", op)
	case op == opClose:
		d.closeNode()
	case op == opKeep:
		d.keep()
	case d.node().Children > 0:
		d.fail("op %#02x of a node that already has children", op)
	case op == opKey:
		d.key()
	case op == opProp:
		d.prop()
	case op == opOn:
		d.on()
	default:
		d.fail("there is no op %#02x", op)
	}
}

// node is the innermost open node.
func (d *treeDecoder) node() *Node { return &d.t.Nodes[d.open[len(d.open)-1]] }

func (d *treeDecoder) openNode() {
	at := uint32(d.at() - 1)
	number := d.number("component", math.MaxUint16)
	comp := ComponentAt(uint16(number))
	switch {
	case d.err != nil:
		return
	case comp == nil:
		d.fail("there is no component %d", number)
	case len(d.t.Nodes) == d.limits.Nodes:
		d.exceed("more than %d nodes", d.limits.Nodes)
	case len(d.open) == d.limits.Depth:
		d.exceed("nodes nest deeper than %d", d.limits.Depth)
	case len(d.open) == 0:
		if comp.Parents != nil {
			d.fail("%s cannot be the root", comp.Name)
		}
	default:
		parent := d.node()
		d.checkChild(ComponentAt(parent.Component), comp, uint16(number))
		parent.Children++
	}
	if d.err != nil {
		return
	}
	d.open = append(d.open, len(d.t.Nodes))
	d.t.Nodes = append(d.t.Nodes, Node{
		Component: uint16(number),
		props:     uint32(len(d.t.Props)),
		on:        uint32(len(d.t.Handlers)),
		at:        at,
		height:    1,
	})
}

func (d *treeDecoder) checkChild(parent, child *Component, number uint16) {
	ok := parent.AnyChild && child.Parents == nil
	if !ok {
		_, ok = slices.BinarySearch(parent.Children, number)
	}
	if !ok {
		d.fail("%s cannot stand in %s", child.Name, parent.Name)
	}
}

func (d *treeDecoder) closeNode() {
	i := d.open[len(d.open)-1]
	n := &d.t.Nodes[i]
	n.Size, n.end = uint32(len(d.t.Nodes)-i), uint32(d.at())
	comp := ComponentAt(n.Component)
	props := d.t.PropsOf(i)
	for number := range comp.Props {
		if !comp.Props[number].Required {
			continue
		}
		if !slices.ContainsFunc(props, func(p Prop) bool { return int(p.Number) == number }) {
			d.fail("%s lacks its property %s", comp.Name, comp.Props[number].Name)
		}
	}
	d.open = d.open[:len(d.open)-1]
	if len(d.open) > 0 {
		up := d.node()
		up.height = max(up.height, n.height+1)
	}
}

func (d *treeDecoder) key() {
	n := d.node()
	if n.keyLen > 0 || n.nprops > 0 || n.non > 0 {
		d.fail("a key must come once, before properties and events")
		return
	}
	b := d.text("key", maxKey)
	if d.err == nil && len(b) == 0 {
		d.fail("an empty key")
		return
	}
	n.keyLen = uint8(len(b))
	n.keyAt = uint32(d.at() - len(b))
}

func (d *treeDecoder) on() {
	n := d.node()
	comp := ComponentAt(n.Component)
	event := d.number("event", math.MaxUint8)
	handler := d.uint32("handler")
	switch {
	case d.err != nil:
	case int(event) >= len(comp.Events):
		d.fail("%s has no event %d", comp.Name, event)
	case n.non > 0 && uint64(d.t.Handlers[len(d.t.Handlers)-1].Event) >= event:
		d.fail("event %s of %s is doubled or out of order", comp.Events[event].Name, comp.Name)
	default:
		n.non++
		d.t.Handlers = append(d.t.Handlers, Handler{uint8(event), handler})
	}
}

func (d *treeDecoder) prop() {
	n := d.node()
	comp := ComponentAt(n.Component)
	tag := d.number("property", math.MaxUint8<<2|3)
	p := Prop{Number: uint8(tag >> 2), Wire: Wire(tag & 3)}
	switch {
	case d.err != nil:
		return
	case n.non > 0:
		d.fail("a property after an event")
		return
	case int(p.Number) >= len(comp.Props):
		d.fail("%s has no property %d", comp.Name, p.Number)
		return
	case n.nprops > 0 && d.t.Props[len(d.t.Props)-1].Number >= p.Number:
		d.fail("property %s of %s is doubled or out of order", comp.Props[p.Number].Name, comp.Name)
		return
	}
	d.value(comp, &comp.Props[p.Number], &p)
	if d.err == nil {
		n.nprops++
		d.t.Props = append(d.t.Props, p)
	}
}

// value reads the value of a property and checks it by its kind.
func (d *treeDecoder) value(comp *Component, spec *Property, p *Prop) {
	if p.Wire != spec.Kind.Wire() {
		d.fail("property %s of %s has wire form %d, want %d", spec.Name, comp.Name, p.Wire, spec.Kind.Wire())
		return
	}
	var b []byte
	switch spec.Kind {
	case KindText:
		b = d.text(spec.Name, d.limits.Text)
	case KindAsset:
		if b = d.text(spec.Name, maxAsset); d.err == nil && !ValidAssetName(string(b)) {
			d.fail("%.40q is not the name of an asset", b)
		}
	case KindLink:
		if b = d.text(spec.Name, maxLink); d.err == nil && !ValidLink(string(b)) {
			d.fail("%.40q is not an address that a link may have", b)
		}
	case KindDrawing:
		if b = d.bytes(d.length(spec.Name, d.limits.Draw)); d.err == nil {
			r := reader{buf: d.buf[:d.pos], pos: d.pos - len(b)} // so that offsets are those of the tree
			r.drawing()
			d.err = r.err
		}
	case KindNumber:
		p.Bits = math.Float64bits(d.float())
	case KindInt:
		p.Bits = d.uvarint()
		if v := unzigzag(p.Bits); d.err == nil && (v < spec.Min || v > spec.Max) {
			d.fail("property %s of %s is %d, allowed are %d to %d", spec.Name, comp.Name, v, spec.Min, spec.Max)
		}
	case KindBool:
		p.Bits = d.number(spec.Name, 1)
	case KindEnum:
		p.Bits = d.number(spec.Name, uint64(len(spec.Values)-1))
	}
	if d.err != nil {
		return
	}
	p.at, p.n = uint32(d.at()-len(b)), uint32(len(b))
}

// checkKeys refuses two children of one node with the same key. Keys are hashed with a secret seed:
// a guest can neither make it slow nor, below 2^32 keys, meet a collision in practice; one would
// only refuse a tree. One table serves all nodes: clearing it for each would cost, for each, what the
// node with the most children left behind.
func (t *Tree) checkKeys() error {
	if t.keys == nil {
		t.keys, t.seed = map[siblingKey]struct{}{}, maphash.MakeSeed()
	}
	clear(t.keys)
	kept := t.kept
	for i := 0; i < len(t.Nodes); i++ {
		if len(kept) > 0 && i == kept[0].from { // in there it has been checked
			i, kept = kept[0].to-1, kept[1:]
			continue
		}
		if t.Nodes[i].Children < 2 {
			continue
		}
		end := i + int(t.Nodes[i].Size)
		for c := i + 1; c < end; c += int(t.Nodes[c].Size) {
			key := t.Key(c)
			if len(key) == 0 {
				continue
			}
			h := siblingKey{uint32(i), maphash.Bytes(t.seed, key)}
			if _, doubled := t.keys[h]; doubled {
				r := reader{pos: int(t.Nodes[c].keyAt)}
				r.fail("key %.40q is doubled among its siblings", key)
				return r.err
			}
			t.keys[h] = struct{}{}
		}
	}
	return nil
}

// Append appends the tree as an op stream: for a decoded tree, the bytes it was decoded from.
func (t *Tree) Append(b []byte) []byte {
	w := TreeWriter{buf: b}
	ends := make([]int, 0, DefaultTreeDepth)
	for i := range t.Nodes {
		n := &t.Nodes[i]
		w.Open(n.Component)
		if n.keyLen > 0 {
			w.buf = appendText(append(w.buf, opKey), t.Key(i))
		}
		for _, p := range t.PropsOf(i) {
			w.tag(p.Number, p.Wire)
			w.buf = t.appendValue(w.buf, p)
		}
		for _, h := range t.HandlersOf(i) {
			w.On(h.Event, h.Handler)
		}
		for ends = append(ends, i+int(n.Size)); len(ends) > 0 && ends[len(ends)-1] == i+1; ends = ends[:len(ends)-1] {
			w.Close()
		}
	}
	return w.buf
}

func (t *Tree) appendValue(b []byte, p Prop) []byte {
	switch p.Wire {
	case WireBytes:
		return appendText(b, t.Bytes(p))
	case WireFloat:
		return binary.LittleEndian.AppendUint64(b, p.Bits)
	}
	return binary.AppendUvarint(b, p.Bits)
}
