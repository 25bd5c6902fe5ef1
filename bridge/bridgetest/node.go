package bridgetest

import (
	"encoding/hex"
	"fmt"
	"math"
	"slices"
	"unicode/utf8"

	"github.com/vitrine-run/vitrine/abi"
)

// Node is a component in a Page. Props are by name: text and asset as string, bool as bool, int as
// int64, number as float64, enum as the name of its value, drawing as hexadecimal digits.
type Node struct {
	ID        uint32         `json:"id"`
	Component string         `json:"component"`
	Props     map[string]any `json:"props,omitempty"`
	Events    []string       `json:"events,omitempty"` // bound, in the catalog's order
	Children  []*Node        `json:"children,omitempty"`

	component uint16
	raw       [][]byte // by property: tag and value as NodeBuilder writes them, nil if left out
	bound     uint64
	parent    *Node
	depth     int // of the root 0
}

// Text is the value of a text property, "" if it is left out.
func (n *Node) Text(name string) string {
	s, _ := n.Props[name].(string)
	return s
}

// builder collects what a frame makes of a page, aside from it. Its first error sticks; then nothing
// of the frame is applied.
type builder struct {
	page  *Page
	nodes map[uint32]*Node
	root  *Node
	next  uint32
	ackEv uint32
	open  *Node // being built
	err   error

	parent, before *Node // of the node that is inserted next
	insert         bool

	told uint32            // nodes of which a SNAP has told what they were
	was  map[uint32]uint32 // by id
}

var (
	_ abi.PatchVisitor = (*builder)(nil)
	_ abi.WasVisitor   = (*builder)(nil)
)

// Was implements abi.WasVisitor. What a page does not show it does not go on with.
func (b *builder) Was(shown, was, count uint32) {
	if count > b.next-1-b.told {
		b.fail("a SNAP says what %d nodes were and has %d", b.told+count, b.next-1)
		return
	}
	for i := range count {
		b.told++
		if was > 0 && shown == b.page.Epoch && b.page.nodes[was+i] != nil {
			if b.was == nil {
				b.was = map[uint32]uint32{}
			}
			b.was[b.told] = was + i
		}
	}
}

func (b *builder) fail(format string, args ...any) {
	if b.err == nil {
		b.err = fmt.Errorf("bridgetest: "+format, args...)
	}
}

func (b *builder) copy(n, parent *Node) *Node {
	c := *n
	c.parent = parent
	c.Children = make([]*Node, len(n.Children))
	for i, k := range n.Children {
		c.Children[i] = b.copy(k, &c)
	}
	c.raw = slices.Clone(n.raw)
	c.Props = make(map[string]any, len(n.Props))
	for k, v := range n.Props {
		c.Props[k] = v
	}
	b.nodes[c.ID] = &c
	return &c
}

func (b *builder) Open(component uint16) {
	c := abi.ComponentAt(component)
	if c == nil {
		b.fail("there is no component %d", component)
		c = &abi.Component{}
	}
	n := &Node{
		ID: b.next, Component: c.Name, component: component, Props: map[string]any{},
		raw: make([][]byte, len(c.Props)), parent: b.open,
	}
	b.next++
	b.nodes[n.ID] = n
	switch up := b.above(); {
	case up == nil:
	case up.depth+1 >= abi.DefaultTreeDepth:
		b.fail("nodes nest deeper than %d", abi.DefaultTreeDepth)
	default:
		n.depth = up.depth + 1
	}
	switch {
	case b.open != nil:
		b.open.Children = append(b.open.Children, n)
	case b.insert:
		b.place(n, b.parent, b.before)
	default:
		b.root = n
	}
	b.open = n
}

// above is what the node that begins stands in, nil for the root.
func (b *builder) above() *Node {
	if b.open == nil && b.insert {
		return b.parent
	}
	return b.open
}

func (b *builder) Close() {
	c := abi.ComponentAt(b.open.component)
	for i := 0; c != nil && i < len(c.Props); i++ {
		if c.Props[i].Required && b.open.raw[i] == nil {
			b.fail("%s lacks its property %s", c.Name, c.Props[i].Name)
		}
	}
	b.open = b.open.parent
	if b.insert && b.open == b.parent {
		b.open, b.insert = nil, false
	}
}

func (b *builder) Prop(p abi.Prop, data []byte) { b.set(b.open, p, data) }

func (b *builder) On(event uint8) { b.bind(b.open, event, true) }

func (b *builder) node(id uint32) *Node {
	n := b.nodes[id]
	if n == nil {
		b.fail("there is no node %d", id)
	}
	return n
}

func (b *builder) Set(node uint32, p abi.Prop, data []byte, guarded bool) {
	if n := b.node(node); n != nil && (!guarded || b.page.touched[node] <= b.ackEv) {
		b.set(n, p, data)
	}
}

func (b *builder) Splice(node uint32, tail, drop uint32, insert []byte) {
	n := b.node(node)
	if n == nil {
		return
	}
	c := abi.ComponentAt(n.component)
	if len(c.Props) == 0 || c.Props[0].Kind != abi.KindText || n.raw[0] == nil {
		b.fail("node %d has no text", node)
		return
	}
	text, ok := abi.Splice([]byte(n.Text(c.Props[0].Name)), tail, drop, insert)
	if !ok {
		b.fail("the text of node %d is not so long, or is split inside a character", node)
		return
	}
	b.set(n, abi.Prop{Wire: abi.WireBytes}, text)
}

func (b *builder) Unset(node uint32, number uint8) {
	n := b.node(node)
	if n == nil {
		return
	}
	if int(number) >= len(n.raw) || n.raw[number] == nil {
		b.fail("node %d has no property %d", node, number)
		return
	}
	spec := abi.ComponentAt(n.component).Props[number]
	if spec.Required {
		b.fail("property %s of node %d cannot be left out", spec.Name, node)
	}
	n.raw[number] = nil
	delete(n.Props, spec.Name)
}

