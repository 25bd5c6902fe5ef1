package abi

import (
	"bytes"
	"math"
	"strconv"
)

// templateShape is a template as a page keeps it: its nodes in depth-first order.
type templateShape struct {
	nodes []shapeNode
	holes int
	depth int
}

type shapeNode struct {
	component uint16
	children  int
	mask      uint64
	props     []shapeProp
}

type shapeProp struct {
	prop Prop   // Bits of one that is no hole
	data []byte // of one that is no hole
	hole bool
}

// run reads rows of a template, at most so many, and tells them; before is called ahead of each. It returns
// how many there were.
func (p *PatchReader) run(r *reader, v NodeVisitor, depth, most int, before func()) int {
	number := r.number("template", uint64(min(len(p.templates), maxTemplates-1)))
	if r.err == nil && int(number) == len(p.templates) {
		var s templateShape
		p.shape(r, &s, 1)
		if r.err != nil {
			return 0
		}
		p.templates = append(p.templates, s)
	}
	rows := int(r.some("rows", uint64(min(most, maxFrameNodes))))
	if r.err != nil {
		return 0
	}
	s := &p.templates[number]
	p.makes(r, rows*max(len(s.nodes), s.holes))
	if depth+s.depth > DefaultTreeDepth {
		r.fail("nodes nest deeper than %d", DefaultTreeDepth)
	}
	columns := make([][]value, 0, s.holes)
	for k := range s.nodes {
		for _, q := range s.nodes[k].props {
			if q.hole {
				columns = append(columns, p.column(r, q.prop.Wire, rows))
			}
		}
	}
	for row := range rows {
		if r.err != nil {
			return 0
		}
		before()
		s.tell(v, row, columns)
	}
	return rows
}

// makes counts what a frame stands for.
func (p *PatchReader) makes(r *reader, n int) {
	if p.made += n; p.made > maxFrameNodes {
		r.fail("a frame stands for more than %d nodes", maxFrameNodes)
	}
}

// shape reads a template.
func (p *PatchReader) shape(r *reader, s *templateShape, depth int) {
	head := r.number("component", runHead-1)
	switch {
	case r.err != nil:
		return
	case len(s.nodes) == maxTemplateNodes:
		r.fail("a template of more than %d nodes", maxTemplateNodes)
		return
	}
	s.depth = max(s.depth, depth)
	at := len(s.nodes)
	n := shapeNode{component: uint16(head >> 3)}
	if head&1 != 0 {
		for left := r.some("properties", math.MaxUint8+1); left > 0 && r.err == nil; left-- {
			n.props = append(n.props, p.shapeProp(r, s))
		}
	}
	if head&2 != 0 {
		n.mask = r.some("events", math.MaxUint64)
	}
	if head&4 != 0 {
		n.children = int(r.some("children", maxTemplateNodes))
	}
	s.nodes = append(s.nodes, n)
	for left := s.nodes[at].children; left > 0 && r.err == nil; left-- {
		p.shape(r, s, depth+1)
	}
}

func (p *PatchReader) shapeProp(r *reader, s *templateShape) (q shapeProp) {
	tag := r.number("property", math.MaxUint8<<2|3)
	q.prop = Prop{Number: uint8(tag >> 2), Wire: Wire(tag & 3)}
	if q.prop.Wire == wireHole {
		q.hole, q.prop.Wire = true, Wire(r.number("form of a hole", uint64(WireFloat)))
		if s.holes++; s.holes > maxTemplateProps {
			r.fail("a template of more than %d holes", maxTemplateProps)
		}
		return q
	}
	v := p.form(r, q.prop.Wire)
	q.prop.Bits, q.data = v.bits, v.b
	return q
}

// tell tells one row.
func (s *templateShape) tell(v NodeVisitor, row int, columns [][]value) {
	var open []int // children that are still to come, of each node that is open
	for k := range s.nodes {
		n := &s.nodes[k]
		v.Open(n.component)
		for _, q := range n.props {
			prop, data := q.prop, q.data
			if q.hole {
				prop.Bits, data = columns[0][row].bits, columns[0][row].b
				columns = columns[1:]
			}
			v.Prop(prop, data)
		}
		tellMask(v, n.mask)
		for open = append(open, n.children); len(open) > 0 && open[len(open)-1] == 0; {
			v.Close()
			if open = open[:len(open)-1]; len(open) > 0 {
				open[len(open)-1]--
			}
		}
	}
}

// column reads count values of a form.
func (p *PatchReader) column(r *reader, form Wire, count int) []value {
	values := make([]value, count)
	if count == 1 {
		values[0] = p.form(r, form)
		return values
	}
	switch how := r.number("column", columnWords); {
	case r.err != nil:
	case how == columnEach:
		for k := range values {
			values[k] = p.form(r, form)
		}
	case how == columnSame:
		v := p.form(r, form)
		for k := range values {
			values[k] = v
		}
	case how == columnCount && form != WireFloat:
		countColumn(r, form, values)
	case how == columnWords && form == WireBytes:
		p.wordColumn(r, values)
	default:
		r.fail("there is no column %d of form %d", how, form)
	}
	return values
}

func countColumn(r *reader, form Wire, values []value) {
	start, step, steps := r.varint(), r.varint(), int64(len(values)-1)
	low := int64(-maxCounted)
	if form == WireVarint {
		low = 0
	}
	const most = 2 * maxCounted
	if step < -most/steps || step > most/steps || min(start, start+step*steps) < low || max(start, start+step*steps) > maxCounted {
		r.fail("a column counts from %d in steps of %d", start, step)
		return
	}
	for k := range values {
		n := start + step*int64(k)
		if form == WireBytes {
			values[k].b = strconv.AppendInt(nil, n, 10)
		} else {
			values[k].bits = uint64(n)
		}
	}
}

func (p *PatchReader) wordColumn(r *reader, values []value) {
	words := r.number("words", maxWords)
	if r.err == nil && words < 2 {
		r.fail("a column of %d words", words)
	}
	parts := make([][]byte, words)
	for k := range values {
		for n := range parts {
			parts[n] = p.string(r)
		}
		if r.err != nil {
			return
		}
		values[k].b = bytes.Join(parts, space)
	}
}
