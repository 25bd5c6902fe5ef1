package abi

import (
	"fmt"
	"math"
	"regexp"
	"slices"

	"github.com/vitrine-run/vitrine/abi/cbor"
)

// Bounds of a schema.
const (
	maxSchemaDepth = 12
	maxSchemaNodes = 1000
	maxProperties  = 200
	maxValues      = 256 // of an enum
	maxPatternRE   = 200 // bytes
)

// schemaDraft is the only thing that "$schema" may say.
const schemaDraft = "https://json-schema.org/draft/2020-12/schema"

// ParseSchema reads a schema strictly. Errors are *ManifestErrors, whose places count from the
// beginning of b.
func ParseSchema(b []byte) (*Schema, error) {
	p := &manifestParser{json: jsonReader{buf: b}}
	p.json.begin(MaxManifest)
	s := p.schema("schema", false)
	p.json.finish()
	if p.json.err != nil {
		return nil, p.json.err
	}
	return s, nil
}

// schema reads a schema; object says that it must be one of an object.
func (p *manifestParser) schema(what string, object bool) *Schema {
	at := p.json.mark()
	sp := &schemaParser{json: &p.json}
	s := &Schema{root: sp.node(0)}
	if p.json.err == nil {
		s.json = p.json.buf[at:p.json.pos:p.json.pos]
	}
	if object && p.json.err == nil && !slices.Equal(s.root.types, []string{"object"}) {
		p.json.failAt(at, what+" is not the schema of an object", `write "type": "object"`)
	}
	return s
}

type schemaParser struct {
	json  *jsonReader
	nodes int
}

func (p *schemaParser) node(depth int) *schemaNode {
	at := p.json.mark()
	n := &schemaNode{maxLength: math.MaxInt64, max: math.MaxInt64}
	if p.nodes++; p.nodes > maxSchemaNodes || depth == maxSchemaDepth {
		p.json.failAt(at, fmt.Sprintf("a schema of more than %d parts, or nested deeper than %d", maxSchemaNodes, maxSchemaDepth), "")
		return n
	}
	given := map[string]int{} // keyword to place
	var fields []jsonField
	add := func(name string, read func()) {
		fields = append(fields, jsonField{name, false, func() { given[name] = p.json.mark(); read() }})
	}
	var required []string
	p.general(n, add)
	p.scalars(n, add)
	p.containers(n, depth, &required, add)
	p.json.object("schema", fields)
	if p.json.err == nil {
		p.whole(n, at, given, required)
	}
	return n
}

func (p *schemaParser) general(n *schemaNode, add func(string, func())) {
	text := &manifestParser{}
	line := func(what string) func() {
		return func() {
			text.json = *p.json
			text.line(what, 300)
			*p.json = text.json
		}
	}
	add("$schema", func() {
		if at := p.json.mark(); p.json.string() != schemaDraft {
			p.json.failAt(at, "not the dialect that is read here", fmt.Sprintf("write %q", schemaDraft))
		}
	})
	add("type", func() { p.types(n) })
	add("title", line("title"))
	add("description", line("description"))
	add("default", func() { n.fallback = p.encoded() })
	add("writeOnly", func() { n.secret = p.json.bool() })
	add("enum", func() {
		n.values = [][]byte{}
		p.json.array(func() { n.values = append(n.values, p.scalarValue(n.values)) })
	})
	add("const", func() { n.values = [][]byte{p.scalarValue(nil)} })
}

var schemaTypes = []string{"null", "boolean", "integer", "number", "string", "array", "object"}

func (p *schemaParser) types(n *schemaNode) {
	one := func() {
		at := p.json.mark()
		t := p.json.string()
		if !slices.Contains(schemaTypes, t) || slices.Contains(n.types, t) {
			p.json.failAt(at, fmt.Sprintf("type %+.20q is not known, or is there twice", t), "")
		}
		n.types = append(n.types, t)
	}
	if p.json.next() == '[' {
		p.json.array(one)
		return
	}
	one()
}

// encoded reads any value as CBOR.
func (p *schemaParser) encoded() []byte {
	b, err := cbor.Marshal(p.json.value(0))
	if err != nil { // nothing that the reader answers
		p.json.failAt(p.json.pos, "a value that cannot be kept", "")
	}
	return b
}

func (p *schemaParser) scalarValue(before [][]byte) []byte {
	at := p.json.mark()
	if c := p.json.next(); c == '[' || c == '{' {
		p.json.failAt(at, "neither a text nor a number, true, false or null", "")
		return nil
	}
	b := p.encoded()
	switch {
	case slices.ContainsFunc(before, func(v []byte) bool { return string(v) == string(b) }):
		p.json.failAt(at, "a value that is there twice", "remove one")
	case len(before) == maxValues:
		p.json.failAt(at, fmt.Sprintf("more than %d values", maxValues), "")
	}
	return b
}

