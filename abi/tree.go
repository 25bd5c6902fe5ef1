package abi

import (
	"bytes"
	"cmp"
	"hash/maphash"
	"math"
	"slices"
	"unsafe"
)

// TreeLimits bounds a tree. A zero field means the default.
type TreeLimits struct {
	Bytes int // the whole op stream, default 4 MiB
	Nodes int // default 20,000
	Depth int // nodes inside each other, default and at most 64: pages refuse deeper ones
	Text  int // one text property, in bytes, default 64 KiB
	Draw  int // one drawing, in bytes, default 64 KiB
}

// The limits that hold when nobody set them.
const (
	DefaultTreeBytes = 4 << 20
	DefaultTreeNodes = 20_000
	DefaultTreeDepth = 64
	DefaultTextBytes = 64 << 10
	DefaultDrawBytes = 64 << 10
)

// maxKey is the longest key in bytes, maxAsset the longest name of an asset.
const (
	maxKey   = 64
	maxAsset = 128
)

// OrDefaults is l with the defaults in place of zeros; l may be nil.
func (l *TreeLimits) OrDefaults() TreeLimits {
	var out TreeLimits
	if l != nil {
		out = *l
	}
	for _, f := range []struct {
		field *int
		value int
	}{
		{&out.Bytes, DefaultTreeBytes}, {&out.Nodes, DefaultTreeNodes}, {&out.Depth, DefaultTreeDepth},
		{&out.Text, DefaultTextBytes}, {&out.Draw, DefaultDrawBytes},
	} {
		if *f.field <= 0 {
			*f.field = f.value
		}
	}
	out.Depth = min(out.Depth, DefaultTreeDepth)
	return out
}

// Tree is a checked tree of components, flat: Nodes is in depth-first order, and a node's children
// are the nodes behind it within its Size. Properties and handlers of all nodes lie in shared
// slices, so that a Tree that is decoded into again allocates nothing. A Tree that was decoded with
// an error is empty. It is not safe for concurrent use while it is decoded into.
type Tree struct {
	Nodes    []Node
	Props    []Prop
	Handlers []Handler
	buf      []byte // the op stream; texts and keys are views of it
	seed     maphash.Seed
	unused   int  // bytes of buf that SetValue left behind
	most     int  // TreeLimits.Bytes of the Decode
	edited   bool // SetValue was called: buf is not the op stream any more

	// What a later Decode uses again.
	keys map[siblingKey]struct{}
	open []int
	ops  []byte
	kept []nodeRange // nodes that were kept from the tree before
}

// siblingKey is a key among the children of one node.
type siblingKey struct {
	parent uint32
	hash   uint64
}

// Node is one component in a Tree.
type Node struct {
	Component   uint16
	Size        uint32 // nodes in its subtree, itself included
	Children    uint32 // direct children
	props, on   uint32 // where its properties and handlers begin
	nprops, non uint16
	keyAt       uint32
	keyLen      uint8
	height      uint8  // levels of nodes in its subtree, its own included
	at, end     uint32 // its ops in the op stream, and those of all in it
}

// Prop is a property of a node. Bits holds the value of one that is not bytes; bytes lie in
// the tree.
type Prop struct {
	Number uint8
	Wire   Wire
	Bits   uint64
	at, n  uint32
}

// Handler is an event that a node is bound to: the event's number in the catalog, and the number
// that the guest knows it by.
type Handler struct {
	Event   uint8
	Handler uint32
}

// PropsOf returns the properties of node i, with ascending numbers.
func (t *Tree) PropsOf(i int) []Prop {
	n := &t.Nodes[i]
	end := n.props + uint32(n.nprops)
	return t.Props[n.props:end:end]
}

// HandlersOf returns the events that node i is bound to, with ascending numbers.
func (t *Tree) HandlersOf(i int) []Handler {
	n := &t.Nodes[i]
	end := n.on + uint32(n.non)
	return t.Handlers[n.on:end:end]
}

// Key returns the key of node i, empty if it has none. It aliases the tree.
func (t *Tree) Key(i int) []byte {
	n := &t.Nodes[i]
	end := n.keyAt + uint32(n.keyLen)
	return t.buf[n.keyAt:end:end]
}

// Bytes returns the bytes of p, a property of t of wire form WireBytes. They alias the tree.
func (t *Tree) Bytes(p Prop) []byte { return t.buf[p.at : p.at+p.n : p.at+p.n] }

// Same tells whether node i of t and node j of o, with all that is in them, were written alike, down to the
// handlers. It compares bytes: that it is false says little.
func (t *Tree) Same(i int, o *Tree, j int) bool {
	m, n := &t.Nodes[i], &o.Nodes[j]
	return m.Size == n.Size && m.end-m.at == n.end-n.at && !t.edited && !o.edited &&
		bytes.Equal(t.buf[m.at:m.end], o.buf[n.at:n.end])
}

