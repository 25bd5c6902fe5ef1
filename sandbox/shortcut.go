package sandbox

import (
	"slices"

	"github.com/vitrine-run/vitrine/abi"
)

// shortcut is a permission of the manifest that every layer gives in whole, but for what some of them deny of it. Most
// calls are allowed by one: then nobody else need be asked. It only ever says yes; who says no, the layers know.
type shortcut struct {
	allow abi.Permission
	deny  []abi.Permission
}

// shortcuts are those of a ruling, by number of the capability.
func (r *ruling) shortcuts(bound []abi.Permission) [][]shortcut {
	out := make([][]shortcut, len(capabilityOrder))
	for _, p := range bound {
		n := numberOf(p.Capability)
		if n < 0 {
			continue
		}
		s := shortcut{allow: p}
		if given := !slices.ContainsFunc(r.layers[:], func(l *layer) bool { return !l.gives(n, &p, &s.deny) }); given {
			out[n] = append(out[n], s)
		}
	}
	return out
}

// gives reports whether a layer allows all that p does, and adds what it denies of that.
func (l *layer) gives(n int, p *abi.Permission, denied *[]abi.Permission) bool {
	switch {
	case l == nil:
		return true
	case !l.capability(n):
		return false
	}
	for _, d := range l.deny[n] {
		if mayMeet(&d, p) && !slices.ContainsFunc(*denied, func(o abi.Permission) bool { return o.Covers(&d) }) {
			*denied = append(*denied, d)
		}
	}
	return l.whole&(1<<n) != 0 || slices.ContainsFunc(l.allow[n], func(a abi.Permission) bool { return a.Covers(p) })
}

// mayMeet is false if nothing can be allowed by both permissions of one capability.
func mayMeet(a, b *abi.Permission) bool {
	switch a.Capability {
	case abi.CapAPI:
		return a.Method == b.Method
	case abi.CapHTTP:
		return a.Host == b.Host
	case abi.CapSSE:
		return a.Channel == b.Channel
	case abi.CapData:
		return a.Model == b.Model && a.Ability == b.Ability
	}
	return a.Name == b.Name
}

// takes reports whether the shortcut allows what is needed; a path is plain.
func (s *shortcut) takes(n *abi.Need) bool { return s.allow.AllowsPlain(n) && !allows(s.deny, n) }
