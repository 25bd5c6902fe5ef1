package abi

import (
	"bytes"
	"encoding/binary"
)

// runHead stands where a node's head would: rows of a template follow.
const runHead = 0xffff << 3

// wireHole is the form of a property in a template whose value each row has for itself.
const wireHole Wire = 3

// Bounds of templates: how many an epoch has, and what one holds.
const (
	maxTemplates     = 64
	maxTemplateNodes = 64
	maxTemplateProps = 256
	maxCandidates    = 4 // that are compared with a node
)

// template is a shape that siblings have in common: what it says of a property that is no hole holds
// for each of them.
type template struct {
	sum   uint64
	nodes []templateNode
	props []templateProp
	buf   []byte // the texts
}

type templateNode struct {
	component uint16
	props     uint16
	children  uint32
	size      uint32
	mask      uint64
}

type templateProp struct {
	number uint8
	wire   Wire
	hole   bool
	bits   uint64
	at, n  uint32
}

func (s *template) value(p *templateProp) value {
	if p.wire == WireBytes {
		return value{b: s.buf[p.at : p.at+p.n]}
	}
	return value{bits: p.bits}
}

// templates are those that the page has.
type templates struct {
	list  []template
	count int // of list that are in use
	holes []bool
}

func (s *templates) reset() { s.count = 0 }

// sum tells most shapes apart.
func sum(t *Tree, i int) uint64 {
	h := uint64(14695981039346656037)
	for k := i; k < i+min(8, int(t.Nodes[i].Size)); k++ {
		n := &t.Nodes[k]
		for _, v := range [...]uint64{uint64(n.Component), uint64(n.Size), uint64(n.nprops), uint64(n.non)} {
			h = (h ^ v) * 1099511628211
		}
	}
	return h
}

// find is how many siblings from node i on, at most left, are to be written as rows, and of which template.
// A new one has the number count. A node that is
// no row takes extra bytes. It looks at each node of small subtrees a few times at most.
func (s *templates) find(w *PatchWriter, t *Tree, i, left, extra int) (rows, number int) {
	if w.Plain || t.Nodes[i].Size > maxTemplateNodes {
		return 0, 0
	}
	h := sum(t, i)
	tried := 0
	for number := range s.list[:s.count] {
		m := &s.list[number]
		if m.sum != h {
			continue
		}
		if rows := m.rows(t, i, left); rows > 0 {
			return rows, number
		}
		if tried++; tried == maxCandidates {
			break
		}
	}
	if s.count == maxTemplates || left < 2 {
		return 0, 0
	}
	return s.detect(t, i, left, extra, h), s.count
}

// rows is how many siblings from node i on are rows of the template.
func (s *template) rows(t *Tree, i, left int) (n int) {
	for ; n < left && s.fits(t, i); n++ {
		i += int(t.Nodes[i].Size)
	}
	return n
}

func (s *template) fits(t *Tree, i int) bool {
	if int(t.Nodes[i].Size) != len(s.nodes) {
		return false
	}
	at := 0
	for k := range s.nodes {
		m, n := &s.nodes[k], &t.Nodes[i+k]
		if m.component != n.Component || m.size != n.Size || m.props != n.nprops || m.mask != t.mask(i+k) {
			return false
		}
		for _, p := range t.PropsOf(i + k) {
			q := &s.props[at]
			at++
			if q.number != p.Number || q.wire != p.Wire {
				return false
			}
			if q.hole {
				continue
			}
			if v := t.valueOf(p); v.bits != s.value(q).bits || !bytes.Equal(v.b, s.value(q).b) {
				return false
			}
		}
	}
	return true
}

// detect is how many siblings from node i on have one shape, 0 if a template for them does not pay. It
// makes the template, which is in use once it is written.
func (s *templates) detect(t *Tree, i, left, extra int, h uint64) int {
	size := int(t.Nodes[i].Size)
	props := 0
	for k := i; k < i+size; k++ {
		props += len(t.PropsOf(k))
	}
	if props > maxTemplateProps {
		return 0
	}
	s.holes = append(s.holes[:0], make([]bool, props)...)
	rows := 1
	for at := i + size; rows < left && s.like(t, i, at); rows++ {
		at += size
	}
	if rows < 2 {
		return 0
	}
	s.mark(t, i, rows)
	if s.count == len(s.list) {
		s.list = append(s.list, template{})
	}
	if m := &s.list[s.count]; (m.build(t, i, h, s.holes)+extra)*(rows-1) > size+2*props+8 {
		return rows
	}
	return 0
}