// Prop returns the property of node i with the given number, and whether it is there.
func (t *Tree) Prop(i int, number uint8) (Prop, bool) {
	for _, p := range t.PropsOf(i) {
		if p.Number == number {
			return p, true
		}
	}
	return Prop{}, false
}

// Int is the value of a property of kind int.
func (p Prop) Int() int64 { return unzigzag(p.Bits) }

// Float is the value of a property of kind number.
func (p Prop) Float() float64 { return math.Float64frombits(p.Bits) }

// Written is how many bytes the tree has as an op stream, with what was kept in full.
func (t *Tree) Written() int { return len(t.buf) - t.unused }

// Memory is how many bytes of memory the tree has, also those that it does not use. What only a decoder needs is not counted.
func (t *Tree) Memory() int {
	return cap(t.Nodes)*int(unsafe.Sizeof(Node{})) + cap(t.Props)*int(unsafe.Sizeof(Prop{})) +
		cap(t.Handlers)*int(unsafe.Sizeof(Handler{})) + cap(t.buf)
}

// Reset empties the tree and keeps its memory.
func (t *Tree) Reset() {
	t.Nodes, t.Props, t.Handlers, t.buf = t.Nodes[:0], t.Props[:0], t.Handlers[:0], t.buf[:0]
	t.unused, t.most, t.edited = 0, 0, false
	t.kept = t.kept[:0]
}

// Clip gives back memory that the tree does not use.
func (t *Tree) Clip() {
	t.Nodes, t.Props, t.Handlers = clipped(t.Nodes), clipped(t.Props), clipped(t.Handlers)
	t.buf = clipped(t.buf)
	t.keys, t.open, t.ops, t.kept = nil, nil, nil, nil
}

func clipped[T any](s []T) []T {
	if cap(s) <= len(s)+len(s)/8+8 {
		return s
	}
	return append(make([]T, 0, len(s)), s...)
}

// CopyFrom makes t equal to o with memory of its own.
func (t *Tree) CopyFrom(o *Tree) {
	t.Nodes = append(t.Nodes[:0], o.Nodes...)
	t.Props = append(t.Props[:0], o.Props...)
	t.Handlers = append(t.Handlers[:0], o.Handlers...)
	t.buf = append(t.buf[:0], o.buf...)
	t.unused, t.most, t.edited = o.unused, o.most, o.edited
}

// SetValue replaces a property of node i, so that the tree says what the page shows after the person
// changed it. data holds the bytes of a WireBytes property, bits the value of another. It reports
// whether the value fitted: what all nodes hold may grow to twice TreeLimits.Bytes, however many
// values come and however long they are. One that does not fit changes nothing.
func (t *Tree) SetValue(i int, number uint8, wire Wire, bits uint64, data []byte) bool {
	n := &t.Nodes[i]
	t.edited = true
	at, found := slices.BinarySearchFunc(t.PropsOf(i), number, func(p Prop, number uint8) int {
		return int(p.Number) - int(number)
	})
	at += int(n.props)
	old := 0
	if found {
		old = int(t.Props[at].n)
	}
	p := Prop{Number: number, Wire: wire, Bits: bits}
	if wire == WireBytes {
		most := min(2*cmp.Or(t.most, DefaultTreeBytes), math.MaxUint32/2)
		if len(t.buf)-t.unused-old+len(data) > most {
			return false
		}
		p.at, p.n = uint32(len(t.buf)), uint32(len(data))
		t.buf = append(t.buf, data...)
	}
	if found {
		t.Props[at] = p
		t.drop(old)
		return true
	}
	t.Props = slices.Insert(t.Props, at, p)
	n.nprops++
	for j := i + 1; j < len(t.Nodes); j++ {
		t.Nodes[j].props++
	}
	return true
}

// keepUnused is how many bytes SetValue may leave behind before they are given back.
const keepUnused = 64 << 10

// drop counts n bytes of buf that nothing refers to any more. When they are most of it, what is still
// in use moves to a new buffer; slices of the old one stay as they were.
func (t *Tree) drop(n int) {
	t.unused += n
	if t.unused < keepUnused || t.unused < len(t.buf)/2 {
		return
	}
	packed := make([]byte, 0, len(t.buf)-t.unused)
	for i := range t.Nodes {
		n := &t.Nodes[i]
		key := t.Key(i)
		n.keyAt = uint32(len(packed))
		packed = append(packed, key...)
	}
	for i := range t.Props {
		p := &t.Props[i]
		b := t.Bytes(*p)
		p.at = uint32(len(packed))
		packed = append(packed, b...)
	}
	t.buf, t.unused = packed, 0
}
