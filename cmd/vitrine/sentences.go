package main

import (
	"fmt"
	"slices"

	"github.com/vitrine-run/vitrine/abi"
)

// sentences says for a person what the module can reach and what not. A capability that needs
// permissions reaches what they say; without a manifest only the capability is known.
func (in *inspection) sentences(m *abi.Manifest) {
	for _, c := range abi.Capabilities() {
		imported := slices.ContainsFunc(in.Imports, func(im importInfo) bool { return im.Capability == c })
		reached := slices.Contains(in.CanReach, c)
		if m == nil && imported {
			in.May = append(in.May, c.Sentence()+", as far as a manifest declares it and it is granted")
		}
		if m == nil || !reached {
			continue
		}
		if !c.NeedsPermission() {
			in.May = append(in.May, c.Sentence())
		}
		if c == abi.CapProps && in.imports("call", "start") {
			for _, callback := range m.Callbacks {
				in.May = append(in.May, callback.Sentence())
			}
		}
		for i := range m.Permissions {
			if p := &m.Permissions[i]; p.Capability == c {
				in.May = append(in.May, permissionSentence(p))
			}
		}
	}
	for _, without := range absences {
		if !slices.ContainsFunc(in.Imports, func(im importInfo) bool { return slices.Contains(without.of, im.Capability) }) {
			in.MayNot = append(in.MayNot, without.text)
		}
	}
	in.MayNot = append(in.MayNot, "no files", "no environment")
}

// imports tells whether one of these functions of the props is imported.
func (in *inspection) imports(names ...string) bool {
	return slices.ContainsFunc(in.Imports, func(im importInfo) bool {
		return im.Module == abi.CapProps.Module() && slices.Contains(names, im.Name)
	})
}

func permissionSentence(p *abi.Permission) string {
	if p.Reason == "" {
		return p.Sentence()
	}
	return fmt.Sprintf("%s; its author says: %q", p.Sentence(), p.Reason)
}

// absences are what is said of a module that lacks the imports for it.
var absences = []struct {
	text string
	of   []abi.Capability
}{
	{"no network", []abi.Capability{abi.CapHTTP}},
	{"nothing of this application", []abi.Capability{abi.CapAPI, abi.CapSSE, abi.CapData, abi.CapAuthz}},
	{"not who you are", []abi.Capability{abi.CapUser}},
	{"nothing kept", []abi.Capability{abi.CapKV}},
	{"nothing shown", []abi.Capability{abi.CapUI}},
}

// first is a label for the first of several lines.
func first(i int, label string) string {
	if i == 0 {
		return label
	}
	return ""
}