// like tells whether node j has the shape of node i.
func (s *templates) like(t *Tree, i, j int) bool {
	size := int(t.Nodes[i].Size)
	if int(t.Nodes[j].Size) != size {
		return false
	}
	for k := range size {
		m, n := &t.Nodes[i+k], &t.Nodes[j+k]
		if m.Component != n.Component || m.Size != n.Size || m.nprops != n.nprops || m.non != n.non || t.mask(i+k) != t.mask(j+k) {
			return false
		}
		for x, p := range t.PropsOf(i + k) {
			if q := t.PropsOf(j + k)[x]; p.Number != q.Number || p.Wire != q.Wire {
				return false
			}
		}
	}
	return true
}

// mark finds the holes: the properties in which rows differ from the first.
func (s *templates) mark(t *Tree, i, rows int) {
	size := int(t.Nodes[i].Size)
	for row := 1; row < rows; row++ {
		at := 0
		for k := i; k < i+size; k++ {
			others := t.PropsOf(k + row*size)
			for x, p := range t.PropsOf(k) {
				if !s.holes[at] {
					s.holes[at] = p.Bits != others[x].Bits || !bytes.Equal(t.Bytes(p), t.Bytes(others[x]))
				}
				at++
			}
		}
	}
}

// build makes s the template of node i, and returns about how many bytes it saves a row.
func (s *template) build(t *Tree, i int, h uint64, holes []bool) (saved int) {
	s.sum, s.nodes, s.props, s.buf = h, s.nodes[:0], s.props[:0], s.buf[:0]
	for k := i; k < i+int(t.Nodes[i].Size); k++ {
		n := &t.Nodes[k]
		s.nodes = append(s.nodes, templateNode{n.Component, n.nprops, n.Children, n.Size, t.mask(k)})
		saved += 1 + int(bit(n.non > 0)+bit(n.nprops > 0)+bit(n.Children > 0))
		for _, p := range t.PropsOf(k) {
			q := templateProp{number: p.Number, wire: p.Wire, hole: holes[len(s.props)]}
			if saved++; !q.hole {
				q.bits, q.at, q.n = p.Bits, uint32(len(s.buf)), p.n
				s.buf = append(s.buf, t.Bytes(p)...)
				saved++
			}
			s.props = append(s.props, q)
		}
	}
	return saved
}

// run writes rows of a template, before them the template if it is new, and returns the index behind them.
func (w *PatchWriter) run(t *Tree, i, rows, number int) int {
	s := &w.templates.list[number]
	w.buf = binary.AppendUvarint(w.buf, uint64(number))
	if number == w.templates.count {
		w.templates.count++
		w.shape(s)
	}
	w.buf = binary.AppendUvarint(w.buf, uint64(rows))
	at, holes := 0, 0
	for k := range s.nodes {
		for x := range int(s.nodes[k].props) {
			if s.props[at].hole {
				w.column = w.column[:0]
				for row := range rows {
					node := i + row*len(s.nodes) + k
					w.column = append(w.column, t.valueOf(t.PropsOf(node)[x]))
				}
				w.writeColumn(s.props[at].wire, w.column)
				holes++
			}
			at++
		}
	}
	w.made += rows * max(len(s.nodes), holes)
	return i + rows*len(s.nodes)
}

// shape writes a template as a node whose properties may be holes.
func (w *PatchWriter) shape(s *template) {
	at := 0
	for k := range s.nodes {
		n := &s.nodes[k]
		head := uint64(n.component)<<3 | bit(n.children > 0)<<2 | bit(n.mask != 0)<<1 | bit(n.props > 0)
		w.buf = binary.AppendUvarint(w.buf, head)
		if n.props > 0 {
			w.buf = binary.AppendUvarint(w.buf, uint64(n.props))
		}
		for range n.props {
			p := &s.props[at]
			at++
			if p.hole {
				w.buf = append(binary.AppendUvarint(w.buf, propTag(p.number, wireHole)), byte(p.wire))
				continue
			}
			w.buf = binary.AppendUvarint(w.buf, propTag(p.number, p.wire))
			w.value(p.wire, s.value(p))
		}
		if n.mask != 0 {
			w.buf = binary.AppendUvarint(w.buf, n.mask)
		}
		if n.children > 0 {
			w.buf = binary.AppendUvarint(w.buf, uint64(n.children))
		}
	}
}
