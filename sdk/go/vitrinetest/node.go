package vitrinetest

import (
	"fmt"
	"strings"

	"github.com/vitrine-run/vitrine/abi"
)

// Node is a component in the tree that is seen now. It is stale after the next call of the Page.
type Node struct {
	page  *Page
	index int
}

// Find returns the first component of a kind, such as "button", that says text: in one of its text
// properties, or within it. Empty text is said by all.
func (p *Page) Find(component, text string) Node {
	p.helper()
	nodes := p.FindAll(component, text)
	if len(nodes) == 0 {
		p.fail("there is no %s that says %q in\n%s", component, text, p)
	}
	return nodes[0]
}

// FindAll returns all components of a kind that say text.
func (p *Page) FindAll(component, text string) []Node {
	p.helper()
	number, _, ok := abi.FindComponent(component)
	if !ok {
		p.fail("the catalog has no component %q", component)
	}
	var out []Node
	for i := range p.tree.Nodes {
		if p.tree.Nodes[i].Component == number && p.says(i, text) {
			out = append(out, Node{p, i})
		}
	}
	return out
}

// says reports whether node i or one within it has text as a whole text property or in its middle.
func (p *Page) says(i int, text string) bool {
	for at := i; at < i+int(p.tree.Nodes[i].Size); at++ {
		comp := abi.ComponentAt(p.tree.Nodes[at].Component)
		for _, prop := range p.tree.PropsOf(at) {
			if comp.Props[prop.Number].Kind == abi.KindText && strings.Contains(string(p.tree.Bytes(prop)), text) {
				return true
			}
		}
	}
	return text == ""
}

// Find is Page.Find within the node.
func (n Node) Find(component, text string) Node {
	n.page.helper()
	if nodes := n.FindAll(component, text); len(nodes) > 0 {
		return nodes[0]
	}
	n.page.fail("there is no %s that says %q in\n%s", component, text, n)
	return Node{}
}

// Prop is the value of a property as text, as the tree is printed; empty if it is not set.
func (n Node) Prop(name string) string {
	n.page.helper()
	t := &n.page.tree
	comp := n.component()
	for i := range comp.Props {
		if comp.Props[i].Name != name {
			continue
		}
		if p, ok := t.Prop(n.index, uint8(i)); ok {
			return propText(t, &comp.Props[i], p)
		}
		return ""
	}
	n.page.fail("%s has no property %q", comp.Name, name)
	return ""
}

// Drawing is the display list of a canvas as the plugin drew it.
func (n Node) Drawing() []byte {
	if p, ok := n.page.tree.Prop(n.index, 0); ok && n.component().Props[0].Kind == abi.KindDrawing {
		return n.page.tree.Bytes(p)
	}
	return nil
}

// Bound reports whether the plugin handles an event of the node.
func (n Node) Bound(event string) bool {
	_, _, ok := n.handler(event)
	return ok
}

// Fire sends an event with fields as the catalog says: string, int, float64 or bool. What a host
// would refuse fails the test: no such event, not bound, the node or what it stands in disabled.
func (n Node) Fire(event string, fields ...any) {
	n.page.helper()
	n.page.check(event, n.page.instance.Event(n.encode(event, nil, fields)))
}

// Queue is Fire for an event that waits until the next Turn, as one does that comes in while the
// plugin computes.
func (n Node) Queue(event string, fields ...any) {
	n.page.helper()
	n.page.queue = append(n.page.queue, n.encode(event, nil, fields))
}

// Pick picks a file in a filefield.
func (n Node) Pick(name, mediaType string, data []byte) {
	n.page.helper()
	if data == nil {
		data = []byte{}
	}
	n.page.check("file", n.page.instance.Event(n.encode("file", data, []any{name, mediaType, len(data)})))
}

func (n Node) component() *abi.Component {
	return abi.ComponentAt(n.page.tree.Nodes[n.index].Component)
}

func (n Node) handler(event string) (*abi.EventType, uint32, bool) {
	comp := n.component()
	for _, h := range n.page.tree.HandlersOf(n.index) {
		if e := &comp.Events[h.Event]; e.Name == event {
			return e, h.Handler, true
		}
	}
	return nil, 0, false
}

func (n Node) encode(event string, file []byte, fields []any) []byte {
	n.page.helper()
	e, handler, ok := n.handler(event)
	if !ok {
		n.page.fail("%s has no handler for %q", n, event)
	}
	if no := n.component().Disabled(); no >= 0 {
		if p, ok := n.page.tree.Prop(n.index, uint8(no)); ok && p.Bits == 1 {
			n.page.fail("%s is disabled", n)
		}
	}
	var w abi.PayloadWriter
	for _, f := range fields {
		switch f := f.(type) {
		case string:
			w.Text(f)
		case int:
			w.Int(int64(f))
		case float64:
			w.Number(f)
		default:
			n.page.fail("a field of an event cannot be a %T", f)
		}
	}
	in, err := abi.EventToGuest(nil, e, handler, w.Bytes(), file)
	if err != nil {
		n.page.fail("%s: %v", event, err)
	}
	return in
}

// String is the tree, a line a node: its component, its key, its properties.
func (p *Page) String() string {
	if len(p.tree.Nodes) == 0 {
		return ""
	}
	return Node{p, 0}.String()
}

// String is the node and what is in it, a line each.
func (n Node) String() string {
	var b strings.Builder
	n.print(&b, 0)
	return b.String()
}

func (n Node) print(b *strings.Builder, depth int) {
	t := &n.page.tree
	comp := n.component()
	b.WriteString(strings.Repeat("  ", depth) + comp.Name)
	if key := t.Key(n.index); len(key) > 0 {
		fmt.Fprintf(b, " #%s", key)
	}
	for _, p := range t.PropsOf(n.index) {
		spec := &comp.Props[p.Number]
		value := propText(t, spec, p)
		if spec.Kind == abi.KindText || spec.Kind == abi.KindAsset || spec.Kind == abi.KindLink {
			value = fmt.Sprintf("%q", value)
		}
		fmt.Fprintf(b, " %s=%s", spec.Name, value)
	}
	b.WriteByte('\n')
	end := n.index + int(t.Nodes[n.index].Size)
	for c := n.index + 1; c < end; c += int(t.Nodes[c].Size) {
		Node{n.page, c}.print(b, depth+1)
	}
}

func propText(t *abi.Tree, spec *abi.Property, p abi.Prop) string {
	switch spec.Kind {
	case abi.KindText, abi.KindAsset, abi.KindLink:
		return string(t.Bytes(p))
	case abi.KindDrawing:
		return fmt.Sprintf("(%d bytes)", len(t.Bytes(p)))
	case abi.KindBool:
		return fmt.Sprint(p.Bits == 1)
	case abi.KindInt:
		return fmt.Sprint(p.Int())
	case abi.KindNumber:
		return fmt.Sprint(p.Float())
	}
	return spec.Values[p.Bits]
}

// FindAll is Page.FindAll within the node.
func (n Node) FindAll(component, text string) []Node {
	n.page.helper()
	var out []Node
	for _, m := range n.page.FindAll(component, text) {
		if m.index > n.index && m.index < n.index+int(n.page.tree.Nodes[n.index].Size) {
			out = append(out, m)
		}
	}
	return out
}
