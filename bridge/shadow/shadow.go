// Package shadow renders what a plugin shows as declarative shadow DOM, so that a page shows it before any script has
// run. It is the markup that the shell makes of the same tree, from the same table (shell/src/looks.ts): when the
// shell has it from the socket, nothing moves.
//
//	b = append(b, `<vitrine-plugin place="orders">`...)
//	b = shadow.Append(b, tree, &shadow.Options{Name: "Orders", Base: "/vitrine/"})
//	b = append(b, `</vitrine-plugin>`...)
//
// Tags and names of attributes come from that table alone. Everything of the plugin's goes through one of two
// functions that escape it, as text or as the value of an attribute; addresses were checked when the tree was decoded.
// What needs a script stays empty until there is one: canvases, charts, and what the page's own code shows.
package shadow

import (
	"math"
	"strconv"
	"strings"

	"github.com/vitrine-run/vitrine/abi"
)

// Options say what surrounds a tree.
type Options struct {
	Name   string // of the plugin, as the host says it
	Base   string // address of the shell's files, ends in "/"
	Assets string // address of the plugin's files, ends in "/"
}

// Append appends a template that becomes the shadow root of the element it stands in: the frame with the plugin's
// name, and t in it, which cannot be used before the shell is there. It is safe for concurrent use.
func Append(b []byte, t *abi.Tree, o *Options) []byte {
	name := &element{tag: "span", attrs: []attribute{{"class", "name"}}, text: o.Name}
	status := &element{tag: "span", attrs: []attribute{{"class", "status"}, {"role", "status"}}}
	body := &element{tag: "div", attrs: []attribute{{"class", "body"}, {"inert", ""}}}
	if len(t.Nodes) > 0 {
		body.kids = []*element{(&drawer{tree: t, options: o}).node(0, nil)}
	}
	root := &element{tag: "template", attrs: []attribute{{"shadowrootmode", "closed"}}, kids: []*element{
		{tag: "link", attrs: []attribute{{"rel", "stylesheet"}, {"href", o.Base + "vitrine.css"}}},
		{tag: "section", attrs: []attribute{{"class", "frame"}, {"tabindex", "-1"}, {"aria-label", o.Name}, {"data-state", "loading"}, {"aria-busy", "true"}},
			kids: []*element{{tag: "header", kids: []*element{name, status}}, body}},
	}}
	return root.append(b)
}

// A drawer makes elements of a tree.
type drawer struct {
	tree    *abi.Tree
	options *Options
	ids     int
}

// A drawn is a node that stands in the page.
type drawn struct {
	*drawer
	i    int // in the tree
	spec *abi.Component
	look *look
	el   *element
	up   *drawn
	kids []*drawn
}

func (d *drawer) newID() string {
	d.ids++
	return "v" + strconv.Itoa(d.ids)
}

// node makes the element of node i, with all in it.
func (d *drawer) node(i int, up *drawn) *element {
	component := d.tree.Nodes[i].Component
	n := &drawn{drawer: d, i: i, spec: abi.ComponentAt(component), look: &looks()[component], up: up}
	n.el = n.look.proto.clone()
	if up != nil {
		up.kids = append(up.kids, n)
	}
	if make := makes[component]; make != nil {
		make(n)
	}
	props := d.tree.PropsOf(i)
	for k := len(props) - 1; k >= 0; k-- { // as the shell does: help below a field after what is wrong with it
		n.prop(props[k])
	}
	for _, h := range d.tree.HandlersOf(i) {
		if h.Event == 0 && n.look.press {
			n.el.set("tabindex", "0")
		}
	}
	parts := n.parts() // what a child goes into is found before there are children
	end := i + int(d.tree.Nodes[i].Size)
	for c := i + 1; c < end; c += int(d.tree.Nodes[c].Size) {
		at := n.look.into
		if component == abi.ComponentTable {
			if at = 3; d.tree.Nodes[c].Component == abi.ComponentColumn {
				at = 2
			}
		}
		kid := d.node(c, n)
		parts[at].kids = append(parts[at].kids, kid)
	}
	if after := afters[component]; after != nil {
		after(n, parts)
	}
	return n.el
}

