package host

import (
	"slices"
	"strings"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/bridge"
	"github.com/vitrine-run/vitrine/sandbox"
)

// components are those of the place that a version asks for.
func (p *place) components(of *sandbox.Plugin) *abi.HostComponents {
	return p.given.Components.Only(of.Manifest().Components)
}

// missing is the first thing that a version cannot do without and does not have here, "" if there is none. Slots are not looked at:
// which one a place is the page knows.
func (p *place) missing(m *abi.Manifest) string {
	for _, name := range m.Requires {
		component, isComponent := strings.CutPrefix(name, abi.RequiresComponent)
		switch {
		case isComponent:
			if p.given.Components.Find(component) == nil {
				return name
			}
		case strings.Contains(name, ":"): // a slot
		case !slices.Contains(p.given.Grants, abi.Capability(name)) &&
			!slices.ContainsFunc(p.given.Permissions, func(perm abi.Permission) bool { return perm.Capability == abi.Capability(name) }):
			return name
		}
	}
	return ""
}

// stand shows the fallback of a plugin that lacks what it cannot do without. Nothing of it runs.
func (m *mounted) stand(missing string) error {
	manifest := m.plugin.Load().Manifest()
	m.host.logger.Info("host: a plugin's fallback is shown", "place", m.place.name, "plugin", manifest.ID, "missing", missing)
	var tree abi.Tree
	if err := tree.Decode(fallbackOps(manifest.Fallback), nil); err != nil {
		m.host.leave(m)
		return err
	}
	m.mount = bridge.NewMount(m, m.mountOptions(manifest.ID))
	m.mount.Tree(&tree)
	m.mount.Idle()
	return nil
}

// fallbackOps is a fallback as a tree: its text, and a link if it has one.
func fallbackOps(f *abi.Fallback) []byte {
	var w abi.TreeWriter
	w.Open(abi.ComponentBox)
	w.Open(abi.ComponentText)
	w.Text(0, f.Text)
	w.Close()
	if f.Href != "" {
		w.Open(abi.ComponentLink)
		w.Text(0, f.Href)
		w.Text(1, f.Href)
		w.Close()
	}
	w.Close()
	return w.Bytes()
}
