package main

import (
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"sync"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/host"
	"github.com/vitrine-run/vitrine/sandbox"
)

// ruleBook holds the places of a server to a file of rules, which can be read again, and to what an admin decides. It is safe
// for concurrent use.
type ruleBook struct {
	file   string // "": there is none
	shelf  *shelf
	given  map[string]sandbox.Rights // by the command line, which hold where the file does not say
	logger *slog.Logger

	mu      sync.Mutex
	policy  *abi.Policy                // the file as it was when it was right
	decided map[string]map[string]bool // by an admin: by plugin and right
	held    map[string]sandbox.Rights  // what holds now
}

func newRuleBook(file string, s *shelf) *ruleBook {
	b := &ruleBook{file: file, shelf: s, given: map[string]sandbox.Rights{}, logger: s.logger.With("rules", file),
		policy: &abi.Policy{}, decided: map[string]map[string]bool{}}
	for name, p := range s.places {
		b.given[name] = sandbox.Rights{Grants: p.Grants, Permissions: p.Permissions, Instances: p.Instances}
	}
	b.held = b.given
	return b
}

// tell says which capabilities the plugins in folders ask for and were not granted.
func (b *ruleBook) tell(stderr io.Writer) {
	for _, f := range b.shelf.folders {
		for _, c := range b.shelf.plugin(f.place).Manifest().Capabilities {
			if !slices.Contains(b.of(f.place).Grants, c) {
				fmt.Fprintf(stderr, "%s asks for %q, which is not granted\n", f.place, string(c))
			}
		}
	}
}

// apply reads the file and gives every place its rights. An error means that nothing has changed.
func (b *ruleBook) apply(h *host.Host) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	policy := &abi.Policy{} // without a file the command line holds, for what is in the folders now
	if b.file != "" {
		var err error
		if policy, err = readPolicy(b.file); err != nil {
			return err
		}
	}
	return b.settle(h, policy)
}

// settle gives every place its rights under a policy. An error means that nothing has changed. b.mu is held.
func (b *ruleBook) settle(h *host.Host, policy *abi.Policy) error {
	next := map[string]sandbox.Rights{}
	for name := range policy.Installs {
		if _, there := b.given[name]; !there {
			return b.wrong(fmt.Errorf("installs has %q, which is no place here: there are %q", name, slices.Sorted(maps.Keys(b.given))))
		}
	}
	for name := range b.given {
		r, err := b.rights(policy, name)
		if err != nil {
			return b.wrong(fmt.Errorf("install[%s]: %w", name, err))
		}
		next[name] = r
	}
	for _, name := range slices.Sorted(maps.Keys(next)) {
		if err := h.SetRights(name, next[name]); err != nil { // cannot be: all has been checked
			return b.wrong(err)
		}
	}
	b.held, b.policy = next, policy
	return nil
}

// of is what a place has now.
func (b *ruleBook) of(place string) sandbox.Rights {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.held[place]
}

func (b *ruleBook) wrong(err error) error {
	if b.file != "" {
		err = fmt.Errorf("%s: %w", b.file, err)
	}
	return &exitError{exitUsage, err, ""}
}

// again is apply for who goes on as before if it fails.
func (b *ruleBook) again(h *host.Host) {
	switch err := b.apply(h); {
	case err != nil:
		b.logger.Error("vitrine: keeps the old rules", "error", err)
	case b.file != "":
		b.logger.Info("vitrine: holds to the rules as they are now")
	}
}

// rights are those of a place under a policy: for the version that is shown and for the one in its folder, which may come
// next. So one SIGHUP is enough for a version that declares more, and which of them runs makes no difference: each is also
// held to its own manifest.
func (b *ruleBook) rights(p *abi.Policy, name string) (_ sandbox.Rights, err error) {
	r := b.given[name]
	r.User, r.Host = p.User, p.Host
	versions := []*abi.Manifest{b.shelf.plugin(name).Manifest()}
	if f := b.shelf.folder(name); f != nil {
		if m, err := openManifest(f.dir); err == nil && m.ID == versions[0].ID { // else what is shown stays
			versions = append(versions, m)
		}
		if r.Grants, r.Permissions, err = grantedRights(f.granted, versions...); err != nil {
			return r, err
		}
	}
	r, err = installed(r, p, name, versions...)
	return asDecided(r, b.decided[versions[0].ID], versions...), err
}

// installed are rights with what a policy says of an install, of which there are these versions.
func installed(r sandbox.Rights, p *abi.Policy, name string, versions ...*abi.Manifest) (_ sandbox.Rights, err error) {
	org, given := p.Rules(name)
	if given == nil {
		return r, nil
	}
	r.Org, r.Budgets, r.Limits = org, given.Budgets, given.Limits
	if given.Resolve != nil {
		r.Instances = given.Resolve
	}
	for dependency := range given.Resolve {
		if !slices.ContainsFunc(versions, func(m *abi.Manifest) bool { return depends(m, dependency) }) {
			return r, fmt.Errorf("resolve has %q, which is no dependency of %s", dependency, versions[0].ID)
		}
	}
	if given.Grants != nil {
		if r.Grants, r.Permissions, err = grantedRights(given.Grants, versions...); err == nil {
			err = checkOffered(r.Grants)
		}
	}
	return r, err
}

func depends(m *abi.Manifest, on string) bool {
	return slices.ContainsFunc(m.Dependencies, func(d abi.Dependency) bool { return d.Identifier == on })
}

// readPolicy reads a file of rules.
func readPolicy(file string) (*abi.Policy, error) {
	b, err := readFile(file, abi.MaxPolicy)
	if err != nil {
		return nil, &exitError{code: exitUsage, err: err}
	}
	p, err := abi.ParsePolicy(b)
	if err != nil {
		return nil, &exitError{code: exitUsage, err: inFile(file, err)}
	}
	return p, nil
}
