package abi

import (
	"fmt"
	"slices"
	"strings"
)

// whole checks what concerns several keys of a manifest.
func (p *manifestParser) whole(m *Manifest) {
	if p.json.err != nil {
		return
	}
	p.rights(m)
	p.secrets(m)
	p.requirements(m)
	for _, icon := range m.Icons {
		if !slices.Contains(m.Assets, icon.File) {
			p.json.failAt(p.places["icons"], fmt.Sprintf("icon %q is not among the assets", icon.File), `add it to "assets"`)
		}
	}
	for _, c := range m.Callbacks {
		if m.Props != nil && m.Props.root.property([]byte(c.Name)) != nil {
			p.json.failAt(p.places["callbacks"], fmt.Sprintf("%q is both a prop and a callback", c.Name), "rename one")
		}
	}
	for _, key := range []string{"props", "callbacks"} {
		if at, ok := p.places[key]; ok && !m.Declares(CapProps) {
			p.json.failAt(at, "there are props and no capability to read them", `add "props" to its capabilities`)
		}
	}
	if len(m.Components) > 0 && !m.Declares(CapUI) {
		p.json.failAt(p.places["components"], "there are components and no capability to show something", `add "ui" to its capabilities`)
	}
	if len(m.Contributions) > 0 && !m.Declares(CapUI) {
		p.json.failAt(p.places["contributions"], "there are contributions and no capability to show something", `add "ui" to its capabilities`)
	}
}

// secrets refuses settings whose secrets could not be kept.
func (p *manifestParser) secrets(m *Manifest) {
	if m.Settings == nil {
		return
	}
	if what, hint := m.Settings.root.secretsIn(); what != "" {
		p.json.failAt(p.places["settings"], what, hint)
	}
	if len(m.Settings.plain().root.properties) > 0 && !m.Declares(CapProps) {
		p.json.failAt(p.places["settings"], "there are settings and no capability to read them", `add "props" to its capabilities`)
	}
}

// rights holds permissions and capabilities against each other.
func (p *manifestParser) rights(m *Manifest) {
	scoped := map[Capability]bool{}
	for i := range m.Permissions {
		perm, at := &m.Permissions[i], p.permissionAt[i]
		scoped[perm.Capability] = true
		if !m.Declares(perm.Capability) {
			p.json.failAt(at, fmt.Sprintf("permission %q is of a capability that is not declared", perm.String()),
				fmt.Sprintf("add %q to its capabilities", string(perm.Capability)))
		}
		for _, name := range perm.Secrets {
			if !m.Settings.Secret(name) {
				p.json.failAt(at, fmt.Sprintf("secret %q is no setting that is marked writeOnly", name), `add it to the settings, with "writeOnly": true`)
			}
		}
	}
	for i, c := range m.Capabilities {
		if c.NeedsPermission() && !scoped[c] {
			p.json.failAt(p.capabilityAt[i], fmt.Sprintf("capability %q without a permission reaches nothing", string(c)), "add to its permissions "+permissionHint(c))
		}
	}
}

// permissionHint says how a permission of c is written.
func permissionHint(c Capability) string {
	switch c {
	case CapAPI:
		return `"api": [{"method": "GET", "path": "/orders"}]`
	case CapSSE:
		return `"sse": ["orders.changed"], or events to a dependency`
	case CapHTTP:
		return `"net": [{"host": "api.example.com", "methods": ["GET"], "reason": "..."}]`
	case CapData:
		return `"models": ["Order:viewAny"], or a dependency`
	}
	var names []string
	for _, known := range plain {
		if known.capability == c {
			names = append(names, fmt.Sprintf("%q", known.name))
		}
	}
	return `"plain": [` + strings.Join(names, ", ") + `]`
}

// requirements holds what is required against what is asked for, and a fallback against that.
func (p *manifestParser) requirements(m *Manifest) {
	at := p.places["requires"]
	for _, name := range m.Requires {
		slot, isSlot := strings.CutPrefix(name, "slot:")
		component, isComponent := strings.CutPrefix(name, RequiresComponent)
		switch {
		case isComponent && slices.Contains(m.Components, component):
		case isSlot && slices.ContainsFunc(m.Contributions, func(c Contribution) bool { return c.Slot == slot }):
		case !isSlot && m.Declares(Capability(name)):
		default:
			p.json.failAt(at, fmt.Sprintf("%+.40q is required and neither among the capabilities, nor the slot of a contribution, nor among the components", name),
				`write a capability, a slot as in "slot:toolbar" or a component as in "component:acme.map"`)
		}
	}
	switch {
	case len(m.Requires) > 0 && m.Fallback == nil:
		p.json.failAt(at, "something is required and there is no fallback", `add "fallback": {"text": "..."}`)
	case m.Fallback != nil && len(m.Requires) == 0:
		p.json.failAt(p.places["fallback"], "there is a fallback and nothing is required", `say what for: "requires"`)
	}
}
