package abi

import (
	"bytes"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/vitrine-run/vitrine/abi/cbor"
)

// Schema says which values are right: the part of JSON Schema (2020-12) that a manifest may use. It is
// safe for concurrent use and needs no closing.
//
// Each schema has a "type" (a name or a list of names of null, boolean, integer, number, string, array,
// object), an "enum" or a "const" of scalars, or is {"format": "binary"}, which is a byte string. With
// them go
//
//	string   minLength, maxLength, pattern (RE2), format (date, date-time, email, uri)
//	number   minimum, maximum, exclusiveMinimum, exclusiveMaximum; integer as well
//	array    items, which must be there; minItems, maxItems
//	object   properties, required, and additionalProperties, which must be there
//	any      title, description, default, writeOnly (in settings: a secret)
//
// There are no references, so that a schema ends, and nothing that combines schemas, so that checking
// takes a time that follows from the value.
type Schema struct {
	json []byte
	root *schemaNode
}

// JSON is the schema as the manifest has it. It must not be changed.
func (s *Schema) JSON() []byte { return s.json }

// Secret reports whether name is a property that is marked writeOnly: one that a plugin may use and
// never read.
func (s *Schema) Secret(name string) bool {
	if s == nil {
		return false
	}
	p := s.root.property([]byte(name))
	return p != nil && p.node.secret
}

type schemaNode struct {
	types    []string // none: any
	binary   bool
	values   [][]byte // an enum or a const, as CBOR
	secret   bool
	fallback []byte // default, as CBOR

	minLength, maxLength int64
	pattern              *regexp.Regexp
	format               string

	low, high         *float64
	overLow, underTop bool // low and high themselves are excluded

	items    *schemaNode
	min, max int64 // items

	properties []schemaProperty // sorted as CBOR sorts keys
	required   int
	additional *schemaNode // of what is not among the properties
	closed     bool        // nothing else may be there
}

type schemaProperty struct {
	name     string
	node     *schemaNode
	required bool
}

func (n *schemaNode) property(name []byte) *schemaProperty {
	for i := range n.properties {
		if n.properties[i].name == string(name) {
			return &n.properties[i]
		}
	}
	return nil
}

// SchemaError says where a value is not what a schema asks for. Path is a JSON path such as
// "orders[3].price", "" for the value itself; what the other side chose is in it escaped and bounded.
type SchemaError struct {
	Path    string
	Message string
}

// Error is one line.
func (e *SchemaError) Error() string {
	if e.Path == "" {
		return e.Message
	}
	return e.Path + ": " + e.Message
}

// Check holds a value, exactly one item of CBOR, against the schema: nil or a *SchemaError. It builds
// nothing of the value. Numbers must be exact for every reader: NaN, the infinities, minus zero and
// integers beyond MaxInteger are errors whatever the schema says, and so is what is no CBOR or nested
// deeper than cbor.MaxDepth.
func (s *Schema) Check(value []byte) error {
	r := cbor.NewReader(value)
	c := schemaChecker{r: r, value: value}
	// What is no value is found first, so that nothing below meets half of one.
	if err := cbor.Valid(value); err != nil {
		return &SchemaError{Message: bounded(err.Error())}
	}
	c.check(s.root)
	if c.err == nil {
		return nil
	}
	return c.err
}

type schemaChecker struct {
	r     *cbor.Reader
	value []byte
	path  []byte
	err   *SchemaError
}

func (c *schemaChecker) fail(format string, args ...any) {
	if c.err == nil {
		path := strings.TrimPrefix(string(c.path), ".")
		if len(path) > 120 {
			path = "..." + path[len(path)-117:]
		}
		c.err = &SchemaError{Path: bounded(path), Message: bounded(fmt.Sprintf(format, args...))}
	}
}

func bounded(s string) string {
	q := fmt.Sprintf("%+.200q", s)
	if plain := `"` + s + `"`; q == plain || !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' }) && len(s) <= 200 {
		return s
	}
	return q
}

