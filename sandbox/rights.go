package sandbox

import (
	"errors"
	"fmt"
	"time"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/hostfuncs"
	"github.com/vitrine-run/vitrine/runtime"
)

func (o *Options) rights() Rights {
	return Rights{Grants: o.Grants, Permissions: o.Permissions, Instances: o.Instances, User: o.User, Org: o.Org, Host: o.Host, Budgets: o.Budgets, Limits: o.Limits}.clone()
}

func (r *Rights) check() error {
	if err := checkGrants(r.Grants); err != nil {
		return err
	}
	return errors.Join(r.User.Check(), r.Org.Check(), r.Host.Check(), abi.CheckBudgets(r.Budgets), r.Limits.Check())
}

// SetRights replaces what a running sandbox may do. It takes effect before it returns: the next call of
// a host function is judged by it, and what the plugin has under way and may not any more is called off.
// An error means that nothing has changed.
func (s *Sandbox) SetRights(r Rights) error {
	if err := r.check(); err != nil {
		return fmt.Errorf("sandbox: plugin[%s]: %w", s.plugin.manifest.ID, err)
	}
	s.plugin.mu.Lock()
	defer s.plugin.mu.Unlock()
	return s.judge(r.clone())
}

// Permit answers as the plugin is answered that needs something: abi.CodeOK, abi.CodeDenied, or abi.CodeLimit where no
// budget is left, of which each question uses some; a denial leaves its record. It is for a host that does something
// in the plugin's name. Explain says why, and leaves nothing.
func (s *Sandbox) Permit(need *abi.Need) abi.Code { return s.gate.Permit(need) }

// judge gives a sandbox rights, and the host's rules of now. plugin.mu is held.
func (s *Sandbox) judge(r Rights) error {
	ruling, err := s.plugin.rule(&r)
	if err != nil {
		return fmt.Errorf("sandbox: plugin[%s]: %w", s.plugin.manifest.ID, err)
	}
	s.rights = r
	s.gate.ruling.Store(ruling)
	s.env.Recheck()
	s.working.Range(func(job, _ any) bool { job.(*hostfuncs.Env).Recheck(); return true })
	return nil
}

// SetRules replaces what the host allows to a plugin: to the sandboxes that run, as SetRights does, and
// to those to come. Nil does not restrict. An error means that nothing has changed.
func (p *Plugin) SetRules(r *Rules) error {
	if err := r.Check(); err != nil {
		return fmt.Errorf("sandbox: %w", err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rules.Store(r)
	for s := range p.boxes {
		if err := s.judge(s.rights); err != nil {
			return err // cannot be: the rules have been checked, and the rights before
		}
	}
	return nil
}

// enter and leave keep the list of sandboxes. A sandbox that enters has been judged before: once more,
// in case the rules have changed in between.
func (p *Plugin) enter(s *Sandbox) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.boxes[s] = struct{}{}
	_ = s.judge(s.rights) // what made a ruling before makes one again
}

func (p *Plugin) leave(s *Sandbox) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.boxes, s)
}

// Audit is where the denials of the plugin's sandboxes are recorded.
func (p *Plugin) Audit() *Audit { return p.policy.Audit }

// Versions are what a host is. An empty one is not known and not held against anything.
type Versions struct {
	Host    string // of the application
	Vitrine string // of this module
}

// VersionError says that a plugin is not for this host.
type VersionError struct {
	Key        string // of the manifest: "minHostVersion" or "engine"
	Want, Have string
}

// Error names both versions.
func (e *VersionError) Error() string {
	if e.Key == "engine" {
		return fmt.Sprintf("it is for versions %s of Vitrine, this is %s", e.Want, e.Have)
	}
	return fmt.Sprintf("it needs version %s of the host, this is %s", e.Want, e.Have)
}

func (v *Versions) check(m *abi.Manifest) error {
	if v.Host != "" && m.MinHostVersion != "" && abi.CompareVersions(v.Host, m.MinHostVersion) < 0 {
		return &VersionError{"minHostVersion", m.MinHostVersion, v.Host}
	}
	if v.Vitrine != "" && m.Engine != "" && !abi.InRange(v.Vitrine, m.Engine) {
		return &VersionError{"engine", m.Engine, v.Vitrine}
	}
	return nil
}

func (p *Policy) check(m *abi.Manifest) error {
	if err := p.Rules.Check(); err != nil {
		return err
	}
	return p.Versions.check(m)
}

// wished are the limits with what a manifest wishes: less than the limit is always given, more as far as
// the ceiling.
func wished(limits, ceilings *runtime.Limits, r *abi.Runtime) *runtime.Limits {
	var out, top runtime.Limits
	if limits != nil {
		out = *limits
	}
	if ceilings != nil {
		top = *ceilings
	}
	normal := runtime.DefaultLimits()
	wish := func(limit *uint64, normal, ceiling uint64, want int64) {
		if want <= 0 {
			return
		}
		if *limit == 0 {
			*limit = normal
		}
		*limit = min(uint64(want), max(*limit, ceiling))
	}
	wish(&out.Fuel, normal.Fuel, top.Fuel, r.Limits.Fuel)
	wish(&out.Memory, normal.Memory, top.Memory, r.Limits.Memory)
	wish(&out.Output, normal.Output, top.Output, r.MaxPayloadBytes)
	wall, ceiling := uint64(out.WallTime), uint64(top.WallTime)
	wish(&wall, uint64(normal.WallTime), ceiling, r.Limits.WallTimeMS*int64(time.Millisecond))
	out.WallTime = time.Duration(wall)
	return &out
}
