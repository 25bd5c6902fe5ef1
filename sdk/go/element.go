package vitrine

import (
	"math"
	"slices"

	"github.com/vitrine-run/vitrine/abi"
)

// Node is anything that the catalog lets a plugin show: what [Button], [Box] and the other
// constructors return. A nil Node is left out. A Node belongs to the plugin that made it; it may be
// kept and shown again.
type Node interface {
	element() *element
}

// When is node if show is true, else nothing.
func When(show bool, node Node) Node {
	if show {
		return node
	}
	return nil
}

// element is what all nodes are: a component with properties and events in the order of their
// numbers, and children. Few nodes have more than three properties, so that most cost one
// allocation.
type element struct {
	component uint16
	key       string
	props     []property
	handlers  []handler
	children  []*element
	still     *still // nil for most
	room      [3]property
}

// property is a value that is set. Kind is that of the catalog.
type property struct {
	text   string
	bits   uint64
	number uint8
	kind   abi.Kind
}

// handler is an event and the function for it, one of those that dispatch knows.
type handler struct {
	event uint8
	do    any
}

func (e *element) set(p property) {
	if e.props == nil {
		e.props = e.room[:0]
	}
	i := len(e.props)
	for i > 0 && e.props[i-1].number >= p.number {
		i--
	}
	if i < len(e.props) && e.props[i].number == p.number {
		e.props[i] = p
		return
	}
	e.props = slices.Insert(e.props, i, p)
}

func (e *element) setText(number uint8, s string) {
	e.set(property{number: number, kind: abi.KindText, text: s})
}

func (e *element) setBool(number uint8, v bool) {
	p := property{number: number, kind: abi.KindBool}
	if v {
		p.bits = 1
	}
	e.set(p)
}

func (e *element) setInt(number uint8, n int) {
	e.set(property{number: number, kind: abi.KindInt, bits: uint64(n)})
}

func (e *element) setNumber(number uint8, f float64) {
	e.set(property{number: number, kind: abi.KindNumber, bits: math.Float64bits(f)})
}

func (e *element) setEnum(number, value uint8) {
	e.set(property{number: number, kind: abi.KindEnum, bits: uint64(value)})
}

func (e *element) setDrawing(number uint8, d *Drawing) {
	if d != nil {
		e.set(property{number: number, kind: abi.KindDrawing, text: string(d.ops)})
	}
}

// on sets the handler of an event; nil takes it away.
func on[F handlerFunc](e *element, event uint8, do F) {
	i := len(e.handlers)
	for i > 0 && e.handlers[i-1].event >= event {
		i--
	}
	found := i < len(e.handlers) && e.handlers[i].event == event
	switch {
	case do == nil && found:
		e.handlers = slices.Delete(e.handlers, i, i+1)
	case do == nil:
	case found:
		e.handlers[i].do = do
	default:
		e.handlers = slices.Insert(e.handlers, i, handler{event, do})
	}
}

// add appends a child; nil is left out.
func (e *element) add(child *element) {
	if child == nil {
		return
	}
	if e.children == nil {
		e.children = make([]*element, 0, 8)
	}
	e.children = append(e.children, child)
}

// elementOf is the element of n, nil for a nil interface and for the zero value of a node type.
func elementOf(n Node) *element {
	if n == nil {
		return nil
	}
	return n.element()
}
