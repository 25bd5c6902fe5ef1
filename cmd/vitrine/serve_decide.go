package main

import (
	"errors"
	"maps"
	"slices"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/host"
	"github.com/vitrine-run/vitrine/sandbox"
)

// errNoRight says that a plugin asks for no such right, so that there is nothing to decide.
var errNoRight = errors.New("the plugin asks for no such right")

// decide gives or takes back a right of a plugin, wherever it is shown. It holds at once, goes before what the command line and the file
// grant, and lasts until the server ends. Rules go on taking away: only a grant is decided.
func (b *ruleBook) decide(h *host.Host, plugin, right string, given bool) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	var m *abi.Manifest
	for place := range b.given {
		if of := b.shelf.plugin(place).Manifest(); of.ID == plugin {
			m = of
		}
	}
	if m == nil || !slices.ContainsFunc(sandbox.Consent(m), func(c sandbox.Change) bool { return c.Right == right }) || !decidable(right) {
		return errNoRight
	}
	before := b.decided[plugin]
	b.decided[plugin] = decisions(before, right, given)
	err := b.settle(h, b.policy)
	if err != nil {
		b.decided[plugin] = before
	}
	return err
}

// decidable reports whether a right is one that a grant can have: a function of the page that a plugin calls is among its props.
func decidable(right string) bool {
	if abi.Capability(right).Known() {
		return true
	}
	_, err := abi.ParsePermission(right)
	return err == nil
}

// decisions are those of before with one more. A permission of a capability that a plugin can use without one, such as
// ui:password, comes and goes with that.
func decisions(before map[string]bool, right string, given bool) map[string]bool {
	out := maps.Clone(before)
	if out == nil {
		out = map[string]bool{}
	}
	out[right] = given
	for _, p := range abi.PlainPermissions() {
		whole := string(p.Capability)
		switch {
		case p.Capability.NeedsPermission():
		case right == whole && !given:
			out[p.Name] = false
		case right == p.Name && given:
			out[whole] = true
		}
	}
	return out
}

// asDecided are rights with what an admin has decided about a plugin of these versions.
func asDecided(r sandbox.Rights, decided map[string]bool, versions ...*abi.Manifest) sandbox.Rights {
	if len(decided) == 0 {
		return r
	}
	var declared []abi.Permission
	for _, m := range versions {
		declared = append(declared, m.Permissions...)
	}
	r.Grants, r.Permissions = slices.Clone(r.Grants), apart(r.Permissions, declared)
	for _, right := range slices.Sorted(maps.Keys(decided)) {
		given, c := decided[right], abi.Capability(right)
		if c.Known() && !isPlain(right) { // kv is both: it is nothing without the permission of that name
			r.Grants = slices.DeleteFunc(r.Grants, func(o abi.Capability) bool { return o == c })
			if given {
				r.Grants = append(r.Grants, c)
			}
			continue
		}
		r.Permissions = slices.DeleteFunc(r.Permissions, func(p abi.Permission) bool { return within(&p, right, declared) })
		for _, p := range declared {
			if given && p.String() == right {
				r.Permissions = append(r.Permissions, p)
			}
		}
	}
	return r
}

// apart puts in the place of what was granted in one, such as "GET /*", what is declared of it, so that one of that can be
// taken back.
func apart(granted, declared []abi.Permission) []abi.Permission {
	var out []abi.Permission
	for i := range declared {
		if slices.ContainsFunc(granted, func(g abi.Permission) bool { return gives(&g, &declared[i]) }) {
			out = append(out, declared[i])
		}
	}
	for i := range granted {
		if !slices.ContainsFunc(declared, func(p abi.Permission) bool { return gives(&granted[i], &p) }) {
			out = append(out, granted[i])
		}
	}
	return out
}

// gives reports whether a grant gives all of what is declared. Which secrets go where only a manifest says.
func gives(granted, declared *abi.Permission) bool {
	d := *declared
	d.Secrets = nil
	return granted.String() == d.String() || granted.Covers(&d)
}

// within reports whether a grant is of a right that is declared, or of a part of it.
func within(granted *abi.Permission, right string, declared []abi.Permission) bool {
	return granted.String() == right || slices.ContainsFunc(declared, func(p abi.Permission) bool { return p.String() == right && p.Covers(granted) })
}