// parts are the parts of the element by number; 0 is the element.
func (n *drawn) parts() (out [10]*element) {
	for k, path := range n.look.paths {
		out[k] = n.el.follow(path)
	}
	return out
}

func (n *drawn) part(k int) *element { return n.el.follow(n.look.paths[k]) }

// A value is that of a property: in words, and whether it counts as true.
type value struct {
	words  string
	truthy bool
	isBool bool
}

func (n *drawn) valueOf(p abi.Prop) value {
	spec := &n.spec.Props[p.Number]
	switch spec.Kind {
	case abi.KindBool:
		return value{strconv.FormatBool(p.Bits == 1), p.Bits == 1, true}
	case abi.KindInt:
		return value{strconv.FormatInt(p.Int(), 10), p.Int() != 0, false}
	case abi.KindNumber:
		return value{number(p.Float()), p.Float() != 0, false}
	case abi.KindEnum:
		return value{spec.Values[p.Bits], p.Bits != 0, false}
	case abi.KindAsset:
		name := string(n.tree.Bytes(p))
		return value{n.options.Assets + name, name != "", false}
	}
	words := string(n.tree.Bytes(p))
	return value{words, words != "", false}
}

// get is the value of a property with a name, and whether it is there.
func (n *drawn) get(name string) (value, bool) {
	for k := range n.spec.Props {
		if n.spec.Props[k].Name == name {
			p, ok := n.tree.Prop(n.i, uint8(k))
			if !ok {
				return value{}, false
			}
			return n.valueOf(p), true
		}
	}
	panic("shadow: " + n.spec.Name + " has no " + name) // the catalog has changed
}

// number writes a number as a browser does.
func number(f float64) string {
	if a := math.Abs(f); a != 0 && (a < 1e-6 || a >= 1e21) {
		s := strconv.FormatFloat(f, 'e', -1, 64)
		mantissa, exponent, _ := strings.Cut(s, "e")
		return mantissa + "e" + exponent[:1] + strings.TrimLeft(exponent[1:], "0")
	}
	return strconv.FormatFloat(f+0, 'f', -1, 64) // no minus before 0
}

// prop shows a property wherever the table says.
func (n *drawn) prop(p abi.Prop) {
	v := n.valueOf(p)
	if set := sets[n.tree.Nodes[n.i].Component]; set != nil && set(n, n.spec.Props[p.Number].Name, v) {
		return
	}
	for _, s := range n.look.sinks[p.Number] {
		n.show(s, v)
	}
}

// called is what attributes call some values of enums.
var called = map[string]string{"off": "false", "on": "true", "sortable": "none", "datetime": "datetime-local"}

func (n *drawn) show(s sink, v value) {
	el := n.part(s.part)
	switch {
	case s.how == '=':
		el.text = v.words
	case s.how == '~':
		n.tell(s.part, v.words)
	case s.how == '#': // a rule, which only the shell can make
	case s.how == '.' && s.name == "value":
		el.put("value", v.words, true)
	case s.how == '.':
		el.put(s.name, "", v.truthy && s.name != "indeterminate")
	case s.fixed:
		el.put(s.name, s.constant, v.truthy)
	case v.isBool:
		el.put(s.name, "", v.truthy)
	case strings.HasPrefix(s.name, "aria-") && (v.words == "" || v.words == "none"):
		el.unset(s.name)
	default:
		words := v.words
		if other, ok := called[words]; ok {
			words = other
		}
		el.put(s.name, words, words != "" || s.name == "alt")
	}
}

// tell shows what helps and what is wrong below a field, and ties both to it.
func (n *drawn) tell(part int, words string) {
	n.part(part).text = words
	var by []string
	for _, k := range []int{3, 4} {
		help := n.part(k)
		if help.get("id") == "" {
			help.set("id", n.newID())
		}
		if help.text != "" {
			by = append(by, help.get("id"))
		}
	}
	input := n.part(2)
	input.put("aria-describedby", strings.Join(by, " "), len(by) > 0)
	if part > 3 {
		input.put("aria-invalid", "true", words != "")
	}
}
