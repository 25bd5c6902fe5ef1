package host

import (
	"errors"
	"fmt"

	"github.com/vitrine-run/vitrine/sandbox"
)

var errUserRules = errors.New("what a person may is for Place.User to say")

// SetRights replaces what the plugin at a place may do. It takes effect before it returns, one mount after the other
// and each in one step: the next call of a plugin is judged by it, and what it has under way and may not any more is
// called off. r.User holds for everybody; where there is a Place.User it must be nil, and that is asked again for
// each. An error means that nothing has changed.
func (h *Host) SetRights(name string, r sandbox.Rights) error {
	at := h.places[name]
	if at == nil {
		return fmt.Errorf("%w: %.80q", ErrPlace, name)
	}
	if r.User != nil && at.given.User != nil {
		return fmt.Errorf("host: place[%s]: %w", name, errUserRules)
	}
	at.telling.Lock()
	defer at.telling.Unlock()
	opts := at.options(at.plugin.Load(), "", nil)
	grant(opts, r)
	if err := at.plugin.Load().Check(opts); err != nil {
		return fmt.Errorf("host: place[%s]: %w", name, err)
	}
	at.rights.Store(&r) // before the mounts are looked for: one that comes later starts with them
	for _, m := range h.mountsAt(at) {
		m.mu.Lock()
		if m.box != nil {
			m.judge(m.box)
		}
		m.mu.Unlock()
	}
	return nil
}

// judge gives a sandbox the rights of now. m.mu is held.
func (m *mounted) judge(box *sandbox.Sandbox) {
	if err := box.SetRights(m.place.rightsOf(m.party.principal)); err != nil { // Place.User has said what is no rule
		m.host.logger.Error("host: a mount loses all rights", "place", m.place.name, "principal", m.party.principal, "error", err)
		_ = box.SetRights(sandbox.Rights{}) // nothing is always right
	}
}

// rights are those of a place, for nobody yet.
func (p *Place) rights() *sandbox.Rights {
	return &sandbox.Rights{Grants: p.Grants, Permissions: p.Permissions, Instances: p.Instances, Org: p.Org, Host: p.Host, Budgets: p.Budgets, Limits: p.Limits}
}

// rightsOf are what a person has at a place now.
func (p *place) rightsOf(principal string) sandbox.Rights {
	r := *p.rights.Load()
	if p.given.User != nil && principal != "" {
		r.User = p.given.User(principal)
	}
	return r
}

// grant puts rights into options.
func grant(o *sandbox.Options, r sandbox.Rights) {
	o.Grants, o.Permissions, o.Instances = r.Grants, r.Permissions, r.Instances
	o.User, o.Org, o.Host, o.Budgets, o.Limits = r.User, r.Org, r.Host, r.Budgets, r.Limits
}
