package abi

import (
	"fmt"
	"slices"
	"strings"
)

// MaxPermissions is how many permissions a manifest may declare in all.
const MaxPermissions = 256

// permissions reads the manifest's permissions.
//
//	{"api":    [{"method": "GET", "path": "/orders/{id}"}],
//	 "sse":    ["orders.changed"],
//	 "net":    [{"host": "api.example.com", "methods": ["GET"], "reason": "Forecasts come from there."}],
//	 "models": ["Attendee:viewAny"],
//	 "plain":  ["kv", "user:id"]}
func (p *manifestParser) permissions(m *Manifest) {
	p.json.object("permissions", []jsonField{
		{"api", false, func() { p.json.array(func() { p.declare(m, p.apiPermission) }) }},
		{"sse", false, func() { p.json.array(func() { p.declare(m, p.text(newSSE)) }) }},
		{"net", false, func() { p.json.array(func() { p.declare(m, p.netPermission) }) }},
		{"models", false, func() { p.json.array(func() { p.declare(m, p.text(newEvery)) }) }},
		{"plain", false, func() { p.json.array(func() { p.declare(m, p.text(newPlain)) }) }},
	})
}

// declare adds what read reads.
func (p *manifestParser) declare(m *Manifest, read func() Permission) {
	at := p.json.mark()
	perm := read()
	if p.json.err != nil {
		return
	}
	if len(m.Permissions) == MaxPermissions {
		p.json.failAt(at, fmt.Sprintf("more than %d permissions", MaxPermissions), "")
	}
	if slices.ContainsFunc(m.Permissions, perm.same) {
		p.json.failAt(at, fmt.Sprintf("permission %q is there twice", perm.String()), "remove one")
	}
	m.Permissions = append(m.Permissions, perm)
	p.permissionAt = append(p.permissionAt, at)
}

// same reports whether p and q are about the same thing, so that a list has one of them.
func (p *Permission) same(q Permission) bool {
	if p.Capability == CapHTTP && q.Capability == CapHTTP {
		return p.origin() == q.origin()
	}
	return p.Capability == q.Capability && p.Dependency == q.Dependency && p.String() == q.String()
}

// text reads a permission that is written as a string.
func (p *manifestParser) text(parse func(string) (Permission, error)) func() Permission {
	return func() Permission {
		at := p.json.mark()
		perm, err := parse(p.json.string())
		if err != nil {
			p.json.failAt(at, err.Error(), "")
		}
		return perm
	}
}

func newPlain(name string) (Permission, error) {
	known, ok := findPlain(name)
	if !ok {
		names := make([]string, len(plain))
		for i, p := range plain {
			names[i] = p.name
		}
		return Permission{}, fmt.Errorf("there is no plain permission %+.40q; known are %s", name, strings.Join(names, ", "))
	}
	return Permission{Capability: known.capability, Name: known.name}, nil
}

// newEvery reads a permission on data that needs no dependency.
func newEvery(text string) (Permission, error) {
	p, err := parseModel(text)
	if err == nil && p.NeedsInstance() {
		return p, fmt.Errorf("%q is about one instance: declare it in a dependency, which an install resolves", text)
	}
	return p, err
}

func (p *manifestParser) apiPermission() Permission {
	var method, path string
	at := p.json.mark()
	p.json.object("permission", []jsonField{
		{"method", true, func() { method = p.json.string() }},
		{"path", true, func() { path = p.json.string() }},
	})
	perm, err := newAPI(method, path)
	if err != nil {
		p.json.failAt(at, err.Error(), "")
	}
	return perm
}

func (p *manifestParser) netPermission() Permission {
	var perm Permission
	var host, reason string
	var verbs, secrets []string
	plain := false
	at := p.json.mark()
	p.json.object("permission", []jsonField{
		{"host", true, func() { host = p.json.string() }},
		{"methods", true, func() { p.json.array(func() { verbs = append(verbs, p.json.string()) }) }},
		{"reason", true, func() { reason = p.line("reason", 200) }},
		{"plain", false, func() { plain = p.json.bool() }},
		{"secrets", false, func() { p.json.array(func() { secrets = append(secrets, p.secretName(secrets)) }) }},
	})
	if p.json.err != nil {
		return perm
	}
	perm, err := newNet(host, plain)
	if err == nil {
		perm.Methods, err = parseMethods(verbs)
	}
	switch {
	case err != nil:
		p.json.failAt(at, err.Error(), "")
	case len(verbs) == 0:
		p.json.failAt(at, "permission names no method", `write them as in ["GET"]`)
	}
	slices.Sort(secrets)
	perm.Reason, perm.Secrets = reason, secrets
	return perm
}

func (p *manifestParser) secretName(before []string) string {
	at := p.json.mark()
	name := p.json.string()
	switch {
	case !isIdentifier(name):
		p.json.failAt(at, fmt.Sprintf("secret %+.40q is not the name of a setting", name), "")
	case slices.Contains(before, name):
		p.json.failAt(at, fmt.Sprintf("secret %q is there twice", name), "remove one")
	case len(before) == 16:
		p.json.failAt(at, "more than 16 secrets", "")
	}
	return name
}
