package vitrine

import (
	"math"
	"strings"
	"unicode/utf8"

	"github.com/vitrine-run/vitrine/abi"
)

// Generations of handlers that are kept: an event was bound to a handler when it came in, and until
// its turn comes the plugin may have rendered for the events before it.
const (
	keptRenders  = 64
	keptHandlers = 1 << 14 // beyond the newest render, in all older ones together
)

// emitter writes trees and remembers which number it gave to which handler. Numbers run on from
// render to render, so that one is never mistaken for another's.
type emitter struct {
	w     abi.TreeWriter
	last  []byte // the tree the host has
	kept  []generation
	funcs []any // handlers of the tree being written
	base  uint32
	nodes uint32 // that have been written
	trees uint64 // that were handed to the host
	still stills
}

// generation is the handlers of one render; the first has number base.
type generation struct {
	base  uint32
	funcs []any
}

// fresh writes a tree under new handler numbers.
func (em *emitter) fresh(root *element) []byte {
	if n := len(em.kept); n > 0 {
		newest := em.kept[n-1]
		if em.base = newest.base + uint32(len(newest.funcs)); em.base > firstStill-1<<20 {
			em.base = 0 // those that had these numbers are long gone
		}
	}
	em.write(root)
	em.kept = append(em.kept, generation{em.base, em.funcs})
	em.forget()
	em.trees++
	em.still.accept(em.trees)
	return em.remember()
}

// changed writes a tree under the handler numbers of the last one. If that gives the same bytes the
// host already has what there is to show: it takes over the handlers and returns nil.
func (em *emitter) changed(root *element) []byte {
	n := len(em.kept)
	if n == 0 {
		return em.fresh(root)
	}
	em.base = em.kept[n-1].base
	em.write(root)
	if em.still.moved || string(em.w.Bytes()) != string(em.last) {
		return em.fresh(root)
	}
	em.kept[n-1].funcs = em.funcs
	return nil
}

func (em *emitter) write(root *element) {
	em.w.Reset()
	em.funcs, em.nodes = nil, 0
	em.still.written, em.still.moved = em.still.written[:0], false
	if root == nil {
		root = &element{component: abi.ComponentBox}
	}
	em.node(root)
}

// remember keeps a copy of what is handed to the host, in a buffer that is used again.
func (em *emitter) remember() []byte {
	em.last = append(em.last[:0], em.w.Bytes()...)
	return em.last
}

// refused takes back the tree that was written last: the host shows the one before, whose handlers
// are still to be kept, and does not have this one.
func (em *emitter) refused() {
	n := len(em.kept) - 1
	em.kept[n] = generation{}
	em.kept, em.last = em.kept[:n], em.last[:0]
	em.trees++ // nothing is where it was in the last one
}

// forget drops the oldest generations.
func (em *emitter) forget() {
	drop, total := 0, 0
	for i := len(em.kept) - 2; i >= 0; i-- {
		total += len(em.kept[i].funcs)
		if total > keptHandlers || len(em.kept)-i > keptRenders {
			drop = i + 1
			break
		}
	}
	if drop > 0 {
		n := copy(em.kept, em.kept[drop:])
		clear(em.kept[n:])
		em.kept = em.kept[:n]
	}
}

// handler is the function with the given number, nil if it is from too long ago.
func (em *emitter) handler(number uint32) any {
	if number >= firstStill {
		return em.still.handler(number)
	}
	for i := len(em.kept) - 1; i >= 0; i-- {
		g := em.kept[i]
		if at := number - g.base; at < uint32(len(g.funcs)) {
			return g.funcs[at]
		}
	}
	return nil
}

func (em *emitter) node(e *element) {
	number := em.nodes
	em.nodes++
	em.w.Open(e.component)
	if e.key != "" {
		em.w.Key(valid(e.key))
	}
	for i := range e.props {
		em.property(&e.props[i])
	}
	for _, h := range e.handlers {
		em.handle(h)
	}
	for _, c := range e.children {
		if c.still == nil || em.still.inside != nil || !em.still.add(c.still) {
			em.keep()
			em.node(c)
		} else {
			em.stillNode(c, number)
		}
	}
	em.keep()
	em.w.Close()
}

// handle gives a handler its number.
func (em *emitter) handle(h handler) {
	funcs, base := &em.funcs, em.base
	if s := em.still.inside; s != nil {
		funcs, base = &s.funcs, s.base
	}
	em.w.On(h.event, base+uint32(len(*funcs)))
	*funcs = append(*funcs, h.do)
}

// stillNode has the host keep a node that does not change, or writes it if the host does not have it.
func (em *emitter) stillNode(e *element, in uint32) {
	s, of := &em.still, e.still
	of.next = place{em.nodes, in}
	s.written = append(s.written, of)
	if of.shown > 0 && of.shown == em.trees {
		if s.count == 0 || of.at != s.behind {
			em.keep()
			s.from = of.at.node
		}
		s.count++
		s.behind = place{of.at.node + of.nodes, of.at.in}
		s.moved = s.moved || of.at != of.next
		em.nodes += of.nodes
		return
	}
	em.keep()
	s.inside, of.funcs = of, of.funcs[:0]
	em.node(e)
	s.inside = nil
	of.nodes = em.nodes - of.next.node
	if n := uint64(of.base-firstStill) + uint64(max(1, len(of.funcs))); n > s.last {
		s.last = n
	}
}

// keep writes which nodes are kept, if any wait to be.
func (em *emitter) keep() {
	if s := &em.still; s.count > 0 {
		em.w.Keep(s.from, s.count)
		s.count = 0
	}
}

func (em *emitter) property(p *property) {
	switch p.kind {
	case abi.KindText:
		em.w.Text(p.number, valid(p.text))
	case abi.KindDrawing: // written like a text
		em.w.Text(p.number, p.text)
	case abi.KindBool:
		em.w.Bool(p.number, p.bits == 1)
	case abi.KindInt:
		em.w.Int(p.number, int64(p.bits))
	case abi.KindNumber:
		em.w.Number(p.number, math.Float64frombits(p.bits))
	case abi.KindEnum:
		em.w.Enum(p.number, uint8(p.bits))
	}
}

// valid replaces what is not UTF-8: the host refuses a whole tree for one such byte.
func valid(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return strings.ToValidUTF8(s, string(utf8.RuneError))
}