func (p *schemaParser) scalars(n *schemaNode, add func(string, func())) {
	add("minLength", func() { n.minLength = p.json.size("minLength", 1<<30) })
	add("maxLength", func() { n.maxLength = p.json.size("maxLength", 1<<30) })
	add("pattern", func() {
		at := p.json.mark()
		text := p.json.string()
		re, err := regexp.Compile(text)
		if err != nil || len(text) > maxPatternRE {
			p.json.failAt(at, fmt.Sprintf("pattern is not an expression of RE2 of at most %d bytes", maxPatternRE), "")
		}
		n.pattern = re
	})
	add("format", func() {
		at := p.json.mark()
		n.format = p.json.string()
		if n.binary = n.format == "binary"; n.binary {
			n.format = ""
		} else if !slices.Contains(schemaFormats, n.format) {
			p.json.failAt(at, fmt.Sprintf("format %+.20q is not known", n.format), "known are binary, date, date-time, email, uri")
		}
	})
	bound := func(to **float64, excluded *bool) func() {
		return func() {
			at := p.json.mark()
			f := toFloat(p.json.number())
			if *to != nil {
				p.json.failAt(at, "a bound is there twice", "remove one")
			}
			*to = &f
			if excluded != nil {
				*excluded = true
			}
		}
	}
	add("minimum", bound(&n.low, nil))
	add("maximum", bound(&n.high, nil))
	add("exclusiveMinimum", bound(&n.low, &n.overLow))
	add("exclusiveMaximum", bound(&n.high, &n.underTop))
}

func toFloat(v any) float64 {
	if n, ok := v.(int64); ok {
		return float64(n)
	}
	f, _ := v.(float64)
	return f
}

func (p *schemaParser) containers(n *schemaNode, depth int, required *[]string, add func(string, func())) {
	add("items", func() { n.items = p.node(depth + 1) })
	add("minItems", func() { n.min = p.json.size("minItems", 1<<30) })
	add("maxItems", func() { n.max = p.json.size("maxItems", 1<<30) })
	add("properties", func() {
		p.json.entries("properties", maxProperties, func(key string, _ int) {
			n.properties = append(n.properties, schemaProperty{name: key, node: p.node(depth + 1)})
		})
	})
	add("required", func() {
		p.json.array(func() {
			at := p.json.mark()
			name := p.json.string()
			if slices.Contains(*required, name) || len(*required) == maxProperties {
				p.json.failAt(at, fmt.Sprintf("%+.40q is required twice", name), "remove one")
			}
			*required = append(*required, name)
		})
	})
	add("additionalProperties", func() {
		if c := p.json.next(); c == 't' || c == 'f' {
			n.closed = !p.json.bool()
			return
		}
		n.additional = p.node(depth + 1)
	})
}

// ofType says which keywords only go with which types.
var ofType = []struct {
	types, keywords []string
}{
	{[]string{"string"}, []string{"minLength", "maxLength", "pattern"}},
	{[]string{"integer", "number"}, []string{"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}},
	{[]string{"array"}, []string{"items", "minItems", "maxItems"}},
	{[]string{"object"}, []string{"properties", "required", "additionalProperties"}},
}

// whole checks what concerns several keywords.
func (p *schemaParser) whole(n *schemaNode, at int, given map[string]int, required []string) {
	_, typed := given["type"]
	switch {
	case n.binary && (typed || n.values != nil || n.fallback != nil):
		p.json.failAt(given["format"], "bytes have no type, values or default of JSON", `write {"format": "binary"} alone`)
	case !n.binary && n.values == nil && len(n.types) == 0:
		p.json.failAt(at, "a schema says no type", `write "type", "enum", "const" or {"format": "binary"}`)
	case n.values != nil && len(n.values) == 0:
		p.json.failAt(given["enum"], "no value at all is allowed", "")
	case n.format != "" && !slices.Contains(n.types, "string"):
		p.json.failAt(given["format"], "a format goes with a string", "")
	}
	if _, ok := given["items"]; slices.Contains(n.types, "array") && !ok {
		p.json.failAt(at, "an array without items", `say what it holds: "items"`)
	}
	if _, ok := given["additionalProperties"]; slices.Contains(n.types, "object") && !ok {
		p.json.failAt(at, "an object that does not say whether other keys may be there", `write "additionalProperties": false`)
	}
	for _, group := range ofType {
		if slices.ContainsFunc(group.types, func(t string) bool { return slices.Contains(n.types, t) }) {
			continue
		}
		for _, keyword := range group.keywords {
			if place, ok := given[keyword]; ok {
				p.json.failAt(place, fmt.Sprintf("%s goes with type %s", keyword, group.types[0]), "")
			}
		}
	}
	p.require(n, at, given, required)
	if n.fallback != nil && p.json.err == nil {
		if err := (&Schema{root: n}).Check(n.fallback); err != nil {
			p.json.failAt(given["default"], "the default is not right: "+err.Error(), "")
		}
	}
}

func (p *schemaParser) require(n *schemaNode, at int, given map[string]int, required []string) {
	for _, name := range required {
		i := slices.IndexFunc(n.properties, func(sp schemaProperty) bool { return sp.name == name })
		if i < 0 {
			p.json.failAt(given["required"], fmt.Sprintf("%+.40q is required and not among the properties", name), "")
			return
		}
		n.properties[i].required = true
	}
	n.required = len(required)
	if n.minLength > n.maxLength || n.min > n.max || n.low != nil && n.high != nil && *n.low > *n.high {
		p.json.failAt(at, "a bound that nothing can keep: the least is more than the most", "")
	}
}
