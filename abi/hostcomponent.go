package abi

import (
	"errors"
	"fmt"
	"regexp"
	"slices"

	"github.com/vitrine-run/vitrine/abi/cbor"
)

// HostComponent is a component of the host's own, which its page's own code shows: a custom element, a function or a React
// component. A plugin whose manifest names it under "components" renders it as a host node of the catalog.
type HostComponent struct {
	Name  string // as plugins write it, in the form of a plugin's id, such as "acme.map"
	Doc   string // optional: one line for authors
	Props []HostProperty
	Calls []HostCall
	Slots []string // where parts of the plugin's may stand; "" is the unnamed one
}

// HostProperty is a property of a host component.
type HostProperty struct {
	Name     string // letters, digits and underscores, a letter first
	Doc      string
	Kind     Kind     // KindText, KindBool, KindNumber, KindLink or KindEnum
	Values   []string // of KindEnum, those that it may have
	Required bool
}

// HostCall is what a host component can tell the plugin that renders it.
type HostCall struct {
	Name   string // the type of the event that a custom element dispatches: lower case letters, digits and '-'
	Doc    string
	Detail *Schema // of what comes with it; nil for nothing
}

// Bounds of host components.
const (
	maxHostComponents = 256
	maxHostProps      = 64 // of one, and as many calls, slots and values of an enum
	maxHostText       = 64 << 10
)

// RequiresComponent begins what names a host component in Manifest.Requires.
const RequiresComponent = "component:"

// HostComponents are the components that a host has registered, or those of them that one plugin may render. They never change and
// are safe for concurrent use; nil has none.
type HostComponents struct {
	byName map[string]*HostComponent
}

// ErrHostComponent is matched by the errors about components that cannot be registered in Go, and by every *HostComponentError.
var ErrHostComponent = errors.New("abi: host component")

// NewHostComponents registers components; it keeps a copy. The first that is not right is the error, which matches
// ErrHostComponent.
func NewHostComponents(list ...HostComponent) (*HostComponents, error) {
	out := &HostComponents{map[string]*HostComponent{}}
	for i := range list {
		c := list[i]
		c.Props, c.Calls, c.Slots = slices.Clone(c.Props), slices.Clone(c.Calls), slices.Clone(c.Slots)
		for k := range c.Props {
			c.Props[k].Values = slices.Clone(c.Props[k].Values)
		}
		err := c.valid()
		switch {
		case err != nil:
		case out.byName[c.Name] != nil:
			err = errors.New("registered twice")
		case len(out.byName) == maxHostComponents:
			err = fmt.Errorf("more than %d", maxHostComponents)
		}
		if err != nil {
			return nil, fmt.Errorf("%w[%+.80q]: %w", ErrHostComponent, c.Name, err)
		}
		out.byName[c.Name] = &c
	}
	return out, nil
}

// valid says what is wrong with a component, nil if nothing.
func (c *HostComponent) valid() error {
	if !isHostName(c.Name) {
		return errors.New(`its name is not of lower case letters, digits, "-" and "."`)
	}
	if len(c.Props) > maxHostProps || len(c.Calls) > maxHostProps || len(c.Slots) > maxHostProps {
		return fmt.Errorf("more than %d properties, calls or slots", maxHostProps)
	}
	for i := range c.Props {
		if err := c.Props[i].valid(); err != nil {
			return fmt.Errorf("property %+.40q %w", c.Props[i].Name, err)
		}
		if slices.ContainsFunc(c.Props[:i], func(o HostProperty) bool { return o.Name == c.Props[i].Name }) {
			return fmt.Errorf("property %q is there twice", c.Props[i].Name)
		}
	}
	for i, call := range c.Calls {
		if !isCallName(call.Name) || slices.ContainsFunc(c.Calls[:i], func(o HostCall) bool { return o.Name == call.Name }) {
			return fmt.Errorf(`call %+.40q is there twice, or not of lower case letters, digits and "-"`, call.Name)
		}
	}
	for i, slot := range c.Slots {
		if slot != "" && !isCallName(slot) || slices.Contains(c.Slots[:i], slot) {
			return fmt.Errorf(`slot %+.40q is there twice, or not of lower case letters, digits and "-"`, slot)
		}
	}
	return nil
}

