package sandbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/runtime"
)

// What follows runs on the sandbox's goroutine only.

// call calls a function of the plugin, and starts the plugin if it does not run.
func (s *Sandbox) call(ctx context.Context, fn string, in []byte) ([]byte, error) {
	if s.dead != nil {
		return nil, s.dead
	}
	if s.in == nil {
		err := s.instantiate(ctx)
		if isWait(ctx, err) {
			return nil, err
		}
		if err != nil {
			return nil, s.die(err)
		}
	}
	s.env.Begin()
	s.in.SetLiveClock(s.gate.fine())
	if s.screen != nil {
		s.screen.begin()
	}
	s.plugin.tally.called(fn)
	out, err := s.in.Call(ctx, fn, in)
	if isDeath(err) {
		return nil, s.die(err)
	}
	s.env.End()
	again, stats := s.env.Again(), s.in.Stats()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stats = stats // before anybody has the answer
	if again {
		s.again = !s.closing
	}
	return out, err
}

func (s *Sandbox) instantiate(ctx context.Context) error {
	s.env.Begin()
	ceiling := &s.gate.ruling.Load().limits
	s.ration.Set(s.plugin.fuelRate(ceiling), 0)
	opts := &runtime.InstanceOptions{
		State: s.env, LiveClock: s.gate.fine(),
		Stdout: s.stdout, Stderr: s.stderr,
		Principal: s.principal, Limits: lower(ceiling, &s.plugin.limits), Ration: s.ration,
	}
	if s.plugin.policy.Idle > 0 {
		opts.Wanted = s.dozed
	}
	var err error
	if s.parked != nil {
		s.in, err = s.parked.Resume(ctx, opts)
	} else {
		s.in, err = s.plugin.module.Get(ctx, opts)
	}
	if err == nil {
		s.unpark()
	}
	return err
}

// isWait tells an error that came before anything had run: the host is too busy, or the
// caller did not want to wait.
func isWait(ctx context.Context, err error) bool {
	var fault *runtime.Fault
	var busy *runtime.BusyError
	return err != nil && !errors.As(err, &fault) && (errors.As(err, &busy) || ctx.Err() != nil)
}

// insist calls a function for the sandbox itself. What a person did or what changed must
// not get lost because the host is busy, so that it asks for another turn after each that
// it did not get.
func (s *Sandbox) insist(fn string, in []byte) error {
	for {
		_, err := s.call(s.life, fn, in)
		if !isWait(s.life, err) || s.life.Err() != nil {
			return err
		}
		s.env.Report("sandbox: waits for a busy host", err)
	}
}

// isDeath tells an error that ends an instance from the plugin's own answer.
func isDeath(err error) bool {
	var fault *runtime.Fault
	var exit *runtime.ExitError
	return errors.As(err, &fault) || errors.As(err, &exit) || errors.Is(err, runtime.ErrClosed)
}

// die makes the sandbox dead of err and tells the View.
func (s *Sandbox) die(err error) error {
	words := s.env.LastWords()
	s.release()
	err = s.blame(err)
	s.dead = fmt.Errorf("sandbox: plugin[%s]: %w", s.plugin.manifest.ID, err)
	s.mu.Lock()
	s.again = false
	stopped := s.life.Err() != nil
	s.mu.Unlock()
	if stopped {
		return s.dead
	}
	s.plugin.tally.failed(err)
	attrs := []any{"error", err}
	if words != "" {
		attrs = append(attrs, "last_words", words)
	}
	s.logger.Warn("sandbox: plugin failed", attrs...)
	if s.view != nil {
		s.view.Fault(&Fault{Text: s.plugin.explain(err), Err: s.dead})
	}
	return s.dead
}

// blame makes a *DeniedError of an end that came right after a denial: the plugin broke or exited,
// and no limit was hit.
func (s *Sandbox) blame(err error) error {
	var fault *runtime.Fault
	var exit *runtime.ExitError
	c := s.env.Refused()
	if c == "" || !errors.As(err, &exit) && !(errors.As(err, &fault) && fault.Kind == runtime.FaultTrap) {
		return err
	}
	return &DeniedError{Capability: c, Err: err}
}

// release gives the instance back.
func (s *Sandbox) release() {
	s.env.DropTickets()
	if s.in != nil {
		s.mu.Lock()
		s.stats = s.in.Stats()
		s.mu.Unlock()
		_ = s.in.Close(s.life) // it is not running: closing it cannot fail
		s.in = nil
	}
	s.unpark()
	s.mounted = false
}

// tell calls a function of the life cycle, which a plugin need not have.
func (s *Sandbox) tell(fn string, in []byte) {
	err := s.insist(fn, in)
	if errors.Is(err, runtime.ErrNoFunction) || s.dead != nil {
		return
	}
	if err != nil {
		s.env.Report("sandbox: plugin could not do it", err)
	}
	s.conclude(fn, err)
}

// mount shows the plugin. A plugin that says it cannot be mounted has nothing to show: that is a
// fault for the person, in the plugin's words; and so is one whose first tree is refused.
func (s *Sandbox) mount() {
	if s.dead != nil {
		return
	}
	if s.screen != nil {
		s.screen.mount()
	}
	err := s.restore()
	if err == nil {
		err = s.insist(abi.ExportMount, s.context.Append(nil))
	}
	switch {
	case s.dead != nil:
	case err == nil || errors.Is(err, runtime.ErrNoFunction):
		s.mounted = true
		s.conclude(abi.ExportMount, nil)
	default:
		if refused := s.refused(); refused != nil { // the plugin only knows that it was
			err = unshown{refused}
		}
		_ = s.die(err)
	}
}

func (s *Sandbox) turn() {
	began := time.Now()
	s.tell(abi.ExportTurn, nil)
	s.pause.ended(began, time.Now())
}

// compute calls a function for a caller who may have gone in the meantime.
func (s *Sandbox) compute(ctx context.Context, fn string, in []byte) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	// The caller's context must stop the call, and so must the end of the sandbox.
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(s.life, cancel)()
	return s.call(ctx, fn, in)
}

// finish is the last job: it takes leave of the plugin and gives everything back.
func (s *Sandbox) finish() {
	if s.mounted && s.dead == nil {
		s.tell(abi.ExportUnmount, nil)
	}
	s.release()
	if s.dead == nil {
		s.dead = ErrClosed
	}
	s.kill()
	s.plugin.leave(s)
	close(s.done)
}
