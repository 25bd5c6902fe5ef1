package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/sandbox"
)

type explainCmd struct {
	Plugin string `arg:"" help:"A plugin's folder, or its manifest."`
	What   string `arg:"" help:"A capability, a permission with what is meant, or the slot or path of a contribution."`

	Grant       []string          `placeholder:"RIGHT" sep:"none" help:"What an admin granted: a capability with all that the manifest declares of it, or a permission. May be repeated."`
	Resolve     map[string]string `placeholder:"DEPENDENCY=VALUE" help:"What an install resolved a dependency to."`
	Rules       string            `type:"path" placeholder:"FILE" help:"A policy as JSON, as for vitrine serve (abi/POLICY.md)."`
	Install     string            `placeholder:"NAME" help:"Which of the policy's installs it is; without, the one of the plugin's id."`
	Slot        []string          `placeholder:"SLOT" help:"A slot that the host has; may be repeated."`
	HostVersion string            `placeholder:"VERSION" help:"The version of the host application."`
	JSON        bool              `name:"json" help:"Print one JSON object."`
}

func (explainCmd) Help() string {
	return `Examples:
  vitrine explain plugins/orders "GET /orders/17" --grant api
  vitrine explain plugins/badge "Attendee:view id=123" --grant data --resolve attendee_profile=123
  vitrine explain plugins/forms toolbar --grant ui --slot toolbar --host-version 2.4.0
  vitrine explain plugins/orders http --rules policy.json

Says step by step why a call or a contribution is allowed or refused: manifest, grant, user,
organisation, host, budget. What a policy's install is granted counts in place of --grant, and what it
resolves in place of --resolve.
The exit code is 0 if it is allowed, 4 if it is refused.`
}

func (c *explainCmd) Run(e *env) error {
	m, err := openManifest(c.Plugin)
	if err == nil {
		err = c.check(m)
	}
	if err != nil {
		return err
	}
	r := sandbox.Rights{Instances: c.Resolve}
	if r.Grants, r.Permissions, err = grantedRights(c.Grant, m); err != nil {
		return err
	}
	if r, err = c.ruled(e, r, m); err != nil {
		return err
	}
	out, err := c.explain(m, &r)
	if err != nil {
		return err // fail takes one without a code for wrong usage
	}
	if c.JSON {
		err = e.print(out)
	} else {
		_, err = io.WriteString(e.stdout, out.String())
	}
	if err == nil && !out.Allowed {
		err = &exitError{code: exitDenied}
	}
	return err
}

// check refuses names of what there is not: they would change nothing, and nobody would be told.
func (c *explainCmd) check(m *abi.Manifest) error {
	if c.Install != "" && c.Rules == "" {
		return &exitError{exitUsage, errors.New("--install without --rules: an install is one of a policy"), "name the policy with --rules"}
	}
	if v := c.HostVersion; v != "" && abi.CompareVersions(v, lowestVersion) < 0 {
		return &exitError{exitUsage, fmt.Errorf("--host-version %s is not a version such as %q", v, "2.4.0"), ""}
	}
	for name := range c.Resolve {
		if !depends(m, name) {
			var there []string
			for _, d := range m.Dependencies {
				there = append(there, d.Identifier)
			}
			return &exitError{exitUsage, fmt.Errorf("--resolve %s: %s has no such dependency (%s)", name, m.ID, itHasNames(there)), ""}
		}
	}
	return nil
}

// lowestVersion is before every other version, and behind what is none.
const lowestVersion = "0.0.0-0"

// itHasNames says what there is.
func itHasNames(names []string) string {
	if len(names) == 0 {
		return "it has none"
	}
	return "it has " + quotedList(names)
}

// quotedList is names in quotes, with commas between them.
func quotedList(names []string) string {
	out := make([]string, len(names))
	for i, name := range names {
		out[i] = strconv.Quote(name)
	}
	return strings.Join(out, ", ")
}