func (b *builder) Insert(parent, before uint32) {
	b.parent, b.before, b.insert = b.node(parent), nil, true
	if before != 0 {
		b.before = b.node(before)
	}
}

func (b *builder) Delete(node uint32) {
	n := b.node(node)
	switch {
	case n == nil:
	case n.parent == nil:
		b.fail("the root cannot be deleted")
	default:
		b.unlink(n)
		b.drop(n)
	}
}

func (b *builder) Move(node, before uint32) {
	n := b.node(node)
	var at *Node
	if before != 0 {
		at = b.node(before)
	}
	switch {
	case b.err != nil:
	case n.parent == nil:
		b.fail("the root cannot move")
	default:
		parent := n.parent
		b.unlink(n)
		b.place(n, parent, at)
	}
}

func (b *builder) Bind(node uint32, event uint8, on bool) {
	if n := b.node(node); n != nil {
		b.bind(n, event, on)
	}
}

func (b *builder) drop(n *Node) {
	delete(b.nodes, n.ID)
	for _, c := range n.Children {
		b.drop(c)
	}
}

func (b *builder) unlink(n *Node) {
	at := slices.Index(n.parent.Children, n)
	n.parent.Children = slices.Delete(n.parent.Children, at, at+1)
}

// place puts n among the children of parent, before a sibling or at the end.
func (b *builder) place(n, parent, before *Node) {
	if b.err != nil || parent == nil {
		return
	}
	at := len(parent.Children)
	if before != nil {
		if at = slices.Index(parent.Children, before); at < 0 {
			b.fail("node %d is no sibling of node %d", before.ID, n.ID)
			return
		}
	}
	n.parent = parent
	parent.Children = slices.Insert(parent.Children, at, n)
}

func (b *builder) bind(n *Node, event uint8, on bool) {
	c := abi.ComponentAt(n.component)
	if c == nil || int(event) >= len(c.Events) {
		b.fail("%s has no event %d", n.Component, event)
		return
	}
	n.bound &^= 1 << event
	if on {
		n.bound |= 1 << event
	}
	n.Events = nil
	for e := range c.Events {
		if n.bound>>e&1 != 0 {
			n.Events = append(n.Events, c.Events[e].Name)
		}
	}
}

func (b *builder) set(n *Node, p abi.Prop, data []byte) {
	c := abi.ComponentAt(n.component)
	if c == nil || int(p.Number) >= len(c.Props) {
		b.fail("%s has no property %d", n.Component, p.Number)
		return
	}
	spec := &c.Props[p.Number]
	value, ok := valueOf(spec, p, data)
	if !ok || p.Wire != spec.Kind.Wire() {
		b.fail("property %s of %s cannot be that", spec.Name, c.Name)
		return
	}
	var w abi.NodeBuilder
	w.Prop(p, data)
	n.raw[p.Number] = w.Bytes()
	n.Props[spec.Name] = value
}

// valueOf is a property's value as JSON shows it, and whether the catalog allows it.
func valueOf(spec *abi.Property, p abi.Prop, data []byte) (any, bool) {
	switch spec.Kind {
	case abi.KindText:
		return string(data), utf8.Valid(data)
	case abi.KindAsset:
		return string(data), abi.ValidAssetName(string(data))
	case abi.KindLink:
		return string(data), abi.ValidLink(string(data))
	case abi.KindDrawing:
		return hex.EncodeToString(data), abi.CheckDrawing(data) == nil
	case abi.KindBool:
		return p.Bits == 1, p.Bits <= 1
	case abi.KindInt:
		return p.Int(), p.Int() >= spec.Min && p.Int() <= spec.Max
	case abi.KindNumber:
		return p.Float(), !math.IsNaN(p.Float()) && !math.IsInf(p.Float(), 0)
	case abi.KindEnum:
		if p.Bits >= uint64(len(spec.Values)) {
			return nil, false
		}
		return spec.Values[p.Bits], true
	}
	return nil, false
}

// showValue is what a field does when the person changes it: it shows the new value at once.
func (p *Page) showValue(node uint32, event uint8, payload []byte) {
	n := p.nodes[node]
	if n == nil {
		return
	}
	c := abi.ComponentAt(n.component)
	if !c.Edits || int(event) >= len(c.Events) || len(c.Events[event].Fields) != 1 {
		return
	}
	bits, data, err := abi.PayloadValue(&c.Events[event], payload)
	if err != nil {
		return
	}
	b := builder{page: p}
	b.set(n, abi.Prop{Wire: c.Props[0].Kind.Wire(), Bits: bits}, data)
	if p.touched == nil {
		p.touched = map[uint32]uint32{}
	}
	p.touched[node] = p.Ev
}

// Ops is what the page shows as the op stream of a tree, without keys and with 0 for every handler.
func (p *Page) Ops() []byte {
	var b []byte
	if p.Root != nil {
		b = p.Root.append(b)
	}
	return b
}

func (n *Node) append(b []byte) []byte {
	var w abi.TreeWriter
	w.Open(n.component)
	b = append(b, w.Bytes()...)
	for _, raw := range n.raw {
		b = append(b, raw...)
	}
	for e := range uint8(64) {
		if n.bound>>e&1 != 0 {
			w.Reset()
			w.On(e, 0)
			b = append(b, w.Bytes()...)
		}
	}
	for _, c := range n.Children {
		b = c.append(b)
	}
	w.Reset()
	w.Close()
	return append(b, w.Bytes()...)
}
