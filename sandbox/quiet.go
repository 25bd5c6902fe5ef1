package sandbox

import (
	"context"
	"fmt"
)

// Quiet waits until nothing is under way: no work waits, the plugin wants no turn (one that is hidden gets none), and what
// it has asked for has been answered. Channels that it hears are no matter: they end by themselves never. When ctx ends first,
// its error is returned and the plugin goes on.
func (s *Sandbox) Quiet(ctx context.Context) error {
	s.mu.Lock()
	if s.quiet == nil {
		s.quiet = make(chan struct{})
	}
	quiet := s.quiet
	s.hush()
	s.mu.Unlock()
	select {
	case <-quiet:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("sandbox: %w", ctx.Err())
	}
}

// hush tells those who wait for it that nothing is under way, if that is so. s.mu is held.
func (s *Sandbox) hush() {
	if s.quiet != nil && !s.running && len(s.queue) == 0 && s.env.Due() == 0 {
		close(s.quiet)
		s.quiet = nil
	}
}

// ended is called when a ticket has.
func (s *Sandbox) ended() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hush()
}
