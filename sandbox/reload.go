package sandbox

import (
	"context"
	"errors"
	"fmt"

	"github.com/vitrine-run/vitrine/abi"
)

// ErrState says that a plugin's state cannot go over to another version: it has no vitrine_save, saved more
// than Policy.State, failed to save, or the other version has no vitrine_restore.
var ErrState = errors.New("sandbox: the state cannot be handed over")

// An Heir decides about a sandbox that is to be replaced. Its methods are called from the goroutine
// that does the sandbox's work, which stands still meanwhile: the old version is as it was when its
// state was saved.
type Heir interface {
	// Take is given what the old version has saved, or an error that matches ErrState; it makes the
	// sandbox of the new version, to which Options.State gives it, sees it mounted, and returns it. Nil
	// leaves the old one as it is.
	Take(state []byte, err error) *Sandbox
	// Settle calls move, which closes the old sandbox for new work and hands what waits there to the
	// new one, in order, and sees to it that what comes later goes to the new one only.
	Settle(move func())
}

// Handover lets another sandbox take this one's place, when this one's turn to do so has come. next is the
// plugin of the other one. If the Heir takes over, this sandbox closes. It does not wait: over is
// closed when it is decided, and if this sandbox closes before.
func (s *Sandbox) Handover(next *Plugin, heir Heir) (over <-chan struct{}, err error) {
	done := make(chan struct{})
	finish := func() { close(done) }
	return done, s.put(job{drop: finish, move: func(*Sandbox) { finish() }, do: func() {
		defer finish()
		if s.dead != nil {
			return // what a dead one shows is why
		}
		state, err := s.save(next)
		to := heir.Take(state, err)
		switch {
		case to != nil:
			heir.Settle(func() { s.bequeath(to) })
		case !s.lives() && s.mounted: // it broke while it saved
			_ = s.die(err)
		}
	}})
}

// bequeath closes s for new work and hands what waits to the other sandbox. What only s can do, such as
// an answer to what its plugin has asked, is dropped.
func (s *Sandbox) bequeath(to *Sandbox) {
	s.mu.Lock()
	rest := s.queue
	s.queue, s.closing, s.again = nil, true, false
	hidden := s.hidden
	s.doze()
	s.mu.Unlock()
	to.Visible(!hidden)
	for _, j := range rest {
		switch {
		case j.move != nil:
			j.move(to)
		case j.drop != nil:
			j.drop()
		}
	}
}

// save asks the plugin for its state. One that breaks over it is not dead yet: perhaps a new version
// takes its place.
func (s *Sandbox) save(next *Plugin) ([]byte, error) {
	switch {
	case !s.mounted || !s.lives():
		return nil, fmt.Errorf("%w: it is not mounted", ErrState)
	case !s.plugin.exports(abi.ExportSave) || !next.exports(abi.ExportRestore):
		return nil, fmt.Errorf("%w: not both versions have %s and %s", ErrState, abi.ExportSave, abi.ExportRestore)
	}
	state, err := s.saved()
	if isDeath(err) {
		s.release()
		s.mounted = true
	} else {
		s.env.End()
	}
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrState, err)
	case len(state) > s.plugin.policy.State:
		return nil, fmt.Errorf("%w: %d bytes, the limit is %d", ErrState, len(state), s.plugin.policy.State)
	}
	return state, nil
}

// saved wakes the plugin, if it has to, and calls its vitrine_save.
func (s *Sandbox) saved() ([]byte, error) {
	if err := s.waken(); err != nil {
		return nil, err
	}
	s.env.Begin()
	if s.screen != nil {
		s.screen.begin()
	}
	return s.in.Call(s.life, abi.ExportSave, nil)
}

// waken sees to it that there is an instance again, of a sandbox that was parked, however busy the host is.
func (s *Sandbox) waken() error {
	for s.in == nil {
		if err := s.instantiate(s.life); err != nil && (!isWait(s.life, err) || s.life.Err() != nil) {
			return err
		}
	}
	return nil
}

func (p *Plugin) exports(name string) bool {
	for i := range p.module.Info().Exports {
		if p.module.Info().Exports[i].Name == name {
			return true
		}
	}
	return false
}

// restore gives the plugin what another version has saved, before it is mounted.
func (s *Sandbox) restore() error {
	state := s.state
	s.state = nil // whoever restarts it, does so afresh
	if state == nil {
		return nil
	}
	return s.insist(abi.ExportRestore, state)
}

// Probe finds out whether a sandbox with these options can be mounted: it makes one and shows it to nobody. The
// plugin is warm then. The error is what a View would have been told.
func (p *Plugin) Probe(ctx context.Context, opts *Options, c abi.MountContext) error {
	o := Options{}
	if opts != nil {
		o = *opts
	}
	seen := &probeView{}
	o.View = seen
	s, err := p.New(&o)
	if err != nil {
		return err
	}
	defer s.Close(context.WithoutCancel(ctx)) // gives up what is left of the probe
	if err := errors.Join(s.Mount(c), s.Settled(ctx)); err != nil {
		return err
	}
	if seen.fault != nil {
		return seen.fault.Err
	}
	return nil
}

// probeView looks for a fault. Settled orders its accesses.
type probeView struct{ fault *Fault }

func (*probeView) Tree(*abi.Tree)   {}
func (*probeView) Paint(*abi.Paint) {}
func (*probeView) Done()            {}
func (v *probeView) Fault(f *Fault) { v.fault = f }

// Settled waits until the work that was put before is done. When ctx ends first the sandbox is stopped
// where it is.
func (s *Sandbox) Settled(ctx context.Context) error {
	done := make(chan struct{})
	err := s.put(job{do: func() { close(done) }, drop: func() { close(done) }})
	if err != nil {
		return err
	}
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		s.kill()
		return fmt.Errorf("sandbox: %w", ctx.Err())
	}
}
