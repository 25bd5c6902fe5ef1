package abi

import (
	"encoding/binary"
	"math"
)

// Keep gives the open node children that the tree shown before has: the one with the given number, counted from 0 in
// depth-first order, and the count-1 siblings behind it, each with all that is in it and with its handlers.
func (w *TreeWriter) Keep(node, count uint32) {
	w.buf = binary.AppendUvarint(append(w.buf, opKeep), uint64(node))
	w.buf = binary.AppendUvarint(w.buf, uint64(count))
}

// keeps is where a Decode gets what is kept from, and where that is put.
type keeps struct {
	before *Tree
	taken  int // of the ops, how many are in the tree's buf already
	shift  int // how much further on in buf than in the ops what follows is
}

// nodeRange is nodes from one number up to another.
type nodeRange struct{ from, to int }

// keep reads which nodes of the tree before go on, and takes them over. They have been checked: what is left to check is whether they may
// stand here, and fit.
func (d *treeDecoder) keep() {
	end := d.pos - 1
	first, count := d.uint32("node"), d.uint32("count")
	if d.err != nil {
		return
	}
	o := d.keeps.before
	if o == nil || o.edited || uint64(first) >= uint64(len(o.Nodes)) || count == 0 {
		d.fail("no node %d is shown that could be kept", first)
		return
	}
	to, last := int(first), o.Nodes[first].at
	parent := d.node()
	comp := ComponentAt(parent.Component)
	for range count {
		n := &o.Nodes[min(to, len(o.Nodes)-1)]
		switch {
		case to == len(o.Nodes) || n.at != last: // behind the last sibling their parent is closed first
			d.fail("node %d has not %d siblings behind it", first, count-1)
		case len(d.open)+int(n.height) > d.limits.Depth:
			d.exceed("nodes nest deeper than %d", d.limits.Depth)
		default:
			d.checkChild(comp, ComponentAt(n.Component), n.Component)
		}
		if d.err != nil {
			return
		}
		parent.height = max(parent.height, n.height+1)
		to, last = to+int(n.Size), n.end
	}
	parent.Children += count
	d.adopt(o, int(first), to, end, last)
}

// adopt appends nodes of the tree before, whose ops end at last there; end is where the ops before this one end.
func (d *treeDecoder) adopt(o *Tree, from, to, end int, last uint32) {
	t, k := d.t, &d.keeps
	if len(t.Nodes)+to-from > d.limits.Nodes {
		d.exceed("more than %d nodes", d.limits.Nodes)
		return
	}
	a, z := &o.Nodes[from], &o.Nodes[to-1]
	at := a.at
	if k.taken == 0 { // buf has all the ops: from here on they come piece by piece
		t.ops = append(t.ops[:0], d.buf...)
		d.buf, t.buf = t.ops, t.buf[:0]
	}
	size := len(t.buf) + (end - k.taken) + int(last-at) + d.left()
	if size > d.limits.Bytes || uint64(size) > math.MaxUint32 {
		d.exceed("the tree has %d bytes, %d are allowed", size, d.limits.Bytes)
		return
	}
	t.buf = append(t.buf, d.buf[k.taken:end]...)
	bytes, props, on := uint32(len(t.buf))-at, uint32(len(t.Props))-a.props, uint32(len(t.Handlers))-a.on
	t.buf = append(t.buf, o.buf[at:last]...)
	k.taken, k.shift = d.pos, len(t.buf)-d.pos
	node, prop := len(t.Nodes), len(t.Props)
	t.Nodes = append(t.Nodes, o.Nodes[from:to]...)
	t.Props = append(t.Props, o.Props[a.props:z.props+uint32(z.nprops)]...)
	t.Handlers = append(t.Handlers, o.Handlers[a.on:z.on+uint32(z.non)]...)
	for i := node; i < len(t.Nodes); i++ {
		n := &t.Nodes[i]
		n.props, n.on, n.at, n.end = n.props+props, n.on+on, n.at+bytes, n.end+bytes
		if n.keyLen > 0 {
			n.keyAt += bytes
		}
	}
	for i := prop; i < len(t.Props); i++ {
		t.Props[i].at += bytes
	}
	t.kept = append(t.kept, nodeRange{node, len(t.Nodes)})
}

// whole appends the ops behind the last that was kept.
func (d *treeDecoder) whole() {
	if k := &d.keeps; k.taken > 0 && d.err == nil {
		d.t.buf = append(d.t.buf, d.buf[k.taken:d.pos]...)
	}
}

// at is where in the tree's buf the next byte that is read is.
func (d *treeDecoder) at() int { return d.pos + d.keeps.shift }
