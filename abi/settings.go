package abi

import (
	"fmt"
	"maps"
	"slices"

	"github.com/vitrine-run/vitrine/abi/cbor"
)

// Fill is what a plugin reads of its settings: values, a CBOR map or nil for an empty one, with the defaults of
// what is not in it. Errors are *SchemaError: of what the schema does not allow, of what must be there and is not,
// and of a secret, which no plugin reads. That a secret is missing is no error. Of a nil Schema there are no settings.
func (s *Schema) Fill(values []byte) ([]byte, error) {
	given := map[string]any{}
	if values != nil {
		v, err := cbor.Unmarshal(values)
		m, ok := v.(map[string]any)
		if err != nil || !ok {
			return nil, &SchemaError{Message: "not a CBOR map"}
		}
		given = m
	}
	if s == nil {
		for _, name := range slices.Sorted(maps.Keys(given)) {
			return nil, &SchemaError{Path: bounded(name), Message: "the manifest declares no settings"}
		}
		return cbor.Marshal(given)
	}
	for _, p := range s.root.properties {
		switch _, there := given[p.name]; {
		case there && p.node.secret:
			return nil, &SchemaError{Path: bounded(p.name), Message: "a secret is not for the plugin to read"}
		case !there && !p.node.secret && p.node.fallback != nil:
			v, err := cbor.Unmarshal(p.node.fallback)
			if err != nil { // the parser has written it
				return nil, &SchemaError{Path: bounded(p.name), Message: "its default cannot be read"}
			}
			given[p.name] = v
		}
	}
	out, err := cbor.Marshal(given)
	if err != nil {
		return nil, &SchemaError{Message: bounded(err.Error())}
	}
	return out, s.plain().Check(out)
}

// plain is the schema without what is secret.
func (s *Schema) plain() *Schema {
	root := *s.root
	root.properties, root.required = nil, 0
	for _, p := range s.root.properties {
		if p.node.secret {
			continue
		}
		if root.properties = append(root.properties, p); p.required {
			root.required++
		}
	}
	return &Schema{root: &root}
}

// Split parts what an admin has set into what a plugin reads and the secrets that it only uses. What the schema does
// not name is plain, unless the schema is closed: then it is left, as what an earlier version of the manifest named.
// A secret that is "" is not set, one that is no text is an error.
func (s *Schema) Split(values map[string]any) (plain map[string]any, secrets map[string]string, err error) {
	plain, secrets = map[string]any{}, map[string]string{}
	for name, v := range values {
		switch {
		case s == nil || s.root.closed && s.root.property([]byte(name)) == nil:
		case s.Secret(name):
			text, ok := v.(string)
			if !ok {
				return nil, nil, &SchemaError{Path: bounded(name), Message: "a secret is a text"}
			}
			if text != "" {
				secrets[name] = text
			}
		default:
			plain[name] = v
		}
	}
	return plain, secrets, nil
}

// secretsIn says what is wrong with the secrets of settings: "", or what and where.
func (n *schemaNode) secretsIn() (what, hint string) {
	for _, p := range n.properties {
		s := p.node
		switch {
		case s.secret && !slices.Equal(s.types, []string{"string"}):
			return fmt.Sprintf("secret %+.40q is no text", p.name), `write "type": "string"`
		case s.secret && (s.fallback != nil || s.values != nil):
			return fmt.Sprintf("secret %+.40q has a value that everybody reads here", p.name), "remove its default, enum or const"
		case !s.secret && s.hides():
			return fmt.Sprintf("a secret lies within setting %+.40q", p.name), "a secret is a setting of its own"
		}
	}
	if n.additional != nil && (n.additional.secret || n.additional.hides()) {
		return "a secret has no name", `name it among the properties`
	}
	return "", ""
}

// hides reports whether something within n is marked as a secret.
func (n *schemaNode) hides() bool {
	for _, p := range n.properties {
		if p.node.secret || p.node.hides() {
			return true
		}
	}
	return slices.ContainsFunc([]*schemaNode{n.items, n.additional}, func(in *schemaNode) bool {
		return in != nil && (in.secret || in.hides())
	})
}