func (p *HostProperty) valid() error {
	switch p.Kind {
	case KindText, KindBool, KindNumber, KindLink:
		if p.Values != nil {
			return errors.New("has values and is no enum")
		}
	case KindEnum:
		if len(p.Values) == 0 || len(p.Values) > maxHostProps {
			return fmt.Errorf("has not 1 to %d values", maxHostProps)
		}
		for i, v := range p.Values {
			if len(v) > maxAsset || slices.Contains(p.Values[:i], v) {
				return fmt.Errorf("has a value that is there twice or longer than %d bytes", maxAsset)
			}
		}
	default:
		return errors.New("is of a kind that a host component cannot have")
	}
	if !isIdentifier(p.Name) {
		return errors.New("is no plain name of letters, digits and underscores")
	}
	return nil
}

func isHostName(s string) bool { return len(s) <= 64 && regexp.MustCompile(idForm).MatchString(s) }

func isCallName(s string) bool {
	return len(s) <= 64 && regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`).MatchString(s)
}

// Names are the names of the components, sorted.
func (c *HostComponents) Names() []string {
	if c == nil {
		return nil
	}
	names := make([]string, 0, len(c.byName))
	for name := range c.byName {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Find is the component of a name, nil if there is none. It must not be changed.
func (c *HostComponents) Find(name string) *HostComponent {
	if c == nil {
		return nil
	}
	return c.byName[name]
}

// Only are those of the components that are named: what a host has of what a manifest asks for.
func (c *HostComponents) Only(names []string) *HostComponents {
	out := &HostComponents{map[string]*HostComponent{}}
	for _, name := range names {
		if found := c.Find(name); found != nil {
			out.byName[name] = found
		}
	}
	return out
}

// HostComponentError says why a host node cannot be shown as what it wants to be, or why a call of it is refused. It matches
// ErrHostComponent. What the plugin or the page chose is in it escaped and bounded.
type HostComponentError struct {
	Component string // its name
	Message   string
}

// Error is one line.
func (e *HostComponentError) Error() string {
	return fmt.Sprintf("%v[%+.80q]: %s", ErrHostComponent, e.Component, e.Message)
}

// Is matches ErrHostComponent.
func (e *HostComponentError) Is(target error) bool { return target == ErrHostComponent }

// The properties of a host node, and of a part of it, by their numbers in the catalog; a test holds them to it.
const (
	hostName  = 0
	hostProps = 2
	partSlot  = 0
)

// Degrade makes each host node of t that is none of the components, or not as they were registered, one without a name and without
// properties: a page then shows its fallback, or a link at last. report hears why; the path to a node is not told, its
// component is. It takes time in the nodes of t and in the properties of host nodes, and allocates for the latter alone.
func (c *HostComponents) Degrade(t *Tree, report func(*HostComponentError)) {
	for i := range t.Nodes {
		if t.Nodes[i].Component != ComponentHost {
			continue
		}
		err := c.checkNode(t, i)
		if err == nil {
			continue
		}
		report(err)
		t.SetValue(i, hostName, WireBytes, 0, nil) // nothing of no bytes is too long
		if _, there := t.Prop(i, hostProps); there {
			t.SetValue(i, hostProps, WireBytes, 0, nil)
		}
	}
}

// checkNode holds host node i of t against what was registered.
func (c *HostComponents) checkNode(t *Tree, i int) *HostComponentError {
	name := textOf(t, i, hostName)
	if name == "" && len(textBytes(t, i, hostProps)) == 0 {
		return nil // that is what it would become
	}
	found := c.Find(name)
	if found == nil {
		return &HostComponentError{name, "the host has not registered it, or the manifest does not ask for it"}
	}
	if err := found.checkProps(textBytes(t, i, hostProps)); err != nil {
		return &HostComponentError{name, err.Error()}
	}
	end := i + int(t.Nodes[i].Size)
	for k := i + 1; k < end; k += int(t.Nodes[k].Size) {
		if t.Nodes[k].Component != ComponentPart {
			continue
		}
		if slot := textOf(t, k, partSlot); !slices.Contains(found.Slots, slot) {
			return &HostComponentError{name, fmt.Sprintf("there is no slot %+.40q", slot)}
		}
	}
	return nil
}

func textBytes(t *Tree, i int, number uint8) []byte {
	p, ok := t.Prop(i, number)
	if !ok {
		return nil
	}
	return t.Bytes(p)
}

func textOf(t *Tree, i int, number uint8) string { return string(textBytes(t, i, number)) }

// checkProps holds the properties of a node, a JSON object or nothing, against those that were registered. JSON is read as
// strictly as a manifest, so that a page cannot read something else.
func (c *HostComponent) checkProps(text []byte) error {
	j := &jsonReader{buf: text, file: "props"}
	fields := make([]jsonField, len(c.Props))
	for i := range c.Props {
		p := &c.Props[i]
		fields[i] = jsonField{p.Name, p.Required, func() { p.read(j) }}
	}
	if len(text) == 0 {
		j.buf = []byte("{}")
	}
	j.begin(maxHostText)
	j.object("props", fields)
	j.finish()
	if j.err != nil {
		return j.err
	}
	return nil
}

// read reads a value of the property's kind.
func (p *HostProperty) read(j *jsonReader) {
	at := j.mark()
	switch p.Kind {
	case KindBool:
		j.bool()
	case KindNumber:
		switch j.next() {
		case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
			j.number()
		default:
			j.failAt(at, fmt.Sprintf("%s is no number", p.Name), "")
		}
	case KindLink:
		if s := j.string(); !ValidLink(s) {
			j.failAt(at, fmt.Sprintf("%s %+.80q is no address that a person may follow", p.Name, s), "")
		}
	case KindEnum:
		if s := j.string(); !slices.Contains(p.Values, s) {
			j.failAt(at, fmt.Sprintf("%s is %+.40q, none of its values", p.Name, s), "")
		}
	default:
		j.string()
	}
}

// CheckCall holds a call of host node i of t against what was registered: fields are the name of the call, and what comes with
// it as JSON. It returns nil or a *HostComponentError.
func (c *HostComponents) CheckCall(t *Tree, i int, fields []PayloadField) error {
	name := textOf(t, i, hostName)
	found := c.Find(name)
	if found == nil || len(fields) != 2 {
		return &HostComponentError{name, "it is not shown"}
	}
	k := slices.IndexFunc(found.Calls, func(call HostCall) bool { return call.Name == string(fields[0].Data) })
	if k < 0 {
		return &HostComponentError{name, fmt.Sprintf("there is no call %+.40q", fields[0].Data)}
	}
	if err := found.Calls[k].check(fields[1].Data); err != nil {
		return &HostComponentError{name, fmt.Sprintf("call %s: %s", found.Calls[k].Name, err)}
	}
	return nil
}

// check holds what comes with a call, as JSON, against its schema.
func (call *HostCall) check(detail []byte) error {
	j := &jsonReader{buf: detail, file: "detail"}
	j.begin(maxHostText)
	v := j.value(0)
	j.finish()
	if j.err != nil {
		return j.err
	}
	if call.Detail == nil {
		if v != nil {
			return errors.New("something comes with it where nothing should")
		}
		return nil
	}
	b, err := cbor.Marshal(v)
	if err != nil {
		return err
	}
	return call.Detail.Check(b)
}
