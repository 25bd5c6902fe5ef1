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
		em.base = newest.base + uint32(len(newest.funcs))
	}
	em.write(root)
	em.kept = append(em.kept, generation{em.base, em.funcs})
	em.forget()
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
	if string(em.w.Bytes()) != string(em.last) {
		return em.fresh(root)
	}
	em.kept[n-1].funcs = em.funcs
	return nil
}

func (em *emitter) write(root *element) {
	em.w.Reset()
	em.funcs = nil
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
	for i := len(em.kept) - 1; i >= 0; i-- {
		g := em.kept[i]
		if at := number - g.base; at < uint32(len(g.funcs)) {
			return g.funcs[at]
		}
	}
	return nil
}

func (em *emitter) node(e *element) {
	em.w.Open(e.component)
	if e.key != "" {
		em.w.Key(valid(e.key))
	}
	for i := range e.props {
		em.property(&e.props[i])
	}
	for _, h := range e.handlers {
		em.w.On(h.event, em.base+uint32(len(em.funcs)))
		em.funcs = append(em.funcs, h.do)
	}
	for _, c := range e.children {
		em.node(c)
	}
	em.w.Close()
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
