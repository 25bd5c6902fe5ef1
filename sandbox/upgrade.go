package sandbox

import (
	"errors"
	"fmt"
	"slices"

	"github.com/vitrine-run/vitrine/abi"
)

// Upgrade is how the rights of one version of a plugin compare with those of another.
type Upgrade struct {
	ID      string   `json:"id"`
	From    string   `json:"from"`
	To      string   `json:"to"`
	Width   Width    `json:"width"`
	Added   []Change `json:"added"`   // what nobody has consented to
	Removed []Change `json:"removed"` // what it gives up
	Asked   []string `json:"asked"`   // what a person would be asked, as sentences
}

// Width says whether rights grow.
type Width string

// The widths. Rights that grow here and shrink there are wider.
const (
	Narrower Width = "narrower"
	Equal    Width = "equal"
	Wider    Width = "wider"
)

// Change is a right that one version has and the other has not.
type Change struct {
	Right    string `json:"right"`    // a capability, or a permission as text
	Sentence string `json:"sentence"` // the rest of "This plugin may ..."
	Reason   string `json:"reason"`   // the author's words, or ""
}

// ErrOther says that two manifests are not of one plugin.
var ErrOther = errors.New("sandbox: not versions of one plugin")

// Compare holds the rights of two versions of a plugin against each other, by what they mean: a path
// below one that was allowed is not new. What the host must resolve or set anew is asked for as well.
func Compare(from, to *abi.Manifest) (*Upgrade, error) {
	if from.ID != to.ID {
		return nil, fmt.Errorf("%w: %s and %s", ErrOther, from.ID, to.ID)
	}
	u := &Upgrade{ID: to.ID, From: from.Version, To: to.Version, Width: Equal, Asked: []string{}}
	u.Added, u.Removed = lacking(from, to), lacking(to, from)
	switch {
	case len(u.Added) > 0:
		u.Width = Wider
	case len(u.Removed) > 0:
		u.Width = Narrower
	}
	for _, c := range u.Added {
		s := "May it " + c.Sentence + "?"
		if c.Reason != "" {
			s += fmt.Sprintf(" Its author says: %q", c.Reason)
		}
		u.Asked = append(u.Asked, s)
	}
	for _, d := range to.Dependencies {
		if !slices.ContainsFunc(from.Dependencies, func(o abi.Dependency) bool {
			return o.Identifier == d.Identifier && o.Model == d.Model && o.Key == d.Key
		}) {
			u.Asked = append(u.Asked, fmt.Sprintf("Which %s is %s?", d.Model, d.Identifier))
		}
	}
	for _, name := range to.Settings.Required() {
		if !slices.Contains(from.Settings.Names(), name) {
			u.Asked = append(u.Asked, fmt.Sprintf("What is the setting %s to be?", name))
		}
	}
	return u, nil
}

// lacking are the rights of b that a has not.
func lacking(a, b *abi.Manifest) []Change {
	out := []Change{}
	for _, c := range b.Capabilities {
		if !a.Declares(c) && !c.NeedsPermission() { // the others are nothing without their permissions
			out = append(out, Change{Right: string(c), Sentence: c.Sentence()})
		}
	}
	for i := range b.Callbacks {
		c := &b.Callbacks[i]
		if !slices.ContainsFunc(a.Callbacks, func(have abi.Callback) bool { return have.Name == c.Name }) {
			out = append(out, Change{Right: "callback " + c.Name, Sentence: c.Sentence()})
		}
	}
	for _, name := range b.Settings.Names() {
		if a.Settings.Secret(name) && !b.Settings.Secret(name) {
			out = append(out, Change{Right: "setting " + name, Sentence: "read the setting " + name + ", which was a secret"})
		}
	}
	for i := range b.Permissions {
		p := &b.Permissions[i]
		if !slices.ContainsFunc(a.Permissions, func(have abi.Permission) bool { return have.Covers(p) }) {
			out = append(out, Change{Right: p.String(), Sentence: p.Sentence(), Reason: p.Reason})
		}
	}
	return out
}

// Consent is all that a plugin asks for, as a person is asked before the first install: what is new
// against nothing.
func Consent(m *abi.Manifest) []Change { return lacking(&abi.Manifest{}, m) }