// ruled are rights under the policy, if there is one.
func (c *explainCmd) ruled(e *env, r sandbox.Rights, m *abi.Manifest) (sandbox.Rights, error) {
	if c.Rules == "" {
		return r, nil
	}
	p, err := readPolicy(c.Rules)
	if err != nil {
		return r, err
	}
	name, there := cmp.Or(c.Install, m.ID), slices.Sorted(maps.Keys(p.Installs))
	switch {
	case p.Installs[name] != nil || len(there) == 0 && c.Install == "":
	case c.Install != "":
		return r, &exitError{exitUsage, fmt.Errorf("%s: there is no install %q (%s)", c.Rules, c.Install, itHasNames(there)), ""}
	default: // then the command line holds, which may be what is meant
		fmt.Fprintf(e.stderr, "vitrine: %s says nothing of an install %q: --install names one of %s\n", c.Rules, name, quotedList(there))
	}
	r.User, r.Host = p.User, p.Host
	if r, err = installed(r, p, name, m); err != nil {
		err = &exitError{exitUsage, fmt.Errorf("%s: install[%s]: %w", c.Rules, name, err), ""}
	}
	return r, err
}

func (c *explainCmd) explain(m *abi.Manifest, r *sandbox.Rights) (*sandbox.Explanation, error) {
	isContribution := slices.ContainsFunc(m.Contributions, func(o abi.Contribution) bool { return o.Slot == c.What || o.Path == c.What })
	need, err := parseNeed(c.What)
	if isContribution || err != nil && slices.Contains(c.Slot, c.What) {
		versions := sandbox.Versions{Host: c.HostVersion}
		if v := strings.TrimPrefix(buildVersions().Version, "v"); abi.CompareVersions(v, "0.0.0") > 0 {
			versions.Vitrine = v
		}
		return sandbox.ExplainContribution(m, r, nil, versions, c.Slot, c.What)
	}
	if err != nil {
		return nil, &exitError{exitUsage, fmt.Errorf("%q is neither a contribution of the manifest nor a right: %w", c.What, err),
			fmt.Sprintf("it contributes %s; a right is a capability such as %q or a permission such as %q", contributed(m), "http", "GET /orders")}
	}
	return sandbox.Explain(m, r, nil, need)
}

// contributed says where a plugin wants to appear.
func contributed(m *abi.Manifest) string {
	var names []string
	for _, c := range m.Contributions {
		names = append(names, c.Slot+c.Path)
	}
	if len(names) == 0 {
		return "nothing"
	}
	return quotedList(names)
}

// parseNeed reads what one call would need: a capability, a permission without a pattern, or one on data
// with the instance that is meant.
func parseNeed(text string) (*abi.Need, error) {
	if c := abi.Capability(text); c.Known() {
		return &abi.Need{Capability: c}, nil
	}
	if method, path, ok := strings.Cut(text, " "); ok && strings.HasPrefix(path, "/") {
		return &abi.Need{Capability: abi.CapAPI, Method: method, Path: path}, nil // also one that nobody can be allowed
	}
	right, instance, meant := strings.Cut(text, " ")
	key, value, ok := strings.Cut(instance, "=")
	if !meant || !ok {
		right = text
	}
	p, err := abi.ParsePermission(right)
	if err != nil {
		return nil, err
	}
	n := &abi.Need{Capability: p.Capability, Name: p.Name, Channel: p.Channel, Host: p.Host, Port: p.Port, Plain: p.Plain, Model: p.Model, Ability: p.Ability}
	switch {
	case len(p.Methods) > 1: // a call has one, and the others may be answered otherwise
		return nil, fmt.Errorf("%+.80q are several calls: ask about one method at a time", text)
	case len(p.Methods) == 1:
		n.Method = p.Methods[0]
	}
	if right != text {
		n.Key, n.Instance = key, value
	}
	return n, nil
}

// grantedRights are what names grant a plugin: a capability with all that the manifests of its versions declare of it,
// or a permission as it stands. A version has of it what its own manifest declares.
func grantedRights(names []string, versions ...*abi.Manifest) (grants []abi.Capability, permissions []abi.Permission, err error) {
	for _, name := range names {
		if c := abi.Capability(name); c.Known() {
			grants = append(grants, c)
			for _, m := range versions {
				permissions = append(permissions, declaredOf(m, c)...)
			}
			continue
		}
		p, err := abi.ParsePermission(name)
		if err != nil {
			return nil, nil, &exitError{code: exitUsage, err: fmt.Errorf("--grant %s: %w", name, err),
				hint: fmt.Sprintf("there are the capabilities %q, and permissions such as %q", abi.Capabilities(), "GET /orders")}
		}
		permissions = append(permissions, p)
	}
	return grants, permissions, nil
}

// declaredOf are the permissions of a capability that a manifest declares.
func declaredOf(m *abi.Manifest, c abi.Capability) (of []abi.Permission) {
	for _, p := range m.Permissions {
		if p.Capability == c {
			of = append(of, p)
		}
	}
	return of
}
