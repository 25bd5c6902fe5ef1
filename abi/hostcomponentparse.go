package abi

import (
	"errors"
	"fmt"
	"slices"
)

// HostComponentsName is the name that errors of ParseHostComponents call their text by.
const HostComponentsName = "components.json"

// ParseHostComponents reads what a host registers from JSON, strictly: an unknown or doubled key, trailing data, invalid UTF-8 or a
// value out of range is a *ManifestError with its place. At most MaxManifest bytes are read. An example:
//
//	{"components": [{
//	  "name": "acme.map",
//	  "doc": "A map with one pin.",
//	  "props": {"zoom": {"kind": "number", "required": true}, "mode": {"values": ["street", "satellite"]}, "more": {"kind": "link"}},
//	  "calls": {"pick": {"detail": {"type": "string", "maxLength": 80}}, "closed": {}},
//	  "slots": ["", "legend"]
//	}]}
//
// A property's kind is text, bool, number or link; one with values is an enum. The detail of a call is a schema as a manifest has
// them; without one nothing comes with it.
func ParseHostComponents(b []byte) (*HostComponents, error) {
	p := &componentParser{manifestParser{json: jsonReader{buf: b, file: HostComponentsName}}}
	j := &p.json
	j.begin(MaxManifest)
	var list []HostComponent
	var places []int
	j.object("what a host registers", []jsonField{
		{"$schema", false, func() { j.string() }},
		{"components", true, func() {
			j.array(func() {
				places = append(places, j.mark())
				list = append(list, p.component())
			})
		}},
	})
	j.finish()
	if j.err == nil {
		p.register(list, places)
	}
	if j.err != nil {
		return nil, j.err
	}
	return NewHostComponents(list...)
}

type componentParser struct{ manifestParser }

// register finds the first component that cannot be registered, and says where it stands.
func (p *componentParser) register(list []HostComponent, places []int) {
	for i := range list {
		err := list[i].valid()
		switch {
		case err != nil:
		case slices.ContainsFunc(list[:i], func(o HostComponent) bool { return o.Name == list[i].Name }):
			err = errors.New("it is there twice")
		case i == maxHostComponents:
			err = fmt.Errorf("more than %d components", maxHostComponents)
		}
		if err != nil {
			p.json.failAt(places[i], fmt.Sprintf("component %+.80q: %v", list[i].Name, err), "")
			return
		}
	}
}

func (p *componentParser) component() (c HostComponent) {
	j := &p.json
	j.object("component", []jsonField{
		{"name", true, func() { c.Name = p.formed("name", 64, idForm, `lower case letters, digits, "-" and "."`) }},
		{"doc", false, func() { c.Doc = p.line("doc", 300) }},
		{"props", false, func() {
			j.entries("props", maxHostProps, func(name string, at int) { c.Props = append(c.Props, p.property(name, at)) })
		}},
		{"calls", false, func() { c.Calls = p.calls() }},
		{"slots", false, func() {
			j.array(func() {
				at := j.mark()
				slot := j.string()
				if slot != "" && !isCallName(slot) || slices.Contains(c.Slots, slot) || len(c.Slots) == maxHostProps {
					j.failAt(at, fmt.Sprintf(`slot %+.40q is there twice, or not of lower case letters, digits and "-"`, slot), "")
				}
				c.Slots = append(c.Slots, slot)
			})
		}},
	})
	return c
}

// hostKinds are the kinds of properties by their names; an enum has values in place of one.
var hostKinds = []struct {
	name string
	kind Kind
}{{"text", KindText}, {"bool", KindBool}, {"number", KindNumber}, {"link", KindLink}}

func (p *componentParser) property(name string, at int) HostProperty {
	j := &p.json
	out := HostProperty{Name: name}
	said := false
	j.object("property", []jsonField{
		{"doc", false, func() { out.Doc = p.line("doc", 300) }},
		{"required", false, func() { out.Required = j.bool() }},
		{"kind", false, func() {
			at := j.mark()
			kind := j.string()
			for _, k := range hostKinds {
				if k.name == kind {
					out.Kind, said = k.kind, true
				}
			}
			if !said {
				j.failAt(at, fmt.Sprintf("there is no kind %+.40q", kind), "known are text, bool, number, link; an enum has values in place of a kind")
			}
		}},
		{"values", false, func() {
			j.array(func() { out.Values = append(out.Values, j.string()) })
		}},
	})
	switch {
	case said == (out.Values != nil):
		j.failAt(at, fmt.Sprintf("property %q has no kind, or values as well", name), "write one of kind and values")
	case !said:
		out.Kind = KindEnum
	}
	return out
}

// calls reads the calls of a component: names of events, which may have a '-' in them.
func (p *componentParser) calls() (out []HostCall) {
	j := &p.json
	j.list('{', '}', "an object", func() {
		at := j.mark()
		call := HostCall{Name: j.string()}
		if !isCallName(call.Name) || len(out) == maxHostProps || slices.ContainsFunc(out, func(o HostCall) bool { return o.Name == call.Name }) {
			j.failAt(at, fmt.Sprintf(`call %+.40q is there twice, or not of lower case letters, digits and "-"`, call.Name), "")
		}
		j.expect(':', "a colon")
		j.object("call", []jsonField{
			{"doc", false, func() { call.Doc = p.line("doc", 300) }},
			{"detail", false, func() { call.Detail = p.schema("detail", false) }},
		})
		out = append(out, call)
	})
	return out
}
