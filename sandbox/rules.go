package sandbox

import (
	"fmt"
	"maps"
	"slices"

	"github.com/vitrine-run/vitrine/abi"
)

// What follows is data of the contract, which a file of rules is read into (abi.ParsePolicy).
type (
	Rules   = abi.Rules   // one layer of policy
	Budget  = abi.Budget  // how often something is allowed
	Ceiling = abi.Ceiling // the most that limits may be
)

// Step is a question that decides whether a plugin may do something. They are asked in this order, and
// the first that says no is the reason.
type Step string

// The steps.
const (
	StepManifest     Step = "manifest"     // did the plugin declare it?
	StepGrant        Step = "grant"        // was it granted to the install?
	StepUser         Step = "user"         // may this person?
	StepOrganisation Step = "organisation" // do the rules of the organisation allow it?
	StepHost         Step = "host"         // does the host's policy allow it?
	StepBudget       Step = "budget"       // is there budget left?
)

// capabilityOrder numbers the capabilities; it is never changed.
var capabilityOrder = abi.Capabilities()

// numbered finds the number of a capability by its length and what it begins with: of those that are alike in both the last is
// found, the others are looked for.
var numbered = func() (t [256]int8) {
	for i, c := range capabilityOrder {
		t[slot(c)] = int8(i)
	}
	return t
}()

func slot(c abi.Capability) uint8 {
	if len(c) < 2 {
		return 0
	}
	return uint8(len(c))*37 ^ c[0]*5 ^ c[1]*3
}

// numberOf is the number of a capability, -1 if there is none of that name.
func numberOf(c abi.Capability) int {
	if i := int(numbered[slot(c)]); capabilityOrder[i] == c {
		return i
	}
	return slices.Index(capabilityOrder, c)
}

// layer is one layer made ready. It is never changed.
type layer struct {
	step  Step
	whole uint64 // capabilities that are allowed with every scope, a bit each
	some  uint64 // that are allowed with the scopes below
	never uint64 // that are not, whatever else is said
	allow [][]abi.Permission
	deny  [][]abi.Permission
}

func newLayer(step Step) *layer {
	return &layer{step: step, allow: make([][]abi.Permission, len(capabilityOrder)), deny: make([][]abi.Permission, len(capabilityOrder))}
}

// capability reports whether the layer allows a capability at all.
func (l *layer) capability(n int) bool {
	return l == nil || (l.whole|l.some)&^l.never&(1<<n) != 0
}

// permits reports whether it allows what is needed of capability n; a path is plain.
func (l *layer) permits(n int, need *abi.Need) bool {
	switch {
	case l == nil:
		return true
	case l.never&(1<<n) != 0 || allows(l.deny[n], need):
		return false
	}
	return l.whole&(1<<n) != 0 || allows(l.allow[n], need)
}

func allows(list []abi.Permission, n *abi.Need) bool {
	for i := range list {
		if list[i].AllowsPlain(n) {
			return true
		}
	}
	return false
}

func (l *layer) add(p abi.Permission) {
	if n := numberOf(p.Capability); n >= 0 {
		l.some |= 1 << n
		l.allow[n] = append(l.allow[n], p)
	}
}

// compile makes rules ready for a plugin with the bound permissions.
func compile(r *Rules, step Step, bound []abi.Permission) (*layer, error) {
	if r == nil {
		return nil, nil
	}
	if err := r.Check(); err != nil {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	l := newLayer(step)
	for _, entry := range r.Allow {
		if n := numberOf(abi.Capability(entry)); n >= 0 {
			l.whole |= 1 << n
			continue
		}
		p, err := abi.ParsePermission(entry)
		if err != nil {
			return nil, fmt.Errorf("sandbox: rule[%s]: %w", quoted(entry), err)
		}
		for _, p := range bind(withSecrets(p, bound), bound) {
			l.add(p)
		}
	}
	for _, entry := range r.Deny {
		if n := numberOf(abi.Capability(entry)); n >= 0 {
			l.never |= 1 << n
			continue
		}
		p, err := abi.ParsePermission(entry)
		if err != nil {
			return nil, fmt.Errorf("sandbox: rule[%s]: %w", quoted(entry), err)
		}
		if p.NeedsInstance() { // who may not see one of them may not see all of them
			p.Any = true
		}
		n := numberOf(p.Capability)
		l.deny[n] = append(l.deny[n], bind(withSecrets(p, bound), bound)...)
	}
	return l, nil
}

// bind gives a permission on one instance the instances that an install resolved: those of the
// manifest's permissions of the same text. Every other permission stays as it is.
func bind(p abi.Permission, bound []abi.Permission) []abi.Permission {
	if !p.NeedsInstance() || p.Instance != "" {
		return []abi.Permission{p}
	}
	var out []abi.Permission
	text := p.String()
	for _, b := range bound {
		if b.Capability == p.Capability && b.String() == text {
			out = append(out, b)
		}
	}
	return out
}

// withSecrets gives a permission for a server every secret that the manifest names for it: a text has
// none, and which of them go where is the manifest's to say.
func withSecrets(p abi.Permission, bound []abi.Permission) abi.Permission {
	if p.Capability != abi.CapHTTP {
		return p
	}
	p.Secrets = nil
	for _, b := range bound {
		if b.Capability == abi.CapHTTP && b.Host == p.Host && b.Port == p.Port && b.Plain == p.Plain {
			p.Secrets = append(p.Secrets, b.Secrets...)
		}
	}
	return p
}

// Rights are what one install gives one person: the layers between what a manifest declares and what
// the host allows. The zero value gives nothing.
type Rights struct {
	Grants      []abi.Capability  // capabilities that an admin granted
	Permissions []abi.Permission  // and with what scope; a permission includes its capability
	Instances   map[string]string // what the install resolved each dependency to, by identifier
	User        *Rules            // what this person may; nil does not restrict
	Org         *Rules            // what the organisation allows; nil does not restrict
	Host        *Rules            // what the host allows to the install, beside what it allows to the plugin (Policy.Rules); nil does not restrict

	Budgets map[abi.Capability]Budget // of the install
	Limits  Ceiling                   // of the install
}

// clone makes rights that nobody else holds.
func (r Rights) clone() Rights {
	r.Grants, r.Permissions, r.Budgets = slices.Clone(r.Grants), slices.Clone(r.Permissions), maps.Clone(r.Budgets)
	return r
}