// check reads one item and holds it against n; nil allows every value that is exact.
func (c *schemaChecker) check(n *schemaNode) {
	if c.err != nil {
		return
	}
	start := c.r.Offset()
	kind := c.r.Kind()
	if n != nil && !n.takes(kind) {
		c.fail("%s where %s should be", kindName(kind), n.wants())
		return
	}
	switch kind {
	case cbor.KindArray:
		c.array(n)
	case cbor.KindMap:
		c.object(n)
	case cbor.KindText:
		c.text(n)
	case cbor.KindUint, cbor.KindNegInt, cbor.KindFloat:
		c.number(n, kind)
	default:
		c.r.Skip()
	}
	if n != nil && n.values != nil && c.err == nil && !slices.ContainsFunc(n.values, func(v []byte) bool {
		return bytes.Equal(v, c.value[start:c.r.Offset()])
	}) {
		c.fail("not one of the values that it may have")
	}
}

func (n *schemaNode) takes(kind cbor.Kind) bool {
	if n.binary || kind == cbor.KindBytes {
		return n.binary && kind == cbor.KindBytes
	}
	if len(n.types) == 0 {
		return true
	}
	switch kind {
	case cbor.KindUint, cbor.KindNegInt:
		return slices.Contains(n.types, "integer") || slices.Contains(n.types, "number")
	case cbor.KindFloat:
		return slices.Contains(n.types, "number")
	}
	return slices.Contains(n.types, kindName(kind))
}

func (n *schemaNode) wants() string {
	switch {
	case n.binary:
		return "bytes"
	case len(n.types) == 0:
		return "one of its values"
	}
	return strings.Join(n.types, " or ")
}

// kindName is the type of JSON Schema that a kind is of.
func kindName(k cbor.Kind) string {
	switch k {
	case cbor.KindUint, cbor.KindNegInt:
		return "integer"
	case cbor.KindFloat:
		return "number"
	case cbor.KindBytes:
		return "bytes"
	case cbor.KindText:
		return "string"
	case cbor.KindArray:
		return "array"
	case cbor.KindMap:
		return "object"
	case cbor.KindBool:
		return "boolean"
	}
	return "null"
}

func (c *schemaChecker) array(n *schemaNode) {
	count := c.r.Array()
	var items *schemaNode
	if n != nil {
		if items = n.items; int64(count) < n.min || int64(count) > n.max {
			c.fail("%d items, not %s", count, span(n.min, n.max))
		}
	}
	at := len(c.path)
	for i := range count {
		if c.err != nil {
			return
		}
		c.path = append(strconv.AppendInt(append(c.path[:at], '['), int64(i), 10), ']')
		c.check(items)
	}
	c.path = c.path[:at]
}

func (c *schemaChecker) object(n *schemaNode) {
	at := len(c.path)
	found := 0
	for range c.r.Map() {
		if c.err != nil {
			return
		}
		key := c.r.Text()
		c.path = append(append(c.path[:at], '.'), key[:min(len(key), 40)]...)
		next, known := c.member(n, key)
		if known {
			found++
		}
		c.check(next)
	}
	c.path = c.path[:at]
	if n != nil && c.err == nil && found < n.required {
		c.fail("lacks one of %s", strings.Join(n.requiredNames(), ", "))
	}
}

// member is the schema of a key, and whether that is one of those that must be there.
func (c *schemaChecker) member(n *schemaNode, key []byte) (next *schemaNode, required bool) {
	if n == nil {
		return nil, false
	}
	if p := n.property(key); p != nil {
		return p.node, p.required
	}
	if n.closed {
		c.fail("there is no such key")
	}
	return n.additional, false
}

func (n *schemaNode) requiredNames() (names []string) {
	for _, p := range n.properties {
		if p.required {
			names = append(names, p.name)
		}
	}
	return names
}

func span(low, high int64) string {
	if high == math.MaxInt64 {
		return fmt.Sprintf("at least %d", low)
	}
	return fmt.Sprintf("%d to %d", low, high)
}

// Names are the properties of an object's schema, nil for no schema.
func (s *Schema) Names() (names []string) {
	if s == nil {
		return nil
	}
	for _, p := range s.root.properties {
		names = append(names, p.name)
	}
	return names
}

// Required are those of Names that must be there.
func (s *Schema) Required() []string {
	if s == nil {
		return nil
	}
	return s.root.requiredNames()
}
