package main

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/sandbox"
)

// setRights is what an admin decides at a place: the rights of its plugin.
const setRights = "rights"

// adminRight is one thing that a plugin asks for, and what became of it.
type adminRight struct {
	sandbox.Change
	ID        string // of its sentence
	Decidable bool
	Granted   bool
	Stopped   string // why it has no effect though it is granted, "" if it has
	Decided   bool   // just now
}

// adminDenial is something that a plugin was refused.
type adminDenial struct {
	sandbox.Denial
	Why string
}

// deniedBy says for an admin which step refused something.
var deniedBy = map[sandbox.Step]string{
	sandbox.StepManifest: "its manifest does not ask for it", sandbox.StepGrant: "not granted", sandbox.StepUser: "the rules for persons do not allow it",
	sandbox.StepOrganisation: "the organisation's rules do not allow it", sandbox.StepHost: "the host's rules do not allow it", sandbox.StepBudget: "too often",
}

// shownDenials is how many are in the page; --metrics has all that are kept.
const shownDenials = 8

// rightsOf are the rights that the plugin at a place asks for. decided is the one that an admin has just decided.
func (a *admin) rightsOf(place string, m *abi.Manifest, decided string) ([]adminRight, error) {
	held := a.rules.of(place)
	var list []adminRight
	for i, c := range sandbox.Consent(m) {
		r := adminRight{Change: c, ID: fmt.Sprintf("%s-right-%d", place, i+1), Decidable: decidable(c.Right), Decided: c.Right == decided}
		r.Granted = !r.Decidable || grants(&held, c.Right, m)
		if r.Granted && r.Decidable {
			why, err := stopped(&held, c.Right, m)
			if err != nil {
				return nil, err
			}
			r.Stopped = why
		}
		list = append(list, r)
	}
	return list, nil
}

// grants reports whether rights give all of one that a manifest asks for.
func grants(held *sandbox.Rights, right string, m *abi.Manifest) bool {
	if c := abi.Capability(right); c.Known() && !isPlain(right) {
		return slices.Contains(held.Grants, c) || slices.ContainsFunc(held.Permissions, func(p abi.Permission) bool { return p.Capability == c })
	}
	return slices.ContainsFunc(m.Permissions, func(p abi.Permission) bool {
		return p.String() == right && slices.ContainsFunc(held.Permissions, func(g abi.Permission) bool { return gives(&g, &p) })
	})
}

// isPlain reports whether a right is a permission without a scope, which may have the name of its capability.
func isPlain(right string) bool {
	return slices.ContainsFunc(abi.PlainPermissions(), func(p abi.Permission) bool { return p.Name == right })
}

// stopped says why a right that is granted has no effect all the same, "" if it has.
func stopped(held *sandbox.Rights, right string, m *abi.Manifest) (string, error) {
	need := &abi.Need{Capability: abi.Capability(right)}
	for i := range m.Permissions {
		p := &m.Permissions[i]
		if p.String() != right {
			continue
		}
		if p.NeedsInstance() && held.Instances[p.Dependency] == "" {
			return fmt.Sprintf("nobody has said which %s it is about", p.Model), nil
		}
		need = sample(p, held.Instances[p.Dependency])
	}
	e, err := sandbox.Explain(m, held, nil, need)
	if err != nil || e.Allowed {
		return "", err
	}
	i := slices.IndexFunc(e.Steps, func(v sandbox.Verdict) bool { return !v.OK })
	return deniedBy[e.Steps[i].Step], nil
}

// sample is something that a permission covers.
func sample(p *abi.Permission, instance string) *abi.Need {
	n := &abi.Need{Capability: p.Capability, Name: p.Name, Method: p.Method, Channel: p.Channel, Host: p.Host, Port: p.Port, Plain: p.Plain,
		Model: p.Model, Ability: p.Ability}
	if len(p.Methods) > 0 {
		n.Method = p.Methods[0]
	}
	if p.NeedsInstance() {
		n.Key, n.Instance = p.Key, instance
	}
	segments := strings.Split(p.Path, "/")
	for i, s := range segments {
		if s == "*" || strings.HasPrefix(s, "{") {
			segments[i] = "x"
		}
	}
	n.Path = strings.Join(segments, "/")
	return n
}

// denialsOf are the newest denials of a plugin.
func (a *admin) denialsOf(plugin string) (list []adminDenial) {
	for _, d := range a.audit.Denials(&sandbox.DenialQuery{Plugin: plugin, Most: shownDenials}) {
		list = append(list, adminDenial{d, deniedBy[d.Step]})
	}
	return list
}

// At is when it was, for people.
func (d adminDenial) At() string { return d.Time.UTC().Format(time.TimeOnly) + " UTC" }

// Stamp is when it was, for programs.
func (d adminDenial) Stamp() string { return d.Time.UTC().Format(time.RFC3339) }

// decide gives a right or takes it back, as a form has asked for, and leads back to its button.
func (a *admin) decide(w http.ResponseWriter, r *http.Request, place string) {
	right, to := r.PostForm.Get("right"), r.PostForm.Get("to")
	if to != "grant" && to != "revoke" {
		http.Error(w, "A right is granted or taken back.", http.StatusBadRequest)
		return
	}
	plugin := a.shelf.plugin(place).Manifest().ID
	switch err := a.rules.decide(a.host, plugin, right, to == "grant"); {
	case errors.Is(err, errNoRight):
		http.Error(w, "The plugin asks for no such right.", http.StatusNotFound)
		return
	case err != nil:
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	back := url.Values{"saved": {place + "/" + setRights}, "right": {right}}
	http.Redirect(w, r, "/demo/admin?"+back.Encode(), http.StatusSeeOther) // without a fragment, which would have the focus
}
